/* advance.c - see advance.h: the interpreter's effects (workflow/step.h) on rows */
#include "core/advance.h"

#include <string.h>

#include "core/assign.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/render.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"
#include "workflow/step.h"

/* One turn of one enrollment. */
struct walk {
	struct txn *txn;
	struct arena *arena;
	const struct plan *plan;
	struct enrollment *enrollment;
	struct contact *contact;
	struct assigned assigned; /* of this turn; line NULL: no assign-user ran yet */
	uint64_t task_id;         /* made last */
	/* what the step at hand did, for its line in the journal; NULL: nothing worth more than its name */
	const char *kind, *members;
};

/* --- effects --- */

static enum err do_visit(void *arg, const struct step *step, unsigned *visit_out)
{
	struct walk *walk = arg;
	uint32_t visit;
	walk->kind = walk->members = NULL;
	enum err err = visit_rows_count_up(txn_db(walk->txn), walk->enrollment->id,
					   step->id, &visit);
	if (err == ERR_OK)
		*visit_out = visit;
	return err;
}

static enum err do_journal(void *arg, const struct step *step, const char *kind,
			   const char *detail)
{
	struct walk *walk = arg;
	const char *members = walk->members;
	if (!members && *detail)
		members = members_str(walk->arena, "reason", detail);
	return journal_add(walk->txn, walk->enrollment->id, step->id,
			   walk->kind ? walk->kind : kind, members ? members : "");
}

static enum err do_assign(void *arg, const struct step *step, unsigned visit,
			  struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct enrollment *enrollment = walk->enrollment;
	const struct assign assign = {
		/* a test takes nobody's turn: no workflow has such an id */
		.workflow_id = enrollment->is_test
				       ? arena_printf(walk->arena, "test:%s",
						      enrollment->workflow_id)
				       : enrollment->workflow_id,
		.step = step,
		.contact = walk->contact};
	(void)visit, (void)effect;
	enum err err = assign_run(walk->txn, &assign, &walk->assigned);
	walk->kind = walk->assigned.is_nobody ? "not_assigned" : "assigned";
	walk->members = walk->assigned.members;
	return err;
}

static const char *tag_members(struct walk *walk, const char *tag, bool had_it)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "tag", tag);
	json_key_bool(json, "had_it", had_it);
	return members_end(&members, walk->arena);
}

static enum err do_add_tag(void *arg, const struct step *step, unsigned visit,
			   struct run_effect *effect)
{
	struct walk *walk = arg;
	bool is_added = false;
	(void)visit, (void)effect;
	enum err err = contact_rows_add_tag(txn_db(walk->txn), walk->contact->id,
					    step->tag, txn_now(walk->txn), &is_added);
	walk->kind = "tag_added";
	walk->members = tag_members(walk, step->tag, !is_added);
	return err;
}

static enum err do_remove_tag(void *arg, const struct step *step, unsigned visit,
			      struct run_effect *effect)
{
	struct walk *walk = arg;
	bool is_removed = false;
	(void)visit, (void)effect;
	enum err err = contact_rows_remove_tag(txn_db(walk->txn), walk->contact->id,
					       step->tag, &is_removed);
	walk->kind = "tag_removed";
	walk->members = tag_members(walk, step->tag, is_removed);
	return err;
}

/* --- manual-sms --- */

/* Whose the task is, and why. */
struct recipient {
	struct party party;
	struct user user;          /* of party.user_id */
	const char *why, *warning; /* warning: nobody is assigned; NULL: somebody is */
};

/* The assign-user that stands last before this step. */
static const struct step *assign_before(const struct plan *plan, const struct step *sms)
{
	const struct step *found = NULL;
	for (int at = plan->first; at != PLAN_END && &plan->steps[at] != sms;
	     at = plan->steps[at].next)
		if (plan->steps[at].kind == STEP_ASSIGN_USER)
			found = &plan->steps[at];
	return found;
}

static enum err find_owner(struct walk *walk, struct recipient *recipient)
{
	uint64_t owner_id = walk->contact->owner_id;
	const char *line = walk->assigned.line;
	if (walk->assigned.is_nobody) {
		recipient->why = line;
		return ERR_OK;
	}
	if (!owner_id) {
		recipient->why = line ? line
				      : "The contact had no owner, and no assign-user "
					"step ran just before";
		return ERR_OK;
	}
	enum err err = user_rows_load(txn_db(walk->txn), walk->arena, owner_id,
				      &recipient->user);
	if (err != ERR_OK)
		return err;
	if (!recipient->user.is_active) {
		recipient->why =
			arena_printf(walk->arena, "The contact's owner %s is inactive",
				     recipient->user.login);
		return ERR_OK;
	}
	recipient->party.user_id = owner_id;
	recipient->why =
		line ? line
		     : arena_printf(walk->arena,
				    "The contact's owner was %s when this step ran",
				    recipient->user.login);
	return ERR_OK;
}

static enum err find_recipient(struct walk *walk, const struct step *sms,
			       struct recipient *recipient)
{
	enum err err = find_owner(walk, recipient);
	if (err != ERR_OK || recipient->party.user_id)
		return err;
	const struct step *assign = assign_before(walk->plan, sms);
	struct team team;
	if (assign && assign->assign.team) {
		err = team_rows_by_name(txn_db(walk->txn), walk->arena,
					assign->assign.team, &team);
		if (err == ERR_OK)
			recipient->party.team_id = team.id;
		else if (err != ERR_NOT_FOUND)
			return err;
	}
	if (!recipient->party.team_id || !assign->assign.is_pool)
		recipient->warning = "nobody_assigned";
	return ERR_OK;
}

