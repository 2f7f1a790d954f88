/* status.c - see status.h */
#include "core/status.h"

#include "core/channel.h"
#include "core/core.h"
#include "store/email_rows.h"
#include "store/message_rows.h"

enum { COUNTED_MOST = 10000 };

static enum err count_senders(struct db *db, struct gateway_counts *counts)
{
	const struct policy *policy = counts->policy;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < policy->sender_count; i++)
		if (policy->senders[i].rate_per_s)
			err = outbox_rows_count_of(db, policy->senders[i].number,
						   COUNTED_MOST, &counts->of_sender[i]);
	return err;
}

enum err gateway_counts(struct snapshot *snap, void *arg)
{
	struct gateway_counts *counts = arg;
	struct channel channel;
	enum err err = outbox_rows_counts(snapshot_db(snap), &counts->waiting,
					  &counts->handing_over);
	if (err == ERR_OK)
		err = message_rows_count(snapshot_db(snap), MESSAGE_UNCERTAIN,
					 COUNTED_MOST, &counts->uncertain);
	if (err == ERR_OK)
		err = email_outbox_count(snapshot_db(snap), &counts->emails_waiting);
	if (err == ERR_OK)
		err = channel_load(snapshot_db(snap), snapshot_arena(snap), &channel);
	counts->policy = core_policy(snapshot_context(snap));
	if (err == ERR_OK)
		err = count_senders(snapshot_db(snap), counts);
	counts->channel_enabled = err == ERR_OK && channel.is_enabled;
	return err;
}
