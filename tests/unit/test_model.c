/* test_model.c - the rules as tables: every pair of state and event, guards one by one, receipts, rotation, roles */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/actor.h"
#include "model/guards.h"
#include "model/rules.h"
#include "model/states.h"

/* The life of a task, written out a second time and in another form: a row a state, a column an event in the order
 * send skip snooze wake hold release expire cancel reopen. P H S = pending held snoozed, t k e c = sent skipped expired
 * cancelled, . = refused. */
static void task_moves_as_told(void **state)
{
	(void)state;
	static const char letters[] = "PHStkec";
	static const char *const expected[TASK_STATE_COUNT] = {
		[TASK_PENDING] = "tkS.H.ec.",   [TASK_HELD] = ".k...Pec.",
		[TASK_SNOOZED] = ".kSPH.ec.",   [TASK_SENT] = "........P",
		[TASK_SKIPPED] = "........P",   [TASK_EXPIRED] = "........P",
		[TASK_CANCELLED] = "........P",
	};
	assert_int_equal(TASK_EVENT_COUNT, 9);
	for (int s = 0; s < TASK_STATE_COUNT; s++)
		for (int e = 0; e < TASK_EVENT_COUNT; e++) {
			enum task_state next = TASK_STATE_COUNT;
			bool moves = task_next((enum task_state)s, (enum task_event)e,
					       &next);
			char is = moves ? letters[next] : '.';
			if (is != expected[s][e])
				fail_msg("%s on %s: %c, expected %c",
					 task_state_name((enum task_state)s),
					 task_event_name((enum task_event)e), is,
					 expected[s][e]);
		}
}

/* Columns: begin withdraw | accepted queued refused not_taken uncertain | reports smsc buffered delivered failed rejected |
 * resolved sent, not sent. a h A Q B D F R W U = the states in their order, . = stays as it is. */
static void message_moves_as_told(void **state)
{
	(void)state;
	static const char letters[] = "ahAQBDFRWUx";
	static const char *const expected[MESSAGE_STATE_COUNT] = {
		[MESSAGE_APPROVED] = "hW.....ABDFR..",
		[MESSAGE_HANDING_OVER] = "..AQRaUABDFR..",
		[MESSAGE_ACCEPTED] = "........BDFF..",
		[MESSAGE_QUEUED] = ".......ABDFR..",
		[MESSAGE_BUFFERED] = ".........DFF..",
		[MESSAGE_DELIVERED] = "..............",
		[MESSAGE_FAILED] = ".........D....",
		[MESSAGE_REFUSED] = ".......ABD....",
		[MESSAGE_WITHDRAWN] = "..............",
		[MESSAGE_UNCERTAIN] = ".......ABDFRAR",
		[MESSAGE_RECEIVED] = "..............",
	};
	assert_int_equal(MESSAGE_EVENT_COUNT, 14);
	for (int s = 0; s < MESSAGE_STATE_COUNT; s++)
		for (int e = 0; e < MESSAGE_EVENT_COUNT; e++) {
			enum message_state next = MESSAGE_STATE_COUNT;
			bool moves = message_next((enum message_state)s,
						  (enum message_event)e, &next);
			char is = moves ? letters[next] : '.';
			if (is != expected[s][e])
				fail_msg("%s on %s: %c, expected %c",
					 message_state_name((enum message_state)s),
					 message_event_name((enum message_event)e), is,
					 expected[s][e]);
		}
}

static void names_come_back(void **state)
{
	(void)state;
	for (int s = 0; s < TASK_STATE_COUNT; s++) {
		enum task_state back = TASK_STATE_COUNT;
		assert_true(
			task_state_parse(task_state_name((enum task_state)s), &back));
		assert_int_equal(back, s);
	}
	for (int s = 0; s < MESSAGE_STATE_COUNT; s++) {
		enum message_state back = MESSAGE_STATE_COUNT;
		assert_true(message_state_parse(
			message_state_name((enum message_state)s), &back));
		assert_int_equal(back, s);
	}
	enum task_state task;
	assert_false(task_state_parse("gone", &task));
}

