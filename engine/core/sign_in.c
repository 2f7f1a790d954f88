/* sign_in.c - see sign_in.h */
#include "core/sign_in.h"

#include <stdio.h>
#include <string.h>

#include "core/ledger.h"
#include "core/users.h"
#include "store/credential_rows.h"
#include "store/user_rows.h"

static enum err load_active(struct db *db, struct arena *arena, uint64_t id,
			    struct user *user_out)
{
	enum err err = user_rows_load(db, arena, id, user_out);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !user_out->is_active))
		return ERR_UNAUTHENTICATED;
	return err;
}

static enum err find_session(struct db *db, struct arena *arena,
			     struct credential_find *find)
{
	struct session session;
	struct user user;
	enum err err = session_rows_by_hash(db, arena, find->hash, &session);
	if (err == ERR_OK)
		err = load_active(db, arena, session.user_id, &user);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;
	find->actor = (struct actor){.kind = ACTOR_SESSION,
				     .way = WAY_PAGE,
				     .user_id = user.id,
				     .credential_id = session.id,
				     .role = user.role,
				     .scopes = SCOPE_ALL,
				     .name = user.login};
	find->csrf = session.csrf;
	find->expires_at = session.expires_at;
	find->seen_at = session.seen_at;
	return ERR_OK;
}

static enum err find_token(struct db *db, struct arena *arena,
			   struct credential_find *find)
{
	struct token token;
	struct user user = {.role = ROLE_AGENT};
	enum err err = token_rows_by_hash(db, arena, find->hash, &token);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && token.revoked_at))
		return ERR_UNAUTHENTICATED;
	if (err == ERR_OK && token.kind == TOKEN_PERSONAL)
		err = load_active(db, arena, token.user_id, &user);
	if (err != ERR_OK)
		return err;
	bool is_personal = token.kind == TOKEN_PERSONAL;
	find->actor = (struct actor){.kind = is_personal ? ACTOR_PERSONAL_TOKEN
							 : ACTOR_SERVICE_TOKEN,
				     .way = WAY_API,
				     .user_id = token.user_id,
				     .credential_id = token.id,
				     .role = user.role,
				     .scopes = token.scopes,
				     .name = is_personal ? user.login : token.name};
	find->expires_at = token.expires_at;
	return ERR_OK;
}

enum err credential_find(struct snapshot *snap, void *arg)
{
	struct credential_find *find = arg;
	struct db *db = snapshot_db(snap);
	struct arena *arena = snapshot_arena(snap);
	return find->is_session ? find_session(db, arena, find)
				: find_token(db, arena, find);
}

enum err password_find(struct snapshot *snap, void *arg)
{
	struct password_find *find = arg;
	struct arena *arena = snapshot_arena(snap);
	struct user user;
	enum err err = find->login ? user_rows_by_login(snapshot_db(snap), arena,
							find->login, &user)
				   : user_rows_load(snapshot_db(snap), arena,
						    find->user_id, &user);
	find->hash[0] = '\0';
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err == ERR_OK && user.is_active && user.password_hash) {
		snprintf(find->hash, sizeof(find->hash), "%s", user.password_hash);
		find->user_id = user.id;
	}
	return err;
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static enum err write_session_answer(struct call *call, const struct user *user,
				     const char *csrf)
{
	struct json json = call_json(call);
	json_object(&json);
	json_key(&json, "user");
	if (user)
		user_write(&json, call->arena, user);
	else
		json_null(&json);
	json_key_str(&json, "csrf_token", csrf);
	json_end_object(&json);
	return ERR_OK;
}

/* The user as of now, when what was shown still opens the door. */
static enum err check_again(struct txn *txn, struct session_start *cmd,
			    struct user *user)
{
	struct db *db = txn_db(txn);
	uint64_t id = cmd->user_id;
	enum err err = ERR_OK;
	if (cmd->link_hash)
		err = link_rows_take(db, cmd->link_hash, txn_now(txn), &id);
	if (err == ERR_OK)
		err = user_rows_load(db, cmd->call.arena, id, user);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	bool is_good = err == ERR_OK && user->is_active;
	if (is_good && !cmd->link_hash)
		is_good = user->password_hash &&
			  strcmp(user->password_hash, cmd->password_hash) == 0;
	if (is_good)
		return ERR_OK;
	if (cmd->link_hash)
		return call_refuse(&cmd->call, ERR_BAD_CREDENTIALS,
				   "This link has been used, or is older than 24 "
				   "hours; ask an admin for a new one.");
	return call_refuse(&cmd->call, ERR_BAD_CREDENTIALS,
			   "Login or password is wrong.");
}

static enum err set_password_by_link(struct txn *txn, struct session_start *cmd,
				     struct user *user, const struct actor *self)
{
	user->password_hash = cmd->password_hash;
	enum err err = user_rows_save(txn_db(txn), user);
	if (err == ERR_OK)
		err = session_rows_end_all(txn_db(txn), user->id, 0);
	if (err == ERR_OK)
		err = ledger_note(txn, self, "password_set",
				  arena_printf(txn_arena(txn), "user:%s", user->login),
				  "{\"by\":\"link\"}");
	return err;
}

enum err session_start(struct txn *txn, void *arg)
{
	struct session_start *cmd = arg;
	struct user user;
	enum err err = check_again(txn, cmd, &user);
	if (err != ERR_OK)
		return err;
	struct session session = {.id = txn_id(txn),
				  .user_id = user.id,
				  .csrf = cmd->csrf,
				  .created_at = txn_now(txn),
				  .seen_at = txn_now(txn),
				  .expires_at = txn_now(txn) + SESSION_MS};
	const struct actor self = {.kind = ACTOR_SESSION,
				   .way = WAY_PAGE,
				   .user_id = user.id,
				   .credential_id = session.id,
				   .role = user.role,
				   .name = user.login};
	if (cmd->link_hash)
		err = set_password_by_link(txn, cmd, &user, &self);
	if (err == ERR_OK)
		err = session_rows_forget(txn_db(txn), txn_now(txn));
	if (err == ERR_OK)
		err = session_rows_insert(txn_db(txn), &session, cmd->hash);
	if (err != ERR_OK)
		return err;
	if (cmd->link_hash)
		txn_signal(txn, SIGNAL_AUTH);
	cmd->started_user_id = user.id;
	return write_session_answer(&cmd->call, &user, cmd->csrf);
}

enum err session_show(struct snapshot *snap, void *arg)
{
	struct session_show *query = arg;
	uint64_t id = query->call.actor->user_id;
	struct user user;
	if (!id)
		return write_session_answer(&query->call, NULL, NULL);
	enum err err = user_rows_load(snapshot_db(snap), query->call.arena, id, &user);
	return err == ERR_OK ? write_session_answer(&query->call, &user, query->csrf)
			     : err;
}

enum err session_end(struct txn *txn, void *arg)
{
	struct session_end *cmd = arg;
	if (cmd->call.actor->kind != ACTOR_SESSION)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "This call came with a token, which is no session; "
				   "revoke it with DELETE /tokens/{id}.");
	txn_signal(txn, SIGNAL_AUTH);
	return session_rows_delete(txn_db(txn), cmd->call.actor->credential_id);
}

enum err session_seen(struct txn *txn, void *arg)
{
	const struct session_seen *seen = arg;
	return session_rows_set_seen(txn_db(txn), seen->session_id, seen->at);
}
