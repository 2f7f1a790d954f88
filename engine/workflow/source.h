/* source.h - the raw text of a document: where in it things stand, and what must be refused before libxml2 sees it.
 *
 * libxml2 gives a line, rarely a column, and not where an attribute or a character of a text stands. Since elements
 * are small and the text is at hand, that is read here once more, from the "<" of the element on. Offsets are in
 * bytes.
 *
 * Thread: one at a time (the place of the last question is remembered: asking in the order of the text is fast).
 */
#ifndef HB_WORKFLOW_SOURCE_H
#define HB_WORKFLOW_SOURCE_H

#include "base/err.h"
#include "workflow/plan.h"
#include "workflow/report.h"

struct source {
	const char *text;
	size_t len_bytes;
	size_t seen_bytes; /* seen is the place of this offset */
	struct plan_place seen;
};

/* source_open - checks that the text may be given to the XML reader: not empty, not too large, UTF-8 (a byte order
 * mark is skipped), no other encoding declared, no element with so many attributes that libxml2 would take minutes
 * over it (it compares each with each). text is borrowed. ERR_INVALID_WORKFLOW: the report says why. */
enum err source_open(struct source *source, const char *text, size_t len_bytes,
		     struct workflow_report *report) MUST_CHECK;

/* source_place - line and column (in characters) of an offset. */
struct plan_place source_place(struct source *source, size_t offset);

/* source_tag - the "<" of the tag that ends at offset or before it. */
size_t source_tag(const struct source *source, size_t offset);

/* source_attribute - where the attribute stands in the tag at tag; tag itself when it is not there. */
size_t source_attribute(const struct source *source, size_t tag, const char *name);

/* source_text - where the text of the element at tag has its character number count (in bytes of the read text,
 * without entities and CDATA marks). */
size_t source_text(const struct source *source, size_t tag, size_t count);

#endif