static void report_bits_are_tested_one_by_one(void **state)
{
	(void)state;
	static const struct {
		unsigned kind;
		int event; /* -1: unknown */
	} cases[] = {
		{1, MESSAGE_EV_REPORT_DELIVERED},
		{2, MESSAGE_EV_REPORT_FAILED},
		{4, MESSAGE_EV_REPORT_BUFFERED},
		{8, MESSAGE_EV_REPORT_SMSC},
		{16, MESSAGE_EV_REPORT_REJECTED},
		{0x22, MESSAGE_EV_REPORT_FAILED},
		{0x42, MESSAGE_EV_REPORT_FAILED},
		{9, MESSAGE_EV_REPORT_DELIVERED},
		{0, -1},
		{32, -1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum message_event event = MESSAGE_EVENT_COUNT;
		bool known = message_report_event(cases[i].kind, &event);
		assert_int_equal(known ? (int)event : -1, cases[i].event);
	}
}

/* 2027-01-04, a Monday, 20:00 UTC */
#define MONDAY_EVENING INT64_C(1799092800000)

static const struct hours_window daily[] = {{.days = 0x7f, .from = 540, .to = 1080}};
static const struct hours nine_to_six = {daily, 1};
static const struct hours_place somewhere = {.count = 0};

static struct guard_facts good_facts(void)
{
	return (struct guard_facts){
		.now = MONDAY_EVENING,
		.place = &somewhere,
		.task_state = TASK_PENDING,
		.lease = LEASE_MINE,
		.may_act = true,
		.phone_verdict = PHONE_KEPT_VALID,
		.has_number = true,
		.phone_type = "mobile",
		.contact_sms_enabled = true,
		.channel_enabled = true,
		.text_known = true,
		.segments = 3,
		.max_segments = 3,
	};
}

/* Each guard fails alone, is the first that is named, and says what to do. */
static void each_guard_stands_alone(void **state)
{
	(void)state;
	static const char *const holds[] = {"first_text_arrived", "unpublished"};
	for (int guard = 0; guard < GUARD_COUNT; guard++) {
		struct guard_facts facts = good_facts();
		struct guards guards;
		bool can_fail = true;
		switch ((enum guard)guard) {
		case GUARD_PENDING:
			facts.task_state = TASK_SKIPPED;
			break;
		case GUARD_LEASE:
			facts.lease = LEASE_OTHERS;
			break;
		case GUARD_ASSIGNEE:
			facts.may_act = false;
			break;
		case GUARD_PHONE_VALID:
			facts.phone_verdict = PHONE_KEPT_INVALID;
			break;
		case GUARD_SMS_ENABLED:
			facts.contact_sms_enabled = false;
			break;
		case GUARD_CHANNEL:
			facts.channel_enabled = false;
			break;
		case GUARD_OPTED_OUT:
			facts.is_opted_out = true;
			break;
		case GUARD_HOLD:
			facts.hold_reasons = (const char *const *)holds;
			facts.hold_count = 2;
			break;
		case GUARD_TEXT_LOCKED:
			facts.text_is_locked = true;
			break;
		case GUARD_HOLES:
			facts.hole_count = 1;
			facts.first_hole = "contact.first_name";
			break;
		case GUARD_TEXT_EMPTY:
			facts.text_is_blank = true;
			break;
		case GUARD_SEGMENTS:
			facts.segments = 4;
			break;
		case GUARD_HOURS:
			facts.hours = &nine_to_six;
			break;
		case GUARD_FREQUENCY_CAP:
			facts.cap = (struct frequency_cap){3, DAY_MS};
			facts.cap_used = 3;
			break;
		case GUARD_FORBIDDEN_WORDS:
			facts.forbidden = "free money";
			break;
		default:
			can_fail = false;
		}
		guards_check(&facts, &guards);
		assert_int_equal(guards.all_ok, !can_fail);
		assert_int_equal(guards.first_bad, can_fail ? guard : GUARD_COUNT);
		for (int other = 0; other < GUARD_COUNT; other++)
			assert_int_equal(guards.result[other].ok,
					 !can_fail || other != guard);
		if (can_fail) {
			assert_true(guards.result[guard].detail[0] != '\0');
			assert_true(guards.result[guard].fix[0] != '\0');
		}
	}
}

static void guards_warn_and_wait(void **state)
{
	(void)state;
	struct guards guards;
	struct guard_facts facts = good_facts();
	facts.phone_verdict = PHONE_KEPT_POSSIBLE;
	guards_check(&facts, &guards);
	assert_true(guards.all_ok && guards.result[GUARD_PHONE_VALID].warns);
	facts.needs_valid_phone = true;
	guards_check(&facts, &guards);
	assert_int_equal(guards.first_bad, GUARD_PHONE_VALID);
	facts = good_facts();
	facts.phone_type = "fixed_line";
	guards_check(&facts, &guards);
	assert_true(guards.all_ok && guards.result[GUARD_PHONE_VALID].warns);
	facts.text_known = false;
	facts.segments = 99;
	facts.hole_count = 1;
	guards_check(&facts, &guards);
	assert_true(guards.all_ok);

	facts = good_facts();
	assert_int_equal(guards_waiting(&facts, "+351912345678", "+351912345678"),
			 GUARD_COUNT);
	assert_int_equal(guards_waiting(&facts, "+351912345678", "+351912345679"),
			 GUARD_PHONE_VALID);
	assert_int_equal(guards_waiting(&facts, "+351912345678", NULL),
			 GUARD_PHONE_VALID);
	facts.is_opted_out = true;
	assert_int_equal(guards_waiting(&facts, "+351912345678", NULL),
			 GUARD_OPTED_OUT);
}

static struct hours_place places(const char *first, const char *second)
{
	struct hours_place place = {.zones = {zone_find(first)}, .count = 1};
	if (second)
		place.zones[place.count++] = zone_find(second);
	return place;
}

/* What the hours say, and until when they will. */
static void hours_tell_when_they_open(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		int64_t after_ms; /* of MONDAY_EVENING; -1: it is open */
		const char *says;
	} rows[] = {
		{"Europe/Lisbon", NULL, 13 * HOUR_MS,
		 "It is Mon 4 Jan 20:00 in Europe/Lisbon; the sending hours open on Tue 5 Jan 09:00 there."},
		{"America/New_York", NULL, -1, ""},
		{"America/New_York", "America/Los_Angeles", -1, ""},
		{"America/Los_Angeles", "Pacific/Honolulu", -1, ""},
		{"Europe/Lisbon", "Pacific/Honolulu", -2, "never meet in all 2"},
		{"Europe/Lisbon", "America/Chicago", 19 * HOUR_MS,
		 "in all 2 possible ones the sending hours are open from Tue 5 Jan 15:00 UTC."},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guard_facts facts = good_facts();
		struct guards guards;
		const struct hours_place place = places(rows[i].first, rows[i].second);
		facts.hours = &nine_to_six;
		facts.place = &place;
		guards_check(&facts, &guards);
		const struct guard_result *result = &guards.result[GUARD_HOURS];
		assert_int_equal(result->ok, rows[i].after_ms == -1);
		assert_int_equal(
			result->passes_at,
			rows[i].after_ms < 0 ? 0 : MONDAY_EVENING + rows[i].after_ms);
		if (!strstr(result->detail, rows[i].says))
			fail_msg("%s", result->detail);
		assert_int_equal(
			guards_waiting(&facts, "+351912345678", "+351912345678"),
			result->ok ? GUARD_COUNT : GUARD_HOURS);
		facts.is_replying = true;
		guards_check(&facts, &guards);
		assert_true(guards.all_ok);
		assert_int_equal(guards.result[GUARD_HOURS].warns,
				 rows[i].after_ms != -1);
		assert_int_equal(
			guards_waiting(&facts, "+351912345678", "+351912345678"),
			GUARD_COUNT);
	}
}

