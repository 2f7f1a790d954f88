/* stranded_rows.c - see stranded_rows.h */
#include "store/stranded_rows.h"

#include "store/sql.h"

SQL(STRANDED_ADD,
    "INSERT INTO stranded (workflow_id, version, step_id, task_id) VALUES "
    "(?1, ?2, ?3, ?4)");
/* stranded_task */
SQL(STRANDED_DELETE, "DELETE FROM stranded WHERE task_id = ?1");
/* primary key */
SQL(STRANDED_NEXT,
    "SELECT workflow_id, version, step_id, task_id FROM stranded WHERE (workflow_id, "
    "version, step_id, task_id) > (?1, ?2, ?3, ?4) ORDER BY workflow_id, version, "
    "step_id, task_id LIMIT 1");

enum err stranded_rows_add(struct db *db, const struct stranded_row *row)
{
	return SQL_RUN(db, &STRANDED_ADD, SQL_TEXT(row->workflow_id),
		       SQL_INT(row->version), SQL_TEXT(row->step_id),
		       SQL_ID(row->task_id));
}

enum err stranded_rows_delete(struct db *db, uint64_t task_id)
{
	return SQL_RUN(db, &STRANDED_DELETE, SQL_ID(task_id));
}

enum err stranded_rows_next(struct db *db, struct arena *arena,
			    const struct stranded_row *after,
			    struct stranded_row *row_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &STRANDED_NEXT, &rows,
			       SQL_TEXT(after->workflow_id ? after->workflow_id : ""),
			       SQL_INT(after->version),
			       SQL_TEXT(after->step_id ? after->step_id : ""),
			       SQL_INT((int64_t)after->task_id));
	if (err != ERR_OK)
		return err;
	*row_out = (struct stranded_row){
		.workflow_id = arena_strdup(arena, rows_text(&rows, 0)),
		.version = (uint32_t)rows_int(&rows, 1),
		.step_id = arena_strdup(arena, rows_text(&rows, 2)),
		.task_id = rows_id(&rows, 3),
	};
	return rows_end(&rows);
}
