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
