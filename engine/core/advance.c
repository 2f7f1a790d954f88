/* advance.c - see advance.h: turns of enrollments. What the steps do is in advance_contact.c, advance_task.c,
 * advance_wait.c (advance_parts.h) */
#include "core/advance.h"

#include <string.h>

#include "core/advance_parts.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/reply.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

enum { ENDING_STEPS = 4 }; /* what an end by a reply counts for, with its tasks */

/* --- what the interpreter asks for --- */

static enum err do_visit(void *arg, const struct step *step, unsigned *visit_out)
{
	struct walk *walk = arg;
	uint32_t visit;
	walk->kind = walk->members = walk->stands = NULL;
	walk->wake_at = 0;
	walk->steps++;
	enum err err = visit_rows_count_up(txn_db(walk->txn), walk->enrollment->id,
					   step->id, &visit);
	if (err == ERR_OK)
		*visit_out = visit;
	return err;
}

/* Steps that the interpreter decides by itself have words of their own. */
static const char *kind_of(const struct walk *walk, const struct step *step,
			   const char *kind)
{
	if (walk->kind)
		return walk->kind;
	return step->kind == STEP_GO_TO && strcmp(kind, "done") == 0 ? "went_to" : kind;
}

static enum err do_journal(void *arg, const struct step *step, const char *kind,
			   const char *detail)
{
	struct walk *walk = arg;
	const char *members = walk->members;
	if (!members && *detail)
		members =
			members_str(walk->arena,
				    step->kind == STEP_GO_TO ? "to" : "reason", detail);
	if (strcmp(kind, "failed") == 0)
		walk->kind = NULL;
	return journal_add(walk->txn, walk->enrollment->id, step->id,
			   kind_of(walk, step, kind), members ? members : "");
}

static const struct run_ops ops = {
	.visit = do_visit,
	.journal = do_journal,
	.assign_user = walk_assign,
	.create_task = walk_create_task,
	.add_tag = walk_add_tag,
	.remove_tag = walk_remove_tag,
	.set_field = walk_set_field,
	.wait = walk_wait,
	.wait_for_reply = walk_wait_for_reply,
};

/* --- where the enrollment stands afterwards --- */

static enum err end(struct txn *txn, struct enrollment *enrollment,
		    enum enrollment_state state, const char *reason)
{
	const char *step_id = enrollment->step_id;
	const char *members = members_str(txn_arena(txn), "reason", reason);
	enrollment->state = state;
	enrollment->reason = reason;
	enrollment->wake_at = 0;
	enrollment->ended_at = txn_now(txn);
	if (state == ENROLLMENT_COMPLETED)
		enrollment->step_id = NULL;
	enum err err = enrollment_rows_save(txn_db(txn), enrollment);
	if (err == ERR_OK)
		err = journal_add(txn, enrollment->id, step_id,
				  enrollment_state_name(state), members);
	return err;
}

static enum err stand(struct walk *walk, const struct run *run)
{
	struct enrollment *enrollment = walk->enrollment;
	if (run->at != PLAN_END && (size_t)run->at < walk->plan->step_count) {
		enrollment->step_id =
			arena_strdup(walk->arena, walk->plan->steps[run->at].id);
		enrollment->since = txn_now(walk->txn);
	}
	if (run->outcome == RUN_COMPLETED)
		return end(walk->txn, enrollment, ENROLLMENT_COMPLETED,
			   "end_of_workflow");
	if (run->outcome == RUN_FAILED)
		return end(walk->txn, enrollment, ENROLLMENT_FAILED, run->reason);
	enrollment->state = ENROLLMENT_WAITING;
	enrollment->reason = walk->stands;
	enrollment->wake_at = walk->wake_at;
	return enrollment_rows_save(txn_db(walk->txn), enrollment);
}

static enum err walk_from(struct walk *walk, int at)
{
	struct run run = {.at = at};
	enum err err = workflow_advance(walk->plan, &run, &ops, walk);
	return err == ERR_OK ? stand(walk, &run) : err;
}

/* --- beginning --- */

enum err advance_start_with(struct txn *txn, const struct actor *actor,
			    struct enrollment *enrollment,
			    const struct advance_with *with)
{
	struct walk walk = {.txn = txn,
			    .arena = txn_arena(txn),
			    .plan = with->plan,
			    .enrollment = enrollment,
			    .contact = with->contact};
	(void)actor;
	return walk_from(&walk, with->plan->first);
}

