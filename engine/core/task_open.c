/* task_open.c - a card is shown to somebody: the lease, the receipt, drafts and checks. See tasks.h */
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "core/card.h"
#include "core/hook_emit.h"
#include "core/inbound.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/people.h"
#include "core/task_find.h"
#include "core/view.h"
#include "store/contact_rows.h"
#include "store/making_rows.h"
#include "store/message_rows.h"
#include "store/user_rows.h"

static enum err note(struct txn *txn, struct call *call, const struct card *card,
		     const char *kind, uint64_t from_id)
{
	struct user from = {.login = NULL};
	enum err err =
		from_id ? user_rows_load(txn_db(txn), call->arena, from_id, &from)
			: ERR_OK;
	if (err != ERR_OK)
		return err;
	return journal_add(txn, card->task.enrollment_id, card->task.step_id, kind,
			   members_text(call->arena, "task",
					members_id(call->arena, card->task.id), "by",
					call->actor->name, "from", from.login, NULL));
}

/* An unassigned task belongs to whoever opens it, until they leave without acting. */
static enum err take_from_pool(struct txn *txn, struct call *call, struct card *card)
{
	card->task.assignee_id = call->actor->user_id;
	card->lease.origin = LEASE_FROM_POOL;
	card->may_act = true;
	txn_signal(txn, SIGNAL_TIMER);
	return task_rows_save(txn_db(txn), &card->task);
}

/* What of the task changes with the lease. Taken over it stays its assignee's; what that one drew from the pool goes back
 * there when the taker leaves. */
static enum err take_task(struct txn *txn, struct call *call, struct card *card,
			  const struct lease *former, bool had_it_open)
{
	if (!card->task.assignee_id) {
		enum err err = take_from_pool(txn, call, card);
		return err == ERR_OK ? note(txn, call, card, "taken_from_pool", 0)
				     : err;
	}
	if (former->origin == LEASE_FROM_POOL) {
		card->lease.origin = LEASE_FROM_POOL;
		txn_signal(txn, SIGNAL_TIMER);
	}
	return had_it_open ? note(txn, call, card, "taken_over", former->user_id)
			   : ERR_OK;
}

/* A place of the number's frequency cap, as long as the lease lasts: what the card says now still holds when it is sent. */
static enum err take_place(struct txn *txn, const struct card *card)
{
	if (!card->limits.cap.most)
		return ERR_OK;
	return lease_rows_reserve(txn_db(txn), card_id(card),
				  limits_have_room(&card->limits) ? card->number.e164
								  : NULL);
}

static enum err take_lease(struct txn *txn, struct call *call, struct card *card)
{
	struct lease *lease = &card->lease, former = {.fence = 0};
	bool is_new = !card->lease_is_mine, had_it_open = is_new && card->has_lease;
	enum err err = ERR_OK;
	if (is_new) {
		former = *lease;
		*lease = (struct lease){.card_id = card_id(card),
					.user_id = call->actor->user_id,
					.credential_id = call->actor->credential_id,
					.fence = txn_id(txn),
					.taken_at = card->now};
	}
	if (card->task.id)
		err = take_task(txn, call, card, &former, had_it_open);
	if (err != ERR_OK)
		return err;
	lease->expires_at = card->now + card->policy->lease_ms;
	lease->keyed_at = card->now;
	card->has_lease = card->lease_is_mine = true;
	err = lease_rows_save(txn_db(txn), lease);
	if (err == ERR_OK)
		err = take_place(txn, card);
	return err == ERR_OK && is_new && card->task.id
		       ? hook_emit_task(txn, HOOK_TASK_OPENED, &card->task, call->actor)
		       : err;
}

static enum err shown_messages(struct txn *txn, struct call *call,
			       const struct card *card, const char **ids_out)
{
	struct message *messages;
	size_t count;
	struct buf ids = BUF_EMPTY;
	enum err err = message_rows_thread(txn_db(txn), call->arena, card->contact.id,
					   CARD_THREAD_MOST, &messages, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count; i++)
		buf_printf(&ids, "%s%llu", i ? "," : "",
			   (unsigned long long)messages[i].id);
	*ids_out = arena_strdup(call->arena, buf_str(&ids));
	buf_fini(&ids);
	return ERR_OK;
}

/* Who says up to where they have read has read no further. */
static uint64_t read_up_to(uint64_t seen_up_to, uint64_t head_id)
{
	return seen_up_to && seen_up_to < head_id ? seen_up_to : head_id;
}

