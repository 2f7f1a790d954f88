/* part_rows.c - see part_rows.h */
#include "store/part_rows.h"

#include <string.h>

#include "store/sql.h"

#define COLUMNS                                                                   \
	"event_id, number, own_number, ref, total, part, smsc, coding, charset, " \
	"bytes, at, came_at"

/* primary key */
SQL(PART_KNOWN, "SELECT 1 FROM inbound_parts WHERE event_id = ?1");
SQL(PART_INSERT, "INSERT INTO inbound_parts (" COLUMNS ", is_open) VALUES (?1, ?2, ?3, "
		 "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
/* inbound_parts_open */
SQL(PARTS_OF,
    "SELECT " COLUMNS " FROM inbound_parts WHERE number = ?1 AND own_number = "
    "?2 AND ref = ?3 AND total = ?4 AND is_open = 1 ORDER BY part LIMIT ?5");
SQL(PARTS_CLOSE,
    "UPDATE inbound_parts SET is_open = 0, bytes = NULL, number = '' WHERE number = ?1 AND "
    "own_number = ?2 AND ref = ?3 AND total = ?4 AND is_open = 1");
/* inbound_parts_wait */
SQL(PART_OLDEST, "SELECT " COLUMNS " FROM inbound_parts WHERE is_open = 1 ORDER BY "
		 "came_at LIMIT 1");
/* inbound_parts_age */
SQL(PARTS_FORGET, "DELETE FROM inbound_parts WHERE event_id IN (SELECT event_id FROM "
		  "inbound_parts WHERE is_open = 0 AND came_at < ?1 LIMIT ?2)");

enum err part_rows_known(struct db *db, const char *event_id, bool *known_out)
{
	struct rows rows;
	SQL_QUERY(db, &PART_KNOWN, &rows, SQL_TEXT(event_id));
	*known_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err part_rows_insert(struct db *db, const struct part_row *row, bool is_open)
{
	return SQL_RUN(
		db, &PART_INSERT, SQL_TEXT(row->event_id),
		SQL_TEXT(is_open ? row->number : ""), SQL_TEXT(row->own_number),
		SQL_INT(row->ref), SQL_INT(row->total), SQL_INT(row->part),
		SQL_TEXT(row->smsc), SQL_INT(row->coding), SQL_TEXT(row->charset),
		SQL_BLOB(is_open ? row->bytes : NULL, is_open ? row->len_bytes : 0),
		SQL_INT(row->at), SQL_INT(row->came_at), SQL_INT(is_open));
}

static void part_read(const struct rows *rows, struct arena *arena,
		      struct part_row *row_out)
{
	size_t len = 0;
	const void *bytes = rows_blob(rows, 9, &len);
	char *copy = arena_alloc(arena, len + 1);
	if (bytes)
		memcpy(copy, bytes, len);
	*row_out = (struct part_row){
		.event_id = arena_strdup(arena, rows_text(rows, 0)),
		.number = arena_strdup(arena, rows_text(rows, 1)),
		.own_number = arena_strdup(arena, rows_text(rows, 2)),
		.ref = (uint32_t)rows_int(rows, 3),
		.total = (uint32_t)rows_int(rows, 4),
		.part = (uint32_t)rows_int(rows, 5),
		.smsc = arena_strdup(arena, rows_text(rows, 6)),
		.coding = (int)rows_int(rows, 7),
		.charset = arena_strdup(arena, rows_text(rows, 8)),
		.bytes = copy,
		.len_bytes = bytes ? len : 0,
		.at = rows_int(rows, 10),
		.came_at = rows_int(rows, 11),
	};
}

enum err part_rows_of(struct db *db, struct arena *arena, const struct part_row *like,
		      struct part_row **rows_out, size_t *count_out)
{
	struct rows rows;
	size_t count = 0;
	struct part_row *found = ARENA_ARRAY(arena, struct part_row, PARTS_MOST);
	SQL_QUERY(db, &PARTS_OF, &rows, SQL_TEXT(like->number),
		  SQL_TEXT(like->own_number), SQL_INT(like->ref), SQL_INT(like->total),
		  SQL_INT(PARTS_MOST));
	while (count < PARTS_MOST && rows_next(&rows))
		part_read(&rows, arena, &found[count++]);
	*rows_out = found;
	*count_out = count;
	return rows_end(&rows);
}

enum err part_rows_close(struct db *db, const struct part_row *like)
{
	return SQL_RUN(db, &PARTS_CLOSE, SQL_TEXT(like->number),
		       SQL_TEXT(like->own_number), SQL_INT(like->ref),
		       SQL_INT(like->total));
}

enum err part_rows_oldest(struct db *db, struct arena *arena, struct part_row *row_out)
{
	struct rows rows;
	SQL_QUERY0(db, &PART_OLDEST, &rows);
	bool is_found = rows_next(&rows);
	if (is_found)
		part_read(&rows, arena, row_out);
	enum err err = rows_end(&rows);
	return err == ERR_OK && !is_found ? ERR_NOT_FOUND : err;
}

enum err part_rows_forget(struct db *db, int64_t before, size_t limit,
			  int64_t *count_out)
{
	enum err err = SQL_RUN(db, &PARTS_FORGET, SQL_INT(before), SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}
