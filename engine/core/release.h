/* release.h - enrollments that were held with their workflow go on once it is published again (advance.h).
 *
 * hold_remove() of a workflow leaves a job; release_sweep() works it off on the scheduler's turns, some enrollments at a
 * time, oldest first. It stops where the workflow is held again.
 */
#ifndef HB_CORE_RELEASE_H
#define HB_CORE_RELEASE_H

#include "store/store.h"

enum { RELEASE_MOST = 50, RELEASE_STEPS_MOST = 100 };

/* release_later - leaves the job. */
enum err release_later(struct txn *txn, const char *workflow_id) MUST_CHECK;

/* release_is_due - is such a job left, of any workflow? */
enum err release_is_due(struct db *db, struct arena *arena,
			bool *is_due_out) MUST_CHECK;

/* release_sweep - one step; run it until is_done. A store_write_fn. */
struct release_sweep {
	bool is_done;
};
enum err release_sweep(struct txn *txn, void *arg) MUST_CHECK;

#endif
