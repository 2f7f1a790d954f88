/* The parser beyond the corpus: the plan, places, the report, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "workflow/language.h"
#include "workflow/lint.h"
#include "workflow/parse.h"

/* With a trigger, so that nothing is odd about what follows; the steps begin in line 3. */
#define HEAD                                                        \
	"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'>" \
	"<triggers><contact-created/></triggers>\n<steps>\n"
#define TAIL "</steps>\n</workflow>\n"
#define WHOLE                                                               \
	HEAD "<assign-user id='who'><user login='ana'/></assign-user>\n"    \
	     "<manual-sms id='hello' name='H' expires='1d'><message>Hi {{ " \
	     "contact.name }}</message></manual-sms>\n" TAIL

static struct arena *arena;
static struct workflow_report report;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	workflow_report_init(&report, arena, "w.xml");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err parse(const char *xml, struct plan **plan_out)
{
	return workflow_parse(xml, strlen(xml), NULL, plan_out, &report);
}

static struct plan *plan_of(const char *xml)
{
	struct plan *plan = NULL;
	enum err err = parse(xml, &plan);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err),
			 report.count ? report.findings[0].message : "no findings");
	return plan;
}

static void assert_refused(const char *xml, const char *code)
{
	struct plan *plan = NULL;
	workflow_report_init(&report, arena, "w.xml");
	assert_int_equal(parse(xml, &plan), ERR_INVALID_WORKFLOW);
	assert_null(plan);
	assert_true(report.count > 0);
	assert_string_equal(report.findings[0].code, code);
}

static void assert_finding(size_t i, const char *code, unsigned line, unsigned column,
			   const char *step)
{
	assert_true(i < report.count);
	const struct workflow_finding *finding = &report.findings[i];
	assert_string_equal(finding->code, code);
	assert_int_equal(finding->place.line, line);
	assert_int_equal(finding->place.column, column);
	if (step)
		assert_string_equal(finding->step, step);
	else
		assert_null(finding->step);
}

/* --- the plan --- */

static void test_plan(void **state)
{
	(void)state;
	struct plan *plan =
		plan_of("<workflow xmlns='urn:handbox:workflow:1' id='a-b' name='A "
			"&amp; B' publish='yes'>"
			"<description> Two\nlines </description><settings "
			"reentry='once' sender='123' smsc='main'/><steps>"
			"<assign-user id='who' only-unassigned='yes'><user "
			"login='ana'/><user login='ben' weight='2'/></assign-user>"
			"<manual-sms id='sms' name='N' due='4h' expires='3d' "
			"wait='no'><message> Hi {{ user.name }}!\n</message>"
			"</manual-sms><add-tag tag='x'/><remove-tag id='r' "
			"tag='y'/><end/><add-tag tag='z'/>"
			"<assign-user id='t'><team name='sales' "
			"pool='yes'/></assign-user></steps></workflow>");
	assert_string_equal(plan->id, "a-b");
	assert_string_equal(plan->name, "A & B");
	assert_string_equal(plan->description, "Two\nlines");
	assert_true(plan->publish);
	assert_int_equal(plan->settings.reentry, REENTRY_ONCE);
	assert_string_equal(plan->settings.sender, "123");
	assert_string_equal(plan->settings.smsc, "main");
	assert_int_equal(plan->step_count, 7);
	assert_int_equal(plan->first, 0);

	const struct step *steps = plan->steps;
	assert_int_equal(steps[0].kind, STEP_ASSIGN_USER);
	assert_true(steps[0].assign.only_unassigned);
	assert_int_equal(steps[0].assign.user_count, 2);
	assert_int_equal(steps[0].assign.users[0].weight, 1);
	assert_string_equal(steps[0].assign.users[1].login, "ben");
	assert_int_equal(steps[0].assign.users[1].weight, 2);
	assert_int_equal(steps[1].sms.due.ms, 4 * 3600 * 1000);
	assert_int_equal(steps[1].sms.expires.ms, 3 * 86400 * 1000);
	assert_false(steps[1].sms.does_wait);
	assert_string_equal(steps[1].sms.text, "Hi {{ user.name }}!");
	assert_true(template_uses(steps[1].sms.template, "user."));
	assert_string_equal(steps[2].id, "add-tag#1");
	assert_false(steps[2].is_id_written);
	assert_string_equal(steps[3].id, "r");
	assert_int_equal(steps[3].next, 4);
	assert_int_equal(steps[4].next, PLAN_END);
	assert_string_equal(steps[5].id, "add-tag#2");
	assert_string_equal(steps[6].assign.team, "sales");
	assert_true(steps[6].assign.is_pool);
	assert_int_equal(steps[6].next, PLAN_END);
	assert_int_equal(plan_find(plan, "r"), 3);
	assert_int_equal(plan_find(plan, "nobody"), -1);
	plan_unref(&plan);
	assert_null(plan);
	plan_unref(&plan);
}

