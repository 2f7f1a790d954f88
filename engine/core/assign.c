/* assign.c - see assign.h */
#include "core/assign.h"

#include "core/follow_owner.h"
#include "core/members.h"
#include "model/rules.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"

enum { NAMED_MOST = 12 }; /* people that a line names; the rest is counted */

struct candidate {
	const char *login;
	const char *cause; /* why they are passed over; NULL: available */
};

/* Those whose turn it may be; turns[i] belongs to people[i]. */
struct round {
	struct candidate *people;
	struct turn *turns;
	size_t count;
	const char *of;   /* "3 users", "the team sales" */
	bool is_rotation; /* false: one user, nothing to take turns about */
	int32_t *before;  /* credits, once there was a turn */
};

struct job {
	struct txn *txn;
	struct arena *arena;
	const struct assign *in;
	const char *rule;  /* for the journal, stable words */
	const char *login; /* of whoever it became; NULL: nobody */
	struct buf line;
	struct round round;
	bool is_nobody;
};

/* Why somebody is passed over; NULL: available. Who has as many open tasks as fit gets no more. */
static enum err why_not(struct job *job, const struct user *user,
			const char **cause_out)
{
	unsigned open = 0;
	enum err err = ERR_OK;
	*cause_out = !user->is_active     ? "inactive"
		     : !user->is_on_shift ? "off shift"
					  : NULL;
	if (*cause_out || !user->capacity)
		return ERR_OK;
	err = task_rows_count_open(txn_db(job->txn), user->id, user->capacity, &open);
	if (err == ERR_OK && open >= user->capacity)
		*cause_out = arena_printf(job->arena, "full, with %u open", open);
	return err;
}

static enum err add_candidate(struct job *job, struct round *round,
			      const struct user *user, unsigned weight)
{
	size_t at = round->count++;
	const char *cause;
	enum err err = why_not(job, user, &cause);
	round->people[at] = (struct candidate){.login = user->login, .cause = cause};
	round->turns[at] = (struct turn){
		.user_id = user->id, .weight = (int32_t)weight, .is_available = !cause};
	return err;
}

static void round_init(struct round *round, struct arena *arena, size_t room)
{
	round->people = ARENA_ARRAY(arena, struct candidate, room);
	round->turns = ARENA_ARRAY(arena, struct turn, room);
}

static enum err gather_users(struct job *job, struct round *round)
{
	const struct step_assign *step = &job->in->step->assign;
	enum err err = ERR_OK;
	round_init(round, job->arena, step->user_count);
	for (size_t i = 0; i < step->user_count && err == ERR_OK; i++) {
		struct user user = {0};
		err = user_rows_by_login(txn_db(job->txn), job->arena,
					 step->users[i].login, &user);
		/* users are never deleted, but a restored database may know fewer */
		if (err == ERR_NOT_FOUND) {
			user = (struct user){.login = step->users[i].login};
			err = ERR_OK;
		}
		if (err == ERR_OK)
			err = add_candidate(job, round, &user, step->users[i].weight);
	}
	round->is_rotation = step->user_count > 1;
	round->of = arena_printf(job->arena, "%zu users", step->user_count);
	return err;
}

static enum err gather_team(struct job *job, struct round *round)
{
	struct db *db = txn_db(job->txn);
	const char *name = job->in->step->assign.team;
	struct team team;
	uint64_t *ids = NULL;
	size_t count = 0;
	enum err err = team_rows_by_name(db, job->arena, name, &team);
	if (err == ERR_OK)
		err = team_rows_members(db, job->arena, team.id, &ids, &count);
	round->of = arena_printf(job->arena,
				 err == ERR_NOT_FOUND ? "the team %s, which is gone"
						      : "the team %s",
				 name);
	round->is_rotation = true;
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	round_init(round, job->arena, count);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		struct user user;
		err = user_rows_load(db, job->arena, ids[i], &user);
		if (err == ERR_OK)
			err = add_candidate(job, round, &user, 1);
	}
	return err;
}