static enum err mint(struct txn *txn, struct call *call, const struct card *card,
		     uint64_t seen_up_to, const char **receipt_out)
{
	unsigned char random[16];
	char secret[sizeof(random) * 2 + 1];
	const struct receipt_now now = card_binding(card);
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(secret, sizeof(secret), random, sizeof(random));
	struct receipt receipt = {
		.id = txn_id(txn),
		.secret = secret,
		.task_id = card->task.id,
		.contact_id = card->contact.id,
		.user_id = call->actor->user_id,
		.credential_id = call->actor->credential_id,
		.fence = now.fence,
		.minted_at = card->now,
		.recipient = now.recipient,
		.sender = now.sender,
		.smsc = now.smsc,
		.thread_head_id = read_up_to(seen_up_to, now.thread_head_id),
		.assignee_id = now.assignee_id,
		.consent_revision = now.consent_revision,
		.workflow_version = now.workflow_version,
		.owner_id = now.owner_id,
		.offered_text = card->text,
		.rendered_text = card->is_draft ? now.rendered_text : NULL,
	};
	enum err err = shown_messages(txn, call, card, &receipt.shown_messages);
	if (err == ERR_OK)
		err = receipt_rows_void_open(txn_db(txn), &receipt);
	if (err == ERR_OK)
		err = receipt_rows_insert(txn_db(txn), &receipt);
	if (err == ERR_OK)
		*receipt_out = arena_printf(call->arena, "%llu-%s",
					    (unsigned long long)receipt.id, secret);
	return err;
}

static void write_lease(struct json *json, const struct card *card,
			const struct actor *actor)
{
	json_key(json, "lease");
	json_object(json);
	json_key(json, "holder");
	view_person(json, actor->user_id, card->user.login, card->user.first_name,
		    card->user.last_name);
	json_key_time(json, "expires_at", card->lease.expires_at);
	json_end_object(json);
}

static enum err show(struct txn *txn, struct call *call, struct card *card,
		     uint64_t seen_up_to)
{
	struct judgement judgement;
	const char *receipt;
	/* what lists show follows what its holder sees, as long as nobody edited it */
	if (card->task.id && !card->is_draft &&
	    strcmp(card->task.text, card->text) != 0) {
		enum err err = making_rows_keep_text(txn_db(txn), card->task.id,
						     card->task.text);
		card->task.text = card->text;
		if (err == ERR_OK)
			err = task_rows_save(txn_db(txn), &card->task);
		if (err != ERR_OK)
			return err;
	}
	enum err err = mint(txn, call, card, seen_up_to, &receipt);
	if (err != ERR_OK)
		return err;
	card_phone_recheck(card);
	card_judge(card, call->arena, card->text, &judgement);
	struct json json = call_json(call);
	json_object(&json);
	err = card_write(txn_db(txn), call->arena, card, &judgement, &json);
	if (err != ERR_OK)
		return err;
	write_lease(&json, card, call->actor);
	json_key_str(&json, "receipt", receipt);
	json_end_object(&json);
	return ERR_OK;
}

/* "I have read it", up to a text of this thread, or of the number. */
static enum err note_seen(struct txn *txn, struct call *call, const struct card *card,
			  uint64_t seen_up_to)
{
	struct message message;
	const char *e164 = card->contact.phone_e164;
	enum err err =
		message_rows_load(txn_db(txn), call->arena, seen_up_to, &message);
	bool is_theirs = err == ERR_OK && (message.contact_id == card->contact.id ||
					   (e164 && strcmp(message.number, e164) == 0));
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_theirs))
		return call_refuse_member(call, ERR_INVALID, "seen_up_to",
					  "Message %llu is not one of this thread's.",
					  (unsigned long long)seen_up_to);
	if (err != ERR_OK)
		return err;
	return journal_add(txn, card->task.enrollment_id, card->task.step_id, "read",
			   members_text(call->arena, "up_to",
					members_id(call->arena, seen_up_to), "by",
					call->actor->name, NULL));
}

static enum err open_card(struct txn *txn, struct call *call, struct card *card,
			  const struct task_open *how)
{
	if (card->task.state != TASK_PENDING)
		return card_refuse_state(call, card);
	if (!card->may_act)
		return call_refuse(
			call, ERR_FORBIDDEN,
			card->task.id ? "The task belongs to somebody else; a lead can "
					"reassign it."
				      : "The conversation belongs to somebody else; a "
					"lead can make you the contact's owner.");
	if (card->has_lease && !card->lease_is_mine &&
	    !(how->take_over && actor_leads(call->actor)))
		return card_refuse_leased(txn_db(txn), call, card);
	enum err err = take_lease(txn, call, card);
	if (err == ERR_OK && how->seen_up_to)
		err = note_seen(txn, call, card, how->seen_up_to);
	return err == ERR_OK ? show(txn, call, card, how->seen_up_to) : err;
}

