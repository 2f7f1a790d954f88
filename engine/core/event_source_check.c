/* event_source_check.c - what a source signed, and what it may tell of. See event_sources.h */
#include <stdlib.h>
#include <string.h>

#include "core/event_sources.h"
#include "core/hook_sign.h"

enum { TIMESTAMP_DIGITS = 11 };

static enum err wrong(struct event_source_check *check, const char *detail)
{
	check->detail = detail;
	return ERR_BAD_SIGNATURE;
}

static enum err check_headers(struct event_source_check *check, int64_t *at_s_out)
{
	const char *at = check->timestamp;
	if (!check->webhook_id || !*check->webhook_id)
		return wrong(check, "The header webhook-id is missing: one per event, "
				    "the same when it is sent again.");
	if (!at || !*at || strspn(at, "0123456789") != strlen(at) ||
	    strlen(at) > TIMESTAMP_DIGITS)
		return wrong(check, "The header webhook-timestamp is missing or not "
				    "the seconds since 1970.");
	if (!check->signatures)
		return wrong(check, "The header webhook-signature is missing.");
	*at_s_out = strtoll(at, NULL, 10);
	return ERR_OK;
}

static bool is_signed(const struct event_source_check *check,
		      const struct event_source *source, int64_t at_s, int64_t now)
{
	const struct hook_signed what = {.id = check->webhook_id,
					 .at_s = at_s,
					 .body = check->body,
					 .body_len_bytes = check->body_len_bytes};
	if (hook_signature_fits(source->secret, &what, check->signatures))
		return true;
	return source->former_secret && now < source->former_until &&
	       hook_signature_fits(source->former_secret, &what, check->signatures);
}

/* The signature first: only who knows the secret is told that the clocks differ. */
static enum err check_signed(struct event_source_check *check,
			     const struct event_source *source, int64_t now)
{
	int64_t at_s;
	enum err err = check_headers(check, &at_s);
	if (err != ERR_OK)
		return err;
	if (!is_signed(check, source, at_s, now))
		return wrong(check,
			     "None of the signatures is v1, and the HMAC-SHA256 in "
			     "base64 of webhook-id.webhook-timestamp.body by this "
			     "source's secret. Compare the secret; sign the body's "
			     "bytes as they are sent.");
	int64_t late_ms = now - at_s * SECOND_MS;
	if (late_ms <= EVENT_SOURCE_WINDOW_MS && late_ms >= -EVENT_SOURCE_WINDOW_MS)
		return ERR_OK;
	check->detail = arena_printf(
		check->arena,
		"webhook-timestamp is %lld s %s this clock; at most %lld are taken. "
		"Sign anew each time it is sent, and set the clock.",
		(long long)llabs(late_ms / SECOND_MS),
		late_ms > 0 ? "behind" : "ahead of",
		(long long)(EVENT_SOURCE_WINDOW_MS / SECOND_MS));
	return ERR_STALE_TIMESTAMP;
}

enum err event_source_check(struct snapshot *snap, void *arg)
{
	struct event_source_check *check = arg;
	struct event_source source;
	enum err err = event_source_rows_load(snapshot_db(snap), check->arena,
					      check->source_id, &source);
	if (err == ERR_NOT_FOUND)
		return wrong(check, "There is no such event source; GET "
				    "/api/v1/event-sources lists them.");
	if (err != ERR_OK)
		return err;
	check->is_known = true;
	check->actor = (struct actor){.kind = ACTOR_EVENT_SOURCE,
				      .way = WAY_API,
				      .credential_id = source.id,
				      .scopes = SCOPE_ENROLL,
				      .name = source.name};
	return check_signed(check, &source, snapshot_now(snap));
}

enum err event_source_refused(struct txn *txn, void *arg)
{
	const struct event_source_refusal *refusal = arg;
	return event_source_rows_refused(txn_db(txn), refusal->source_id, txn_now(txn),
					 err_code(refusal->err), refusal->detail);
}

/* --- the event ---------------------------------------------------------------------------------------------------- */

static bool tells_of(const struct event_source *source, const char *event)
{
	size_t len = strlen(event);
	for (const char *at = source->events; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");
		if ((word == 1 && *at == '*') ||
		    (word == len && strncmp(at, event, len) == 0))
			return true;
		at += word;
	}
	return false;
}

/* It may have been changed or deleted since its signature was looked at. */
static enum err admit(struct txn *txn, struct event_take *cmd)
{
	struct event_source source;
	enum err err = event_source_rows_load(txn_db(txn), cmd->call.arena,
					      cmd->call.actor->credential_id, &source);
	if (err == ERR_NOT_FOUND)
		return call_refuse(&cmd->call, ERR_BAD_SIGNATURE,
				   "The event source has just been deleted.");
	if (err != ERR_OK || tells_of(&source, cmd->name))
		return err;
	return call_refuse_member(
		&cmd->call, ERR_FORBIDDEN, "name",
		"The source %s may not tell of %s, only of: %s. PATCH "
		"/api/v1/event-sources/%llu changes that.",
		source.name, cmd->name, source.events, (unsigned long long)source.id);
}

/* A refused event has written nothing yet: the refusal is noted, and stays. */
enum err event_take_signed(struct txn *txn, void *arg)
{
	struct event_take *cmd = arg;
	struct call *call = &cmd->call;
	const uint64_t id = call->actor->credential_id;
	enum err err = admit(txn, cmd);
	if (err == ERR_OK)
		err = event_take(txn, cmd);
	if (err == ERR_OK)
		return event_source_rows_used(txn_db(txn), id, txn_now(txn));
	if (call->refusal.err != err)
		return err;
	return event_source_rows_refused(txn_db(txn), id, txn_now(txn), err_code(err),
					 call->refusal.detail);
}
