/* way.h - the ways an enrollment can take through a plan, as a graph, for the lint.
 *
 * Thread: any; pure.
 */
#ifndef HB_WORKFLOW_WAY_H
#define HB_WORKFLOW_WAY_H

#include "workflow/plan.h"

enum { WAY_NONE = -3 };

/* Does an enrollment stand still before it takes this way? */
enum way_wait {
	WAY_AT_ONCE,
	WAY_MAY_WAIT, /* a wait that can be over already; a reply that can be there */
	WAY_WAITS,
};

/* way_of - the step that number `count` (from 0) of the ways out of this one leads to, PLAN_END too; WAY_NONE: it has no more.
 * The same step may come twice. wait_out may be NULL. */
int way_of(const struct step *step, size_t count, enum way_wait *wait_out);

/* Is this way of the step one to follow? */
typedef bool way_filter_fn(const struct step *step, size_t count, enum way_wait wait);

/* way_reach - marks all steps that can come after (or at) `from`; PLAN_END marks nothing. is_reached has a place per step,
 * and what is marked already is taken as done. filter NULL: all ways. */
void way_reach(const struct plan *plan, int from, way_filter_fn *filter,
	       bool *is_reached);

#endif