static enum err open_by_id(struct txn *txn, struct call *call, struct card_of of,
			   const struct task_open *how)
{
	struct card card;
	enum err err =
		card_load(txn_db(txn), call, txn_context(txn), of, txn_now(txn), &card);
	if (err != ERR_OK)
		return err;
	err = open_card(txn, call, &card, how);
	card_fini(&card);
	return err;
}

/* What is refused afterwards leaves the mark where it was. */
static enum err take_off_mark(struct txn *txn, const struct task_open *cmd)
{
	struct task task;
	struct contact contact;
	enum err err =
		task_rows_load(txn_db(txn), cmd->call.arena, cmd->task_id, &task);
	if (err == ERR_OK &&
	    (!task.attention || strcmp(task.attention, INBOUND_REPLIED) != 0))
		return ERR_OK;
	if (err == ERR_OK)
		err = contact_rows_load_any(txn_db(txn), cmd->call.arena,
					    task.contact_id, &contact);
	if (err != ERR_OK || contact.thread_head_id > cmd->seen_up_to)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	task.attention = NULL;
	return task_rows_save(txn_db(txn), &task);
}

enum err task_open(struct txn *txn, void *arg)
{
	struct task_open *cmd = arg;
	enum err err = cmd->seen_up_to ? take_off_mark(txn, cmd) : ERR_OK;
	if (err != ERR_OK)
		return err;
	return open_by_id(txn, &cmd->call,
			  (struct card_of){cmd->task_id, cmd->contact_id}, cmd);
}

/* --- next ---------------------------------------------------------------------------------------------------------- */

enum err task_next_open(struct txn *txn, void *arg)
{
	struct task_next_open *cmd = arg;
	uint64_t id;
	enum err err = task_filter_resolve(txn_db(txn), &cmd->call, &cmd->assignee,
					   &cmd->filter);
	if (err != ERR_OK)
		return err;
	const struct task_find find = {.filter = &cmd->filter,
				       .policy = core_policy(txn_context(txn)),
				       .now = txn_now(txn),
				       .after_id = cmd->after_id,
				       .resume = cmd->resume};
	task_filter_for_acting(&cmd->call, &cmd->filter);
	err = task_find_next(txn_db(txn), &cmd->call, &find, &id);
	if (err != ERR_OK || !id)
		return err;
	return open_by_id(txn, &cmd->call, (struct card_of){.task_id = id},
			  &(struct task_open){.take_over = false});
}

/* --- while it is open ------------------------------------------------------------------------------------------------ */

/* The holder keeps the lease by working; a page that is only there keeps it for so long after the last key. A new expiry
 * is written only when a third of the lease has passed. */
enum { IDLE_MOST_MS = 15 * MINUTE_MS };

static enum err keep_lease(struct txn *txn, struct card *card, bool by_hand)
{
	struct lease *lease = &card->lease;
	int64_t until = card->now + card->policy->lease_ms;
	if (!by_hand && until > lease->keyed_at + IDLE_MOST_MS)
		until = lease->keyed_at + IDLE_MOST_MS;
	if (until - lease->expires_at < card->policy->lease_ms / 3)
		return ERR_OK;
	lease->expires_at = until;
	if (by_hand)
		lease->keyed_at = card->now;
	return lease_rows_renew(txn_db(txn), lease);
}

/* Back from a pause in which the task had gone back to the pool, and nobody took it. */
static enum err come_back(struct txn *txn, struct call *call, struct card *card)
{
	if (card->lease.origin != LEASE_GIVEN_BACK || card->task.assignee_id)
		return ERR_OK;
	enum err err = take_from_pool(txn, call, card);
	if (err == ERR_OK)
		err = lease_rows_save(txn_db(txn), &card->lease);
	return err == ERR_OK ? note(txn, call, card, "taken_from_pool", 0) : err;
}

static enum err load_mine(struct txn *txn, struct task_text *cmd, bool by_hand,
			  struct card *card)
{
	struct call *call = &cmd->call;
	enum err err = card_load(txn_db(txn), call, txn_context(txn),
				 (struct card_of){cmd->task_id, cmd->contact_id},
				 txn_now(txn), card);
	if (err != ERR_OK)
		return err;
	if (card->has_lease && !card->lease_is_mine)
		err = card_refuse_leased(txn_db(txn), call, card);
	else if (!task_state_is_open(card->task.state))
		err = card_refuse_state(call, card);
	else if (!card->lease_is_mine)
		err = call_refuse(call, ERR_LEASED,
				  "The card is not open for you; open it first.");
	else
		err = keep_lease(txn, card, by_hand);
	if (err == ERR_OK && by_hand)
		err = come_back(txn, call, card);
	if (err != ERR_OK)
		card_fini(card);
	return err;
}

