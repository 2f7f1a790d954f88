/* message_acts.c - what people do with texts: resolve, recall, read. See messages.h */
#include <stdlib.h>

#include "core/card.h"
#include "core/contact_parts.h"
#include "core/ledger.h"
#include "core/messages.h"
#include "core/people.h"
#include "core/task_find.h"
#include "core/thread.h"
#include "core/view.h"
#include "base/ident.h"

/* A text is visible to whoever may see its task, or its thread when it has none. */
static enum err check_visible(struct db *db, struct call *call, struct core *core,
			      const struct message *message)
{
	struct card card;
	bool is_own = call->actor->user_id == message->sent_by;
	enum err err = ERR_OK;
	if (message->task_id)
		err = card_load_brief(db, call, core,
				      (struct card_of){.task_id = message->task_id},
				      &card);
	else if (!is_own)
		err = thread_check(db, call, core, message->contact_id);
	if (err != ERR_NOT_FOUND)
		return err;
	return call_refuse(call, ERR_NOT_FOUND, "There is no message %llu.",
			   (unsigned long long)message->id);
}

static enum err load_visible(struct db *db, struct call *call, struct core *core,
			     uint64_t id, struct message *message)
{
	enum err err = message_rows_load(db, call->arena, id, message);
	if (err == ERR_NOT_FOUND)
		return call_refuse(call, ERR_NOT_FOUND, "There is no message %llu.",
				   (unsigned long long)id);
	return err == ERR_OK ? check_visible(db, call, core, message) : err;
}

static enum err note_resolved(struct txn *txn, const struct message_resolve *cmd,
			      const struct message *message)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_id(&entry.payload, "message", message->id);
	json_key_str(&entry.payload, "outcome", cmd->was_sent ? "sent" : "not_sent");
	json_key_str(&entry.payload, "evidence", cmd->evidence);
	return ledger_append(txn, &entry, cmd->call.actor, "resolve",
			     arena_printf(cmd->call.arena, "message:%llu",
					  (unsigned long long)message->id));
}

static enum err resolve_one(struct txn *txn, struct message_resolve *cmd, uint64_t id)
{
	struct message message;
	enum err err =
		load_visible(txn_db(txn), &cmd->call, txn_context(txn), id, &message);
	if (err != ERR_OK)
		return err;
	enum message_state before = message.state;
	if (!message_next(message.state,
			  cmd->was_sent ? MESSAGE_EV_RESOLVE_SENT
					: MESSAGE_EV_RESOLVE_NOT_SENT,
			  &message.state))
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"Message %llu is %s; only an uncertain one is resolved.",
			(unsigned long long)id, message_state_name(message.state));
	message.state_at = txn_now(txn);
	message.resolved_by = cmd->call.actor->user_id;
	message.evidence = cmd->evidence;
	message.detail = cmd->was_sent ? "A person found that it was sent."
				       : "A person found that it was not sent.";
	err = message_rows_save(txn_db(txn), &message);
	if (err == ERR_OK)
		err = note_resolved(txn, cmd, &message);
	return err == ERR_OK ? message_moved(txn, cmd->call.actor, &message, before)
			     : err;
}

enum err message_resolve(struct txn *txn, void *arg)
{
	struct message_resolve *cmd = arg;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < cmd->count; i++)
		err = resolve_one(txn, cmd, cmd->ids[i]);
	if (err != ERR_OK)
		return err;
	if (!cmd->is_bulk)
		return call_answer_message(txn_db(txn), &cmd->call, cmd->ids[0]);
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key_int(&json, "resolved", (int64_t)cmd->count);
	json_end_object(&json);
	return ERR_OK;
}

enum err message_recall(struct txn *txn, void *arg)
{
	struct message_recall *cmd = arg;
	struct call *call = &cmd->call;
	struct message message;
	enum err err = load_visible(txn_db(txn), call, txn_context(txn),
				    cmd->message_id, &message);
	if (err != ERR_OK)
		return err;
	if (message.sent_by != call->actor->user_id && !actor_leads(call->actor))
		return call_refuse(call, ERR_FORBIDDEN,
				   "Only who sent it, or a lead, may call it back.");
	if (message.state != MESSAGE_APPROVED)
		return call_refuse(
			call, ERR_TOO_LATE,
			"The text is %s; it can only be called back while it waits.",
			message_state_name(message.state));
	err = message_withdraw(txn, call->actor, &message, "recalled",
			       "Called back before it left.");
	if (err == ERR_OK)
		err = ledger_note(txn, call->actor, "recall",
				  arena_printf(call->arena, "message:%llu",
					       (unsigned long long)message.id),
				  NULL);
	return err == ERR_OK ? call_answer_message(txn_db(txn), call, message.id) : err;
}

enum err message_get(struct snapshot *snap, void *arg)
{
	struct message_get *query = arg;
	struct message message;
	enum err err =
		load_visible(snapshot_db(snap), &query->call, snapshot_context(snap),
			     query->message_id, &message);
	return err == ERR_OK ? call_answer_message(snapshot_db(snap), &query->call,
						   query->message_id)
			     : err;
}

struct page {
	struct db *db;
	struct arena *arena;
	enum err err; /* of loading reports */
	struct json json;
	size_t limit, count;
	bool has_more;
	uint64_t last_id;
};

static void page_item(void *arg, const struct message_item *item)
{
	struct page *page = arg;
	if (page->count == page->limit) {
		page->has_more = true;
		return;
	}
	page->count++;
	page->last_id = item->message.id;
	if (page->err == ERR_OK)
		page->err = view_message_item(page->db, page->arena, item, &page->json);
}

enum err message_list(struct snapshot *snap, void *arg)
{
	struct message_list *query = arg;
	struct page page = {.db = snapshot_db(snap),
			    .arena = query->call.arena,
			    .json = call_json(&query->call),
			    .limit = query->filter.limit};
	struct task_filter see = {.seen_by = 0};
	bool sees_all = false;
	struct party party;
	struct contact contact;
	enum err err = query->is_thread
			       ? contact_find(snapshot_db(snap), &query->call,
					      query->filter.contact_id, &contact)
			       : ERR_OK;
	if (err == ERR_OK)
		err = people_find(snapshot_db(snap), &query->call, &query->user,
				  &party);
	if (err != ERR_OK)
		return err;
	query->filter.user_id = party.user_id;
	if (query->cursor &&
	    ident_parse(query->cursor, &query->filter.before_id) != ERR_OK)
		return call_refuse_member(&query->call, ERR_BAD_CURSOR, "cursor",
					  "The cursor does not belong to this list; "
					  "start again without it.");
	if (query->is_thread)
		err = thread_is_visible(snapshot_db(snap), &query->call,
					snapshot_context(snap),
					query->filter.contact_id, &sees_all);
	if (err != ERR_OK)
		return err;
	if (!sees_all)
		task_filter_see(&query->call, core_policy(snapshot_context(snap)),
				&see);
	query->filter.seen_by = see.seen_by;
	query->filter.sees_team = see.sees_team;
	json_object(&page.json);
	json_key(&page.json, "items");
	json_array(&page.json);
	err = message_rows_page(snapshot_db(snap), &query->filter, page_item, &page);
	json_end_array(&page.json);
	json_key(&page.json, "next");
	if (page.has_more)
		json_id(&page.json, page.last_id);
	else
		json_null(&page.json);
	json_end_object(&page.json);
	return err == ERR_OK ? page.err : err;
}