/* --- the line for people --- */

static void say_credits(struct job *job, const struct round *round, bool is_after)
{
	buf_printf(&job->line, "; credit %s:", is_after ? "after" : "before");
	for (size_t i = 0; i < round->count && i < NAMED_MOST; i++)
		buf_printf(&job->line, "%s %s %d", i ? "," : "", round->people[i].login,
			   (int)(is_after ? round->turns[i].credit : round->before[i]));
	if (round->count > NAMED_MOST)
		buf_printf(&job->line, ", and %zu more", round->count - NAMED_MOST);
}

static void say_skipped(struct job *job, const struct round *round)
{
	size_t skipped = 0;
	for (size_t i = 0; i < round->count; i++) {
		if (!round->people[i].cause || ++skipped > NAMED_MOST)
			continue;
		buf_printf(&job->line, "%s %s (%s)",
			   skipped == 1 ? "; passed over:" : ",",
			   round->people[i].login, round->people[i].cause);
	}
	if (skipped > NAMED_MOST)
		buf_printf(&job->line, ", and %zu more", skipped - NAMED_MOST);
}

/* --- the rules --- */

static enum err set_owner(struct job *job, uint64_t user_id)
{
	struct contact *contact = job->in->contact;
	if (contact->owner_id == user_id)
		return ERR_OK;
	contact->owner_id = user_id;
	enum err err = contact_rows_set_owner(txn_db(job->txn), contact->id, user_id);
	return err == ERR_OK ? follow_owner(job->txn, contact,
					    arena_printf(job->arena, "workflow %s",
							 job->in->workflow_id))
			     : err;
}

/* only-unassigned: an owner who is active stays. */
static enum err keep_owner(struct job *job, bool *is_kept_out)
{
	struct user owner;
	*is_kept_out = false;
	if (!job->in->step->assign.only_unassigned || !job->in->contact->owner_id)
		return ERR_OK;
	enum err err = user_rows_load(txn_db(job->txn), job->arena,
				      job->in->contact->owner_id, &owner);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	if (!owner.is_active) {
		buf_printf(&job->line,
			   "the owner %s is inactive, so the contact counts as "
			   "unassigned; ",
			   owner.login);
		return ERR_OK;
	}
	job->rule = "kept_owner";
	job->login = owner.login;
	buf_printf(&job->line,
		   "kept owner %s (only unassigned contacts are given out; no turn was "
		   "used)",
		   owner.login);
	*is_kept_out = true;
	return ERR_OK;
}

static enum err give_to_pool(struct job *job)
{
	job->rule = "pool";
	buf_printf(&job->line, "the team %s takes from its pool",
		   job->in->step->assign.team);
	return set_owner(job, 0);
}

static enum err give_turn(struct job *job, struct round *round)
{
	struct db *db = txn_db(job->txn);
	const char *workflow_id = job->in->workflow_id, *step_id = job->in->step->id;
	enum err err = ERR_OK;
	if (round->is_rotation)
		err = rotation_rows_load(db, workflow_id, step_id, round->turns,
					 round->count);
	if (err != ERR_OK)
		return err;
	struct buf *line = &job->line;
	round->before = ARENA_ARRAY(job->arena, int32_t, round->count);
	for (size_t i = 0; i < round->count; i++)
		round->before[i] = round->turns[i].credit;
	int at = turn_next(round->turns, round->count);
	if (at < 0) {
		job->rule = "nobody";
		job->is_nobody = true;
		buf_printf(line, "nobody of %s is available, so nobody was assigned",
			   round->of);
		say_skipped(job, round);
		return ERR_OK;
	}
	job->login = round->people[at].login;
	job->rule = round->is_rotation ? "rotation" : "one_user";
	if (!round->is_rotation) {
		buf_printf(line, "always %s", job->login);
		return set_owner(job, round->turns[at].user_id);
	}
	buf_printf(line, "the turn of %s, by rotation over %s", job->login, round->of);
	say_credits(job, round, false);
	say_credits(job, round, true);
	say_skipped(job, round);
	err = rotation_rows_save(db, workflow_id, step_id, round->turns, round->count);
	return err == ERR_OK ? set_owner(job, round->turns[at].user_id) : err;
}

