/* Test runs: a draft on contacts marked test, with waits that pass faster, and nothing of it in the way of real work. */
#include "life_help.h"

#include "core/contacts.h"
#include "core/sink.h"

#define ROUND \
	"<assign-user id='who'><user login='ana'/><user login='ben'/></assign-user>"

/* 101..104 are marked test. */
static int trial_set_up(void **state)
{
	int rc = life_set_up(state);
	if (rc == 0)
		desk_sql(*state, "UPDATE contacts SET is_test = 1 WHERE id <= 104");
	return rc;
}

#define TRIAL(test) cmocka_unit_test_setup_teardown(test, trial_set_up, flow_tear_down)

static void trial_draft(struct desk *desk, const char *id, const char *settings,
			const char *steps)
{
	struct workflow_save save;
	assert_int_equal(
		flow_save(desk, id, flow_xml(desk, id, settings, steps), &save),
		ERR_OK);
}

static uint64_t trial_enroll(struct desk *desk, const char *workflow, uint64_t contact,
			     uint32_t compress, const char *outcome)
{
	struct enroll cmd = {.call = desk_call(desk, &flow_lead),
			     .workflow_id = workflow,
			     .contact_ids = &contact,
			     .count = 1,
			     .test = {true, compress}};
	assert_int_equal(desk_write(desk, enroll_contacts, &cmd.call), ERR_OK);
	assert_true(desk_answers(
		&cmd.call, arena_printf(desk->arena, "\"outcome\":\"%s\"", outcome)));
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM enrollments");
}

static void test_a_draft_runs_on_a_test_contact(void **state)
{
	struct desk *desk = *state;
	trial_draft(desk, "w", "", ROUND SMS("hello"));
	trial_enroll(desk, "w", 105, 0, "not_test_contact");
	assert_int_equal(flow_count(desk, "not_enrolled WHERE cause = 'test'"), 1);
	uint64_t id = trial_enroll(desk, "w", 101, 3600, "enrolled");
	assert_int_equal(
		flow_count(desk, "tasks WHERE is_test = 1 AND workflow_version = 1"),
		1);
	assert_int_equal(
		desk_number(desk,
			    "SELECT compress FROM enrollments WHERE id = %" PRIu64, id),
		3600);
	flow_enroll(desk, "w", 101, "not_published");
	trial_draft(desk, "w", "", ROUND SMS("other"));
	trial_enroll(desk, "w", 102, 0, "enrolled");
	assert_int_equal(
		flow_count(desk,
			   "tasks WHERE step_id = 'other' AND workflow_version = 2"),
		1);
	assert_int_equal(flow_count(desk, "workflows WHERE published_version IS NULL"),
			 1);
}

static void test_a_test_is_no_entry(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings reentry='once'/>", ROUND SMS("hello"));
	trial_enroll(desk, "w", 101, 0, "enrolled");
	trial_enroll(desk, "w", 101, 0, "already_enrolled");
	flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "w", 101, "already_enrolled");
}

static void test_a_test_takes_nobodys_turn(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", ROUND SMS("hello"));
	flow_enroll(desk, "w", 110, "enrolled");
	assert_int_equal(flow_assignee(desk, 110), ANA);
	trial_enroll(desk, "w", 101, 0, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), ANA);
	flow_enroll(desk, "w", 111, "enrolled");
	assert_int_equal(flow_assignee(desk, 111), BEN);
}

static void test_lists_leave_tests_out(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", ROUND SMS("hello"));
	uint64_t meant = flow_enroll(desk, "w", 110, "enrolled");
	uint64_t tried = trial_enroll(desk, "w", 101, 60, "enrolled");
	for (int test = 0; test < 2; test++) {
		struct enrollment_list list = {
			.call = desk_call(desk, &flow_lead), .limit = 10, .test = test};
		char part[64];
		assert_int_equal(desk_read(desk, enrollment_list, &list.call), ERR_OK);
		snprintf(part, sizeof(part), "{\"items\":[{\"id\":\"%" PRIu64 "\"",
			 test ? tried : meant);
		assert_true(desk_answers(&list.call, part));
		assert_true(desk_answers(&list.call, "}],\"next\":null}"));
		assert_int_equal(
			strstr(buf_str(&list.call.answer), "\"compress\":60") != NULL,
			test);
	}
}

