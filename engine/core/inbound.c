/* inbound.c - a text comes in: whose it is, what it says of consent, and what follows. See messages.h */
#include <string.h>

#include "base/fault.h"
#include "core/confirm.h"
#include "core/consent.h"
#include "core/contacts.h"
#include "core/core.h"
#include "core/hook_emit.h"
#include "core/inbound.h"
#include "core/messages.h"
#include "core/reply.h"
#include "core/task_make.h"
#include "core/trigger.h"
#include "plugin/gsm.h"
#include "plugin/phone.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

enum { MARKED_MOST = 200 };

/* --- whose it is --- */

static enum err sender_of(struct txn *txn, const struct inbound_take *cmd,
			  struct contact *contact, bool *is_shared_out)
{
	uint64_t *ids;
	size_t count = 0;
	enum err err = contact_rows_ids_by_number(txn_db(txn), cmd->call.arena,
						  cmd->from, 2, &ids, &count);
	*is_shared_out = count > 1;
	return err == ERR_OK ? contact_make_unknown(txn, cmd->from, contact) : err;
}

/* --- what follows --- */

/* Where every text ends up that is no opt-out: what waits for a reply, or is set off by one, hears of it here. What was
 * no text sets nothing off. */
static enum err take_ordinary(struct txn *txn, const struct message *message)
{
	enum err err = reply_came(txn, message->contact_id);
	if (err == ERR_OK && !message->detail)
		err = trigger_message_came(txn, message->contact_id, message->id,
					   message->text);
	return err;
}

/* The tasks that were open when it came: their lists say that somebody should read it first. */
static enum err mark_tasks(struct txn *txn, const struct message *message)
{
	return task_rows_mark_open(txn_db(txn), txn_arena(txn), message->contact_id,
				   message->id, INBOUND_REPLIED, MARKED_MOST);
}

/* What a workflow waited for does not come; with stop-on-reply it ends. */
static enum err heard_stop(struct txn *txn, const struct message *message,
			   const struct contact *contact)
{
	const struct consent_change change = {.e164 = message->number,
					      .opts_out = true,
					      .reason = "asked by text",
					      .evidence = message->text,
					      .contact_id = contact->id,
					      .message_id = message->id};
	bool changed;
	enum err err = consent_change(txn, &actor_system, &change, &changed);
	if (err == ERR_OK && changed)
		err = confirm_make(txn, contact);
	return err == ERR_OK ? reply_came(txn, contact->id) : err;
}

/* Only what the telephone itself has asked for: an opt-out that a person entered needs a person. */
static enum err heard_start(struct txn *txn, const struct message *message,
			    const struct contact *contact)
{
	const struct consent_change change = {.e164 = message->number,
					      .reason = "asked by text",
					      .evidence = message->text,
					      .contact_id = contact->id,
					      .message_id = message->id};
	bool is_own, changed;
	enum err err = consent_is_own(txn, message->number, &is_own);
	if (err == ERR_OK && is_own)
		err = consent_change(txn, &actor_system, &change, &changed);
	return err == ERR_OK ? take_ordinary(txn, message) : err;
}

static enum err active_owner(struct txn *txn, const struct contact *contact,
			     uint64_t *owner_out)
{
	struct user owner;
	*owner_out = 0;
	if (!contact->owner_id)
		return ERR_OK;
	enum err err =
		user_rows_load(txn_db(txn), txn_arena(txn), contact->owner_id, &owner);
	if (err == ERR_OK && owner.is_active)
		*owner_out = owner.id;
	return err;
}

static enum err make_help_task(struct txn *txn, const struct contact *contact)
{
	struct task task;
	bool has_one;
	struct task_make make = {
		.origin = TASK_FROM_INBOUND,
		.contact_id = contact->id,
		.name = "Answer a call for help",
		.text = "",
		.is_test = contact->is_test,
	};
	enum err err = task_rows_has_open(txn_db(txn), contact->id, TASK_FROM_INBOUND,
					  &has_one);
	if (err == ERR_OK && !has_one)
		err = active_owner(txn, contact, &make.assignee.user_id);
	if (err != ERR_OK || has_one)
		return err;
	make.why = make.assignee.user_id
			   ? "The contact asked for help by text; the contact's owner "
			     "has it."
			   : "The contact asked for help by text; no active user owns "
			     "the contact, so it is in the pool.";
	return task_make(txn, &make, &task);
}

/* Nothing is ever answered by itself: a person does it. Asked again, one task is enough. */
static enum err heard_help(struct txn *txn, const struct message *message,
			   const struct contact *contact)
{
	enum err err = core_policy(txn_context(txn))->makes_help_tasks
			       ? make_help_task(txn, contact)
			       : ERR_OK;
	return err == ERR_OK ? take_ordinary(txn, message) : err;
}

