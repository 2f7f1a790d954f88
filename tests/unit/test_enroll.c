/* test_enroll.c - entering a workflow, going through it, leaving it; and why a task is or is not there. */
#include "flow_help.h"

#include "core/advance.h"
#include "core/why.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

#define WHO PEOPLE("who", "", "<user login='ana'/>")

static void test_the_task_is_there_when_the_answer_is(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("hello") "<add-tag tag='done'/>");
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(
		desk_number(desk,
			    "SELECT COUNT(*) FROM tasks WHERE enrollment_id = %" PRIu64
			    " AND step_id = 'hello' AND visit = 1 AND text = 'Hi Rui, "
			    "Ana here'",
			    id),
		1);
	assert_int_equal(desk_number(desk, "SELECT expires_at - created_at FROM tasks"),
			 3 * DAY_MS);
	struct enrollment_get get = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_read(desk, enrollment_get, &get.call), ERR_OK);
	assert_true(desk_answers(&get.call, "\"state\":\"waiting\",\"position\":{"
					    "\"step\":\"hello\",\"since\":\"2026"));
	assert_true(desk_answers(&get.call, "\"reason\":\"Waits until task "));
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
}

static void test_steps_behind_a_task_that_does_not_wait(void **state)
{
	struct desk *desk = *state;
	flow_publish(
		desk, "w",
		WHO
		"<add-tag tag='in'/><manual-sms id='a' name='A' wait='no'/><remove-tag "
		"tag='in'/>"
		"<manual-sms id='b' name='B' wait='no'/><end/><add-tag tag='never'/>");
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_count(desk, "tasks"), 2);
	assert_int_equal(flow_count(desk, "tasks WHERE moves_workflow = 1"), 0);
	assert_int_equal(flow_count(desk, "contact_tags"), 0);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3 AND step_id IS "
					  "NULL AND ended_at > 0"),
			 1);
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'tag_added'"), 1);
	assert_int_equal(flow_count(desk,
				    "journal WHERE kind = 'tag_removed' AND detail = "
				    "'{\"tag\":\"in\",\"had_it\":true}'"),
			 1);
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'completed'"), 1);
}

static void test_once(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings reentry='once'/>",
			  "<add-tag tag='x'/>");
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_enroll(desk, "w", 101, "once_done"), id);
	flow_publish_with(desk, "w", "<settings reentry='once'/>", WHO SMS("hello"));
	flow_enroll(desk, "w", 102, "enrolled");
	flow_enroll(desk, "w", 102, "already_enrolled");
	assert_int_equal(flow_count(desk, "enrollments"), 2);
}

static void test_one_at_a_time(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("hello"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_enroll(desk, "w", 101, "already_enrolled"), id);
	flow_enroll(desk, "w", 101, "already_enrolled");
	assert_int_equal(
		desk_number(desk,
			    "SELECT times FROM not_enrolled WHERE contact_id = 101"),
		2);
	struct enrollment_remove cmd = {.call = desk_call(desk, &flow_lead),
					.id = id,
					.reason = "a \"mistake\""};
	assert_int_equal(desk_write(desk, enrollment_remove, &cmd.call), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"state\":\"removed\",\"position\":null"));
	assert_true(desk_answers(
		&cmd.call,
		"\"end_reason\":\"a \\\"mistake\\\"\",\"end_step\":\"hello\""));
	assert_int_equal(
		flow_count(desk,
			   "tasks WHERE state = 6 AND end_reason = 'a \"mistake\"'"),
		1);
	cmd.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_write(desk, enrollment_remove, &cmd.call), ERR_BAD_STATE);
	flow_enroll(desk, "w", 101, "enrolled");
}

static void test_concurrent_until_it_storms(void **state)
{
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>",
			  WHO SMS("hello"));
	for (unsigned i = 0; i < policy_default.enrollments_per_hour; i++)
		flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "w", 101, "too_many");
	flow_enroll(desk, "w", 102, "enrolled");
	atomic_fetch_add(&desk->now_ms, HOUR_MS + SECOND_MS);
	flow_enroll(desk, "w", 101, "enrolled");
}

