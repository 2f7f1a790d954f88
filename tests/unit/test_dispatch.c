/* test_dispatch.c - the dispatcher between a real store and a scripted gateway: nothing lost, nothing twice, whatever the
 * gateway answers and in whatever order; and it stops cleanly. */
#include "life_help.h"

#include <event2/event.h>
#include <poll.h>

#include "link/dispatch.h"
#include "model/sender.h"

enum { PLACES = 4, MOST = 200 };

/* A gateway that answers when the test says so. */
struct scripted {
	struct gateway gateway; /* first: the engine knows only this */
	struct {
		uint64_t id;
		gateway_outcome_fn *outcome;
		void *arg;
	} out[PLACES];
	unsigned out_count, submitted, most_out;
	uint64_t sent[MOST]; /* in order of submitting */
	void (*ready)(void *arg);
	void *ready_arg;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static enum err script_submit(struct gateway *gateway, const struct gateway_text *text,
			      gateway_outcome_fn *outcome, void *arg)
{
	struct scripted *s = (struct scripted *)gateway;
	if (s->out_count == PLACES)
		return ERR_BUSY;
	s->out[s->out_count].id = text->id;
	s->out[s->out_count].outcome = outcome;
	s->out[s->out_count++].arg = arg;
	s->sent[s->submitted++] = text->id;
	if (s->out_count > s->most_out)
		s->most_out = s->out_count;
	return ERR_OK;
}

static unsigned script_capacity(struct gateway *gateway)
{
	return PLACES - ((struct scripted *)gateway)->out_count;
}

static void script_stop(struct gateway *gateway, unsigned deadline_ms,
			void (*stopped)(void *), void *arg)
{
	(void)deadline_ms;
	struct scripted *s = (struct scripted *)gateway;
	s->stopped = stopped;
	s->stopped_arg = arg;
}

static const struct gateway_ops script_ops = {
	.submit = script_submit, .capacity = script_capacity, .stop = script_stop};

/* The oldest that is out gets its outcome. */
static void script_answer(struct scripted *s, enum gateway_outcome outcome)
{
	assert_true(s->out_count > 0);
	uint64_t id = s->out[0].id;
	gateway_outcome_fn *fn = s->out[0].outcome;
	void *arg = s->out[0].arg;
	s->out_count--;
	memmove(&s->out[0], &s->out[1], s->out_count * sizeof(s->out[0]));
	fn(arg, id, outcome, "scripted");
	if (s->ready)
		s->ready(s->ready_arg);
}

struct floor_ {
	struct desk *desk;
	struct event_base *base;
	struct scripted script;
	struct dispatch *dispatch;
	bool has_stopped;
};

static void wake(void *arg, unsigned signals)
{
	struct floor_ *floor = arg;
	if ((signals & SIGNAL_OUTBOX) && floor->dispatch)
		dispatch_wake(floor->dispatch);
}

static void ready(void *arg)
{
	wake(arg, SIGNAL_OUTBOX);
}

static void has_stopped(void *arg)
{
	((struct floor_ *)arg)->has_stopped = true;
}

/* Runs timers and the store's answers until nothing more comes by itself. */
static void settle(struct floor_ *floor, const char *until_sql, int64_t expected)
{
	int64_t deadline = clock_mono_ms() + 20 * SECOND_MS;
	while (clock_mono_ms() < deadline) {
		struct pollfd home = {.fd = mailbox_fd(floor->desk->home),
				      .events = POLLIN};
		poll(&home, 1, 1);
		event_base_loop(floor->base, EVLOOP_NONBLOCK);
		mailbox_run_all(floor->desk->home);
		if (desk_number(floor->desk, "%s", until_sql) == expected)
			return;
	}
	fail_msg("never: %s = %" PRId64, until_sql, expected);
}

static void floor_open(struct floor_ *floor, struct desk *desk)
{
	*floor = (struct floor_){.desk = desk,
				 .base = event_base_new(),
				 .script = {.gateway = {&script_ops}}};
	floor->script.ready = ready;
	floor->script.ready_arg = floor;
	desk->on_commit = wake;
	desk->on_commit_arg = floor;
	const struct dispatch_config config = {floor->base, desk->store,
					       &floor->script.gateway};
	floor->dispatch = dispatch_new(&config);
}

static void floor_close(struct floor_ *floor)
{
	dispatch_stop(floor->dispatch, 1000, has_stopped, floor);
	while (floor->script.out_count)
		script_answer(&floor->script, GATEWAY_UNCERTAIN);
	floor->script.stopped(floor->script.stopped_arg);
	settle(floor, "SELECT count(*) FROM outbox WHERE is_out = 1", 0);
	for (int i = 0; i < 2000 && !floor->has_stopped; i++)
		settle(floor, "SELECT 1", 1);
	assert_true(floor->has_stopped);
	floor->desk->on_commit = NULL;
	dispatch_free(&floor->dispatch);
	event_base_free(floor->base);
}

static void each_leaves_once(void **state)
{
	struct desk *desk = *state;
	struct floor_ floor;
	floor_open(&floor, desk);
	for (unsigned i = 0; i < 15; i++)
		life_approve(desk, 101 + i, NULL);
	settle(&floor, "SELECT count(*) FROM outbox WHERE is_out = 1", PLACES);
	for (unsigned answered = 0; answered < 15; answered++) {
		settle(&floor, "SELECT count(*) > 0 FROM outbox WHERE is_out = 1", 1);
		while (!floor.script.out_count)
			settle(&floor, "SELECT 1", 1);
		script_answer(&floor.script,
			      answered % 3 ? GATEWAY_ACCEPTED : GATEWAY_QUEUED);
	}
	settle(&floor, "SELECT count(*) FROM outbox", 0);
	assert_int_equal(floor.script.submitted, 15);
	assert_int_equal(floor.script.most_out,
			 PLACES); /* never more marked than places */
	for (unsigned i = 1; i < 15; i++)
		assert_true(floor.script.sent[i] >
			    floor.script.sent[i - 1]); /* in the order of approval */
	assert_int_equal(desk_number(desk,
				     "SELECT count(*) FROM messages WHERE state = %d",
				     MESSAGE_QUEUED),
			 5);
	floor_close(&floor);
}

static void not_taken_goes_again_uncertain_does_not(void **state)
{
	struct desk *desk = *state;
	struct floor_ floor;
	floor_open(&floor, desk);
	uint64_t first = life_approve(desk, 101, NULL),
		 second = life_approve(desk, 102, NULL);
	settle(&floor, "SELECT count(*) FROM outbox WHERE is_out = 1", 2);
	while (floor.script.out_count < 2)
		settle(&floor, "SELECT 1", 1);
	script_answer(&floor.script, GATEWAY_NOT_TAKEN);
	script_answer(&floor.script, GATEWAY_UNCERTAIN);
	while (floor.script.submitted < 3)
		settle(&floor, "SELECT 1", 1);
	script_answer(&floor.script, GATEWAY_ACCEPTED);
	settle(&floor, "SELECT count(*) FROM outbox", 0);
	assert_int_equal(floor.script.submitted, 3);
	assert_true(floor.script.sent[2] == first);
	life_expect_message(desk, first, MESSAGE_ACCEPTED);
	life_expect_message(desk, second, MESSAGE_UNCERTAIN);
	floor_close(&floor);
}

static void a_former_life_is_cleared_first(void **state)
{
	struct desk *desk = *state;
	struct floor_ floor;
	uint64_t lost[3];
	for (unsigned i = 0; i < 3; i++)
		lost[i] = life_approve(desk, 101 + i, NULL);
	life_begin(desk, 10);
	uint64_t waiting = life_approve(desk, 110, NULL);
	desk->core.epoch++;
	floor_open(&floor, desk);
	settle(&floor,
	       arena_printf(desk->arena,
			    "SELECT count(*) FROM messages WHERE state = %d",
			    MESSAGE_UNCERTAIN),
	       3);
	while (!floor.script.out_count)
		settle(&floor, "SELECT 1", 1);
	assert_int_equal(floor.script.submitted, 1);
	assert_true(floor.script.sent[0] == waiting);
	for (unsigned i = 0; i < 3; i++)
		life_expect_message(desk, lost[i], MESSAGE_UNCERTAIN);
	floor_close(&floor);
}

static void stopping_settles_what_is_out(void **state)
{
	struct desk *desk = *state;
	struct floor_ floor;
	floor_open(&floor, desk);
	for (unsigned i = 0; i < 10; i++)
		life_approve(desk, 101 + i, NULL);
	while (floor.script.out_count < PLACES)
		settle(&floor, "SELECT 1", 1);
	floor_close(&floor);
	assert_int_equal(floor.script.submitted,
			 PLACES); /* no new ones while stopping */
	assert_int_equal(desk_number(desk,
				     "SELECT count(*) FROM messages WHERE state = %d",
				     MESSAGE_UNCERTAIN),
			 PLACES);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM outbox WHERE is_out = 0"),
		10 - PLACES);
}

