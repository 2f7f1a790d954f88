/* signed.c - see signed.h */
#include "api/signed.h"

#include <inttypes.h>

#include "api/auth_inside.h"
#include "api/condition.h"
#include "api/problem.h"
#include "api/query.h"
#include "base/log.h"
#include "core/event_sources.h"

struct check {
	struct event_source_check source; /* first: what the reader fills */
	struct http_request *req;
	const char *throttle_key;
};

bool signed_is(const struct http_request *req)
{
	return http_header(req, "webhook-signature") != NULL;
}

/* --- what was refused is noted ------------------------------------------------------------------------------------ */

struct note {
	struct event_source_refusal refusal; /* first: what the writer takes */
	struct arena *arena;
};

static void note_done(void *arg, enum err err)
{
	struct note *note = arg;
	struct arena *arena = note->arena;
	if (err != ERR_OK)
		log_debug("auth", "a refused event was not noted: %s", err_code(err));
	arena_free(&arena);
}

void signed_refused(struct api *api, uint64_t source_id, enum err err,
		    const char *detail)
{
	struct arena *arena = arena_new();
	struct note *note = ARENA_NEW(arena, struct note);
	note->arena = arena;
	note->refusal = (struct event_source_refusal){source_id, err,
						      arena_strdup(arena, detail)};
	if (store_write(api->store, event_source_refused, note_done, note) != ERR_OK)
		arena_free(&arena);
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

struct refused {
	struct event_source_refusal refusal; /* first: what the writer takes */
	struct http_request *req;
};

static void refused_done(void *arg, enum err err)
{
	const struct refused *refused = arg;
	(void)err; /* that it is not noted is no reason to say less */
	problem_send(refused->req, refused->refusal.err, refused->refusal.detail);
}

static void refuse(struct check *check, enum err err)
{
	struct http_request *req = check->req;
	const struct event_source_check *source = &check->source;
	unsigned retry_after_s;
	(void)throttle_take(api_of(req)->auth->signatures, check->throttle_key,
			    clock_mono_ms(), &retry_after_s);
	log_info("auth", "event source %" PRIu64 " from %s: %s request=%s",
		 source->source_id, http_remote(req), err_code(err),
		 http_request_id(req));
	struct refused *refused = ARENA_NEW(http_arena(req), struct refused);
	refused->refusal =
		(struct event_source_refusal){source->source_id, err, source->detail};
	refused->req = req;
	if (!source->is_known || store_write(api_of(req)->store, event_source_refused,
					     refused_done, refused) != ERR_OK)
		refused_done(refused, ERR_OK);
}

static void check_done(void *arg, enum err err)
{
	struct check *check = arg;
	struct http_request *req = check->req;
	if (err == ERR_BAD_SIGNATURE || err == ERR_STALE_TIMESTAMP) {
		refuse(check, err);
	} else if (err != ERR_OK) {
		problem_send(req, err, NULL);
	} else {
		struct actor actor = check->source.actor;
		actor.name = arena_strdup(http_arena(req), actor.name);
		auth_admit(req, &actor);
	}
}

struct source_in {
	uint64_t source;
};

static const struct query_param source_params[] = {
	QUERY_ID(struct source_in, source, "source"),
	QUERY_END,
};

static bool is_throttled(struct check *check)
{
	struct http_request *req = check->req;
	struct problem problem = {.err = ERR_THROTTLED,
				  .detail = "Too many requests of this event source "
					    "came from this address with a wrong "
					    "signature."};
	if (!throttle_is_full(api_of(req)->auth->signatures, check->throttle_key,
			      clock_mono_ms(), &problem.retry_after_s))
		return false;
	problem_send_all(req, &problem);
	return true;
}

/* webhook-id becomes the Idempotency-Key, so it is held to the same form. */
static bool read_headers(struct http_request *req, struct event_source_check *check)
{
	const char *id = http_header(req, "webhook-id");
	if (id &&
	    condition_parse_key(http_arena(req), id, &check->webhook_id) != ERR_OK) {
		problem_send(req, ERR_BAD_SIGNATURE,
			     "webhook-id is 1 to 255 visible ASCII characters.");
		return false;
	}
	check->timestamp = http_header(req, "webhook-timestamp");
	check->signatures = http_header(req, "webhook-signature");
	check->body = http_body(req);
	check->body_len_bytes = http_body_len(req);
	check->arena = http_arena(req);
	return true;
}

void signed_admit(struct http_request *req)
{
	struct check *check = ARENA_NEW(http_arena(req), struct check);
	struct source_in in;
	check->req = req;
	if (!query_read(req, source_params, &in, sizeof(in)) ||
	    !read_headers(req, &check->source))
		return;
	if (!in.source) {
		problem_send(req, ERR_BAD_SIGNATURE,
			     "Name the event source whose signature this is in the "
			     "query: ?source=ID.");
		return;
	}
	check->source.source_id = in.source;
	check->throttle_key = arena_printf(http_arena(req), "%" PRIu64 "@%s", in.source,
					   http_remote(req));
	if (is_throttled(check))
		return;
	enum err err =
		store_read(api_of(req)->store, event_source_check, check_done, check);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}
