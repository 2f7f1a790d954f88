/* wake.c - see wake.h */
#include "core/wake.h"

#include "base/fault.h"
#include "base/log.h"
#include "core/advance.h"
#include "store/workflow_rows.h"

enum { PART = 25 }; /* read at once */

static enum err fail_culprit(struct txn *txn, struct wake *wake)
{
	struct enrollment enrollment;
	uint64_t id = wake->culprit;
	wake->culprit = 0;
	if (!id)
		return ERR_OK;
	log_error("wake", "an enrollment could not go on and has failed id=%llu",
		  (unsigned long long)id);
	enum err err =
		enrollment_rows_load(txn_db(txn), txn_arena(txn), id, &enrollment);
	if (err == ERR_OK)
		err = advance_fail(txn, &enrollment, "internal");
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool is_full(const struct txn *txn, const struct wake *wake, unsigned steps)
{
	return wake->count >= WAKE_MOST || steps >= WAKE_MOST ||
	       (wake->count >= WAKE_LEAST && txn_others_wait(txn));
}

/* The next few that are due; sets is_done when there are no more in that range. */
static enum err wake_some(struct txn *txn, struct wake *wake, struct due_range range,
			  unsigned *steps)
{
	const struct enrollment_due due = {range.after, range.until, PART};
	struct enrollment *enrollments;
	size_t count, i = 0;
	enum err err = enrollment_rows_due(txn_db(txn), txn_arena(txn), &due,
					   &enrollments, &count);
	for (; err == ERR_OK && i < count && !is_full(txn, wake, *steps); i++) {
		unsigned more = 0;
		wake->culprit = enrollments[i].id;
		err = FAULT_ERROR("wake_one")
			      ? ERR_INTERNAL
			      : advance_wake(txn, &enrollments[i], &more);
		*steps += more;
		wake->count++;
	}
	if (err_is_of_machine(err) || err == ERR_OK)
		wake->culprit = 0; /* the machine failed, not the enrollment */
	wake->is_done = i == count && count < PART;
	return err;
}

enum err wake_due(struct txn *txn, void *arg)
{
	struct wake *wake = arg;
	struct due_range ranges[2];
	unsigned count = due_ranges(&wake->window, txn_now(txn), ranges), steps = 0,
		 i = 0;
	wake->count = 0;
	FAULT_POINT("wake_due");
	enum err err = fail_culprit(txn, wake);
	do {
		if (err == ERR_OK)
			err = wake_some(txn, wake, ranges[i], &steps);
		if (err != ERR_OK)
			return err;
		i += wake->is_done;
	} while (i < count && !is_full(txn, wake, steps));
	wake->is_done = i == count;
	FAULT_POINT("woken");
	return enrollment_rows_next_due(txn_db(txn), ranges[count - 1].until,
					&wake->next_at);
}