static void test_who_does_not_get_in(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	assert_int_equal(
		flow_save(desk, NULL, flow_xml(desk, "w", "", WHO SMS("hello")), &save),
		ERR_OK);
	flow_enroll(desk, "w", 101, "not_published");
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	flow_enroll(desk, "w", 999, "unknown_contact");
	desk_sql(desk, "INSERT INTO numbers (e164, is_opted_out, consent_revision, "
		       "consent_at, consent_reason) "
		       "VALUES ('+351912000001', 1, 1, 1, 'replied STOP')");
	flow_enroll(desk, "w", 102, "opted_out");
	desk_sql(desk, "UPDATE contacts SET deleted_at = 1 WHERE id = 103");
	flow_enroll(desk, "w", 103, "unknown_contact");
	assert_int_equal(flow_count(desk, "enrollments"), 0);
	assert_int_equal(flow_count(desk, "not_enrolled WHERE cause = 'manual'"), 2);
	struct enroll cmd = {.call = desk_call(desk, &flow_lead),
			     .workflow_id = "nope",
			     .contact_ids = (uint64_t[]){101},
			     .count = 1};
	assert_int_equal(desk_write(desk, enroll_contacts, &cmd.call), ERR_NOT_FOUND);
}

static void test_many_at_once_in_order(void **state)
{
	struct desk *desk = *state;
	const uint64_t ids[] = {103, 999, 101, 103};
	flow_publish(desk, "w", WHO SMS("hello"));
	struct enroll cmd = {.call = desk_call(desk, &flow_lead),
			     .workflow_id = "w",
			     .contact_ids = ids,
			     .count = 4};
	assert_int_equal(desk_write(desk, enroll_contacts, &cmd.call), ERR_OK);
	assert_true(desk_answers(
		&cmd.call,
		"{\"contact\":\"103\",\"outcome\":\"enrolled\",\"enrollment\":\""));
	assert_true(desk_answers(&cmd.call,
				 "},{\"contact\":\"999\",\"outcome\":\"unknown_"
				 "contact\"},{\"contact\":\"101\""));
	assert_true(desk_answers(&cmd.call, ",{\"contact\":\"103\",\"outcome\":"
					    "\"already_enrolled\",\"enrollment\":\""));
	assert_int_equal(flow_count(desk, "tasks"), 2);
}

/* --- when a task ends --- */

struct ending {
	enum sms_exit exit;
	int error; /* of the write afterwards: as if something behind it failed */
};

static enum err end_newest_task(struct txn *txn, void *arg)
{
	const struct ending *ending = arg;
	uint64_t *ids;
	size_t found;
	struct task task;
	enum err err =
		task_rows_open_of(txn_db(txn), txn_arena(txn), 0, 101, 1, &ids, &found);
	if (err == ERR_OK && !found)
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = task_rows_load(txn_db(txn), txn_arena(txn), ids[0], &task);
	if (err != ERR_OK)
		return err;
	task.state = TASK_SENT;
	err = task_rows_save(txn_db(txn), &task);
	if (err == ERR_OK)
		err = advance_from_task(txn, &actor_system, &task, ending->exit);
	return err == ERR_OK ? (enum err)ending->error : err;
}

static void test_goes_on_when_the_task_ends(void **state)
{
	struct desk *desk = *state;
	struct ending sent = {.exit = SMS_EXIT_SENT},
		      failing = {.exit = SMS_EXIT_SENT, .error = ERR_BAD_STATE};
	flow_publish(desk, "w", WHO SMS("a") SMS("b") "<add-tag tag='done'/>");
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(store_write_now(desk->store, end_newest_task, &failing),
			 ERR_BAD_STATE);
	assert_int_equal(flow_count(desk, "tasks"),
			 1); /* nothing of a write that failed is there */
	assert_int_equal(store_write_now(desk->store, end_newest_task, &sent), ERR_OK);
	assert_int_equal(
		flow_count(
			desk,
			"tasks WHERE step_id = 'b' AND visit = 1 AND assignee_id = 1"),
		1);
	assert_int_equal(
		flow_count(desk, "tasks WHERE step_id = 'a' AND moves_workflow = 0"),
		1);
	assert_int_equal(
		flow_count(desk, "enrollments WHERE step_id = 'b' AND state = 1"), 1);
	assert_int_equal(store_write_now(desk->store, end_newest_task, &sent), ERR_OK);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"), 1);
	assert_int_equal(flow_count(desk, "contact_tags"), 1);
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'exit_taken' AND "
					  "detail LIKE '%on-sent%'"),
			 2);
}

