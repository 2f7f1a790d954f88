/* channel.c - see channel.h
 *
 * Kept as one row of meta: "1|at|by|reason" or "0|…". One row, so that a guard reads it with one look-up.
 */
#include "core/channel.h"

#include <stdlib.h>
#include <string.h>

#include "core/ledger.h"
#include "store/message_rows.h"
#include "store/meta_rows.h"

#define CHANNEL_KEY "channel"

enum err channel_load(struct db *db, struct arena *arena, struct channel *channel_out)
{
	char *text;
	*channel_out = (struct channel){.is_enabled = true};
	enum err err = meta_rows_get(db, arena, CHANNEL_KEY, &text);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	char *at = strchr(text, '|'), *by = at ? strchr(at + 1, '|') : NULL,
	     *reason = by ? strchr(by + 1, '|') : NULL;
	if (!reason)
		return ERR_CORRUPT;
	*by = *reason = '\0';
	*channel_out = (struct channel){.is_enabled = text[0] == '1',
					.at = strtoll(at + 1, NULL, 10),
					.by = by + 1,
					.reason = reason + 1};
	return ERR_OK;
}

enum err channel_is_stopped(struct txn *txn, bool *stopped_out)
{
	struct channel channel;
	char *restored;
	enum err err = channel_load(txn_db(txn), txn_arena(txn), &channel);
	if (err != ERR_OK)
		return err;
	*stopped_out = !channel.is_enabled;
	err = meta_rows_get(txn_db(txn), txn_arena(txn), META_RESTORED_COPY, &restored);
	if (err == ERR_OK)
		*stopped_out = true;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err answer(struct db *db, struct call *call)
{
	struct channel channel;
	int64_t waiting, out;
	enum err err = channel_load(db, call->arena, &channel);
	if (err == ERR_OK)
		err = outbox_rows_counts(db, &waiting, &out);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	json_key_bool(&json, "sms_enabled", channel.is_enabled);
	json_key_str(&json, "reason", channel.reason);
	json_key_str(&json, "by", channel.by);
	json_key_time(&json, "at", channel.at);
	json_key_int(&json, "waiting", waiting);
	json_key_int(&json, "handing_over", out);
	json_end_object(&json);
	return ERR_OK;
}

enum err channel_set(struct txn *txn, void *arg)
{
	struct channel_set *cmd = arg;
	struct call *call = &cmd->call;
	struct ledger_entry entry;
	const char *text = arena_printf(
		call->arena, "%d|%lld|%s|%s", cmd->enable, (long long)txn_now(txn),
		call->actor->name ? call->actor->name : "system", cmd->reason);
	enum err err = meta_rows_set(txn_db(txn), CHANNEL_KEY, text);
	if (err != ERR_OK)
		return err;
	ledger_begin(txn, &entry);
	json_key_bool(&entry.payload, "sms_enabled", cmd->enable);
	json_key_str(&entry.payload, "reason", cmd->reason);
	err = ledger_append(txn, &entry, call->actor, "channel", "channel");
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_OUTBOX | SIGNAL_MAIL);
	return answer(txn_db(txn), call);
}

enum err channel_get(struct snapshot *snap, void *arg)
{
	return answer(snapshot_db(snap), arg);
}
