/* scheduler.c - see scheduler.h */
#include "link/scheduler.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/holds.h"
#include "core/ledger.h"
#include "core/tasks.h"
#include "core/users.h"
#include "store/idempotency_rows.h"

enum { LONGEST_MS = 60 * 1000, RETRY_MS = 1000, HOUSEKEEPING_MS = 60 * 60 * 1000 };

/* One turn: what is due on the clock, a step of each longer work, and now and then what can be forgotten. */
struct turn_work {
	struct task_clock clock;
	struct hold_sweep holds;
	struct user_reassign_step leavers;
	bool keeps_house;
};

struct scheduler {
	struct event *timer;
	struct store *store;
	const struct clock *clock;
	struct turn_work work;
	bool is_running, wants_more, is_stopped;
	int64_t house_kept_mono_ms;
};

static void run(struct scheduler *scheduler);

static enum err turn(struct txn *txn, void *arg)
{
	struct turn_work *work = &((struct scheduler *)arg)->work;
	enum err err = hold_sweep(txn, &work->holds);
	if (err == ERR_OK)
		err = user_reassign_step(txn, &work->leavers);
	if (err == ERR_OK)
		err = task_clock(txn, &work->clock);
	if (err == ERR_OK && work->keeps_house)
		err = idempotency_rows_forget(txn_db(txn), txn_now(txn) - DAY_MS);
	return err;
}

static void arm(struct scheduler *scheduler, int64_t wait_ms)
{
	if (wait_ms > LONGEST_MS)
		wait_ms = LONGEST_MS;
	if (wait_ms < 0)
		wait_ms = 0;
	const struct timeval after = {wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(scheduler->timer, &after);
}

static void turned(void *arg, enum err err)
{
	struct scheduler *scheduler = arg;
	const struct turn_work *work = &scheduler->work;
	scheduler->is_running = false;
	if (scheduler->is_stopped)
		return;
	if (err != ERR_OK) {
		log_warn("scheduler", "a turn failed and is tried again error=%s",
			 err_code(err));
		arm(scheduler, RETRY_MS);
		return;
	}
	if (scheduler->wants_more || !work->clock.is_done || !work->holds.is_done ||
	    !work->leavers.is_done)
		run(scheduler);
	else
		arm(scheduler,
		    work->clock.next_at
			    ? work->clock.next_at - clock_now_ms(scheduler->clock) + 1
			    : LONGEST_MS);
}

static void run(struct scheduler *scheduler)
{
	int64_t now = clock_mono_ms();
	if (scheduler->is_stopped)
		return;
	if (scheduler->is_running) {
		scheduler->wants_more = true;
		return;
	}
	scheduler->work.keeps_house =
		now - scheduler->house_kept_mono_ms > HOUSEKEEPING_MS;
	if (scheduler->work.keeps_house)
		scheduler->house_kept_mono_ms = now;
	scheduler->wants_more = false;
	scheduler->is_running = true;
	if (store_write(scheduler->store, turn, turned, scheduler) != ERR_OK) {
		scheduler->is_running = false;
		arm(scheduler, RETRY_MS);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	run(arg);
}

struct scheduler *scheduler_new(struct event_base *base, struct store *store,
				const struct clock *clock)
{
	struct scheduler *scheduler = MEM_NEW(struct scheduler);
	scheduler->store = store;
	scheduler->clock = clock;
	scheduler->timer = event_new(base, -1, 0, on_timer, scheduler);
	run(scheduler);
	return scheduler;
}

void scheduler_wake(struct scheduler *scheduler)
{
	run(scheduler);
}

void scheduler_stop(struct scheduler *scheduler)
{
	scheduler->is_stopped = true;
	event_del(scheduler->timer);
}

void scheduler_free(struct scheduler **scheduler)
{
	if (!*scheduler)
		return;
	event_free((*scheduler)->timer);
	mem_free(*scheduler);
	*scheduler = NULL;
}
