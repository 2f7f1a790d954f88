/* test_waits.c - exits, waits, replies and what moves an enrollment behind them, on a fake clock. */
#include "life_help.h"

#include "core/release.h"
#include "core/reply.h"

#define WHO       PEOPLE("who", "", "<user login='ana'/>")
#define TAG(name) "<add-tag tag='" name "'/>"
#define PHONE_101 "+351912000000"

/* A manual-sms with exits. */
#define ASK(exits)                                                                    \
	"<manual-sms id='hello' name='Call' expires='3d'><message>Hi</message>" exits \
	"</manual-sms>"
#define REPLY(timeout)                                              \
	"<wait-for-reply id='reply' to='hello' " timeout            \
	"><on-reply>" TAG("engaged") "</on-reply><on-timeout>" TAG( \
		"silent") "</on-timeout></wait-for-reply>"

static uint64_t newest_task(struct desk *desk)
{
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
}

/* Ana sends the newest task; the message. */
static uint64_t send_newest(struct desk *desk)
{
	uint64_t task = newest_task(desk);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	return life_send(desk, task, life_receipt(desk, &open), "Hi", ERR_OK);
}

static void deliver_newest(struct desk *desk)
{
	life_hand_over(desk, send_newest(desk), MESSAGE_EV_ACCEPTED);
}

/* --- exits --- */

#define ALL_EXITS                                                                        \
	"<on-sent>" TAG("sent") "</on-sent><on-skipped>" TAG(                            \
		"skipped") "</on-skipped><on-expired>" TAG("expired") "</on-expired>"    \
								      "<on-failed>" TAG( \
									      "failed") "</on-failed>"

static void expect_only_tag(struct desk *desk, const char *tag)
{
	assert_true(life_has_tag(desk, 101, tag));
	assert_true(life_has_tag(desk, 101, "after"));
	assert_int_equal(flow_count(desk, "contact_tags WHERE contact_id = 101"), 2);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"), 1);
}

static void sent_takes_on_sent(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK(ALL_EXITS) TAG("after"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	uint64_t message = send_newest(desk);
	assert_int_equal(flow_count(desk, "contact_tags"), 0); /* approved: it stays */
	life_hand_over(desk, message, MESSAGE_EV_ACCEPTED);
	expect_only_tag(desk, "sent");
	assert_int_equal(life_journal(desk, id, "exit_taken", "\"exit\":\"on-sent\""),
			 1);
	life_report(desk, message, DLR_FAILED,
		    "late"); /* later reports do not move it */
	expect_only_tag(desk, "sent");
}

static void skipped_and_cancelled_take_on_skipped(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK(ALL_EXITS) TAG("after"));
	flow_enroll(desk, "w", 101, "enrolled");
	struct task_act act = life_act(desk, newest_task(desk), &life_ana);
	assert_int_equal(desk_write(desk, task_skip, &act.call), ERR_OK);
	expect_only_tag(desk, "skipped");
	flow_enroll(desk, "w", 102, "enrolled");
	act = life_act(desk, newest_task(desk), &life_ana);
	assert_int_equal(desk_write(desk, task_cancel, &act.call), ERR_OK);
	assert_true(life_has_tag(desk, 102, "skipped"));
	/* reopened it stands free: the workflow does not move again */
	act = life_act(desk, newest_task(desk), &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &act.call), ERR_OK);
	deliver_newest(desk);
	assert_false(life_has_tag(desk, 102, "sent"));
}

static void expired_takes_on_expired(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK(ALL_EXITS) TAG("after"));
	flow_enroll(desk, "w", 101, "enrolled");
	life_pass(desk, 3 * DAY_MS);
	expect_only_tag(desk, "expired");
}

static void failed_takes_on_failed_or_reopens(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK(ALL_EXITS) TAG("after"));
	flow_enroll(desk, "w", 101, "enrolled");
	life_hand_over(desk, send_newest(desk), MESSAGE_EV_REFUSED);
	expect_only_tag(desk, "failed");
	life_expect_task(desk, newest_task(desk), TASK_SENT, "refused");

	flow_publish(desk, "v", WHO ASK("<on-sent>" TAG("sent") "</on-sent>"));
	uint64_t id = flow_enroll(desk, "v", 102, "enrolled");
	life_hand_over(desk, send_newest(desk), MESSAGE_EV_REFUSED);
	life_expect_task(desk, newest_task(desk), TASK_PENDING, "refused");
	life_stands(desk, id, "hello", "Waits until task ");
}

