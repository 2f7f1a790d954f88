/* email_rows.c - see email_rows.h */
#include "store/email_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"

/* emails_visit refuses the second */
SQL(EMAIL_INSERT,
    "INSERT INTO emails (id, enrollment_id, step_id, visit, contact_id, "
    "recipient, subject, body, message_id, state, detail, created_at, "
    "state_at, user_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
    "?12, ?13, ?14)");
/* primary keys */
SQL(EMAIL_LOAD,
    "SELECT e.id, e.enrollment_id, e.step_id, e.visit, e.contact_id, "
    "e.recipient, e.subject, e.body, e.message_id, e.state, e.detail, "
    "e.created_at, e.state_at, o.attempts, e.user_id FROM emails e LEFT JOIN outbox o "
    "ON o.id = e.id WHERE e.id = ?1");
SQL(EMAIL_SAVE, "UPDATE emails SET state = ?2, detail = ?3, state_at = ?4 WHERE "
		"id = ?1");
/* emails_open */
SQL(EMAIL_UNSETTLED,
    "SELECT id FROM emails WHERE state <= 1 AND created_at <= ?1 ORDER "
    "BY id LIMIT ?2");

SQL(EMAIL_OUTBOX_ADD, "INSERT INTO outbox (id, kind, number, not_before, is_out, "
		      "attempts) VALUES (?1, 1, '', ?2, 0, 0)");
/* outbox_emails */
SQL(EMAIL_OUTBOX_READY, "SELECT id FROM outbox WHERE kind = 1 AND is_out = 0 AND "
			"not_before <= ?1 ORDER BY not_before, id LIMIT ?2");
SQL(EMAIL_OUTBOX_NEXT, "SELECT not_before FROM outbox WHERE kind = 1 AND is_out = 0 "
		       "ORDER BY not_before LIMIT 1");
/* primary key */
SQL(EMAIL_OUTBOX_MARK, "UPDATE outbox SET is_out = 1, node = ?2, epoch = ?3, attempts "
		       "= attempts + 1 WHERE id = ?1");
SQL(EMAIL_OUTBOX_UNMARK, "UPDATE outbox SET is_out = 0, node = NULL, epoch = NULL, "
			 "not_before = ?2 WHERE id = ?1");
SQL(EMAIL_OUTBOX_DELETE, "DELETE FROM outbox WHERE id = ?1");
/* outbox_out */
SQL(EMAIL_OUTBOX_ORPHANS, "SELECT id FROM outbox WHERE is_out = 1 AND kind = 1 AND "
			  "node = ?1 AND epoch <> ?2 ORDER BY id LIMIT ?3");
/* outbox_waiting; outbox_out */
SQL(EMAIL_OUTBOX_COUNT,
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE kind = 1 AND is_out = 0 "
    "AND sender IS NULL LIMIT 1000000)) + (SELECT count(*) FROM outbox WHERE is_out = 1 AND kind = 1)");

enum err email_rows_insert(struct db *db, const struct email *email)
{
	return SQL_RUN(db, &EMAIL_INSERT, SQL_ID(email->id),
		       SQL_ID(email->enrollment_id), SQL_TEXT(email->step_id),
		       SQL_ID(email->visit), SQL_ID(email->contact_id),
		       SQL_TEXT(email->recipient), SQL_TEXT(email->subject),
		       SQL_TEXT(email->body), SQL_TEXT(email->message_id),
		       SQL_INT(email->state), SQL_TEXT(email->detail),
		       SQL_TIME(email->created_at), SQL_TIME(email->state_at),
		       SQL_ID(email->user_id));
}

enum err email_rows_load(struct db *db, struct arena *arena, uint64_t id,
			 struct email *email_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &EMAIL_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	*email_out = (struct email){
		.id = rows_id(&rows, 0),
		.enrollment_id = rows_id(&rows, 1),
		.step_id = arena_strdup(arena, rows_text(&rows, 2)),
		.visit = (uint32_t)rows_int(&rows, 3),
		.contact_id = rows_id(&rows, 4),
		.recipient = arena_strdup(arena, rows_text(&rows, 5)),
		.subject = arena_strdup(arena, rows_text(&rows, 6)),
		.body = arena_strdup(arena, rows_text(&rows, 7)),
		.message_id = arena_strdup(arena, rows_text(&rows, 8)),
		.state = (enum email_state)rows_int(&rows, 9),
		.detail = arena_strdup(arena, rows_text(&rows, 10)),
		.created_at = rows_int(&rows, 11),
		.state_at = rows_int(&rows, 12),
		.attempts = (uint32_t)rows_int(&rows, 13),
		.user_id = rows_id(&rows, 14),
	};
	return rows_end(&rows);
}

enum err email_rows_save(struct db *db, const struct email *email)
{
	return SQL_RUN(db, &EMAIL_SAVE, SQL_ID(email->id), SQL_INT(email->state),
		       SQL_TEXT(email->detail), SQL_TIME(email->state_at));
}

enum err email_rows_unsettled(struct db *db, struct arena *arena, int64_t until,
			      size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &EMAIL_UNSETTLED, &rows, SQL_INT(until), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err email_outbox_add(struct db *db, uint64_t id, int64_t not_before)
{
	return SQL_RUN(db, &EMAIL_OUTBOX_ADD, SQL_ID(id), SQL_INT(not_before));
}

enum err email_outbox_ready(struct db *db, struct arena *arena, int64_t now,
			    size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &EMAIL_OUTBOX_READY, &rows, SQL_INT(now), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err email_outbox_mark(struct db *db, uint64_t id, unsigned node, uint32_t epoch)
{
	return SQL_RUN(db, &EMAIL_OUTBOX_MARK, SQL_ID(id), SQL_INT(node),
		       SQL_INT(epoch));
}

enum err email_outbox_unmark(struct db *db, uint64_t id, int64_t not_before)
{
	return SQL_RUN(db, &EMAIL_OUTBOX_UNMARK, SQL_ID(id), SQL_INT(not_before));
}

enum err email_outbox_delete(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &EMAIL_OUTBOX_DELETE, SQL_ID(id));
}

enum err email_outbox_orphans(struct db *db, struct arena *arena, unsigned node,
			      uint32_t epoch, size_t limit, uint64_t **ids_out,
			      size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &EMAIL_OUTBOX_ORPHANS, &rows, SQL_INT(node), SQL_INT(epoch),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err email_outbox_next(struct db *db, int64_t *at_out)
{
	struct rows rows;
	*at_out = 0;
	enum err err = sql_one(db, &EMAIL_OUTBOX_NEXT, &rows, NULL, 0);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err email_outbox_count(struct db *db, int64_t *count_out)
{
	struct rows rows;
	enum err err = sql_one(db, &EMAIL_OUTBOX_COUNT, &rows, NULL, 0);
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
