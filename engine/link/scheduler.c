/* scheduler.c - see scheduler.h */
#include "link/scheduler.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/turn.h"
#include "core/wake.h"
#include "link/clock_watch.h"

enum {
	LONGEST_MS = 60 * 1000,
	DOUBT_LOOK_MS = 1000, /* between looks at a clock that is doubted */
	RETRY_MS = 1000,
	HOUSEKEEPING_MS = 60 * 60 * 1000,
	PAUSE_MS =
		20, /* between two turns that found little: a thousand a second share fifty */
};

/* What is done in one write, again and again: not two of the same at once. */
struct hand {
	struct scheduler *scheduler;
	store_write_fn *write;
	enum err (*post)(struct store *store, store_write_fn *write,
			 store_done_fn *done, void *arg);
	bool is_running, wants_more; /* more: something may have fallen due meanwhile */
	int64_t due_mono_ms;         /* when it runs next */
	struct due_window window; /* of the last write: which instants count as come */

	/* out, of the last write */
	bool has_more;
	int64_t next_at; /* UTC ms when something will fall due, 0: nothing waits */
};

enum { HAND_TURN, HAND_WAKE, HAND_COUNT };

struct scheduler {
	struct event *timer;
	struct store *store;
	const struct clock *clock;
	struct clock_watch watch;
	struct hand hands[HAND_COUNT];
	bool is_stopped;
	struct turn turn;
	struct wake wake;
	int64_t house_kept_mono_ms;
};

/* --- the writes --- */

static enum err turn(struct txn *txn, void *arg)
{
	struct hand *hand = arg;
	struct turn *work = &hand->scheduler->turn;
	work->window = hand->window;
	enum err err = turn_run(txn, work);
	hand->has_more = work->has_more;
	hand->next_at = work->next_at;
	return err;
}

static enum err wake(struct txn *txn, void *arg)
{
	struct hand *hand = arg;
	struct wake *work = &hand->scheduler->wake;
	work->window = hand->window;
	enum err err = wake_due(txn, work);
	hand->has_more = !work->is_done;
	hand->next_at = work->next_at;
	return err;
}

/* --- when they run --- */

static void arm(struct scheduler *scheduler)
{
	int64_t wait_ms = LONGEST_MS, now = clock_mono_ms();
	for (unsigned i = 0; i < HAND_COUNT; i++) {
		const struct hand *hand = &scheduler->hands[i];
		if (!hand->is_running && hand->due_mono_ms - now < wait_ms)
			wait_ms = hand->due_mono_ms - now;
	}
	if (wait_ms < 0)
		wait_ms = 0;
	const struct timeval after = {wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(scheduler->timer, &after);
}

static void ended(void *arg, enum err err);

static void look_at_clock(struct scheduler *scheduler, struct due_window *window_out)
{
	enum clock_news news =
		clock_watch_look(&scheduler->watch, clock_now_ms(scheduler->clock),
				 clock_boot_ms(), window_out);
	if (news == CLOCK_JUMPED)
		log_warn("scheduler",
			 "the clock was set ahead by %lld s; what it jumped over waits "
			 "until it has stayed there for %d s",
			 (long long)(window_out->put_off_until - window_out->put_off) /
				 1000,
			 CLOCK_DOUBT_MS / 1000);
	else if (news != CLOCK_AS_BEFORE)
		log_info("scheduler",
			 news == CLOCK_BELIEVED
				 ? "the clock stayed there and is believed; "
				   "what it jumped over is worked off"
				 : "the clock was put back");
}

static void run(struct hand *hand)
{
	struct scheduler *scheduler = hand->scheduler;
	int64_t now = clock_mono_ms();
	look_at_clock(scheduler, &hand->window);
	if (hand == &scheduler->hands[HAND_TURN] &&
	    now - scheduler->house_kept_mono_ms > HOUSEKEEPING_MS) {
		scheduler->turn.keeps_house = true;
		scheduler->house_kept_mono_ms = now;
	}
	hand->wants_more = false;
	hand->is_running = true;
	if (hand->post(scheduler->store, hand->write, ended, hand) != ERR_OK) {
		hand->is_running = false;
		hand->due_mono_ms = now + RETRY_MS;
	}
}

/* Whatever is due now runs; the timer is set for the rest. */
static void look(struct scheduler *scheduler)
{
	int64_t now = clock_mono_ms();
	if (scheduler->is_stopped)
		return;
	for (unsigned i = 0; i < HAND_COUNT; i++)
		if (!scheduler->hands[i].is_running &&
		    scheduler->hands[i].due_mono_ms <= now)
			run(&scheduler->hands[i]);
	arm(scheduler);
}

/* The clock is asked each time: it may have been set. */
static int64_t wait_of(const struct hand *hand)
{
	int64_t longest_ms =
		hand->scheduler->watch.is_doubted ? DOUBT_LOOK_MS : LONGEST_MS;
	int64_t wait_ms = longest_ms;
	if (hand->has_more)
		return 0;
	if (hand->wants_more)
		return PAUSE_MS;
	if (hand->next_at)
		wait_ms = hand->next_at - clock_now_ms(hand->scheduler->clock) + 1;
	if (wait_ms > longest_ms)
		wait_ms = longest_ms;
	return wait_ms < PAUSE_MS ? PAUSE_MS : wait_ms;
}

static void ended(void *arg, enum err err)
{
	struct hand *hand = arg;
	hand->is_running = false;
	hand->due_mono_ms =
		clock_mono_ms() + (err == ERR_OK ? wait_of(hand) : RETRY_MS);
	if (err != ERR_OK)
		log_warn("scheduler", "a turn failed and is tried again error=%s",
			 err_code(err));
	look(hand->scheduler);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	look(arg);
}

struct scheduler *scheduler_new(struct event_base *base, struct store *store,
				const struct clock *clock)
{
	/* They come by a hundred thousand at once, and what a power cut undoes falls due again. */
	static const struct hand hands[HAND_COUNT] = {
		[HAND_TURN] = {.write = turn, .post = store_write},
		[HAND_WAKE] = {.write = wake, .post = store_write_lazy},
	};
	struct scheduler *scheduler = MEM_NEW(struct scheduler);
	scheduler->store = store;
	scheduler->clock = clock;
	scheduler->timer = event_new(base, -1, 0, on_timer, scheduler);
	for (unsigned i = 0; i < HAND_COUNT; i++) {
		scheduler->hands[i] = hands[i];
		scheduler->hands[i].scheduler = scheduler;
	}
	look(scheduler);
	return scheduler;
}

void scheduler_wake(struct scheduler *scheduler)
{
	int64_t soon = clock_mono_ms() + PAUSE_MS;
	if (scheduler->is_stopped)
		return;
	for (unsigned i = 0; i < HAND_COUNT; i++) {
		struct hand *hand = &scheduler->hands[i];
		hand->wants_more = true;
		if (!hand->is_running && hand->due_mono_ms > soon)
			hand->due_mono_ms = soon;
	}
	arm(scheduler);
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
