/* condition.c - see condition.h */
#include "model/condition.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "model/condition_pattern.h"
#include "model/decimal.h"
#include "model/template.h"

#define BLANKS " \t\r\n"

enum { ID_MAX = 64 };

/* a text as it is compared: folded, without the blanks around it */
struct folded {
	const uint32_t *letters;
	const size_t
		*fallback; /* for a search: of each letter, how much of the text ends
				   with it and is its beginning too (Knuth, Morris,
				   Pratt) */
	size_t count;
};

/* one value of the language, in all the forms that it has */
struct operand_value {
	struct folded folded;
	bool is_decimal;
	struct decimal decimal;
	const char *tag; /* trimmed, as written */
};

struct moment {
	bool is_date;
	struct wall date; /* is_date */
	int64_t utc_ms;   /* else */
};

struct condition_operand {
	const struct operand_value *values; /* one; several for in */
	size_t value_count;
	struct moment moment;    /* before, after */
	struct pattern *pattern; /* matches */
	bool wants_set;          /* is-set */
};

/* --- the value seen: a span without the blanks around it --- */

struct span {
	const char *at, *end;
};

static struct span span_trim(const char *text)
{
	struct span span = {text + strspn(text, BLANKS), text + strlen(text)};
	while (span.end > span.at && strchr(BLANKS, span.end[-1]))
		span.end--;
	return span;
}

static size_t span_len(struct span span)
{
	return (size_t)(span.end - span.at);
}

/* --- text --- */

enum text_rule { TEXT_WHOLE, TEXT_INSIDE, TEXT_START, TEXT_END };

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_MISMATCH };

static enum answer text_begins(const struct folded *wanted, struct span value,
			       bool is_whole)
{
	for (size_t i = 0; i < wanted->count; i++) {
		uint32_t c = utf8_next(&value.at, value.end);
		if (c == UTF8_BAD)
			return ANSWER_MISMATCH;
		if (c == UTF8_END || utf8_fold(c) != wanted->letters[i])
			return ANSWER_NO;
	}
	return !is_whole || value.at == value.end ? ANSWER_YES : ANSWER_NO;
}

/* In one pass, whatever the value repeats. */
static enum answer text_holds(const struct folded *wanted, struct span value,
			      bool is_at_end)
{
	size_t matched = 0;
	for (;;) {
		uint32_t c = utf8_next(&value.at, value.end);
		if (c == UTF8_BAD)
			return ANSWER_MISMATCH;
		if (c == UTF8_END)
			return is_at_end && matched == wanted->count ? ANSWER_YES
								     : ANSWER_NO;
		c = utf8_fold(c);
		if (matched == wanted->count)
			matched = wanted->fallback[matched - 1];
		while (matched > 0 && wanted->letters[matched] != c)
			matched = wanted->fallback[matched - 1];
		matched += wanted->letters[matched] == c;
		if (matched == wanted->count && !is_at_end)
			return ANSWER_YES;
	}
}

static enum answer text_compare(enum text_rule rule, const struct folded *wanted,
				struct span value)
{
	if (rule == TEXT_WHOLE || rule == TEXT_START)
		return text_begins(wanted, value, rule == TEXT_WHOLE);
	return text_holds(wanted, value, rule == TEXT_END);
}

static struct folded text_fold(struct arena *arena, struct span text)
{
	size_t count = 0, room = span_len(text);
	uint32_t *letters = ARENA_ARRAY(arena, uint32_t, room + 1);
	size_t *fallback = ARENA_ARRAY(arena, size_t, room + 1);
	uint32_t c;
	while ((c = utf8_next(&text.at, text.end)) < UTF8_BAD)
		letters[count++] = utf8_fold(c);
	for (size_t i = 1, len = 0; i < count; i++) {
		while (len > 0 && letters[len] != letters[i])
			len = fallback[len - 1];
		len += letters[len] == letters[i];
		fallback[i] = len;
	}
	return (struct folded){
		.letters = letters, .fallback = fallback, .count = count};
}

/* --- moments --- */

enum { MOMENT_TEXT_MAX = 40 };

static bool moment_parse(struct span text, struct moment *out)
{
	char buf[MOMENT_TEXT_MAX + 12];
	size_t len = span_len(text);
	if (len > MOMENT_TEXT_MAX)
		return false;
	memcpy(buf, text.at, len);
	buf[len] = '\0';
	int64_t utc_ms;
	if (clock_parse(buf, &utc_ms) == ERR_OK) {
		*out = (struct moment){.utc_ms = utc_ms};
		return true;
	}
	static const char shape[] = "dddd-dd-dd";
	if (len != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == 'd' ? buf[i] < '0' || buf[i] > '9' : buf[i] != shape[i])
			return false;
	/* whether that day exists, the clock knows */
	strcpy(buf + len, "T00:00:00Z");
	if (clock_parse(buf, &utc_ms) != ERR_OK)
		return false;
	*out = (struct moment){.is_date = true};
	return sscanf(buf, "%4d-%2d-%2d", &out->date.year, &out->date.month,
		      &out->date.day) == 3;
}

