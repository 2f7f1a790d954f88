/* handover.c - the two sides of the moment at which a text may leave. See messages.h */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "core/channel.h"
#include "core/confirm.h"
#include "core/core.h"
#include "core/holds.h"
#include "core/limits.h"
#include "core/messages.h"
#include "core/plans.h"
#include "core/sink.h"
#include "model/guards.h"
#include "model/sender.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"

/* Why a text may not leave any more; why NULL: it may. */
struct withdrawal {
	const char *why, *detail;
};

static const char *const withdrawn_because[GUARD_COUNT] = {
	[GUARD_OPTED_OUT] = "The number opted out before the text left.",
	[GUARD_PHONE_VALID] = "The contact's number was changed before the text left.",
	[GUARD_SMS_ENABLED] =
		"SMS was switched off for the contact before the text left.",
	[GUARD_HOURS] = "The recipient's sending hours ended before the text left.",
	[GUARD_HOLD] = "The task was put on hold before the text left.",
};

/* What the guards look at while a text waits, as it stands in this transaction. */
struct waiting {
	struct contact contact;
	struct number number;
	struct task task;  /* id 0: a free reply */
	struct plan *plan; /* a reference; NULL: no workflow */
	size_t hold_count;
	struct confirmation confirmation;
};

static enum err load_waiting(struct txn *txn, const struct message *message,
			     struct waiting *waiting)
{
	const char **reasons;
	struct arena *arena = txn_arena(txn);
	struct db *db = txn_db(txn);
	*waiting = (struct waiting){.plan = NULL};
	enum err err = contact_rows_load_any(db, arena, message->contact_id,
					     &waiting->contact);
	if (err == ERR_OK)
		err = number_rows_load(db, arena, message->number, &waiting->number);
	if (err == ERR_OK && message->task_id)
		err = task_rows_load(db, arena, message->task_id, &waiting->task);
	if (err == ERR_OK)
		err = holds_of(db, arena, &waiting->task, message->number, &reasons,
			       &waiting->hold_count);
	if (err == ERR_OK)
		err = confirm_look(db, arena, &waiting->task, &waiting->number, message,
				   txn_now(txn), &waiting->confirmation);
	return err == ERR_OK && waiting->task.workflow_id
		       ? plans_get(txn_context(txn), db, waiting->task.workflow_id,
				   waiting->task.workflow_version, &waiting->plan)
		       : err;
}

/* The facts that can turn bad while a text waits. */
static enum err waiting_guard(struct txn *txn, const struct message *message,
			      struct withdrawal *out)
{
	struct waiting waiting;
	struct limits limits;
	enum err err = load_waiting(txn, message, &waiting);
	if (err != ERR_OK)
		return err;
	struct guard_facts facts = {.is_opted_out = waiting.number.is_opted_out,
				    .is_confirmation = waiting.task.consent_id != 0,
				    .may_confirm =
					    confirmation_may_go(&waiting.confirmation),
				    .contact_sms_enabled = waiting.contact.sms_enabled,
				    .hold_count = waiting.hold_count};
	err = limits_of_hours(
		txn_db(txn),
		&(struct limits_of){.policy = core_policy(txn_context(txn)),
				    .plan = waiting.plan,
				    .contact = &waiting.contact,
				    .number = &waiting.number},
		txn_now(txn), &limits);
	if (err != ERR_OK) {
		plan_unref(&waiting.plan);
		return err;
	}
	limits_tell(&limits, txn_now(txn), &facts);
	enum guard guard =
		guards_waiting(&facts, message->number, waiting.contact.phone_e164);
	plan_unref(&waiting.plan);
	*out = (struct withdrawal){NULL, NULL};
	if (waiting.contact.deleted_at)
		*out = (struct withdrawal){
			WITHDRAWN_DELETED,
			"The contact was deleted before the text left."};
	else if (guard == GUARD_OPTED_OUT && waiting.task.consent_id)
		*out = (struct withdrawal){
			guard_name(guard),
			"The opt-out could not be confirmed any more "
			"when the text was to leave."};
	else if (guard != GUARD_COUNT)
		*out = (struct withdrawal){guard_name(guard), withdrawn_because[guard]};
	return ERR_OK;
}

enum err handover_recheck(struct txn *txn, struct message *message, bool *may_out)
{
	struct withdrawal withdrawal;
	int64_t now = txn_now(txn);
	enum err err = waiting_guard(txn, message, &withdrawal);
	if (err != ERR_OK)
		return err;
	*may_out = false;
	if (withdrawal.why)
		return message_withdraw(txn, &actor_system, message, withdrawal.why,
					withdrawal.detail);
	if (now >= message->approval_until || now >= message->valid_until)
		return message_withdraw(txn, &actor_system, message, "approval_too_old",
					"The approval became too old while the gateway "
					"could not be reached.");
	*may_out = true;
	return ERR_OK;
}

/* Marks it, or withdraws it when it may not leave any more. */
static enum err begin_one(struct txn *txn, uint64_t id, struct handover_begin *begin)
{
	struct message message;
	bool may_leave = false;
	struct core *core = txn_context(txn);
	int64_t now = txn_now(txn);
	enum err err = message_rows_load(txn_db(txn), txn_arena(txn), id, &message);
	if (err == ERR_OK)
		err = handover_recheck(txn, &message, &may_leave);
	if (err != ERR_OK)
		return err;
	begin->has_more = true;
	if (!may_leave)
		return ERR_OK;
	if (!message_next(message.state, MESSAGE_EV_BEGIN, &message.state)) {
		log_error("handover", "in the outbox but %s id=%llu",
			  message_state_name(message.state), (unsigned long long)id);
		return outbox_rows_delete(txn_db(txn), id);
	}
	message.state_at = now;
	message.handed_id = txn_id(txn);
	begin->texts[begin->count++] = (struct handover_text){
		.id = id,
		.to = message.number,
		.from = message.own_number,
		.smsc = message.smsc,
		.text = message.text,
		.validity_s = (uint32_t)((message.valid_until - now + 999) / 1000),
	};
	err = message_rows_save(txn_db(txn), &message);
	return err == ERR_OK
		       ? outbox_rows_mark(txn_db(txn), id, core->node, core->epoch)
		       : err;
}

