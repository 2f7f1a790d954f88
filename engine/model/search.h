/* search.h - finding what a person typed into a search box: part of a text in any case,
 * or part of a number however it is written.
 *
 *	struct search search;
 *	search_init(&search, arena, "GARCÍA");
 *	if (search_finds(&search, contact->last_name)) …
 *	if (search_finds_number(&search, contact->phone_e164)) …
 *
 * Letters are compared in any case (utf8_fold); accents count. Pure;
 * any thread.
 */
#ifndef HB_MODEL_SEARCH_H
#define HB_MODEL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum { SEARCH_TEXT_BYTES = 2048 }; /* of a text, no more is looked at */

struct search {
	const char *folded; /* what is looked for, small, without blanks around it */
	const char *digits; /* its digits when it can be part of a number, or NULL */
};

/* search_init - q is UTF-8; an empty one is found everywhere. */
void search_init(struct search *search_out, struct arena *arena, const char *q);

/* search_finds - text holds it; NULL and broken UTF-8 hold nothing. */
bool search_finds(const struct search *search, const char *text);

/* search_finds_number - the digits of text, whatever stands between them, hold those
 * looked for: at least two. */
bool search_finds_number(const struct search *search, const char *text);

/* search_finds_person - in the name as people write it, or the number; NULL: there is none. */
bool search_finds_person(const struct search *search, const char *first_name,
			 const char *last_name, const char *phone,
			 const char *phone_e164);

/* search_fold, search_digits - a text as search_finds compares it, a number as search_finds_number does: for an index. NULL:
 * it holds nothing for them. */
const char *search_fold(struct arena *arena, const char *text);
const char *search_digits(struct arena *arena, const char *text);

#endif