static int64_t moment_instant(const struct moment *moment, const struct zone *zone)
{
	if (!moment->is_date)
		return moment->utc_ms;
	return zone_instant(zone ? zone : zone_utc(), &moment->date, NULL);
}

/* --- the tests, one function per kind of operator; the value is there and not blank --- */

struct asked {
	const struct condition *test;
	const struct condition_facts *facts;
	const char *value;
	struct span span;
};

static enum answer equals(const struct operand_value *wanted, struct span value)
{
	struct decimal decimal;
	if (wanted->is_decimal && decimal_parse(value.at, span_len(value), &decimal))
		return decimal_compare(&decimal, &wanted->decimal) == 0 ? ANSWER_YES
									: ANSWER_NO;
	return text_compare(TEXT_WHOLE, &wanted->folded, value);
}

static enum answer test_is(const struct asked *asked)
{
	return equals(asked->test->operand->values, asked->span);
}

static enum answer test_is_not(const struct asked *asked)
{
	enum answer answer = test_is(asked);
	if (answer == ANSWER_MISMATCH)
		return answer;
	return answer == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
}

static enum answer test_in(const struct asked *asked)
{
	const struct condition_operand *operand = asked->test->operand;
	for (size_t i = 0; i < operand->value_count; i++) {
		enum answer answer = equals(&operand->values[i], asked->span);
		if (answer != ANSWER_NO)
			return answer;
	}
	return ANSWER_NO;
}

static enum answer test_contains(const struct asked *asked)
{
	return text_compare(TEXT_INSIDE, &asked->test->operand->values->folded,
			    asked->span);
}

static enum answer test_starts_with(const struct asked *asked)
{
	return text_compare(TEXT_START, &asked->test->operand->values->folded,
			    asked->span);
}

static enum answer test_ends_with(const struct asked *asked)
{
	return text_compare(TEXT_END, &asked->test->operand->values->folded,
			    asked->span);
}

static enum answer test_order(const struct asked *asked)
{
	struct decimal seen;
	if (!decimal_parse(asked->span.at, span_len(asked->span), &seen))
		return ANSWER_MISMATCH;
	int order = decimal_compare(&seen, &asked->test->operand->values->decimal);
	bool holds = asked->test->op == CONDITION_LESS_THAN ? order < 0 : order > 0;
	return holds ? ANSWER_YES : ANSWER_NO;
}

static enum answer test_moment(const struct asked *asked)
{
	struct moment moment;
	if (!moment_parse(asked->span, &moment))
		return ANSWER_MISMATCH;
	const struct zone *zone = asked->facts->zone;
	int64_t seen = moment_instant(&moment, zone);
	int64_t wanted = moment_instant(&asked->test->operand->moment, zone);
	bool holds =
		asked->test->op == CONDITION_BEFORE ? seen < wanted : seen > wanted;
	return holds ? ANSWER_YES : ANSWER_NO;
}

static enum answer test_matches(const struct asked *asked)
{
	switch (pattern_match(asked->test->operand->pattern, asked->value)) {
	case PATTERN_YES:
		return ANSWER_YES;
	case PATTERN_NO:
		return ANSWER_NO;
	default:
		return ANSWER_MISMATCH;
	}
}

static enum answer test_is_set(const struct asked *asked)
{
	return asked->test->operand->wants_set ? ANSWER_YES : ANSWER_NO;
}

/* --- reading what is written --- */

struct compile {
	struct arena *arena;
	const struct condition *test;
	struct condition_operand *operand;
	const char *why;
};

static struct operand_value value_read(struct arena *arena, struct span text)
{
	struct operand_value value = {
		.folded = text_fold(arena, text),
		.tag = arena_strndup(arena, text.at, span_len(text)),
	};
	value.is_decimal = decimal_parse(value.tag, strlen(value.tag), &value.decimal);
	return value;
}

static bool read_text(struct compile *compile)
{
	struct operand_value *value = ARENA_NEW(compile->arena, struct operand_value);
	*value = value_read(compile->arena, span_trim(compile->test->value));
	compile->operand->values = value;
	compile->operand->value_count = 1;
	return true;
}