static void test_defaults(void **state)
{
	(void)state;
	struct plan *plan = plan_of(HEAD "<manual-sms id='a' name='A'/>" TAIL);
	assert_false(plan->publish);
	assert_null(plan->description);
	assert_int_equal(plan->settings.reentry, REENTRY_ONE_AT_A_TIME);
	assert_null(plan->settings.sender);
	assert_true(plan->steps[0].sms.does_wait);
	assert_int_equal(plan->steps[0].sms.due.ms, 0);
	assert_null(plan->steps[0].sms.text);
	assert_null(plan->steps[0].sms.template);
	plan_unref(&plan);
}

/* The hash is of the meaning: layout, comments, defaults written out and publish= do not count; anything else does. */
static void test_hash(void **state)
{
	(void)state;
	struct plan *a = plan_of(HEAD "<add-tag tag='x'/>" TAIL);
	struct plan *b =
		plan_of("<workflow publish='yes' name='W' id='w' "
			"xmlns='urn:handbox:workflow:1'><!-- c -->"
			"<settings reentry='one-at-a-time'/><triggers>"
			"<contact-created imports='no'/></triggers><steps><add-tag "
			"tag='x'></add-tag></steps>"
			"</workflow>");
	struct plan *c = plan_of(HEAD "<add-tag tag='y'/>" TAIL);
	assert_int_equal(strlen(a->hash), PLAN_HASH_LEN - 1);
	assert_string_equal(a->hash, b->hash);
	assert_string_not_equal(a->xml, b->xml);
	assert_string_not_equal(a->hash, c->hash);
	plan_unref(&a);
	plan_unref(&b);
	plan_unref(&c);
}

/* --- the report --- */

static void test_places(void **state)
{
	(void)state;
	struct plan *plan;
	const char *xml =
		"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><steps>\r\n"
		"<!-- é --><manual-sms id='hello' name='N'\n"
		"  due='soon'\n"
		"  a:x='>' xmlns:a='u'><message>é &lt;{{ contact.x }}<![CDATA[\n"
		"< {{ contact.name | y }}]]></message></manual-sms>\n"
		"\t<wait id='w1'/><steps/></steps></workflow>";
	assert_int_equal(parse(xml, &plan), ERR_INVALID_WORKFLOW);
	assert_int_equal(report.error_count, 6);
	assert_finding(0, "bad_duration", 3, 3, "hello");
	assert_finding(1, "unknown_attribute", 4, 3, "hello");
	assert_finding(2, "unknown_field", 4, 41, "hello");
	assert_finding(3, "unknown_filter", 5, 21, "hello");
	assert_finding(4, "bad_wait", 6, 2, "w1");
	assert_finding(5, "misplaced_element", 6, 17, NULL);
}

/* The text is taken without the blanks before it, and with LF for CR LF: places are those of the file all the same. */
static void test_places_behind_blanks(void **state)
{
	(void)state;
	struct plan *plan;
	const char *xml = HEAD "<manual-sms id='a' name='A'><message>\r\n\r\n  "
			       "\r\n\tHi\r\n\r\n  {{ contact.x }}\r\n"
			       "</message></manual-sms>" TAIL;
	assert_int_equal(parse(xml, &plan), ERR_INVALID_WORKFLOW);
	assert_int_equal(report.count, 1);
	assert_finding(0, "unknown_field", 8, 6, "a");
}