/* An empty exit is one that is written: it leads behind the step, and nothing reopens. */
static void an_empty_exit_counts(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK("<on-failed></on-failed>") TAG("after"));
	flow_enroll(desk, "w", 101, "enrolled");
	life_hand_over(desk, send_newest(desk), MESSAGE_EV_REFUSED);
	assert_true(life_has_tag(desk, 101, "after"));
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"), 1);
}

static void uncertain_stays_until_resolved(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK(ALL_EXITS) TAG("after"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	uint64_t message = send_newest(desk);
	life_hand_over(desk, message, MESSAGE_EV_UNCERTAIN);
	life_stands(desk, id, "hello", "Waits until task ");
	struct message_resolve resolve = {.call = desk_call(desk, &flow_lead),
					  .ids = &message,
					  .count = 1,
					  .was_sent = false,
					  .evidence = "the log"};
	assert_int_equal(desk_write(desk, message_resolve, &resolve.call), ERR_OK);
	expect_only_tag(desk, "failed");
}

/* --- wait --- */

static void a_wait_ends_on_time(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", "<wait id='pause' for='2d'/>" TAG("done"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_true(desk->signals & SIGNAL_TIMER);
	char text[CLOCK_TEXT_LEN];
	clock_format(DESK_START_MS + 2 * DAY_MS, text);
	life_stands(desk, id, "pause",
		    arena_printf(desk->arena, "\"reason\":\"Waits until %s\"", text));
	assert_int_equal(life_journal(desk, id, "waiting", "\"rule\":\"for 2d\""), 1);
	assert_int_equal(life_wake(desk, 2 * DAY_MS - 1), DESK_START_MS + 2 * DAY_MS);
	life_stands(desk, id, "pause", "Waits until");
	store_close(&desk->store); /* a restart in between loses nothing */
	mailbox_run_all(desk->home);
	desk_open(desk);
	assert_int_equal(life_wake(desk, 1), 0);
	assert_true(life_has_tag(desk, 101, "done"));
	assert_int_equal(life_journal(desk, id, "wait_over", ""), 1);
	life_ended(desk, id, "completed", "end_of_workflow");
	assert_int_equal(flow_count(desk, "enrollments WHERE wake_at IS NOT NULL"), 0);
}

static int64_t wake_of(struct desk *desk, uint64_t id)
{
	return desk_number(
		desk,
		"SELECT coalesce(wake_at, 0) FROM enrollments WHERE id = %" PRIu64, id);
}

static int64_t instant(const char *text)
{
	int64_t at;
	assert_int_equal(clock_parse(text, &at), ERR_OK);
	return at;
}

/* On the wall of whoever waits; in the hour that summer time leaves out, the first instant after it. */
static void until_is_on_the_contacts_wall(void **state)
{
	static const struct {
		const char *zone, *country, *at;
	} cases[] = {
		{"Europe/Lisbon", "",
		 "2027-03-28T01:00:00Z"}, /* 01:30 does not exist that day */
		{"Asia/Kolkata", "PT", "2027-03-27T20:00:00Z"},
		{"", "JP", "2027-03-27T16:30:00Z"},
		{"", "", "2027-03-28T01:30:00Z"},
	};
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     "<wait id='pause' until='2027-03-28T01:30'/>" TAG("done"));
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		desk_sql(
			desk,
			"UPDATE contacts SET timezone = '%s', country = '%s' WHERE id = %u",
			cases[i].zone, cases[i].country, 101 + i);
		assert_int_equal(
			wake_of(desk, flow_enroll(desk, "w", 101 + i, "enrolled")),
			instant(cases[i].at));
	}
	atomic_store(&desk->now_ms, instant("2027-04-01T00:00:00Z"));
	uint64_t late = flow_enroll(desk, "w", 110, "enrolled");
	life_ended(desk, late, "completed", "end_of_workflow");
	assert_int_equal(life_journal(desk, late, "not_waited", "\"reason\":\"past\""),
			 1);
}

