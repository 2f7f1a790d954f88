/* test_journal.c - every kind of step leaves its line, with the values seen; and what is no reason to stand somewhere. */
#include "flow_help.h"

#include "core/standing.h"
#include "store/workflow_rows.h"

#define WHO PEOPLE("who", "", "<user login='ana'/><user login='ben'/>")

/* One of each kind: how it is written, the word of its line, and the members of its detail. A kind that is added needs a
 * row. */
static const struct row {
	const char *step_id, *xml, *kind;
	const char *members[7];
} rows[] = {
	[STEP_ASSIGN_USER] = {"who",
			      WHO,
			      "assigned",
			      {"rule", "user", "why", "skipped", "rotation"}},
	[STEP_MANUAL_SMS] = {"sms",
			     "<manual-sms id='sms' name='A' expires='3d'/>",
			     "task_created",
			     {"task", "visit", "assignee", "rule", "why"}},
	[STEP_WAIT_FOR_REPLY] = {"reply",
				 "<manual-sms id='sms' name='A' wait='no' "
				 "expires='3d'/><wait-for-reply id='reply' to='sms' "
				 "timeout='2d'/>",
				 "waiting",
				 {"to", "until"}},
	[STEP_WAIT] = {"nap",
		       "<wait id='nap' for='2d'/>",
		       "waiting",
		       {"rule", "until"}},
	[STEP_BRANCH] = {"fork",
			 "<branch id='fork'><when name='Few'><condition "
			 "field='contact.custom.n' "
			 "less-than='3'/><steps><end/></steps></when></branch>",
			 "asked",
			 {"when", "holds", "tests"}},
	[STEP_SEND_EMAIL] = {"mail",
			     "<send-email id='mail' to='x@y.example' "
			     "subject='Hi'><body>Hi</body></send-email>",
			     "email_failed",
			     {"visit", "to", "subject", "reason", "detail", "fix"}},
	[STEP_ADD_TAG] = {"add-tag#1",
			  "<add-tag tag='a'/>",
			  "tag_added",
			  {"tag", "had_it"}},
	[STEP_REMOVE_TAG] = {"remove-tag#1",
			     "<remove-tag tag='a'/>",
			     "tag_removed",
			     {"tag", "had_it"}},
	[STEP_SET_FIELD] = {"set-field#1",
			    "<set-field field='contact.custom.n' value='2'/>",
			    "field_set",
			    {"field", "old", "new"}},
	[STEP_CALL_HOOK] = {"crm",
			    "<call-hook id='crm' url='https://crm.example/x' "
			    "event='e.f'/>",
			    "hook_called",
			    {"hook", "event", "delivery"}},
	[STEP_GO_TO] =
		{"over",
		 "<go-to id='over' step='nap' max='3'/><wait id='nap' for='2d'/>",
		 "went_to",
		 {"to", "visit", "max"}},
	[STEP_END] = {"end#1", "<end/>", "done", {NULL}},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == STEP_KIND_COUNT,
	       "a row for every kind of step");

static int64_t lines(struct desk *desk, uint64_t enrollment, const struct row *row)
{
	return desk_number(desk,
			   "SELECT COUNT(*) FROM journal WHERE enrollment_id = %" PRIu64
			   " AND step_id = '%s' AND kind = '%s' AND at = %" PRId64,
			   enrollment, row->step_id, row->kind,
			   (int64_t)atomic_load(&desk->now_ms));
}

static void test_each_kind_leaves_its_line(void **state)
{
	struct desk *desk = *state;
	for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++) {
		const struct row *row = &rows[kind];
		const char *id = step_kind_name((enum step_kind)kind);
		flow_publish(desk, id, row->xml);
		uint64_t run = flow_enroll(desk, id, 101 + kind, "enrolled");
		if (lines(desk, run, row) != 1)
			fail_msg("no line %s of %s", row->kind, id);
		for (size_t i = 0; row->members[i]; i++)
			assert_int_equal(
				desk_number(desk,
					    "SELECT COUNT(*) FROM journal WHERE "
					    "enrollment_id = %" PRIu64
					    " AND step_id = '%s' AND kind = '%s' AND "
					    "json_type(detail, '$.%s') IS NOT NULL",
					    run, row->step_id, row->kind,
					    row->members[i]),
				1);
	}
}

