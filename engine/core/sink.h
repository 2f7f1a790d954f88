/* sink.h - where the texts of test runs end: approved by a person like any other, but never given to the gateway.
 *
 *	enum err err = sink_takes(policy, &message) ? sink_add(txn, &message) : outbox_rows_add(…);	(handover_add)
 *
 * A text of a test task goes the whole way: receipt, guards, undo window, guards again. Then it becomes accepted and
 * delivered, its reports say that it was a test, and its workflow goes on. Only a number of `test-numbers` gets it for
 * real. It needs neither gateway nor channel, since nothing leaves.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_SINK_H
#define HB_CORE_SINK_H

#include "model/policy.h"
#include "model/records.h"
#include "store/store.h"

/* sink_takes - is it a text of a test, to a number that is none of test-numbers? */
bool sink_takes(const struct policy *policy, const struct message *message);

/* sink_add - in place of outbox_rows_add(). */
enum err sink_add(struct txn *txn, const struct message *message) MUST_CHECK;

/* sink_step - the texts whose undo window has passed, at most SINK_STEP_MOST; run it until is_done. next_at: when the
 * next undo window ends, 0: none. A store_write_fn, for the scheduler. */
enum { SINK_STEP_MOST = 20 };
struct sink_step {
	bool is_done;
	int64_t next_at;
};
enum err sink_step(struct txn *txn, void *arg) MUST_CHECK;

#endif
