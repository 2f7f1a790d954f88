/* people.c - see people.h */
#include "core/people.h"

#include "core/view.h"
#include "store/user_rows.h"

#define NOBODY_HAS_IT (UINT64_MAX >> 1)

static enum err refuse_unknown(struct call *call, const char *member,
			       const struct who *who, bool is_inactive)
{
	const char *name = who->kind == WHO_LOGIN
				   ? who->login
				   : arena_printf(call->arena, "%llu",
						  (unsigned long long)who->id);
	if (who->kind == WHO_TEAM)
		return call_refuse_member(
			call, ERR_UNKNOWN_USER, member,
			"There is no team %s; GET /api/v1/teams lists them.", name);
	if (is_inactive)
		return call_refuse_member(call, ERR_UNKNOWN_USER, member,
					  "The user %s is not active; name one who is.",
					  name);
	return call_refuse_member(call, ERR_UNKNOWN_USER, member,
				  "There is no user %s; GET /api/v1/users lists them.",
				  name);
}

static enum err load_user(struct db *db, struct call *call, const struct who *who,
			  struct user *user_out)
{
	if (who->kind == WHO_LOGIN)
		return user_rows_by_login(db, call->arena, who->login, user_out);
	return user_rows_load(db, call->arena,
			      who->kind == WHO_ME ? call->actor->user_id : who->id,
			      user_out);
}

enum err people_resolve(struct db *db, struct call *call, const struct who *who,
			const char *member, struct party *party_out)
{
	struct user user;
	struct team team;
	*party_out = (struct party){0};
	if (who->kind == WHO_ABSENT || who->kind == WHO_NOBODY)
		return ERR_OK;
	if (who->kind == WHO_ME && !call->actor->user_id)
		return call_refuse_member(
			call, ERR_UNKNOWN_USER, member,
			"This caller is no user, so there is no \"me\"; name a user.");
	enum err err = who->kind == WHO_TEAM
			       ? team_rows_load(db, call->arena, who->id, &team)
			       : load_user(db, call, who, &user);
	if (err == ERR_NOT_FOUND)
		return refuse_unknown(call, member, who, false);
	if (err != ERR_OK)
		return err;
	if (who->kind == WHO_TEAM)
		party_out->team_id = team.id;
	else if (!user.is_active)
		return refuse_unknown(call, member, who, true);
	else
		party_out->user_id = user.id;
	return ERR_OK;
}

enum err people_find(struct db *db, struct call *call, const struct who *who,
		     struct party *party_out)
{
	struct user user;
	*party_out = (struct party){0};
	switch (who->kind) {
	case WHO_ABSENT:
	case WHO_NOBODY:
		return ERR_OK;
	case WHO_TEAM:
		party_out->team_id = who->id;
		return ERR_OK;
	case WHO_ME:
		party_out->user_id =
			call->actor->user_id ? call->actor->user_id : NOBODY_HAS_IT;
		return ERR_OK;
	case WHO_ID:
	case WHO_LOGIN:
		break;
	}
	enum err err = load_user(db, call, who, &user);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	party_out->user_id = err == ERR_OK ? user.id : NOBODY_HAS_IT;
	return ERR_OK;
}

enum err people_write(struct db *db, struct arena *arena, uint64_t user_id,
		      struct json *json)
{
	struct user user = {0};
	if (user_id) {
		enum err err = user_rows_load(db, arena, user_id, &user);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	view_person(json, user.id, user.login, user.first_name, user.last_name);
	return ERR_OK;
}

enum err people_in_team(struct db *db, const struct actor *actor,
			const struct task *task, bool *in_team_out)
{
	bool in_team = false;
	enum err err = ERR_OK;
	if (actor->user_id && task->team_id)
		err = team_rows_shares(db, actor->user_id, task->team_id, 0, &in_team);
	if (err == ERR_OK && !in_team && actor->user_id && task->assignee_id)
		err = team_rows_shares(db, actor->user_id, 0, task->assignee_id,
				       &in_team);
	if (err == ERR_OK)
		*in_team_out = in_team;
	return err;
}
