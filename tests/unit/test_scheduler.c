/* test_scheduler.c - what happens because time passes, by the real scheduler on a real store; the time of day is the
 * test's. */
#include "life_help.h"

#include <event2/event.h>
#include <poll.h>

#include "link/clock_watch.h"
#include "link/scheduler.h"

#define WHO        PEOPLE("who", "", "<user login='ana'/>")
#define WAIT(span) "<wait id='pause' for='" span "'/><add-tag tag='done'/>"

struct room {
	struct desk *desk;
	struct event_base *base;
	struct scheduler *scheduler;
};

static void committed(void *arg, unsigned signals)
{
	struct room *room = arg;
	if (signals & SIGNAL_TIMER)
		scheduler_wake(room->scheduler);
}

static void room_open(struct room *room, struct desk *desk)
{
	*room = (struct room){.desk = desk, .base = event_base_new()};
	room->scheduler = scheduler_new(room->base, desk->store, &desk->clock);
	desk->on_commit = committed;
	desk->on_commit_arg = room;
}

static void turn(struct room *room)
{
	struct pollfd home = {.fd = mailbox_fd(room->desk->home), .events = POLLIN};
	poll(&home, 1, 1);
	event_base_loop(room->base, EVLOOP_NONBLOCK);
	mailbox_run_all(room->desk->home);
}

static void room_close(struct room *room)
{
	room->desk->on_commit = NULL;
	scheduler_stop(room->scheduler);
	/* what was queued is done behind these: a lazy write is put off once */
	for (unsigned i = 0; i < 2; i++)
		desk_sql(room->desk, "SELECT 1");
	scheduler_free(&room->scheduler);
	event_base_free(room->base);
}

static void until(struct room *room, const char *what, int64_t expected)
{
	int64_t deadline = clock_mono_ms() + 20 * SECOND_MS, is = -1;
	while (clock_mono_ms() < deadline) {
		turn(room);
		is = flow_count(room->desk, what);
		if (is == expected)
			return;
	}
	fail_msg("%s: %" PRId64 ", never %" PRId64, what, is, expected);
}

/* Several turns of the scheduler have passed: a task that snoozed until now has come back. */
static void after_some_turns(struct room *room)
{
	struct desk *desk = room->desk;
	static unsigned rounds;
	for (unsigned i = 0; i < 3; i++) {
		unsigned id = 900000 + ++rounds;
		desk_task(desk, id, 120, 0);
		desk_sql(desk,
			 "UPDATE tasks SET state = 2, snoozed_until = 1 WHERE id = %u",
			 id);
		scheduler_wake(room->scheduler);
		until(room,
		      arena_printf(desk->arena, "tasks WHERE id = %u AND state = 0",
				   id),
		      1);
	}
}

static void jump(struct room *room, int64_t ms)
{
	atomic_fetch_add(&room->desk->now_ms, ms);
	scheduler_wake(room->scheduler);
}

static void waits_end_and_tasks_expire(void **state)
{
	struct desk *desk = *state;
	struct room room;
	flow_publish(desk, "w", WAIT("30s"));
	flow_publish(
		desk, "t",
		WHO "<manual-sms id='a' name='A' expires='30s'/><add-tag tag='late'/>");
	room_open(&room, desk);
	flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "t", 102, "enrolled");
	after_some_turns(&room);
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
	jump(&room, 30 * SECOND_MS);
	until(&room, "contact_tags", 2);
	until(&room, "enrollments WHERE state = 3", 2);
	room_close(&room);
}

static void what_fell_due_while_it_was_stopped_is_done(void **state)
{
	struct desk *desk = *state;
	struct room room;
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>", WAIT("1h"));
	for (unsigned i = 0; i < 60; i++)
		for (unsigned contact = 101; contact < 111; contact++)
			flow_enroll(desk, "w", contact, "enrolled");
	atomic_fetch_add(&desk->now_ms, 3 * DAY_MS);
	room_open(&room, desk);
	until(&room, "enrollments WHERE state = 3", 600);
	room_close(&room);
}

static void a_day_ahead_by_mistake_does_nothing(void **state)
{
	struct desk *desk = *state;
	struct room room;
	flow_publish(desk, "w", WAIT("6h"));
	flow_publish(desk, "t", WHO "<manual-sms id='a' name='A' expires='6h'/>");
	flow_publish(desk, "short", WAIT("10s"));
	room_open(&room, desk);
	for (unsigned i = 0; i < 10; i++) {
		flow_enroll(desk, "w", 101 + i, "enrolled");
		flow_enroll(desk, "t", 101 + i, "enrolled");
	}
	after_some_turns(&room);
	jump(&room, DAY_MS);
	after_some_turns(&room);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 1"), 20);
	assert_int_equal(flow_count(desk, "tasks WHERE state = 5"), 0);
	/* what is begun after the jump goes at its pace */
	flow_enroll(desk, "short", 115, "enrolled");
	jump(&room, 10 * SECOND_MS);
	until(&room, "contact_tags WHERE contact_id = 115", 1);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 1"), 20);
	/* put right: all is as it was */
	jump(&room, -DAY_MS - 10 * SECOND_MS);
	after_some_turns(&room);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 1"), 20);
	assert_int_equal(flow_count(desk, "tasks WHERE state = 5"), 0);
	room_close(&room);
}

