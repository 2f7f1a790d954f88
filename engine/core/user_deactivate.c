/* user_deactivate.c - somebody leaves: see users.h */
#include <inttypes.h>
#include <stdio.h>

#include "core/ledger.h"
#include "core/user_parts.h"
#include "store/credential_rows.h"
#include "store/job_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

#define REASSIGN_JOB "reassign_tasks" /* args: "FROM TO", ids of users, TO 0: nobody */

static enum err find_heir(struct txn *txn, struct user_deactivate *cmd,
			  const struct user *user, struct party *heir)
{
	static const char member[] = "reassign_to";
	enum err err = people_resolve(txn_db(txn), &cmd->call, &cmd->reassign_to,
				      member, heir);
	if (err != ERR_OK)
		return err;
	if (heir->team_id)
		return call_refuse_member(
			&cmd->call, ERR_INVALID, member,
			"Open tasks go to one active user, or with null to nobody.");
	if (heir->user_id == user->id)
		return call_refuse_member(&cmd->call, ERR_INVALID, member,
					  "%s is the one who leaves.", user->login);
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
			      struct user *user, uint64_t heir_id)
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
	const char *heir =
		heir_id ? arena_printf(call->arena, "\"%" PRIu64 "\"", heir_id)
			: "null";
	return ledger_note(txn, call->actor, "user_deactivated",
			   user_subject(call->arena, user),
			   arena_printf(call->arena, "{\"reassign_to\":%s}", heir));
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
	struct user user;
	struct party heir;
	int64_t moved;
	enum err err = user_pick(txn_db(txn), call, &cmd->who, &user);
	if (err == ERR_OK)
		err = user_check_last_admin(txn_db(txn), call, &user);
	if (err == ERR_OK)
		err = find_heir(txn, cmd, &user, &heir);
	if (err == ERR_OK)
		err = make_inactive(txn, cmd, &user, heir.user_id);
	if (err == ERR_OK)
		err = task_rows_reassign_open(txn_db(txn), user.id, heir.user_id,
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
								"%" PRIu64 " %" PRIu64,
								user.id, heir.user_id),
					   .done = moved});
}

/* --- the rest, in steps ------------------------------------------------------------------------------------------- */

/* The heir may have left too by now: then the tasks go to nobody. */
static enum err heir_now(struct txn *txn, uint64_t *heir_id)
{
	struct user heir;
	if (!*heir_id)
		return ERR_OK;
	enum err err = user_rows_load(txn_db(txn), txn_arena(txn), *heir_id, &heir);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !heir.is_active)) {
		*heir_id = 0;
		return ERR_OK;
	}
	return err;
}

enum err user_reassign_step(struct txn *txn, void *arg)
{
	struct user_reassign_step *step = arg;
	struct db *db = txn_db(txn);
	struct job_row job;
	struct user user;
	uint64_t from, to;
	int64_t moved;
	step->is_done = false;
	enum err err = job_rows_next(db, txn_arena(txn), REASSIGN_JOB, &job);
	if (err == ERR_NOT_FOUND) {
		step->is_done = true;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (sscanf(job.args, "%" SCNu64 " %" SCNu64, &from, &to) != 2)
		return ERR_CORRUPT;
	err = user_rows_load(db, txn_arena(txn), from, &user);
	if (err == ERR_OK && user.is_active) /* back again: the tasks stay */
		return job_rows_end(db, job.id, txn_now(txn));
	if (err == ERR_OK)
		err = heir_now(txn, &to);
	if (err == ERR_OK)
		err = task_rows_reassign_open(db, from, to, USER_REASSIGN_STEP, &moved);
	if (err == ERR_OK)
		err = job_rows_progress(db, job.id, job.done + moved);
	if (err == ERR_OK && moved < USER_REASSIGN_STEP)
		err = job_rows_end(db, job.id, txn_now(txn));
	return err;
}
