/* stranded.h - tasks that came into the pool because nobody of their assign-user was available: off shift, full, inactive.
 *
 * They are looked at again when somebody may have become available (a shift begins, a task ends, a capacity or a team
 * changes) and every STRANDED_AGAIN_MS, the oldest of a step first: the step's rule decides once more, with its turns, as if
 * it ran now. What was meant for a pool, what somebody has open and what a person gave away stays as it is.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_STRANDED_H
#define HB_CORE_STRANDED_H

#include "model/records.h"
#include "store/store.h"

enum {
	STRANDED_AGAIN_MS = 20 * 1000,
	STRANDED_OVER_MOST = 50, /* are given out in one write … */
	STRANDED_LEFT_MOST =
		100 /* … and so many left, of other steps or in somebody's hands */
};

/* stranded_add - the task was just made behind the assign-user with that id, which found nobody. */
enum err stranded_add(struct txn *txn, const struct task *task,
		      const char *assign_step) MUST_CHECK;

/* stranded_forget - a person has decided whose it is, or it followed the contact's owner. Others: nothing happens. */
enum err stranded_forget(struct txn *txn, uint64_t task_id) MUST_CHECK;

/* stranded_look - somebody may have become available. */
void stranded_look(struct txn *txn);

struct stranded_sweep {
	bool is_done;
	int64_t next_at; /* UTC ms, 0: there are none */
};
enum err stranded_sweep(struct txn *txn, struct stranded_sweep *sweep) MUST_CHECK;

#endif
