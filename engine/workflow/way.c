/* way.c - see way.h */
#include "workflow/way.h"

#include "workflow/parse.h"
#include "workflow/step.h"

static int way_of_sms(const struct step *step, size_t count)
{
	if (!step->sms.does_wait)
		return count ? WAY_NONE : step->next;
	return count < SMS_EXIT_COUNT ? step_exit(step, step->sms.exits[count])
				      : WAY_NONE;
}

static int way_of_reply(const struct step *step, size_t count)
{
	if (count > 1)
		return WAY_NONE;
	return step_exit(step, count ? step->reply.on_timeout : step->reply.on_reply);
}

static int way_of_branch(const struct step *step, size_t count)
{
	const struct step_branch *branch = &step->branch;
	if (count < branch->when_count)
		return branch->whens[count].first;
	return count == branch->when_count ? step_exit(step, branch->otherwise)
					   : WAY_NONE;
}

static int way_of_go_to(const struct step *step, size_t count)
{
	if (count == 0)
		return step->go_to.target;
	return count == 1 && step->go_to.max ? step->next : WAY_NONE;
}

static int target_of(const struct step *step, size_t count)
{
	switch (step->kind) {
	case STEP_MANUAL_SMS:
		return way_of_sms(step, count);
	case STEP_WAIT_FOR_REPLY:
		return way_of_reply(step, count);
	case STEP_BRANCH:
		return way_of_branch(step, count);
	case STEP_GO_TO:
		return way_of_go_to(step, count);
	default:
		return count ? WAY_NONE : step->next;
	}
}

static enum way_wait wait_of(const struct step *step, size_t count)
{
	if (step->kind == STEP_MANUAL_SMS)
		return step->sms.does_wait ? WAY_WAITS : WAY_AT_ONCE;
	if (step->kind == STEP_WAIT_FOR_REPLY)
		return count ? WAY_WAITS : WAY_MAY_WAIT;
	if (step->kind == STEP_WAIT)
		return step->wait.kind == WAIT_FOR ? WAY_WAITS : WAY_MAY_WAIT;
	return WAY_AT_ONCE;
}

int way_of(const struct step *step, size_t count, enum way_wait *wait_out)
{
	if (wait_out)
		*wait_out = wait_of(step, count);
	return target_of(step, count);
}

void way_reach(const struct plan *plan, int from, way_filter_fn *filter,
	       bool *is_reached)
{
	int waiting[WORKFLOW_STEPS_MAX];
	size_t waiting_count = 0;
	if (from >= 0 && !is_reached[from]) {
		is_reached[from] = true;
		waiting[waiting_count++] = from;
	}
	while (waiting_count) {
		const struct step *step = &plan->steps[waiting[--waiting_count]];
		enum way_wait wait;
		int to;
		for (size_t i = 0; (to = way_of(step, i, &wait)) != WAY_NONE; i++) {
			if (to < 0 || is_reached[to] ||
			    (filter && !filter(step, i, wait)))
				continue;
			is_reached[to] = true;
			waiting[waiting_count++] = to;
		}
	}
}
