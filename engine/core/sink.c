/* sink.c - see sink.h */
#include "core/sink.h"

#include <string.h>

#include "base/log.h"
#include "core/messages.h"
#include "store/trial_rows.h"

static const char note[] =
	"A test: it ended in the sink, and nothing was given to Kannel.";

/* "+351 910…", "00351910…" and "351910…" are one number. */
static const char *digits_of(const char *number)
{
	if (*number == '+')
		return number + 1;
	return strncmp(number, "00", 2) == 0 ? number + 2 : number;
}

bool sink_takes(const struct policy *policy, const struct message *message)
{
	if (!message->is_test)
		return false;
	for (const char *const *at = policy->test_numbers; at && *at; at++)
		if (strcmp(digits_of(*at), digits_of(message->number)) == 0)
			return false;
	return true;
}

enum err sink_add(struct txn *txn, const struct message *message)
{
	txn_signal(txn, SIGNAL_TIMER);
	return sink_rows_add(txn_db(txn), message->id, message->number,
			     message->not_before);
}

static enum err report(struct txn *txn, struct message *message,
		       enum message_event event, unsigned kind)
{
	bool added;
	enum message_state before = message->state;
	const struct report_row row = {
		.event_id = arena_printf(txn_arena(txn), "sink-%u", kind),
		.detail = note,
		.kind = kind,
		.at = txn_now(txn)};
	if (!message_next(message->state, event, &message->state))
		return ERR_INTERNAL; /* an approved one was handed in */
	message->state_at = txn_now(txn);
	message->detail = note;
	enum err err = report_rows_add(txn_db(txn), message->id, &row, &added);
	if (err == ERR_OK)
		err = message_rows_save(txn_db(txn), message);
	return err == ERR_OK ? message_moved(txn, &actor_system, message, before) : err;
}

static enum err swallow(struct txn *txn, uint64_t id)
{
	struct message message;
	bool may_leave;
	enum err err = message_rows_load(txn_db(txn), txn_arena(txn), id, &message);
	if (err == ERR_OK && message.state != MESSAGE_APPROVED) {
		log_error("sink", "in the sink but %s id=%llu",
			  message_state_name(message.state), (unsigned long long)id);
		return outbox_rows_delete(txn_db(txn), id);
	}
	if (err == ERR_OK)
		err = handover_recheck(txn, &message, &may_leave);
	if (err != ERR_OK || !may_leave)
		return err;
	err = outbox_rows_delete(txn_db(txn), id);
	if (err == ERR_OK)
		err = report(txn, &message, MESSAGE_EV_REPORT_SMSC, DLR_SMSC);
	if (err == ERR_OK)
		err = report(txn, &message, MESSAGE_EV_REPORT_DELIVERED, DLR_DELIVERED);
	txn_signal(txn,
		   SIGNAL_OUTBOX); /* a real text to the same number may have waited */
	return err;
}

enum err sink_step(struct txn *txn, void *arg)
{
	struct sink_step *step = arg;
	uint64_t *ids;
	size_t count;
	int64_t now = txn_now(txn);
	enum err err = sink_rows_ready(txn_db(txn), txn_arena(txn), now, SINK_STEP_MOST,
				       &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = swallow(txn, ids[i]);
	if (err != ERR_OK)
		return err;
	step->is_done = count < SINK_STEP_MOST;
	return sink_rows_next(txn_db(txn), now, &step->next_at);
}
