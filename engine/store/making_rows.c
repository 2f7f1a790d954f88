/* making_rows.c - see making_rows.h; all by the primary keys */
#include "store/making_rows.h"

#include "store/sql.h"

SQL(MAKING_PUT, "INSERT INTO task_makings (task_id, facts) VALUES (?1, ?2) ON CONFLICT "
		"(task_id) DO UPDATE SET facts = excluded.facts, text = NULL");
SQL(MAKING_LOAD, "SELECT facts, text FROM task_makings WHERE task_id = ?1");
SQL(MAKING_KEEP_TEXT,
    "UPDATE task_makings SET text = ?2 WHERE task_id = ?1 AND text IS NULL");
SQL(LATE_SAVE,
    "INSERT INTO late_texts (card_id, user_id, text, at) VALUES (?1, ?2, ?3, ?4) ON "
    "CONFLICT (card_id, user_id) DO UPDATE SET text = excluded.text, at = excluded.at");
/* a handful for each card */
SQL(LATE_OF, "SELECT user_id, text, at FROM late_texts WHERE card_id = ?1 ORDER BY at "
	     "DESC LIMIT ?2");
SQL(LATE_DELETE, "DELETE FROM late_texts WHERE card_id = ?1");

enum err making_rows_put(struct db *db, uint64_t task_id, const char *facts)
{
	return SQL_RUN(db, &MAKING_PUT, SQL_ID(task_id), SQL_TEXT(facts));
}

enum err making_rows_load(struct db *db, struct arena *arena, uint64_t task_id,
			  struct making *making_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MAKING_LOAD, &rows, SQL_ID(task_id));
	if (err != ERR_OK)
		return err;
	*making_out = (struct making){
		.facts = arena_strdup(arena, rows_text(&rows, 0)),
		.text = arena_strdup(arena, rows_text(&rows, 1)),
	};
	return rows_end(&rows);
}

enum err making_rows_keep_text(struct db *db, uint64_t task_id, const char *text)
{
	return SQL_RUN(db, &MAKING_KEEP_TEXT, SQL_ID(task_id), SQL_TEXT(text));
}

enum err late_rows_save(struct db *db, uint64_t card_id, const struct late_text *late)
{
	return SQL_RUN(db, &LATE_SAVE, SQL_ID(card_id), SQL_ID(late->user_id),
		       SQL_TEXT(late->text), SQL_INT(late->at));
}

enum err late_rows_of(struct db *db, struct arena *arena, uint64_t card_id,
		      struct late_text **late_out, size_t *count_out)
{
	struct rows rows;
	struct late_text *late = ARENA_ARRAY(arena, struct late_text, LATE_MOST);
	size_t count = 0;
	SQL_QUERY(db, &LATE_OF, &rows, SQL_ID(card_id), SQL_INT(LATE_MOST));
	while (rows_next(&rows))
		late[count++] = (struct late_text){
			.user_id = rows_id(&rows, 0),
			.text = arena_strdup(arena, rows_text(&rows, 1)),
			.at = rows_int(&rows, 2),
		};
	*late_out = late;
	*count_out = count;
	return rows_end(&rows);
}

enum err late_rows_delete(struct db *db, uint64_t card_id)
{
	return SQL_RUN(db, &LATE_DELETE, SQL_ID(card_id));
}