/* A task that was reopened after its exit was taken stands free. */
static void test_moves_once(void **state)
{
	struct desk *desk = *state;
	struct ending sent = {.exit = SMS_EXIT_SENT};
	flow_publish(desk, "w", WHO SMS("a") SMS("b"));
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(store_write_now(desk->store, end_newest_task, &sent), ERR_OK);
	desk_sql(desk, "UPDATE tasks SET state = 0 WHERE step_id = 'a'");
	desk_sql(desk, "UPDATE tasks SET state = 5 WHERE step_id = 'b'");
	assert_int_equal(store_write_now(desk->store, end_newest_task, &sent), ERR_OK);
	assert_int_equal(flow_count(desk, "tasks"), 2);
	assert_int_equal(
		flow_count(desk, "enrollments WHERE step_id = 'b' AND state = 1"), 1);
}

static enum err make_again(struct txn *txn, void *arg)
{
	struct enrollment enrollment;
	enum err err = enrollment_rows_load(txn_db(txn), txn_arena(txn),
					    *(uint64_t *)arg, &enrollment);
	if (err == ERR_OK)
		err = SQL_RUN0(txn_db(txn),
			       (&(const struct sql_statement){
				       "forget", "DELETE FROM step_visits"}));
	return err == ERR_OK ? advance_start(txn, &actor_system, &enrollment) : err;
}

/* Whatever runs twice: the database takes one task for each (enrollment, step, visit). */
static void test_one_task_per_visit(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("hello"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(store_write_now(desk->store, make_again, &id), ERR_DUPLICATE);
	assert_int_equal(flow_count(desk, "tasks"), 1);
	assert_int_equal(flow_count(desk, "step_visits WHERE visits = 1"), 2);
}

/* --- lists and the journal --- */

static void test_lists(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("hello"));
	flow_publish(desk, "v", "<add-tag tag='x'/>");
	for (unsigned i = 0; i < 5; i++)
		flow_enroll(desk, "w", 101 + i, "enrolled");
	flow_enroll(desk, "v", 101, "enrolled");
	struct enrollment_list list = {
		.call = desk_call(desk, &flow_lead), .workflow_id = "w", .limit = 2};
	unsigned pages = 0;
	for (; pages < 9; pages++) {
		list.call = desk_call(desk, &flow_lead);
		assert_int_equal(desk_read(desk, enrollment_list, &list.call), ERR_OK);
		const char *next = strstr(buf_str(&list.call.answer), "\"next\":\"");
		if (!next)
			break;
		list.cursor =
			arena_strndup(desk->arena, next + 8, strcspn(next + 8, "\""));
	}
	assert_int_equal(pages, 2);
	assert_true(desk_answers(&list.call,
				 "\"contact\":{\"id\":\"101\",\"name\":\"Rui "
				 "Costa\",\"phone_e164\":\"+351912000000\"}"));
	struct enrollment_list by_contact = {.call = desk_call(desk, &flow_lead),
					     .contact_id = 101,
					     .limit = 50,
					     .states = 1u << ENROLLMENT_COMPLETED};
	assert_int_equal(desk_read(desk, enrollment_list, &by_contact.call), ERR_OK);
	assert_true(desk_answers(&by_contact.call, "\"workflow\":\"v\""));
	assert_null(strstr(buf_str(&by_contact.call.answer), "\"workflow\":\"w\""));
	list.cursor = "x";
	list.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_read(desk, enrollment_list, &list.call), ERR_BAD_CURSOR);
}

