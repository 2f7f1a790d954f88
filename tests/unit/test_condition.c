/* test_condition.c - conditions as a table: each operator on each kind of value, groups, what was seen, patterns with
 * bounded effort; decimals compared exactly */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "model/condition.h"
#include "model/decimal.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* the contact: one field, two tags */
static const char *only_value(void *arg, const char *field)
{
	(void)field;
	return arg;
}

static bool two_tags(void *arg, const char *tag)
{
	(void)arg;
	return strcmp(tag, "vip") == 0 || strcmp(tag, "Lead 7") == 0;
}

static const struct condition *compile(const char *field, const char *op,
				       const char *value)
{
	const struct condition *test = NULL;
	const char *why = NULL;
	if (condition_compile(arena, field, condition_op_find(op), value, &test,
			      &why) != ERR_OK)
		fail_msg("%s %s \"%s\": %s", field, op, value, why);
	return test;
}

#define LONG_ "123456789012345678901234567890"

/* y holds, n does not, m does not because it cannot be compared */
static const struct {
	const char *value, *op, *wanted, *answer;
} operator_rows[] = {
	{"Lisbon", "is", "LISBON", "y"},
	{" Lisbon\n", "is", "\tlisbon ", "y"},
	{"Lisbon", "is", "Lisboa", "n"},
	{"Lisbon", "is", "Lisbo", "n"},
	{"Lisbo", "is", "Lisbon", "n"},
	{"ÉVORA", "is", "évora", "y"},
	{"Evora", "is", "évora", "n"},
	{"ΟΔΟΣ", "is", "οδος", "y"},
	{"10", "is", "10.00", "y"},
	{"+10", "is", "10", "y"},
	{"-0", "is", "0", "y"},
	{"10", "is", "10a", "n"},
	{"1e1", "is", "10", "n"},
	{NULL, "is", "x", "n"},
	{" \t", "is", "x", "n"},
	{"\xff", "is", "x", "m"},

	{"a", "is-not", "b", "y"},
	{"A", "is-not", "a", "n"},
	{"1.0", "is-not", "1", "n"},
	{NULL, "is-not", "x", "y"},
	{"", "is-not", "x", "y"},
	{"\xff", "is-not", "x", "m"},

	{"Fixed Line", "contains", "ED L", "y"},
	{"aabaabaac", "contains", "aabaac", "y"},
	{"aabaabaad", "contains", "aabaac", "n"},
	{"Fixed Line", "contains", "mobile", "n"},
	{NULL, "contains", "x", "n"},
	{"ab\xff", "contains", "x", "m"},
	{"Fixed Line", "starts-with", "fix", "y"},
	{"Fixed", "starts-with", "fixed line", "n"},
	{"Fixed Line", "starts-with", "line", "n"},
	{"Fixed Line  ", "ends-with", "LINE", "y"},
	{"aabaabaa", "ends-with", "aabaa", "y"},
	{"line x", "ends-with", "line", "n"},
	{"ananan", "ends-with", "anan", "y"},

	{"1000.01", "greater-than", "1000", "y"},
	{"1000", "greater-than", "1000.0", "n"},
	{"-5", "greater-than", "-6", "y"},
	{"0.1", "greater-than", "0.09999999999999999999999999", "y"},
	{LONG_ ".2", "greater-than", LONG_ ".10", "y"},
	{"9", "greater-than", "10", "n"},
	{"09", "less-than", "10", "y"},
	{"-1", "less-than", "0", "y"},
	{"0.30000000000000000001", "less-than", "0.3", "n"},
	{"many", "greater-than", "1", "m"},
	{"1,000", "greater-than", "1", "m"},
	{NULL, "less-than", "1", "n"},
	{"0x10", "less-than", "20", "m"},

	{"2027-01-31", "before", "2027-02-01", "y"},
	{"2027-02-01", "before", "2027-02-01", "n"},
	{"2027-01-31T23:59:59Z", "before", "2027-02-01", "y"},
	{"2027-02-01T00:00:00Z", "before", "2027-02-01", "n"},
	{"2027-02-01T00:30:00+01:00", "before", "2027-02-01", "y"},
	{"2027-02-01T00:00:00.001Z", "after", "2027-02-01", "y"},
	{"2027-02-02", "after", "2027-02-01T12:00:00Z", "y"},
	{"2027-02-30", "after", "2027-02-01", "m"},
	{"31/01/2027", "before", "2027-02-01", "m"},
	{"2027-1-1", "before", "2027-02-01", "m"},
	{NULL, "before", "2027-02-01", "n"},

	{"pt", "in", "ES | PT|FR", "y"},
	{"1.50", "in", "1|1.5", "y"},
	{"DE", "in", "ES|PT", "n"},
	{NULL, "in", "ES", "n"},

	{"AB-12", "matches", "[A-Z]{2}-\\d+", "y"},
	{"AB-12x", "matches", "[A-Z]{2}-\\d+", "n"},
	{"ab-12", "matches", "[A-Z]{2}-\\d+", "n"},
	{"ab-12", "matches", "(?i)[A-Z]{2}-\\d+", "y"},
	{"É", "matches", "\\w", "y"},
	{"a\nb", "matches", "a", "n"},
	{"a|b", "matches", "x|a\\|b", "y"},
	{"ab", "matches", "a|ab", "y"},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "matches", "(a+)+", "m"},
	{"\xff", "matches", ".*", "m"},
	{NULL, "matches", ".*", "n"},

	{"x", "is-set", "yes", "y"},
	{" ", "is-set", "yes", "n"},
	{NULL, "is-set", "no", "y"},
	{"x", "is-set", "no", "n"},
};