/* The texts of a slow sender leave at its pace, in order, and nobody waits behind them; also when its rate is taken away. */
static void a_slow_sender_stops_no_other(void **state)
{
	enum { SLOW = 8, RATE = 20 };
	struct desk *desk = *state;
	struct floor_ floor;
	const struct sender senders[] = {{"111", NULL, RATE}, {"222", NULL, 0}};
	struct policy policy = policy_default, before = policy_default;
	policy.senders = senders;
	policy.sender_count = 2;
	uint64_t slow[SLOW], quick[3];
	policy.sender = "111";
	atomic_store(&desk->core.policy, &policy);
	for (unsigned i = 0; i < SLOW; i++)
		slow[i] = life_approve(desk, 101 + i, NULL);
	policy.sender = "222";
	for (unsigned i = 0; i < 3; i++)
		quick[i] = life_approve(desk, 111 + i, NULL);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM outbox WHERE sender = '111'"),
		SLOW);
	const struct handover_room full = {"111", 0};
	struct life_begin none = {
		.begin = {.limit = 10, .rooms = &full, .room_count = 1},
		.arena = desk->arena};
	assert_int_equal(store_write_now(desk->store, life_begin_fn, &none), ERR_OK);
	assert_int_equal(none.begin.count, 3);
	assert_true(none.begin.is_paced);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(none.begin.texts[i].id == quick[i]);
		life_done(desk, quick[i], MESSAGE_EV_NOT_TAKEN);
	}

	floor_open(&floor, desk);
	dispatch_set_policy(floor.dispatch, &policy);
	int64_t began = clock_mono_ms();
	while (floor.script.submitted < PLACES)
		settle(&floor, "SELECT 1", 1);
	assert_true(floor.script.sent[0] == slow[0]);
	while (floor.script.submitted < SLOW + 3 || floor.script.out_count) {
		settle(&floor, "SELECT 1", 1);
		if (floor.script.out_count)
			script_answer(&floor.script, GATEWAY_ACCEPTED);
	}
	assert_true(clock_mono_ms() - began >= (SLOW - 2) * 1000 / RATE);
	unsigned place_of_last = 0, slow_before = 0;
	for (unsigned i = 0; i < SLOW + 3; i++)
		if (floor.script.sent[i] == quick[2])
			place_of_last = i;
	for (unsigned i = 0, n = 0; i < SLOW + 3; i++)
		if (floor.script.sent[i] == slow[n]) {
			n++;
			slow_before += i < place_of_last;
			assert_true(n < SLOW || i == SLOW + 2);
		}
	assert_true(slow_before < SLOW / 2);
	settle(&floor, "SELECT count(*) FROM outbox", 0);

	policy.sender = "111";
	atomic_store(&desk->core.policy, &policy);
	slow[0] = life_approve(desk, 101, NULL);
	slow[1] = life_approve(desk, 102, NULL);
	dispatch_set_policy(floor.dispatch, &before);
	while (floor.script.submitted < SLOW + 5)
		settle(&floor, "SELECT 1", 1);
	floor_close(&floor);
	atomic_store(&desk->core.policy, &policy_default);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(each_leaves_once),
		LIFE(not_taken_goes_again_uncertain_does_not),
		LIFE(a_former_life_is_cleared_first),
		LIFE(stopping_settles_what_is_out),
		LIFE(a_slow_sender_stops_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