static void a_day_back_sticks_nothing(void **state)
{
	struct desk *desk = *state;
	struct room room;
	flow_publish(desk, "w", WAIT("10s"));
	room_open(&room, desk);
	after_some_turns(&room);
	jump(&room, -DAY_MS);
	flow_enroll(desk, "w", 101, "enrolled");
	jump(&room, 10 * SECOND_MS);
	until(&room, "contact_tags WHERE contact_id = 101", 1);
	room_close(&room);
}

/* --- clock_watch.h, as a table --- */

enum { BOOT = 1000000, UTC = 500000000 };

static void a_clock_is_doubted(void **state)
{
	static const struct {
		int64_t boot_ms, utc_ms; /* since the first look */
		enum clock_news news;
		int64_t put_off,
			put_off_until; /* since the first look; 0: nothing is put off */
	} looks[] = {
		{0, 0, CLOCK_AS_BEFORE, 0, 0},
		{60000, 60000, CLOCK_AS_BEFORE, 0, 0},
		{60000, 110000, CLOCK_AS_BEFORE, 0, 0},       /* 50 s ahead: believed */
		{60000, 60000, CLOCK_AS_BEFORE, 0, 0},        /* and back */
		{61000, DAY_MS, CLOCK_JUMPED, 61000, DAY_MS}, /* ahead */
		{71000, DAY_MS + 10000, CLOCK_AS_BEFORE, 71000, DAY_MS},
		{72000, 72000, CLOCK_PUT_BACK, 0, 0},
		{73000, DAY_MS, CLOCK_JUMPED, 73000, DAY_MS},
		{74000, 2 * DAY_MS, CLOCK_JUMPED, 74000,
		 2 * DAY_MS}, /* and again: the doubt begins anew */
		{73000 + CLOCK_DOUBT_MS, 2 * DAY_MS + CLOCK_DOUBT_MS - 1000,
		 CLOCK_AS_BEFORE, 73000 + CLOCK_DOUBT_MS, 2 * DAY_MS},
		{74000 + CLOCK_DOUBT_MS, 2 * DAY_MS + CLOCK_DOUBT_MS, CLOCK_BELIEVED, 0,
		 0},
		{75000 + CLOCK_DOUBT_MS, DAY_MS, CLOCK_AS_BEFORE, 0,
		 0}, /* back: believed */
	};
	struct clock_watch watch = {.is_set = false};
	struct due_window window;
	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		enum clock_news news =
			clock_watch_look(&watch, UTC + looks[i].utc_ms,
					 BOOT + looks[i].boot_ms, &window);
		if (news != looks[i].news)
			fail_msg("look %zu: %d", i, (int)news);
		assert_int_equal(window.until, UTC + looks[i].utc_ms);
		assert_int_equal(window.put_off,
				 looks[i].put_off ? UTC + looks[i].put_off : 0);
		assert_int_equal(window.put_off_until,
				 looks[i].put_off_until ? UTC + looks[i].put_off_until
							: 0);
	}
}

static void ranges_of_a_window(void **state)
{
	struct due_range ranges[2];
	(void)state;
	assert_int_equal(due_ranges(&(struct due_window){0}, 50, ranges), 1);
	assert_int_equal(ranges[0].until, 50);
	assert_int_equal(due_ranges(&(struct due_window){100, 20, 80}, 50, ranges), 2);
	assert_int_equal(ranges[0].until, 20);
	assert_int_equal(ranges[1].after, 80);
	assert_int_equal(ranges[1].until, 100);
	/* the other clock has come as far: nothing is put off any more */
	assert_int_equal(due_ranges(&(struct due_window){100, 80, 80}, 50, ranges), 1);
	assert_int_equal(due_ranges(&(struct due_window){100, 120, 180}, 50, ranges),
			 1);
	assert_int_equal(ranges[0].until, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(waits_end_and_tasks_expire),
		LIFE(what_fell_due_while_it_was_stopped_is_done),
		LIFE(a_day_ahead_by_mistake_does_nothing),
		LIFE(a_day_back_sticks_nothing),
		cmocka_unit_test(a_clock_is_doubted),
		cmocka_unit_test(ranges_of_a_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
