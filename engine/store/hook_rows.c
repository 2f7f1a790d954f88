/* hook_rows.c - hooks. See hook_rows.h */
#include "store/hook_rows.h"

#include "store/sql.h"

#define COLUMNS                                                             \
	"id, kind, name, url, events, wants_tests, secret, former_secret, " \
	"former_until, is_enabled, disabled_reason, created_at"

/* all by the primary key, but for the name's unique index; the whole table is a few rows */
SQL(HOOK_INSERT, "INSERT INTO hooks (" COLUMNS
		 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
SQL(HOOK_SAVE, "UPDATE hooks SET name = ?2, url = ?3, events = ?4, wants_tests = ?5, "
	       "secret = ?6, former_secret = ?7, former_until = ?8, is_enabled = ?9, "
	       "disabled_reason = ?10 WHERE id = ?1");
SQL(HOOK_REMOVE,
    "UPDATE hooks SET kind = 2, name = '#' || id, events = '', secret = NULL, "
    "former_secret = NULL, is_enabled = 0 WHERE id = ?1");
/* hook_deliveries_hook */
SQL(HOOK_CLEAR_DELIVERIES,
    "DELETE FROM hook_deliveries WHERE id IN (SELECT d.id FROM hooks h JOIN "
    "hook_deliveries d ON d.hook_id = h.id WHERE h.kind = 2 LIMIT ?1)");
SQL(HOOK_CLEAR, "DELETE FROM hooks WHERE kind = 2 AND NOT EXISTS (SELECT 1 FROM "
		"hook_deliveries d WHERE d.hook_id = hooks.id)");
SQL(HOOK_LOAD, "SELECT " COLUMNS " FROM hooks WHERE id = ?1 AND kind < 2");
SQL(HOOK_BY_NAME, "SELECT " COLUMNS " FROM hooks WHERE name = ?1 AND kind < 2");
SQL(HOOK_PAGE,
    "SELECT " COLUMNS " FROM hooks WHERE id > ?1 AND kind < 2 ORDER BY id LIMIT ?2");
SQL(HOOK_WANTING, "SELECT " COLUMNS " FROM hooks WHERE kind = 0 AND is_enabled = 1 AND "
		  "events <> '' ORDER BY id");
SQL(HOOK_COUNT, "SELECT count(*) FROM hooks WHERE kind = ?1");

enum err hook_rows_insert(struct db *db, const struct hook *hook)
{
	return SQL_RUN(db, &HOOK_INSERT, SQL_ID(hook->id), SQL_INT(hook->kind),
		       SQL_TEXT(hook->name), SQL_TEXT(hook->url),
		       SQL_TEXT(hook->events), SQL_INT(hook->wants_tests),
		       SQL_TEXT(hook->secret), SQL_TEXT(hook->former_secret),
		       SQL_TIME(hook->former_until), SQL_INT(hook->is_enabled),
		       SQL_TEXT(hook->disabled_reason), SQL_INT(hook->created_at));
}

enum err hook_rows_save(struct db *db, const struct hook *hook)
{
	return SQL_RUN(db, &HOOK_SAVE, SQL_ID(hook->id), SQL_TEXT(hook->name),
		       SQL_TEXT(hook->url), SQL_TEXT(hook->events),
		       SQL_INT(hook->wants_tests), SQL_TEXT(hook->secret),
		       SQL_TEXT(hook->former_secret), SQL_TIME(hook->former_until),
		       SQL_INT(hook->is_enabled), SQL_TEXT(hook->disabled_reason));
}

enum err hook_rows_remove(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &HOOK_REMOVE, SQL_ID(id));
}

enum err hook_rows_clear_removed(struct db *db, size_t limit, int64_t *count_out)
{
	enum err err = SQL_RUN(db, &HOOK_CLEAR_DELIVERIES, SQL_INT(limit));
	*count_out = err == ERR_OK ? sql_changes(db) : 0;
	return err == ERR_OK && !*count_out ? SQL_RUN0(db, &HOOK_CLEAR) : err;
}

static struct hook hook_of(const struct rows *rows)
{
	return (struct hook){
		.id = rows_id(rows, 0),
		.kind = (enum hook_kind)rows_int(rows, 1),
		.name = rows_text(rows, 2),
		.url = rows_text(rows, 3),
		.events = rows_text(rows, 4),
		.wants_tests = rows_bool(rows, 5),
		.secret = rows_text(rows, 6),
		.former_secret = rows_text(rows, 7),
		.former_until = rows_int(rows, 8),
		.is_enabled = rows_bool(rows, 9),
		.disabled_reason = rows_text(rows, 10),
		.created_at = rows_int(rows, 11),
	};
}

static enum err load(struct rows *rows, struct arena *arena, struct hook *hook_out)
{
	struct hook hook = hook_of(rows);
	hook.name = arena_strdup(arena, hook.name);
	hook.url = arena_strdup(arena, hook.url);
	hook.events = arena_strdup(arena, hook.events);
	hook.secret = arena_strdup(arena, hook.secret);
	hook.former_secret = arena_strdup(arena, hook.former_secret);
	hook.disabled_reason = arena_strdup(arena, hook.disabled_reason);
	enum err err = rows_end(rows);
	if (err == ERR_OK)
		*hook_out = hook;
	return err;
}

enum err hook_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct hook *hook_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &HOOK_LOAD, &rows, SQL_ID(id));
	return err == ERR_OK ? load(&rows, arena, hook_out) : err;
}

enum err hook_rows_by_name(struct db *db, struct arena *arena, const char *name,
			   struct hook *hook_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &HOOK_BY_NAME, &rows, SQL_TEXT(name));
	return err == ERR_OK ? load(&rows, arena, hook_out) : err;
}

static enum err each_of(struct rows *rows, hook_row_fn *each, void *arg)
{
	enum err err = ERR_OK;
	while (err == ERR_OK && rows_next(rows)) {
		const struct hook hook = hook_of(rows);
		err = each(arg, &hook);
	}
	enum err end = rows_end(rows);
	return err == ERR_OK ? end : err;
}

enum err hook_rows_each(struct db *db, uint64_t after_id, size_t limit,
			hook_row_fn *each, void *arg)
{
	struct rows rows;
	SQL_QUERY(db, &HOOK_PAGE, &rows, SQL_INT(after_id), SQL_INT(limit));
	return each_of(&rows, each, arg);
}

enum err hook_rows_each_wanting(struct db *db, hook_row_fn *each, void *arg)
{
	struct rows rows;
	SQL_QUERY0(db, &HOOK_WANTING, &rows);
	return each_of(&rows, each, arg);
}

enum err hook_rows_count(struct db *db, enum hook_kind kind, int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &HOOK_COUNT, &rows, SQL_INT(kind));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
