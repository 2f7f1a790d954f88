/* condition_pattern.h - the patterns of `matches`: PCRE2 on the whole value, with bounded effort. The only place that knows
 * PCRE2; for condition.c only.
 *
 * Interpreted, never compiled to machine code: the service may not make memory executable, and a pattern must cost the
 * same with and without that. What a match needs is kept per thread and made at its first match.
 *
 * Thread: a pattern is immutable and may be shared. Ref: pcre2api(3), pcre2limit(3).
 */
#ifndef HB_MODEL_CONDITION_PATTERN_H
#define HB_MODEL_CONDITION_PATTERN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	PATTERN_TEXT_MAX = 500,        /* bytes of a pattern */
	PATTERN_EFFORT_MAX = 50000,    /* steps of one match: some milliseconds */
	PATTERN_MEMORY_MAX_KIB = 1024, /* of one match */
};

struct pattern;

/* pattern_compile - on the heap. ERR_SYNTAX: *why_out (in arena) says what is wrong, and where. */
enum err pattern_compile(struct arena *arena, const char *text,
			 struct pattern **pattern_out, const char **why_out) MUST_CHECK;

/* pattern_free - leaves NULL. NULL is fine. */
void pattern_free(struct pattern **pattern);

enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_TOO_MUCH /* or not UTF-8 */ };

enum pattern_answer pattern_match(const struct pattern *pattern, const char *value);

#endif
