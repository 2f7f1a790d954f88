/* holds.h - what keeps tasks from being sent: a set of (scope, ref, reason). A task is held while any applies.
 *
 * A hold counts for the guards from its own transaction on. So does the state `held` of the tasks below it; of a number or
 * workflow with many, the rest follows in steps, by hold_sweep() on the scheduler's turns.
 */
#ifndef HB_CORE_HOLDS_H
#define HB_CORE_HOLDS_H

#include "model/records.h"
#include "store/store.h"

enum hold_scope { HOLD_TASK, HOLD_NUMBER, HOLD_WORKFLOW, HOLD_ALL };

/* hold_add - idempotent. ref: task id in digits, E.164, workflow id, "" for all. */
enum err hold_add(struct txn *txn, enum hold_scope scope, const char *ref,
		  const char *reason) MUST_CHECK;

/* hold_remove - reason NULL: all of that scope and ref. */
enum err hold_remove(struct txn *txn, enum hold_scope scope, const char *ref,
		     const char *reason) MUST_CHECK;

/* holds_of - the reasons that apply to a task; number NULL when its contact has none. Each once, in no order. */
enum err holds_of(struct db *db, struct arena *arena, const struct task *task,
		  const char *number, const char ***reasons_out,
		  size_t *count_out) MUST_CHECK;

/* hold_settle - brings one task in line with the holds that apply to it now: for tasks that come to be open again. */
enum err hold_settle(struct txn *txn, uint64_t task_id) MUST_CHECK;

/* hold_sweep - one step of bringing the tasks of a workflow or number in line with its holds; run it until is_done. A
 * store_write_fn, for the scheduler. */
enum { HOLD_SWEEP_MOST = 250 };
struct hold_sweep {
	bool is_done;
};
enum err hold_sweep(struct txn *txn, void *arg) MUST_CHECK;

#endif
