/* task_why_user.h - why this user has the task: the answer to "wrong user"; for task_why.c only.
 *
 * Read from the journal of its enrollment: which assign-user gave the contact to whom, by which rule, whose turn it was,
 * who was passed over; and what changed afterwards. The causes:
 *
 *	one_user, rotation, kept_owner, pool, nobody	what the assign-user before it said (assign.h)
 *	owner, no_owner, owner_inactive			no assign-user ran before it: the contact's owner then
 *	assigned_later		an assign-user stands behind the manual-sms, where it cannot count for it
 *	owner_changed		the contact has another owner by now; a task stays with whom it was made for
 *	taken_from_pool, reassigned, handed_over	a person opened it, gave it away, or left
 *	followed_owner				the contact's owner changed, and the step follows
 *	api, inbound		the task is of no workflow
 */
#ifndef HB_CORE_TASK_WHY_USER_H
#define HB_CORE_TASK_WHY_USER_H

#include "core/card.h"

/* task_why_user - {assignee, why, cause, detail, fix, assigned: {step, at, detail: the line of that assign-user} or null,
 * warnings: [{code, detail, fix}], owner} as a value. */
enum err task_why_user(struct db *db, struct arena *arena, const struct card *card,
		       struct json *json) MUST_CHECK;

#endif
