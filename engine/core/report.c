/* report.c - what the gateway tells: delivery reports, and texts that come in. See messages.h */
#include "base/fault.h"
#include "base/log.h"
#include "core/contacts.h"
#include "core/messages.h"
#include "core/core.h"
#include "core/hook_emit.h"
#include "core/reply.h"
#include "plugin/gsm.h"
#include "plugin/phone.h"
#include "store/contact_rows.h"

#include <string.h>

/* A report about a text that still waits says that it left in spite of all: it must not leave again. */
static enum err leave_outbox(struct txn *txn, const struct message *message,
			     enum message_state before)
{
	if (before != MESSAGE_APPROVED)
		return ERR_OK;
	log_warn("report", "text was reported before it was handed over id=%llu",
		 (unsigned long long)message->id);
	return outbox_rows_delete(txn_db(txn), message->id);
}

static enum err move(struct txn *txn, struct report_apply *cmd, struct message *message)
{
	enum message_event event;
	enum message_state before = message->state;
	if (!message_report_event(cmd->kind, &event)) {
		log_warn("report", "kind is not known id=%llu kind=%u",
			 (unsigned long long)cmd->id, cmd->kind);
		return ERR_OK;
	}
	if (!message_next(message->state, event, &message->state))
		return ERR_OK;
	message->state_at = txn_now(txn);
	message->detail = cmd->detail;
	enum err err = message_rows_save(txn_db(txn), message);
	if (err == ERR_OK)
		err = leave_outbox(txn, message, before);
	return err == ERR_OK ? message_moved(txn, &actor_system, message, before) : err;
}

enum err report_apply(struct txn *txn, void *arg)
{
	struct report_apply *cmd = arg;
	struct message message;
	bool added;
	const struct report_row row = {.event_id = cmd->event_id,
				       .detail = cmd->detail,
				       .kind = cmd->kind,
				       .at = txn_now(txn)};
	FAULT_POINT("report_apply");
	enum err err =
		message_rows_load(txn_db(txn), cmd->call.arena, cmd->id, &message);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && message.is_inbound)) {
		cmd->is_unknown = true;
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = report_rows_add(txn_db(txn), cmd->id, &row, &added);
	if (err != ERR_OK)
		return err;
	cmd->is_repeated = !added;
	return added ? move(txn, cmd, &message) : ERR_OK;
}

static enum err sender_of(struct txn *txn, struct inbound_take *cmd,
			  struct contact *contact)
{
	char e164[PHONE_E164_LEN];
	const struct policy *policy = core_policy(txn_context(txn));
	bool is_number = phone_from_gateway(cmd->from, policy->default_region, e164);
	cmd->from = arena_strdup(cmd->call.arena, e164);
	if (is_number) {
		enum err err = contact_rows_by_number(txn_db(txn), cmd->call.arena,
						      e164, contact);
		if (err != ERR_NOT_FOUND)
			return err;
	}
	return contact_make_unknown(txn, cmd->from, contact);
}

enum err inbound_take(struct txn *txn, void *arg)
{
	struct inbound_take *cmd = arg;
	struct contact contact;
	struct gsm_segments segments;
	uint64_t known;
	FAULT_POINT("inbound_take");
	enum err err = message_rows_by_event(txn_db(txn), cmd->event_id, &known);
	if (err != ERR_NOT_FOUND) {
		cmd->is_repeated = true;
		return err;
	}
	err = sender_of(txn, cmd, &contact);
	if (err != ERR_OK)
		return err;
	gsm_measure(cmd->text, strlen(cmd->text), &segments);
	const struct message message = {
		.id = txn_id(txn),
		.is_inbound = true,
		.contact_id = contact.id,
		.number = cmd->from,
		.own_number = cmd->to,
		.smsc = cmd->smsc,
		.text = cmd->text,
		.segments = segments.count,
		.is_unicode = segments.encoding == GSM_UCS2,
		.state = MESSAGE_RECEIVED,
		.created_at = txn_now(txn),
		.state_at = cmd->at ? cmd->at : txn_now(txn),
		.event_id = cmd->event_id,
	};
	err = message_rows_insert(txn_db(txn), &message);
	if (err == ERR_OK && contact.phone_e164)
		err = number_rows_replied(txn_db(txn), contact.phone_e164,
					  txn_now(txn));
	/* the thread has a new head: receipts of open cards no longer hold */
	if (err == ERR_OK)
		err = contact_rows_heard(txn_db(txn), contact.id, message.id);
	if (err == ERR_OK)
		err = hook_emit_inbound(txn, &message, &contact);
	return err == ERR_OK ? reply_came(txn, contact.id) : err;
}