/* The line itself says when, where, which version, what, why and what was seen. */
static void test_a_line_as_it_is_read(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("old"));
	flow_publish(desk, "w", WHO SMS("hello"));
	struct enrollment_journal list = {.call = desk_call(desk, &flow_lead),
					  .id = flow_enroll(desk, "w", 101, "enrolled"),
					  .limit = 50};
	assert_int_equal(desk_read(desk, enrollment_journal, &list.call), ERR_OK);
	static const char *const parts[] = {
		"\"at\":\"2026-",
		"Z\",\"step\":null,\"version\":2,\"kind\":\"enrolled\",\"detail\":{"
		"\"cause\":\"manual\",\"by\":\"ana\",\"version\":2}",
		"Z\",\"step\":\"who\",\"version\":2,\"kind\":\"assigned\",\"detail\":{"
		"\"rule\":\"rotation\",\"user\":\"ana\"",
		"\"rotation\":[{\"user\":\"ana\",\"before\":0,\"after\":-1}",
		"Z\",\"step\":\"hello\",\"version\":2,\"kind\":\"task_created\"",
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_true(desk_answers(&list.call, parts[i]));
}

/* --- one reason to be where it is --- */

static const struct wrong {
	const char *sql, *says;
} wrongs[] = {
	{"UPDATE enrollments SET state = 0 WHERE workflow_id = 'sms'", "half way"},
	{"UPDATE enrollments SET step_id = 'gone' WHERE workflow_id = 'sms'",
	 "no such step"},
	{"UPDATE enrollments SET step_id = 'who' WHERE workflow_id = 'sms'",
	 "waits for nothing"},
	{"UPDATE tasks SET state = 4", "its task is over"},
	{"UPDATE tasks SET moves_workflow = 0", "its task is over"},
	{"UPDATE tasks SET state = 3, message_id = 1", "its task is over"},
	{"UPDATE tasks SET step_id = 'other'", "task of another step"},
	{"UPDATE enrollments SET wake_at = 1 WHERE workflow_id = 'sms'",
	 "beside its task"},
	{"UPDATE enrollments SET wake_at = NULL WHERE workflow_id = 'nap'",
	 "ends at no time"},
	{"UPDATE enrollments SET wake_at = NULL WHERE workflow_id = 'reply'",
	 "timeout comes at no time"},
	{"UPDATE enrollments SET state = 2, held_to = '' WHERE workflow_id = 'sms'",
	 "nothing holds it"},
};

static struct standing look(struct desk *desk)
{
	struct standing look = {.call = desk_call(desk, &actor_system)};
	assert_int_equal(desk_read(desk, standing_check, &look.call), ERR_OK);
	return look;
}

static void test_who_stands_without_a_reason_is_found(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "sms", WHO SMS("hello"));
	flow_publish(desk, "nap", "<wait id='nap' for='2d'/>");
	flow_publish(
		desk, "reply",
		"<manual-sms id='sms' name='A' wait='no' "
		"expires='3d'/><wait-for-reply id='reply' to='sms' timeout='2d'/>");
	flow_enroll(desk, "sms", 101, "enrolled");
	flow_enroll(desk, "nap", 102, "enrolled");
	flow_enroll(desk, "reply", 103, "enrolled");
	desk_sql(desk, "DELETE FROM jobs"); /* of publishing: it lets go what is held */
	struct standing fine = look(desk);
	assert_int_equal(fine.open, 3);
	assert_int_equal(fine.wrong, 0);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		desk_sql(desk, "CREATE TABLE kept_runs AS SELECT * FROM enrollments");
		desk_sql(desk, "CREATE TABLE kept_tasks AS SELECT * FROM tasks");
		desk_sql(desk, "%s", wrongs[i].sql);
		struct standing found = look(desk);
		if (found.wrong != 1)
			fail_msg("%s: %u are wrong", wrongs[i].sql, found.wrong);
		assert_true(desk_answers(&found.call, wrongs[i].says));
		desk_sql(desk, "REPLACE INTO enrollments SELECT * FROM kept_runs");
		desk_sql(desk, "REPLACE INTO tasks SELECT * FROM kept_tasks");
		desk_sql(desk, "DROP TABLE kept_runs");
		desk_sql(desk, "DROP TABLE kept_tasks");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_set_up, flow_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_kind_leaves_its_line),
		TEST(test_a_line_as_it_is_read),
		TEST(test_who_stands_without_a_reason_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
