/* outbox_rows.c - what waits to leave. See message_rows.h */
#include "store/message_rows.h"
#include "store/row_ids.h"
#include "store/sql.h"

SQL(OUTBOX_ADD,
    "INSERT INTO outbox (id, kind, number, sender, not_before, is_out, attempts) "
    "VALUES (?1, 0, ?2, ?3, ?4, 0, 0)");
/* in order; outbox_number for the earlier ones of the same number */
#define MAY_LEAVE                                                             \
	"AND (o.not_before IS NULL OR o.not_before <= ?1) AND NOT EXISTS "    \
	"(SELECT 1 FROM outbox e WHERE e.number = o.number AND e.id < o.id) " \
	"ORDER BY o.id LIMIT ?2"
/* outbox_waiting */
SQL(OUTBOX_READY, "SELECT o.id FROM outbox o WHERE o.kind = 0 AND o.is_out = 0 AND "
		  "o.sender IS NULL " MAY_LEAVE);
/* outbox_sender */
SQL(OUTBOX_READY_OF, "SELECT o.id FROM outbox o WHERE o.is_out = 0 AND o.sender = ?3 "
		     "AND o.kind = 0 " MAY_LEAVE);
SQL(OUTBOX_NEXT_SENDER, "SELECT sender FROM outbox WHERE is_out = 0 AND sender > ?1 "
			"ORDER BY sender LIMIT 1");
SQL(OUTBOX_COUNT_OF, "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE is_out = 0 AND "
		     "sender = ?1 LIMIT ?2)");
/* primary key */
SQL(OUTBOX_MARK, "UPDATE outbox SET is_out = 1, node = ?2, epoch = ?3, attempts = "
		 "attempts + 1 WHERE id = ?1");
SQL(OUTBOX_UNMARK,
    "UPDATE outbox SET is_out = 0, node = NULL, epoch = NULL WHERE id = ?1");
SQL(OUTBOX_DELETE, "DELETE FROM outbox WHERE id = ?1");
/* outbox_out */
SQL(OUTBOX_ORPHANS, "SELECT id FROM outbox WHERE is_out = 1 AND kind = 0 AND node = ?1 "
		    "AND epoch <> ?2 ORDER BY id LIMIT ?3");
/* outbox_waiting, outbox_sender; outbox_out */
SQL(OUTBOX_COUNTS, "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE kind = 0 "
		   "AND is_out = 0 AND sender IS NULL LIMIT 1000000)) + "
		   "(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE is_out = 0 AND "
		   "sender IS NOT NULL LIMIT 1000000)), "
		   "(SELECT count(*) FROM outbox WHERE is_out = 1 AND kind = 0)");
/* outbox_undo */
SQL(OUTBOX_NEXT, "SELECT min(not_before) FROM outbox WHERE kind = 0 AND is_out = 0 AND "
		 "not_before > ?1");

enum err outbox_rows_add(struct db *db, const struct outbox_text *text)
{
	return SQL_RUN(db, &OUTBOX_ADD, SQL_ID(text->message_id),
		       SQL_TEXT(text->number), SQL_TEXT(text->paced_sender),
		       SQL_TIME(text->not_before));
}

enum err outbox_rows_ready(struct db *db, struct arena *arena, int64_t now,
			   size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &OUTBOX_READY, &rows, SQL_INT(now), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err outbox_rows_next_sender(struct db *db, struct arena *arena, const char *after,
				 const char **sender_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &OUTBOX_NEXT_SENDER, &rows, SQL_TEXT(after));
	if (err != ERR_OK)
		return err;
	*sender_out = arena_strdup(arena, rows_text(&rows, 0));
	return rows_end(&rows);
}

enum err outbox_rows_ready_of(struct db *db, struct arena *arena, const char *sender,
			      const struct outbox_limit *limit, uint64_t **ids_out,
			      size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &OUTBOX_READY_OF, &rows, SQL_INT(limit->now),
		  SQL_INT(limit->most), SQL_TEXT(sender));
	return rows_ids(&rows, arena, limit->most, ids_out, count_out);
}

enum err outbox_rows_count_of(struct db *db, const char *sender, int64_t cap,
			      int64_t *count_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &OUTBOX_COUNT_OF, &rows, SQL_TEXT(sender), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err outbox_rows_mark(struct db *db, uint64_t message_id, unsigned node,
			  uint32_t epoch)
{
	return SQL_RUN(db, &OUTBOX_MARK, SQL_ID(message_id), SQL_INT(node),
		       SQL_INT(epoch));
}

enum err outbox_rows_unmark(struct db *db, uint64_t message_id)
{
	return SQL_RUN(db, &OUTBOX_UNMARK, SQL_ID(message_id));
}

enum err outbox_rows_delete(struct db *db, uint64_t message_id)
{
	return SQL_RUN(db, &OUTBOX_DELETE, SQL_ID(message_id));
}

enum err outbox_rows_orphans(struct db *db, struct arena *arena, unsigned node,
			     uint32_t epoch, size_t limit, uint64_t **ids_out,
			     size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &OUTBOX_ORPHANS, &rows, SQL_INT(node), SQL_INT(epoch),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err outbox_rows_counts(struct db *db, int64_t *waiting_out, int64_t *out_out)
{
	struct rows rows;
	enum err err = sql_one(db, &OUTBOX_COUNTS, &rows, NULL, 0);
	if (err != ERR_OK)
		return err;
	*waiting_out = rows_int(&rows, 0);
	*out_out = rows_int(&rows, 1);
	return rows_end(&rows);
}

enum err outbox_rows_next(struct db *db, int64_t now, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &OUTBOX_NEXT, &rows, SQL_INT(now));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