static bool read_list(struct compile *compile)
{
	size_t count = 1;
	for (const char *s = compile->test->value; *s; s++)
		count += *s == '|';
	struct operand_value *values =
		ARENA_ARRAY(compile->arena, struct operand_value, count);
	const char *at = compile->test->value;
	for (size_t i = 0; i < count; i++) {
		size_t len = strcspn(at, "|");
		struct span item = span_trim(arena_strndup(compile->arena, at, len));
		if (span_len(item) == 0) {
			compile->why =
				"One of the values between the | is empty; take it "
				"out, or ask for empty ones with is-set=\"no\".";
			return false;
		}
		values[i] = value_read(compile->arena, item);
		at += len + 1;
	}
	compile->operand->values = values;
	compile->operand->value_count = count;
	return true;
}

static bool read_decimal(struct compile *compile)
{
	if (!read_text(compile) || !compile->operand->values->is_decimal) {
		compile->why = arena_printf(
			compile->arena,
			"\"%s\" is not a number: digits, with a point before decimals "
			"(1000 or -2.50), and no other signs. Instants are compared "
			"with before and after.",
			compile->test->value);
		return false;
	}
	return true;
}

static bool read_moment(struct compile *compile)
{
	if (moment_parse(span_trim(compile->test->value), &compile->operand->moment))
		return true;
	compile->why = arena_printf(compile->arena,
				    "\"%s\" is neither a date (2027-01-31) nor an "
				    "instant with its zone (2027-01-31T09:00:00Z).",
				    compile->test->value);
	return false;
}

static bool read_pattern(struct compile *compile)
{
	return pattern_compile(compile->arena, compile->test->value,
			       &compile->operand->pattern, &compile->why) == ERR_OK;
}

static bool read_yes_no(struct compile *compile)
{
	bool is_yes = strcmp(compile->test->value, "yes") == 0;
	if (!is_yes && strcmp(compile->test->value, "no") != 0) {
		compile->why = arena_printf(compile->arena,
					    "is-set takes yes or no, not \"%s\".",
					    compile->test->value);
		return false;
	}
	compile->operand->wants_set = is_yes;
	return true;
}

/* --- the table of the operators --- */

static const struct op {
	const char *name;
	bool (*read)(struct compile *compile);
	enum answer (*test)(const struct asked *asked);
	bool is_for_tags; /* contact.tag takes it */
} ops[] = {
	[CONDITION_IS] = {"is", read_text, test_is, true},
	[CONDITION_IS_NOT] = {"is-not", read_text, test_is_not, true},
	[CONDITION_CONTAINS] = {"contains", read_text, test_contains, false},
	[CONDITION_STARTS_WITH] = {"starts-with", read_text, test_starts_with, false},
	[CONDITION_ENDS_WITH] = {"ends-with", read_text, test_ends_with, false},
	[CONDITION_GREATER_THAN] = {"greater-than", read_decimal, test_order, false},
	[CONDITION_LESS_THAN] = {"less-than", read_decimal, test_order, false},
	[CONDITION_BEFORE] = {"before", read_moment, test_moment, false},
	[CONDITION_AFTER] = {"after", read_moment, test_moment, false},
	[CONDITION_IN] = {"in", read_list, test_in, true},
	[CONDITION_MATCHES] = {"matches", read_pattern, test_matches, false},
	[CONDITION_IS_SET] = {"is-set", read_yes_no, test_is_set, false},
};
_Static_assert(sizeof(ops) / sizeof(ops[0]) == CONDITION_OP_COUNT,
	       "a row per operator");

const char *condition_op_name(enum condition_op op)
{
	assert(op < CONDITION_OP_COUNT);
	return ops[op].name;
}

enum condition_op condition_op_find(const char *name)
{
	enum condition_op op = 0;
	while (op < CONDITION_OP_COUNT && strcmp(ops[op].name, name) != 0)
		op++;
	return op;
}

/* --- compiling --- */

static bool asks_for_tag(const struct condition *test)
{
	return strcmp(test->field, "contact.tag") == 0;
}

static bool is_written_well(struct compile *compile)
{
	const struct condition *test = compile->test;
	if (asks_for_tag(test) && !ops[test->op].is_for_tags) {
		compile->why =
			"contact.tag takes is, is-not and in: a contact has a tag "
			"or has it not.";
		return false;
	}
	struct span value = span_trim(test->value);
	if (span_len(value) == 0) {
		compile->why = arena_printf(
			compile->arena,
			"%s needs a value; ask for an empty field with is-set=\"no\".",
			ops[test->op].name);
		return false;
	}
	if (!utf8_is_valid(value.at, span_len(value))) {
		compile->why = "The value is not UTF-8.";
		return false;
	}
	return ops[test->op].read(compile);
}

