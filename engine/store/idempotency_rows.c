/* idempotency_rows.c - see idempotency_rows.h */
#include "store/idempotency_rows.h"

#include "store/sql.h"

/* primary key */
SQL(IDEMPOTENCY_LOAD,
    "SELECT request_hash, status, body, at, location, revision FROM idempotency "
    "WHERE credential = ?1 AND key = ?2 AND at > ?3");
SQL(IDEMPOTENCY_SAVE,
    "INSERT INTO idempotency (credential, key, request_hash, status, body, at, "
    "location, revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT "
    "(credential, key) DO UPDATE SET "
    "request_hash = excluded.request_hash, status = excluded.status, body = "
    "excluded.body, "
    "at = excluded.at, location = excluded.location, revision = excluded.revision");
/* idempotency_age */
SQL(IDEMPOTENCY_FORGET,
    "DELETE FROM idempotency WHERE (credential, key) IN "
    "(SELECT credential, key FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)");

enum err idempotency_rows_load(struct db *db, struct arena *arena,
			       const char *credential, const char *key, int64_t since,
			       struct idempotency *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &IDEMPOTENCY_LOAD, &rows, SQL_TEXT(credential),
			       SQL_TEXT(key), SQL_INT(since));
	if (err != ERR_OK)
		return err;
	*out = (struct idempotency){
		.credential = credential,
		.key = key,
		.request_hash = arena_strdup(arena, rows_text(&rows, 0)),
		.status = (int)rows_int(&rows, 1),
		.body = arena_strdup(arena, rows_text(&rows, 2)),
		.at = rows_int(&rows, 3),
		.location = arena_strdup(arena, rows_text(&rows, 4)),
		.revision = (uint32_t)rows_int(&rows, 5),
	};
	return rows_end(&rows);
}

enum err idempotency_rows_save(struct db *db, const struct idempotency *kept)
{
	return SQL_RUN(db, &IDEMPOTENCY_SAVE, SQL_TEXT(kept->credential),
		       SQL_TEXT(kept->key), SQL_TEXT(kept->request_hash),
		       SQL_INT(kept->status), SQL_TEXT(kept->body), SQL_INT(kept->at),
		       SQL_TEXT(kept->location), SQL_INT(kept->revision));
}

enum err idempotency_rows_forget(struct db *db, int64_t before, size_t limit,
				 int64_t *count_out)
{
	enum err err =
		SQL_RUN(db, &IDEMPOTENCY_FORGET, SQL_INT(before), SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}
