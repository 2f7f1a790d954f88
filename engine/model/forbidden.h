/* forbidden.h - words that may not be sent: a list of words and phrases, found in a text however they are written.
 *
 *	# one a line
 *	guaranteed
 *	free money
 *
 * Case, accents and what stands between words do not count; words are whole: "free money" is in "FREE, Money!" and in
 * "frée money", but not in "freemoney". Empty lines and those that begin with # are passed over. Pure; a list is immutable.
 */
#ifndef HB_MODEL_FORBIDDEN_H
#define HB_MODEL_FORBIDDEN_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

enum { FORBIDDEN_MOST = 2000 };

struct forbidden;

/* forbidden_parse - UTF-8. ERR_SYNTAX: *why_out (in arena) names the line. A list without a word is one, too. */
enum err forbidden_parse(struct arena *arena, const char *text, size_t len_bytes,
			 const struct forbidden **list_out,
			 const char **why_out) MUST_CHECK;

/* forbidden_find - the first of the list that the text holds, as it stands there; NULL: none. list NULL: none. */
const char *forbidden_find(const struct forbidden *list, struct arena *arena,
			   const char *text);

#endif
