/* user_deactivate.c - somebody leaves: see users.h */
#include <inttypes.h>
#include <stdio.h>

#include "core/ledger.h"
#include "core/user_parts.h"
#include "store/credential_rows.h"
#include "store/job_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

/* args: "FROM USER TEAM BY": ids, 0 for none, and who asked for it */
#define REASSIGN_JOB "reassign_tasks"

static enum err find_heir(struct txn *txn, struct user_deactivate *cmd,
			  const struct user *user, struct party *heir)
{
	static const char member[] = "reassign_to";
	enum err err = people_resolve(txn_db(txn), &cmd->call, &cmd->reassign_to,
				      member, heir);
	if (err != ERR_OK)
		return err;
	if (heir->user_id == user->id)
		return call_refuse_member(&cmd->call, ERR_INVALID, member,
					  "%s is the one who leaves.", user->login);
	return ERR_OK;
}

/* What each moved task says of it: it was the system that moved it, because of both. */
static enum err describe(struct db *db, struct arena *arena, const char *leaver,
			 const char *by, const struct party *party,
			 struct task_heir *heir_out)
{
	const char *to = "it is in the pool";
	struct user user;
	struct team team;
	enum err err = ERR_OK;
	if (party->team_id)
		err = team_rows_load(db, arena, party->team_id, &team);
	else if (party->user_id)
		err = user_rows_load(db, arena, party->user_id, &user);
	if (err != ERR_OK)
		return err;
	if (party->team_id)
		to = arena_printf(arena, "it is in the pool of the team %s", team.name);
	else if (party->user_id)
		to = arena_printf(arena, "it went to %s", user.login);
	*heir_out = (struct task_heir){
		.user_id = party->user_id,
		.team_id = party->team_id,
		.line = arena_printf(arena, "%s was deactivated by %s: %s.", leaver, by,
				     to),
	};
	return ERR_OK;
}

/* From here on nothing this user holds opens a door or keeps a card. */
static enum err end_access(struct txn *txn, const struct user *user)
{
	struct db *db = txn_db(txn);
	txn_signal(txn, SIGNAL_AUTH);
	enum err err = session_rows_end_all(db, user->id, 0);
	if (err == ERR_OK)
		err = token_rows_revoke_all(db, user->id, txn_now(txn));
	return err == ERR_OK ? user_rows_end_leases(db, user->id) : err;
}

static enum err make_inactive(struct txn *txn, struct user_deactivate *cmd,
			      struct user *user, const struct party *heir)
{
	struct call *call = &cmd->call;
	if (!user->is_active)
		return ERR_OK;
	user->is_active = false;
	user->is_on_shift = false;
	user->deactivated_at = txn_now(txn);
	enum err err = user_rows_save(txn_db(txn), user);
	if (err == ERR_OK)
		err = end_access(txn, user);
	if (err != ERR_OK)
		return err;
	const char *to = "null";
	if (heir->team_id)
		to = arena_printf(call->arena, "{\"team\":\"%" PRIu64 "\"}",
				  heir->team_id);
	else if (heir->user_id)
		to = arena_printf(call->arena, "\"%" PRIu64 "\"", heir->user_id);
	return ledger_note(txn, call->actor, "user_deactivated",
			   user_subject(call->arena, user),
			   arena_printf(call->arena, "{\"reassign_to\":%s}", to));
}

static enum err leave_job(struct txn *txn, struct call *call, const struct job_row *job)
{
	enum err err = job_rows_add(txn_db(txn), job, txn_now(txn));
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_TIMER);
	call->status = 202;
	call->answer.len--; /* the closing brace of the user */
	buf_printf(&call->answer,
		   ",\"job\":{\"id\":\"%" PRIu64 "\",\"done\":%" PRId64
		   ",\"total\":null,"
		   "\"state\":\"running\"}}",
		   job->id, job->done);
	return ERR_OK;
}

