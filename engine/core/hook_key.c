/* hook_key.c - see hook_key.h, and hooks.h for the commands */
#include "core/hook_key.h"

#include <stdlib.h>
#include <string.h>

#include "core/hook_sign.h"
#include "core/hooks.h"
#include "core/ledger.h"
#include "store/meta_rows.h"

#define META_HOOK_KEY        "hook_key"        /* whsec_… */
#define META_HOOK_KEY_FORMER "hook_key_former" /* "UNTIL_MS whsec_…" */

enum err hook_key_load(struct db *db, struct arena *arena, struct hook *hook)
{
	char *secret, *former;
	enum err err = meta_rows_get(db, arena, META_HOOK_KEY, &secret);
	if (err != ERR_OK)
		return err;
	hook->secret = secret;
	hook->former_secret = NULL;
	hook->former_until = 0;
	err = meta_rows_get(db, arena, META_HOOK_KEY_FORMER, &former);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	char *blank = strchr(former, ' ');
	if (blank) {
		hook->former_until = strtoll(former, NULL, 10);
		hook->former_secret = blank + 1;
	}
	return ERR_OK;
}

static enum err set_new(struct txn *txn)
{
	char secret[HOOK_SECRET_LEN];
	return meta_rows_set(txn_db(txn), META_HOOK_KEY, hook_secret_new(secret));
}

enum err hook_key_make(struct txn *txn)
{
	struct hook key;
	enum err err = hook_key_load(txn_db(txn), txn_arena(txn), &key);
	return err == ERR_NOT_FOUND ? set_new(txn) : err;
}

/* --- for admins --------------------------------------------------------------------------------------------------- */

static enum err refuse_auditor(struct call *call)
{
	const struct actor *actor = call->actor;
	if (actor->kind == ACTOR_SHELL || actor->kind == ACTOR_SERVICE_TOKEN ||
	    actor->role == ROLE_ADMIN)
		return ERR_OK;
	return call_refuse(call, ERR_FORBIDDEN, "Only an admin sees the key.");
}

static enum err answer(struct txn *txn, struct call *call)
{
	struct hook key;
	enum err err = hook_key_load(txn_db(txn), call->arena, &key);
	if (err != ERR_OK)
		return err;
	bool has_former = key.former_secret && key.former_until > txn_now(txn);
	struct json json = call_json(call);
	json_object(&json);
	json_key_str(&json, "secret", key.secret);
	json_key_time(&json, "former_secret_until", has_former ? key.former_until : 0);
	json_end_object(&json);
	return ERR_OK;
}

enum err hook_key_get(struct txn *txn, void *arg)
{
	struct hook_key *cmd = arg;
	enum err err = refuse_auditor(&cmd->call);
	if (err == ERR_OK)
		err = hook_key_make(txn);
	return err == ERR_OK ? answer(txn, &cmd->call) : err;
}

enum err hook_key_rotate(struct txn *txn, void *arg)
{
	struct hook_key *cmd = arg;
	struct hook key;
	enum err err = hook_key_make(txn);
	if (err == ERR_OK)
		err = hook_key_load(txn_db(txn), cmd->call.arena, &key);
	if (err == ERR_OK)
		err = meta_rows_set(
			txn_db(txn), META_HOOK_KEY_FORMER,
			arena_printf(cmd->call.arena, "%lld %s",
				     (long long)(txn_now(txn) +
						 HOOK_ROTATION_HOURS * HOUR_MS),
				     key.secret));
	if (err == ERR_OK)
		err = set_new(txn);
	if (err == ERR_OK)
		err = ledger_note(txn, cmd->call.actor, "hook_key_rotated", "hook_key",
				  NULL);
	return err == ERR_OK ? answer(txn, &cmd->call) : err;
}
