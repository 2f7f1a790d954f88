/* ledger_rows.c - see ledger_rows.h */
#include "store/ledger_rows.h"

#include <string.h>

#include "store/row_ids.h"
#include "store/sql.h"

/* all by the primary key */
SQL(LEDGER_LAST,
    "SELECT seq, hash FROM ledger WHERE chain = ?1 ORDER BY seq DESC LIMIT 1");
SQL(LEDGER_INSERT, "INSERT INTO ledger (chain, seq, at, actor, credential, way, act, "
		   "subject, payload, prev, hash) "
		   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
SQL(LEDGER_SALT, "INSERT INTO ledger_salts (chain, seq, salt) VALUES (?1, ?2, ?3)");
SQL(LEDGER_AFTER, "SELECT l.chain, l.seq, l.at, l.actor, l.credential, l.way, l.act, "
		  "l.subject, l.payload, l.prev, "
		  "l.hash, s.salt FROM ledger l LEFT JOIN ledger_salts s ON s.chain = "
		  "l.chain AND s.seq = l.seq "
		  "WHERE (l.chain, l.seq) > (?1, ?2) ORDER BY l.chain, l.seq LIMIT ?3");
#define LEDGER_COLUMNS                                                              \
	"l.chain, l.seq, l.at, l.actor, l.credential, l.way, l.act, l.subject, "    \
	"l.payload, l.prev, l.hash, s.salt FROM ledger l LEFT JOIN ledger_salts s " \
	"ON s.chain = l.chain AND s.seq = l.seq WHERE l.chain = 0 AND l.seq < ?1 "
SQL(LEDGER_BACK, "SELECT " LEDGER_COLUMNS "ORDER BY l.seq DESC LIMIT ?2");
/* ledger_subject */
SQL(LEDGER_BACK_OF,
    "SELECT " LEDGER_COLUMNS "AND l.subject = ?3 ORDER BY l.seq DESC LIMIT ?2");
SQL(LEDGER_TEXT,
    "SELECT m.id, m.receipt_id, r.message_id, m.task_id, m.number, m.text, u.login "
    "FROM messages m "
    "LEFT JOIN receipts r ON r.id = m.receipt_id LEFT JOIN users u ON u.id = m.sent_by "
    "WHERE m.id = ?1 AND m.is_inbound = 0");
SQL(LEDGER_TEXT_IDS,
    "SELECT id FROM messages WHERE id > ?1 AND is_inbound = 0 ORDER BY id LIMIT ?2");
SQL(LEDGER_NEWEST_TEXT,
    "SELECT id FROM messages WHERE is_inbound = 0 ORDER BY id DESC LIMIT 1");

static const unsigned char *take_blob(const struct rows *rows, unsigned column,
				      struct arena *arena, size_t *len_bytes_out)
{
	size_t len_bytes = 0;
	const void *bytes = rows_blob(rows, column, &len_bytes);
	*len_bytes_out = bytes ? len_bytes : 0;
	if (!bytes)
		return NULL;
	unsigned char *copy = arena_alloc(arena, len_bytes + 1);
	memcpy(copy, bytes, len_bytes);
	return copy;
}

enum err ledger_rows_last(struct db *db, struct arena *arena, uint32_t chain,
			  struct ledger_row *row_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &LEDGER_LAST, &rows, SQL_INT(chain));
	if (err != ERR_OK)
		return err;
	*row_out = (struct ledger_row){.chain = chain, .seq = rows_id(&rows, 0)};
	row_out->hash = take_blob(&rows, 1, arena, &row_out->hash_bytes);
	return rows_end(&rows);
}

enum err ledger_rows_insert(struct db *db, const struct ledger_row *row)
{
	enum err err = SQL_RUN(
		db, &LEDGER_INSERT, SQL_INT(row->chain), SQL_INT(row->seq),
		SQL_INT(row->at), SQL_TEXT(row->actor), SQL_TEXT(row->credential),
		SQL_TEXT(row->way), SQL_TEXT(row->act), SQL_TEXT(row->subject),
		SQL_TEXT(row->payload), SQL_BLOB(row->prev, row->prev_bytes),
		SQL_BLOB(row->hash, row->hash_bytes));
	if (err != ERR_OK || !row->salt)
		return err;
	return SQL_RUN(db, &LEDGER_SALT, SQL_INT(row->chain), SQL_INT(row->seq),
		       SQL_BLOB(row->salt, row->salt_bytes));
}

/* A column that was emptied by force reads as NULL: compared as an empty text, it breaks the hash. */
static const char *take_text(const struct rows *rows, unsigned column,
			     struct arena *arena)
{
	const char *text = rows_text(rows, column);
	return arena_strdup(arena, text ? text : "");
}

