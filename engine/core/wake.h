/* wake.h - enrollments whose wait is over go on, in the order in which they fell due. For the scheduler, and for tests on a
 * clock of their own:
 *
 *	struct wake wake = {0};
 *	do
 *		err = store_write_now(store, wake_due, &wake);
 *	while (err == ERR_OK && !wake.is_done);
 *
 * Each call is a write of its own and bounded: WAKE_MOST enrollments, or steps, at most, and once WAKE_LEAST went on none
 * is begun while somebody else wants to write. An enrollment that cannot go on ends as failed and does not stop the
 * others. When the write itself fails because of one (a fault of ours), culprit names it; handing the struct in again
 * fails that one and goes on.
 */
#ifndef HB_CORE_WAKE_H
#define HB_CORE_WAKE_H

#include "core/due.h"
#include "store/store.h"

enum {
	WAKE_LEAST = 10,
	WAKE_MOST = 100, /* some milliseconds' work */
};

/* wake_due - a store_write_fn; arg: struct wake. */
struct wake {
	struct due_window window;
	uint64_t culprit; /* in and out; 0: none */
	size_t count;     /* that went on in this write */
	bool is_done;     /* nothing more is due */
	int64_t next_at;  /* when the next one will be, 0: none waits */
};
enum err wake_due(struct txn *txn, void *arg) MUST_CHECK;

#endif
