/* template.h - texts with values in them: a small part of Liquid, without tags, loops or code.
 *
 *	Hi {{ contact.first_name | default: "there" }}, see you on {{ contact.custom.visit | date: "%d/%m" }}!
 *
 * Filters: default: "…", upcase, downcase, capitalize (first letter large, the rest small, as in Liquid) and
 * date: "%d/%m". They apply from left to right. A name is checked when the text is compiled, so an unknown one never
 * gets as far as a person. At render time:
 *
 *   - a value is put in as it is and not filled in again: braces in a contact's name stay braces;
 *   - a value that is missing, empty or blank, and has no default, leaves a *hole*: the marker ⟦contact.first_name⟧,
 *     which no GSM alphabet has and nobody types by accident. A text with a hole is not sent before a person filled it;
 *   - date takes RFC 3339, shown as the clocks of the given zone show it, or YYYY-MM-DD; any other value stays as it is (a person reads the text before it goes).
 *
 * What a person edits may hold any braces or brackets: only the markers of values that *this* template uses without a
 * default count as holes (template_find_holes), whole or with one bracket deleted. In any text, whole
 * markers of known values are holes too, and known values in braces: nothing fills them in (template_find_markers).
 *
 *	err = template_compile(arena, text, strlen(text), &template, &errors);
 *	template_render(template, &values, arena, &rendered);
 *
 * Thread: a compiled template is immutable and may be shared; arenas belong to the caller's thread. Pure.
 * Ref: https://shopify.github.io/liquid/filters/
 */
#ifndef HB_MODEL_TEMPLATE_H
#define HB_MODEL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"

enum { TEMPLATE_TEXT_MAX = 4096 /* bytes */, TEMPLATE_ERRORS_MAX = 20 };

#define TEMPLATE_HOLE_OPEN  "\xE2\x9F\xA6" /* U+27E6 ⟦ */
#define TEMPLATE_HOLE_CLOSE "\xE2\x9F\xA7" /* U+27E7 ⟧ */

struct template;

struct template_error {
	/* in the order of the text; NULL: the last */
	const struct template_error *next;
	size_t offset_bytes;   /* into the text */
	unsigned line, column; /* within the text, from 1; column counts characters */
	/* template_tag template_unclosed template_syntax unknown_field unknown_filter bad_filter
	 * bad_date_format text_too_long bad_text */
	const char *code;
	const char *message; /* what is wrong and how to mend it */
};

/* template_compile - the template and everything in it lives in arena; text is copied.
 * ERR_SYNTAX: *errors_out is the list of what is wrong (at most TEMPLATE_ERRORS_MAX), in the same arena. */
enum err template_compile(struct arena *arena, const char *text, size_t len_bytes,
			  const struct template **template_out,
			  const struct template_error **errors_out) MUST_CHECK;

/* template_knows_field - is it a name that a text or condition may use? "contact.first_name", "contact.custom.plan". */
bool template_knows_field(const char *name);

/* template_known_fields - their list, for messages: "contact.first_name, …, contact.custom.NAME, …". */
const char *template_known_fields(void);

/* template_source - the text it was compiled from. */
const char *template_source(const struct template *template);

/* template_uses - does it use this value, or any value below this prefix ("user." or "contact.custom.")? A text that
 * uses "user." is rendered anew when its task changes hands. */
bool template_uses(const struct template *template, const char *field_or_prefix);

/* template_fields - the distinct names used, in order of first use; borrowed. */
const char *const *template_fields(const struct template *template, size_t *count_out);

struct template_values {
	/* The value of a field, borrowed until the render returns; NULL or "" when there is none. field is one of the
	 * known names, "contact.custom.plan" in full. */
	const char *(*lookup)(void *arg, const char *field);
	void *arg;
	const struct zone *zone; /* in which date shows an instant; NULL: UTC */
};

struct template_hole {
	size_t start_bytes,
		len_bytes; /* in the rendered text, the marker's brackets included */
	const char *field;
};

struct template_rendered {
	const char *text;
	size_t len_bytes;
	const struct template_hole *holes; /* in the order of the text */
	size_t hole_count;
};

/* template_render - never fails; all of *rendered_out lives in arena. */
void template_render(const struct template *template,
		     const struct template_values *values, struct arena *arena,
		     struct template_rendered *rendered_out);

/* template_find_holes - the holes of this template that are left in a text which a person edited; returns their number.
 * *holes_out lives in arena (NULL when there are none). */
size_t template_find_holes(const struct template *template, const char *text,
			   struct arena *arena, const struct template_hole **holes_out);

/* template_find_markers - whole markers of any known value, which a snippet that was put into a text left open, and known
 * values in braces, which nothing will fill in. Likewise. */
size_t template_find_markers(const char *text, struct arena *arena,
			     const struct template_hole **holes_out);

#endif
