/* migrate_step.c - the job that moves enrollments to another version, one after the other: see migrate.h */
#include <string.h>

#include "core/advance.h"
#include "core/advance_parts.h"
#include "core/journal.h"
#include "core/local_time.h"
#include "core/members.h"
#include "core/migrate.h"
#include "core/migrate_parts.h"
#include "core/plans.h"
#include "store/contact_rows.h"
#include "store/running_rows.h"
#include "store/workflow_rows.h"

enum {
	ROWS_MOST = 500
}; /* no other enrollment is begun once so many rows were written */
#define MAP_LINE "map:" /* and the old step; behind it the new one, or nothing */

/* --- what was asked for --- */

void migrate_write_map(struct buf *lines, const struct step_mapping *maps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_add_str(lines, MAP_LINE);
		job_line(lines, maps[i].from, maps[i].to ? maps[i].to : "");
	}
}

static void read_map(struct moving *moving, const char *args)
{
	const struct plan *from = moving->from;
	struct arena *arena = moving->arena;
	struct step_mapping *maps =
		ARENA_ARRAY(arena, struct step_mapping, from->step_count + 1);
	size_t count = 0;
	for (size_t i = 0; i < from->step_count; i++) {
		const char *id = from->steps[i].id;
		const char *to =
			job_text(arena, args, arena_printf(arena, MAP_LINE "%s", id));
		if (to)
			maps[count++] = (struct step_mapping){id, *to ? to : NULL};
	}
	workflow_migration(arena, from, moving->to, maps, count, &moving->migration);
}

/* ERR_OK with migration.to NULL: a version cannot be read. */
static enum err moving_init(struct moving *moving, struct txn *txn,
			    const struct job_progress *job)
{
	struct arena *arena = txn_arena(txn);
	const char *workflow_id = job_text(arena, job->args, "workflow");
	*moving = (struct moving){
		.txn = txn,
		.arena = arena,
		.from_version = (uint32_t)job_int(arena, job->args, "from"),
		.to_version = (uint32_t)job_int(arena, job->args, "to"),
		.actor = job_actor(arena, job->args),
		.reason = job_text(arena, job->args, "reason"),
		.refreshes = job_int(arena, job->args, "refresh"),
	};
	enum err err = plans_get(txn_context(txn), txn_db(txn), workflow_id,
				 moving->from_version, &moving->from);
	if (err == ERR_OK)
		err = plans_get(txn_context(txn), txn_db(txn), workflow_id,
				moving->to_version, &moving->to);
	if (err == ERR_OK)
		read_map(moving, job->args);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

/* --- visits --- */

/* All are read before one is written: two steps may change places. */
static enum err find_renames(struct moving *moving, uint64_t enrollment_id,
			     struct renames *renames)
{
	const struct migration *migration = &moving->migration;
	enum err err = ERR_OK;
	*renames = (struct renames){.list = ARENA_ARRAY(moving->arena, struct renamed,
							migration->move_count + 1)};
	for (size_t i = 0; err == ERR_OK && i < migration->move_count; i++) {
		const struct step_move *move = &migration->moves[i];
		struct renamed *renamed = &renames->list[renames->count];
		if (!move->to || strcmp(move->from->id, move->to->id) == 0)
			continue;
		*renamed = (struct renamed){.move = move};
		err = running_rows_visits(txn_db(moving->txn), enrollment_id,
					  move->from->id, &renamed->visits);
		if (renamed->visits)
			renames->count++;
	}
	return err;
}

/* They never become fewer, not of the old step either, so that a visit has one number for good. */
static enum err count_visits(struct moving *moving, uint64_t enrollment_id,
			     struct renames *renames)
{
	struct db *db = txn_db(moving->txn);
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < renames->count; i++) {
		struct renamed *renamed = &renames->list[i];
		const char *to = renamed->move->to->id;
		err = running_rows_visits(db, enrollment_id, to, &renamed->base);
		if (err == ERR_OK)
			err = running_rows_add_visits(db, enrollment_id, to,
						      renamed->visits);
		moving->rows++;
	}
	return err;
}

/* --- the place --- */

/* A timeout that comes with the new version. */
static enum err begin_timeout(struct moving *moving, struct enrollment *run,
			      const struct step *step)
{
	struct contact contact;
	enum err err = contact_rows_load_any(txn_db(moving->txn), moving->arena,
					     run->contact_id, &contact);
	if (err != ERR_OK)
		return err;
	const struct walk walk = {.txn = moving->txn,
				  .arena = moving->arena,
				  .plan = moving->to,
				  .enrollment = run,
				  .contact = &contact};
	run->wake_at = local_after(&walk, &step->reply.timeout);
	txn_signal(moving->txn, SIGNAL_TIMER);
	return ERR_OK;
}

