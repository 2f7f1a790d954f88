/* user_parts.c - see user_parts.h */
#include "core/user_parts.h"

#include <string.h>

#include "core/ledger.h"
#include "core/sign_in.h"
#include "core/view.h"
#include "store/credential_rows.h"
#include "store/user_rows.h"

void user_write(struct json *json, struct arena *arena, const struct user *user)
{
	json_object(json);
	json_key_id(json, "id", user->id);
	json_key_str(json, "login", user->login);
	json_key_str(
		json, "name",
		person_name(arena, user->first_name, user->last_name, user->login));
	json_key_str(json, "first_name", user->first_name);
	json_key_str(json, "last_name", user->last_name);
	json_key_str(json, "email", user->email);
	json_key_str(json, "role", role_name(user->role));
	json_key_bool(json, "active", user->is_active);
	json_key_bool(json, "on_shift", user->is_on_shift);
	if (user->capacity)
		json_key_int(json, "capacity", user->capacity);
	else
		json_key_null(json, "capacity");
	json_key(json, "notices");
	json_object(json);
	json_key_str(json, "digest", user_digest_name(user->digest));
	json_end_object(json);
	json_key_time(json, "created_at", user->created_at);
	json_end_object(json);
}

enum err user_pick(struct db *db, struct call *call, const struct who *who,
		   struct user *user_out)
{
	enum err err = ERR_NOT_FOUND;
	switch (who->kind) {
	case WHO_ID:
		err = user_rows_load(db, call->arena, who->id, user_out);
		break;
	case WHO_LOGIN:
		err = user_rows_by_login(db, call->arena, who->login, user_out);
		break;
	case WHO_ME:
		err = user_rows_load(db, call->arena, call->actor->user_id, user_out);
		break;
	case WHO_ABSENT:
	case WHO_TEAM:
	case WHO_NOBODY:
		break;
	}
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, err,
			"There is no such user; GET /api/v1/users lists them.");
	return err;
}

enum err user_check_email(struct call *call, const char *email)
{
	const char *at = strchr(email, '@');
	bool is_plain = at && at != email && at[1] && !strchr(at + 1, '@') &&
			!strpbrk(email, " \t\r\n,;<>\"()");
	if (!*email || is_plain)
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, "email",
				  "This is not one plain address: name@example.com.");
}

enum err user_check_last_admin(struct db *db, struct call *call,
			       const struct user *user)
{
	int64_t admins;
	if (user->role != ROLE_ADMIN || !user->is_active ||
	    call->actor->kind == ACTOR_SHELL)
		return ERR_OK;
	enum err err = user_rows_count_active(db, ROLE_ADMIN, &admins);
	if (err != ERR_OK || admins > 1)
		return err;
	return call_refuse(call, ERR_BAD_STATE,
			   "%s is the last active admin; make another one first.",
			   user->login);
}

const char *user_subject(struct arena *arena, const struct user *user)
{
	return arena_printf(arena, "user:%s", user->login);
}

enum err user_use_secret(struct txn *txn, struct call *call, struct user *user,
			 const struct user_secret *secret)
{
	struct db *db = txn_db(txn);
	if (!secret->password_hash && !secret->link_hash)
		return ERR_OK;
	user->password_hash = secret->password_hash;
	enum err err = session_rows_end_all(db, user->id, 0);
	if (err == ERR_OK && secret->link_hash)
		err = link_rows_replace(db, user->id, secret->link_hash,
					txn_now(txn) + LOGIN_LINK_MS);
	if (err != ERR_OK)
		return err;
	return ledger_note(txn, call->actor,
			   secret->link_hash ? "login_link_made" : "password_set",
			   user_subject(call->arena, user), NULL);
}