static const char *task_members(struct walk *walk, const struct task *task,
				const struct recipient *recipient)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_id(json, "task", task->id);
	json_key_int(json, "visit", task->visit);
	json_key_str(json, "assignee",
		     recipient->party.user_id ? recipient->user.login : NULL);
	json_key_str(json, "why", recipient->why);
	if (recipient->warning)
		json_key_str(json, "warning", recipient->warning);
	return members_end(&members, walk->arena);
}

static enum err do_create_task(void *arg, const struct step *step, unsigned visit,
			       struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct enrollment *enrollment = walk->enrollment;
	struct recipient recipient = {0};
	struct template_rendered text;
	struct task task;
	int64_t now = txn_now(walk->txn);
	enum err err = find_recipient(walk, step, &recipient);
	if (err != ERR_OK)
		return err;
	const struct render render = {.core = txn_context(walk->txn),
				      .db = txn_db(walk->txn),
				      .arena = walk->arena,
				      .contact = walk->contact,
				      .user = recipient.party.user_id ? &recipient.user
								      : NULL};
	err = render_text(&render, step->sms.template, &text);
	if (err != ERR_OK)
		return err;
	const struct task_make make = {
		.origin = TASK_FROM_WORKFLOW,
		.enrollment_id = enrollment->id,
		.workflow_id = enrollment->workflow_id,
		.workflow_version = enrollment->version,
		.step_id = step->id,
		.visit = visit,
		.contact_id = walk->contact->id,
		.name = step->sms.name,
		.text = text.text,
		.assignee = recipient.party,
		.due_at = step->sms.due.ms ? now + step->sms.due.ms : 0,
		.expires_at = step->sms.expires.ms ? now + step->sms.expires.ms : 0,
		.why = recipient.why,
		.is_test = enrollment->is_test,
		.moves_workflow = step->sms.does_wait,
	};
	err = task_make(walk->txn, &make, &task);
	if (err != ERR_OK)
		return err;
	walk->task_id = task.id;
	walk->kind = "task_created";
	walk->members = task_members(walk, &task, &recipient);
	effect->is_waiting = step->sms.does_wait;
	return ERR_OK;
}

static const struct run_ops ops = {
	.visit = do_visit,
	.journal = do_journal,
	.assign_user = do_assign,
	.create_task = do_create_task,
	.add_tag = do_add_tag,
	.remove_tag = do_remove_tag,
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
	enrollment->reason = arena_printf(
		walk->arena, "Waits until task %llu is sent, skipped or expired",
		(unsigned long long)walk->task_id);
	return enrollment_rows_save(txn_db(walk->txn), enrollment);
}

static enum err walk_from(struct walk *walk, int at)
{
	struct run run = {.at = at};
	enum err err = workflow_advance(walk->plan, &run, &ops, walk);
	return err == ERR_OK ? stand(walk, &run) : err;
}

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

/* --- when a task has ended --- */

/* as the language calls them */
static const char *const exit_names[] = {
	[TASK_EXIT_SENT] = "on-sent",
	[TASK_EXIT_FAILED] = "on-failed",
	[TASK_EXIT_SKIPPED] = "on-skipped",
	[TASK_EXIT_EXPIRED] = "on-expired",
};

/* Does the enrollment stand at this very task? A reopened older visit does not move it. */
static bool stands_at(const struct enrollment *enrollment, const struct task *task)
{
	return enrollment_state_is_open(enrollment->state) &&
	       enrollment->version == task->workflow_version && enrollment->step_id &&
	       strcmp(enrollment->step_id, task->step_id) == 0;
}

static enum err go_on(struct txn *txn, const struct task *task,
		      struct enrollment *enrollment)
{
	struct contact contact;
	struct plan *plan;
	enum err err = contact_rows_load(txn_db(txn), txn_arena(txn),
					 enrollment->contact_id, &contact);
	if (err == ERR_NOT_FOUND)
		return end(txn, enrollment, ENROLLMENT_REMOVED, "contact_deleted");
	if (err == ERR_OK)
		err = plans_get(txn_context(txn), txn_db(txn), enrollment->workflow_id,
				enrollment->version, &plan);
	if (err != ERR_OK)
		return err;
	int at = plan_find(plan, task->step_id);
	struct walk walk = {.txn = txn,
			    .arena = txn_arena(txn),
			    .plan = plan,
			    .enrollment = enrollment,
			    .contact = &contact};
	err = at < 0 ? end(txn, enrollment, ENROLLMENT_FAILED, "step_is_gone")
		     : walk_from(&walk, plan->steps[at].next);
	plan_unref(&plan);
	return err;
}

enum err advance_from_task(struct txn *txn, const struct actor *actor,
			   struct task *task, enum task_exit exit)
{
	struct enrollment enrollment;
	(void)actor;
	if (!task->enrollment_id || !task->moves_workflow)
		return ERR_OK;
	enum err err = task_rows_exit_taken(txn_db(txn), task);
	if (err == ERR_OK)
		err = enrollment_rows_load(txn_db(txn), txn_arena(txn),
					   task->enrollment_id, &enrollment);
	if (err != ERR_OK || !stands_at(&enrollment, task))
		return err;
	const char *members =
		members_text(txn_arena(txn), "exit", exit_names[exit], "task",
			     members_id(txn_arena(txn), task->id), NULL);
	err = journal_add(txn, enrollment.id, task->step_id, "exit_taken", members);
	return err == ERR_OK ? go_on(txn, task, &enrollment) : err;
}

enum err advance_has_exit(struct txn *txn, const struct task *task, enum task_exit exit,
			  bool *has_out)
{
	(void)txn, (void)task, (void)exit;
	*has_out = false;
	return ERR_OK;
}

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
