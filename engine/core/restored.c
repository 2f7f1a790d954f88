/* restored.c - see restored.h */
#include "core/restored.h"

#include <stdlib.h>

#include "core/confirm.h"
#include "core/ledger.h"
#include "core/mail.h"
#include "core/messages.h"
#include "core/sign_in.h"
#include "store/meta_rows.h"
#include "store/restored_rows.h"

enum { MESSAGES_STEP = 100, ROWS_STEP = 500 };

/* ERR_NOT_FOUND: it is no copy. */
static enum err load_mark(struct db *db, struct arena *arena, int64_t *mark_out)
{
	char *text;
	enum err err = meta_rows_get(db, arena, META_RESTORED_COPY, &text);
	if (err == ERR_OK)
		*mark_out = strtoll(text, NULL, 10);
	return err;
}

static enum err make_uncertain(struct txn *txn, struct message *message)
{
	enum message_state before = message->state;
	if (message->state == MESSAGE_APPROVED)
		(void)message_next(message->state, MESSAGE_EV_BEGIN, &message->state);
	if (!message_next(message->state, MESSAGE_EV_UNCERTAIN, &message->state))
		return ERR_INTERNAL;
	message->state_at = txn_now(txn);
	message->detail = "This database was put back from a copy: the text may have "
			  "left after the copy was made.";
	enum err err = message_rows_save(txn_db(txn), message);
	if (err == ERR_OK)
		err = outbox_rows_delete(txn_db(txn), message->id);
	return err == ERR_OK ? message_moved(txn, &actor_system, message, before) : err;
}

/* The oldest come first, so the first one that is newer than the copy ends it. */
static enum err settle_state(struct txn *txn, enum message_state state, int64_t mark,
			     int64_t *count)
{
	uint64_t *ids;
	size_t found;
	enum err err = message_rows_in_state(txn_db(txn), txn_arena(txn), state,
					     MESSAGES_STEP, &ids, &found);
	for (size_t i = 0; err == ERR_OK && i < found; i++) {
		struct message message;
		err = message_rows_load(txn_db(txn), txn_arena(txn), ids[i], &message);
		if (err != ERR_OK || message.created_at > mark)
			break;
		err = make_uncertain(txn, &message);
		(*count)++;
	}
	return err;
}

static enum err settle_rows(struct txn *txn, int64_t mark,
			    struct restored_settle *settle)
{
	const struct restored_part part = {
		.mark = mark, .now = txn_now(txn), .limit = ROWS_STEP / 4};
	int64_t receipts = 0, leases = 0, sessions = 0, links = 0;
	struct db *db = txn_db(txn);
	enum err err = restored_rows_receipts(db, &part, &receipts);
	if (err == ERR_OK)
		err = restored_rows_leases(db, &part, &leases);
	if (err == ERR_OK)
		err = restored_rows_sessions(db, &part, &sessions);
	if (err == ERR_OK)
		err = restored_rows_links(db, &part, LOGIN_LINK_MS, &links);
	settle->receipts += receipts;
	settle->leases += leases;
	settle->sessions += sessions;
	settle->is_done = !receipts && !leases && !sessions && !links;
	return err;
}

enum err restored_settle(struct txn *txn, void *arg)
{
	struct restored_settle *settle = arg;
	int64_t mark, messages = 0, emails = 0, confirmations = 0;
	enum err err = load_mark(txn_db(txn), txn_arena(txn), &mark);
	settle->is_copy = err == ERR_OK;
	settle->is_done = err == ERR_NOT_FOUND;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = settle_state(txn, MESSAGE_APPROVED, mark, &messages);
	if (err == ERR_OK)
		err = settle_state(txn, MESSAGE_HANDING_OVER, mark, &messages);
	if (err == ERR_OK)
		err = mail_settle_copy(txn, mark, &emails);
	if (err == ERR_OK)
		err = confirm_end_open(txn, MESSAGES_STEP, &confirmations);
	settle->messages += messages;
	settle->emails += emails;
	txn_signal(txn, SIGNAL_AUTH | SIGNAL_TIMER);
	return err == ERR_OK && !messages && !emails && !confirmations
		       ? settle_rows(txn, mark, settle)
		       : err;
}

enum err restored_resume(struct txn *txn, void *arg)
{
	struct restored_resume *cmd = arg;
	int64_t mark;
	enum err err = load_mark(txn_db(txn), txn_arena(txn), &mark);
	if (err == ERR_NOT_FOUND)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "This database is no restored copy; texts are "
				   "handed over as always.");
	if (err == ERR_OK)
		err = meta_rows_set(txn_db(txn), META_RESTORED_COPY, NULL);
	if (err == ERR_OK)
		err = ledger_note(txn, cmd->call.actor, "resume_restored", "database",
				  arena_printf(cmd->call.arena,
					       "{\"copy_made_at_ms\":%lld}",
					       (long long)mark));
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_OUTBOX | SIGNAL_HOOKS | SIGNAL_MAIL);
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key_time(&json, "copy_made_at", mark);
	json_end_object(&json);
	return ERR_OK;
}

enum err restored_get(struct snapshot *snap, void *arg)
{
	struct call *call = arg;
	int64_t mark = 0;
	enum err err = load_mark(snapshot_db(snap), snapshot_arena(snap), &mark);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	json_key_time(&json, "restored_copy", mark);
	json_end_object(&json);
	return ERR_OK;
}
