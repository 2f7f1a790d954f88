/* Test runs: a draft on contacts marked test, with waits that pass faster, and nothing of it in the way of real work. */
#include "life_help.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(test_a_draft_runs_on_a_test_contact),
		TRIAL(test_a_test_is_no_entry),
		TRIAL(test_a_test_takes_nobodys_turn),
		TRIAL(test_lists_leave_tests_out),
		cmocka_unit_test(test_waits_pass_faster),
	};
	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
