/* digest_rows.c - see digest_rows.h */
#include "store/digest_rows.h"

#include "model/records.h"
#include "store/sql.h"

SQL(DIGEST_PUT,
    "INSERT INTO digests (user_id, due_at, told_id) VALUES (?1, ?2, ?3) ON CONFLICT "
    "(user_id) DO UPDATE SET due_at = excluded.due_at, told_id = excluded.told_id");
SQL(DIGEST_DELETE, "DELETE FROM digests WHERE user_id = ?1"); /* primary key */
/* digests_due */
SQL(DIGEST_FIRST,
    "SELECT user_id, due_at, told_id FROM digests ORDER BY due_at LIMIT 1");
/* sessions_user, leases_user */
SQL(DIGEST_AT_WORK,
    "SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = ?1 AND seen_at > ?2) OR "
    "EXISTS (SELECT 1 FROM leases WHERE user_id = ?1 AND keyed_at > ?2)");
/* tasks_mine */
SQL(DIGEST_TASKS,
    "SELECT count(*), coalesce(sum(id > ?4), 0), coalesce(sum(due_at <= ?6), 0), "
    "coalesce(sum(due_at > ?5 AND due_at <= ?6), 0), coalesce(sum(due_at > ?6 AND "
    "due_at <= ?7), 0) FROM (SELECT id, due_at FROM tasks WHERE assignee_id = ?1 AND "
    "state = ?2 AND is_test = 0 ORDER BY sort_due, id LIMIT ?3)");

enum err digest_rows_put(struct db *db, const struct digest_row *row)
{
	return SQL_RUN(db, &DIGEST_PUT, SQL_ID(row->user_id), SQL_INT(row->due_at),
		       SQL_INT((int64_t)row->told_id));
}

enum err digest_rows_delete(struct db *db, uint64_t user_id)
{
	return SQL_RUN(db, &DIGEST_DELETE, SQL_ID(user_id));
}

enum err digest_rows_first(struct db *db, struct digest_row *row_out)
{
	struct rows rows;
	enum err err = sql_one(db, &DIGEST_FIRST, &rows, NULL, 0);
	if (err != ERR_OK)
		return err;
	*row_out = (struct digest_row){rows_id(&rows, 0), rows_int(&rows, 1),
				       rows_id(&rows, 2)};
	return rows_end(&rows);
}

enum err digest_rows_is_at_work(struct db *db, uint64_t user_id, int64_t since,
				bool *is_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &DIGEST_AT_WORK, &rows, SQL_ID(user_id), SQL_INT(since));
	if (err != ERR_OK)
		return err;
	*is_out = rows_bool(&rows, 0);
	return rows_end(&rows);
}

enum err digest_rows_tasks(struct db *db, uint64_t user_id,
			   const struct digest_window *window,
			   struct digest_tasks *tasks_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &DIGEST_TASKS, &rows, SQL_ID(user_id),
			SQL_INT(TASK_PENDING), SQL_INT(DIGEST_TASKS_MOST),
			SQL_INT((int64_t)window->told_id), SQL_INT(window->since),
			SQL_INT(window->now), SQL_INT(window->soon_until));
	if (err != ERR_OK)
		return err;
	*tasks_out = (struct digest_tasks){
		.open = rows_int(&rows, 0),
		.fresh = rows_int(&rows, 1),
		.overdue = rows_int(&rows, 2),
		.late = rows_int(&rows, 3),
		.soon = rows_int(&rows, 4),
	};
	return rows_end(&rows);
}
