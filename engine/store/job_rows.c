/* job_rows.c - see job_rows.h */
#include "store/job_rows.h"

#include "store/sql.h"

SQL(JOB_ADD, "INSERT INTO jobs (id, kind, args, done, state, created_at) VALUES (?1, "
	     "?2, ?3, 0, 0, ?4)");
/* jobs_open */
SQL(JOB_NEXT, "SELECT id, args, done FROM jobs WHERE state = 0 AND kind = ?1 ORDER BY "
	      "id LIMIT 1");
/* primary key */
SQL(JOB_PROGRESS, "UPDATE jobs SET done = ?2 WHERE id = ?1");
SQL(JOB_END, "UPDATE jobs SET state = 1, ended_at = ?2 WHERE id = ?1");

/* primary key */
SQL(JOB_START,
    "INSERT INTO jobs (id, kind, args, done, total, state, created_at) VALUES "
    "(?1, ?2, ?3, 0, ?4, 0, ?5)");
SQL(JOB_LOAD, "SELECT id, kind, args, done, COALESCE(total, -1), position, outcomes, "
	      "state, fault, created_at, ended_at FROM jobs WHERE id = ?1");
SQL(JOB_SAVE, "UPDATE jobs SET done = ?2, position = ?3, outcomes = ?4, state = ?5, "
	      "fault = ?6, ended_at = ?7 WHERE id = ?1");
/* ids rise with time, so the oldest rows come first */
SQL(JOB_FORGET, "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended_at < ?1 "
		"ORDER BY id LIMIT ?2)");

enum err job_rows_add(struct db *db, const struct job_row *job, int64_t now)
{
	return SQL_RUN(db, &JOB_ADD, SQL_ID(job->id), SQL_TEXT(job->kind),
		       SQL_TEXT(job->args), SQL_INT(now));
}

enum err job_rows_next(struct db *db, struct arena *arena, const char *kind,
		       struct job_row *job_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &JOB_NEXT, &rows, SQL_TEXT(kind));
	if (err != ERR_OK)
		return err;
	*job_out = (struct job_row){.id = rows_id(&rows, 0),
				    .kind = kind,
				    .args = arena_strdup(arena, rows_text(&rows, 1)),
				    .done = rows_int(&rows, 2)};
	return rows_end(&rows);
}

enum err job_rows_progress(struct db *db, uint64_t id, int64_t done)
{
	return SQL_RUN(db, &JOB_PROGRESS, SQL_ID(id), SQL_INT(done));
}

enum err job_rows_end(struct db *db, uint64_t id, int64_t now)
{
	return SQL_RUN(db, &JOB_END, SQL_ID(id), SQL_INT(now));
}

enum err job_rows_start(struct db *db, const struct job_progress *job)
{
	return SQL_RUN(db, &JOB_START, SQL_ID(job->id), SQL_TEXT(job->kind),
		       SQL_TEXT(job->args), SQL_INT(job->total),
		       SQL_INT(job->created_at));
}

enum err job_rows_load(struct db *db, struct arena *arena, uint64_t id,
		       struct job_progress *job_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &JOB_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	*job_out = (struct job_progress){
		.id = rows_id(&rows, 0),
		.kind = arena_strdup(arena, rows_text(&rows, 1)),
		.args = arena_strdup(arena, rows_text(&rows, 2)),
		.done = rows_int(&rows, 3),
		.total = rows_int(&rows, 4),
		.position = rows_id(&rows, 5),
		.outcomes = arena_strdup(arena, rows_text(&rows, 6)),
		.state = (enum job_state)rows_int(&rows, 7),
		.fault = arena_strdup(arena, rows_text(&rows, 8)),
		.created_at = rows_int(&rows, 9),
		.ended_at = rows_int(&rows, 10),
	};
	return rows_end(&rows);
}

enum err job_rows_save(struct db *db, const struct job_progress *job)
{
	return SQL_RUN(db, &JOB_SAVE, SQL_ID(job->id), SQL_INT(job->done),
		       SQL_INT(job->position), SQL_TEXT(job->outcomes),
		       SQL_INT(job->state), SQL_TEXT(job->fault),
		       SQL_TIME(job->ended_at));
}

enum err job_rows_forget(struct db *db, int64_t before, size_t limit,
			 int64_t *count_out)
{
	enum err err = SQL_RUN(db, &JOB_FORGET, SQL_INT(before), SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}
