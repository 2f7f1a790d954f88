/* snippet_rows.c - see snippet_rows.h */
#include "store/snippet_rows.h"

#include "store/sql.h"

#define COLUMNS "id, name, text, created_at, updated_at, updated_by"

/* primary key */
SQL(SNIPPET_LOAD, "SELECT " COLUMNS " FROM snippets WHERE id = ?1");
SQL(SNIPPET_PAGE,
    "SELECT " COLUMNS " FROM snippets WHERE id > ?1 ORDER BY id LIMIT ?2");
SQL(SNIPPET_INSERT,
    "INSERT INTO snippets (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
SQL(SNIPPET_SAVE, "UPDATE snippets SET name = ?2, text = ?3, updated_at = ?4, "
		  "updated_by = ?5 WHERE id = ?1");
SQL(SNIPPET_DELETE, "DELETE FROM snippets WHERE id = ?1");
SQL(TASK_TEMPLATE_ADD, "INSERT INTO task_templates (task_id, text) VALUES (?1, ?2)");
SQL(TASK_TEMPLATE_DROP, "DELETE FROM task_templates WHERE task_id = ?1");
SQL(TASK_TEMPLATE_LOAD, "SELECT text FROM task_templates WHERE task_id = ?1");
/* unique name */
SQL(SNIPPET_BY_NAME, "SELECT " COLUMNS " FROM snippets WHERE name = ?1");

static void snippet_read(const struct rows *rows, struct snippet *snippet)
{
	*snippet = (struct snippet){
		.id = rows_id(rows, 0),
		.name = rows_text(rows, 1),
		.text = rows_text(rows, 2),
		.created_at = rows_int(rows, 3),
		.updated_at = rows_int(rows, 4),
		.updated_by = rows_id(rows, 5),
	};
}

static enum err take(struct rows *rows, struct arena *arena, struct snippet *snippet)
{
	snippet_read(rows, snippet);
	snippet->name = arena_strdup(arena, snippet->name);
	snippet->text = arena_strdup(arena, snippet->text);
	return rows_end(rows);
}

enum err snippet_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct snippet *snippet_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &SNIPPET_LOAD, &rows, SQL_ID(id));
	return err == ERR_OK ? take(&rows, arena, snippet_out) : err;
}

enum err snippet_rows_by_name(struct db *db, struct arena *arena, const char *name,
			      struct snippet *snippet_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &SNIPPET_BY_NAME, &rows, SQL_TEXT(name));
	return err == ERR_OK ? take(&rows, arena, snippet_out) : err;
}

enum err snippet_rows_insert(struct db *db, const struct snippet *snippet)
{
	return SQL_RUN(db, &SNIPPET_INSERT, SQL_ID(snippet->id),
		       SQL_TEXT(snippet->name), SQL_TEXT(snippet->text),
		       SQL_INT(snippet->created_at), SQL_INT(snippet->updated_at),
		       SQL_ID(snippet->updated_by));
}

enum err snippet_rows_save(struct db *db, const struct snippet *snippet)
{
	return SQL_RUN(db, &SNIPPET_SAVE, SQL_ID(snippet->id), SQL_TEXT(snippet->name),
		       SQL_TEXT(snippet->text), SQL_INT(snippet->updated_at),
		       SQL_ID(snippet->updated_by));
}

enum err snippet_rows_delete(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &SNIPPET_DELETE, SQL_ID(id));
}

enum err snippet_rows_page(struct db *db, uint64_t after_id, size_t limit,
			   snippet_fn *each, void *arg)
{
	struct rows rows;
	SQL_QUERY(db, &SNIPPET_PAGE, &rows, SQL_INT(after_id), SQL_INT(limit));
	while (rows_next(&rows)) {
		struct snippet snippet;
		snippet_read(&rows, &snippet);
		each(arg, &snippet);
	}
	return rows_end(&rows);
}

enum err task_template_rows_add(struct db *db, uint64_t task_id, const char *text)
{
	return SQL_RUN(db, &TASK_TEMPLATE_ADD, SQL_ID(task_id), SQL_TEXT(text));
}

enum err task_template_rows_drop(struct db *db, uint64_t task_id)
{
	return SQL_RUN(db, &TASK_TEMPLATE_DROP, SQL_ID(task_id));
}

enum err task_template_rows_load(struct db *db, struct arena *arena, uint64_t task_id,
				 const char **text_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_TEMPLATE_LOAD, &rows, SQL_ID(task_id));
	if (err != ERR_OK)
		return err;
	*text_out = arena_strdup(arena, rows_text(&rows, 0));
	return rows_end(&rows);
}
