/* step.c - see step.h */
#include "workflow/step.h"

#include <assert.h>

/* How each kind runs: its effect, by offset into run_ops. */
struct step_rule {
	bool has_effect; /* false: decided here */
	size_t effect;
};

#define EFFECT(name) .has_effect = true, .effect = offsetof(struct run_ops, name)

static const struct step_rule rules[] = {
	[STEP_ASSIGN_USER] = {EFFECT(assign_user)},
	[STEP_MANUAL_SMS] = {EFFECT(create_task)},
	[STEP_WAIT_FOR_REPLY] = {EFFECT(wait_for_reply)},
	[STEP_WAIT] = {EFFECT(wait)},
	[STEP_BRANCH] = {.has_effect = false},
	[STEP_SEND_EMAIL] = {EFFECT(send_email)},
	[STEP_ADD_TAG] = {EFFECT(add_tag)},
	[STEP_REMOVE_TAG] = {EFFECT(remove_tag)},
	[STEP_SET_FIELD] = {EFFECT(set_field)},
	[STEP_CALL_HOOK] = {EFFECT(call_hook)},
	[STEP_GO_TO] = {.has_effect = false},
	[STEP_END] = {.has_effect = false},
};
_Static_assert(sizeof(rules) / sizeof(rules[0]) == STEP_KIND_COUNT, "a rule per kind");

int step_exit(const struct step *step, int exit)
{
	return exit == PLAN_NO_EXIT ? step->next : exit;
}

static enum err take_branch(const struct step *step, const struct run_ops *ops,
			    void *arg, struct run_effect *effect)
{
	const struct step_branch *branch = &step->branch;
	for (size_t i = 0; i < branch->when_count; i++) {
		bool holds = false;
		enum err err = ops->holds(arg, step, &branch->whens[i], &holds);
		if (err != ERR_OK)
			return err;
		if (holds) {
			effect->to = branch->whens[i].first;
			effect->detail =
				branch->whens[i].name ? branch->whens[i].name : "when";
			return ERR_OK;
		}
	}
	effect->to = step_exit(step, branch->otherwise);
	effect->detail = "otherwise";
	return ERR_OK;
}

static void go_to(const struct step *step, unsigned visit, struct run_effect *effect)
{
	bool is_used_up = step->go_to.max && visit > step->go_to.max;
	if (!is_used_up)
		effect->to = step->go_to.target;
	effect->detail = is_used_up ? RUN_MAX_REACHED : step->go_to.step_id;
}

static enum err do_effect(const struct step *step, const struct run_ops *ops, void *arg,
			  unsigned visit, struct run_effect *effect)
{
	const struct step_rule *rule = &rules[step->kind];
	if (rule->has_effect) {
		run_effect_fn *const *fn =
			(run_effect_fn *const *)((const char *)ops + rule->effect);
		if (*fn)
			return (*fn)(arg, step, visit, effect);
		effect->failure = "not_built";
	}
	if (step->kind == STEP_BRANCH)
		return take_branch(step, ops, arg, effect);
	if (step->kind == STEP_GO_TO)
		go_to(step, visit, effect);
	return ERR_OK;
}

/* Counts the visit, does the effect, writes the journal. */
static enum err run_step(const struct step *step, const struct run_ops *ops, void *arg,
			 struct run_effect *effect)
{
	unsigned visit = 0;
	*effect = (struct run_effect){.to = step->next, .detail = ""};
	enum err err = ops->visit(arg, step, &visit);
	if (err == ERR_OK)
		err = do_effect(step, ops, arg, visit, effect);
	if (err == ERR_OK && effect->failure)
		return ops->journal(arg, step, "failed", effect->failure);
	if (err == ERR_OK)
		err = ops->journal(arg, step, effect->is_waiting ? "waiting" : "done",
				   effect->detail);
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
		struct run_effect effect;
		enum err err = run_step(step, ops, arg, &effect);
		if (err != ERR_OK)
			return err;
		if (effect.failure)
			return finish(run, at, RUN_FAILED, effect.failure);
		if (effect.is_waiting)
			return finish(run, at, RUN_WAITING, NULL);
		at = effect.to;
	}
	return finish(run, PLAN_END, RUN_COMPLETED, NULL);
}
