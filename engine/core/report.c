/* report.c - what the gateway tells of the texts it has: delivery reports. See messages.h */
#include "base/fault.h"
#include "base/log.h"
#include "core/messages.h"

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
