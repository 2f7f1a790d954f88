/* journal_rows.c - the journal, and what was not enrolled: see workflow_rows.h */
#include "base/ident.h"
#include "store/sql.h"
#include "store/workflow_rows.h"

SQL(JOURNAL_ADD, "INSERT INTO journal (id, enrollment_id, at, step_id, kind, detail) "
		 "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
/* journal_enrollment */
SQL(JOURNAL_PAGE, "SELECT id, at, step_id, kind, detail FROM journal WHERE "
		  "enrollment_id = ?1 AND id > ?2 "
		  "ORDER BY id LIMIT ?3");
/* journal_enrollment */
SQL(JOURNAL_NEXT, "SELECT detail FROM journal WHERE enrollment_id = ?1 AND id > ?2 AND "
		  "kind = ?3 ORDER BY id LIMIT 1");
/* journal_enrollment */
SQL(JOURNAL_NEWEST,
    "SELECT id, at, step_id, kind, detail FROM (SELECT * FROM journal WHERE "
    "enrollment_id = ?1 ORDER BY id DESC LIMIT ?2) AS newest ORDER BY id");
/* primary key: ids rise with time */
SQL(JOURNAL_FORGET, "DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE "
		    "id < ?1 ORDER BY id LIMIT ?2)");
/* not_enrolled_age */
SQL(NOT_ENROLLED_FORGET,
    "DELETE FROM not_enrolled WHERE (workflow_id, contact_id, cause) IN "
    "(SELECT workflow_id, contact_id, cause FROM not_enrolled WHERE at < ?1 "
    "ORDER BY at LIMIT ?2)");
/* primary key */
SQL(NOT_ENROLLED_NOTE,
    "INSERT INTO not_enrolled (workflow_id, contact_id, cause, at, times, outcome, "
    "detail, id) "
    "VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7) ON CONFLICT (workflow_id, contact_id, "
    "cause) DO UPDATE "
    "SET id = excluded.id, at = excluded.at, times = not_enrolled.times + 1, outcome = "
    "excluded.outcome, "
    "detail = excluded.detail");
/* primary key */
SQL(NOT_ENROLLED_LAST,
    "SELECT cause, outcome, detail, at, times, id FROM not_enrolled "
    "WHERE workflow_id = ?1 AND contact_id = ?2 ORDER BY id DESC LIMIT 1");

enum err journal_rows_add(struct db *db, uint64_t id, uint64_t enrollment_id,
			  int64_t at, const char *step_id, const char *kind,
			  const char *detail)
{
	return SQL_RUN(db, &JOURNAL_ADD, SQL_ID(id), SQL_ID(enrollment_id),
		       SQL_TIME(at), SQL_TEXT(step_id), SQL_TEXT(kind),
		       SQL_TEXT(detail));
}

static struct journal_row row_at(const struct rows *rows)
{
	return (struct journal_row){
		.id = rows_id(rows, 0),
		.at = rows_int(rows, 1),
		.step_id = rows_text(rows, 2),
		.kind = rows_text(rows, 3),
		.detail = rows_text(rows, 4),
	};
}

enum err journal_rows_page(struct db *db, uint64_t enrollment_id, uint64_t after_id,
			   size_t limit, journal_row_fn *each, void *arg)
{
	struct rows rows;
	SQL_QUERY(db, &JOURNAL_PAGE, &rows, SQL_ID(enrollment_id), SQL_INT(after_id),
		  SQL_INT(limit));
	while (rows_next(&rows)) {
		const struct journal_row row = row_at(&rows);
		each(arg, &row);
	}
	return rows_end(&rows);
}

enum err journal_rows_next(struct db *db, struct arena *arena, uint64_t enrollment_id,
			   uint64_t after_id, const char *kind, const char **detail_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &JOURNAL_NEXT, &rows, SQL_ID(enrollment_id),
			       SQL_INT(after_id), SQL_TEXT(kind));
	if (err != ERR_OK)
		return err;
	*detail_out = arena_strdup(arena, rows_text(&rows, 0));
	return rows_end(&rows);
}

enum err journal_rows_newest(struct db *db, struct arena *arena, uint64_t enrollment_id,
			     size_t limit, struct journal_row **rows_out,
			     size_t *count_out)
{
	struct rows rows;
	*rows_out = ARENA_ARRAY(arena, struct journal_row, limit);
	*count_out = 0;
	SQL_QUERY(db, &JOURNAL_NEWEST, &rows, SQL_ID(enrollment_id), SQL_INT(limit));
	while (rows_next(&rows)) {
		struct journal_row row = row_at(&rows);
		row.step_id = arena_strdup(arena, row.step_id ? row.step_id : "");
		row.kind = arena_strdup(arena, row.kind);
		row.detail = arena_strdup(arena, row.detail);
		(*rows_out)[(*count_out)++] = row;
	}
	return rows_end(&rows);
}

enum err journal_rows_forget(struct db *db, int64_t before, size_t limit,
			     int64_t *count_out)
{
	enum err err = SQL_RUN(db, &JOURNAL_FORGET, SQL_ID(ident_least(before)),
			       SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}

enum err not_enrolled_rows_forget(struct db *db, int64_t before, size_t limit,
				  int64_t *count_out)
{
	enum err err =
		SQL_RUN(db, &NOT_ENROLLED_FORGET, SQL_INT(before), SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}

enum err not_enrolled_rows_note(struct db *db, const char *workflow_id,
				uint64_t contact_id, const struct not_enrolled *what)
{
	return SQL_RUN(db, &NOT_ENROLLED_NOTE, SQL_TEXT(workflow_id),
		       SQL_ID(contact_id), SQL_TEXT(what->cause), SQL_TIME(what->at),
		       SQL_TEXT(what->outcome), SQL_TEXT(what->detail),
		       SQL_ID(what->id));
}

enum err not_enrolled_rows_last(struct db *db, struct arena *arena,
				const char *workflow_id, uint64_t contact_id,
				struct not_enrolled *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &NOT_ENROLLED_LAST, &rows, SQL_TEXT(workflow_id),
			       SQL_ID(contact_id));
	if (err != ERR_OK)
		return err;
	*out = (struct not_enrolled){
		.cause = arena_strdup(arena, rows_text(&rows, 0)),
		.outcome = arena_strdup(arena, rows_text(&rows, 1)),
		.detail = arena_strdup(arena, rows_text(&rows, 2)),
		.at = rows_int(&rows, 3),
		.times = rows_int(&rows, 4),
		.id = rows_id(&rows, 5),
	};
	return rows_end(&rows);
}
