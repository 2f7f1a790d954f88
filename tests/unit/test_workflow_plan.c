/* What a plan looks like when steps hold steps: what follows what, exits, parents, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "workflow/parse.h"

#define HEAD "<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><steps>"
#define TAIL "</steps></workflow>"

static struct plan *plan_of(const char *xml)
{
	struct arena *arena = arena_new();
	struct workflow_report report;
	struct plan *plan = NULL;
	workflow_report_init(&report, arena, NULL);
	if (workflow_parse(xml, strlen(xml), NULL, &plan, &report) != ERR_OK)
		fail_msg("%s", report.count ? report.findings[0].message : "?");
	arena_free(&arena);
	return plan;
}

static const struct step *step_of(const struct plan *plan, const char *id)
{
	int at = plan_find(plan, id);
	if (at < 0)
		fail_msg("no step %s", id);
	return &plan->steps[at];
}

/* The id of the step at this index; "END", "NONE". */
static const char *id_at(const struct plan *plan, int at)
{
	return at == PLAN_END       ? "END"
	       : at == PLAN_NO_EXIT ? "NONE"
				    : plan->steps[at].id;
}

static void assert_next(const struct plan *plan, const char *id, const char *next)
{
	assert_string_equal(id_at(plan, step_of(plan, id)->next), next);
}

static void assert_exit(const struct plan *plan, const char *id, enum sms_exit exit,
			const char *first)
{
	assert_string_equal(id_at(plan, step_of(plan, id)->sms.exits[exit]), first);
}

static void test_exits(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD "<manual-sms id='a' name='A'><on-expired/><message>x</message>"
		     "<on-skipped><add-tag id='s1' tag='x'/><add-tag id='s2' tag='x'/>"
		     "</on-skipped><on-sent><end id='e'/><add-tag id='e1' tag='x'/>"
		     "</on-sent></manual-sms>"
		     "<manual-sms id='b' name='B'><on-failed/><on-sent>"
		     "<wait-for-reply id='r' to='a'><on-timeout><add-tag id='t' "
		     "tag='x'/></on-timeout></wait-for-reply></on-sent>"
		     "</manual-sms>" TAIL);
	assert_exit(plan, "a", SMS_EXIT_SENT, "e");
	assert_exit(plan, "a", SMS_EXIT_SKIPPED, "s1");
	assert_exit(plan, "a", SMS_EXIT_EXPIRED, "b");
	assert_exit(plan, "a", SMS_EXIT_FAILED, "NONE");
	assert_next(plan, "a", "b");
	assert_next(plan, "s1", "s2");
	assert_next(plan, "s2", "b");
	assert_next(plan, "e", "END");
	assert_next(plan, "e1", "b");
	assert_next(plan, "b", "END");
	assert_exit(plan, "b", SMS_EXIT_SENT, "r");
	assert_exit(plan, "b", SMS_EXIT_FAILED, "END");
	assert_next(plan, "r", "END");
	assert_next(plan, "t", "END");
	const struct step_reply *reply = &step_of(plan, "r")->reply;
	assert_string_equal(id_at(plan, reply->on_timeout), "t");
	assert_string_equal(id_at(plan, reply->on_reply), "NONE");
	assert_string_equal(reply->to, "a");
	assert_int_equal(reply->timeout.ms, 0);
	assert_int_equal(step_of(plan, "a")->parent, -1);
	assert_string_equal(id_at(plan, step_of(plan, "t")->parent), "r");
	assert_string_equal(id_at(plan, step_of(plan, "s2")->parent), "a");
	plan_unref(&plan);
}

