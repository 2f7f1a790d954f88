/* why_change.c - the smallest change of a contact by which a condition would have held: see why.h */
#include <string.h>

#include "core/why_parts.h"

/* The operators in the words of a sentence: "so that it is greater than …". */
static const struct op_words {
	const char *op, *words;
} op_words[] = {
	{"is-not", "is not"},          {"starts-with", "starts with"},
	{"ends-with", "ends with"},    {"greater-than", "is greater than"},
	{"less-than", "is less than"}, {"before", "is before"},
	{"after", "is after"},         {"in", "is one of"},
};

static const char *words_of(const char *op)
{
	for (size_t i = 0; i < sizeof(op_words) / sizeof(op_words[0]); i++)
		if (strcmp(op_words[i].op, op) == 0)
			return op_words[i].words;
	return op;
}

/* "it is greater than "1000"" */
static const char *wish(struct asked *asked, const struct journal_test *test)
{
	if (strcmp(test->op, "is-set") == 0)
		return (strcmp(test->wanted, "yes") == 0) != test->holds
			       ? "it is set"
			       : "it is empty";
	return arena_printf(asked->arena, "%s %s \"%s\"",
			    test->holds ? "it is no longer so that it" : "it",
			    words_of(test->op), test->wanted);
}

static const char *change_tag(struct asked *asked, const struct journal_test *test)
{
	bool wants_it = (strcmp(test->op, "is") == 0) != test->holds;
	return arena_printf(
		asked->arena,
		"%s the tag %s (%s /api/v1/contacts/%s/tags/%s), which contact.tag "
		"asks for",
		wants_it ? "Add" : "Take off", test->wanted,
		wants_it ? "PUT" : "DELETE", why_id(asked, asked->contact.id),
		test->wanted);
}

const char *why_change(struct asked *asked, const char *detail)
{
	struct journal_test test;
	if (!journal_first_test(asked->arena, detail, &test))
		return "Change the contact";
	if (strcmp(test.field, "contact.tag") == 0)
		return change_tag(asked, &test);
	if (strncmp(test.field, "contact.", strlen("contact.")) == 0)
		return arena_printf(asked->arena,
				    "Change %s (PATCH /api/v1/contacts/%s), so that %s",
				    test.field, why_id(asked, asked->contact.id),
				    wish(asked, &test));
	return arena_printf(asked->arena, "It takes %s, so that %s", test.field,
			    wish(asked, &test));
}
