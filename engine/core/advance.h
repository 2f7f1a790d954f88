/* advance.h - moving an enrollment on: from its start, when the task it stands at has ended, when a wait is over, when a
 * reply has come.
 *
 * Runs the plan's steps up to the next wait inside the transaction of whatever moved it, so that when an answer has
 * gone out, the next task is there. An enrollment that cannot go on (its version is gone or unreadable, its step is not
 * there) ends as failed, with the reason; whoever moved it is not disturbed by that. While the tasks of its workflow are
 * held (unpublish), whatever would move it is noted, and it is held itself: it goes on from there when that ends.
 */
#ifndef HB_CORE_ADVANCE_H
#define HB_CORE_ADVANCE_H

#include "model/actor.h"
#include "model/records.h"
#include "store/store.h"
#include "workflow/plan.h"

/* advance_start - runs a fresh enrollment (inserted by the caller) from its first step. */
enum err advance_start(struct txn *txn, const struct actor *actor,
		       struct enrollment *enrollment) MUST_CHECK;

/* advance_start_with - the same, for whoever has the contact and the plan at hand already: hundreds of enrollments in
 * one command. Both are borrowed; contact->owner_id changes when a step assigns it. */
struct advance_with {
	struct contact *contact;
	const struct plan *plan;
	unsigned steps; /* out: how many were run */
};
enum err advance_start_with(struct txn *txn, const struct actor *actor,
			    struct enrollment *enrollment,
			    struct advance_with *with) MUST_CHECK;

/* advance_from_task - the task has ended: the enrollment takes that exit of its manual-sms (what is not written goes on
 * below), when it still stands there and task->moves_workflow. Clears moves_workflow in the row, so that a task reopened
 * later stands free. */
enum err advance_from_task(struct txn *txn, const struct actor *actor,
			   struct task *task, enum sms_exit exit) MUST_CHECK;

/* advance_has_exit - will the end of the task take that exit, written out (on-failed)? Without it a text that did not go
 * reopens its task instead. */
enum err advance_has_exit(struct txn *txn, const struct task *task, enum sms_exit exit,
			  bool *has_out) MUST_CHECK;

/* advance_wake - its time has come (enrollment->wake_at): it goes on behind its wait, or by on-timeout, unless a reply
 * has come after all. advance_reply - a text of the contact has come: it goes on if it waited for that, or ends with
 * stop-on-reply, or nothing happens. *steps_out: how many steps were run, for whoever bounds the rows of a write. */
enum err advance_wake(struct txn *txn, struct enrollment *enrollment,
		      unsigned *steps_out) MUST_CHECK;
enum err advance_reply(struct txn *txn, struct enrollment *enrollment,
		       unsigned *steps_out) MUST_CHECK;

/* advance_release - the workflow it was held with is published again: it goes on where it would have gone. */
enum err advance_release(struct txn *txn, struct enrollment *enrollment,
			 unsigned *steps_out) MUST_CHECK;

/* advance_remove - the enrollment ends as removed, with the reason; its open tasks are cancelled. */
enum err advance_remove(struct txn *txn, const struct actor *actor,
			struct enrollment *enrollment, const char *reason) MUST_CHECK;

/* advance_leave - the same, for whoever has seen to its tasks. advance_fail - it ends as failed; reason: a snake_case
 * word. */
enum err advance_leave(struct txn *txn, struct enrollment *enrollment,
		       const char *reason) MUST_CHECK;
enum err advance_fail(struct txn *txn, struct enrollment *enrollment,
		      const char *reason) MUST_CHECK;

#endif