static void until_field_takes_dates_and_instants(void **state)
{
	static const struct {
		const char *value, *at; /* NULL: at once */
		const char *reason;
	} cases[] = {
		{"2027-03-29", "2027-03-27T23:00:00Z",
		 NULL}, /* the day before, over the change to summer time */
		{" 2027-01-10T10:00:00+01:00 ", "2027-01-09T09:00:00Z", NULL},
		{"2020-01-01", NULL, "past"},
		{"soon", NULL, "no_time"},
		{"2027-02-30", NULL, "no_time"},
		{"2027-02-29", "2027-02-27T23:00:00Z",
		 NULL}, /* is 1 March, a day before */
		{" ", NULL, "empty"},
		{NULL, NULL, "empty"},
	};
	struct desk *desk = *state;
	flow_publish(
		desk, "w",
		"<wait id='pause' until-field='contact.custom.visit' offset='-1d'/>" TAG(
			"done"));
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		desk_sql(desk,
			 "UPDATE contacts SET timezone = 'Europe/Madrid' WHERE id = %u",
			 101 + i);
		if (cases[i].value)
			desk_sql(
				desk,
				"INSERT INTO contact_fields VALUES (%u, 'visit', '%s')",
				101 + i, cases[i].value);
		uint64_t id = flow_enroll(desk, "w", 101 + i, "enrolled");
		assert_int_equal(wake_of(desk, id),
				 cases[i].at ? instant(cases[i].at) : 0);
		if (cases[i].reason)
			assert_int_equal(life_journal(desk, id, "not_waited",
						      arena_printf(desk->arena,
								   "\"reason\":\"%s\"",
								   cases[i].reason)),
					 1);
		assert_int_equal(life_has_tag(desk, 101 + i, "done"), !cases[i].at);
	}
}

/* --- wait-for-reply --- */

static void a_reply_or_the_time_ends_it(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK("") REPLY("timeout='2d'"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	deliver_newest(desk);
	life_stands(desk, id, "reply",
		    "\"reason\":\"Waits for a reply to hello until 2026-");
	life_reply(desk, "+351912000001", "somebody else's");
	life_stands(desk, id, "reply", "Waits for");
	life_reply(desk, PHONE_101, "yes");
	life_ended(desk, id, "completed", "end_of_workflow");
	assert_true(life_has_tag(desk, 101, "engaged"));
	assert_int_equal(life_journal(desk, id, "exit_taken", "\"exit\":\"on-reply\""),
			 1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT reply_id = (SELECT max(id) FROM messages) FROM enrollments"),
		1);

	id = flow_enroll(desk, "w", 102, "enrolled");
	deliver_newest(desk);
	life_wake(desk, 2 * DAY_MS);
	life_ended(desk, id, "completed", "end_of_workflow");
	assert_true(life_has_tag(desk, 102, "silent"));
	assert_int_equal(
		life_journal(desk, id, "exit_taken", "\"exit\":\"on-timeout\""), 1);
}

static void without_a_timeout_it_waits_for_ever(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK("") REPLY(""));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	deliver_newest(desk);
	assert_int_equal(life_wake(desk, 300 * DAY_MS), 0);
	life_stands(desk, id, "reply", "\"reason\":\"Waits for a reply to hello\"");
	life_reply(desk, PHONE_101, "at last");
	assert_true(life_has_tag(desk, 101, "engaged"));
}

/* What came before the text was handed over is no reply to it; what came after is, even before the wait is reached. */
static void a_reply_before_the_wait_counts(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     WHO ASK("") "<wait id='pause' for='1d'/>" REPLY("timeout='2d'"));
	uint64_t early = flow_enroll(desk, "w", 101, "enrolled"),
		 late = flow_enroll(desk, "w", 102, "enrolled");
	life_reply(desk, PHONE_101, "before anything was sent");
	uint64_t first = (uint64_t)desk_number(desk, "SELECT min(id) FROM tasks");
	struct task_open open = life_open(desk, first, &life_ana, ERR_OK);
	uint64_t message =
		life_send(desk, first, life_receipt(desk, &open), "Hi", ERR_OK);
	life_reply(desk, PHONE_101, "while it waited in the outbox");
	life_hand_over(desk, message, MESSAGE_EV_ACCEPTED);
	deliver_newest(desk);
	life_stands(desk, late, "pause", "Waits until");
	life_reply(desk, "+351912000001", "quick");
	life_wake(desk, DAY_MS);
	life_stands(desk, early, "reply", "Waits for a reply to hello until");
	life_ended(desk, late, "completed", "end_of_workflow");
	assert_true(life_has_tag(desk, 102, "engaged"));
	assert_false(life_has_tag(desk, 101, "engaged"));
	life_reply(desk, PHONE_101, "now");
	assert_true(life_has_tag(desk, 101, "engaged"));
}

