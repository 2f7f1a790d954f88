/* ledger_payload.c - see ledger_payload.h */
#include "core/ledger_payload.h"

#include <jansson.h>

#include "base/ident.h"

static const char *digest_of(struct arena *arena, const json_t *payload,
			     const char *key)
{
	return arena_strdup(arena, json_string_value(json_object_get(
					   json_object_get(payload, key), "digest")));
}

enum err ledger_payload_read(struct arena *arena, const char *text,
			     struct ledger_payload *payload_out)
{
	json_t *payload = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *digits = json_string_value(json_object_get(payload, "message"));
	uint64_t id;
	enum err err = digits ? ident_parse(digits, &id) : ERR_SYNTAX;
	if (err == ERR_OK)
		*payload_out = (struct ledger_payload){
			.message_id = id,
			.to_digest = digest_of(arena, payload, "to"),
			.text_digest = digest_of(arena, payload, "text"),
		};
	json_decref(payload);
	return err;
}
