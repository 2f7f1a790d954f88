/* user_query.c - reading users: see users.h */
#include "core/list.h"
#include "core/user_parts.h"
#include "store/user_rows.h"

enum err user_get(struct snapshot *snap, void *arg)
{
	struct user_get *query = arg;
	struct user user;
	enum err err = user_pick(snapshot_db(snap), &query->call, &query->who, &user);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&query->call);
	user_write(&json, query->call.arena, &user);
	return ERR_OK;
}

enum err user_list(struct snapshot *snap, void *arg)
{
	struct user_list *query = arg;
	struct call *call = &query->call;
	struct list list;
	struct user *users;
	size_t count;
	if (query->cursor && !login_is_valid(query->cursor))
		return list_bad_cursor(call);
	enum err err = user_rows_page(snapshot_db(snap), call->arena,
				      query->cursor ? query->cursor : "", query->active,
				      query->limit + 1, &users, &count);
	if (err != ERR_OK)
		return err;
	list_begin(&list, call, query->limit);
	for (size_t i = 0; i < count && list_takes(&list, users[i].login); i++)
		user_write(&list.json, call->arena, &users[i]);
	list_end(&list);
	return ERR_OK;
}