enum err advance_start(struct txn *txn, const struct actor *actor,
		       struct enrollment *enrollment)
{
	struct contact contact;
	struct plan *plan;
	enum err err = contact_rows_load(txn_db(txn), txn_arena(txn),
					 enrollment->contact_id, &contact);
	if (err == ERR_OK)
		err = plans_get(txn_context(txn), txn_db(txn), enrollment->workflow_id,
				enrollment->version, &plan);
	if (err != ERR_OK)
		return err;
	err = advance_start_with(
		txn, actor, enrollment,
		&(struct advance_with){.contact = &contact, .plan = plan});
	plan_unref(&plan);
	return err;
}

/* --- going on from where it stands --- */

/* What of the world an enrollment needs to go on from its step. */
struct going {
	struct txn *txn;
	struct enrollment *enrollment;
	struct plan *plan;
	const struct step *step; /* where it stands */
	unsigned steps;          /* run by the turn */
};

/* ERR_OK with plan NULL: it cannot go on, and has ended as failed. */
static enum err going_init(struct going *going, struct txn *txn,
			   struct enrollment *enrollment)
{
	*going = (struct going){.txn = txn, .enrollment = enrollment};
	enum err err = plans_get(txn_context(txn), txn_db(txn), enrollment->workflow_id,
				 enrollment->version, &going->plan);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return end(txn, enrollment, ENROLLMENT_FAILED,
			   err == ERR_CORRUPT ? "version_is_unreadable"
					      : "version_is_gone");
	if (err != ERR_OK)
		return err;
	int at = enrollment->step_id ? plan_find(going->plan, enrollment->step_id) : -1;
	if (at >= 0) {
		going->step = &going->plan->steps[at];
		return ERR_OK;
	}
	plan_unref(&going->plan);
	return end(txn, enrollment, ENROLLMENT_FAILED, "step_is_gone");
}

static enum err go_on(struct going *going, int at)
{
	struct contact contact;
	struct txn *txn = going->txn;
	enum err err = contact_rows_load(txn_db(txn), txn_arena(txn),
					 going->enrollment->contact_id, &contact);
	if (err == ERR_NOT_FOUND)
		return end(txn, going->enrollment, ENROLLMENT_REMOVED,
			   "contact_deleted");
	if (err != ERR_OK)
		return err;
	struct walk walk = {.txn = txn,
			    .arena = txn_arena(txn),
			    .plan = going->plan,
			    .enrollment = going->enrollment,
			    .contact = &contact};
	going->enrollment->wake_at = 0;
	err = walk_from(&walk, at);
	going->steps = walk.steps;
	return err;
}

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
		return end(going->txn, going->enrollment, ENROLLMENT_FAILED,
			   "step_is_gone");
	const char *members =
		members_text(txn_arena(going->txn), "exit", exit_names[exit], "task",
			     members_id(txn_arena(going->txn), task->id), NULL);
	enum err err = journal_add(going->txn, going->enrollment->id, task->step_id,
				   "exit_taken", members);
	return err == ERR_OK ? go_on(going, step_exit(going->step,
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
	return err == ERR_OK ? go_on(going,
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
	enum err err = journal_add(going->txn, going->enrollment->id, going->step->id,
				   "wait_over", "");
	return err == ERR_OK ? go_on(going, going->step->next) : err;
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

/* --- ending --- */

enum err advance_remove(struct txn *txn, const struct actor *actor,
			struct enrollment *enrollment, const char *reason)
{
	(void)actor;
	if (!enrollment_state_is_open(enrollment->state))
		return ERR_OK;
	bool more = true;
	enum err err = ERR_OK;
	while (more && err == ERR_OK)
		err = task_cancel_open(txn, enrollment->id, 0, reason, &more);
	return err == ERR_OK ? end(txn, enrollment, ENROLLMENT_REMOVED, reason) : err;
}

enum err advance_leave(struct txn *txn, struct enrollment *enrollment,
		       const char *reason)
{
	return end(txn, enrollment, ENROLLMENT_REMOVED, reason);
}

enum err advance_fail(struct txn *txn, struct enrollment *enrollment,
		      const char *reason)
{
	return enrollment_state_is_open(enrollment->state)
		       ? end(txn, enrollment, ENROLLMENT_FAILED, reason)
		       : ERR_OK;
}