static void test_messages_help(void **state)
{
	(void)state;
	assert_refused(HEAD "<add-tga tag='x'/>" TAIL, "unknown_element");
	assert_non_null(strstr(report.findings[0].message, "<add-tga>"));
	assert_non_null(
		strstr(report.findings[0].message,
		       "<assign-user>, <manual-sms>, <wait-for-reply>, <wait>, "));
	assert_refused(HEAD "<add-tag tagg='x'/>" TAIL, "missing_attribute");
	assert_non_null(
		strstr(report.findings[1].message, "\"tagg\". Allowed: id, tag."));
	assert_refused(HEAD "<manual-sms id='a' name='A' due='4 hours'/>" TAIL,
		       "bad_duration");
	assert_non_null(strstr(report.findings[0].message, "due=\"4 hours\""));
	assert_refused("<workflow/>", "wrong_namespace");
	assert_non_null(
		strstr(report.findings[0].message, "xmlns=\"urn:handbox:workflow:1\""));
}

static void test_excerpt_keeps_characters_whole(void **state)
{
	(void)state;
	struct buf euros = BUF_EMPTY;
	for (int i = 0; i < 40; i++)
		buf_add_str(&euros, "€");
	for (int lead = 0; lead < 4; lead++) {
		assert_refused(
			arena_printf(arena,
				     HEAD
				     "<manual-sms id='a' name='A' wait='%.*s%s'/>" TAIL,
				     lead, "xxx", buf_str(&euros)),
			"bad_value");
		assert_non_null(
			strstr(report.findings[0].message, "€…\" of <manual-sms>"));
	}
	buf_fini(&euros);
}

static void test_print_and_json(void **state)
{
	(void)state;
	struct plan *plan = plan_of(HEAD "<manual-sms id='a' name='A'/>" TAIL);
	struct buf text = BUF_EMPTY, body = BUF_EMPTY;
	struct json json;
	workflow_report_add(&report,
			    (struct finding_at){FINDING_ERROR, {0, 0}, NULL, "x"},
			    "No %s", "place.");
	workflow_report_sort(&report);
	workflow_report_print(&report, &text);
	assert_non_null(strstr(buf_str(&text), "w.xml: error: No place. [x]\n"));
	assert_non_null(strstr(buf_str(&text), "w.xml:3:1: warning: step a: "));
	assert_non_null(strstr(buf_str(&text), "[sms_without_assign]\n"));
	json_init(&json, &body);
	workflow_report_json(&report, FINDING_ERROR, &json);
	assert_string_equal(
		buf_str(&body),
		"[{\"step\":null,\"code\":\"x\",\"message\":\"No place.\"}]");
	buf_clear(&body);
	json_init(&json, &body);
	workflow_report_json(&report, FINDING_WARNING, &json);
	assert_non_null(strstr(
		buf_str(&body),
		"{\"line\":3,\"column\":1,\"step\":\"a\",\"code\":\"sms_without_"));
	plan_unref(&plan);
	buf_fini(&text);
	buf_fini(&body);
}

static void test_report_is_bounded(void **state)
{
	(void)state;
	struct buf xml = BUF_EMPTY, text = BUF_EMPTY;
	struct plan *plan;
	buf_add_str(&xml, HEAD);
	for (int i = 0; i < 5000; i++)
		buf_add_str(&xml, "<nonsense/>\n");
	buf_add_str(&xml, TAIL);
	assert_int_equal(parse(buf_str(&xml), &plan), ERR_INVALID_WORKFLOW);
	assert_int_equal(report.count, WORKFLOW_FINDINGS_MAX);
	assert_int_equal(report.error_count, 5000);
	workflow_report_print(&report, &text);
	assert_non_null(strstr(buf_str(&text), "4900 more are not shown"));
	buf_fini(&xml);
	buf_fini(&text);
}

/* --- lint with the world's help --- */

static enum name_state user_state(void *arg, const char *login)
{
	(void)arg;
	if (strcmp(login, "ana") == 0)
		return NAME_ACTIVE;
	return strcmp(login, "old") == 0 || strcmp(login, "gone") == 0 ? NAME_INACTIVE
								       : NAME_UNKNOWN;
}

static enum name_state team_state(void *arg, const char *name)
{
	(void)arg;
	if (strcmp(name, "sales") == 0)
		return NAME_ACTIVE;
	return strcmp(name, "empty") == 0 ? NAME_INACTIVE : NAME_UNKNOWN;
}

