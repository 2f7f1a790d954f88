/* task_make.c - a task comes to be, or is called off with what it hangs on. See task_make.h */
#include "core/stranded.h"
#include "core/task_make.h"

#include "core/drift.h"
#include "core/holds.h"
#include "core/hook_emit.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/openings.h"
#include "core/tasks.h"
#include "core/view.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"

/* Is it held, and when are its recipient's sending hours open? */
static enum err look_around(struct txn *txn, const struct plan *plan, struct task *task,
			    struct contact *contact, bool *held_out)
{
	const char **reasons;
	size_t count = 0;
	enum err err = contact_rows_load_any(txn_db(txn), txn_arena(txn),
					     task->contact_id, contact);
	if (err == ERR_OK)
		err = opening_find(txn, plan, contact, &task->opening_id);
	if (err == ERR_OK)
		err = holds_of(txn_db(txn), txn_arena(txn), task, contact->phone_e164,
			       &reasons, &count);
	*held_out = count > 0;
	return err;
}

enum err task_make(struct txn *txn, const struct task_make *make, struct task *task_out)
{
	struct contact contact;
	bool held;
	*task_out = (struct task){
		.id = txn_id(txn),
		.origin = make->origin,
		.enrollment_id = make->enrollment_id,
		.workflow_id = make->workflow_id,
		.workflow_version = make->workflow_version,
		.step_id = make->step_id,
		.visit = make->visit,
		.contact_id = make->contact_id,
		.name = make->name,
		.text = make->text,
		.assignee_id = make->assignee.user_id,
		.team_id = make->assignee.team_id,
		.state = TASK_PENDING,
		.held_below = TASK_PENDING,
		.priority = make->priority,
		.due_at = make->due_at,
		.expires_at = make->expires_at,
		.why = make->why,
		.is_test = make->is_test,
		.moves_workflow = make->moves_workflow,
		.follows_owner = make->follows_owner,
		.is_locked = make->is_locked,
		.consent_id = make->consent_id,
		.created_at = txn_now(txn),
		.revision = 1,
	};
	enum err err = look_around(txn, make->plan, task_out, &contact, &held);
	if (err != ERR_OK)
		return err;
	if (held && !task_next(TASK_PENDING, TASK_EV_HOLD, &task_out->state))
		return ERR_INTERNAL;
	if (task_out->expires_at)
		txn_signal(txn, SIGNAL_TIMER);
	err = task_rows_insert(txn_db(txn), task_out);
	if (err == ERR_OK)
		err = drift_keep(txn, task_out->id, &contact, make->template);
	return err == ERR_OK
		       ? hook_emit_task(txn, HOOK_TASK_CREATED, task_out, &actor_system)
		       : err;
}

enum err task_create(struct txn *txn, void *arg)
{
	struct task_create *cmd = arg;
	struct call *call = &cmd->call;
	struct contact contact;
	struct task task;
	struct task_make make = {
		.origin = TASK_FROM_API,
		.contact_id = cmd->contact_id,
		.name = cmd->name,
		.text = cmd->text,
		.priority = cmd->priority,
		.due_at = cmd->due_at,
		.expires_at = cmd->expires_at,
	};
	enum err err =
		contact_rows_load(txn_db(txn), call->arena, cmd->contact_id, &contact);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(call, ERR_INVALID, "contact",
					  "There is no contact %llu.",
					  (unsigned long long)cmd->contact_id);
	if (err == ERR_OK && cmd->expires_at && cmd->expires_at <= txn_now(txn))
		return call_refuse_member(call, ERR_INVALID, "expires",
					  "The task would have expired already.");
	if (err == ERR_OK)
		err = people_resolve(txn_db(txn), call, &cmd->assignee, "assignee",
				     &make.assignee);
	if (err != ERR_OK)
		return err;
	if (cmd->assignee.kind == WHO_ABSENT)
		make.assignee.user_id = contact.owner_id;
	make.why = arena_printf(
		call->arena, "Made by %s over the API; %s.",
		call->actor->name ? call->actor->name : "a program",
		cmd->assignee.kind != WHO_ABSENT ? "the assignee was given"
		: contact.owner_id               ? "the contact's owner has it"
				   : "the contact has no owner, so it is in the pool");
	err = task_make(txn, &make, &task);
	if (err != ERR_OK)
		return err;
	call->status = 201;
	call->location = arena_printf(call->arena, "/api/v1/tasks/%llu",
				      (unsigned long long)task.id);
	return call_answer_task(txn_db(txn), call, task.id, txn_now(txn));
}

enum err task_call_off(struct txn *txn, struct task *task, const char *reason)
{
	if (!task_next(task->state, TASK_EV_CANCEL, &task->state))
		return ERR_OK;
	task->end_reason = reason;
	task->ended_at = txn_now(txn);
	task->moves_workflow = false;
	stranded_look(txn);
	enum err err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = lease_rows_delete(txn_db(txn), task->id);
	if (err == ERR_OK)
		err = hook_emit_task(txn, HOOK_TASK_CANCELLED, task, &actor_system);
	if (err != ERR_OK)
		return err;
	return journal_add(txn, task->enrollment_id, task->step_id, "task_cancelled",
			   members_text(txn_arena(txn), "task",
					members_id(txn_arena(txn), task->id), "reason",
					reason, NULL));
}

enum err task_cancel_open(struct txn *txn, uint64_t enrollment_id, uint64_t contact_id,
			  const char *reason, bool *more_out)
{
	enum { CANCEL_MOST = 500 };
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_open_of(txn_db(txn), txn_arena(txn), enrollment_id,
					 contact_id, CANCEL_MOST, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct task task;
		err = task_rows_load(txn_db(txn), txn_arena(txn), ids[i], &task);
		if (err == ERR_OK)
			err = task_call_off(txn, &task, reason);
	}
	*more_out = count == CANCEL_MOST;
	return err;
}