enum err user_deactivate(struct txn *txn, void *arg)
{
	struct user_deactivate *cmd = arg;
	struct call *call = &cmd->call;
	const char *by = call->actor->name ? call->actor->name : "the shell";
	struct user user;
	struct party party;
	struct task_heir heir;
	int64_t moved;
	enum err err = user_pick(txn_db(txn), call, &cmd->who, &user);
	if (err == ERR_OK)
		err = user_check_last_admin(txn_db(txn), call, &user);
	if (err == ERR_OK)
		err = find_heir(txn, cmd, &user, &party);
	if (err == ERR_OK)
		err = describe(txn_db(txn), call->arena, user.login, by, &party, &heir);
	if (err == ERR_OK)
		err = make_inactive(txn, cmd, &user, &party);
	if (err == ERR_OK)
		err = task_rows_reassign_open(txn_db(txn), user.id, &heir,
					      USER_REASSIGN_MOST, &moved);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	user_write(&json, call->arena, &user);
	if (moved < USER_REASSIGN_MOST)
		return ERR_OK;
	return leave_job(txn, call,
			 &(struct job_row){.id = txn_id(txn),
					   .kind = REASSIGN_JOB,
					   .args = arena_printf(call->arena,
								"%" PRIu64 " %" PRIu64
								" %" PRIu64 " %s",
								user.id, party.user_id,
								party.team_id, by),
					   .done = moved});
}

/* --- the rest, in steps ------------------------------------------------------------------------------------------- */

/* The heir may be gone too by now: then the tasks go to nobody. */
static enum err heir_now(struct txn *txn, struct party *party)
{
	struct user user;
	struct team team;
	enum err err = ERR_OK;
	if (party->team_id)
		err = team_rows_load(txn_db(txn), txn_arena(txn), party->team_id,
				     &team);
	else if (party->user_id)
		err = user_rows_load(txn_db(txn), txn_arena(txn), party->user_id,
				     &user);
	else
		return ERR_OK;
	if (err == ERR_NOT_FOUND ||
	    (err == ERR_OK && party->user_id && !user.is_active)) {
		*party = (struct party){0};
		return ERR_OK;
	}
	return err;
}

static enum err move_some(struct txn *txn, const struct job_row *job, bool *is_over_out)
{
	struct db *db = txn_db(txn);
	struct user user;
	struct party party;
	struct task_heir heir;
	uint64_t from;
	int64_t moved;
	int at = 0;
	if (sscanf(job->args, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %n", &from,
		   &party.user_id, &party.team_id, &at) != 3)
		return ERR_CORRUPT;
	enum err err = user_rows_load(db, txn_arena(txn), from, &user);
	*is_over_out = err == ERR_OK && user.is_active; /* back again: the tasks stay */
	if (err != ERR_OK || *is_over_out)
		return err;
	err = heir_now(txn, &party);
	if (err == ERR_OK)
		err = describe(db, txn_arena(txn), user.login, job->args + at, &party,
			       &heir);
	if (err == ERR_OK)
		err = task_rows_reassign_open(db, from, &heir, USER_REASSIGN_STEP,
					      &moved);
	if (err != ERR_OK)
		return err;
	*is_over_out = moved < USER_REASSIGN_STEP;
	return job_rows_progress(db, job->id, job->done + moved);
}

enum err user_reassign_step(struct txn *txn, void *arg)
{
	struct user_reassign_step *step = arg;
	struct job_row job;
	bool is_over;
	enum err err = job_rows_next(txn_db(txn), txn_arena(txn), REASSIGN_JOB, &job);
	step->is_done = err == ERR_NOT_FOUND;
	if (err != ERR_OK)
		return step->is_done ? ERR_OK : err;
	err = move_some(txn, &job, &is_over);
	return err == ERR_OK && is_over
		       ? job_rows_end(txn_db(txn), job.id, txn_now(txn))
		       : err;
}
