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

static void test_branch(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD "<branch id='b'><when name='One'><all><condition "
		     "field='contact.tag' is='x'/><not><condition "
		     "field='contact.email' is-set='no'/></not></all>"
		     "<steps><branch id='c'><when><condition field='contact.tag' "
		     "is='y'/><steps><end id='e'/></steps></when></branch>"
		     "<add-tag id='s' tag='x'/></steps></when>"
		     "<when><condition field='contact.tag' is='z'/><steps/></when>"
		     "<otherwise><add-tag id='o' tag='x'/></otherwise></branch>"
		     "<add-tag id='last' tag='x'/>" TAIL);
	const struct step_branch *b = &step_of(plan, "b")->branch;
	assert_int_equal(b->when_count, 2);
	assert_string_equal(b->whens[0].name, "One");
	assert_string_equal(id_at(plan, b->whens[0].first), "c");
	assert_null(b->whens[1].name);
	assert_string_equal(id_at(plan, b->whens[1].first), "last");
	assert_string_equal(id_at(plan, b->otherwise), "o");
	const struct condition *all = b->whens[0].condition;
	assert_int_equal(all->kind, CONDITION_ALL);
	assert_int_equal(all->child_count, 2);
	assert_string_equal(all->children[0]->value, "x");
	assert_int_equal(all->children[1]->kind, CONDITION_NOT);
	assert_int_equal(all->children[1]->children[0]->op, CONDITION_IS_SET);
	const struct step_branch *c = &step_of(plan, "c")->branch;
	assert_int_equal(c->when_count, 1);
	assert_string_equal(id_at(plan, c->whens[0].first), "e");
	assert_int_equal(c->otherwise, PLAN_NO_EXIT);
	assert_next(plan, "c", "s");
	assert_next(plan, "s", "last");
	assert_next(plan, "o", "last");
	assert_next(plan, "b", "last");
	assert_int_equal(plan->test_count, 4);
	plan_unref(&plan);
}

static void test_triggers(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><triggers>"
		"<filter><condition field='contact.country' is='PT'/></filter>"
		"<contact-created imports='yes'/><tag-added tag='a'/>"
		"<tag-removed tag='r'><condition field='contact.tag' is='b'/>"
		"</tag-removed><field-changed field='contact.custom.x'/>"
		"<message-received keyword='INFO'/><message-received/>"
		"<event name='e.f'/>"
		"<date field='contact.custom.d' offset='-7d' at='10:30'/>"
		"<date field='contact.custom.d'/></triggers><steps/></workflow>");
	static const struct {
		enum trigger_kind kind;
		const char *name;
	} expected[] = {
		{TRIGGER_CONTACT_CREATED, NULL},
		{TRIGGER_TAG_ADDED, "a"},
		{TRIGGER_TAG_REMOVED, "r"},
		{TRIGGER_FIELD_CHANGED, "contact.custom.x"},
		{TRIGGER_MESSAGE_RECEIVED, "INFO"},
		{TRIGGER_MESSAGE_RECEIVED, NULL},
		{TRIGGER_EVENT, "e.f"},
		{TRIGGER_DATE, "contact.custom.d"},
		{TRIGGER_DATE, "contact.custom.d"},
	};
	size_t count = sizeof(expected) / sizeof(expected[0]);
	assert_int_equal(plan->trigger_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(plan->triggers[i].kind, expected[i].kind);
		if (expected[i].name)
			assert_string_equal(plan->triggers[i].name, expected[i].name);
		else
			assert_null(plan->triggers[i].name);
		assert_int_equal(!plan->triggers[i].condition, i != 2);
	}
	assert_true(plan->triggers[0].imports);
	assert_int_equal(plan->triggers[7].offset_ms, -7 * 86400 * 1000);
	assert_int_equal(plan->triggers[7].at_minute, 630);
	assert_int_equal(plan->triggers[8].offset_ms, 0);
	assert_int_equal(plan->triggers[8].at_minute, 540);
	assert_string_equal(plan->filter->value, "PT");
	plan_unref(&plan);
}

static void test_hours(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><settings>"
		"<hours days='mon sun' from='09:00' to='24:00'/>"
		"<hours days='tue' from='00:00' to='00:01' timezone='UTC'/>"
		"</settings><steps/></workflow>");
	const struct hours *hours = plan->settings.hours;
	assert_non_null(hours);
	assert_int_equal(hours->count, 2);
	assert_int_equal(hours->windows[0].days, 1 | 1 << 6);
	assert_int_equal(hours->windows[0].from, 540);
	assert_int_equal(hours->windows[0].to, 1440);
	assert_null(hours->windows[0].zone);
	assert_int_equal(hours->windows[1].days, 1 << 1);
	assert_int_equal(hours->windows[1].from, 0);
	assert_int_equal(hours->windows[1].to, 1);
	assert_ptr_equal(hours->windows[1].zone, zone_find("UTC"));
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
		cmocka_unit_test(test_branch),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_hours),
	};
	return cmocka_run_group_tests_name("workflow plan", tests, NULL, NULL);
}
