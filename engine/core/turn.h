/* turn.h - what happens because time passes, but for waiting enrollments (wake.h): hours end, snoozes end, tasks expire,
 * skips become final, holds spread, tasks that nobody could take find somebody, threads that nobody answers are given back,
 * triggers are worked off and dates come, digests are made, longer works go on by a step, words of erased people leave the index,
 * and now and then what is too old is forgotten.
 *
 *	struct turn turn = {0};
 *	do
 *		err = store_write_now(store, turn_run, &turn);
 *	while (err == ERR_OK && turn.has_more);
 *
 * A turn is one write: it ends at the first work that has more to do than one write should, and the next turn begins
 * behind that one, so that none waits for the end of another.
 */
#ifndef HB_CORE_TURN_H
#define HB_CORE_TURN_H

#include "core/due.h"
#include "store/store.h"

/* turn_run - a store_write_fn; arg: struct turn, kept from one turn to the next. */
struct turn {
	struct due_window window; /* zeroed: all up to now */
	bool keeps_house; /* forget what is too old (house.h); false again when that is done */
	unsigned first; /* the work to begin with */
	uint64_t bad_occurrence,
		bad_date; /* that made the last turn fail (trigger.h) */

	/* out */
	bool has_more; /* run it again */
	int64_t next_at; /* UTC ms when something will fall due, 0: nothing waits. Not with has_more */
};
enum err turn_run(struct txn *txn, void *arg) MUST_CHECK;

#endif
