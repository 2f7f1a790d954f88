/* task_send.c - the one way by which a text comes to be sent: a person hands in the receipt of what was shown.
 *
 * No other code makes an outbound message; the schema refuses one without a receipt.
 */
#include <sodium.h>
#include <string.h>

#include "base/fault.h"
#include "base/ident.h"
#include "core/advance.h"
#include "core/card.h"
#include "core/hook_emit.h"
#include "core/journal.h"
#include "core/ledger.h"
#include "core/members.h"
#include "core/messages.h"
#include "core/stranded.h"
#include "core/tasks.h"
#include "core/view.h"
#include "store/contact_rows.h"
#include "store/making_rows.h"
#include "store/message_rows.h"
#include "store/thread_rows.h"

static bool is_of_card(const struct receipt *receipt, const struct task_send *cmd)
{
	return receipt->task_id == cmd->task_id &&
	       (cmd->task_id || receipt->contact_id == cmd->contact_id);
}

/* "ID-SECRET" to its row; whatever is wrong with it, the answer is the same. */
static enum err load_receipt(struct txn *txn, struct task_send *cmd,
			     struct receipt *receipt)
{
	const struct actor *actor = cmd->call.actor;
	const char *dash = strchr(cmd->receipt, '-');
	uint64_t id;
	if (dash && ident_parse(arena_strndup(cmd->call.arena, cmd->receipt,
					      (size_t)(dash - cmd->receipt)),
				&id) == ERR_OK) {
		enum err err =
			receipt_rows_load(txn_db(txn), cmd->call.arena, id, receipt);
		if (err == ERR_OK && strlen(dash + 1) == strlen(receipt->secret) &&
		    sodium_memcmp(dash + 1, receipt->secret, strlen(receipt->secret)) ==
			    0 &&
		    receipt->user_id == actor->user_id &&
		    receipt->credential_id == actor->credential_id &&
		    is_of_card(receipt, cmd))
			return ERR_OK;
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	enum err err = call_refuse(&cmd->call, ERR_RECEIPT_STALE,
				   "This receipt was not given to you for this card; "
				   "open it again.");
	cmd->call.refusal.extra = "\"changed\":[]";
	return err;
}

static enum err answer_used(struct txn *txn, struct task_send *cmd,
			    const struct receipt *receipt)
{
	struct message message;
	enum err err = message_rows_load(txn_db(txn), cmd->call.arena,
					 receipt->message_id, &message);
	if (err != ERR_OK)
		return err;
	if (strcmp(message.text, cmd->text) == 0)
		return ERR_OK;
	err = call_refuse(&cmd->call, ERR_RECEIPT_USED,
			  "This receipt has sent another text already; open the card "
			  "again to see it.");
	cmd->call.refusal.extra = arena_printf(
		cmd->call.arena, "\"message\":{\"id\":\"%llu\",\"state\":\"%s\"}",
		(unsigned long long)message.id, message_state_name(message.state));
	return err;
}

static enum err refuse_stale(struct call *call, unsigned changed)
{
	struct buf list = BUF_EMPTY, words = BUF_EMPTY;
	for (unsigned i = 0; i < CHANGED_COUNT; i++) {
		if (!(changed & 1u << i))
			continue;
		buf_printf(&list, "%s\"%s\"", list.len ? "," : "", changed_name(i));
		buf_printf(&words, "%s%s", words.len ? ", " : "", changed_name(i));
	}
	enum err err = call_refuse(
		call, ERR_RECEIPT_STALE,
		"Since the card was shown this changed: %s. Open it again and look.",
		buf_str(&words));
	call->refusal.extra =
		arena_printf(call->arena, "\"changed\":[%s]", buf_str(&list));
	buf_fini(&list);
	buf_fini(&words);
	return err;
}

/* Somebody else has the card by now. What this one wrote is kept beside it. */
static enum err refuse_late(struct txn *txn, struct task_send *cmd, struct card *card)
{
	const struct late_text late = {.user_id = cmd->call.actor->user_id,
				       .text = cmd->text,
				       .at = card->now};
	enum err err = card_refuse_leased(txn_db(txn), &cmd->call, card);
	return err == ERR_LEASED ? late_rows_save(txn_db(txn), card_id(card), &late)
				 : err;
}

static enum err check_receipt(struct txn *txn, struct task_send *cmd, struct card *card,
			      const struct receipt *receipt)
{
	if (card->has_lease && !card->lease_is_mine)
		return refuse_late(txn, cmd, card);
	/* gone back to the pool while its holder was away, but nobody took it: it is still theirs to send */
	if (card->lease_is_mine && card->lease.origin == LEASE_GIVEN_BACK &&
	    !card->task.assignee_id) {
		card->task.assignee_id = cmd->call.actor->user_id;
		card->may_act = true;
	}
	const struct receipt_now now = card_binding(card);
	unsigned changed = receipt_changes(receipt, &now);
	return changed ? refuse_stale(&cmd->call, changed) : ERR_OK;
}

/* The refusal stays in the journal, with every guard that failed. */
static enum err refuse_guards(struct txn *txn, struct task_send *cmd,
			      const struct card *card,
			      const struct judgement *judgement)
{
	struct call *call = &cmd->call;
	card_refuse_guards(call, judgement, judgement->guards.first_bad);
	return journal_add(txn, card->task.enrollment_id, card->task.step_id,
			   "guard_refused", call->refusal.extra);
}

static void message_of(struct txn *txn, const struct task_send *cmd,
		       const struct card *card, const struct receipt *receipt,
		       struct message *message)
{
	struct gsm_segments segments;
	int64_t now = txn_now(txn);
	gsm_measure(cmd->text, strlen(cmd->text), &segments);
	*message = (struct message){
		.id = txn_id(txn),
		.contact_id = card->contact.id,
		.task_id = card->task.id,
		.receipt_id = receipt->id,
		.number = card->contact.phone_e164,
		.own_number = card->sender,
		.smsc = card->smsc,
		.text = cmd->text,
		.segments = segments.count,
		.is_unicode = segments.encoding == GSM_UCS2,
		.is_test = card->task.is_test,
		.is_edited = cmd->task_id &&
			     strcmp(cmd->text, receipt_original(receipt)) != 0,
		.state = MESSAGE_APPROVED,
		.sent_by = cmd->call.actor->user_id,
		.created_at = now,
		.state_at = now,
		.not_before = cmd->undo_s ? now + cmd->undo_s * SECOND_MS : 0,
		.approval_until = now + card->policy->approval_validity_ms,
		.valid_until = now + card->policy->sms_validity_ms,
	};
}

/* What confirms an opt-out leaves within its time or not at all. */
static void bound_by_confirmation(const struct card *card, struct message *message)
{
	int64_t until = card->confirmation.opted_out_at + CONFIRMATION_GO_MS;
	if (!card->task.consent_id)
		return;
	if (message->valid_until > until)
		message->valid_until = until;
	if (message->approval_until > until)
		message->approval_until = until;
}

static enum err ledger_send(struct txn *txn, const struct task_send *cmd,
			    const struct card *card, const struct receipt *receipt,
			    const struct message *message,
			    const struct judgement *judgement)
{
	struct ledger_entry entry;
	struct json *json = &entry.payload;
	ledger_begin(txn, &entry);
	json_key_id(json, "message", message->id);
	json_key_id(json, "task", card->task.id);
	json_key_str(json, "workflow", card->task.workflow_id);
	json_key_int(json, "workflow_version", card->task.workflow_version);
	json_key_str(json, "step", card->task.step_id);
	json_key_id(json, "receipt", receipt->id);
	json_key_time(json, "shown_at", receipt->minted_at);
	ledger_private(&entry, "to", message->number);
	json_key_str(json, "from", message->own_number);
	ledger_private(&entry, "offered", receipt->offered_text);
	ledger_private(&entry, "text", message->text);
	json_key_str(json, "messages_shown", receipt->shown_messages);
	if (card->task.consent_id)
		json_key_id(json, "confirms_opt_out", card->task.consent_id);
	json_key(json, "guards");
	json_object(json);
	for (unsigned i = 0; i < GUARD_COUNT; i++)
		json_key_str(json, guard_name((enum guard)i),
			     judgement->guards.result[i].warns
				     ? judgement->guards.result[i].detail
				     : "ok");
	json_end_object(json);
	return ledger_append(txn, &entry, cmd->call.actor, "send",
			     arena_printf(cmd->call.arena, "message:%llu",
					  (unsigned long long)message->id));
}

static enum err end_task(struct txn *txn, struct card *card,
			 const struct message *message)
{
	struct task *task = &card->task;
	if (!task->id)
		return ERR_OK; /* a free reply */
	if (!task_next(task->state, TASK_EV_SEND, &task->state))
		return ERR_INTERNAL; /* the pending guard has passed */
	task->message_id = message->id;
	task->text = message->text;
	task->attention = NULL;
	task->ended_at = message->created_at;
	stranded_look(txn);
	return task_rows_save(txn_db(txn), task);
}

static enum err end_card(struct txn *txn, struct card *card,
			 const struct message *message)
{
	enum err err = end_task(txn, card, message);
	if (err == ERR_OK)
		err = lease_rows_delete(txn_db(txn), card_id(card));
	if (err == ERR_OK && (card->is_draft || card->task.is_locked))
		err = draft_rows_delete(txn_db(txn), card_id(card));
	if (err == ERR_OK)
		err = late_rows_delete(txn_db(txn), card_id(card));
	return err;
}

static enum err is_of_person(struct txn *txn, const struct card *card,
			     const struct task *task, bool *is_out)
{
	struct contact other;
	const char *e164 = card->contact.phone_e164;
	*is_out = task->contact_id == card->contact.id;
	if (*is_out)
		return ERR_OK;
	enum err err = contact_rows_load_any(txn_db(txn), txn_arena(txn),
					     task->contact_id, &other);
	*is_out = err == ERR_OK && e164 && other.phone_e164 &&
		  strcmp(e164, other.phone_e164) == 0;
	return err;
}

static enum err supersede_one(struct txn *txn, struct task_send *cmd,
			      const struct card *card, uint64_t task_id)
{
	struct arena *arena = cmd->call.arena;
	struct task_act act = {.call = {.actor = cmd->call.actor, .arena = arena},
			       .task_id = task_id,
			       .is_one_of_many = true,
			       .reason = "superseded by a reply to the contact"};
	struct task other;
	bool is_theirs = false;
	enum err err = task_rows_load(txn_db(txn), arena, task_id, &other);
	if (err == ERR_OK)
		err = is_of_person(txn, card, &other, &is_theirs);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_theirs))
		return call_refuse_member(&cmd->call, ERR_INVALID, "supersede",
					  "Task %llu is not one of this number's.",
					  (unsigned long long)task_id);
	if (card->task.id)
		act.reason = arena_printf(arena, "superseded by task %llu",
					  (unsigned long long)card->task.id);
	if (err == ERR_OK)
		err = task_skip(txn, &act);
	if (act.call.refusal.err == ERR_OK)
		return err;
	cmd->call.refusal = act.call.refusal;
	cmd->call.refusal.member = "supersede";
	cmd->call.refusal.detail =
		arena_printf(arena, "Of task %llu, which the text would end: %s",
			     (unsigned long long)task_id, act.call.refusal.detail);
	return err;
}