static enum err decide(struct job *job)
{
	const struct step_assign *step = &job->in->step->assign;
	bool is_kept;
	enum err err = keep_owner(job, &is_kept);
	if (err != ERR_OK || is_kept)
		return err;
	if (step->team && step->is_pool)
		return give_to_pool(job);
	err = step->team ? gather_team(job, &job->round)
			 : gather_users(job, &job->round);
	return err == ERR_OK ? give_turn(job, &job->round) : err;
}

/* The same for programs: credits before and after the turn, and who was passed over. */
static void write_round(struct json *json, const struct round *round)
{
	json_key(json, "skipped");
	json_array(json);
	for (size_t i = 0, named = 0; i < round->count && named < NAMED_MOST; i++) {
		if (!round->people[i].cause)
			continue;
		named++;
		json_object(json);
		json_key_str(json, "user", round->people[i].login);
		json_key_str(json, "cause", round->people[i].cause);
		json_end_object(json);
	}
	json_end_array(json);
	json_key(json, "rotation");
	json_array(json);
	for (size_t i = 0; round->is_rotation && i < round->count && i < NAMED_MOST;
	     i++) {
		json_object(json);
		json_key_str(json, "user", round->people[i].login);
		json_key_int(json, "before", round->before[i]);
		json_key_int(json, "after", round->turns[i].credit);
		json_end_object(json);
	}
	json_end_array(json);
}

const char *assign_rotation(struct arena *arena, const char *workflow_id, bool is_test)
{
	return is_test ? arena_printf(arena, "test:%s", workflow_id) : workflow_id;
}

enum err assign_run(struct txn *txn, const struct assign *assign,
		    struct assigned *assigned_out)
{
	struct job job = {
		.txn = txn, .arena = txn_arena(txn), .in = assign, .line = BUF_EMPTY};
	buf_printf(&job.line, "Step %s: ", assign->step->id);
	enum err err = decide(&job);
	if (err == ERR_OK) {
		struct members members;
		struct json *json = members_begin(&members);
		json_key_str(json, "rule", job.rule);
		json_key_str(json, "user", job.login);
		json_key_str(json, "why", buf_str(&job.line));
		write_round(json, &job.round);
		*assigned_out = (struct assigned){
			.step_id = assign->step->id,
			.line = arena_strdup(job.arena, buf_str(&job.line)),
			.members = members_end(&members, job.arena),
			.is_nobody = job.is_nobody,
		};
	}
	buf_fini(&job.line);
	return err;
}

/* --- the pool --- */

/* Does every way to the step come through what stands beside that other one? */
static bool is_inside(const struct plan *plan, const struct step *step, int parent)
{
	if (parent < 0)
		return true;
	for (int at = step->parent; at >= 0; at = plan->steps[at].parent)
		if (at == parent)
			return true;
	return false;
}

/* The assign-user that stands last before this step, in its own list of steps or in one around it. */
static const struct step *assign_before(const struct plan *plan, const struct step *sms)
{
	for (ptrdiff_t at = sms - plan->steps - 1; at >= 0; at--) {
		const struct step *step = &plan->steps[at];
		if (step->kind == STEP_ASSIGN_USER &&
		    is_inside(plan, sms, step->parent))
			return step;
	}
	return NULL;
}

enum err assign_pool_of(struct txn *txn, const struct plan *plan,
			const struct step *sms, struct step_pool *pool_out)
{
	const struct step *assign = assign_before(plan, sms);
	struct team team;
	*pool_out = (struct step_pool){0};
	if (!assign || !assign->assign.team)
		return ERR_OK;
	enum err err = team_rows_by_name(txn_db(txn), txn_arena(txn),
					 assign->assign.team, &team);
	if (err == ERR_OK)
		*pool_out = (struct step_pool){team.id, assign->assign.is_pool};
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
