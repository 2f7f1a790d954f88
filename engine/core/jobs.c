/* jobs.c - see jobs.h, job_parts.h */
#include "core/jobs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/job_parts.h"

/* --- lines --- */

void job_line(struct buf *lines, const char *name, const char *text)
{
	if (!text)
		return;
	buf_printf(lines, "%s ", name);
	for (; *text; text++)
		buf_add_char(lines, *text == '\n' || *text == '\r' ? ' ' : *text);
	buf_add_char(lines, '\n');
}

void job_line_int(struct buf *lines, const char *name, int64_t number)
{
	buf_printf(lines, "%s %" PRId64 "\n", name, number);
}

const char *job_text(struct arena *arena, const char *lines, const char *name)
{
	size_t len = strlen(name);
	for (const char *line = lines; *line;) {
		size_t whole = strcspn(line, "\n");
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return arena_strndup(arena, line + len + 1, whole - len - 1);
		line += whole + (line[whole] == '\n');
	}
	return NULL;
}

int64_t job_int(struct arena *arena, const char *lines, const char *name)
{
	const char *text = job_text(arena, lines, name);
	return text ? strtoll(text, NULL, 10) : 0;
}

void job_count_up(struct txn *txn, struct job_progress *job, const char *outcome)
{
	struct arena *arena = txn_arena(txn);
	struct buf lines = BUF_EMPTY;
	bool is_there = false;
	for (const char *line = job->outcomes; *line;) {
		size_t whole = strcspn(line, "\n"), len = strcspn(line, " ");
		const char *name = arena_strndup(arena, line, len);
		bool is_it = strcmp(name, outcome) == 0;
		job_line_int(&lines, name, strtoll(line + len, NULL, 10) + is_it);
		is_there = is_there || is_it;
		line += whole + (line[whole] == '\n');
	}
	if (!is_there)
		job_line_int(&lines, outcome, 1);
	job->outcomes = arena_strdup(arena, buf_str(&lines));
	buf_fini(&lines);
}

void job_line_actor(struct buf *lines, const struct actor *actor)
{
	job_line_int(lines, "actor_kind", actor->kind);
	job_line_int(lines, "actor_way", actor->way);
	job_line_int(lines, "actor_user", (int64_t)actor->user_id);
	job_line_int(lines, "actor_credential", (int64_t)actor->credential_id);
	job_line_int(lines, "actor_role", actor->role);
	job_line_int(lines, "actor_scopes", actor->scopes);
	job_line_int(lines, "actor_peer", actor->peer_uid);
	job_line(lines, "actor", actor->name);
}

struct actor job_actor(struct arena *arena, const char *lines)
{
	return (struct actor){
		.kind = (enum actor_kind)job_int(arena, lines, "actor_kind"),
		.way = (enum way)job_int(arena, lines, "actor_way"),
		.user_id = (uint64_t)job_int(arena, lines, "actor_user"),
		.credential_id = (uint64_t)job_int(arena, lines, "actor_credential"),
		.role = (enum role)job_int(arena, lines, "actor_role"),
		.scopes = (unsigned)job_int(arena, lines, "actor_scopes"),
		.peer_uid = (uint32_t)job_int(arena, lines, "actor_peer"),
		.name = job_text(arena, lines, "actor"),
	};
}

/* --- as an answer --- */

static const char *const state_names[] = {
	[JOB_RUNNING] = "running", [JOB_DONE] = "done", [JOB_FAILED] = "failed"};

static void view_job(struct json *json, struct arena *arena,
		     const struct job_progress *job)
{
	json_object(json);
	json_key_id(json, "id", job->id);
	json_key_str(json, "kind", job->kind);
	json_key_str(json, "state", state_names[job->state]);
	json_key_int(json, "done", job->done);
	if (job->total >= 0)
		json_key_int(json, "total", job->total);
	else
		json_key_null(json, "total");
	json_key(json, "results");
	json_object(json);
	for (const char *line = job->outcomes; *line;) {
		size_t whole = strcspn(line, "\n"), len = strcspn(line, " ");
		json_key_int(json, arena_strndup(arena, line, len),
			     strtoll(line + len, NULL, 10));
		line += whole + (line[whole] == '\n');
	}
	json_end_object(json);
	json_key_str(json, "detail", job->fault);
	json_key_time(json, "created_at", job->created_at);
	json_key_time(json, "ended_at", job->ended_at);
	json_end_object(json);
}

