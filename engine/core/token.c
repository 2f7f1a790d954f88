/* token.c - see tokens.h */
#include "core/tokens.h"

#include "core/ledger.h"
#include "core/list.h"
#include "core/people.h"
#include "store/credential_rows.h"
#include "store/user_rows.h"

static const char *const kind_names[] = {
	[TOKEN_SERVICE] = "service", [TOKEN_PERSONAL] = "personal"};

static void write_scopes(struct json *json, unsigned scopes)
{
	json_array(json);
	for (unsigned bit = 1; bit < SCOPE_ALL; bit <<= 1)
		if (scopes & bit)
			json_str(json, scope_name((enum scope)bit));
	json_end_array(json);
}

static enum err write_token(struct db *db, struct arena *arena,
			    const struct token *token, const char *secret,
			    struct json *json)
{
	json_object(json);
	json_key_id(json, "id", token->id);
	json_key_str(json, "kind", kind_names[token->kind]);
	json_key_str(json, "name", token->name);
	json_key(json, "user");
	enum err err = people_write(db, arena, token->user_id, json);
	json_key(json, "scopes");
	write_scopes(json, token->scopes);
	json_key_time(json, "created_at", token->created_at);
	json_key_time(json, "expires_at", token->expires_at);
	if (secret)
		json_key_str(json, "secret", secret);
	json_end_object(json);
	return err;
}

/* --- who may make which ------------------------------------------------------------------------------------------- */

/* A stolen token must not outlive its end through others: only one that may make users as well makes tokens, and those do
 * no more than itself, and never send. */
static enum err check_maker(struct token_add *cmd)
{
	struct call *call = &cmd->call;
	const struct actor *actor = call->actor;
	if (actor->kind == ACTOR_SESSION || actor->kind == ACTOR_SHELL)
		return ERR_OK;
	if (actor->kind == ACTOR_SERVICE_TOKEN)
		return call_refuse(
			call, ERR_HUMAN_REQUIRED,
			"A service token makes no tokens; sign in, or use the shell.");
	if (actor->role != ROLE_ADMIN || !(actor->scopes & SCOPE_ADMIN))
		return call_refuse(call, ERR_FORBIDDEN,
				   "Only an admin's token with the scope admin makes "
				   "tokens; sign in, or use the shell.");
	if (cmd->scopes & (SCOPE_SEND | ~actor->scopes))
		return call_refuse_member(
			call, ERR_FORBIDDEN, "scopes",
			"A token makes none that may send, or do what it may not do "
			"itself; sign in, or use the shell.");
	return ERR_OK;
}

static enum err check_service(struct token_add *cmd)
{
	struct call *call = &cmd->call;
	if (cmd->user.kind != WHO_ABSENT)
		return call_refuse_member(
			call, ERR_INVALID, "user",
			"A service token belongs to nobody; leave user out.");
	if (cmd->scopes & SCOPE_SEND)
		return call_refuse_member(call, ERR_INVALID, "scopes",
					  "A service token cannot send: only a person "
					  "sends. Use a personal token.");
	if (call->actor->kind != ACTOR_SHELL && call->actor->role != ROLE_ADMIN)
		return call_refuse(
			call, ERR_FORBIDDEN,
			"Service tokens are made by an admin, or by the shell.");
	return ERR_OK;
}

static enum err check_personal(struct txn *txn, struct token_add *cmd,
			       struct party *owner)
{
	struct call *call = &cmd->call;
	if (cmd->user.kind == WHO_ABSENT && call->actor->kind == ACTOR_SHELL)
		return call_refuse_member(call, ERR_INVALID, "user",
					  "Name the user whose token it will be.");
	if (cmd->user.kind == WHO_ABSENT)
		cmd->user.kind = WHO_ME;
	enum err err = people_resolve(txn_db(txn), call, &cmd->user, "user", owner);
	if (err != ERR_OK)
		return err;
	if (!owner->user_id)
		return call_refuse_member(call, ERR_INVALID, "user",
					  "A personal token belongs to one user.");
	if (call->actor->kind != ACTOR_SHELL && owner->user_id != call->actor->user_id)
		return call_refuse_member(call, ERR_FORBIDDEN, "user",
					  "A personal token is made in its user's own "
					  "session, or by the shell.");
	return ERR_OK;
}

