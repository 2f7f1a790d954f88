/* test_drift.c - what was true when a task was made, and what differs now */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/drift.h"

struct fact {
	enum fact_kind kind;
	const char *name, *value;
};

static const char *facts_of(struct arena *arena, const struct fact *facts)
{
	struct buf lines = BUF_EMPTY;
	for (; facts->name; facts++)
		fact_add(&lines, facts->kind, facts->name, facts->value);
	const char *text = arena_strdup(arena, buf_str(&lines));
	buf_fini(&lines);
	return text;
}

static const struct {
	const char *what;
	struct fact then[5], now[5];
	struct drift drifts[5];
} cases[] = {
	{"nothing at all", {{0}}, {{0}}, {{0}}},
	{"the same in another order",
	 {{FACT_TAG, "a", ""}, {FACT_TAG, "b", ""}},
	 {{FACT_TAG, "b", ""}, {FACT_TAG, "a", ""}},
	 {{0}}},
	{"another value",
	 {{FACT_FIELD, "contact.name", "Rui"}},
	 {{FACT_FIELD, "contact.name", "Rua"}},
	 {{FACT_FIELD, "contact.name", "Rui", "Rua"}}},
	{"a value that came",
	 {{FACT_FIELD, "contact.name", ""}},
	 {{FACT_FIELD, "contact.name", "Rua"}},
	 {{FACT_FIELD, "contact.name", "", "Rua"}}},
	{"tags come and go",
	 {{FACT_TAG, "lead", ""}, {FACT_TAG, "both", ""}},
	 {{FACT_TAG, "both", ""}, {FACT_TAG, "vip", ""}},
	 {{FACT_TAG, "lead", "", NULL}, {FACT_TAG, "vip", NULL, ""}}},
	{"an owner who was none, and a number that is none",
	 {{FACT_NUMBER, "", "+351912345678"}},
	 {{FACT_OWNER, "", "ana"}},
	 {{FACT_NUMBER, "", "+351912345678", NULL}, {FACT_OWNER, "", NULL, "ana"}}},
	{"a tag is no field",
	 {{FACT_TAG, "x", ""}},
	 {{FACT_FIELD, "x", ""}},
	 {{FACT_TAG, "x", "", NULL}, {FACT_FIELD, "x", NULL, ""}}},
	{"lines and tabs in values",
	 {{FACT_FIELD, "a\tb", "1\n2\t3"}},
	 {{FACT_FIELD, "a b", "1 2 4"}},
	 {{FACT_FIELD, "a b", "1 2 3", "1 2 4"}}},
};

static void assert_text(const char *is, const char *should, const char *what)
{
	if ((!is != !should) || (is && strcmp(is, should) != 0))
		fail_msg("%s: %s, not %s", what, is ? is : "none",
			 should ? should : "none");
}

static void what_differs_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		struct drift drifts[DRIFT_MOST];
		size_t count = facts_compare(arena, facts_of(arena, cases[i].then),
					     facts_of(arena, cases[i].now), drifts,
					     DRIFT_MOST);
		size_t should = 0;
		for (; cases[i].drifts[should].name; should++) {
			const struct drift *want = &cases[i].drifts[should];
			if (should >= count)
				fail_msg("%s: only %zu", cases[i].what, count);
			assert_int_equal(drifts[should].kind, want->kind);
			assert_text(drifts[should].name, want->name, cases[i].what);
			assert_text(drifts[should].was, want->was, cases[i].what);
			assert_text(drifts[should].is, want->is, cases[i].what);
		}
		if (count != should)
			fail_msg("%s: %zu, not %zu", cases[i].what, count, should);
		arena_free(&arena);
	}
}

static void no_more_than_there_is_room_for(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf lines = BUF_EMPTY;
	struct drift drifts[DRIFT_MOST];
	char name[16];
	for (int i = 0; i < DRIFT_MOST * 2; i++) {
		snprintf(name, sizeof(name), "tag%d", i);
		fact_add(&lines, FACT_TAG, name, "");
	}
	assert_int_equal(facts_compare(arena, buf_str(&lines), "", drifts, DRIFT_MOST),
			 DRIFT_MOST);
	assert_int_equal(facts_compare(arena, "", buf_str(&lines), drifts, DRIFT_MOST),
			 DRIFT_MOST);
	assert_int_equal(
		facts_compare(arena, "rubbish\n9\tx\ty\n", "", drifts, DRIFT_MOST), 0);
	buf_fini(&lines);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_is_told),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
