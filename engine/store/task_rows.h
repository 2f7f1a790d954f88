/* task_rows.h - tasks and what belongs to an open card: leases, receipts, drafts, holds. */
#ifndef HB_STORE_TASK_ROWS_H
#define HB_STORE_TASK_ROWS_H

#include "base/mem.h"
#include "model/policy.h"
#include "model/records.h"
#include "store/store.h"

/* task_rows_key - where a task stands in the order by due date: behind all of a higher priority; without a date at the
 * end of its own. No higher than its due date. */
int64_t task_rows_key(const struct task *task);
enum { TASK_PRIORITY_MOST = 9 };

enum err task_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct task *task_out) MUST_CHECK;
enum err task_rows_insert(struct db *db, const struct task *task)
	MUST_CHECK; /* ERR_DUPLICATE: the visit has its task */

/* task_rows_save - all that changes over a task's life; counts revision up. */
enum err task_rows_save(struct db *db, struct task *task) MUST_CHECK;

/* task_rows_set_times - due_at, expires_at and priority, with its place in the queue. */
enum err task_rows_set_times(struct db *db, const struct task *task) MUST_CHECK;

/* task_rows_set_opening - the recipient's sending hours are others; the revision stays. */
enum err task_rows_set_opening(struct db *db, uint64_t id,
			       uint64_t opening_id) MUST_CHECK;

/* task_rows_open_behind - ids of open tasks above an id, in their order: of all, or of a contact. */
struct task_behind {
	uint64_t contact_id, after_id;
	size_t limit;
};
enum err task_rows_open_behind(struct db *db, struct arena *arena,
			       const struct task_behind *behind, uint64_t **ids_out,
			       size_t *count_out) MUST_CHECK;

/* task_rows_exit_taken - its end has moved the workflow, and does not again. Nothing else of it is saved: of what the many
 * indexes of tasks are about nothing changes, and this happens to every text. */
enum err task_rows_exit_taken(struct db *db, struct task *task) MUST_CHECK;

/* task_rows_open_of - ids of the open tasks of an enrollment or a contact (the other id 0), oldest first. */
enum err task_rows_open_of(struct db *db, struct arena *arena, uint64_t enrollment_id,
			   uint64_t contact_id, size_t limit, uint64_t **ids_out,
			   size_t *count_out) MUST_CHECK;

/* task_rows_following - ids of the contact's open tasks that go with its owner. */
enum err task_rows_following(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t limit, uint64_t **ids_out,
			     size_t *count_out) MUST_CHECK;

/* task_rows_of_consent - the one that confirms that opt-out; ERR_NOT_FOUND. task_rows_open_confirmations: all that are open. */
enum err task_rows_of_consent(struct db *db, uint64_t consent_id,
			      uint64_t *id_out) MUST_CHECK;
