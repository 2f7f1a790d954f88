/* scheduler.h - what happens because time passes: waits and time-outs of enrollments end (core/wake.h), snoozes end, tasks
 * expire, skips become final, leases run out, holds spread. One wake-up timer; nothing is kept in memory for what waits.
 *
 * Due work is done in batches, oldest first, each a write of its own that is bounded in rows; the next is handed in when
 * the last one is durable, so that other writes stand between any two. After a long stop what is overdue is worked off in
 * that order. Turns that find little are some 20 ms apart: what falls due a thousand times a second shares them.
 *
 * The clock is read anew at least once a minute: it may be set. One that jumped ahead is not believed at once
 * (link/clock_watch.h).
 *
 * Thread: loop.
 */
#ifndef HB_LINK_SCHEDULER_H
#define HB_LINK_SCHEDULER_H

#include "store/store.h"

struct event_base;
struct scheduler;

struct scheduler *scheduler_new(struct event_base *base, struct store *store,
				const struct clock *clock);

/* scheduler_wake - SIGNAL_TIMER: something may fall due earlier than was known. */
void scheduler_wake(struct scheduler *scheduler);

/* scheduler_stop - nothing new is begun; the store must finish what is queued before scheduler_free. */
void scheduler_stop(struct scheduler *scheduler);
void scheduler_free(struct scheduler **scheduler);

#endif
