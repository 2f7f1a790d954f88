/* user_change.c - users come, change, and set passwords: see users.h */
#include <string.h>

#include "core/digest.h"
#include "core/ledger.h"
#include "core/stranded.h"
#include "core/user_parts.h"
#include "store/credential_rows.h"
#include "store/user_rows.h"

/* The user, with the link in the one answer that shows it. */
static enum err answer_user(struct call *call, const struct user *user,
			    const struct user_secret *secret)
{
	struct json json = call_json(call);
	user_write(&json, call->arena, user);
	if (secret->link) {
		call->answer
			.len--; /* the closing brace: links are URLs of ours, plain ASCII */
		buf_printf(&call->answer, ",\"login_link\":\"%s\"}", secret->link);
	}
	return ERR_OK;
}

static enum err note_added(struct txn *txn, struct call *call, const struct user *user)
{
	return ledger_note(
		txn, call->actor, "user_added", user_subject(call->arena, user),
		arena_printf(call->arena, "{\"id\":\"%llu\",\"role\":\"%s\"}",
			     (unsigned long long)user->id, role_name(user->role)));
}

enum err user_add(struct txn *txn, void *arg)
{
	struct user_add *cmd = arg;
	struct call *call = &cmd->call;
	if (!login_is_valid(cmd->login))
		return call_refuse_member(
			call, ERR_INVALID, "login",
			"A login begins with a letter a-z and goes on with a-z, 0-9, "
			"'.', '_' or '-', "
			"at most 64 characters; \"me\" and \"none\" are taken.");
	enum err err = user_check_email(call, cmd->email);
	if (err != ERR_OK)
		return err;
	struct user user = {.id = txn_id(txn),
			    .login = cmd->login,
			    .first_name = cmd->first_name,
			    .last_name = cmd->last_name,
			    .email = cmd->email,
			    .role = cmd->role,
			    .is_active = true,
			    .is_on_shift = true,
			    .password_hash = cmd->secret.password_hash,
			    .created_at = txn_now(txn)};
	err = user_rows_insert(txn_db(txn), &user);
	if (err == ERR_DUPLICATE)
		return call_refuse_member(call, ERR_DUPLICATE, "login",
					  "The login %s is taken.", cmd->login);
	if (err == ERR_OK)
		err = note_added(txn, call, &user);
	if (err == ERR_OK)
		err = user_use_secret(txn, call, &user, &cmd->secret);
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_PEOPLE);
	call->status = 201;
	call->location = arena_printf(call->arena, "/api/v1/users/%llu",
				      (unsigned long long)user.id);
	return answer_user(call, &user, &cmd->secret);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static enum err change_role(struct txn *txn, struct user_change *cmd, struct user *user)
{
	struct call *call = &cmd->call;
	if (!cmd->role || *cmd->role == user->role)
		return ERR_OK;
	enum err err = user_check_last_admin(txn_db(txn), call, user);
	if (err != ERR_OK)
		return err;
	const char *detail =
		arena_printf(call->arena, "{\"role\":\"%s\",\"was\":\"%s\"}",
			     role_name(*cmd->role), role_name(user->role));
	user->role = *cmd->role;
	txn_signal(txn, SIGNAL_AUTH);
	return ledger_note(txn, call->actor, "user_changed",
			   user_subject(call->arena, user), detail);
}

static enum err reactivate(struct txn *txn, struct user_change *cmd, struct user *user)
{
	struct call *call = &cmd->call;
	if (!cmd->reactivate || user->is_active)
		return ERR_OK;
	user->is_active = true;
	user->deactivated_at = 0;
	txn_signal(txn, SIGNAL_PEOPLE);
	return ledger_note(txn, call->actor, "user_changed",
			   user_subject(call->arena, user), "{\"active\":true}");
}

enum err user_change(struct txn *txn, void *arg)
{
	struct user_change *cmd = arg;
	struct user user;
	enum err err = user_pick(txn_db(txn), &cmd->call, &cmd->who, &user);
	if (err == ERR_OK && cmd->email)
		err = user_check_email(&cmd->call, cmd->email);
	if (err == ERR_OK)
		err = reactivate(txn, cmd, &user);
	if (err == ERR_OK)
		err = change_role(txn, cmd, &user);
	if (err == ERR_OK && !user.is_active && cmd->secret.link_hash)
		err = call_refuse(&cmd->call, ERR_BAD_STATE,
				  "%s is not active; a link would not open.",
				  user.login);
	if (err == ERR_OK)
		err = user_use_secret(txn, &cmd->call, &user, &cmd->secret);
	if (err != ERR_OK)
		return err;
	if (cmd->secret.password_hash || cmd->secret.link_hash)
		txn_signal(txn, SIGNAL_AUTH);
	if (cmd->first_name)
		user.first_name = cmd->first_name;
	if (cmd->last_name)
		user.last_name = cmd->last_name;
	if (cmd->email)
		user.email = cmd->email;
	if (cmd->on_shift)
		user.is_on_shift = *cmd->on_shift;
	if (cmd->capacity)
		user.capacity = *cmd->capacity;
	bool follows = cmd->digest || cmd->email || cmd->reactivate;
	if (cmd->digest)
		user.digest = *cmd->digest;
	stranded_look(txn);
	err = user_rows_save(txn_db(txn), &user);
	if (err == ERR_OK && follows)
		err = digest_follow(txn, &user);
	return err == ERR_OK ? answer_user(&cmd->call, &user, &cmd->secret) : err;
}

enum err user_set_password(struct txn *txn, void *arg)
{
	struct user_set_password *cmd = arg;
	const struct actor *actor = cmd->call.actor;
	struct user user;
	enum err err =
		user_rows_load(txn_db(txn), cmd->call.arena, actor->user_id, &user);
	if (err != ERR_OK)
		return err;
	if (!user.password_hash || strcmp(user.password_hash, cmd->old_hash) != 0)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "The password was changed meanwhile.");
	user.password_hash = cmd->new_hash;
	err = user_rows_save(txn_db(txn), &user);
	if (err == ERR_OK)
		err = session_rows_end_all(txn_db(txn), user.id, actor->credential_id);
	if (err == ERR_OK)
		err = ledger_note(txn, actor, "password_set",
				  user_subject(cmd->call.arena, &user), NULL);
	txn_signal(txn, SIGNAL_AUTH);
	return err;
}
