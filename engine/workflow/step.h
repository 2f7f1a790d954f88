/* step.h - runs an enrollment through its plan, from one step to the next until it must wait or is done.
 *
 * The interpreter knows the language and nothing of the world: whatever a step does is one of the caller's functions
 * (run_ops), called inside the caller's transaction. The same plan and the same answers give the same run.
 *
 *	struct run run = {.at = plan->first};
 *	err = workflow_advance(plan, &run, &ops, enrollment);
 *	switch (run.outcome) …
 *
 * A manual-sms with wait="yes" ends the turn: RUN_WAITING_TASK, run.at stays on it. When its task has ended, the caller
 * goes on with run.at = plan->steps[run.at].next. PLAN_END as a position completes at once.
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

enum run_outcome {
	RUN_COMPLETED,
	RUN_WAITING_TASK, /* at run.at */
	RUN_FAILED,       /* run.reason says why; run.at is the step that was not run */
	RUN_OUTCOME_COUNT
};

struct run {
	int at; /* in: the step to run next; out: where the run stands, PLAN_END when completed */
	enum run_outcome outcome;
	const char *
		reason; /* RUN_FAILED: a literal, snake_case: loop_guard, bad_position */
};

/* One effect: do it for this step and visit (1 = the first time the enrollment comes here). *detail_out may be set to
 * what was done, for the journal ("ana, 2nd of 3 in turn"), borrowed until the journal call returns; it is "" before. */
typedef enum err run_effect_fn(void *arg, const struct step *step, unsigned visit,
			       const char **detail_out);

/* An error of any of them ends the turn at once and is what workflow_advance returns: the transaction is given up. */
struct run_ops {
	/* Counts this visit of the step in this enrollment and gives its number, from 1. */
	enum err (*visit)(void *arg, const struct step *step, unsigned *visit_out);

	/* A step was run, or (kind "failed") was not. kind: "done", "waiting", "failed". Called once per step. */
	enum err (*journal)(void *arg, const struct step *step, const char *kind,
			    const char *detail);

	run_effect_fn *assign_user;
	run_effect_fn *create_task;
	run_effect_fn *add_tag;
	run_effect_fn *remove_tag;
};

/* workflow_advance - runs from run->at. ERR_OK: run tells the outcome; otherwise the error of an op, and run is as it
 * was. */
enum err workflow_advance(const struct plan *plan, struct run *run,
			  const struct run_ops *ops, void *arg) MUST_CHECK;

#endif
