/* condition.h - questions about a contact: `contact.custom.spend greater-than 1000`, joined by all, any and not.
 *
 * Compiled once with the plan (numbers, dates and patterns are parsed then), asked millions of times: an evaluation
 * allocates nothing unless it is asked to keep what it saw.
 *
 *	struct condition_facts facts = {.lookup = lookup, .has_tag = has_tag, .arg = contact, .zone = zone};
 *	if (condition_holds(when->condition, &facts, &seen)) …
 *
 * The rules, the same for every field:
 *   - a field that is missing or blank is empty, never an error: only is-set="no", is-not and not hold for it;
 *   - is, is-not, contains, starts-with, ends-with, in compare text, letter case folded, blanks at the ends ignored;
 *   - is, is-not, in, greater-than, less-than compare as decimals (exactly, no floating point) when both sides are;
 *   - before and after compare instants (RFC 3339) or dates (YYYY-MM-DD: that day's first instant in facts->zone);
 *   - a value that cannot be compared makes the question false, and is marked in what was seen (is_mismatch);
 *   - matches is a PCRE2 pattern for the whole value, with bounded effort: beyond the bound it is false and a mismatch.
 *
 * Thread: a compiled condition is immutable and may be shared; facts and seen belong to the caller. Pure.
 */
#ifndef HB_MODEL_CONDITION_H
#define HB_MODEL_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"

enum condition_kind { CONDITION_TEST, CONDITION_ALL, CONDITION_ANY, CONDITION_NOT };

enum condition_op {
	CONDITION_IS,
	CONDITION_IS_NOT,
	CONDITION_CONTAINS,
	CONDITION_STARTS_WITH,
	CONDITION_ENDS_WITH,
	CONDITION_GREATER_THAN,
	CONDITION_LESS_THAN,
	CONDITION_BEFORE,
	CONDITION_AFTER,
	CONDITION_IN,
	CONDITION_MATCHES,
	CONDITION_IS_SET,
	CONDITION_OP_COUNT
};

struct condition_operand; /* condition.c: the written value, parsed as far as its op needs */

struct condition {
	enum condition_kind kind;

	/* CONDITION_TEST */
	const char *field;
	enum condition_op op;
	const char *value; /* as written; "yes" or "no" for CONDITION_IS_SET */
	const struct condition_operand *operand;

	/* CONDITION_ALL, _ANY, _NOT (one child) */
	const struct condition *const *children;
	size_t child_count;
};

/* The words of the language: "is", "greater-than", "is-set". condition_op_find: CONDITION_OP_COUNT when there is none. */
const char *condition_op_name(enum condition_op op);
enum condition_op condition_op_find(const char *name);

/* condition_compile - one test; all of it lives in arena, strings are copied. ERR_SYNTAX: *why_out (in arena) is what is
 * wrong with field, op and value together, and how to mend it. The field's name is checked by condition_knows_field.
 * A pattern is freed with the arena's owner: condition_release. */
enum err condition_compile(struct arena *arena, const char *field, enum condition_op op,
			   const char *value, const struct condition **condition_out,
			   const char **why_out) MUST_CHECK;

/* condition_group - joins conditions (copied pointers) under all, any or not. */
const struct condition *condition_group(struct arena *arena, enum condition_kind kind,
					const struct condition *const *children,
					size_t count);

/* condition_release - frees what is not in the arena (compiled patterns) of this and all below; before arena_free. NULL is
 * fine. */
void condition_release(const struct condition *condition);

/* condition_knows_field - template_knows_field() and what only conditions have: contact.tag, task.ID.outcome, reply.text,
 * event.NAME. */
bool condition_knows_field(const char *name);

struct condition_facts {
	/* The value of a field, borrowed while the evaluation runs; NULL or "" when there is none. */
	const char *(*lookup)(void *arg, const char *field);
	bool (*has_tag)(void *arg, const char *tag);
	void *arg;
	const struct zone *zone; /* of the contact; NULL: UTC */
};

/* One test that was asked, in the order of asking. */
struct condition_answer {
	const struct condition *test;
	/* the value seen; NULL: empty. For contact.tag: "yes" or "no" */
	const char *value;
	bool holds, is_mismatch;
};

enum { CONDITION_SEEN_MOST = 32 };
struct condition_seen {
	struct condition_answer answers[CONDITION_SEEN_MOST];
	size_t count;        /* kept */
	size_t asked;        /* all */
	struct arena *arena; /* where values are copied to */
};

/* condition_holds - all of <all>, any of <any>, left to right, stopping as soon as it is decided. seen may be NULL. */
bool condition_holds(const struct condition *condition,
		     const struct condition_facts *facts, struct condition_seen *seen);

#endif
