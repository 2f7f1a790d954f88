/* openings.h - keeps for each open task when the sending hours of its recipient are open, so that a queue of a million can
 * pass over those who sleep. The guards do not look here: they reckon for themselves (limits.h).
 *
 * A task points to its opening (store/opening_rows.h): the hours that count for it, at the place where its recipient is.
 * Openings follow the clock and handbox.conf by themselves, on the scheduler's turns; tasks follow their contact.
 */
#ifndef HB_CORE_OPENINGS_H
#define HB_CORE_OPENINGS_H

#include "model/records.h"
#include "store/store.h"
#include "workflow/plan.h"

/* opening_find - the opening for texts of a workflow (plan NULL: of none) to a contact; it is made when it is the first. */
enum err opening_find(struct txn *txn, const struct plan *plan,
		      const struct contact *contact, uint64_t *id_out) MUST_CHECK;

/* opening_settle - brings one task in line with its contact: for tasks that come to be open again. */
enum err opening_settle(struct txn *txn, uint64_t task_id) MUST_CHECK;

/* opening_follow - a contact is somewhere else now: its open tasks follow, the first OPENING_FOLLOW_MOST at once. */
enum { OPENING_FOLLOW_MOST = 50, OPENING_STEP_MOST = 250, OPENING_LOOKS_MOST = 50 };
enum err opening_follow(struct txn *txn, uint64_t contact_id) MUST_CHECK;

/* opening_sweep - one step of following the clock, handbox.conf and contacts; run it until is_done. A store_write_fn, for
 * the scheduler. */
struct opening_sweep {
	bool is_done;
	int64_t next_at; /* when hours end, 0: never */
};
enum err opening_sweep(struct txn *txn, void *arg) MUST_CHECK;

#endif
