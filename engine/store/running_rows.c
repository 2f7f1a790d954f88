/* running_rows.c - see running_rows.h */
#include "store/running_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"

/* enrollments_open */
SQL(RUNNING_IDS,
    "SELECT id FROM enrollments WHERE workflow_id = ?1 AND version = ?2 "
    "AND is_test = 0 AND state <= 2 AND id < ?3 ORDER BY id DESC LIMIT ?4");
SQL(RUNNING_STEPS,
    "SELECT COALESCE(step_id, ''), COUNT(*), MAX(id) FROM enrollments WHERE "
    "workflow_id = ?1 AND version = ?2 AND is_test = 0 AND state <= 2 GROUP BY "
    "step_id");
SQL(RUNNING_COUNT,
    "SELECT COUNT(*) FROM enrollments WHERE workflow_id = ?1 AND version "
    "= ?2 AND is_test = 0 AND state <= 2");
SQL(RUNNING_VERSIONS,
    "SELECT version, COUNT(*) FROM enrollments WHERE workflow_id = ?1 AND is_test = 0 "
    "AND state <= 2 GROUP BY version ORDER BY version DESC LIMIT ?2");
/* tasks_workflow: each open state is a run of it; then the primary key */
SQL(RUNNING_TASKS,
    "SELECT COUNT(*) FROM tasks t JOIN enrollments e ON e.id = t.enrollment_id WHERE "
    "t.workflow_id = ?1 AND t.state IN (0, 1, 2) AND t.workflow_version = ?2 AND "
    "e.version = ?2 AND e.is_test = 0 AND e.state <= 2");
/* primary keys */
SQL(RUNNING_MOVE, "UPDATE enrollments SET version = ?2, step_id = ?3, reason = ?4, "
		  "wake_at = ?5, held_to = ?6 WHERE id = ?1");
SQL(RUNNING_MOVE_TASK,
    "UPDATE tasks SET workflow_version = ?2, step_id = ?3, visit = "
    "?4, text = ?5, is_locked = ?6, revision = revision + 1 WHERE id = ?1");
SQL(RUNNING_VISITS,
    "SELECT visits FROM step_visits WHERE enrollment_id = ?1 AND step_id = ?2");
SQL(RUNNING_ADD_VISITS,
    "INSERT INTO step_visits (enrollment_id, step_id, visits) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (enrollment_id, step_id) DO UPDATE SET visits = "
    "step_visits.visits + excluded.visits");
/* tasks_visit */
SQL(RUNNING_MOVABLE, "SELECT id FROM tasks WHERE enrollment_id = ?1 AND (state <= 2 OR "
		     "moves_workflow = 1) ORDER BY moves_workflow DESC, id LIMIT ?2");

enum err running_rows_ids(struct db *db, struct arena *arena,
			  const struct running_of *of, size_t limit, uint64_t **ids_out,
			  size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &RUNNING_IDS, &rows, SQL_TEXT(of->workflow_id),
		  SQL_INT(of->version), SQL_ID(of->before_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err running_rows_steps(struct db *db, struct arena *arena,
			    const struct running_of *of,
			    struct running_step **steps_out, size_t *count_out)
{
	struct rows rows;
	struct running_step *steps =
		ARENA_ARRAY(arena, struct running_step, RUNNING_STEPS_MOST);
	size_t count = 0;
	SQL_QUERY(db, &RUNNING_STEPS, &rows, SQL_TEXT(of->workflow_id),
		  SQL_INT(of->version));
	while (count < RUNNING_STEPS_MOST && rows_next(&rows))
		steps[count++] = (struct running_step){
			.step_id = arena_strdup(arena, rows_text(&rows, 0)),
			.count = rows_int(&rows, 1),
			.newest_id = rows_id(&rows, 2),
		};
	*steps_out = steps;
	*count_out = count;
	return rows_end(&rows);
}

enum err running_rows_versions(struct db *db, struct arena *arena,
			       const char *workflow_id,
			       struct running_version **versions_out, size_t *count_out)
{
	struct rows rows;
	struct running_version *versions =
		ARENA_ARRAY(arena, struct running_version, RUNNING_VERSIONS_MOST);
	size_t count = 0;
	SQL_QUERY(db, &RUNNING_VERSIONS, &rows, SQL_TEXT(workflow_id),
		  SQL_INT(RUNNING_VERSIONS_MOST));
	while (count < RUNNING_VERSIONS_MOST && rows_next(&rows))
		versions[count++] = (struct running_version){
			(uint32_t)rows_int(&rows, 0), rows_int(&rows, 1)};
	*versions_out = versions;
	*count_out = count;
	return rows_end(&rows);
}

enum err running_rows_tasks(struct db *db, const struct running_of *of,
			    int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &RUNNING_TASKS, &rows, SQL_TEXT(of->workflow_id),
			       SQL_INT(of->version));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err running_rows_count(struct db *db, const struct running_of *of,
			    int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &RUNNING_COUNT, &rows, SQL_TEXT(of->workflow_id),
			       SQL_INT(of->version));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

/* --- the change --- */

enum err running_rows_move(struct db *db, const struct enrollment *e)
{
	return SQL_RUN(db, &RUNNING_MOVE, SQL_ID(e->id), SQL_INT(e->version),
		       SQL_TEXT(e->step_id), SQL_TEXT(e->reason), SQL_TIME(e->wake_at),
		       SQL_TEXT(e->held_to));
}

enum err running_rows_movable(struct db *db, struct arena *arena,
			      uint64_t enrollment_id, size_t limit, uint64_t **ids_out,
			      size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &RUNNING_MOVABLE, &rows, SQL_ID(enrollment_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err running_rows_move_task(struct db *db, const struct task *task)
{
	return SQL_RUN(db, &RUNNING_MOVE_TASK, SQL_ID(task->id),
		       SQL_INT(task->workflow_version), SQL_TEXT(task->step_id),
		       SQL_INT(task->visit), SQL_TEXT(task->text),
		       SQL_INT(task->is_locked));
}

enum err running_rows_visits(struct db *db, uint64_t enrollment_id, const char *step_id,
			     uint32_t *visits_out)
{
	struct rows rows;
	SQL_QUERY(db, &RUNNING_VISITS, &rows, SQL_ID(enrollment_id), SQL_TEXT(step_id));
	*visits_out = rows_next(&rows) ? (uint32_t)rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

enum err running_rows_add_visits(struct db *db, uint64_t enrollment_id,
				 const char *step_id, uint32_t visits)
{
	return SQL_RUN(db, &RUNNING_ADD_VISITS, SQL_ID(enrollment_id),
		       SQL_TEXT(step_id), SQL_INT(visits));
}
