/* call.c - see call.h */
#include "core/call.h"

#include <stdarg.h>
#include <string.h>

#include "core/seal.h"
#include "store/idempotency_rows.h"

enum err call_refuse(struct call *call, enum err err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	call->refusal = (struct refusal){
		.err = err, .detail = arena_vprintf(call->arena, fmt, args)};
	va_end(args);
	return err;
}

enum err call_refuse_member(struct call *call, enum err err, const char *member,
			    const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	call->refusal =
		(struct refusal){.err = err,
				 .member = member,
				 .detail = arena_vprintf(call->arena, fmt, args)};
	va_end(args);
	return err;
}

void call_refuse_kept(struct call *call, enum err err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	call->refusal = (struct refusal){
		.err = err, .detail = arena_vprintf(call->arena, fmt, args)};
	va_end(args);
}

struct json call_json(struct call *call)
{
	struct json json;
	json_init(&json, &call->answer);
	return json;
}

/* The first answer again. */
static enum err repeat(struct call *call, const struct idempotency *kept,
		       const char *word)
{
	const char *answer = seal_open(call->arena, word, kept->body);
	if (!answer)
		return ERR_CORRUPT;
	buf_add_str(&call->answer, answer);
	call->status = kept->status;
	call->location = kept->location;
	call->revision = kept->revision;
	return ERR_OK;
}

enum err call_idempotent(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct idempotency kept;
	struct arena *arena = call->arena;
	const char *credential =
		arena_printf(arena, "%s:%llu", actor_kind_name(call->actor->kind),
			     (unsigned long long)call->actor->credential_id);
	const char *word =
		arena_printf(arena, "%s %s", credential, call->idempotency_key);
	const char *key = seal_name(arena, word);
	const char *request = seal_name(
		arena, arena_printf(arena, "%s %s", word, call->request_hash));
	enum err err = idempotency_rows_load(txn_db(txn), arena, credential, key,
					     txn_now(txn) - DAY_MS, &kept);
	if (err == ERR_OK && strcmp(kept.request_hash, request) != 0)
		return call_refuse(
			call, ERR_IDEMPOTENCY,
			"This Idempotency-Key (or webhook-id) came with another "
			"request within the last 24 hours; use a new one.");
	if (err == ERR_OK)
		return repeat(call, &kept, word);
	if (err != ERR_NOT_FOUND)
		return err;
	err = call->inner(txn, arg);
	if (err != ERR_OK || call->refusal.err != ERR_OK)
		return err;
	kept = (struct idempotency){
		.credential = credential,
		.key = key,
		.request_hash = request,
		.status = call->status,
		.body = seal_close(arena, word, buf_str(&call->answer)),
		.location = call->location,
		.revision = call->revision,
		.at = txn_now(txn)};
	return idempotency_rows_save(txn_db(txn), &kept);
}
