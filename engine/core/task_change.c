/* task_change.c - a task that is open becomes due, expires or is urgent otherwise than it was made. See tasks.h */
#include "core/card.h"
#include "core/journal.h"
#include "core/ledger.h"
#include "core/members.h"
#include "core/tasks.h"
#include "core/view.h"

static enum err may_change(struct task_change *cmd, const struct card *card,
			   int64_t now)
{
	struct call *call = &cmd->call;
	const struct actor *actor = call->actor;
	if (!card->may_act && actor->kind != ACTOR_SERVICE_TOKEN &&
	    actor->kind != ACTOR_SHELL)
		return call_refuse(
			call, ERR_FORBIDDEN,
			"The task belongs to somebody else; ask them or a lead.");
	if (!task_state_is_open(card->task.state))
		return card_refuse_state(call, card);
	if (cmd->sets_expires && card->task.consent_id)
		return call_refuse_member(
			call, ERR_INVALID, "expires",
			"Until when an opt-out may be confirmed is not "
			"for anybody to change.");
	if (cmd->sets_expires && cmd->expires_at && cmd->expires_at <= now)
		return call_refuse_member(
			call, ERR_INVALID, "expires",
			"It would have expired already; to end it now, "
			"cancel it.");
	return ERR_OK;
}

static void say_time(struct json *json, const char *name, bool is_set, int64_t from,
		     int64_t to)
{
	if (!is_set || from == to)
		return;
	json_key(json, name);
	json_object(json);
	json_key_time(json, "from", from);
	json_key_time(json, "to", to);
	json_end_object(json);
}

/* What was there before, and what is now, of each that is another. */
static const char *say_changes(struct task_change *cmd, const struct task *task)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_id(json, "task", task->id);
	json_key_str(json, "by", cmd->call.actor->name);
	say_time(json, "due", cmd->sets_due, task->due_at, cmd->due_at);
	say_time(json, "expires", cmd->sets_expires, task->expires_at, cmd->expires_at);
	if (cmd->sets_priority && cmd->priority != task->priority) {
		json_key(json, "priority");
		json_object(json);
		json_key_int(json, "from", task->priority);
		json_key_int(json, "to", cmd->priority);
		json_end_object(json);
	}
	return members_end(&members, cmd->call.arena);
}

static bool changes(const struct task_change *cmd, const struct task *task)
{
	return (cmd->sets_due && cmd->due_at != task->due_at) ||
	       (cmd->sets_expires && cmd->expires_at != task->expires_at) ||
	       (cmd->sets_priority && cmd->priority != task->priority);
}

/* For the audit, which has the tasks of no workflow too. */
static enum err note_act(struct txn *txn, struct task_change *cmd, const char *said)
{
	struct arena *arena = cmd->call.arena;
	return ledger_note(
		txn, cmd->call.actor, "task_change",
		arena_printf(arena, "task:%llu", (unsigned long long)cmd->task_id),
		arena_printf(arena, "{%s}", said));
}

static enum err change(struct txn *txn, struct task_change *cmd, struct task *task)
{
	const char *said = say_changes(cmd, task);
	if (cmd->sets_due)
		task->due_at = cmd->due_at;
	if (cmd->sets_expires)
		task->expires_at = cmd->expires_at;
	if (cmd->sets_priority)
		task->priority = cmd->priority;
	txn_signal(txn, SIGNAL_TIMER);
	enum err err = task_rows_set_times(txn_db(txn), task);
	if (err == ERR_OK)
		err = journal_add(txn, task->enrollment_id, task->step_id,
				  "task_changed", said);
	return err == ERR_OK ? note_act(txn, cmd, said) : err;
}

enum err task_change(struct txn *txn, void *arg)
{
	struct task_change *cmd = arg;
	struct card card;
	enum err err =
		card_load_brief(txn_db(txn), &cmd->call, txn_context(txn),
				(struct card_of){.task_id = cmd->task_id}, &card);
	if (err == ERR_OK)
		err = may_change(cmd, &card, txn_now(txn));
	if (err == ERR_OK && changes(cmd, &card.task))
		err = change(txn, cmd, &card.task);
	return err == ERR_OK ? call_answer_task(txn_db(txn), &cmd->call, cmd->task_id,
						txn_now(txn))
			     : err;
}