static void the_cap_counts_texts_and_places(void **state)
{
	(void)state;
	static const struct {
		unsigned most, used, reserved;
		bool is_ok, is_replying, knows_when;
		const char *says;
	} rows[] = {
		{0, 9, 9, true, false, false, ""},
		{3, 2, 0, true, false, false, ""},
		{3, 3, 0, false, false, true, "3 texts went to this number in 1d"},
		{1, 1, 1, false, false, true, "1 text went to this number in 1d"},
		{3, 1, 2, false, false, false,
		 "Another text to this number is open, and only 3 may go in 1d (1 did)."},
		{3, 3, 2, true, true, false, "they wrote just now"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guard_facts facts = good_facts();
		struct guards guards;
		facts.cap = (struct frequency_cap){rows[i].most, DAY_MS};
		facts.cap_used = rows[i].used;
		facts.cap_reserved = rows[i].reserved;
		facts.cap_frees_at = MONDAY_EVENING + HOUR_MS;
		facts.is_replying = rows[i].is_replying;
		guards_check(&facts, &guards);
		const struct guard_result *result = &guards.result[GUARD_FREQUENCY_CAP];
		assert_int_equal(result->ok, rows[i].is_ok);
		assert_int_equal(result->passes_at,
				 rows[i].knows_when ? MONDAY_EVENING + HOUR_MS : 0);
		if (!strstr(result->detail, rows[i].says))
			fail_msg("%s", result->detail);
	}
}

static void a_receipt_binds_each_thing(void **state)
{
	(void)state;
	const struct receipt receipt = {.recipient = "+351912345678",
					.sender = "12345",
					.thread_head_id = 7,
					.assignee_id = 8,
					.fence = 9,
					.consent_revision = 2,
					.workflow_version = 3,
					.owner_id = 3,
					.offered_text = "Dear Eva",
					.rendered_text = "Hi Eva"};
	const struct receipt_now same = {
		"+351912345678", "12345", NULL, 7, 8, 9, 2, 3, 3, "Hi Eva"};
	assert_int_equal(receipt_changes(&receipt, &same), 0);
	for (unsigned bit = 0; bit < CHANGED_COUNT; bit++) {
		struct receipt_now now = same;
		switch (1u << bit) {
		case CHANGED_RECIPIENT:
			now.recipient = NULL;
			break;
		case CHANGED_SENDER:
			now.smsc = "other";
			break;
		case CHANGED_THREAD:
			now.thread_head_id++;
			break;
		case CHANGED_ASSIGNEE:
			now.assignee_id = 0;
			break;
		case CHANGED_LEASE:
			now.fence++;
			break;
		case CHANGED_CONSENT:
			now.consent_revision++;
			break;
		case CHANGED_OWNER:
			now.owner_id = 4;
			break;
		case CHANGED_TEXT:
			now.rendered_text = "Hi Ava";
			break;
		case CHANGED_WORKFLOW_VERSION:
			now.workflow_version++;
			break;
		default:
			fail();
		}
		assert_int_equal(receipt_changes(&receipt, &now), 1u << bit);
		assert_true(strlen(changed_name(bit)) > 3);
	}
	struct receipt older = receipt;
	older.is_void = true;
	assert_int_equal(receipt_changes(&older, &same), CHANGED_LEASE);
}

static void turns_are_smooth_and_fair(void **state)
{
	(void)state;
	struct turn turns[] = {{.user_id = 1, .weight = 5, .is_available = true},
			       {.user_id = 2, .weight = 2, .is_available = true}};
	char order[15] = "";
	for (int i = 0; i < 14; i++)
		order[i] = (char)('a' + turn_next(turns, 2));
	assert_string_equal(order, "abaaabaabaaaba");
}

static void turns_skip_and_stay_fair(void **state)
{
	(void)state;
	struct turn turns[] = {{.weight = 3, .is_available = true},
			       {.weight = 2, .is_available = true},
			       {.weight = 1, .is_available = true}};
	int count[3] = {0};
	for (int i = 0; i < 600; i++)
		count[turn_next(turns, 3)]++;
	assert_int_equal(count[0], 300);
	assert_int_equal(count[1], 200);
	assert_int_equal(count[2], 100);
	turns[0].is_available = false;
	int32_t kept = turns[0].credit;
	for (int i = 0; i < 30; i++)
		assert_int_not_equal(turn_next(turns, 3), 0);
	assert_int_equal(turns[0].credit, kept); /* neither gained nor paid */
	turns[1].is_available = turns[2].is_available = false;
	assert_int_equal(turn_next(turns, 3), -1);
}

static void who_sees_and_acts(void **state)
{
	(void)state;
	struct policy policy = policy_default;
	const struct actor agent = {
		.kind = ACTOR_SESSION, .user_id = 5, .role = ROLE_AGENT};
	const struct actor lead = {
		.kind = ACTOR_SESSION, .user_id = 6, .role = ROLE_LEAD};
	const struct actor auditor = {
		.kind = ACTOR_SESSION, .user_id = 7, .role = ROLE_AUDITOR};
	const struct task mine = {.assignee_id = 5}, other = {.assignee_id = 9},
			  pool = {.assignee_id = 0}, team_pool = {.team_id = 3};
	policy.agents_see = AGENTS_SEE_TEAM;
	assert_true(task_is_visible(&agent, &policy, &mine, false));
	assert_true(task_is_visible(&agent, &policy, &pool, false));
	assert_false(task_is_visible(&agent, &policy, &team_pool, false));
	assert_true(task_is_visible(&agent, &policy, &team_pool, true));
	assert_false(task_is_visible(&agent, &policy, &other, false));
	assert_true(task_is_visible(&agent, &policy, &other, true));
	policy.agents_see = AGENTS_SEE_OWN;
	assert_false(task_is_visible(&agent, &policy, &other, true));
	policy.agents_see = AGENTS_SEE_ALL;
	assert_true(task_is_visible(&agent, &policy, &other, false));
	assert_true(task_is_visible(&auditor, &policy, &other, false));
	assert_true(task_may_act(&agent, &mine, false));
	assert_true(task_may_act(&agent, &pool, false));
	assert_false(task_may_act(&agent, &team_pool, false));
	assert_false(task_may_act(&agent, &other, true));
	assert_true(task_may_act(&lead, &other, false));
	assert_false(task_may_act(&auditor, &pool, true));
}

static void a_machine_is_no_person(void **state)
{
	(void)state;
	const struct actor service = {.kind = ACTOR_SERVICE_TOKEN, .scopes = SCOPE_ALL};
	const struct actor personal = {
		.kind = ACTOR_PERSONAL_TOKEN, .user_id = 5, .scopes = SCOPE_READ};
	const struct actor sender = {
		.kind = ACTOR_PERSONAL_TOKEN, .user_id = 5, .scopes = SCOPE_SEND};
	const struct actor shell = {
		.kind = ACTOR_SHELL, .role = ROLE_ADMIN, .scopes = SCOPE_ALL};
	assert_false(actor_is_person(&service));
	assert_false(actor_is_person(&personal));
	assert_true(actor_is_person(&sender));
	assert_false(actor_is_person(&shell));
	assert_false(actor_is_person(&actor_system));
	unsigned scopes;
	const char *bad;
	assert_true(scopes_parse("read, tasks send", &scopes, &bad));
	assert_int_equal(scopes, SCOPE_READ | SCOPE_TASKS | SCOPE_SEND);
	assert_false(scopes_parse("read,root", &scopes, &bad));
	assert_string_equal(bad, "root");
	assert_true(login_is_valid("ana.m-1_x"));
	static const char *const wrong[] = {"",     "Ana", "1ana", "me",
					    "none", "a b", "añ"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(login_is_valid(wrong[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(task_moves_as_told),
		cmocka_unit_test(message_moves_as_told),
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(report_bits_are_tested_one_by_one),
		cmocka_unit_test(each_guard_stands_alone),
		cmocka_unit_test(guards_warn_and_wait),
		cmocka_unit_test(hours_tell_when_they_open),
		cmocka_unit_test(the_cap_counts_texts_and_places),
		cmocka_unit_test(a_receipt_binds_each_thing),
		cmocka_unit_test(turns_are_smooth_and_fair),
		cmocka_unit_test(turns_skip_and_stay_fair),
		cmocka_unit_test(who_sees_and_acts),
		cmocka_unit_test(a_machine_is_no_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
