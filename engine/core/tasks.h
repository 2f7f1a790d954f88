/* tasks.h - what people and programs do with tasks. Each struct is the arg of the store_write_fn of its name.
 *
 * All start with a struct call and answer with the contract's JSON; refusals are in the call.
 */
#ifndef HB_CORE_TASKS_H
#define HB_CORE_TASKS_H

#include "core/call.h"
#include "core/due.h"
#include "model/who.h"
#include "store/task_rows.h"

/* --- making ------------------------------------------------------------------------------------------------------- */

/* task_create - another program, or a person, wants a text to be looked at: 201 with the task. */
struct task_create {
	struct call call;
	uint64_t contact_id;
	const char *name, *text;
	struct who assignee;
	unsigned priority; /* 0..TASK_PRIORITY_MOST */
	int64_t due_at, expires_at;
};
enum err task_create(struct txn *txn, void *arg) MUST_CHECK;

/* --- a card ------------------------------------------------------------------------------------------------------- *
 *
 * The commands of this part are also those of a free reply to a contact: task_id is 0 then, and contact_id says whose.
 */

/* task_open - takes the lease and mints a receipt over exactly what the answer shows. LEASED with the holder,
 * NOT_PENDING with the state. Opening again: same lease, new receipt, older ones no longer hold. */
struct task_open {
	struct call call;
	uint64_t task_id, contact_id;
	bool take_over; /* leads */
	/* the person has read the thread up to here: the receipt binds that, and the mark of a reply goes; 0: not said, all
	 * that is shown is meant */
	uint64_t seen_up_to;
};
enum err task_open(struct txn *txn, void *arg) MUST_CHECK;

/* task_next - opens the first task of the filter that could go now; an empty answer when none is left. */
struct task_next_open {
	struct call call;
	struct task_filter filter;
	uint64_t after_id;   /* behind this one */
	bool resume;         /* one that I have open already counts */
	struct who assignee; /* of the filter; resolved inside */
};
enum err task_next_open(struct txn *txn, void *arg) MUST_CHECK;

/* task_check - guards, holes and segments of a text while it is typed; keeps the lease. task_renew: only keeps it.
 * task_draft: keeps the text too, PRECONDITION when another draft was saved than the one that is named. task_close: gives the lease of a free reply back; the draft stays. */
struct task_text {
	struct call call;
	uint64_t task_id, contact_id;
	const char *text;
	bool names_draft; /* the text replaces this one and no other, 0: none; where two tabs write, neither is lost */
	int64_t draft_version;
};
enum err task_check(struct txn *txn, void *arg) MUST_CHECK;
enum err task_renew(struct txn *txn, void *arg) MUST_CHECK;
enum err task_draft(struct txn *txn, void *arg) MUST_CHECK;
enum err task_close(struct txn *txn, void *arg) MUST_CHECK;

/* task_send - a person sends the text of a task. Consumes the receipt; the guards run here, inside the transaction.
 * Refusals: RECEIPT_STALE with what changed, RECEIPT_USED, LEASED with the holder, GUARD_REFUSED with every guard (this
 * one is journaled). The same receipt with the same text again: the first answer. */
struct task_send {
	struct call call;
	uint64_t task_id, contact_id;
	const char *receipt, *text;
	int64_t undo_s; /* 0..10: not handed over before */
	/* other open tasks of the same number that end with this one */
	const uint64_t *supersede;
	size_t supersede_count;
};
enum err task_send(struct txn *txn, void *arg) MUST_CHECK;

/* --- other acts: each answers with the task ------------------------------------------------------------------------ */

struct task_act {
	struct call call;
	uint64_t task_id;
	const char *reason;
	int64_t until; /* snooze */
	bool until_hours; /* snooze: until the recipient's sending hours open, whenever that is */
	struct who assignee; /* reassign */
	bool undo; /* skip: its exit is taken 10 s later, and a reopen before takes it back whole */
	bool is_one_of_many; /* nobody wants the task as an answer */
};
enum err task_skip(struct txn *txn, void *arg) MUST_CHECK;
enum err task_snooze(struct txn *txn, void *arg) MUST_CHECK;
enum err task_reassign(struct txn *txn, void *arg) MUST_CHECK;
enum err task_release(struct txn *txn, void *arg) MUST_CHECK;
enum err task_cancel(struct txn *txn, void *arg) MUST_CHECK;
enum err task_reopen(struct txn *txn, void *arg) MUST_CHECK;
enum err task_resume(struct txn *txn, void *arg) MUST_CHECK;

/* task_change - when it is due, when it expires, how urgent it is: by its assignee, a lead or a program, while it is open.
 * Who has its card open keeps it, and the receipt holds: none of this is in the text. */
struct task_change {
	struct call call;
	uint64_t task_id;
	bool sets_due, sets_expires, sets_priority;
	int64_t due_at, expires_at; /* 0: none */
	unsigned priority;          /* 0..TASK_PRIORITY_MOST */
};
enum err task_change(struct txn *txn, void *arg) MUST_CHECK;

/* --- reading: store_read_fn ------------------------------------------------------------------------------------------ */

struct task_get {
	struct call call;
	uint64_t task_id;
};
enum err task_get(struct snapshot *snap, void *arg) MUST_CHECK;
enum err task_card(struct snapshot *snap,
		   void *arg) MUST_CHECK; /* read-only: no lease, no receipt */
enum err task_why(struct snapshot *snap, void *arg) MUST_CHECK;

struct task_list {
	struct call call;
	struct task_filter filter;
	struct who assignee;
	const char *cursor;
	uint64_t after_id; /* peek */
};
enum err task_list(struct snapshot *snap, void *arg) MUST_CHECK;
enum err task_counts(struct snapshot *snap, void *arg) MUST_CHECK;
enum err task_peek(struct snapshot *snap, void *arg) MUST_CHECK;

/* --- on the clock: for the scheduler ---------------------------------------------------------------------------------- */

/* task_clock - does what has fallen due, at most TASK_CLOCK_MOST of each kind; run it again until is_done. next_at: when
 * something will fall due, 0: nothing waits. A store_write_fn. */
enum { TASK_CLOCK_MOST = 50 };
struct task_clock {
	struct due_window window; /* zeroed: all up to now */
	bool is_done;
	int64_t next_at;
};
enum err task_clock(struct txn *txn, void *arg) MUST_CHECK;

/* --- shared with the life of messages ------------------------------------------------------------------------------------ */

/* task_back - its text did not go: the task waits for a person again, marked with why ("refused", "withdrawn", …). */
enum err task_back(struct txn *txn, struct task *task, const char *attention,
		   const char *detail) MUST_CHECK;

#endif
