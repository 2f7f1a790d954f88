/* journal_words.h - what the journal, and what was noted of those who were not enrolled, kept as JSON: read again, in
 * words. Includes no writer of JSON: the reader's names (jansson) are the same. */
#ifndef HB_CORE_JOURNAL_WORDS_H
#define HB_CORE_JOURNAL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* journal_text, journal_number, journal_flag - a text in a JSON object, "": it has none; a number, 0: none; is that member
 * true? */
const char *journal_text(struct arena *arena, const char *object, const char *name);
int64_t journal_number(const char *object, const char *name);
bool journal_flag(const char *object, const char *name);

/* journal_first_skipped - whom an assign-user passed over first, and why (assign.h). false: nobody. */
struct journal_skipped {
	const char *user, *cause;
};
bool journal_first_skipped(struct arena *arena, const char *object,
			   struct journal_skipped *skipped_out);

/* journal_tests - the "tests" in a JSON object (facts.h) in words: those that did not hold, or the last one when all did;
 * "": there are none. */
const char *journal_tests(struct arena *arena, const char *object);

/* journal_first_test - of these, the first. false: there are none. Texts in arena, "" for what is not there. */
struct journal_test {
	const char *field, *op, *wanted, *seen;
	bool holds;
};
bool journal_first_test(struct arena *arena, const char *object,
			struct journal_test *test_out);

#endif
