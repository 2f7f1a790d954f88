/* event_source_rows.c - see event_source_rows.h */
#include "store/event_source_rows.h"

#include "store/sql.h"

#define COLUMNS                                                   \
	"id, name, events, secret, former_secret, former_until, " \
	"created_at, used_at, refused_at, refused_code, refused_detail"

/* all by the primary key, but for the name's unique index; the whole table is a few rows */
SQL(EVENT_SOURCE_INSERT,
    "INSERT INTO event_sources (id, name, events, secret, created_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5)");
SQL(EVENT_SOURCE_SAVE, "UPDATE event_sources SET name = ?2, events = ?3, secret = ?4, "
		       "former_secret = ?5, former_until = ?6 WHERE id = ?1");
SQL(EVENT_SOURCE_DELETE, "DELETE FROM event_sources WHERE id = ?1");
SQL(EVENT_SOURCE_USED, "UPDATE event_sources SET used_at = ?2 WHERE id = ?1");
SQL(EVENT_SOURCE_REFUSED,
    "UPDATE event_sources SET refused_at = ?2, refused_code = ?3, "
    "refused_detail = ?4 WHERE id = ?1");
SQL(EVENT_SOURCE_LOAD, "SELECT " COLUMNS " FROM event_sources WHERE id = ?1");
SQL(EVENT_SOURCE_PAGE,
    "SELECT " COLUMNS " FROM event_sources WHERE id > ?1 ORDER BY id LIMIT ?2");
SQL(EVENT_SOURCE_COUNT, "SELECT count(*) FROM event_sources");

enum err event_source_rows_insert(struct db *db, const struct event_source *source)
{
	return SQL_RUN(db, &EVENT_SOURCE_INSERT, SQL_ID(source->id),
		       SQL_TEXT(source->name), SQL_TEXT(source->events),
		       SQL_TEXT(source->secret), SQL_INT(source->created_at));
}

enum err event_source_rows_save(struct db *db, const struct event_source *source)
{
	return SQL_RUN(db, &EVENT_SOURCE_SAVE, SQL_ID(source->id),
		       SQL_TEXT(source->name), SQL_TEXT(source->events),
		       SQL_TEXT(source->secret), SQL_TEXT(source->former_secret),
		       SQL_TIME(source->former_until));
}

enum err event_source_rows_delete(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &EVENT_SOURCE_DELETE, SQL_ID(id));
}

enum err event_source_rows_used(struct db *db, uint64_t id, int64_t at)
{
	return SQL_RUN(db, &EVENT_SOURCE_USED, SQL_ID(id), SQL_INT(at));
}

enum err event_source_rows_refused(struct db *db, uint64_t id, int64_t at,
				   const char *code, const char *detail)
{
	return SQL_RUN(db, &EVENT_SOURCE_REFUSED, SQL_ID(id), SQL_INT(at),
		       SQL_TEXT(code), SQL_TEXT(detail));
}

static struct event_source source_of(const struct rows *rows)
{
	return (struct event_source){
		.id = rows_id(rows, 0),
		.name = rows_text(rows, 1),
		.events = rows_text(rows, 2),
		.secret = rows_text(rows, 3),
		.former_secret = rows_text(rows, 4),
		.former_until = rows_int(rows, 5),
		.created_at = rows_int(rows, 6),
		.used_at = rows_int(rows, 7),
		.refused_at = rows_int(rows, 8),
		.refused_code = rows_text(rows, 9),
		.refused_detail = rows_text(rows, 10),
	};
}

enum err event_source_rows_load(struct db *db, struct arena *arena, uint64_t id,
				struct event_source *source_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &EVENT_SOURCE_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	struct event_source source = source_of(&rows);
	source.name = arena_strdup(arena, source.name);
	source.events = arena_strdup(arena, source.events);
	source.secret = arena_strdup(arena, source.secret);
	source.former_secret = arena_strdup(arena, source.former_secret);
	source.refused_code = arena_strdup(arena, source.refused_code);
	source.refused_detail = arena_strdup(arena, source.refused_detail);
	err = rows_end(&rows);
	if (err == ERR_OK)
		*source_out = source;
	return err;
}

enum err event_source_rows_count(struct db *db, int64_t *count_out)
{
	struct rows rows;
	SQL_QUERY0(db, &EVENT_SOURCE_COUNT, &rows);
	if (rows_next(&rows))
		*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err event_source_rows_page(struct db *db, uint64_t after_id, size_t limit,
				event_source_fn *each, void *arg)
{
	struct rows rows;
	SQL_QUERY(db, &EVENT_SOURCE_PAGE, &rows, SQL_INT(after_id), SQL_INT(limit));
	while (rows_next(&rows)) {
		const struct event_source source = source_of(&rows);
		each(arg, &source);
	}
	return rows_end(&rows);
}