/* The text is answered while the gateway's word on it is still out: it counts once the enrollment comes to the wait. */
static void a_reply_may_overtake_the_gateway(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK("") REPLY("timeout='2d'"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	uint64_t message = send_newest(desk);
	assert_int_equal(life_begin(desk, HANDOVER_MOST).count, 1);
	life_reply(desk, PHONE_101, "fast");
	life_stands(desk, id, "hello", "Waits until task");
	life_done(desk, message, MESSAGE_EV_ACCEPTED);
	life_ended(desk, id, "completed", "end_of_workflow");
	assert_true(life_has_tag(desk, 101, "engaged"));
}

static void a_text_that_did_not_go_is_not_answered(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO ASK("") REPLY("timeout='2d'"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	struct task_act act = life_act(desk, newest_task(desk), &life_ana);
	assert_int_equal(desk_write(desk, task_skip, &act.call), ERR_OK);
	life_reply(desk, PHONE_101, "hello?");
	life_stands(desk, id, "reply", "Waits for a reply to hello until");
	life_wake(desk, 2 * DAY_MS);
	assert_true(life_has_tag(desk, 101, "silent"));
}

/* Each reply is caught once: the second wait looks behind the first one's. */
static void a_reply_is_caught_once(void **state)
{
	struct desk *desk = *state;
	flow_publish(
		desk, "w",
		WHO ASK("") "<wait-for-reply id='one' to='hello'/><wait-for-reply id='two' to='hello'/>" TAG(
			"twice"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	deliver_newest(desk);
	life_reply(desk, PHONE_101, "first");
	life_stands(desk, id, "two", "Waits for a reply to hello");
	life_reply(desk, PHONE_101, "second");
	assert_true(life_has_tag(desk, 101, "twice"));
}

static void many_runs_of_one_contact_move_in_steps(void **state)
{
	enum { RUNS = REPLY_LOOKS_MOST - 1 };
	struct desk *desk = *state;
	flow_publish_with(desk, "w",
			  "<settings reentry='concurrent' stop-on-reply='yes'/>",
			  "<wait id='pause' for='1d'/>");
	for (unsigned i = 0; i < RUNS; i++)
		flow_enroll(desk, "w", 101, "enrolled");
	life_reply(desk, PHONE_101, "stop all this");
	int64_t ended = flow_count(desk, "enrollments WHERE state = 4");
	assert_true(ended > 0 && ended < RUNS);
	struct reply_sweep sweep = {.is_done = false};
	while (!sweep.is_done)
		assert_int_equal(store_write_now(desk->store, reply_sweep, &sweep),
				 ERR_OK);
	assert_int_equal(
		flow_count(desk,
			   "enrollments WHERE state = 4 AND reason = '" REPLY_ENDS "'"),
		RUNS);
}

/* --- stop-on-reply --- */

static void a_reply_stops(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings stop-on-reply='yes'/>",
			  WHO ASK(ALL_EXITS) TAG("after"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	life_reply(desk, PHONE_101, "no need");
	life_ended(desk, id, "removed", REPLY_ENDS);
	life_expect_task(desk, newest_task(desk), TASK_CANCELLED, NULL);
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
	/* it may enter again, and the old text does not stop it */
	id = flow_enroll(desk, "w", 101, "enrolled");
	life_stands(desk, id, "hello", "Waits until task");
}

static void what_somebody_works_on_is_held(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings stop-on-reply='yes'/>",
			  WHO ASK(ALL_EXITS));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled"), task = newest_task(desk);
	life_open(desk, task, &life_ana, ERR_OK);
	life_reply(desk, PHONE_101, "no need");
	life_ended(desk, id, "removed", REPLY_ENDS);
	life_expect_task(desk, task, TASK_HELD, "replied");
	struct task_act act = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_resume, &act.call), ERR_OK);
	deliver_newest(desk);
	assert_int_equal(flow_count(desk, "contact_tags"), 0); /* it stands free */
}

/* --- held with its workflow --- */

static void a_held_workflow_keeps_its_contacts_in_place(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     WHO "<wait id='pause' for='1h'/>" ASK(ALL_EXITS) TAG("after"));
	uint64_t waits = flow_enroll(desk, "w", 101, "enrolled"),
		 first = flow_enroll(desk, "w", 102, "enrolled");
	life_wake(desk, HOUR_MS);
	uint64_t task = (uint64_t)desk_number(
		desk, "SELECT id FROM tasks WHERE contact_id = 102");
	uint64_t third = flow_enroll(desk, "w", 103, "enrolled");
	flow_unpublish(desk, "w", PENDING_HOLD);
	struct task_act act = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_skip, &act.call), ERR_OK);
	assert_int_equal(life_wake(desk, HOUR_MS), 0);
	life_stands(desk, first, "hello",
		    "\"reason\":\"Held while its workflow is unpublished\"");
	life_stands(desk, third, "pause",
		    "\"reason\":\"Held while its workflow is unpublished\"");
	life_stands(desk, waits, "hello", "Waits until task");
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 2"), 2);

	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	struct release_sweep sweep = {.is_done = false};
	while (!sweep.is_done)
		assert_int_equal(store_write_now(desk->store, release_sweep, &sweep),
				 ERR_OK);
	life_ended(desk, first, "completed", "end_of_workflow");
	assert_true(life_has_tag(desk, 102, "skipped"));
	life_stands(desk, third, "hello", "Waits until task");
	assert_int_equal(life_journal(desk, first, "exit_taken", "on-skipped"), 1);
	assert_int_equal(life_journal(desk, first, "held", "unpublished"), 1);
	assert_int_equal(life_journal(desk, first, "released", ""), 1);
}

