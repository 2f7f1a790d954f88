/* event_sources.h - other systems that tell of events (events.h) and sign what they tell, in place of a token.
 *
 * A website's form has nowhere to keep a token but may sign: POST /events/{name}?source=ID after Standard Webhooks, with
 * webhook-id, webhook-timestamp and webhook-signature (hook_sign.h). What it tells is as good as its secret:
 *
 *	event_source_check	on a reader, before anything else: whose signature is it, and is it fresh?
 *	event_take_signed	the event itself, once per webhook-id; the source may tell only of its own events
 *	event_source_refused	it was turned away before: noted, so that "why does nothing come?" has an answer
 *
 * Event source: {id, name, events, former_secret_until, last_used_at, last_refused {at, code, detail}, created_at}, and
 * `secret` in the answer that made one. The secret must be known to check by it, so it is kept as it is, like those of
 * hooks; no answer but the one that makes it ever shows it.
 */
#ifndef HB_CORE_EVENT_SOURCES_H
#define HB_CORE_EVENT_SOURCES_H

#include "core/events.h"
#include "store/event_source_rows.h"

enum {
	EVENT_SOURCES_MOST = 64,
	EVENT_SOURCE_NAME_CHARS = 64,
	EVENT_SOURCE_EVENTS_MOST = 64,
	EVENT_SOURCE_ROTATION_DAYS_MOST = 30,
};
#define EVENT_SOURCE_WINDOW_MS   (5 * MINUTE_MS) /* either way */
#define EVENT_SOURCE_ROTATION_MS (24 * HOUR_MS)

/* --- over the API ------------------------------------------------------------------------------------------------- */

/* event_source_add - 201; the secret is made when none is given. */
struct event_source_add {
	struct call call;
	const char *name;
	const char *const *events; /* names, or "*" alone */
	size_t event_count;
	const char *secret; /* NULL: make one */
};
enum err event_source_add(struct txn *txn, void *arg) MUST_CHECK;

/* event_source_change - NULL: stays as it is. drops_former: the former secret is not taken any more. */
struct event_source_change {
	struct call call;
	uint64_t source_id;
	const char *name;
	const char *const *events; /* event_count of them; NULL: as they are */
	size_t event_count;
	bool drops_former;
};
enum err event_source_change(struct txn *txn, void *arg) MUST_CHECK;

/* event_source_rotate - a new secret; the one before it is taken beside it until then, EVENT_SOURCE_ROTATION_MS from now
 * when until is 0. */
struct event_source_rotate {
	struct call call;
	uint64_t source_id;
	int64_t until;
	const char *secret; /* NULL: make one */
};
enum err event_source_rotate(struct txn *txn, void *arg) MUST_CHECK;

struct event_source_remove {
	struct call call;
	uint64_t source_id;
};
enum err event_source_remove(struct txn *txn, void *arg) MUST_CHECK;

struct event_source_get {
	struct call call;
	uint64_t source_id;
};
enum err event_source_get(struct snapshot *snap, void *arg) MUST_CHECK;

struct event_source_list {
	struct call call;
	size_t limit;
	const char *cursor;
};
enum err event_source_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* --- what they tell ----------------------------------------------------------------------------------------------- */

/* event_source_check - ERR_OK: actor is the source. ERR_BAD_SIGNATURE, ERR_STALE_TIMESTAMP: detail says what is wrong,
 * is_known whether there is such a source at all. Strings live until done has returned. A store_read_fn. */
struct event_source_check {
	uint64_t source_id;
	const char *webhook_id, *timestamp,
		*signatures; /* of the headers; NULL: absent */
	const char *body;
	size_t body_len_bytes;
	struct arena *arena;

	struct actor actor;
	const char *detail;
	bool is_known;
};
enum err event_source_check(struct snapshot *snap, void *arg) MUST_CHECK;

/* event_source_refused - notes a refusal of a source that exists. A store_write_fn. */
struct event_source_refusal {
	uint64_t source_id;
	enum err err;
	const char *detail;
};
enum err event_source_refused(struct txn *txn, void *arg) MUST_CHECK;

/* event_take_signed - event_take by a source; arg is a struct event_take. ERR_FORBIDDEN: not one of its events. Refusals
 * are noted at the source. A store_write_fn. */
enum err event_take_signed(struct txn *txn, void *arg) MUST_CHECK;

#endif
