/* conditions.c - how often a condition of ten clauses is answered in a second, on one core; and what a clause of each
 * operator takes.
 *
 *	make tests/bench/conditions && tests/bench/conditions [SECONDS]
 *
 * The aim is 500,000 conditions a second; a figure depends on the machine and is never a test. All ten clauses hold, so
 * that each is asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/condition.h"

enum { CLAUSES = 10, TURN = 1000 };

static const struct clause {
	const char *field, *op, *wanted, *value;
} clauses[CLAUSES] = {
	{"contact.country", "is", "PT", "PT"},
	{"contact.custom.plan", "is-not", "free", "business"},
	{"contact.custom.spend", "greater-than", "1000", "1250.50"},
	{"contact.custom.age", "less-than", "65", "41"},
	{"contact.email", "ends-with", "@example.com", "maria.santos@example.com"},
	{"contact.name", "contains", "santos", "Maria Santos Silva"},
	{"contact.tag", "is", "vip", NULL},
	{"contact.timezone", "in", "Europe/Madrid|Europe/Lisbon", "Europe/Lisbon"},
	{"contact.created_at", "after", "2026-01-01T00:00:00Z",
	 "2026-11-23T10:54:32.001Z"},
	{"contact.phone", "starts-with", "+3519", "+351912345678"},
};

static const char *lookup(void *arg, const char *field)
{
	(void)arg;
	for (size_t i = 0; i < CLAUSES; i++)
		if (strcmp(clauses[i].field, field) == 0)
			return clauses[i].value;
	return field[0] == 'x' ? "AB-1234" : NULL;
}

static bool has_tag(void *arg, const char *tag)
{
	(void)arg;
	return strcmp(tag, "vip") == 0;
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double rate(const struct condition *condition, double seconds)
{
	struct condition_facts facts = {lookup, has_tag, NULL, NULL};
	double start = now_s(), passed;
	unsigned long count = 0;
	do {
		for (int i = 0; i < TURN; i++)
			if (!condition_holds(condition, &facts, NULL))
				exit(1);
		count += TURN;
		passed = now_s() - start;
	} while (passed < seconds);
	return (double)count / passed;
}

static const struct condition *compile(struct arena *arena, const struct clause *clause)
{
	const struct condition *test;
	const char *why;
	if (condition_compile(arena, clause->field, condition_op_find(clause->op),
			      clause->wanted, &test, &why) != ERR_OK) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	return test;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	struct arena *arena = arena_new();
	const struct condition *tests[CLAUSES];
	for (size_t i = 0; i < CLAUSES; i++)
		tests[i] = compile(arena, &clauses[i]);
	const struct condition *all =
		condition_group(arena, CONDITION_ALL, tests, CLAUSES);
	printf("ten clauses: %.0f a second (aim 500000)\n", rate(all, seconds));
	for (size_t i = 0; i < CLAUSES; i++)
		printf("%-13s %.0f ns\n", clauses[i].op,
		       1e9 / rate(tests[i], seconds / CLAUSES));
	const struct condition *pattern =
		compile(arena, &(struct clause){"x", "matches", "[A-Z]{2}-\\d+", NULL});
	printf("%-13s %.0f ns\n", "matches", 1e9 / rate(pattern, seconds / CLAUSES));
	condition_release(pattern);
	arena_free(&arena);
	return 0;
}
