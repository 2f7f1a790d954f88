/* write.h - plan to XML, always the same text for the same plan.
 *
 * The canonical form: two blanks per level, attributes in a fixed order, what is at its default left out. Reading it
 * back gives an equal plan, and writing that gives the same bytes. Comments of the author are not in a plan and not in
 * here. A parsed plan carries its text already (plan->xml).
 *
 * Thread: any; pure.
 */
#ifndef HB_WORKFLOW_WRITE_H
#define HB_WORKFLOW_WRITE_H

#include "base/buf.h"
#include "workflow/plan.h"

/* workflow_write - appends the document. with_publish: false leaves publish= out, as the hash does. */
void workflow_write(const struct plan *plan, bool with_publish, struct buf *buf);

#endif
