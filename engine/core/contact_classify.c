/* contact_classify.c - a person says whether a text asked to be left alone. See contacts.h */
#include <string.h>

#include "core/confirm.h"
#include "core/consent.h"
#include "core/contact_parts.h"
#include "core/inbound.h"
#include "core/ledger.h"
#include "store/message_rows.h"

static enum err load_text(struct txn *txn, struct contact_classify *cmd,
			  struct message *message)
{
	struct call *call = &cmd->call;
	enum err err =
		message_rows_load(txn_db(txn), call->arena, cmd->inbound_id, message);
	if (err == ERR_NOT_FOUND ||
	    (err == ERR_OK && (!message->is_inbound || message->contact_id != cmd->id)))
		return call_refuse_member(
			call, ERR_INVALID, "inbound",
			"The contact has not sent a text with this id.");
	return err;
}

/* What it was found to mean already. */
static enum consent_verdict verdict_of(const struct message *message)
{
	return message->said == CONSENT_STOP ? VERDICT_STOP : message->verdict;
}

static enum err check(struct contact_classify *cmd, const struct message *message)
{
	enum consent_verdict before = verdict_of(message);
	if (before != VERDICT_OPEN)
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"This text counts as %s already. To text the number again take "
			"an opt-in with evidence; to stop, opt the contact out.",
			before == VERDICT_STOP ? "stop" : "not_stop");
	if (message->said != CONSENT_UNCLEAR && !cmd->is_stop)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "This text was never taken for an opt-out; there is "
				   "nothing to clear up.");
	if (message->number[0] != '+')
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "It came from %s, which is no telephone number: "
				   "nothing can be sent there anyway.",
				   message->number);
	return ERR_OK;
}

static enum err enter(struct txn *txn, const struct contact_classify *cmd,
		      const struct message *message)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	ledger_private(&entry, "number", message->number);
	json_key_id(&entry.payload, "message", message->id);
	ledger_private(&entry, "text", message->text);
	json_key_str(&entry.payload, "verdict", cmd->is_stop ? "stop" : "not_stop");
	return ledger_append(txn, &entry, cmd->call.actor, "classify",
			     arena_printf(cmd->call.arena, "contact:%llu",
					  (unsigned long long)cmd->id));
}

static enum err opt_out(struct txn *txn, const struct contact_classify *cmd,
			const struct message *message, const struct contact *contact)
{
	const struct consent_change change = {.e164 = message->number,
					      .opts_out = true,
					      .reason = "asked by text, in other words",
					      .evidence = message->text,
					      .contact_id = cmd->id,
					      .message_id = message->id};
	bool changed;
	enum err err = consent_change(txn, cmd->call.actor, &change, &changed);
	/* a contact that has another number by now is not the one to confirm it to */
	bool has_it = contact->phone_e164 &&
		      strcmp(contact->phone_e164, message->number) == 0;
	return err == ERR_OK && changed && has_it ? confirm_make(txn, contact) : err;
}

static enum err judge(struct txn *txn, const struct contact_classify *cmd,
		      struct message *message, const struct contact *contact)
{
	enum consent_verdict verdict = cmd->is_stop ? VERDICT_STOP : VERDICT_NOT_STOP;
	enum err err = message_rows_judge(txn_db(txn), message->id, verdict);
	if (err == ERR_OK)
		err = consent_settle(txn, message->number, message->id, verdict);
	if (err == ERR_OK)
		err = enter(txn, cmd, message);
	if (err != ERR_OK)
		return err;
	return cmd->is_stop ? opt_out(txn, cmd, message, contact)
			    : inbound_meant_nothing(txn, message);
}

enum err contact_classify(struct txn *txn, void *arg)
{
	struct contact_classify *cmd = arg;
	struct contact contact;
	struct message message;
	enum err err = contact_find(txn_db(txn), &cmd->call, cmd->id, &contact);
	if (err == ERR_OK)
		err = load_text(txn, cmd, &message);
	if (err != ERR_OK)
		return err;
	bool is_said = verdict_of(&message) ==
		       (cmd->is_stop ? VERDICT_STOP : VERDICT_NOT_STOP);
	if (!is_said)
		err = check(cmd, &message);
	if (err == ERR_OK && !is_said)
		err = judge(txn, cmd, &message, &contact);
	return err == ERR_OK ? contact_answer(txn_db(txn), &cmd->call, cmd->id) : err;
}