static void test_journal(void **state)
{
	struct desk *desk = *state;
	static const char *const kinds[] = {"enrolled", "assigned", "task_created"};
	flow_publish(desk, "w", WHO SMS("hello"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	struct enrollment_journal cmd = {
		.call = desk_call(desk, &flow_lead), .id = id, .limit = 50};
	assert_int_equal(desk_read(desk, enrollment_journal, &cmd.call), ERR_OK);
	const char *at = buf_str(&cmd.call.answer);
	for (size_t i = 0; i < 3; i++) {
		at = strstr(at, arena_printf(desk->arena, "\"kind\":\"%s\"", kinds[i]));
		assert_non_null(at);
	}
	assert_true(desk_answers(
		&cmd.call,
		"\"detail\":{\"cause\":\"manual\",\"by\":\"ana\",\"version\":1}"));
	assert_true(desk_answers(&cmd.call, "\"step\":\"who\""));
	cmd = (struct enrollment_journal){
		.call = desk_call(desk, &flow_lead), .id = 5, .limit = 50};
	assert_int_equal(desk_read(desk, enrollment_journal, &cmd.call), ERR_NOT_FOUND);
}

/* --- why --- */

static void expect_why(struct desk *desk, uint64_t contact, const char *first_failure,
		       const char *part)
{
	struct why_workflow why = {.call = desk_call(desk, &flow_lead),
				   .workflow_id = "w",
				   .contact_id = contact};
	assert_int_equal(desk_read(desk, why_workflow, &why.call), ERR_OK);
	assert_true(desk_answers(
		&why.call, first_failure
				   ? arena_printf(desk->arena,
						  "\"first_failure\":{\"check\":\"%s\"",
						  first_failure)
				   : "\"first_failure\":null"));
	assert_true(desk_answers(&why.call, part));
}

static void test_why(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	const char *once =
		flow_xml(desk, "w", "<settings reentry='once'/>", WHO SMS("hello"));
	assert_int_equal(flow_save(desk, NULL, once, &save), ERR_OK);
	expect_why(desk, 101, "published", "/publish");
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	expect_why(desk, 101, "trigger_seen", "\\\"contacts\\\": [\\\"101\\\"]");
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	expect_why(desk, 101, NULL,
		   "{\"check\":\"task\",\"ok\":true,\"detail\":\"Task ");
	struct enrollment_remove cmd = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_write(desk, enrollment_remove, &cmd.call), ERR_OK);
	expect_why(desk, 101, "position", "removed by ana");
	atomic_fetch_add(&desk->now_ms, 1000);
	flow_enroll(desk, "w", 101, "once_done");
	expect_why(desk, 101, "reentry", "It takes a contact once");
	desk_sql(desk, "INSERT INTO numbers (e164, is_opted_out, consent_revision, "
		       "consent_at, consent_reason) "
		       "VALUES ('+351912000001', 1, 1, 1, 'replied STOP')");
	flow_enroll(desk, "w", 102, "opted_out");
	expect_why(desk, 102, "enrolled",
		   "opted out at 1970-01-01T00:00:00.001Z (replied STOP).");
	flow_publish(desk, "w", "<add-tag tag='x'/>");
	flow_enroll(desk, "w", 103, "enrolled");
	expect_why(desk, 103, "task", "no manual-sms step");
}

static void test_why_counts(void **state)
{
	struct desk *desk = *state;
	struct ending sent = {.exit = SMS_EXIT_SENT};
	flow_publish(desk, "w", WHO SMS("a") SMS("b"));
	for (unsigned i = 0; i < 3; i++)
		flow_enroll(desk, "w", 101 + i, "enrolled");
	assert_int_equal(store_write_now(desk->store, end_newest_task, &sent), ERR_OK);
	uint64_t id = (uint64_t)desk_number(
		desk, "SELECT id FROM enrollments WHERE contact_id = 103");
	struct enrollment_remove cmd = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_write(desk, enrollment_remove, &cmd.call), ERR_OK);
	struct why_workflow why = {.call = desk_call(desk, &flow_lead),
				   .workflow_id = "w"};
	assert_int_equal(desk_read(desk, why_workflow, &why.call), ERR_OK);
	assert_true(desk_answers(&why.call, "\"entered\":3,\"completed\":0"));
	assert_true(desk_answers(
		&why.call, "{\"step\":\"a\",\"kind\":\"manual-sms\",\"name\":\"Call\","
			   "\"reached\":3,\"waiting\":1,\"stopped\":1}"));
	assert_true(desk_answers(
		&why.call, "{\"step\":\"b\",\"kind\":\"manual-sms\",\"name\":\"Call\","
			   "\"reached\":1,\"waiting\":1,\"stopped\":0}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_task_is_there_when_the_answer_is, flow_set_up,
			flow_tear_down),
		cmocka_unit_test_setup_teardown(
			test_steps_behind_a_task_that_does_not_wait, flow_set_up,
			flow_tear_down),
		cmocka_unit_test_setup_teardown(test_once, flow_set_up, flow_tear_down),
		cmocka_unit_test_setup_teardown(test_one_at_a_time, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_concurrent_until_it_storms,
						flow_set_up, flow_tear_down),
		cmocka_unit_test_setup_teardown(test_who_does_not_get_in, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_many_at_once_in_order, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_goes_on_when_the_task_ends,
						flow_set_up, flow_tear_down),
		cmocka_unit_test_setup_teardown(test_moves_once, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_one_task_per_visit, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_lists, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_journal, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_why, flow_set_up, flow_tear_down),
		cmocka_unit_test_setup_teardown(test_why_counts, flow_set_up,
						flow_tear_down),
	};
	return cmocka_run_group_tests_name("enroll", tests, NULL, NULL);
}