static void test_names(void **state)
{
	(void)state;
	const struct workflow_names names = {.user = user_state, .team = team_state};
	const struct workflow_names nothing = {.user = NULL};
	struct plan *plan = plan_of(
		HEAD "<assign-user id='a'><user login='ana'/></assign-user>\n"
		     "<assign-user id='b'>\n<user login='ana'/>\n<user "
		     "login='old'/></assign-user>\n"
		     "<assign-user id='c'><user login='old'/><user "
		     "login='gone'/></assign-user>\n"
		     "<assign-user id='d'><user login='nobody'/></assign-user>\n"
		     "<assign-user id='e'><team name='sales'/></assign-user>\n"
		     "<assign-user id='f'><team name='empty'/></assign-user>\n"
		     "<assign-user id='g'><team name='none'/></assign-user>\n" TAIL);
	workflow_lint_names(plan, &nothing, &report);
	assert_int_equal(report.count, 0);
	workflow_lint_names(plan, &names, &report);
	assert_int_equal(report.count, 6);
	assert_finding(0, "inactive_user", 6, 1, "b");
	assert_int_equal(report.findings[0].severity, FINDING_WARNING);
	assert_finding(1, "inactive_user", 7, 21, "c");
	assert_int_equal(report.findings[1].severity, FINDING_ERROR);
	assert_finding(2, "inactive_user", 7, 40, "c");
	assert_finding(3, "unknown_user", 8, 21, "d");
	assert_finding(4, "inactive_team", 10, 21, "f");
	assert_int_equal(report.findings[4].severity, FINDING_WARNING);
	assert_finding(5, "unknown_team", 11, 21, "g");
	assert_int_equal(report.error_count, 4);
	plan_unref(&plan);
}

static unsigned one_per_ten_bytes(const char *text, size_t len_bytes)
{
	assert_int_equal(strlen(text), len_bytes);
	assert_null(strstr(text, "{{"));
	return (unsigned)(len_bytes + 9) / 10;
}

static void test_segments(void **state)
{
	(void)state;
	const struct workflow_options tight = {one_per_ten_bytes, 1},
				      wide = {one_per_ten_bytes, 2};
	struct plan *plan;
	assert_int_equal(workflow_parse(WHOLE, strlen(WHOLE), &wide, &plan, &report),
			 ERR_OK);
	assert_int_equal(report.count, 0);
	plan_unref(&plan);
	const char *longer =
		HEAD "<assign-user id='who'><user login='ana'/></assign-user>\n"
		     "<manual-sms id='hello' name='H' expires='1d'>"
		     "<message>{{ contact.name | default: 'x' }} "
		     "012345</message></manual-sms>\n" TAIL;
	assert_int_equal(workflow_parse(longer, strlen(longer), &tight, &plan, &report),
			 ERR_OK);
	assert_int_equal(report.count, 1);
	assert_finding(0, "too_many_segments", 4, 1, "hello");
	plan_unref(&plan);
}

/* --- the tables --- */

static void test_language_is_whole(void **state)
{
	(void)state;
	for (int id = 0; id < EL_COUNT; id++) {
		const struct element *row = &language[id];
		assert_non_null(row->name);
		assert_int_equal(language_find(row->name), id);
		assert_int_equal(row->parents == 0, id == EL_WORKFLOW);
		size_t count = 0;
		while (count < ELEMENT_ATTRIBUTES_MAX && row->attributes[count].name)
			count++;
		assert_true(count < ELEMENT_ATTRIBUTES_MAX);
	}
	assert_int_equal(language_find("no-such"), EL_NONE);
}

/* Each with an arena and a report of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plan),
		TEST(test_defaults),
		TEST(test_hash),
		TEST(test_places),
		TEST(test_places_behind_blanks),
		TEST(test_messages_help),
		TEST(test_excerpt_keeps_characters_whole),
		TEST(test_print_and_json),
		TEST(test_report_is_bounded),
		TEST(test_names),
		TEST(test_segments),
		TEST(test_language_is_whole),
	};
	return cmocka_run_group_tests_name("workflow parse", tests, NULL, NULL);
}
