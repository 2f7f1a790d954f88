/* trial_rows.c - see trial_rows.h */
#include "store/trial_rows.h"

#include "model/states.h"
#include "store/row_ids.h"
#include "store/sql.h"

/* outbox.kind 2 is the sink; outbox_waiting in order */
SQL(SINK_ADD, "INSERT INTO outbox (id, kind, number, not_before, is_out, attempts) "
	      "VALUES (?1, 2, ?2, ?3, 0, 0)");
SQL(SINK_READY,
    "SELECT id FROM outbox WHERE kind = 2 AND is_out = 0 AND sender IS NULL AND "
    "(not_before IS NULL OR not_before <= ?1) ORDER BY id LIMIT ?2");
SQL(SINK_NEXT, "SELECT min(not_before) FROM outbox WHERE kind = 2 AND is_out = 0 AND "
	       "sender IS NULL AND not_before > ?1");
/* enrollments_contact */
SQL(TRIAL_FORGET_RUNS, "UPDATE enrollments SET is_forgotten = 1 WHERE contact_id = ?1 "
		       "AND is_forgotten = 0");
/* primary keys */
SQL(TRIAL_RESET,
    "UPDATE contacts SET reset_id = ?2, thread_head_id = NULL, thread_inbound_id = "
    "NULL, texter_id = NULL WHERE id = ?1");
SQL(TRIAL_CLEAR_TAGS, "DELETE FROM contact_tags WHERE contact_id = ?1");
SQL(TRIAL_CLEAR_FIELDS, "DELETE FROM contact_fields WHERE contact_id = ?1");
/* messages_contact */
SQL(TRIAL_APPROVED, "SELECT id FROM messages WHERE contact_id = ?1 AND state = ?2 "
		    "ORDER BY id LIMIT ?3");
/* contacts_phone */
SQL(TRIAL_SHARED, "SELECT EXISTS (SELECT 1 FROM contacts WHERE phone_e164 = ?1 AND "
		  "deleted_at IS NULL AND is_test = 0)");

enum err sink_rows_add(struct db *db, uint64_t message_id, const char *number,
		       int64_t not_before)
{
	return SQL_RUN(db, &SINK_ADD, SQL_ID(message_id), SQL_TEXT(number),
		       SQL_TIME(not_before));
}

enum err sink_rows_ready(struct db *db, struct arena *arena, int64_t now, size_t limit,
			 uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &SINK_READY, &rows, SQL_INT(now), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err sink_rows_next(struct db *db, int64_t now, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &SINK_NEXT, &rows, SQL_INT(now));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err trial_rows_forget(struct db *db, uint64_t contact_id, uint64_t reset_id)
{
	enum err err = SQL_RUN(db, &TRIAL_FORGET_RUNS, SQL_ID(contact_id));
	return err == ERR_OK
		       ? SQL_RUN(db, &TRIAL_RESET, SQL_ID(contact_id), SQL_ID(reset_id))
		       : err;
}

enum err trial_rows_clear_tags(struct db *db, uint64_t contact_id)
{
	return SQL_RUN(db, &TRIAL_CLEAR_TAGS, SQL_ID(contact_id));
}

enum err trial_rows_clear_fields(struct db *db, uint64_t contact_id)
{
	return SQL_RUN(db, &TRIAL_CLEAR_FIELDS, SQL_ID(contact_id));
}

enum err trial_rows_approved(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &TRIAL_APPROVED, &rows, SQL_ID(contact_id),
		  SQL_INT(MESSAGE_APPROVED), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err trial_rows_is_shared(struct db *db, const char *e164, bool *shared_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TRIAL_SHARED, &rows, SQL_TEXT(e164));
	if (err != ERR_OK)
		return err;
	*shared_out = rows_bool(&rows, 0);
	return rows_end(&rows);
}