static void test_waits_pass_faster(void **state)
{
	static const struct {
		uint32_t compress;
		int64_t now, at, is;
	} rows[] = {
		{0, 1000, 5000, 5000},       {1, 1000, 5000, 5000},
		{4, 1000, 5000, 2000},       {3600, 0, HOUR_MS, SECOND_MS},
		{1000000, 1000, 1500, 1000}, {60, 5000, 1000, 1000},
		{60, 5000, 5000, 5000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct enrollment run = {.compress = rows[i].compress};
		assert_int_equal(enrollment_wake_at(&run, rows[i].now, rows[i].at),
				 rows[i].is);
	}
}

/* --- the sink --- */

static uint64_t trial_send(struct desk *desk, int64_t undo_s)
{
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
				     "Hello", undo_s};
	return life_send_as(desk, &try, ERR_OK, NULL);
}

static struct sink_step trial_sink(struct desk *desk)
{
	struct sink_step step = {.is_done = false};
	assert_int_equal(store_write_now(desk->store, sink_step, &step), ERR_OK);
	return step;
}

#define ANAS "<assign-user id='who'><user login='ana'/></assign-user>"

static void test_texts_of_tests_end_in_the_sink(void **state)
{
	struct desk *desk = *state;
	trial_draft(desk, "w", "", ANAS SMS("hello") "<add-tag tag='texted'/>");
	trial_enroll(desk, "w", 101, 0, "enrolled");
	uint64_t text = trial_send(desk, 0);
	assert_int_equal(life_begin(desk, 10).count, 0);
	life_expect_message(desk, text, MESSAGE_APPROVED);
	assert_true(trial_sink(desk).is_done);
	life_expect_message(desk, text, MESSAGE_DELIVERED);
	assert_int_equal(flow_count(desk, "reports WHERE detail LIKE 'A test:%%'"), 2);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"), 1);
	assert_int_equal(flow_count(desk, "contact_tags WHERE tag = 'texted'"), 1);
	assert_int_equal(flow_count(desk, "outbox"), 0);
	assert_int_equal(flow_count(desk, "ledger WHERE act = 'send'"), 1);
}

static void test_the_sink_keeps_undo_and_guards(void **state)
{
	struct desk *desk = *state;
	trial_draft(desk, "w", "", ANAS SMS("hello"));
	trial_enroll(desk, "w", 101, 0, "enrolled");
	uint64_t text = trial_send(desk, 5);
	struct sink_step step = trial_sink(desk);
	assert_true(step.is_done);
	assert_int_equal(step.next_at, DESK_START_MS + 5000);
	life_expect_message(desk, text, MESSAGE_APPROVED);
	desk_sql(desk, "UPDATE contacts SET sms_enabled = 0 WHERE id = 101");
	atomic_fetch_add(&desk->now_ms, 5000);
	(void)trial_sink(desk);
	life_expect_message(desk, text, MESSAGE_WITHDRAWN);
	assert_int_equal(flow_count(desk, "tasks WHERE state = 0 AND is_test = 1"), 1);
}

static void test_test_numbers_get_theirs_for_real(void **state)
{
	static const char *const numbers[] = {"00351912000001", "351912000000", NULL};
	struct desk *desk = *state;
	struct policy policy = *atomic_load(&desk->core.policy);
	policy.test_numbers = numbers;
	atomic_store(&desk->core.policy, &policy);
	trial_draft(desk, "w", "", ANAS SMS("hello"));
	for (uint64_t contact = 101; contact <= 103; contact++) {
		trial_enroll(desk, "w", contact, 0, "enrolled");
		uint64_t text = trial_send(desk, 0);
		assert_int_equal(life_begin(desk, 10).count, contact == 103 ? 0 : 1);
		if (contact != 103)
			life_done(desk, text, MESSAGE_EV_ACCEPTED);
	}
	assert_int_equal(flow_count(desk, "outbox WHERE kind = 2"), 1);
}

