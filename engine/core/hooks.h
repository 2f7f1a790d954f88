/* hooks.h - other systems that are told: commands and queries, and the two sides of a delivery. Shapes: the HTTP contract.
 *
 * Hook: {id, kind, name, url, events, tests, enabled, disabled_reason, former_secret_until, waiting, created_at}, and
 * `secret` in the answer that made one. Delivery: {id, webhook_id, event, subject, state, attempts, next_at, last_answer,
 * created_at, ended_at, body}.
 *
 * A delivery is read by the link when it is due (hook_due), posted, and settled (hook_settle): at least once, with the
 * same webhook-id each time, in the order of its subject. Nothing is marked before it leaves: what a crash left without an
 * answer is due again.
 *
 * The instance's key signs what goes to URLs written out in workflows. It is made when it is first needed.
 */
#ifndef HB_CORE_HOOKS_H
#define HB_CORE_HOOKS_H

#include "core/call.h"
#include "store/hook_rows.h"

enum {
	HOOK_NAME_CHARS = 64,
	HOOK_ROTATION_HOURS = 24, /* a former secret signs so long beside the new one */
	HOOK_LAST_ANSWER_BYTES = 300,
};

/* hook_name_is_valid - a letter, then letters, digits, '.', '-' and '_'; at most HOOK_NAME_CHARS. */
bool hook_name_is_valid(const char *name);

/* --- over the API ------------------------------------------------------------------------------------------------- */

/* hook_add - 201; the secret is made when none is given. */
struct hook_add {
	struct call call;
	const char *name, *url;
	const char *const *events;
	size_t event_count;
	const char *secret; /* NULL: make one */
	bool wants_tests, is_disabled;
};
enum err hook_add(struct txn *txn, void *arg) MUST_CHECK;

/* hook_change - NULL: stays as it is. A new secret leaves the former one in force for HOOK_ROTATION_HOURS, unless
 * drops_former. Enabling one that was disabled sends what waits. */
struct hook_change {
	struct call call;
	uint64_t hook_id;
	const char *name, *url, *secret;
	const char *const *events; /* event_count of them, when sets_events */
	size_t event_count;
	bool sets_events, makes_secret, drops_former;
	const bool *wants_tests, *is_enabled;
};
enum err hook_change(struct txn *txn, void *arg) MUST_CHECK;

/* hook_remove - nothing more is sent; its deliveries go with it. */
struct hook_remove {
	struct call call;
	uint64_t hook_id;
};
enum err hook_remove(struct txn *txn, void *arg) MUST_CHECK;

struct hook_get {
	struct call call;
	uint64_t hook_id;
};
enum err hook_get(struct snapshot *snap, void *arg) MUST_CHECK;

struct hook_list {
	struct call call;
	size_t limit;
	const char *cursor;
};
enum err hook_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* hook_deliveries - newest first. */
struct hook_deliveries {
	struct call call;
	struct delivery_filter filter; /* hook_id, states, subject, limit */
	const char *cursor;
};
enum err hook_deliveries(struct snapshot *snap, void *arg) MUST_CHECK;

/* hook_replay - once more, or at once when it waits: the same body and webhook-id, three more days. */
struct hook_replay {
	struct call call;
	uint64_t hook_id, delivery_id;
};
enum err hook_replay(struct txn *txn, void *arg) MUST_CHECK;

/* hook_key_get - the instance's key, {secret, former_secret_until}; hook_key_rotate makes a new one. Not for auditors,
 * who would read a secret. */
struct hook_key {
	struct call call;
};
enum err hook_key_get(struct txn *txn, void *arg) MUST_CHECK;
enum err hook_key_rotate(struct txn *txn, void *arg) MUST_CHECK;

/* --- for the link ------------------------------------------------------------------------------------------------- */

enum { HOOK_POSTS_MOST = 8, HOOK_ID_LEN = 32, HOOK_TRIES_DAYS = 3 };

/* One delivery as it is to be posted; strings live in the read's arena. */
struct hook_post {
	uint64_t id, hook_id;
	const char *url, *body;
	const char *secret, *former_secret; /* former NULL: none */
	unsigned attempts;                  /* made so far */
};

/* hook_webhook_id - "msg_ID": the same at each attempt. */
const char *hook_webhook_id(uint64_t delivery_id, char text[HOOK_ID_LEN]);

/* hook_due - what is to be posted now, oldest due first and no hook before the others: at most `limit`, and of each hook
 * at most per_hook, or what `rooms` says. A store_read_fn. */
struct hook_room {
	uint64_t hook_id;
	unsigned places;
};
struct hook_due {
	size_t limit, per_hook;
	const struct hook_room *rooms;
	size_t room_count;
	const uint64_t *under_way; /* ids of deliveries: not these */
	size_t under_way_count;
	/* out */
	struct hook_post posts[HOOK_POSTS_MOST];
	size_t count;
	bool has_more;   /* limit was reached: ask again when there is room */
	int64_t next_at; /* when something else falls due; 0: nothing will */
};
enum err hook_due(struct snapshot *snap, void *arg) MUST_CHECK;

enum hook_outcome {
	HOOK_TAKEN, /* 2xx */
	HOOK_AGAIN, /* anything else: tried again later */
	HOOK_GONE,  /* 410: the hook is disabled */
};

/* hook_settle - what came of posts. What is to be tried again is due after hook_retry_after_ms. A store_write_fn. */
struct hook_result {
	uint64_t id;
	enum hook_outcome outcome;
	const char *answer;     /* for people */
	int64_t retry_after_ms; /* the receiver's wish; 0: none */
};
struct hook_settle {
	const struct hook_result *results;
	size_t count;
};
enum err hook_settle(struct txn *txn, void *arg) MUST_CHECK;

/* hook_retry_after_ms - the pause after so many attempts (from 1), stretched by chance, 0..1023, by up to a fifth either
 * way. 0: there is no further one. */
int64_t hook_retry_after_ms(unsigned attempts, unsigned chance);

/* hook_sweep - a step of what time does: gives up what nobody tried for its three days, forgets what is older than
 * retention-deliveries, clears removed hooks. Run it until is_done. A store_write_fn. */
struct hook_sweep {
	bool is_done;
};
enum err hook_sweep(struct txn *txn, void *arg) MUST_CHECK;

#endif
