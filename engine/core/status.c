/* status.c - see status.h */
#include "core/status.h"

#include "core/channel.h"
#include "store/email_rows.h"
#include "store/message_rows.h"

enum err gateway_counts(struct snapshot *snap, void *arg)
{
	struct gateway_counts *counts = arg;
	struct channel channel;
	enum err err = outbox_rows_counts(snapshot_db(snap), &counts->waiting,
					  &counts->handing_over);
	if (err == ERR_OK)
		err = message_rows_count(snapshot_db(snap), MESSAGE_UNCERTAIN, 10000,
					 &counts->uncertain);
	if (err == ERR_OK)
		err = email_outbox_count(snapshot_db(snap), &counts->emails_waiting);
	if (err == ERR_OK)
		err = channel_load(snapshot_db(snap), snapshot_arena(snap), &channel);
	counts->channel_enabled = err == ERR_OK && channel.is_enabled;
	return err;
}
