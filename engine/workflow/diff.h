/* diff.h - what differs between two texts of one workflow, in words.
 *
 *	struct workflow_diff diff;
 *	err = workflow_diff(arena, old_xml, new_xml, &diff);
 *	for (size_t i = 0; i < diff.count; i++)
 *		puts(diff.changes[i].text);	Step "hello": due changed from "4h" to "2h".
 *
 * Steps with an id are the same step wherever they stand; those without are paired by what they say, then in order.
 * Comments, blanks and publish= are no differences. Changes come in the order of the new text, what is gone first.
 *
 * Thread: any, several at once. Texts and changes live in the arena.
 */
#ifndef HB_WORKFLOW_DIFF_H
#define HB_WORKFLOW_DIFF_H

#include "base/err.h"
#include "base/mem.h"

enum workflow_change_kind {
	CHANGE_REMOVED,
	CHANGE_ADDED,
	CHANGE_MOVED,
	CHANGE_ATTRIBUTE,
	CHANGE_TEXT,
	CHANGE_KIND_COUNT
};

/* workflow_change_name - "removed", "added", "moved", "changed", "text_changed". */
const char *workflow_change_name(enum workflow_change_kind kind);

struct workflow_change {
	enum workflow_change_kind kind;
	const char *element; /* "manual-sms", "settings", "tag-added", … */
	const char *step;    /* its id; NULL: it is no step, or has none */
	const char *what;    /* CHANGE_ATTRIBUTE: "due", "user ben weight"; else NULL */
	const char *from, *to; /* values or places; NULL: was, or is, not there */
	const char *text;      /* a sentence */
};

struct workflow_diff {
	const struct workflow_change *changes;
	size_t count;
};

/* workflow_diff - ERR_INVALID_WORKFLOW: one of them is no workflow. */
enum err workflow_diff(struct arena *arena, const char *from_xml, const char *to_xml,
		       struct workflow_diff *diff_out) MUST_CHECK;

#endif