enum err condition_compile(struct arena *arena, const char *field, enum condition_op op,
			   const char *value, const struct condition **condition_out,
			   const char **why_out)
{
	assert(op < CONDITION_OP_COUNT);
	struct condition *test = ARENA_NEW(arena, struct condition);
	struct condition_operand *operand = ARENA_NEW(arena, struct condition_operand);
	*test = (struct condition){.kind = CONDITION_TEST,
				   .field = arena_strdup(arena, field),
				   .op = op,
				   .value = arena_strdup(arena, value),
				   .operand = operand};
	struct compile compile = {.arena = arena, .test = test, .operand = operand};
	if (!is_written_well(&compile)) {
		*why_out = compile.why;
		return ERR_SYNTAX;
	}
	*condition_out = test;
	return ERR_OK;
}

const struct condition *condition_group(struct arena *arena, enum condition_kind kind,
					const struct condition *const *children,
					size_t count)
{
	assert(kind != CONDITION_TEST && (kind != CONDITION_NOT || count == 1));
	const struct condition **copies =
		ARENA_ARRAY(arena, const struct condition *, count + 1);
	for (size_t i = 0; i < count; i++)
		copies[i] = children[i];
	struct condition *group = ARENA_NEW(arena, struct condition);
	*group = (struct condition){
		.kind = kind, .children = copies, .child_count = count};
	return group;
}

void condition_release(const struct condition *condition)
{
	if (!condition)
		return;
	if (condition->kind == CONDITION_TEST) {
		struct pattern *pattern = condition->operand->pattern;
		pattern_free(&pattern);
	}
	for (size_t i = 0; i < condition->child_count; i++)
		condition_release(condition->children[i]);
}

static bool is_step_id(const char *s, size_t len)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789";
	enum { FIRST_LETTERS = 52 };
	return len >= 1 && len <= ID_MAX && strspn(s, letters) >= len &&
	       memchr(letters, s[0], FIRST_LETTERS) != NULL;
}

bool condition_knows_field(const char *name)
{
	static const char task[] = "task.", outcome[] = ".outcome";
	enum { TASK_LEN = sizeof(task) - 1, OUTCOME_LEN = sizeof(outcome) - 1 };
	if (template_knows_field(name) || strcmp(name, "contact.tag") == 0)
		return true;
	size_t len = strlen(name);
	return len > TASK_LEN + OUTCOME_LEN && strncmp(name, task, TASK_LEN) == 0 &&
	       strcmp(name + len - OUTCOME_LEN, outcome) == 0 &&
	       is_step_id(name + TASK_LEN, len - TASK_LEN - OUTCOME_LEN);
}

/* --- asking --- */

static void see(struct condition_seen *seen, const struct condition *test,
		const char *value, enum answer answer)
{
	if (!seen || seen->asked++ >= CONDITION_SEEN_MOST)
		return;
	seen->answers[seen->count++] = (struct condition_answer){
		.test = test,
		.value = arena_strdup(seen->arena, value),
		.holds = answer == ANSWER_YES,
		.is_mismatch = answer == ANSWER_MISMATCH,
	};
}

static bool tag_holds(const struct condition *test, const struct condition_facts *facts,
		      struct condition_seen *seen)
{
	bool has = false;
	for (size_t i = 0; i < test->operand->value_count && !has; i++)
		has = facts->has_tag(facts->arg, test->operand->values[i].tag);
	bool holds = has != (test->op == CONDITION_IS_NOT);
	see(seen, test, has ? "yes" : "no", holds ? ANSWER_YES : ANSWER_NO);
	return holds;
}

/* What holds for an empty field; it is never a mismatch. */
static enum answer answer_empty(const struct condition *test)
{
	bool holds = test->op == CONDITION_IS_NOT ||
		     (test->op == CONDITION_IS_SET && !test->operand->wants_set);
	return holds ? ANSWER_YES : ANSWER_NO;
}

static bool test_holds(const struct condition *test,
		       const struct condition_facts *facts, struct condition_seen *seen)
{
	if (asks_for_tag(test))
		return tag_holds(test, facts, seen);
	const char *value = facts->lookup(facts->arg, test->field);
	struct asked asked = {.test = test, .facts = facts, .value = value};
	asked.span = span_trim(value ? value : "");
	bool is_empty = span_len(asked.span) == 0;
	enum answer answer = is_empty ? answer_empty(test) : ops[test->op].test(&asked);
	see(seen, test, is_empty ? NULL : value, answer);
	return answer == ANSWER_YES;
}

bool condition_holds(const struct condition *condition,
		     const struct condition_facts *facts, struct condition_seen *seen)
{
	if (condition->kind == CONDITION_TEST)
		return test_holds(condition, facts, seen);
	if (condition->kind == CONDITION_NOT)
		return !condition_holds(condition->children[0], facts, seen);
	/* <all> ends at the first that does not hold, <any> at the first that does */
	bool ends_at = condition->kind == CONDITION_ANY;
	for (size_t i = 0; i < condition->child_count; i++)
		if (condition_holds(condition->children[i], facts, seen) == ends_at)
			return ends_at;
	return !ends_at;
}
