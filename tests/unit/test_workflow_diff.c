/* What differs between two texts of a workflow, as a table: the sentences, in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "workflow/diff.h"

#define XML(rest) \
	"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'>" rest "</workflow>"
#define STEPS(steps) XML("<steps>" steps "</steps>")
#define A            "<manual-sms id='a' name='A'/>"
#define B            "<manual-sms id='b' name='B'/>"
#define C            "<manual-sms id='c' name='C'/>"

static const struct {
	const char *from, *to, *says;
} rows[] = {
	{STEPS(A B), STEPS("  " A "<!-- why -->\n" B), ""},
	{STEPS(A B C), STEPS(C A B),
	 "Step \"c\" (manual-sms) moved from the steps to the steps, as the first.\n"},
	{STEPS(A B C), STEPS(B C A),
	 "Step \"a\" (manual-sms) moved from the steps to the steps, behind Step \"c\" "
	 "(manual-sms).\n"},
	{STEPS(A B),
	 STEPS("<manual-sms id='a' name='A'><on-sent>" B "</on-sent></manual-sms>"),
	 "Step \"b\" (manual-sms) moved from the steps to on-sent of \"a\", as the "
	 "first.\n"},
	{STEPS(A B), STEPS(A), "Step \"b\" (manual-sms) is gone.\n"},
	{STEPS(A), STEPS("<manual-sms id='a' name='A' locked='yes' priority='5'/>"),
	 "Step \"a\" (manual-sms): locked is now \"yes\".\n"
	 "Step \"a\" (manual-sms): priority is now \"5\".\n"},
	{STEPS(A), STEPS(A "<end/>"), "Step end is new, in the steps.\n"},
	{STEPS("<add-tag tag='x'/><add-tag tag='y'/>"), STEPS("<add-tag tag='y'/>"),
	 "Step add-tag \"x\" is gone.\n"},
	{STEPS("<add-tag tag='x'/>"), STEPS("<add-tag tag='z'/>"),
	 "Step add-tag \"z\": tag changed from \"x\" to \"z\".\n"},
	{STEPS("<assign-user id='w'><user login='ana'/><user "
	       "login='ben'/></assign-user>"),
	 STEPS("<assign-user id='w'><user login='ben' weight='2'/></assign-user>"),
	 "Step \"w\" (assign-user): user ana is gone.\n"
	 "Step \"w\" (assign-user): user ben weight is now \"2\".\n"},
	{XML("<triggers><tag-added tag='a'/></triggers><steps/>"),
	 XML("<triggers><tag-added tag='b'/></triggers><steps/>"),
	 "Trigger tag-added \"b\": tag changed from \"a\" to \"b\".\n"},
	{XML("<settings reentry='once'/><steps/>"), XML("<settings/><steps/>"),
	 "The settings: reentry, which was \"once\", is gone.\n"},
	{XML("<description>One</description><steps/>"),
	 XML("<description>Two</description><steps/>"),
	 "The workflow: description changed from \"One\" to \"Two\".\n"},
	{STEPS("<branch id='b'><when name='VIP'><condition field='contact.tag' "
	       "is='a'/><steps>" A "</steps></when></branch>"),
	 STEPS("<branch id='b'><when name='VIP'><condition field='contact.tag' "
	       "is='v'/><steps>" C "</steps></when></branch>"),
	 "Step \"a\" (manual-sms) is gone.\n"
	 "Step \"b\" (branch): when VIP condition contact.tag is changed from \"a\" to "
	 "\"v\".\n"
	 "Step \"c\" (manual-sms) is new, in when VIP of \"b\".\n"},
};

static void test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct workflow_diff diff;
		struct buf said = BUF_EMPTY;
		assert_int_equal(workflow_diff(arena, rows[i].from, rows[i].to, &diff),
				 ERR_OK);
		for (size_t k = 0; k < diff.count; k++)
			buf_printf(&said, "%s\n", diff.changes[k].text);
		if (strcmp(buf_str(&said), rows[i].says) != 0)
			fail_msg("row %zu says\n%snot\n%s", i, buf_str(&said),
				 rows[i].says);
		buf_fini(&said);
		arena_free(&arena);
	}
}

static void test_no_workflow(void **state)
{
	struct arena *arena = arena_new();
	struct workflow_diff diff;
	(void)state;
	assert_int_equal(workflow_diff(arena, STEPS(A), "<workflow", &diff),
			 ERR_INVALID_WORKFLOW);
	assert_int_equal(workflow_diff(arena, "<!DOCTYPE x><x/>", STEPS(A), &diff),
			 ERR_INVALID_WORKFLOW);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sentences),
					   cmocka_unit_test(test_no_workflow)};
	return cmocka_run_group_tests_name("workflow_diff", tests, NULL, NULL);
}