/* --- beginning anew --- */

static enum err trial_reset(struct desk *desk, uint64_t contact, bool all)
{
	struct contact_reset cmd = {.call = desk_call(desk, &life_ana),
				    .id = contact,
				    .owner = all,
				    .tags = all,
				    .custom = all};
	return desk_write(desk, contact_reset, &cmd.call);
}

static void test_a_reset_begins_anew(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings reentry='once'/>",
			  "<add-tag tag='seen'/>" ANAS SMS("hello"));
	trial_enroll(desk, "w", 101, 0, "enrolled");
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t text = trial_send(desk, 5);
	desk_sql(desk, "INSERT INTO contact_fields VALUES (101, 'plan', 'gold')");
	assert_int_equal(trial_reset(desk, 105, false), ERR_BAD_STATE);
	assert_int_equal(trial_reset(desk, 101, false), ERR_OK);
	life_expect_message(desk, text, MESSAGE_WITHDRAWN);
	assert_int_equal(flow_count(desk, "outbox"), 0);
	assert_int_equal(flow_count(desk, "tasks WHERE state < 3"), 0);
	assert_int_equal(flow_count(desk, "enrollments WHERE state <= 2"), 0);
	assert_int_equal(flow_count(desk, "contact_tags"), 1);
	assert_int_equal(flow_owner(desk, 101), ANA);
	struct message_list list = {
		.call = desk_call(desk, &life_ana),
		.is_thread = true,
		.filter = {.contact_id = 101, .limit = 10, .test = -1}};
	assert_int_equal(desk_read(desk, message_list, &list.call), ERR_OK);
	assert_true(desk_answers(&list.call, "{\"items\":[]"));
	flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "w", 101, "already_enrolled");
	trial_enroll(desk, "w", 101, 0, "enrolled");
	assert_int_equal(trial_reset(desk, 101, true), ERR_OK);
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
	assert_int_equal(flow_count(desk, "contact_fields"), 0);
	assert_int_equal(flow_owner(desk, 101), 0);
	assert_int_equal(flow_count(desk, "ledger WHERE act = 'contact_reset'"), 2);
	assert_int_equal(flow_count(desk, "ledger WHERE act = 'send'"), 1);
}

static void test_a_reset_lifts_a_tests_opt_out_only(void **state)
{
	struct desk *desk = *state;
	const struct contact_consent out = {.id = 101, .reason = "replied STOP"};
	for (int is_shared = 0; is_shared < 2; is_shared++) {
		struct contact_consent cmd = out;
		cmd.call = desk_call(desk, &life_ana);
		assert_int_equal(desk_write(desk, contact_opt_out, &cmd.call), ERR_OK);
		if (is_shared)
			desk_sql(desk, "UPDATE contacts SET phone_e164 = "
				       "'+351912000000' WHERE id = 110");
		assert_int_equal(trial_reset(desk, 101, false),
				 is_shared ? ERR_BAD_STATE : ERR_OK);
		assert_int_equal(desk_number(desk, "SELECT is_opted_out FROM numbers"),
				 is_shared);
	}
	assert_int_equal(flow_count(desk, "consents WHERE evidence = 'test contact'"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(test_a_draft_runs_on_a_test_contact),
		TRIAL(test_a_test_is_no_entry),
		TRIAL(test_a_test_takes_nobodys_turn),
		TRIAL(test_lists_leave_tests_out),
		cmocka_unit_test(test_waits_pass_faster),
		TRIAL(test_texts_of_tests_end_in_the_sink),
		TRIAL(test_the_sink_keeps_undo_and_guards),
		TRIAL(test_test_numbers_get_theirs_for_real),
		TRIAL(test_a_reset_begins_anew),
		TRIAL(test_a_reset_lifts_a_tests_opt_out_only),
	};
	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
