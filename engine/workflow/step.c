/* step.c - see step.h */
#include "workflow/step.h"

#include <assert.h>

/* How each kind runs: its effect (by offset into run_ops, none: nothing happens),
 * whether the turn goes on behind it. */
struct step_rule {
	bool has_effect;
	size_t effect;
	bool (*does_wait)(const struct step *step); /* NULL: never */
};

static bool sms_waits(const struct step *step)
{
	return step->sms.does_wait;
}

#define EFFECT(name) .has_effect = true, .effect = offsetof(struct run_ops, name)

static const struct step_rule rules[] = {
	[STEP_ASSIGN_USER] = {EFFECT(assign_user)},
	[STEP_MANUAL_SMS] = {EFFECT(create_task), .does_wait = sms_waits},
	[STEP_ADD_TAG] = {EFFECT(add_tag)},
	[STEP_REMOVE_TAG] = {EFFECT(remove_tag)},
	[STEP_END] = {.has_effect = false},
};
_Static_assert(sizeof(rules) / sizeof(rules[0]) == STEP_KIND_COUNT, "a rule per kind");

static run_effect_fn *effect_of(const struct run_ops *ops, const struct step_rule *rule)
{
	return *(run_effect_fn *const *)((const char *)ops + rule->effect);
}

/* Counts the visit, does the effect, writes the journal. */
static enum err run_step(const struct step *step, const struct run_ops *ops, void *arg,
			 bool *is_waiting_out)
{
	const struct step_rule *rule = &rules[step->kind];
	const char *detail = "";
	unsigned visit = 0;
	enum err err = ops->visit(arg, step, &visit);
	if (err == ERR_OK && rule->has_effect)
		err = effect_of(ops, rule)(arg, step, visit, &detail);
	if (err != ERR_OK)
		return err;
	bool is_waiting = rule->does_wait && rule->does_wait(step);
	err = ops->journal(arg, step, is_waiting ? "waiting" : "done", detail);
	if (err == ERR_OK)
		*is_waiting_out = is_waiting;
	return err;
}

static enum err finish(struct run *run, int at, enum run_outcome outcome,
		       const char *reason)
{
	*run = (struct run){at, outcome, reason};
	return ERR_OK;
}

enum err workflow_advance(const struct plan *plan, struct run *run,
			  const struct run_ops *ops, void *arg)
{
	int at = run->at;
	if (at != PLAN_END && (at < 0 || (size_t)at >= plan->step_count))
		return finish(run, at, RUN_FAILED, "bad_position");
	for (int count = 0; at != PLAN_END; count++) {
		const struct step *step = &plan->steps[at];
		if (count == RUN_STEPS_MAX) {
			enum err err = ops->journal(arg, step, "failed", "loop_guard");
			return err == ERR_OK ? finish(run, at, RUN_FAILED, "loop_guard")
					     : err;
		}
		bool is_waiting;
		enum err err = run_step(step, ops, arg, &is_waiting);
		if (err != ERR_OK)
			return err;
		if (is_waiting)
			return finish(run, at, RUN_WAITING_TASK, NULL);
		at = step->next;
	}
	return finish(run, PLAN_END, RUN_COMPLETED, NULL);
}