/* Whatever the order of the exits in the text, the plan has theirs, and numbers the ids it makes by it. */
static void test_order_is_the_languages(void **state)
{
	(void)state;
	static const char sent[] = "<on-sent><add-tag tag='s'/></on-sent>";
	static const char failed[] = "<on-failed><add-tag tag='f'/></on-failed>";
	char text[2][400];
	for (int i = 0; i < 2; i++)
		snprintf(text[i], sizeof(text[i]),
			 HEAD "<manual-sms id='a' name='A'>%s%s</manual-sms>" TAIL,
			 i ? sent : failed, i ? failed : sent);
	struct plan *one = plan_of(text[0]), *two = plan_of(text[1]);
	assert_string_equal(one->hash, two->hash);
	assert_string_equal(step_of(one, "add-tag#1")->tag, "s");
	assert_string_equal(step_of(two, "add-tag#2")->tag, "f");
	plan_unref(&one);
	plan_unref(&two);
}

static void test_waits(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD "<wait id='a' for='4h working'/>"
		     "<wait id='b' until='2027-01-05T09:30'/>"
		     "<wait id='c' until-field='contact.custom.visit' offset='-1d'/>"
		     "<wait id='d' until-hours='yes'/>" TAIL);
	assert_int_equal(step_of(plan, "a")->wait.kind, WAIT_FOR);
	assert_int_equal(step_of(plan, "a")->wait.span.ms, 4 * 3600 * 1000);
	assert_true(step_of(plan, "a")->wait.span.is_working);
	const struct wall *wall = &step_of(plan, "b")->wait.wall;
	assert_int_equal(step_of(plan, "b")->wait.kind, WAIT_UNTIL);
	assert_int_equal(wall->year, 2027);
	assert_int_equal(wall->month, 1);
	assert_int_equal(wall->day, 5);
	assert_int_equal(wall->hour, 9);
	assert_int_equal(wall->minute, 30);
	assert_int_equal(step_of(plan, "c")->wait.kind, WAIT_UNTIL_FIELD);
	assert_string_equal(step_of(plan, "c")->wait.field, "contact.custom.visit");
	assert_int_equal(step_of(plan, "c")->wait.offset_ms, -86400 * 1000);
	assert_int_equal(step_of(plan, "d")->wait.kind, WAIT_UNTIL_HOURS);
	plan_unref(&plan);
}

static void test_go_to(void **state)
{
	(void)state;
	struct plan *plan =
		plan_of(HEAD "<wait id='a' for='1d'/><go-to id='g' step='a' max='3'/>"
			     "<go-to id='h' step='z'/><end id='z'/>" TAIL);
	assert_string_equal(id_at(plan, step_of(plan, "g")->go_to.target), "a");
	assert_int_equal(step_of(plan, "g")->go_to.max, 3);
	assert_next(plan, "g", "h");
	assert_string_equal(id_at(plan, step_of(plan, "h")->go_to.target), "z");
	assert_int_equal(step_of(plan, "h")->go_to.max, 0);
	plan_unref(&plan);
}

static void test_effects(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD "<set-field id='s' field='contact.custom.x' value='{{ "
		     "contact.name }}'/>"
		     "<call-hook id='u' url='https://a.example/' event='x.y'/>"
		     "<call-hook id='h' hook='crm' event='x'/>"
		     "<send-email id='m' to='a@b.example' subject='Hi'><body> Dear "
		     "</body></send-email>" TAIL);
	const struct step_set_field *set = &step_of(plan, "s")->set_field;
	assert_string_equal(set->field, "contact.custom.x");
	assert_true(template_uses(set->value, "contact.name"));
	assert_string_equal(step_of(plan, "u")->hook.url, "https://a.example/");
	assert_null(step_of(plan, "u")->hook.hook);
	assert_string_equal(step_of(plan, "u")->hook.event, "x.y");
	assert_string_equal(step_of(plan, "h")->hook.hook, "crm");
	assert_null(step_of(plan, "h")->hook.url);
	assert_string_equal(step_of(plan, "m")->email.body_text, "Dear");
	assert_non_null(step_of(plan, "m")->email.to);
	assert_non_null(step_of(plan, "m")->email.subject);
	assert_non_null(step_of(plan, "m")->email.body);
	plan_unref(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_order_is_the_languages),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_go_to),
		cmocka_unit_test(test_effects),
	};
	return cmocka_run_group_tests_name("workflow plan", tests, NULL, NULL);
}
