/* team.c - teams: see users.h */
#include <string.h>

#include "core/ledger.h"
#include "core/list.h"
#include "core/stranded.h"
#include "core/user_parts.h"
#include "core/view.h"
#include "store/user_rows.h"

static enum err load_team(struct db *db, struct call *call, uint64_t id,
			  struct team *team_out)
{
	enum err err = team_rows_load(db, call->arena, id, team_out);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, err,
			"There is no such team; GET /api/v1/teams lists them.");
	return err;
}

static enum err write_team(struct db *db, struct arena *arena, const struct team *team,
			   struct json *json)
{
	uint64_t *members;
	size_t count;
	enum err err = team_rows_members(db, arena, team->id, &members, &count);
	if (err != ERR_OK)
		return err;
	json_object(json);
	json_key_id(json, "id", team->id);
	json_key_str(json, "name", team->name);
	json_key(json, "members");
	json_array(json);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = people_write(db, arena, members[i], json);
	json_end_array(json);
	json_end_object(json);
	return err;
}

static enum err find_members(struct txn *txn, struct team_put *cmd, uint64_t *ids)
{
	struct call *call = &cmd->call;
	for (size_t i = 0; i < cmd->member_count; i++) {
		const char *member = arena_printf(call->arena, "members[%zu]", i);
		struct who who;
		struct party party;
		if (who_parse(cmd->members[i], &who) != ERR_OK ||
		    (who.kind != WHO_ID && who.kind != WHO_LOGIN))
			return call_refuse_member(call, ERR_INVALID, member,
						  "Members are named by id or login.");
		enum err err = people_resolve(txn_db(txn), call, &who, member, &party);
		if (err != ERR_OK)
			return err;
		ids[i] = party.user_id;
	}
	return ERR_OK;
}

static enum err note_team(struct txn *txn, struct call *call, const struct team *team,
			  const char *act)
{
	return ledger_note(
		txn, call->actor, act,
		arena_printf(call->arena, "team:%llu", (unsigned long long)team->id),
		NULL);
}

static enum err save_team(struct txn *txn, struct team_put *cmd, struct team *team)
{
	enum err err = ERR_OK;
	if (cmd->team_id)
		err = load_team(txn_db(txn), &cmd->call, cmd->team_id, team);
	if (err != ERR_OK)
		return err;
	team->name = cmd->name;
	if (!cmd->team_id)
		team->id = txn_id(txn);
	err = cmd->team_id ? team_rows_save(txn_db(txn), team)
			   : team_rows_insert(txn_db(txn), team);
	if (err == ERR_DUPLICATE)
		return call_refuse_member(&cmd->call, ERR_DUPLICATE, "name",
					  "There is a team %s already.", cmd->name);
	return err;
}

enum err team_put(struct txn *txn, void *arg)
{
	struct team_put *cmd = arg;
	struct call *call = &cmd->call;
	struct team team = {0};
	uint64_t *ids = ARENA_ARRAY(call->arena, uint64_t, cmd->member_count + 1);
	enum err err = save_team(txn, cmd, &team);
	if (err == ERR_OK)
		err = find_members(txn, cmd, ids);
	if (err == ERR_OK)
		err = team_rows_set_members(txn_db(txn), team.id, ids,
					    cmd->member_count);
	if (err == ERR_OK)
		err = note_team(txn, call, &team,
				cmd->team_id ? "team_changed" : "team_added");
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_PEOPLE);
	stranded_look(txn);
	if (!cmd->team_id) {
		call->status = 201;
		call->location = arena_printf(call->arena, "/api/v1/teams/%llu",
					      (unsigned long long)team.id);
	}
	struct json json = call_json(call);
	return write_team(txn_db(txn), call->arena, &team, &json);
}

enum err team_remove(struct txn *txn, void *arg)
{
	struct team_remove *cmd = arg;
	struct team team;
	bool has_tasks = false;
	enum err err = load_team(txn_db(txn), &cmd->call, cmd->team_id, &team);
	if (err == ERR_OK)
		err = team_rows_has_open_tasks(txn_db(txn), cmd->team_id, &has_tasks);
	if (err == ERR_OK && has_tasks)
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"Open tasks belong to the team %s; reassign them first.",
			team.name);
	if (err == ERR_OK)
		err = team_rows_delete(txn_db(txn), cmd->team_id);
	return err == ERR_OK ? note_team(txn, &cmd->call, &team, "team_removed") : err;
}

enum err team_get(struct snapshot *snap, void *arg)
{
	struct team_get *query = arg;
	struct team team;
	enum err err =
		load_team(snapshot_db(snap), &query->call, query->team_id, &team);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&query->call);
	return write_team(snapshot_db(snap), query->call.arena, &team, &json);
}

enum err team_list(struct snapshot *snap, void *arg)
{
	struct team_list *query = arg;
	struct call *call = &query->call;
	struct team *teams;
	struct list list;
	uint64_t after;
	size_t count;
	enum err err = list_parse_id(call, query->cursor, &after);
	if (err != ERR_OK)
		return err;
	err = team_rows_page(snapshot_db(snap), call->arena, after, query->limit + 1,
			     &teams, &count);
	if (err != ERR_OK)
		return err;
	list_begin(&list, call, query->limit);
	for (size_t i = 0;
	     i < count && err == ERR_OK && list_takes_id(&list, teams[i].id); i++)
		err = write_team(snapshot_db(snap), call->arena, &teams[i], &list.json);
	list_end(&list);
	return err;
}
