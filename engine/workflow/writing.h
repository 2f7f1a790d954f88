/* writing.h - what write.c and write_steps.c have in common: tags, attributes and texts in the canonical form.
 *
 * put_open, attributes, then put_close, or put_inside … put_end; or put_text for an element with a text.
 */
#ifndef HB_WORKFLOW_WRITING_H
#define HB_WORKFLOW_WRITING_H

#include "base/buf.h"
#include "workflow/parse.h"
#include "workflow/plan.h"

struct writing {
	struct buf *buf;
	const struct plan *plan;
	unsigned depth;
	bool is_first[WORKFLOW_STEPS_MAX]; /* of a list inside of a step */
};

void put_open(struct writing *writing, const char *name);

/* put_attribute - nothing when text is NULL. put_span, put_offset: nothing when there is none. */
void put_attribute(struct writing *writing, const char *name, const char *text);
void put_span(struct writing *writing, const char *name, struct plan_span span);
void put_offset(struct writing *writing, int64_t ms);

void put_close(struct writing *writing);
void put_inside(struct writing *writing);
void put_end(struct writing *writing, const char *name);
void put_text(struct writing *writing, const char *name, const char *text);

/* put_condition - write.c: it and all below. */
void put_condition(struct writing *writing, const struct condition *condition);

/* put_all_steps - write_steps.c: <steps> of the workflow. */
void put_all_steps(struct writing *writing);

#endif