enum err task_rows_open_confirmations(struct db *db, struct arena *arena, size_t limit,
				      uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* task_rows_open_to_number - of all contacts that have it. */
enum err task_rows_open_to_number(struct db *db, struct arena *arena, const char *e164,
				  size_t limit, uint64_t **ids_out,
				  size_t *count_out) MUST_CHECK;

/* task_rows_has_open - has the contact an open task of that origin? */
enum err task_rows_has_open(struct db *db, uint64_t contact_id, enum task_origin origin,
			    bool *has_out) MUST_CHECK;

/* task_rows_mark_open - attention for the contact's open tasks that were made before that id and have none, at most
 * limit. */
enum err task_rows_mark_open(struct db *db, struct arena *arena, uint64_t contact_id,
			     uint64_t before_id, const char *attention,
			     size_t limit) MUST_CHECK;

/* task_rows_had_by - has that user a task for the contact, whatever its state? */
enum err task_rows_had_by(struct db *db, uint64_t contact_id, uint64_t user_id,
			  bool *had_out) MUST_CHECK;

/* task_rows_of_step - the newest task of a step of an enrollment. ERR_NOT_FOUND: it made none yet. */
enum err task_rows_of_step(struct db *db, uint64_t enrollment_id, const char *step_id,
			   uint64_t *id_out) MUST_CHECK;

/* task_rows_movers - how many tasks of an enrollment will move it with their end, and the step of one of them (NULL: none):
 * open ones, those whose text may still go or not, and those whose skip may still be undone. */
enum err task_rows_movers(struct db *db, struct arena *arena, uint64_t enrollment_id,
			  size_t *count_out, const char **step_id_out) MUST_CHECK;

/* task_rows_reassign_open - open tasks of one user go to another, to a team's pool, or to nobody (both 0: the pool of the
 * team that a task has, or everybody's); at most limit. line: is added to each one's why. */
struct task_heir {
	uint64_t user_id, team_id;
	const char *line;
};
enum err task_rows_reassign_open(struct db *db, uint64_t from_user,
				 const struct task_heir *heir, size_t limit,
				 int64_t *changed_out) MUST_CHECK;

/* task_rows_count_open - how many open tasks a user has, tests aside, counting no further than cap. */
enum err task_rows_count_open(struct db *db, uint64_t user_id, unsigned cap,
			      unsigned *count_out) MUST_CHECK;

/* task_rows_due - ids whose time has come in that range, the earliest first; at most limit. */
enum task_due {
	TASK_DUE_WAKE, /* a snooze ends */
	TASK_DUE_EXPIRE,
	TASK_DUE_EXIT,   /* a skip can no longer be undone */
	TASK_DUE_RETURN, /* whoever took it from the pool has left it */
};
struct task_due_before {
	int64_t after, until; /* UTC ms: later than, no later than */
	size_t limit;
};
enum err task_rows_due(struct db *db, struct arena *arena, enum task_due kind,
		       const struct task_due_before *before, uint64_t **ids_out,
		       size_t *count_out) MUST_CHECK;

/* task_rows_next_due - the earliest of all such times after that instant, 0: none. */
enum err task_rows_next_due(struct db *db, int64_t after, int64_t *at_out) MUST_CHECK;

/* --- lists ------------------------------------------------------------------------------------------------------- */

/* closing: the soonest end of the recipient's sending hours, then by due date */
enum task_order { TASK_ORDER_DUE, TASK_ORDER_CREATED, TASK_ORDER_CLOSING };

/* of what seen_by may see: all, what somebody has, what nobody has */
enum task_share { TASK_SHARE_ALL, TASK_SHARE_PEOPLES, TASK_SHARE_POOL };

/* the recipient's sending hours: open; open later, and they did not write just now; closed, but they wrote just now */
enum task_hours {
	TASK_HOURS_ANY,
	TASK_HOURS_OPEN,
	TASK_HOURS_LATER,
	TASK_HOURS_REPLIED
};

/* Where a task stands in a list. */
struct task_place {
	uint64_t id;
	int64_t sort_due;
	uint64_t opening_id;
	int64_t closes_at; /* of its opening */
};

/* whose tasks */
enum task_whose { TASK_OF_ANYBODY, TASK_OF_USER, TASK_OF_NOBODY };

/* How far a search goes that walks (task_rows_search): few may fit of a million. */
enum { TASK_LOOK_MOST = 4000 };
struct task_look {
	size_t most; /* tasks looked at; what is left of it afterwards */
	/* the last one, when the page was not full by then; else id 0 */
	struct task_place cut;
};

struct task_filter {
	const char *workflow_id;      /* NULL: any */
	uint64_t contact_id, team_id; /* 0: any */
	enum task_whose whose;
	uint64_t assignee_id;
	unsigned states;       /* bit per enum task_state; 0: all */
	int64_t due_before;    /* 0: any */
	const char *attention; /* one word, "any", or NULL */
	int test;              /* 0 no test tasks, 1 only those, -1 both */
	/* part of the task's or contact's name, or of the number; NULL: any */
	const char *q;
	struct task_look *look; /* NULL: q is looked for to the end, however far */
	const char *among; /* what may have it, when that is few (task_rows_search) */
	/* what the asker may see; seen_by 0: everything */
	uint64_t seen_by;
	bool sees_team; /* colleagues' too, else only own and the pool */
	enum task_order order;
	/* keyset: after this place */
	bool has_cursor;
	struct task_place cursor;
	size_t limit;
	/* for `next`: not leased by anybody, or only by that user; recipient may be texted */
	bool eligible_only;
	bool leased_only; /* somebody has it open */
	int64_t now;
	uint64_t lease_ok_user;
	struct frequency_cap cap; /* with eligible_only: not reached, most 0: none */
	enum task_hours hours;
	int64_t replied_after; /* who wrote later than this has just written */
	/* the store's own */
	bool is_counted; /* no order */
	enum task_share share;
	bool has_opening;
	uint64_t opening_id; /* only its tasks, along its index */
	bool in_opening;     /* only those of o, a row of openings in a query around */
};

/* A row of a list: a task with what is shown of others. Text is borrowed until the next row. */
struct task_item {
	struct task task;
	const char *contact_first_name, *contact_last_name, *contact_e164;
	const char *assignee_login, *assignee_first_name, *assignee_last_name;
	const char *team_name;
	uint64_t lease_user_id;
	int64_t lease_expires_at;
	const char *lease_login, *lease_first_name, *lease_last_name;
	bool has_message;
	enum message_state message_state;
	struct task_place place;
	bool is_open;                /* the recipient's sending hours, now */
	int64_t opens_at, closes_at; /* 0: not known, or never */
};

typedef void task_item_fn(void *arg, const struct task_item *item);

/* task_rows_search - finds what may have filter->q, in any state and anybody's, when that is few: then the filter is about
 * these alone, and no look is needed. Else a list is walked in its order, where what is frequent is soon found. For any use
 * of the filter but task_rows_scan. */
enum err task_rows_search(struct db *db, struct arena *arena,
			  struct task_filter *filter) MUST_CHECK;

/* task_rows_page - calls each for at most filter->limit + 1 rows; the extra one tells that there are more, and so does a place
 * in filter->look->cut. */
enum err task_rows_page(struct db *db, struct arena *arena,
			const struct task_filter *filter, task_item_fn *each,
			void *arg) MUST_CHECK;

/* task_rows_first - the first of a page that is wanted of the pending ones; id 0: none. It goes along each opening, so that a
 * million tasks whose recipients sleep cost nothing. limit is not looked at. */
enum err task_rows_first(struct db *db, struct arena *arena,
			 const struct task_filter *filter,
			 struct task_place *place_out) MUST_CHECK;

/* task_rows_next_open - when the first of the recipients' sending hours open that are closed now, 0: none will. */
enum err task_rows_next_open(struct db *db, const struct task_filter *filter,
			     int64_t *at_out) MUST_CHECK;

/* task_rows_item - one task as an item. ERR_NOT_FOUND. */
enum err task_rows_item(struct db *db, uint64_t id, int64_t now, task_item_fn *each,
			void *arg) MUST_CHECK;

/* task_rows_count - how many match, counting no further than cap; with a look, of those looked at. */
enum err task_rows_count(struct db *db, const struct task_filter *filter, int64_t cap,
			 int64_t *count_out) MUST_CHECK;

/* task_rows_scan - ids that fit, oldest first, at most filter->limit, for work in steps: looks at no more than
 * TASK_SCAN_MOST tasks behind scan->after_id and up to scan->up_to_id. after_id becomes the last one looked at, or 0 at the
 * end. The filter's order and cursor are not looked at. task_rows_newest - the highest id there is, 0: none. */
enum { TASK_SCAN_MOST = 2000 };
struct task_scan {
	uint64_t after_id, up_to_id;
};
enum err task_rows_scan(struct db *db, struct arena *arena,
			const struct task_filter *filter, struct task_scan *scan,
			uint64_t **ids_out, size_t *count_out) MUST_CHECK;
enum err task_rows_newest(struct db *db, uint64_t *id_out) MUST_CHECK;

/* --- leases, receipts, drafts: card_id is a task, or the contact of a free reply ---------------------------------- */

enum err lease_rows_load(struct db *db, uint64_t card_id,
			 struct lease *lease_out) MUST_CHECK; /* ERR_NOT_FOUND */
enum err lease_rows_save(struct db *db, const struct lease *lease) MUST_CHECK;
enum err lease_rows_delete(struct db *db, uint64_t card_id) MUST_CHECK;
enum err lease_rows_renew(struct db *db, const struct lease *lease)
	MUST_CHECK; /* expires_at, keyed_at */

/* lease_rows_reserve - its lease takes a place of the number's frequency cap; NULL: none. lease_rows_reserved - how many
 * of a number are taken, but for that card's. */
enum err lease_rows_reserve(struct db *db, uint64_t card_id,
			    const char *number) MUST_CHECK;
enum err lease_rows_reserved(struct db *db, const char *number, int64_t now,
			     uint64_t but_card_id, unsigned *count_out) MUST_CHECK;

enum err receipt_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct receipt *receipt_out) MUST_CHECK;
enum err receipt_rows_insert(struct db *db, const struct receipt *receipt) MUST_CHECK;
enum err receipt_rows_use(struct db *db, uint64_t id, int64_t now,
			  uint64_t message_id) MUST_CHECK;