static size_t room_of(const struct handover_begin *begin, const char *sender)
{
	for (size_t i = 0; i < begin->room_count; i++)
		if (strcmp(begin->rooms[i].sender, sender) == 0)
			return begin->rooms[i].room < begin->limit
				       ? begin->rooms[i].room
				       : begin->limit;
	return begin->limit;
}

static int by_age(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
	return (one > other) - (one < other);
}

/* Adds what may leave of each paced sender; of all that is there now, the oldest stay. */
static enum err add_paced(struct txn *txn, struct handover_begin *begin, uint64_t *ids,
			  size_t *count)
{
	struct arena *arena = txn_arena(txn);
	struct outbox_limit limit = {.now = txn_now(txn)};
	const char *sender = "";
	uint64_t *more;
	size_t more_count;
	enum err err;
	while ((err = outbox_rows_next_sender(txn_db(txn), arena, sender, &sender)) ==
	       ERR_OK) {
		limit.most = room_of(begin, sender);
		err = outbox_rows_ready_of(txn_db(txn), arena, sender, &limit, &more,
					   &more_count);
		if (err != ERR_OK)
			return err;
		begin->is_paced |=
			limit.most < begin->limit && more_count == limit.most;
		memcpy(ids + *count, more, more_count * sizeof(*ids));
		*count += more_count;
		qsort(ids, *count, sizeof(*ids), by_age);
		if (*count > begin->limit)
			*count = begin->limit;
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err ready(struct txn *txn, struct handover_begin *begin, uint64_t *ids,
		      size_t *count_out)
{
	uint64_t *free;
	enum err err = outbox_rows_ready(txn_db(txn), txn_arena(txn), txn_now(txn),
					 begin->limit, &free, count_out);
	if (err != ERR_OK)
		return err;
	memcpy(ids, free, *count_out * sizeof(*ids));
	return add_paced(txn, begin, ids, count_out);
}

enum err handover_add(struct txn *txn, const struct message *message)
{
	const struct policy *policy = core_policy(txn_context(txn));
	const struct outbox_text text = {
		.message_id = message->id,
		.number = message->number,
		.paced_sender = sender_paced(policy, message->own_number),
		.not_before = message->not_before};
	return sink_takes(policy, message) ? sink_add(txn, message)
					   : outbox_rows_add(txn_db(txn), &text);
}

enum err handover_begin(struct txn *txn, void *arg)
{
	struct handover_begin *begin = arg;
	uint64_t ids[2 * HANDOVER_MOST];
	size_t count;
	bool stopped;
	begin->count = 0;
	begin->has_more = begin->is_paced = false;
	begin->next_at = 0;
	enum err err = channel_is_stopped(txn, &stopped);
	if (err != ERR_OK || stopped)
		return err;
	err = ready(txn, begin, ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = begin_one(txn, ids[i], begin);
	if (err == ERR_OK && count < begin->limit)
		err = outbox_rows_next(txn_db(txn), txn_now(txn), &begin->next_at);
	FAULT_POINT("handover_begin");
	return err;
}

/* Moves the text and clears its place in the outbox; a text that a report has settled meanwhile only loses its place. */
static enum err settle(struct txn *txn, uint64_t id, enum message_event event,
		       const char *detail)
{
	struct message message;
	enum err err = message_rows_load(txn_db(txn), txn_arena(txn), id, &message);
	if (err != ERR_OK)
		return err;
	enum message_state before = message.state;
	bool moves = message_next(message.state, event, &message.state);
	if (moves && event == MESSAGE_EV_NOT_TAKEN)
		err = outbox_rows_unmark(txn_db(txn), id);
	else
		err = outbox_rows_delete(txn_db(txn), id);
	txn_signal(txn, SIGNAL_OUTBOX);
	if (err != ERR_OK || !moves)
		return err;
	message.state_at = txn_now(txn);
	message.detail = detail;
	err = message_rows_save(txn_db(txn), &message);
	return err == ERR_OK ? message_moved(txn, &actor_system, &message, before)
			     : err;
}

enum err handover_done(struct txn *txn, void *arg)
{
	const struct handover_done *done = arg;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < done->count; i++)
		err = settle(txn, done->results[i].id, done->results[i].event,
			     done->results[i].detail);
	FAULT_POINT("handover_done");
	return err;
}

enum err handover_recover(struct txn *txn, void *arg)
{
	enum { RECOVER_MOST = 100 };
	struct handover_recover *recover = arg;
	struct core *core = txn_context(txn);
	uint64_t *ids;
	enum err err =
		outbox_rows_orphans(txn_db(txn), txn_arena(txn), core->node,
				    core->epoch, RECOVER_MOST, &ids, &recover->count);
	for (size_t i = 0; err == ERR_OK && i < recover->count; i++)
		err = settle(txn, ids[i], MESSAGE_EV_UNCERTAIN,
			     "handbox stopped while the text was being handed over; it "
			     "may have left.");
	return err;
}