static void each_operator_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(operator_rows) / sizeof(operator_rows[0]); i++) {
		const struct condition *test =
			compile("contact.custom.x", operator_rows[i].op,
				operator_rows[i].wanted);
		struct condition_facts facts = {only_value, two_tags,
						(void *)operator_rows[i].value, NULL};
		struct condition_seen seen = {.arena = arena};
		bool holds = condition_holds(test, &facts, &seen);
		assert_int_equal(seen.count, 1);
		const char *answer = holds                         ? "y"
				     : seen.answers[0].is_mismatch ? "m"
								   : "n";
		if (strcmp(answer, operator_rows[i].answer) != 0)
			fail_msg("\"%s\" %s \"%s\": %s, expected %s",
				 operator_rows[i].value ? operator_rows[i].value
							: "(none)",
				 operator_rows[i].op, operator_rows[i].wanted, answer,
				 operator_rows[i].answer);
		assert_true(seen.answers[0].holds == holds);
		assert_true(condition_holds(test, &facts, NULL) == holds);
		condition_release(test);
	}
}

static void a_date_begins_in_the_contacts_zone(void **state)
{
	(void)state;
	const struct condition *test =
		compile("contact.created_at", "before", "2027-07-01");
	const struct zone *lisbon = zone_find("Europe/Lisbon");
	assert_non_null(lisbon);
	char instant[] = "2027-06-30T23:30:00Z";
	struct condition_facts facts = {only_value, two_tags, instant, lisbon};
	assert_false(
		condition_holds(test, &facts, NULL)); /* half past midnight there */
	facts.zone = NULL;
	assert_true(condition_holds(test, &facts, NULL));
}