/* receipt_rows_shown - what the workflow offered when the task's card was opened last. ERR_NOT_FOUND: it is not open. */
enum err receipt_rows_shown(struct db *db, struct arena *arena, uint64_t task_id,
			    const char **text_out) MUST_CHECK;

/* receipt_rows_void_open - the unused receipts of the same card no longer hold. */
enum err receipt_rows_void_open(struct db *db,
				const struct receipt *receipt) MUST_CHECK;

enum err draft_rows_load(struct db *db, struct arena *arena, uint64_t card_id,
			 struct draft *draft_out) MUST_CHECK;
enum err draft_rows_save(struct db *db, const struct draft *draft) MUST_CHECK;
enum err draft_rows_delete(struct db *db, uint64_t card_id) MUST_CHECK;

/* --- holds ---------------------------------------------------------------------------------------------------------- */

enum err hold_rows_add(struct db *db, int scope, const char *ref, const char *reason,
		       int64_t now) MUST_CHECK;
enum err hold_rows_remove(struct db *db, int scope, const char *ref,
			  const char *reason) MUST_CHECK; /* NULL: all */
enum err hold_rows_reasons(struct db *db, struct arena *arena, uint64_t task_id,
			   const char *number, const char *workflow_id,
			   const char ***reasons_out, size_t *count_out) MUST_CHECK;

enum err hold_rows_exist(struct db *db, int scope, const char *ref,
			 bool *exist_out) MUST_CHECK;

/* hold_rows_to_hold - tasks of a workflow, or to a number, that could be held; task_id does not count.
 * hold_rows_to_release - its held ones behind a place, in the order of ids. At most limit. */
struct hold_place {
	const char *ref; /* workflow id or E.164 */
	bool is_number;
	uint64_t task_id;
};
enum err hold_rows_to_hold(struct db *db, struct arena *arena,
			   const struct hold_place *place, size_t limit,
			   uint64_t **ids_out, size_t *count_out) MUST_CHECK;
enum err hold_rows_to_release(struct db *db, struct arena *arena,
			      const struct hold_place *after, size_t limit,
			      uint64_t **ids_out, size_t *count_out) MUST_CHECK;

#endif
