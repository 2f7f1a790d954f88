/* message_moved.c - what the fate of a text means for its task and its workflow. See messages.h */
#include <string.h>

#include "base/ident.h"
#include "core/advance.h"
#include "core/holds.h"
#include "core/hook_emit.h"
#include "core/journal.h"
#include "core/ledger.h"
#include "core/members.h"
#include "core/messages.h"
#include "core/stranded.h"
#include "core/tasks.h"
#include "model/hold_reason.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

enum fate { FATE_OPEN, FATE_WENT, FATE_DID_NOT_GO, FATE_UNCERTAIN, FATE_FAILED_LATER };

/* What a move says; a text that the SMSC had is one that went, whatever becomes of it. */
static enum fate fate_of(enum message_state before, enum message_state now)
{
	bool was_taken = before == MESSAGE_ACCEPTED || before == MESSAGE_QUEUED ||
			 before == MESSAGE_BUFFERED || before == MESSAGE_DELIVERED;
	switch (now) {
	case MESSAGE_ACCEPTED:
	case MESSAGE_QUEUED:
	case MESSAGE_BUFFERED:
	case MESSAGE_DELIVERED:
		return FATE_WENT;
	case MESSAGE_REFUSED:
	case MESSAGE_FAILED:
		return was_taken ? FATE_FAILED_LATER : FATE_DID_NOT_GO;
	case MESSAGE_UNCERTAIN:
		return FATE_UNCERTAIN;
	default:
		return FATE_OPEN;
	}
}

static enum err mark(struct txn *txn, struct task *task, const char *attention)
{
	if (task->attention == attention ||
	    (task->attention && attention && strcmp(task->attention, attention) == 0))
		return ERR_OK;
	task->attention = attention;
	return task_rows_save(txn_db(txn), task);
}

/* A text thought not sent has arrived, and its task is open or sent again: nobody may send it a second time unaware. */
static enum err first_text_arrived(struct txn *txn, const struct actor *actor,
				   struct task *task, const struct message *message)
{
	char ref[IDENT_TEXT_LEN];
	if (task_state_is_open(task->state) && task->message_id == message->id)
		return hold_add(txn, HOLD_TASK, ident_format(task->id, ref),
				HOLD_FIRST_ARRIVED);
	if (task->message_id == message->id)
		return ERR_OK;
	return ledger_note(txn, actor, "first_text_arrived",
			   arena_printf(txn_arena(txn), "message:%llu",
					(unsigned long long)message->id),
			   arena_printf(txn_arena(txn),
					"{\"task\":\"%llu\",\"second\":\"%llu\"}",
					(unsigned long long)task->id,
					(unsigned long long)task->message_id));
}

static enum err went(struct txn *txn, const struct actor *actor, struct task *task,
		     const struct message *message)
{
	if (task->state != TASK_SENT || task->message_id != message->id)
		return first_text_arrived(txn, actor, task, message);
	enum err err = mark(txn, task, NULL);
	return err == ERR_OK && task->moves_workflow
		       ? advance_from_task(txn, actor, task, SMS_EXIT_SENT)
		       : err;
}

static enum err did_not_go(struct txn *txn, const struct actor *actor,
			   struct task *task, const struct message *message)
{
	bool has_exit = false;
	const char *word = message_state_name(message->state);
	if (task->state != TASK_SENT || task->message_id != message->id)
		return ERR_OK;
	enum err err = task->moves_workflow
			       ? advance_has_exit(txn, task, SMS_EXIT_FAILED, &has_exit)
			       : ERR_OK;
	if (err != ERR_OK)
		return err;
	if (!has_exit)
		return task_back(txn, task, word, message->detail);
	err = mark(txn, task, word);
	return err == ERR_OK ? advance_from_task(txn, actor, task, SMS_EXIT_FAILED)
			     : err;
}

/* --- free replies: no task brings the text back before a person --- */

/* What did not go is offered again by the next card, unless somebody has begun another text. */
static enum err reply_back(struct txn *txn, const struct message *message)
{
	struct draft draft;
	enum err err = draft_rows_load(txn_db(txn), txn_arena(txn), message->contact_id,
				       &draft);
	if (err != ERR_NOT_FOUND)
		return err;
	draft = (struct draft){.card_id = message->contact_id,
			       .user_id = message->sent_by,
			       .text = message->text,
			       .updated_at = txn_now(txn)};
	return draft_rows_save(txn_db(txn), &draft);
}