static void tags_are_there_or_not(void **state)
{
	(void)state;
	static const struct {
		const char *op, *wanted;
		bool holds, has;
	} rows[] = {
		{"is", "vip", true, true},           {"is", " Lead 7 ", true, true},
		{"is", "gold", false, false},        {"is-not", "gold", true, false},
		{"is-not", "vip", false, true},      {"in", "gold|vip", true, true},
		{"in", "gold|silver", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct condition_facts facts = {only_value, two_tags, NULL, NULL};
		struct condition_seen seen = {.arena = arena};
		assert_int_equal(condition_holds(compile("contact.tag", rows[i].op,
							 rows[i].wanted),
						 &facts, &seen),
				 rows[i].holds);
		assert_string_equal(seen.answers[0].value, rows[i].has ? "yes" : "no");
	}
}

static void groups_stop_when_decided(void **state)
{
	(void)state;
	const struct condition *yes = compile("contact.email", "is", "x"),
			       *no = compile("contact.email", "is", "y"), *two[2],
			       *group;
	char x[] = "x";
	struct condition_facts facts = {only_value, two_tags, x, NULL};
	static const struct {
		enum condition_kind kind;
		bool first, second, holds;
		size_t asked;
	} rows[] = {
		{CONDITION_ALL, true, true, true, 2},
		{CONDITION_ALL, true, false, false, 2},
		{CONDITION_ALL, false, true, false, 1},
		{CONDITION_ANY, false, false, false, 2},
		{CONDITION_ANY, true, false, true, 1},
		{CONDITION_ANY, false, true, true, 2},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		two[0] = rows[i].first ? yes : no;
		two[1] = rows[i].second ? yes : no;
		group = condition_group(arena, rows[i].kind, two, 2);
		two[0] = NULL; /* it has its own copy */
		struct condition_seen seen = {.arena = arena};
		assert_int_equal(condition_holds(group, &facts, &seen), rows[i].holds);
		assert_int_equal(seen.asked, rows[i].asked);
		const struct condition *not =
			condition_group(arena, CONDITION_NOT, &group, 1);
		assert_int_equal(condition_holds(not, &facts, NULL), !rows[i].holds);
	}
	group = condition_group(arena, CONDITION_ALL, NULL, 0);
	assert_true(condition_holds(group, &facts, NULL));
	group = condition_group(arena, CONDITION_ANY, NULL, 0);
	assert_false(condition_holds(group, &facts, NULL));
}

static void only_so_many_answers_are_kept(void **state)
{
	(void)state;
	const struct condition *many[CONDITION_SEEN_MOST + 8];
	for (size_t i = 0; i < CONDITION_SEEN_MOST + 8; i++)
		many[i] = compile("contact.email", "is", "x");
	const struct condition *all =
		condition_group(arena, CONDITION_ALL, many, CONDITION_SEEN_MOST + 8);
	char x[] = "x";
	struct condition_facts facts = {only_value, two_tags, x, NULL};
	struct condition_seen seen = {.arena = arena};
	assert_true(condition_holds(all, &facts, &seen));
	assert_int_equal(seen.count, CONDITION_SEEN_MOST);
	assert_int_equal(seen.asked, CONDITION_SEEN_MOST + 8);
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	char long_pattern[600];
	memset(long_pattern, 'a', sizeof(long_pattern) - 1);
	long_pattern[sizeof(long_pattern) - 1] = '\0';
	const struct {
		const char *field, *op, *value, *says;
	} rows[] = {
		{"contact.email", "is", " ", "is-set=\"no\""},
		{"contact.email", "is", "a\xff", "UTF-8"},
		{"contact.email", "greater-than", "many", "not a number"},
		{"contact.email", "less-than", "1,5", "with a point"},
		{"contact.email", "before", "2027-02-30", "2027-01-31T09:00:00Z"},
		{"contact.email", "after", "tomorrow", "neither a date"},
		{"contact.email", "in", "a||b", "between the |"},
		{"contact.email", "matches", "é(", "character 3"},
		{"contact.email", "matches", "\\C", "character"},
		{"contact.email", "matches", long_pattern, "at most 500"},
		{"contact.email", "matches", "((a{1,900}){1,900}){1,900}", "too large"},
		{"contact.email", "is-set", "maybe", "yes or no"},
		{"contact.tag", "contains", "v", "is, is-not and in"},
		{"contact.tag", "is-set", "yes", "is, is-not and in"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct condition *test = NULL;
		const char *why = "";
		assert_int_equal(condition_compile(arena, rows[i].field,
						   condition_op_find(rows[i].op),
						   rows[i].value, &test, &why),
				 ERR_SYNTAX);
		assert_null(test);
		if (!strstr(why, rows[i].says))
			fail_msg("%s %s: \"%s\" does not say \"%s\"", rows[i].op,
				 rows[i].value, why, rows[i].says);
	}
}

static void words_and_fields(void **state)
{
	(void)state;
	for (int op = 0; op < CONDITION_OP_COUNT; op++)
		assert_int_equal(
			condition_op_find(condition_op_name((enum condition_op)op)),
			op);
	assert_int_equal(condition_op_find("equals"), CONDITION_OP_COUNT);
	static const char *const known[] = {"contact.tag",        "contact.custom.plan",
					    "task.hello.outcome", "reply.text",
					    "event.number",       "user.login",
					    "task.a-b_1.outcome"};
	static const char *const unknown[] = {
		"contact.tags",     "task..outcome",       "task.1.outcome",
		"task.a b.outcome", "task.hello",          "event.",
		"contact.custom.",  "task.hello.outcome.x"};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(condition_knows_field(known[i]));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_false(condition_knows_field(unknown[i]));
}

static void decimals_are_exact(void **state)
{
	(void)state;
	/* in rising order; a name alone is not a number */
	static const char *const rising[] = {"-1" LONG_, "-10.5",
					     "-10.49",   "-.5",
					     "0",        "0.000000000000000000001",
					     ".1",       "0.11",
					     "1",        "1.0000000000000000000000001",
					     "2",        "10",
					     LONG_,      LONG_ ".1",
					     "9" LONG_};
	enum { COUNT = sizeof(rising) / sizeof(rising[0]) };
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < COUNT; k++) {
			struct decimal a, b;
			assert_true(decimal_parse(rising[i], strlen(rising[i]), &a));
			assert_true(decimal_parse(rising[k], strlen(rising[k]), &b));
			int order = decimal_compare(&a, &b);
			if ((order > 0) - (order < 0) != (i > k) - (i < k))
				fail_msg("%s and %s: %d", rising[i], rising[k], order);
		}
	static const char *const same[][2] = {{"1", "1.000"},
					      {"007", "7"},
					      {"-0.0", "+0"},
					      {"5.", "5"},
					      {"00.50", ".5"}};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct decimal a, b;
		assert_true(decimal_parse(same[i][0], strlen(same[i][0]), &a));
		assert_true(decimal_parse(same[i][1], strlen(same[i][1]), &b));
		assert_int_equal(decimal_compare(&a, &b), 0);
	}
	static const char *const none[] = {"",   "-",     ".",   "+.",  "1e3", "1 000",
					   " 1", "1.2.3", "0x1", "nan", "--1", "1-"};
	struct decimal decimal;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(decimal_parse(none[i], strlen(none[i]), &decimal));
}

static void letters_fold(void **state)
{
	(void)state;
	assert_int_equal(utf8_fold('Q'), 'q');
	assert_int_equal(utf8_fold(0xC9), 0xE9);       /* É */
	assert_int_equal(utf8_fold(0x3A3), 0x3C3);     /* Σ */
	assert_int_equal(utf8_fold(0x3C2), 0x3C3);     /* ς */
	assert_int_equal(utf8_fold(0x416), 0x436);     /* Ж */
	assert_int_equal(utf8_fold(0x1F600), 0x1F600); /* a face */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_operator_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(a_date_begins_in_the_contacts_zone,
						setup, teardown),
		cmocka_unit_test_setup_teardown(tags_are_there_or_not, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_stop_when_decided, setup,
						teardown),
		cmocka_unit_test_setup_teardown(only_so_many_answers_are_kept, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_said, setup, teardown),
		cmocka_unit_test(words_and_fields),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(letters_fold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
