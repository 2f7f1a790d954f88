/* advance_move.c - what moves an enrollment that stands at a step: the end of its task, the clock, a reply, the end of a
 * hold. See advance.h */
#include <string.h>

#include "core/advance.h"
#include "core/advance_parts.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/reply.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

enum { ENDING_STEPS = 4 }; /* what an end by a reply counts for, with its tasks */

/* --- when a task has ended --- */

/* as the language calls them */
static const char *const exit_names[] = {
	[SMS_EXIT_SENT] = "on-sent",
	[SMS_EXIT_SKIPPED] = "on-skipped",
	[SMS_EXIT_EXPIRED] = "on-expired",
	[SMS_EXIT_FAILED] = "on-failed",
};
_Static_assert(sizeof(exit_names) / sizeof(exit_names[0]) == SMS_EXIT_COUNT,
	       "a name per exit");

/* Does the enrollment stand at this very task? A reopened older visit does not move it. */
static bool stands_at(const struct enrollment *enrollment, const struct task *task)
{
	return enrollment_state_is_open(enrollment->state) &&
	       enrollment->version == task->workflow_version && enrollment->step_id &&
	       strcmp(enrollment->step_id, task->step_id) == 0;
}

static enum err take_exit(struct going *going, const struct task *task,
			  enum sms_exit exit)
{
	if (going->step->kind != STEP_MANUAL_SMS)
		return walk_end(going->txn, going->enrollment, ENROLLMENT_FAILED,
				"step_is_gone");
	const char *members =
		members_text(txn_arena(going->txn), "exit", exit_names[exit], "task",
			     members_id(txn_arena(going->txn), task->id), NULL);
	enum err err = journal_add(going->txn, going->enrollment->id, task->step_id,
				   "exit_taken", members);
	return err == ERR_OK ? going_on(going, step_exit(going->step,
							 going->step->sms.exits[exit]))
			     : err;
}

enum err advance_from_task(struct txn *txn, const struct actor *actor,
			   struct task *task, enum sms_exit exit)
{
	struct enrollment enrollment;
	struct going going;
	(void)actor;
	if (!task->enrollment_id || !task->moves_workflow)
		return ERR_OK;
	enum err err = task_rows_exit_taken(txn_db(txn), task);
	if (err == ERR_OK)
		err = enrollment_rows_load(txn_db(txn), txn_arena(txn),
					   task->enrollment_id, &enrollment);
	if (err != ERR_OK || !stands_at(&enrollment, task))
		return err;
	err = going_init(&going, txn, &enrollment);
	if (err == ERR_OK && going.plan)
		err = take_exit(&going, task, exit);
	plan_unref(&going.plan);
	return err;
}

enum err advance_has_exit(struct txn *txn, const struct task *task, enum sms_exit exit,
			  bool *has_out)
{
	struct plan *plan;
	*has_out = false;
	if (!task->enrollment_id || !task->moves_workflow)
		return ERR_OK;
	enum err err = plans_get(txn_context(txn), txn_db(txn), task->workflow_id,
				 task->workflow_version, &plan);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
	int at = plan_find(plan, task->step_id);
	*has_out = at >= 0 && plan->steps[at].kind == STEP_MANUAL_SMS &&
		   plan->steps[at].sms.exits[exit] != PLAN_NO_EXIT;
	plan_unref(&plan);
	return ERR_OK;
}

/* --- when a wait is over, or a reply has come --- */

