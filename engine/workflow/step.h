/* step.h - runs an enrollment through its plan, from one step to the next until it must wait or is done.
 *
 * The interpreter knows the language and nothing of the world: whatever a step does is one of the caller's functions
 * (run_ops), called inside the caller's transaction. The same plan and the same answers give the same run.
 *
 *	struct run run = {.at = plan->first};
 *	err = workflow_advance(plan, &run, &ops, enrollment);
 *	switch (run.outcome) …
 *
 * An effect may ask to wait (a manual-sms with wait="yes", a wait that is not over): the turn ends, RUN_WAITING, run.at
 * stays on the step. When what it waits for has come, the caller goes on behind it: run.at = step_exit(…) or
 * plan->steps[run.at].next. PLAN_END as a position completes at once. branch and go-to are decided here.
 *
 * Loop guard: a turn runs at most RUN_STEPS_MAX steps; then it is RUN_FAILED with a reason for the journal.
 *
 * Thread: the caller's.
 */
#ifndef HB_WORKFLOW_STEP_H
#define HB_WORKFLOW_STEP_H

#include "base/err.h"
#include "workflow/plan.h"

enum { RUN_STEPS_MAX = 100 };
#define RUN_MAX_REACHED "max_reached" /* detail of a go-to that goes no more */

enum run_outcome {
	RUN_COMPLETED,
	RUN_WAITING, /* at run.at */
	RUN_FAILED,  /* run.reason says why; run.at is the step that was not run */
	RUN_OUTCOME_COUNT
};

struct run {
	int at; /* in: the step to run next; out: where the run stands, PLAN_END when completed */
	enum run_outcome outcome;
	/* RUN_FAILED: a literal, snake_case: loop_guard, bad_position, or an effect's failure */
	const char *reason;
};

/* What an effect asks of the turn; preset to: go on behind the step. */
struct run_effect {
	bool is_waiting; /* the turn ends here */
	int to;          /* else: where it goes on (an exit's first step) */
	/* what was done, for the journal; borrowed until the journal call returns; "" */
	const char *detail;
	/* not NULL: the run ends here, RUN_FAILED, for this reason (a literal, snake_case) */
	const char *failure;
};

/* One effect: do it for this step and visit (1 = the first time the enrollment comes here). */
typedef enum err run_effect_fn(void *arg, const struct step *step, unsigned visit,
			       struct run_effect *effect);

/* An error of any of them ends the turn at once and is what workflow_advance returns: the transaction is given up. */
struct run_ops {
	/* Counts this visit of the step in this enrollment and gives its number, from 1. */
	enum err (*visit)(void *arg, const struct step *step, unsigned *visit_out);

	/* A step was run, or (kind "failed") was not. kind: "done", "waiting", "failed". Called once per step. */
	enum err (*journal)(void *arg, const struct step *step, const char *kind,
			    const char *detail);

	/* NULL: a step of that kind fails, not_built */
	run_effect_fn *assign_user;
	run_effect_fn *create_task;
	run_effect_fn *add_tag;
	run_effect_fn *remove_tag;
	run_effect_fn *set_field;
	run_effect_fn *send_email;
	run_effect_fn *call_hook;
	run_effect_fn *wait; /* is_waiting, unless it is over already */
	run_effect_fn *
		wait_for_reply; /* the same; or to = its on_reply, when a reply is there already */

	/* Does the condition of this <when> hold? Called for one after the other until one does. */
	enum err (*holds)(void *arg, const struct step *step,
			  const struct branch_when *when, bool *holds_out);
};

/* step_exit - where an enrollment goes on by this exit: the exit's first step, or next when it is PLAN_NO_EXIT. */
int step_exit(const struct step *step, int exit);

/* workflow_advance - runs from run->at. ERR_OK: run tells the outcome; otherwise the error of an op, and run is as it
 * was. */
enum err workflow_advance(const struct plan *plan, struct run *run,
			  const struct run_ops *ops, void *arg) MUST_CHECK;

#endif