/* Other tasks of the same person that this text makes needless; each ends as skipped, and its workflow goes on by that.
 * One that somebody else has open stops all, unless a lead sends: nobody's card ends under their hands. */
static enum err supersede(struct txn *txn, struct task_send *cmd,
			  const struct card *card)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < cmd->supersede_count; i++)
		err = supersede_one(txn, cmd, card, cmd->supersede[i]);
	return err;
}

static enum err approve(struct txn *txn, struct task_send *cmd, struct card *card,
			struct receipt *receipt, const struct judgement *judgement)
{
	struct message message;
	struct db *db = txn_db(txn);
	message_of(txn, cmd, card, receipt, &message);
	bound_by_confirmation(card, &message);
	enum err err =
		receipt_rows_use(db, receipt->id, message.created_at, message.id);
	if (err == ERR_OK)
		err = message_rows_insert(db, &message);
	if (err == ERR_OK)
		err = end_card(txn, card, &message);
	if (err == ERR_OK)
		err = handover_add(txn, &message);
	if (err == ERR_OK)
		err = contact_rows_texted(db, card->contact.id, message.id,
					  message.sent_by);
	if (err == ERR_OK && card->contact.thread_inbound_id)
		err = thread_rows_read(db, message.sent_by, card->contact.id,
				       card->contact.thread_inbound_id);
	if (err == ERR_OK) {
		card->number.last_contact_id = card->contact.id;
		err = number_rows_save(db, &card->number);
	}
	if (err == ERR_OK)
		err = ledger_send(txn, cmd, card, receipt, &message, judgement);
	if (err == ERR_OK)
		err = journal_add(txn, card->task.enrollment_id, card->task.step_id,
				  "approved",
				  members_text(cmd->call.arena, "message",
					       members_id(cmd->call.arena, message.id),
					       "by", cmd->call.actor->name, NULL));
	if (err == ERR_OK && card->task.id)
		err = hook_emit_sent(txn, &card->task, &message, cmd->call.actor);
	if (err == ERR_OK)
		err = supersede(txn, cmd, card);
	receipt->message_id = message.id;
	txn_signal(txn,
		   message.not_before ? SIGNAL_OUTBOX | SIGNAL_TIMER : SIGNAL_OUTBOX);
	return err;
}

