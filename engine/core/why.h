/* why.h - why did a contact get no task from a workflow? The questions one asks, in order, each with its answer.
 *
 *	published      does it enroll at all
 *	trigger_seen   did anything ask for this contact to enter: a trigger, or a person or program by hand
 *	filter         did the filter keep it out, or the condition in the trigger
 *	reentry        had it been in already
 *	enrolled       is there an enrollment, or what stood in its way
 *	position       where it is now, or where and why it ended
 *	branch         which way it took, and did a task lie on another
 *	task           the task, and what became of it
 *
 * The first "no" is the answer, with the fix. A store_read_fn.
 */
#ifndef HB_CORE_WHY_H
#define HB_CORE_WHY_H

#include "core/call.h"

/* why_workflow - with a contact: {workflow, contact, enrollment, task, checks: [{check, ok, detail, fix}], first_failure:
 * one of them or null}; of the task of a certain step when step_id says so. Of a contact marked test, its test runs count as any. Without: {workflow, entered, completed, steps: [{step, kind, name, reached, waiting, stopped}]} over the
 * newest WHY_ENROLLMENTS_MOST enrollments, test runs left out. */
enum { WHY_ENROLLMENTS_MOST = 10000 };
struct why_workflow {
	struct call call;
	const char *workflow_id;
	uint64_t contact_id; /* 0: counts */
	const char *step_id; /* a manual-sms; NULL: any will do */
};
enum err why_workflow(struct snapshot *snap, void *arg);

#endif