enum err job_get(struct snapshot *snap, void *arg)
{
	static const char *const shown[] = {JOB_ENROLL, JOB_REMOVE,  JOB_TASKS,
					    JOB_ERASE,  JOB_MIGRATE, "reassign_tasks"};
	struct job_get *get = arg;
	struct job_progress job;
	enum err err = job_rows_load(snapshot_db(snap), get->call.arena, get->id, &job);
	bool is_shown = false;
	for (size_t i = 0; err == ERR_OK && i < sizeof(shown) / sizeof(shown[0]); i++)
		is_shown = is_shown || strcmp(job.kind, shown[i]) == 0;
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_shown))
		return call_refuse(
			&get->call, ERR_NOT_FOUND,
			"There is no such job, or it ended over %d days ago.",
			JOB_KEPT_DAYS);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&get->call);
	view_job(&json, get->call.arena, &job);
	return ERR_OK;
}

/* --- filters --- */

enum err job_check_filter(struct call *call, const struct bulk *bulk, bool is_empty)
{
	if (!is_empty || bulk->is_dry_run || bulk->expect >= 0)
		return ERR_OK;
	return call_refuse_member(
		call, ERR_INVALID, "filter",
		"A filter that names nothing means everybody. Ask with \"dry_run\": "
		"true "
		"how many that are, and send that number as `expect`.");
}

/* --- working off --- */

static const struct {
	const char *kind;
	enum err (*step)(struct txn *txn, struct job_progress *job);
	int64_t at_once; /* so many are done by the command that asks for them */
} works[] = {{JOB_ENROLL, bulk_enroll_step, 0},
	     {JOB_REMOVE, bulk_remove_step, 0},
	     {JOB_TASKS, bulk_tasks_step, JOB_TASKS_STEP},
	     {JOB_ERASE, contact_erase_step, JOB_ERASE_STEP},
	     {JOB_MIGRATE, workflow_migrate_step, JOB_MIGRATE_STEP}};

static enum err do_step(struct txn *txn, struct job_progress *job, size_t work)
{
	enum err err = works[work].step(txn, job);
	if (err != ERR_OK)
		return err;
	if (job->state != JOB_RUNNING)
		job->ended_at = txn_now(txn);
	return job_rows_save(txn_db(txn), job);
}

/* --- beginning --- */

static enum err refuse_count(struct call *call, const struct bulk *bulk)
{
	enum err err = call_refuse_member(
		call, ERR_COUNT_DIFFERS, "expect",
		"The filter finds %lld now, not the %lld that were expected; "
		"look again, and send the new number.",
		(long long)bulk->count, (long long)bulk->expect);
	call->refusal.extra =
		arena_printf(call->arena, "\"count\":%lld", (long long)bulk->count);
	return err;
}

/* A small one is done now; else it is left to the scheduler. */
static enum err begin_work(struct txn *txn, struct job_progress *job)
{
	size_t work = 0;
	while (strcmp(works[work].kind, job->kind) != 0)
		work++;
	if (works[work].at_once && job->total <= works[work].at_once) {
		enum err err = do_step(txn, job, work);
		if (err != ERR_OK || job->state != JOB_RUNNING)
			return err;
	}
	txn_signal(txn, SIGNAL_TIMER);
	return job_rows_save(txn_db(txn), job);
}

enum err job_begin(struct txn *txn, struct call *call, const struct bulk *bulk,
		   struct job_progress *job, struct buf *lines)
{
	job_line_actor(lines, call->actor);
	job->args = arena_strdup(call->arena, buf_str(lines));
	buf_fini(lines);
	if (bulk->expect >= 0 && bulk->expect != bulk->count)
		return refuse_count(call, bulk);
	job->id = txn_id(txn);
	job->total = bulk->count;
	job->position = bulk->from_id;
	job->outcomes = job->outcomes ? job->outcomes : "";
	job->created_at = txn_now(txn);
	enum err err = job_rows_start(txn_db(txn), job);
	if (err == ERR_OK)
		err = begin_work(txn, job);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	view_job(&json, call->arena, job);
	call->status = job->state == JOB_RUNNING ? 202 : 200;
	call->location = arena_printf(call->arena, "/api/v1/jobs/%llu",
				      (unsigned long long)job->id);
	return ERR_OK;
}

/* --- going on --- */

enum err job_step(struct txn *txn, void *arg)
{
	struct job_step *step = arg;
	step->is_done = true;
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		struct job_row next;
		enum err err = job_rows_next(txn_db(txn), txn_arena(txn), works[i].kind,
					     &next);
		if (err == ERR_NOT_FOUND)
			continue;
		struct job_progress job;
		step->is_done = false;
		if (err == ERR_OK)
			err = job_rows_load(txn_db(txn), txn_arena(txn), next.id, &job);
		return err == ERR_OK ? do_step(txn, &job, i) : err;
	}
	return ERR_OK;
}