static enum err check_token(struct txn *txn, struct token_add *cmd, struct party *owner)
{
	enum err err = check_maker(cmd);
	*owner = (struct party){0};
	if (err == ERR_OK && !cmd->scopes)
		err = call_refuse_member(&cmd->call, ERR_INVALID, "scopes",
					 "A token without scopes may do nothing.");
	if (err == ERR_OK && cmd->expires_at && cmd->expires_at <= txn_now(txn))
		err = call_refuse_member(&cmd->call, ERR_INVALID, "expires_at",
					 "This time has passed already.");
	if (err != ERR_OK)
		return err;
	return cmd->kind == TOKEN_SERVICE ? check_service(cmd)
					  : check_personal(txn, cmd, owner);
}

static enum err note_token(struct txn *txn, struct call *call,
			   const struct token *token, const char *act)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_str(&entry.payload, "kind", kind_names[token->kind]);
	json_key_str(&entry.payload, "name", token->name);
	json_key_id(&entry.payload, "user", token->user_id);
	json_key(&entry.payload, "scopes");
	write_scopes(&entry.payload, token->scopes);
	json_key_time(&entry.payload, "expires_at", token->expires_at);
	return ledger_append(
		txn, &entry, call->actor, act,
		arena_printf(call->arena, "token:%llu", (unsigned long long)token->id));
}

enum err token_add(struct txn *txn, void *arg)
{
	struct token_add *cmd = arg;
	struct call *call = &cmd->call;
	struct party owner;
	enum err err = check_token(txn, cmd, &owner);
	if (err != ERR_OK)
		return err;
	struct token token = {.id = txn_id(txn),
			      .kind = cmd->kind,
			      .name = cmd->name,
			      .user_id = owner.user_id,
			      .scopes = cmd->scopes,
			      .created_at = txn_now(txn),
			      .created_by = call->actor->user_id,
			      .expires_at = cmd->expires_at};
	err = token_rows_insert(txn_db(txn), &token, cmd->hash);
	if (err == ERR_OK)
		err = note_token(txn, call, &token, "token_added");
	if (err != ERR_OK)
		return err;
	call->status = 201;
	struct json json = call_json(call);
	return write_token(txn_db(txn), call->arena, &token, cmd->secret, &json);
}

static bool sees_all(const struct actor *actor)
{
	return actor->kind == ACTOR_SHELL ||
	       (actor->user_id &&
		(actor->role == ROLE_ADMIN || actor->role == ROLE_AUDITOR));
}

enum err token_revoke(struct txn *txn, void *arg)
{
	struct token_revoke *cmd = arg;
	const struct actor *actor = cmd->call.actor;
	struct token token;
	enum err err =
		token_rows_load(txn_db(txn), cmd->call.arena, cmd->token_id, &token);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	bool is_there = err == ERR_OK && !token.revoked_at;
	bool is_own = is_there && token.user_id && token.user_id == actor->user_id;
	if (!is_there || (!is_own && !sees_all(actor)))
		return call_refuse(&cmd->call, ERR_NOT_FOUND,
				   "There is no such token of yours; GET "
				   "/api/v1/tokens lists them.");
	if (!is_own && actor->kind != ACTOR_SHELL && actor->role != ROLE_ADMIN)
		return call_refuse(&cmd->call, ERR_FORBIDDEN,
				   "Only an admin revokes the tokens of others.");
	err = token_rows_revoke(txn_db(txn), token.id, txn_now(txn));
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_AUTH);
	return note_token(txn, &cmd->call, &token, "token_revoked");
}

enum err token_list(struct snapshot *snap, void *arg)
{
	struct token_list *query = arg;
	struct call *call = &query->call;
	struct token *tokens;
	struct list list;
	uint64_t after;
	size_t count;
	enum err err = list_parse_id(call, query->cursor, &after);
	if (err != ERR_OK)
		return err;
	err = token_rows_page(snapshot_db(snap), call->arena,
			      sees_all(call->actor) ? 0 : call->actor->user_id, after,
			      query->limit + 1, &tokens, &count);
	if (err != ERR_OK)
		return err;
	list_begin(&list, call, query->limit);
	for (size_t i = 0;
	     i < count && err == ERR_OK && list_takes_id(&list, tokens[i].id); i++)
		err = write_token(snapshot_db(snap), call->arena, &tokens[i], NULL,
				  &list.json);
	list_end(&list);
	return err;
}