static void kept_tasks_keep_the_workflow_going(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", "<wait id='pause' for='1h'/>" TAG("after"));
	flow_enroll(desk, "w", 101, "enrolled");
	flow_unpublish(desk, "w", PENDING_KEEP);
	life_wake(desk, HOUR_MS);
	assert_true(life_has_tag(desk, 101, "after"));
}

/* --- set-field --- */

static void set_field_keeps_old_and_new(void **state)
{
	struct desk *desk = *state;
	flow_publish(
		desk, "w",
		"<set-field field='contact.custom.stage' value='of {{ contact.first_name }}{{ contact.custom.none }}'/>"
		"<set-field field='contact.custom.stage' value='two'/>"
		"<set-field field='contact.last_name' value='Silva'/>"
		"<set-field field='contact.country' value='xx'/>");
	int64_t revision =
		desk_number(desk, "SELECT revision FROM contacts WHERE id = 101");
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(
		flow_count(
			desk,
			"contact_fields WHERE contact_id = 101 AND name = 'stage' AND value = 'two'"),
		1);
	assert_int_equal(
		flow_count(
			desk,
			"contacts WHERE id = 101 AND last_name = 'Silva' AND country = ''"),
		1);
	assert_int_equal(
		life_journal(
			desk, id, "field_set",
			"{\"field\":\"contact.custom.stage\",\"old\":null,\"new\":\"of Rui\"}"),
		1);
	assert_int_equal(life_journal(desk, id, "field_set",
				      "\"old\":\"of Rui\",\"new\":\"two\""),
			 1);
	assert_int_equal(life_journal(desk, id, "field_set",
				      "\"old\":\"Costa\",\"new\":\"Silva\""),
			 1);
	assert_int_equal(life_journal(desk, id, "field_not_set", "is not a country"),
			 1);
	assert_true(desk_number(desk, "SELECT revision FROM contacts WHERE id = 101") >
		    revision);
	life_ended(desk, id, "completed", "end_of_workflow");
}

/* --- go-to --- */

static void go_to_goes_so_often(void **state)
{
	struct desk *desk = *state;
	flow_publish(
		desk, "w",
		"<wait id='pause' for='1h'/><go-to id='again' step='pause' max='2'/>" TAG(
			"after"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	for (unsigned i = 0; i < 3; i++) {
		life_stands(desk, id, "pause", "Waits until");
		life_wake(desk, HOUR_MS);
	}
	assert_true(life_has_tag(desk, 101, "after"));
	assert_int_equal(life_journal(desk, id, "went_to", "\"to\":\"pause\""), 2);
	assert_int_equal(life_journal(desk, id, "done", "\"reason\":\"max_reached\""),
			 1);
	assert_int_equal(
		desk_number(desk,
			    "SELECT visits FROM step_visits WHERE step_id = 'pause'"),
		3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(sent_takes_on_sent),
		LIFE(skipped_and_cancelled_take_on_skipped),
		LIFE(expired_takes_on_expired),
		LIFE(failed_takes_on_failed_or_reopens),
		LIFE(an_empty_exit_counts),
		LIFE(uncertain_stays_until_resolved),
		LIFE(a_wait_ends_on_time),
		LIFE(until_is_on_the_contacts_wall),
		LIFE(until_field_takes_dates_and_instants),
		LIFE(a_reply_or_the_time_ends_it),
		LIFE(without_a_timeout_it_waits_for_ever),
		LIFE(a_reply_before_the_wait_counts),
		LIFE(a_reply_may_overtake_the_gateway),
		LIFE(a_text_that_did_not_go_is_not_answered),
		LIFE(a_reply_is_caught_once),
		LIFE(many_runs_of_one_contact_move_in_steps),
		LIFE(a_reply_stops),
		LIFE(what_somebody_works_on_is_held),
		LIFE(a_held_workflow_keeps_its_contacts_in_place),
		LIFE(kept_tasks_keep_the_workflow_going),
		LIFE(set_field_keeps_old_and_new),
		LIFE(go_to_goes_so_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
