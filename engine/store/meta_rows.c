/* meta_rows.c - see meta_rows.h */
#include "store/meta_rows.h"

/* all by the primary key */
SQL(META_GET, "SELECT value FROM meta WHERE key = ?1");
SQL(META_SET, "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO "
	      "UPDATE SET value = excluded.value");
SQL(META_REMOVE, "DELETE FROM meta WHERE key = ?1");

enum err meta_rows_get(struct db *db, struct arena *arena, const char *key,
		       char **value_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &META_GET, &rows, SQL_TEXT(key));
	if (err != ERR_OK)
		return err;
	char *value = arena_strdup(arena, rows_text(&rows, 0));
	err = rows_end(&rows);
	if (err == ERR_OK)
		*value_out = value;
	return err;
}

enum err meta_rows_set(struct db *db, const char *key, const char *value)
{
	if (!value)
		return SQL_RUN(db, &META_REMOVE, SQL_TEXT(key));
	return SQL_RUN(db, &META_SET, SQL_TEXT(key), SQL_TEXT(value));
}
