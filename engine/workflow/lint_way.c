/* lint_way.c - where enrollments get, and where not; see lint_parts.h */
#include "workflow/lint_parts.h"

#include "workflow/step.h"
#include "workflow/way.h"

static bool *marks_new(const struct plan *plan, struct workflow_report *report)
{
	return ARENA_ARRAY(report->arena, bool, plan->step_count + 1);
}

/* --- what nobody reaches --- */

/* The exits of a manual-sms that does not wait are complained about as a whole. */
static void reach_dead_exits(const struct plan *plan, bool *is_reached)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_MANUAL_SMS || step->sms.does_wait)
			continue;
		for (int k = 0; k < SMS_EXIT_COUNT; k++)
			way_reach(plan, step->sms.exits[k], NULL, is_reached);
	}
}

/* Said of the first step of each stretch, not of all in it. */
void lint_reach(const struct plan *plan, struct workflow_report *report)
{
	bool *is_reached = marks_new(plan, report);
	way_reach(plan, plan->first, NULL, is_reached);
	reach_dead_exits(plan, is_reached);
	for (size_t i = 0; i < plan->step_count; i++) {
		bool is_first_of_run = i == 0 || is_reached[i - 1];
		if (!is_reached[i] && is_first_of_run)
			workflow_report_add(
				report, lint_warn(&plan->steps[i], "unreachable_step"),
				"No enrollment gets here: an <end> or <go-to> before "
				"it leads them all past. Move it up, or take it out.");
	}
}

/* --- turns without end --- */

static bool goes_at_once(const struct step *step, size_t count, enum way_wait wait)
{
	bool is_bounded = step->kind == STEP_GO_TO && step->go_to.max && count == 0;
	return wait == WAY_AT_ONCE && !is_bounded;
}

static bool may_go_at_once(const struct step *step, size_t count, enum way_wait wait)
{
	bool is_bounded = step->kind == STEP_GO_TO && step->go_to.max && count == 0;
	return wait != WAY_WAITS && !is_bounded;
}

static bool comes_back(const struct plan *plan, size_t at, way_filter_fn *filter,
		       struct workflow_report *report)
{
	bool *is_reached = marks_new(plan, report);
	way_reach(plan, plan->steps[at].go_to.target, filter, is_reached);
	return is_reached[at];
}

/* Every loop has a go-to that leads back: only those are asked. */
void lint_loops(const struct plan *plan, struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_GO_TO || step->go_to.max ||
		    step->go_to.target > (int)i)
			continue;
		struct finding_at at = {FINDING_ERROR, step->place, step->id,
					"endless_loop"};
		if (comes_back(plan, i, goes_at_once, report))
			workflow_report_add(
				report, at,
				"From \"%s\" the way leads back here without a wait, "
				"for "
				"ever: give this <go-to> a max=\"3\", or put a <wait> "
				"into the loop.",
				step->go_to.step_id);
		else if (comes_back(plan, i, may_go_at_once, report))
			workflow_report_add(
				report, lint_warn(step, "loop_may_not_wait"),
				"The loop from \"%s\" to here waits only for what can "
				"be there already: then enrollments fail. Give this "
				"<go-to> a max=\"3\", or put a <wait for=\"…\"/> into "
				"the loop.",
				step->go_to.step_id);
	}
}

/* How many steps can run in one turn until this one, itself counted. Only ways ahead: a way back is a loop. */
static void carry_on(const struct plan *plan, size_t at, unsigned *longest)
{
	const struct step *step = &plan->steps[at];
	enum way_wait wait;
	int to;
	for (size_t i = 0; (to = way_of(step, i, &wait)) != WAY_NONE; i++) {
		unsigned count = wait == WAY_AT_ONCE ? longest[at] + 1 : 1;
		if (to > (int)at && count > longest[to])
			longest[to] = count;
	}
}

/* A turn that runs too long is refused when it happens; the author should hear of it before. */
void lint_turn(const struct plan *plan, struct workflow_report *report)
{
	unsigned *longest = ARENA_ARRAY(report->arena, unsigned, plan->step_count + 1);
	longest[0] = 1;
	for (size_t i = 0; i < plan->step_count; i++) {
		if (!longest[i])
			continue;
		if (longest[i] > RUN_STEPS_MAX) {
			workflow_report_add(
				report, lint_warn(&plan->steps[i], "too_many_at_once"),
				"More than %d steps in a row without one that waits: "
				"enrollments fail here. Split the workflow.",
				RUN_STEPS_MAX);
			return;
		}
		carry_on(plan, i, longest);
	}
}

/* --- who gets the tasks --- */

static bool is_no_assign(const struct step *step, size_t count, enum way_wait wait)
{
	(void)count, (void)wait;
	return step->kind != STEP_ASSIGN_USER;
}

static bool has_assign_before(const struct plan *plan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (plan->steps[i].kind == STEP_ASSIGN_USER)
			return true;
	return false;
}

static void lint_assign_before(const struct plan *plan, struct workflow_report *report)
{
	bool *is_unassigned = marks_new(plan, report);
	way_reach(plan, plan->first, is_no_assign, is_unassigned);
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_MANUAL_SMS || !is_unassigned[i])
			continue;
		workflow_report_add(
			report, lint_warn(step, "sms_without_assign"),
			"%s before this step: the task of a contact without an owner "
			"is made for nobody. Put one above it.",
			has_assign_before(plan, i) ? "A way without <assign-user> leads"
						   : "No <assign-user> stands");
	}
}

static const struct step *sms_among(const struct plan *plan, const bool *is_marked)
{
	for (size_t i = plan->step_count; i > 0; i--)
		if (plan->steps[i - 1].kind == STEP_MANUAL_SMS &&
		    (!is_marked || is_marked[i - 1]))
			return &plan->steps[i - 1];
	return NULL;
}

void lint_assign(const struct plan *plan, struct workflow_report *report)
{
	const struct step *last_sms = sms_among(plan, NULL);
	lint_assign_before(plan, report);
	for (size_t i = 0; i < plan->step_count && last_sms; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_ASSIGN_USER)
			continue;
		bool *is_after = marks_new(plan, report);
		way_reach(plan, (int)i, NULL, is_after);
		if (!sms_among(plan, is_after))
			workflow_report_add(report, lint_warn(step, "assign_after_sms"),
					    "No <manual-sms> follows this "
					    "<assign-user>, so no task "
					    "does. Move it above %s.",
					    last_sms->id);
	}
}

/* --- replies --- */

void lint_replies(const struct plan *plan, struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_WAIT_FOR_REPLY)
			continue;
		bool *is_after = marks_new(plan, report);
		way_reach(plan, plan_find(plan, step->reply.to), NULL, is_after);
		struct finding_at at = {FINDING_WARNING, step->reply.to_place, step->id,
					"reply_before_sms"};
		if (!is_after[i])
			workflow_report_add(report, at,
					    "No way leads from the <manual-sms> \"%s\" "
					    "to here, so no reply to it can come. Name "
					    "the one before this step.",
					    step->reply.to);
		if (!step->reply.timeout.ms)
			workflow_report_add(
				report, lint_warn(step, "reply_without_timeout"),
				"Without timeout the enrollment waits for ever when "
				"nobody replies%s. Add timeout=\"2d\", for example.",
				step->reply.on_timeout == PLAN_NO_EXIT
					? ""
					: ", and <on-timeout> is never taken");
	}
}
