/* hook_rows.h - other systems that are told (hooks), and what each is told (deliveries).
 *
 * A delivery is open until it was taken or given up. Of the open ones of a hook that have the same subject only the oldest
 * is due; the others have no next_at, and hook_rows_release() makes the next one due when it has ended: so a subject's
 * order is kept and nobody searches for what is blocked.
 *
 * Strings are copied into the arena given, or borrowed until a callback returns. Thread: writer or reader, inside a unit.
 */
#ifndef HB_STORE_HOOK_ROWS_H
#define HB_STORE_HOOK_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct db;

enum hook_kind {
	HOOK_REGISTERED,  /* over the API */
	HOOK_WRITTEN_OUT, /* a url in a workflow: made when it is first called */
	HOOK_REMOVED,     /* until its deliveries are gone; nobody sees it any more */
};

struct hook {
	uint64_t id;
	enum hook_kind kind;
	const char *name, *url;
	const char *events; /* words separated by blanks; "": only called by name */
	bool wants_tests;   /* is told of test runs too */
	const char *secret, *former_secret; /* NULL: the instance's key; none */
	int64_t former_until;
	bool is_enabled;
	const char *disabled_reason; /* NULL: none, or enabled */
	int64_t created_at;
};

enum delivery_state { DELIVERY_WAITING, DELIVERY_DELIVERED, DELIVERY_FAILED };

struct hook_delivery {
	uint64_t id, hook_id;
	const char *event, *subject;
	const char *once; /* "ENROLLMENT:STEP:VISIT": there is at most one; NULL */
	const char *body; /* JSON, sent as it is */
	enum delivery_state state;
	unsigned attempts;
	int64_t next_at;    /* 0: not by itself */
	int64_t give_up_at; /* no attempt is planned behind it */
	const char *last_answer;
	int64_t created_at, ended_at;
};

/* --- hooks --- */

/* hook_rows_insert, hook_rows_save - ERR_DUPLICATE: the name is taken. */
enum err hook_rows_insert(struct db *db, const struct hook *hook) MUST_CHECK;
enum err hook_rows_save(struct db *db, const struct hook *hook) MUST_CHECK;

/* hook_rows_remove - out of sight, disabled, its name free; hook_rows_clear_removed deletes at most limit deliveries of
 * such hooks, and a hook that has none left. *count_out: rows deleted, 0 when all is done. */
enum err hook_rows_remove(struct db *db, uint64_t id) MUST_CHECK;
enum err hook_rows_clear_removed(struct db *db, size_t limit,
				 int64_t *count_out) MUST_CHECK;

/* ERR_NOT_FOUND: also a removed one. */
enum err hook_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct hook *hook_out) MUST_CHECK;
enum err hook_rows_by_name(struct db *db, struct arena *arena, const char *name,
			   struct hook *hook_out) MUST_CHECK;

typedef enum err hook_row_fn(void *arg, const struct hook *hook); /* borrowed */

/* hook_rows_each - all of them by id, behind after_id, at most limit; an error of each ends it. */
enum err hook_rows_each(struct db *db, uint64_t after_id, size_t limit,
			hook_row_fn *each, void *arg) MUST_CHECK;

/* hook_rows_each_wanting - the registered ones that are enabled and want events. */
enum err hook_rows_each_wanting(struct db *db, hook_row_fn *each, void *arg) MUST_CHECK;

/* hook_rows_count - of one kind. */
enum err hook_rows_count(struct db *db, enum hook_kind kind,
			 int64_t *count_out) MUST_CHECK;

/* --- deliveries --- */

/* delivery_rows_insert - state, attempts and next_at are set here: due at created_at, or behind an earlier one of its
 * subject. ERR_DUPLICATE: once is there already. */
enum err delivery_rows_insert(struct db *db,
			      const struct hook_delivery *delivery) MUST_CHECK;

/* delivery_rows_save - state, attempts, next_at, give_up_at, last_answer, ended_at. */
enum err delivery_rows_save(struct db *db,
			    const struct hook_delivery *delivery) MUST_CHECK;
enum err delivery_rows_load(struct db *db, struct arena *arena, uint64_t id,
			    struct hook_delivery *delivery_out) MUST_CHECK;

/* delivery_rows_release - the oldest open one of that hook and subject becomes due at now, unless it has its time. */
enum err delivery_rows_release(struct db *db, uint64_t hook_id, const char *subject,
			       int64_t now) MUST_CHECK;

/* delivery_rows_hooks_due - ids of enabled hooks that have something due at now; at most limit. */
enum err delivery_rows_hooks_due(struct db *db, struct arena *arena, int64_t now,
				 size_t limit, uint64_t **ids_out,
				 size_t *count_out) MUST_CHECK;

/* delivery_rows_due - ids of what is due of one hook, the earliest due first; at most limit. */
struct delivery_due {
	uint64_t hook_id;
	int64_t now;
	size_t limit;
};
enum err delivery_rows_due(struct db *db, struct arena *arena,
			   const struct delivery_due *due, uint64_t **ids_out,
			   size_t *count_out) MUST_CHECK;

/* delivery_rows_next - when something of an enabled hook falls due after now; 0: nothing will. */
enum err delivery_rows_next(struct db *db, int64_t now, int64_t *at_out) MUST_CHECK;

/* delivery_rows_late - ids of open ones whose give_up_at lies before that instant; at most limit. */
enum err delivery_rows_late(struct db *db, struct arena *arena, int64_t before,
			    size_t limit, uint64_t **ids_out,
			    size_t *count_out) MUST_CHECK;

/* delivery_rows_forget - ended ones with an id below that one; *count_out of them, at most limit. */
enum err delivery_rows_forget(struct db *db, uint64_t below_id, size_t limit,
			      int64_t *count_out) MUST_CHECK;

struct delivery_filter {
	uint64_t hook_id;
	unsigned states;     /* bit per enum delivery_state; 0: all */
	const char *subject; /* NULL: any */
	uint64_t before_id;  /* newest first: below this one; 0: from the newest */
	size_t limit;
};

typedef void delivery_row_fn(void *arg,
			     const struct hook_delivery *delivery); /* borrowed */

enum err delivery_rows_page(struct db *db, const struct delivery_filter *filter,
			    delivery_row_fn *each, void *arg) MUST_CHECK;

/* delivery_rows_waiting - how many of a hook are open, counted up to cap. */
enum err delivery_rows_waiting(struct db *db, uint64_t hook_id, int64_t cap,
			       int64_t *count_out) MUST_CHECK;

#endif