static void read_row(const struct rows *rows, struct arena *arena,
		     struct ledger_row *row)
{
	*row = (struct ledger_row){
		.chain = (uint32_t)rows_int(rows, 0),
		.seq = rows_id(rows, 1),
		.at = rows_int(rows, 2),
		.actor = take_text(rows, 3, arena),
		.credential = take_text(rows, 4, arena),
		.way = take_text(rows, 5, arena),
		.act = take_text(rows, 6, arena),
		.subject = take_text(rows, 7, arena),
		.payload = take_text(rows, 8, arena),
	};
	row->prev = take_blob(rows, 9, arena, &row->prev_bytes);
	row->hash = take_blob(rows, 10, arena, &row->hash_bytes);
	row->salt = take_blob(rows, 11, arena, &row->salt_bytes);
}

enum err ledger_rows_after(struct db *db, struct arena *arena,
			   const struct ledger_row *after, size_t limit,
			   struct ledger_row **rows_out, size_t *count_out)
{
	struct ledger_row *found = ARENA_ARRAY(arena, struct ledger_row, limit);
	size_t count = 0;
	struct rows rows;
	SQL_QUERY(db, &LEDGER_AFTER, &rows, SQL_INT(after->chain), SQL_INT(after->seq),
		  SQL_INT(limit));
	while (rows_next(&rows))
		read_row(&rows, arena, &found[count++]);
	enum err err = rows_end(&rows);
	if (err == ERR_OK) {
		*rows_out = found;
		*count_out = count;
	}
	return err;
}

static bool is_wanted(const struct rows *rows, const struct ledger_filter *filter)
{
	int64_t at = rows_int(rows, 2);
	return (!filter->actor || strcmp(rows_text(rows, 3), filter->actor) == 0) &&
	       (!filter->act || strcmp(rows_text(rows, 6), filter->act) == 0) &&
	       at >= filter->from && (!filter->until || at < filter->until);
}

enum err ledger_rows_page(struct db *db, struct arena *arena,
			  const struct ledger_filter *filter,
			  struct ledger_page *page_out)
{
	struct rows rows;
	size_t looked_at = 0;
	uint64_t last = 0;
	bool has_more = false;
	int64_t below = filter->before_seq ? (int64_t)filter->before_seq : INT64_MAX;
	struct ledger_page page = {
		.rows = ARENA_ARRAY(arena, struct ledger_row, filter->limit)};
	if (filter->subject)
		SQL_QUERY(db, &LEDGER_BACK_OF, &rows, SQL_INT(below),
			  SQL_INT(filter->scan_most + 1), SQL_TEXT(filter->subject));
	else
		SQL_QUERY(db, &LEDGER_BACK, &rows, SQL_INT(below),
			  SQL_INT(filter->scan_most + 1));
	while (rows_next(&rows)) {
		has_more =
			looked_at == filter->scan_most || page.count == filter->limit;
		if (has_more || rows_int(&rows, 2) < filter->from)
			break;
		looked_at++;
		last = rows_id(&rows, 1);
		if (is_wanted(&rows, filter))
			read_row(&rows, arena, &page.rows[page.count++]);
	}
	page.next_before_seq = has_more ? last : 0;
	*page_out = page;
	return rows_end(&rows);
}

enum err ledger_rows_text(struct db *db, struct arena *arena, uint64_t message_id,
			  struct ledger_text *text_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &LEDGER_TEXT, &rows, SQL_INT(message_id));
	if (err != ERR_OK)
		return err;
	*text_out = (struct ledger_text){
		.id = rows_id(&rows, 0),
		.receipt_id = rows_id(&rows, 1),
		.receipt_message_id = rows_id(&rows, 2),
		.task_id = rows_id(&rows, 3),
		.number = arena_strdup(arena, rows_text(&rows, 4)),
		.text = arena_strdup(arena, rows_text(&rows, 5)),
		.sent_by = arena_strdup(arena, rows_text(&rows, 6)),
	};
	return rows_end(&rows);
}

enum err ledger_rows_text_ids(struct db *db, struct arena *arena, uint64_t after_id,
			      size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &LEDGER_TEXT_IDS, &rows, SQL_INT(after_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err ledger_rows_newest_text(struct db *db, uint64_t *id_out)
{
	struct rows rows;
	uint64_t id = 0;
	SQL_QUERY0(db, &LEDGER_NEWEST_TEXT, &rows);
	if (rows_next(&rows))
		id = rows_id(&rows, 0);
	enum err err = rows_end(&rows);
	if (err == ERR_OK)
		*id_out = id;
	return err;
}