static enum err answer(struct txn *txn, struct task_send *cmd, uint64_t message_id)
{
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key(&json, "message");
	enum err err = view_message(txn_db(txn), cmd->call.arena, message_id, &json);
	json_end_object(&json);
	cmd->call.status = 202;
	return err;
}

static enum err send_card(struct txn *txn, struct task_send *cmd, struct card *card,
			  struct receipt *receipt)
{
	struct judgement judgement;
	enum err err = check_receipt(txn, cmd, card, receipt);
	if (err != ERR_OK || cmd->call.refusal.err != ERR_OK)
		return err;
	card_phone_recheck(card);
	card_judge(card, cmd->call.arena, cmd->text, &judgement);
	if (!judgement.guards.all_ok)
		return refuse_guards(txn, cmd, card, &judgement);
	return approve(txn, cmd, card, receipt, &judgement);
}

enum err task_send(struct txn *txn, void *arg)
{
	struct task_send *cmd = arg;
	struct receipt receipt;
	struct card card;
	FAULT_POINT("task_send");
	enum err err = load_receipt(txn, cmd, &receipt);
	if (err != ERR_OK)
		return err;
	if (receipt.used_at) {
		err = answer_used(txn, cmd, &receipt);
	} else {
		err = card_load_shown(txn_db(txn), &cmd->call, txn_context(txn),
				      (struct card_of){cmd->task_id, cmd->contact_id},
				      txn_now(txn), &card);
		if (err != ERR_OK)
			return err;
		err = send_card(txn, cmd, &card, &receipt);
		card_fini(&card);
	}
	if (err != ERR_OK || cmd->call.refusal.err != ERR_OK)
		return err;
	return answer(txn, cmd, receipt.message_id);
}
