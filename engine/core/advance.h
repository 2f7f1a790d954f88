/* advance.h - moving an enrollment on: from its start, and when the task it stands at has ended.
 *
 * Runs the plan's steps up to the next wait inside the transaction of whatever moved it, so that when an answer has
 * gone out, the next task is there.
 */
#ifndef HB_CORE_ADVANCE_H
#define HB_CORE_ADVANCE_H

#include "model/actor.h"
#include "model/records.h"
#include "store/store.h"

/* how a task ended, as the workflow sees it: the exits of manual-sms */
enum task_exit {
	TASK_EXIT_SENT,
	TASK_EXIT_FAILED,
	TASK_EXIT_SKIPPED,
	TASK_EXIT_EXPIRED
};

struct plan;

/* advance_start - runs a fresh enrollment (inserted by the caller) from its first step. */
enum err advance_start(struct txn *txn, const struct actor *actor,
		       struct enrollment *enrollment) MUST_CHECK;

/* advance_start_with - the same, for whoever has the contact and the plan at hand already: hundreds of enrollments in
 * one command. Both are borrowed; contact->owner_id changes when a step assigns it. */
struct advance_with {
	struct contact *contact;
	const struct plan *plan;
};
enum err advance_start_with(struct txn *txn, const struct actor *actor,
			    struct enrollment *enrollment,
			    const struct advance_with *with) MUST_CHECK;

/* advance_from_task - the task has ended: the enrollment goes on behind its manual-sms, when it still stands there and
 * task->moves_workflow. Clears moves_workflow in the row, so that a task reopened later stands free. */
enum err advance_from_task(struct txn *txn, const struct actor *actor,
			   struct task *task, enum task_exit exit) MUST_CHECK;

/* advance_has_exit - does the step of the task have that exit written out (on-failed)? Without it a text that did not
 * go reopens its task instead. Exits are not built yet: false. */
enum err advance_has_exit(struct txn *txn, const struct task *task, enum task_exit exit,
			  bool *has_out) MUST_CHECK;

/* advance_remove - the enrollment ends as removed, with the reason; its open tasks are cancelled. */
enum err advance_remove(struct txn *txn, const struct actor *actor,
			struct enrollment *enrollment, const char *reason) MUST_CHECK;

#endif
