/* ledger_payload.h - what verification needs of the payload of a `send`. Apart, since jansson and base/json.h share
 * names. Pure.
 */
#ifndef HB_CORE_LEDGER_PAYLOAD_H
#define HB_CORE_LEDGER_PAYLOAD_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct ledger_payload {
	uint64_t message_id;
	const char *to_digest, *text_digest; /* hex, in the arena; NULL: not there */
};

/* ledger_payload_read - ERR_SYNTAX: no JSON object, or without the id of a message. */
enum err ledger_payload_read(struct arena *arena, const char *text,
			     struct ledger_payload *payload_out) MUST_CHECK;

#endif
