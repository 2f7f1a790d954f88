/* lint_parts.h - the parts of the lint, for lint.c alone.
 *
 * Each looks at a plan with at least one step and adds what it finds. Thread: any; pure.
 */
#ifndef HB_WORKFLOW_LINT_PARTS_H
#define HB_WORKFLOW_LINT_PARTS_H

#include "workflow/lint.h"

struct finding_at lint_warn(const struct step *step, const char *code);

void lint_reach(const struct plan *plan, struct workflow_report *report);
void lint_loops(const struct plan *plan, struct workflow_report *report);
void lint_turn(const struct plan *plan, struct workflow_report *report);
void lint_assign(const struct plan *plan, struct workflow_report *report);
void lint_replies(const struct plan *plan, struct workflow_report *report);

#endif
