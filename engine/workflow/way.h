/* way.h - the ways an enrollment can take through a plan, as a graph, for the lint.
 *
 * Thread: any; pure.
 */
#ifndef HB_WORKFLOW_WAY_H
#define HB_WORKFLOW_WAY_H

#include "workflow/plan.h"

enum { WAY_NONE = -3 };

/* way_of - the step that number `count` (from 0) of the ways out of this one leads to, PLAN_END too; WAY_NONE: it has no more.
 * The same step may come twice. */
int way_of(const struct step *step, size_t count);

/* way_reach - marks all steps that can come after (or at) `from`; PLAN_END marks nothing. is_reached has a place per step,
 * and what is marked already is taken as done. */
void way_reach(const struct plan *plan, int from, bool *is_reached);

/* way_waits - does the enrollment stand still there every time it comes? */
bool way_waits(const struct step *step);

#endif