static void follow_held(struct moving *moving, struct enrollment *run,
			const struct step_move *move)
{
	int at = *run->held_to ? plan_find(moving->from, run->held_to) : PLAN_END;
	int to = migration_way(move, at);
	run->held_to = to == PLAN_END ? "" : moving->to->steps[to].id;
}

static enum err take_place(struct moving *moving, struct enrollment *run,
			   const struct step_move *move)
{
	enum err err = ERR_OK;
	run->version = moving->to_version;
	run->step_id = move->to->id;
	if (run->state == ENROLLMENT_HELD && run->held_to)
		follow_held(moving, run, move);
	else if (move->to->kind == STEP_WAIT_FOR_REPLY) {
		if (!run->wake_at && move->to->reply.timeout.ms)
			err = begin_timeout(moving, run, move->to);
		run->reason = walk_reply_stands(moving->arena, move->to->reply.to,
						run->wake_at);
	}
	moving->rows++;
	return err == ERR_OK ? running_rows_move(txn_db(moving->txn), run) : err;
}

/* --- one enrollment --- */

/* to NULL: it ends. */
static enum err journal(struct moving *moving, const struct enrollment *run,
			const char *step_id, const struct step *to)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_int(json, "from", moving->from_version);
	json_key_int(json, "to", moving->to_version);
	json_key_str(json, "step", step_id);
	json_key_str(json, "to_step", to ? to->id : NULL);
	json_key_str(json, "by",
		     moving->actor.name ? moving->actor.name
					: actor_kind_name(moving->actor.kind));
	json_key_str(json, "reason", moving->reason);
	moving->rows++;
	return journal_add(moving->txn, run->id, to ? to->id : step_id,
			   JOURNAL_MIGRATED, members_end(&members, moving->arena));
}

static enum err move(struct moving *moving, struct enrollment *run,
		     const struct step_move *move)
{
	struct renames renames;
	const char *step_id = run->step_id;
	enum err err = find_renames(moving, run->id, &renames);
	if (err == ERR_OK)
		err = count_visits(moving, run->id, &renames);
	if (err == ERR_OK)
		err = migrate_tasks(moving, run, &renames);
	if (err == ERR_OK)
		err = take_place(moving, run, move);
	return err == ERR_OK ? journal(moving, run, step_id, move->to) : err;
}

static enum err end(struct moving *moving, struct enrollment *run)
{
	enum { ROWS_OF_AN_END = 10 };
	enum err err = journal(moving, run, run->step_id, NULL);
	moving->rows += ROWS_OF_AN_END;
	return err == ERR_OK
		       ? advance_remove(moving->txn, &moving->actor, run, MIGRATE_ENDS)
		       : err;
}

static enum err move_one(struct moving *moving, struct job_progress *job, uint64_t id)
{
	struct enrollment run;
	enum err err =
		enrollment_rows_load(txn_db(moving->txn), moving->arena, id, &run);
	if (err != ERR_OK)
		return err;
	const struct step_move *to =
		run.step_id ? migration_move(&moving->migration, run.step_id) : NULL;
	bool ends = to && migration_ends(to);
	bool goes = to && to->to; /* else its step is in neither version: it stays */
	if (ends)
		err = end(moving, &run);
	else if (goes)
		err = move(moving, &run, to);
	if (err == ERR_OK)
		job_count_up(moving->txn, job,
			     ends   ? "removed"
			     : goes ? "migrated"
				    : "left");
	job->done++;
	job->position = id;
	return err;
}

/* --- the step --- */

static enum err move_some(struct moving *moving, struct job_progress *job)
{
	const struct running_of of = {moving->from->id, moving->from_version,
				      job->position};
	uint64_t *ids;
	size_t count = 0, i = 0;
	enum err err = running_rows_ids(txn_db(moving->txn), moving->arena, &of,
					JOB_MIGRATE_STEP, &ids, &count);
	for (; err == ERR_OK && i < count && moving->rows < ROWS_MOST; i++)
		err = move_one(moving, job, ids[i]);
	if (err == ERR_OK && i == count && count < JOB_MIGRATE_STEP)
		job->state = JOB_DONE;
	return err;
}

enum err workflow_migrate_step(struct txn *txn, struct job_progress *job)
{
	struct moving moving;
	enum err err = moving_init(&moving, txn, job);
	if (err == ERR_OK && moving.migration.to)
		err = move_some(&moving, job);
	else if (err == ERR_OK) {
		job->state = JOB_FAILED;
		job->fault = "One of the two versions cannot be read any more.";
	}
	plan_unref(&moving.from);
	plan_unref(&moving.to);
	return err;
}