/* It answers whoever waits, but sets nothing off before somebody has said what it means. */
static enum err heard_unclear(struct txn *txn, const struct message *message,
			      const struct contact *contact)
{
	enum err err = consent_hold(txn, message);
	return err == ERR_OK ? reply_came(txn, contact->id) : err;
}

static enum err heard_nothing(struct txn *txn, const struct message *message,
			      const struct contact *contact)
{
	(void)contact;
	return take_ordinary(txn, message);
}

static enum err (*const hearings[CONSENT_SAID_COUNT])(struct txn *,
						      const struct message *,
						      const struct contact *) = {
	[CONSENT_NOTHING] = heard_nothing, [CONSENT_STOP] = heard_stop,
	[CONSENT_START] = heard_start,     [CONSENT_HELP] = heard_help,
	[CONSENT_UNCLEAR] = heard_unclear,
};

enum err inbound_meant_nothing(struct txn *txn, const struct message *message)
{
	enum err err = take_ordinary(txn, message);
	return err == ERR_OK ? trigger_settle(txn) : err;
}

/* --- the command --- */

/* Consent belongs to a telephone: a short code or a name that writes to us has none. */
static enum consent_said said_by(struct txn *txn, const struct inbound_take *cmd)
{
	if (cmd->is_binary || cmd->from[0] != '+')
		return CONSENT_NOTHING;
	return consent_words_read(core_policy(txn_context(txn))->consent_words,
				  cmd->text);
}

static enum err keep(struct txn *txn, const struct inbound_take *cmd,
		     const struct contact *contact, struct message *message)
{
	struct gsm_segments segments;
	gsm_measure(cmd->text, strlen(cmd->text), &segments);
	message->id = txn_id(txn);
	message->is_inbound = true;
	message->contact_id = contact->id;
	message->number = cmd->from;
	message->own_number = cmd->to;
	message->smsc = cmd->smsc;
	message->text = cmd->text;
	message->detail = cmd->is_binary ? "binary" : cmd->note;
	message->segments = segments.count;
	message->is_unicode = segments.encoding == GSM_UCS2;
	message->state = MESSAGE_RECEIVED;
	message->created_at = txn_now(txn);
	message->state_at = cmd->at ? cmd->at : txn_now(txn);
	message->event_id = cmd->event_id;
	message->said = said_by(txn, cmd);
	enum err err = message_rows_insert(txn_db(txn), message);
	/* the thread has a new head: receipts of open cards no longer hold */
	if (err == ERR_OK)
		err = contact_rows_heard(
			txn_db(txn), contact->id, message->id,
			txn_now(txn) + core_policy(txn_context(txn))->reply_release_ms);
	if (contact->texter_id && !contact->release_at)
		txn_signal(txn, SIGNAL_TIMER);
	return err == ERR_OK ? hook_emit_inbound(txn, message, contact) : err;
}

enum err inbound_take_whole(struct txn *txn, struct inbound_take *cmd)
{
	struct contact contact;
	struct message message = {.id = 0};
	enum err err = sender_of(txn, cmd, &contact, &message.is_shared);
	if (err == ERR_OK)
		err = keep(txn, cmd, &contact, &message);
	if (err == ERR_OK)
		err = hearings[message.said](txn, &message, &contact);
	if (err == ERR_OK)
		err = mark_tasks(txn, &message);
	return err == ERR_OK ? trigger_settle(txn) : err;
}

/* With + and the country, as contacts have it; a short code or a name as it came. */
static void read_sender(struct txn *txn, struct inbound_take *cmd)
{
	char e164[PHONE_E164_LEN];
	(void)phone_from_gateway(cmd->from,
				 core_policy(txn_context(txn))->default_region, e164);
	cmd->from = arena_strdup(cmd->call.arena, e164);
}

enum err inbound_take(struct txn *txn, void *arg)
{
	struct inbound_take *cmd = arg;
	bool is_whole = true;
	uint64_t known;
	FAULT_POINT("inbound_take");
	enum err err = message_rows_by_event(txn_db(txn), cmd->event_id, &known);
	if (err != ERR_NOT_FOUND) {
		cmd->is_repeated = true;
		return err;
	}
	read_sender(txn, cmd);
	err = cmd->part.total ? inbound_join(txn, cmd, &is_whole) : ERR_OK;
	return err == ERR_OK && is_whole ? inbound_take_whole(txn, cmd) : err;
}
