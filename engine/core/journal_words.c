/* journal_words.c - see journal_words.h */
#include "core/journal_words.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"

const char *journal_text(struct arena *arena, const char *object, const char *name)
{
	json_t *tree = json_loads(object, 0, NULL);
	const char *text = json_string_value(json_object_get(tree, name));
	const char *copy = arena_strdup(arena, text ? text : "");
	json_decref(tree);
	return copy;
}

int64_t journal_number(const char *object, const char *name)
{
	json_t *tree = json_loads(object, 0, NULL);
	int64_t number = json_integer_value(json_object_get(tree, name));
	json_decref(tree);
	return number;
}

bool journal_flag(const char *object, const char *name)
{
	json_t *tree = json_loads(object, 0, NULL);
	bool is_true = json_is_true(json_object_get(tree, name));
	json_decref(tree);
	return is_true;
}

static const char *member(struct arena *arena, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return arena_strdup(arena, text ? text : "");
}

bool journal_first_skipped(struct arena *arena, const char *object,
			   struct journal_skipped *skipped_out)
{
	json_t *tree = json_loads(object, 0, NULL);
	json_t *first = json_array_get(json_object_get(tree, "skipped"), 0);
	if (first)
		*skipped_out = (struct journal_skipped){
			.user = member(arena, first, "user"),
			.cause = member(arena, first, "cause"),
		};
	json_decref(tree);
	return first != NULL;
}

/* The one member whose name is the operator. */
static const char *op_of(json_t *test)
{
	static const char *const others[] = {"field", "seen", "holds", "mismatch"};
	const char *name;
	json_t *value;
	json_object_foreach(test, name, value)
	{
		bool is_other = false;
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			is_other = is_other || strcmp(others[i], name) == 0;
		if (!is_other)
			return name;
	}
	return "";
}

static bool holds(const json_t *test)
{
	return json_is_true(json_object_get(test, "holds"));
}

static void add_test(struct buf *text, json_t *test)
{
	const char *op = op_of(test);
	const char *wanted = json_string_value(json_object_get(test, op));
	const char *seen = json_string_value(json_object_get(test, "seen"));
	if (text->len)
		buf_add_str(text, "; ");
	buf_printf(text, "%s %s \"%s\" %s: ",
		   json_string_value(json_object_get(test, "field")), op,
		   wanted ? wanted : "", holds(test) ? "holds" : "does not hold");
	if (seen && *seen)
		buf_printf(text, "it was \"%s\"", seen);
	else
		buf_add_str(text, "it was empty");
	if (json_is_true(json_object_get(test, "mismatch")))
		buf_add_str(text, ", which cannot be compared so");
}

static json_t *first_failed(json_t *tests)
{
	size_t i;
	json_t *test;
	json_array_foreach(tests, i, test) if (!holds(test)) return test;
	return json_array_get(tests, json_array_size(tests) - 1);
}

const char *journal_tests(struct arena *arena, const char *object)
{
	json_t *tree = json_loads(object, 0, NULL), *test;
	json_t *tests = json_object_get(tree, "tests"), *first = first_failed(tests);
	struct buf text = BUF_EMPTY;
	size_t i;
	json_array_foreach(tests, i, test) if (!holds(test)) add_test(&text, test);
	if (!text.len && first) /* a <not> kept it out */
		add_test(&text, first);
	const char *words = arena_strdup(arena, buf_str(&text));
	buf_fini(&text);
	json_decref(tree);
	return words;
}

bool journal_first_test(struct arena *arena, const char *object,
			struct journal_test *test_out)
{
	json_t *tree = json_loads(object, 0, NULL);
	json_t *first = first_failed(json_object_get(tree, "tests"));
	if (first) {
		const char *op = op_of(first);
		*test_out = (struct journal_test){
			.field = member(arena, first, "field"),
			.op = arena_strdup(arena, op),
			.wanted = member(arena, first, op),
			.seen = member(arena, first, "seen"),
			.holds = holds(first),
		};
	}
	json_decref(tree);
	return first != NULL;
}
