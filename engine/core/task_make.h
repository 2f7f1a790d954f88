/* task_make.h - a task comes to be: from a workflow step, or because another program asks for one. */
#ifndef HB_CORE_TASK_MAKE_H
#define HB_CORE_TASK_MAKE_H

#include "core/call.h"
#include "core/people.h"
#include "workflow/plan.h"

struct task_make {
	enum task_origin origin;
	uint64_t enrollment_id; /* 0 for TASK_FROM_API */
	const char *workflow_id;
	uint32_t workflow_version;
	const struct plan *plan; /* of that version; NULL for TASK_FROM_API */
	const char *step_id;
	uint32_t visit;
	uint64_t contact_id;
	const char *name,
		*text; /* text: rendered for the contact; what needs a user is rendered when the card opens */
	const struct template *template; /* that text is of; NULL: it is nobody's */
	uint64_t consent_id;             /* the opt-out that it confirms; 0: none */
	struct party assignee;
	unsigned priority;
	int64_t due_at, expires_at; /* UTC ms, 0: none */
	/* one line for people: step, rule, position, who was skipped */
	const char *why;
	bool is_test, moves_workflow, follows_owner, is_locked;
};

/* task_make - inserts it, as held when a hold covers it, and signals the timer. ERR_DUPLICATE: this visit has its task
 * already (nothing was written). */
enum err task_make(struct txn *txn, const struct task_make *make,
		   struct task *task_out) MUST_CHECK;

/* task_call_off - cancels one, without moving the workflow; one that is not open stays as it is. */
enum err task_call_off(struct txn *txn, struct task *task,
		       const char *reason) MUST_CHECK;

/* task_cancel_open - cancels the open tasks of an enrollment or contact (the other id is 0) without moving the workflow.
 * At most 500; *more_out says whether some are left. */
enum err task_cancel_open(struct txn *txn, uint64_t enrollment_id, uint64_t contact_id,
			  const char *reason, bool *more_out) MUST_CHECK;

#endif