/* Any text of the contact since the enrollment began: ids rise with time. */
static enum err has_reply_since(struct going *going, bool *has_out)
{
	uint64_t id;
	enum err err = message_rows_inbound_after(txn_db(going->txn),
						  going->enrollment->contact_id,
						  going->enrollment->id, &id);
	*has_out = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err leave_reply(struct going *going, uint64_t reply_id)
{
	const struct step *step = going->step;
	struct txn *txn = going->txn;
	struct arena *arena = txn_arena(txn);
	bool is_reply = reply_id != 0;
	if (is_reply)
		going->enrollment->reply_id = reply_id;
	const char *members =
		is_reply ? members_text(arena, "to", step->reply.to, "exit", "on-reply",
					"message", members_id(arena, reply_id), NULL)
			 : members_text(arena, "to", step->reply.to, "exit",
					"on-timeout", NULL);
	enum err err = journal_add(txn, going->enrollment->id, step->id, "exit_taken",
				   members);
	return err == ERR_OK
		       ? going_on(going,
				  step_exit(step, is_reply ? step->reply.on_reply
							   : step->reply.on_timeout))
		       : err;
}

/* A reply that came while nobody could go on wins over the time that has run out since. */
static enum err wake_reply(struct going *going, bool is_timed_out)
{
	uint64_t reply_id = 0;
	enum err err = reply_find(going->txn, going->enrollment, going->step->reply.to,
				  &reply_id);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	return reply_id || is_timed_out ? leave_reply(going, reply_id) : ERR_OK;
}

static enum err wake_wait(struct going *going)
{
	char due[CLOCK_TEXT_LEN];
	const char *members =
		members_str(txn_arena(going->txn), "due",
			    clock_format(going->enrollment->wake_at, due));
	enum err err = journal_add(going->txn, going->enrollment->id, going->step->id,
				   "wait_over", members);
	return err == ERR_OK ? going_on(going, going->step->next) : err;
}

/* Nothing of this step waits for the clock. */
static enum err sleep_on(struct going *going)
{
	going->enrollment->wake_at = 0;
	return enrollment_rows_save(txn_db(going->txn), going->enrollment);
}

static enum err move(struct going *going, bool is_due)
{
	bool is_ended = false;
	enum err err = ERR_OK;
	if (going->plan->settings.stop_on_reply)
		err = has_reply_since(going, &is_ended);
	if (err != ERR_OK)
		return err;
	if (is_ended) {
		going->steps = ENDING_STEPS;
		return reply_ends(going->txn, going->enrollment);
	}
	if (going->enrollment->state == ENROLLMENT_HELD)
		return ERR_OK;
	if (going->step->kind == STEP_WAIT_FOR_REPLY)
		return wake_reply(going, is_due);
	if (!is_due)
		return ERR_OK;
	return going->step->kind == STEP_WAIT ? wake_wait(going) : sleep_on(going);
}

static enum err move_on(struct txn *txn, struct enrollment *enrollment, bool is_due,
			unsigned *steps_out)
{
	struct going going;
	enum err err = going_init(&going, txn, enrollment);
	if (err == ERR_OK && going.plan)
		err = move(&going, is_due);
	*steps_out = going.steps;
	plan_unref(&going.plan);
	return err;
}

enum err advance_wake(struct txn *txn, struct enrollment *enrollment,
		      unsigned *steps_out)
{
	return move_on(txn, enrollment, true, steps_out);
}

enum err advance_reply(struct txn *txn, struct enrollment *enrollment,
		       unsigned *steps_out)
{
	return move_on(txn, enrollment, false, steps_out);
}

/* --- when its workflow is held no more --- */

static enum err release(struct going *going)
{
	struct enrollment *enrollment = going->enrollment;
	const char *to = enrollment->held_to ? enrollment->held_to : "";
	int at = *to ? plan_find(going->plan, to) : PLAN_END;
	if (*to && at < 0)
		return walk_end(going->txn, enrollment, ENROLLMENT_FAILED,
				"step_is_gone");
	enum err err = journal_add(going->txn, enrollment->id, enrollment->step_id,
				   "released", "");
	return err == ERR_OK ? going_on(going, at) : err;
}

enum err advance_release(struct txn *txn, struct enrollment *enrollment,
			 unsigned *steps_out)
{
	struct going going;
	*steps_out = 0;
	if (enrollment->state != ENROLLMENT_HELD)
		return ERR_OK;
	enum err err = going_init(&going, txn, enrollment);
	if (err == ERR_OK && going.plan)
		err = release(&going);
	*steps_out = going.steps;
	plan_unref(&going.plan);
	return err;
}