/* It went after all: it is offered no longer, and whoever has it open again must look. */
static enum err reply_went(struct txn *txn, const struct message *message)
{
	struct draft draft;
	const struct receipt receipt = {.contact_id = message->contact_id};
	enum err err = draft_rows_load(txn_db(txn), txn_arena(txn), message->contact_id,
				       &draft);
	if (err != ERR_OK || strcmp(draft.text, message->text) != 0)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = draft_rows_delete(txn_db(txn), message->contact_id);
	return err == ERR_OK ? receipt_rows_void_open(txn_db(txn), &receipt) : err;
}

static enum err move_reply(struct txn *txn, const struct message *message,
			   enum message_state before)
{
	enum fate fate = fate_of(before, message->state);
	if (fate == FATE_DID_NOT_GO)
		return reply_back(txn, message);
	return before == MESSAGE_REFUSED && fate == FATE_WENT ? reply_went(txn, message)
							      : ERR_OK;
}

static enum err move_task(struct txn *txn, const struct actor *actor,
			  struct message *message, enum message_state before)
{
	struct task task;
	enum fate fate = fate_of(before, message->state);
	if (fate == FATE_OPEN)
		return ERR_OK;
	if (fate == FATE_WENT && fate_of(MESSAGE_APPROVED, before) == FATE_WENT)
		return ERR_OK; /* it had gone already: only how far is new */
	enum err err =
		task_rows_load(txn_db(txn), txn_arena(txn), message->task_id, &task);
	if (err != ERR_OK)
		return err;
	if (fate == FATE_WENT)
		return went(txn, actor, &task, message);
	if (fate == FATE_DID_NOT_GO)
		return did_not_go(txn, actor, &task, message);
	if (task.message_id != message->id || task.state != TASK_SENT)
		return ERR_OK;
	return mark(txn, &task, message_state_name(message->state));
}

/* The receiver hears of the text before it hears of the next task. */
enum err message_moved(struct txn *txn, const struct actor *actor,
		       struct message *message, enum message_state before)
{
	enum err err =
		message->state == before ? ERR_OK : hook_emit_message(txn, message);
	if (err != ERR_OK)
		return err;
	return message->task_id ? move_task(txn, actor, message, before)
				: move_reply(txn, message, before);
}

/* Reasons for which nobody may text this contact again: the task is called off, and the run that stood at it. */
static const char *end_of_all(const char *why)
{
	static const struct {
		const char *why, *reason;
	} ends[] = {{"opted_out", "opted out"}, {WITHDRAWN_DELETED, "contact deleted"}};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(why, ends[i].why) == 0)
			return ends[i].reason;
	return NULL;
}

static enum err end_run(struct txn *txn, const struct actor *actor,
			const struct task *task, const char *reason)
{
	struct enrollment enrollment;
	if (!task->enrollment_id || !task->moves_workflow)
		return ERR_OK;
	enum err err = enrollment_rows_load(txn_db(txn), txn_arena(txn),
					    task->enrollment_id, &enrollment);
	return err == ERR_OK ? advance_remove(txn, actor, &enrollment, reason) : err;
}

static enum err call_off(struct txn *txn, const struct actor *actor, uint64_t task_id,
			 const char *reason)
{
	struct task task;
	enum err err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	if (err == ERR_OK)
		err = end_run(txn, actor, &task, reason);
	if (err == ERR_OK)
		err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	if (err != ERR_OK || !task_next(task.state, TASK_EV_CANCEL, &task.state))
		return err;
	task.end_reason = reason;
	task.ended_at = txn_now(txn);
	task.moves_workflow = false;
	stranded_look(txn);
	err = task_rows_save(txn_db(txn), &task);
	return err == ERR_OK ? hook_emit_task(txn, HOOK_TASK_CANCELLED, &task, actor)
			     : err;
}

enum err message_withdraw(struct txn *txn, const struct actor *actor,
			  struct message *message, const char *why, const char *detail)
{
	struct task task;
	const char *end = end_of_all(why);
	if (!message_next(message->state, MESSAGE_EV_WITHDRAW, &message->state))
		return ERR_BAD_STATE;
	message->state_at = txn_now(txn);
	message->detail = detail;
	enum err err = message_rows_save(txn_db(txn), message);
	if (err == ERR_OK)
		err = outbox_rows_delete(txn_db(txn), message->id);
	if (err == ERR_OK)
		err = hook_emit_message(txn, message);
	if (err == ERR_OK && !message->task_id)
		return end ? ERR_OK : reply_back(txn, message);
	if (err != ERR_OK)
		return err;
	err = task_rows_load(txn_db(txn), txn_arena(txn), message->task_id, &task);
	if (err != ERR_OK || task.message_id != message->id)
		return err;
	err = task_back(txn, &task, strcmp(why, "recalled") == 0 ? NULL : "withdrawn",
			detail);
	return err == ERR_OK && end ? call_off(txn, actor, task.id, end) : err;
}