/* Another text than a locked one is not even looked at. */
static enum err judge(struct task_text *cmd, const struct card *card,
		      struct judgement *judgement)
{
	card_judge(card, cmd->call.arena, cmd->text, judgement);
	if (judgement->guards.result[GUARD_TEXT_LOCKED].ok)
		return ERR_OK;
	card_refuse_guards(&cmd->call, judgement, GUARD_TEXT_LOCKED);
	return ERR_GUARD_REFUSED;
}

/* draft_version: as it is after a save; NULL: this was none. */
static enum err answer_judged(struct task_text *cmd, const struct card *card,
			      const struct judgement *judgement,
			      const int64_t *draft_version)
{
	struct json json = call_json(&cmd->call);
	json_object(&json);
	card_write_judgement(&json, judgement);
	if (draft_version)
		json_key_int(&json, "draft_version", *draft_version);
	json_key_time(&json, "lease_expires_at", card->lease.expires_at);
	json_end_object(&json);
	return ERR_OK;
}

enum err task_check(struct txn *txn, void *arg)
{
	struct task_text *cmd = arg;
	struct judgement judgement;
	struct card card;
	enum err err = load_mine(txn, cmd, true, &card);
	if (err != ERR_OK)
		return err;
	err = judge(cmd, &card, &judgement);
	if (err == ERR_OK)
		err = answer_judged(cmd, &card, &judgement, NULL);
	card_fini(&card);
	return err;
}

static enum err check_draft_is(struct task_text *cmd, int64_t version)
{
	if (!cmd->names_draft || cmd->draft_version == version)
		return ERR_OK;
	return call_refuse_member(
		&cmd->call, ERR_PRECONDITION, "version",
		version ? "Another draft was saved meanwhile: it is at version "
			  "%" PRId64 ". Open the card again to see it."
			: "There is no draft any more; its version is %" PRId64 ".",
		version);
}

static enum err save_draft(struct txn *txn, struct task_text *cmd,
			   const struct card *card, int64_t *version_out)
{
	int64_t former = card->is_draft ? card->draft.updated_at : 0;
	struct draft draft = {.card_id = card_id(card),
			      .user_id = cmd->call.actor->user_id,
			      .text = cmd->text,
			      .updated_at = txn_now(txn)};
	if (draft.updated_at <= former)
		draft.updated_at = former + 1;
	*version_out = draft.updated_at;
	/* what the card showed when it was opened: later values have not been seen */
	enum err err = check_draft_is(cmd, former);
	if (err == ERR_OK && cmd->task_id)
		err = receipt_rows_shown(txn_db(txn), cmd->call.arena, cmd->task_id,
					 &draft.base);
	return err == ERR_OK || err == ERR_NOT_FOUND
		       ? draft_rows_save(txn_db(txn), &draft)
		       : err;
}

enum err task_draft(struct txn *txn, void *arg)
{
	struct task_text *cmd = arg;
	struct judgement judgement;
	struct card card;
	int64_t version = 0;
	enum err err = load_mine(txn, cmd, true, &card);
	if (err != ERR_OK)
		return err;
	err = judge(cmd, &card, &judgement);
	/* of a locked text there is none: it is what is offered */
	if (err == ERR_OK && !card.task.is_locked)
		err = save_draft(txn, cmd, &card, &version);
	if (err == ERR_OK)
		err = answer_judged(cmd, &card, &judgement, &version);
	card_fini(&card);
	return err;
}

enum err task_renew(struct txn *txn, void *arg)
{
	struct task_text *cmd = arg;
	struct card card;
	enum err err = load_mine(txn, cmd, false, &card);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key(&json, "holder");
	view_person(&json, card.user.id, card.user.login, card.user.first_name,
		    card.user.last_name);
	json_key_time(&json, "expires_at", card.lease.expires_at);
	json_end_object(&json);
	card_fini(&card);
	return ERR_OK;
}

enum err task_close(struct txn *txn, void *arg)
{
	struct task_text *cmd = arg;
	struct card card;
	enum err err = load_mine(txn, cmd, true, &card);
	if (err != ERR_OK)
		return err;
	err = lease_rows_delete(txn_db(txn), card_id(&card));
	card_fini(&card);
	return err;
}
