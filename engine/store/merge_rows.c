/* merge_rows.c - see merge_rows.h */
#include "store/merge_rows.h"

#include "store/sql.h"

/* messages_contact, notes_contact, tasks_contact, enrollments_contact, receipts_contact */
SQL(MERGE_MESSAGES,
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE contact_id = ?1 LIMIT ?2)");
SQL(MERGE_NOTES,
    "SELECT count(*) FROM (SELECT 1 FROM notes WHERE contact_id = ?1 LIMIT ?2)");
SQL(MERGE_TASKS,
    "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE contact_id = ?1 LIMIT ?2)");
SQL(MERGE_ENROLLMENTS,
    "SELECT count(*) FROM (SELECT 1 FROM enrollments WHERE contact_id = ?1 LIMIT ?2)");
SQL(MERGE_RECEIPTS,
    "SELECT count(*) FROM (SELECT 1 FROM receipts WHERE contact_id = ?1 LIMIT ?2)");
SQL(MOVE_MESSAGES, "UPDATE messages SET contact_id = ?2 WHERE contact_id = ?1");
SQL(MOVE_NOTES, "UPDATE notes SET contact_id = ?2 WHERE contact_id = ?1");
SQL(MOVE_TASKS, "UPDATE tasks SET contact_id = ?2, revision = revision + 1 WHERE "
		"contact_id = ?1");
SQL(MOVE_ENROLLMENTS, "UPDATE enrollments SET contact_id = ?2 WHERE contact_id = ?1");
SQL(MOVE_RECEIPTS, "UPDATE receipts SET contact_id = ?2 WHERE contact_id = ?1");
/* primary key */
SQL(MOVE_REFUSALS, "DELETE FROM not_enrolled WHERE contact_id = ?1");
/* primary key: a look for each user */
SQL(MOVE_MENTIONS,
    "INSERT INTO mentions (user_id, contact_id, note_id, is_unread) SELECT user_id, ?2, "
    "note_id, is_unread FROM mentions WHERE user_id IN (SELECT id FROM users) AND "
    "contact_id = ?1 ON CONFLICT (user_id, contact_id) DO UPDATE SET note_id = CASE WHEN "
    "excluded.note_id > mentions.note_id THEN excluded.note_id ELSE mentions.note_id END, "
    "is_unread = CASE WHEN excluded.is_unread + mentions.is_unread > 0 THEN 1 ELSE 0 END");
SQL(MOVE_READS,
    "UPDATE thread_reads SET read_id = coalesce((SELECT r.read_id FROM thread_reads r "
    "WHERE r.user_id = thread_reads.user_id AND r.contact_id = ?1), 0) WHERE contact_id "
    "= ?2 AND user_id IN (SELECT id FROM users) AND read_id > coalesce((SELECT r.read_id "
    "FROM thread_reads r WHERE r.user_id = thread_reads.user_id AND r.contact_id = ?1), "
    "0) AND EXISTS (SELECT 1 FROM contacts c WHERE c.id = ?1 AND c.thread_inbound_id IS "
    "NOT NULL)");
/* primary keys */
SQL(MERGE_THREAD,
    "UPDATE contacts SET (thread_head_id, thread_inbound_id, texter_id, release_at) = "
    "(SELECT CASE WHEN is_later THEN f.thread_head_id ELSE contacts.thread_head_id END, "
    "nullif(CASE WHEN coalesce(f.thread_inbound_id, 0) > "
    "coalesce(contacts.thread_inbound_id, 0) THEN f.thread_inbound_id ELSE "
    "coalesce(contacts.thread_inbound_id, 0) END, 0), CASE WHEN is_later THEN "
    "f.texter_id ELSE contacts.texter_id END, CASE WHEN is_later THEN f.release_at ELSE "
    "contacts.release_at END FROM (SELECT *, coalesce(thread_head_id, 0) > "
    "coalesce((SELECT thread_head_id FROM contacts WHERE id = ?2), 0) AS is_later FROM "
    "contacts WHERE id = ?1) f) WHERE id = ?2");
SQL(MERGE_NUMBER, "UPDATE numbers SET last_contact_id = ?2 WHERE last_contact_id = ?1 "
		  "AND e164 = (SELECT phone_e164 FROM contacts WHERE id = ?2)");
SQL(MERGE_POINT,
    "UPDATE contacts SET merged_into = ?2, release_at = NULL WHERE id = ?1");
/* contacts_merged */
SQL(MERGE_POINT_ON, "UPDATE contacts SET merged_into = ?2 WHERE merged_into = ?1");
SQL(MERGE_FORGET, "UPDATE contacts SET external_id = NULL WHERE merged_into = ?1");
SQL(MERGE_TARGET,
    "SELECT merged_into FROM contacts WHERE id = ?1 AND merged_into IS NOT NULL");

static enum err count(struct db *db, const struct sql_statement *statement,
		      uint64_t contact_id, int64_t cap, int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, statement, &rows, SQL_ID(contact_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err merge_rows_count(struct db *db, uint64_t contact_id, int64_t cap,
			  struct merge_counts *counts_out)
{
	enum err err =
		count(db, &MERGE_MESSAGES, contact_id, cap, &counts_out->messages);
	if (err == ERR_OK)
		err = count(db, &MERGE_NOTES, contact_id, cap, &counts_out->notes);
	if (err == ERR_OK)
		err = count(db, &MERGE_TASKS, contact_id, cap, &counts_out->tasks);
	if (err == ERR_OK)
		err = count(db, &MERGE_ENROLLMENTS, contact_id, cap,
			    &counts_out->enrollments);
	return err == ERR_OK ? count(db, &MERGE_RECEIPTS, contact_id, cap,
				     &counts_out->receipts)
			     : err;
}

static enum err run_both(struct db *db, const struct sql_statement *const *statements,
			 size_t statement_count, uint64_t from_id, uint64_t into_id)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < statement_count; i++)
		err = SQL_RUN(db, statements[i], SQL_ID(from_id), SQL_ID(into_id));
	return err;
}

#define RUN_BOTH(db, statements, from, into) \
	run_both(db, statements, sizeof(statements) / sizeof(*(statements)), from, into)

enum err merge_rows_move(struct db *db, uint64_t from_id, uint64_t into_id)
{
	static const struct sql_statement *const moves[] = {
		&MOVE_MESSAGES, &MOVE_NOTES, &MOVE_TASKS,    &MOVE_ENROLLMENTS,
		&MOVE_RECEIPTS, &MOVE_READS, &MOVE_MENTIONS,
	};
	enum err err = SQL_RUN(db, &MOVE_REFUSALS, SQL_ID(from_id));
	return err == ERR_OK ? RUN_BOTH(db, moves, from_id, into_id) : err;
}

enum err merge_rows_thread(struct db *db, uint64_t from_id, uint64_t into_id)
{
	static const struct sql_statement *const threads[] = {&MERGE_THREAD,
							      &MERGE_NUMBER};
	return RUN_BOTH(db, threads, from_id, into_id);
}

enum err merge_rows_point(struct db *db, uint64_t from_id, uint64_t into_id)
{
	static const struct sql_statement *const points[] = {&MERGE_POINT,
							     &MERGE_POINT_ON};
	return RUN_BOTH(db, points, from_id, into_id);
}

enum err merge_rows_target(struct db *db, uint64_t from_id, uint64_t *into_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MERGE_TARGET, &rows, SQL_ID(from_id));
	if (err != ERR_OK)
		return err;
	*into_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err merge_rows_forget(struct db *db, uint64_t into_id)
{
	return SQL_RUN(db, &MERGE_FORGET, SQL_ID(into_id));
}
