/* erase_rows.c - see erase_rows.h */
#include "store/erase_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"

/* messages_contact */
SQL(ERASE_TEXT_IDS, "SELECT id FROM messages WHERE contact_id = ?1 AND number <> '' "
		    "ORDER BY id LIMIT ?2");
SQL(ERASE_COUNT,
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE contact_id = ?1 LIMIT ?2)");
/* primary keys */
SQL(ERASE_TEXT, "UPDATE messages SET text = '', number = '', detail = NULL, evidence = "
		"NULL WHERE id = ?1");
SQL(ERASE_REPORTS, "UPDATE reports SET detail = '' WHERE message_id = ?1");
SQL(ERASE_TASK,
    "UPDATE tasks SET text = '', why = NULL, name = CASE origin WHEN 0 THEN "
    "name ELSE 'erased' END, revision = revision + 1 WHERE id = ?1");
SQL(ERASE_DRAFT, "DELETE FROM drafts WHERE card_id = ?1");
SQL(ERASE_MAKING, "DELETE FROM task_makings WHERE task_id = ?1");
SQL(ERASE_LATE, "DELETE FROM late_texts WHERE card_id = ?1");
SQL(ERASE_TEMPLATE, "DELETE FROM task_templates WHERE task_id = ?1");
/* ledger_subject, primary key */
SQL(ERASE_SALTS, "DELETE FROM ledger_salts WHERE chain = 0 AND seq IN (SELECT seq FROM "
		 "ledger WHERE subject = ?1 AND chain = 0)");
/* tasks_contact */
SQL(ERASE_TASK_IDS,
    "SELECT id FROM tasks WHERE contact_id = ?1 AND (text <> '' OR why IS NOT NULL OR "
    "(origin <> 0 AND name <> 'erased')) LIMIT ?2");
/* receipts_contact */
SQL(ERASE_RECEIPTS, "UPDATE receipts SET recipient = NULL, offered_text = '', "
		    "rendered_text = NULL WHERE id "
		    "IN (SELECT id FROM receipts WHERE contact_id = ?1 AND "
		    "(recipient IS NOT NULL OR offered_text <> '') LIMIT ?2)");
/* enrollments_contact, journal_enrollment */
SQL(ERASE_JOURNAL, "UPDATE journal SET detail = '{}' WHERE id IN (SELECT j.id FROM "
		   "enrollments e JOIN journal j ON j.enrollment_id = e.id WHERE "
		   "e.contact_id = ?1 AND j.detail <> '{}' LIMIT ?2)");
SQL(ERASE_RUNS, "UPDATE enrollments SET data = NULL WHERE id IN (SELECT id FROM "
		"enrollments WHERE contact_id = ?1 AND data IS NOT NULL LIMIT ?2)");
/* enrollments_contact, emails_visit; what waits to leave goes with its place in the outbox */
SQL(ERASE_EMAILS_OUT,
    "DELETE FROM outbox WHERE kind = 1 AND is_out = 0 AND id IN (SELECT m.id FROM "
    "enrollments e JOIN emails m ON m.enrollment_id = e.id WHERE e.contact_id = ?1 AND "
    "m.state = 0 LIMIT ?2)");
SQL(ERASE_EMAILS,
    "UPDATE emails SET recipient = '', subject = '', body = '', detail = NULL, state = "
    "CASE state WHEN 0 THEN 4 ELSE state END WHERE id IN (SELECT m.id FROM enrollments "
    "e JOIN emails m ON m.enrollment_id = e.id WHERE e.contact_id = ?1 AND m.recipient "
    "<> '' LIMIT ?2)");
/* notes_contact */
SQL(ERASE_NOTES,
    "DELETE FROM notes WHERE id IN (SELECT id FROM notes WHERE contact_id = "
    "?1 LIMIT ?2)");

/* primary keys; what waits for triggers goes by itself, since the contact is not there any more */
SQL(ERASE_REFUSALS,
    "DELETE FROM not_enrolled WHERE (contact_id, workflow_id, cause) IN (SELECT "
    "contact_id, workflow_id, cause FROM not_enrolled WHERE contact_id = ?1 LIMIT ?2)");
SQL(ERASE_DATES,
    "DELETE FROM planned_dates WHERE (contact_id, workflow_id, rule) IN (SELECT "
    "contact_id, workflow_id, rule FROM planned_dates WHERE contact_id = ?1 LIMIT ?2)");

enum err erase_rows_salts(struct db *db, const char *subject)
{
	return SQL_RUN(db, &ERASE_SALTS, SQL_TEXT(subject));
}

static enum err ids_of(struct db *db, struct arena *arena,
		       const struct sql_statement *statement, uint64_t contact_id,
		       size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, statement, &rows, SQL_ID(contact_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

static const char *subject_of(struct arena *arena, const char *kind, uint64_t id)
{
	return arena_printf(arena, "%s:%llu", kind, (unsigned long long)id);
}

static enum err erase_texts(struct db *db, struct arena *arena, uint64_t contact_id,
			    size_t limit, size_t *count_out)
{
	uint64_t *ids;
	enum err err =
		ids_of(db, arena, &ERASE_TEXT_IDS, contact_id, limit, &ids, count_out);
	for (size_t i = 0; err == ERR_OK && i < *count_out; i++) {
		err = erase_rows_salts(db, subject_of(arena, "message", ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_REPORTS, SQL_ID(ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_TEXT, SQL_ID(ids[i]));
	}
	return err;
}

static enum err erase_tasks(struct db *db, struct arena *arena, uint64_t contact_id,
			    size_t limit, size_t *count_out)
{
	uint64_t *ids;
	enum err err =
		ids_of(db, arena, &ERASE_TASK_IDS, contact_id, limit, &ids, count_out);
	for (size_t i = 0; err == ERR_OK && i < *count_out; i++) {
		err = erase_rows_salts(db, subject_of(arena, "task", ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_DRAFT, SQL_ID(ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_TEMPLATE, SQL_ID(ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_MAKING, SQL_ID(ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_LATE, SQL_ID(ids[i]));
		if (err == ERR_OK)
			err = SQL_RUN(db, &ERASE_TASK, SQL_ID(ids[i]));
	}
	return err;
}

/* Each of them leaves a row that it has done alone, so a full one is the sign of more. */
static enum err erase_others(struct db *db, uint64_t contact_id, size_t limit,
			     bool *is_done_out)
{
	static const struct sql_statement *const statements[] = {
		&ERASE_RECEIPTS, &ERASE_JOURNAL, &ERASE_RUNS,     &ERASE_EMAILS_OUT,
		&ERASE_EMAILS,   &ERASE_NOTES,   &ERASE_REFUSALS, &ERASE_DATES,
	};
	enum err err = ERR_OK;
	for (size_t i = 0;
	     err == ERR_OK && i < sizeof(statements) / sizeof(*statements); i++) {
		err = SQL_RUN(db, statements[i], SQL_ID(contact_id), SQL_INT(limit));
		*is_done_out &= err == ERR_OK && sql_changes(db) < (int64_t)limit;
	}
	return err;
}

enum err erase_rows_step(struct db *db, struct arena *arena, uint64_t contact_id,
			 size_t limit, bool *is_done_out, size_t *texts_out)
{
	size_t tasks = 0;
	*texts_out = 0;
	enum err err = erase_texts(db, arena, contact_id, limit, texts_out);
	if (err == ERR_OK)
		err = erase_tasks(db, arena, contact_id, limit, &tasks);
	*is_done_out = err == ERR_OK && *texts_out < limit && tasks < limit;
	if (err == ERR_OK) /* of a free reply */
		err = SQL_RUN(db, &ERASE_DRAFT, SQL_ID(contact_id));
	if (err == ERR_OK)
		err = SQL_RUN(db, &ERASE_LATE, SQL_ID(contact_id));
	return err == ERR_OK ? erase_others(db, contact_id, limit, is_done_out) : err;
}

enum err erase_rows_count(struct db *db, uint64_t contact_id, int64_t cap,
			  int64_t *count_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &ERASE_COUNT, &rows, SQL_ID(contact_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

/* --- numbers --- */

/* consents_number */
SQL(ERASE_WORDS,
    "UPDATE consents SET reason = '', evidence = NULL WHERE number = ?1 AND "
    "contact_id = ?2");
SQL(ERASE_CONSENTS,
    "UPDATE consents SET number = ?2, reason = '', evidence = NULL WHERE number = ?1");
SQL(ERASE_RETURN, "UPDATE consents SET number = ?1 WHERE number = ?2");
/* primary keys */
SQL(ERASE_NUMBER, "DELETE FROM numbers WHERE e164 = ?1");
SQL(ERASE_KEEP,
    "INSERT INTO erased_numbers (hash, consent_revision, consent_at) VALUES "
    "(?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING");
SQL(ERASE_KEPT,
    "SELECT consent_revision, consent_at FROM erased_numbers WHERE hash = ?1");
SQL(ERASE_FORGET, "DELETE FROM erased_numbers WHERE hash = ?1");
/* inbound_parts_open */
SQL(ERASE_PARTS, "DELETE FROM inbound_parts WHERE number = ?1 AND is_open = 1");

enum err erase_rows_words(struct db *db, const char *e164, uint64_t contact_id)
{
	return SQL_RUN(db, &ERASE_WORDS, SQL_TEXT(e164), SQL_ID(contact_id));
}

enum err erase_rows_number(struct db *db, const char *e164,
			   const struct erased_number *number, bool is_kept)
{
	enum err err =
		SQL_RUN(db, &ERASE_CONSENTS, SQL_TEXT(e164), SQL_TEXT(number->hash));
	if (err == ERR_OK)
		err = SQL_RUN(db, &ERASE_NUMBER, SQL_TEXT(e164));
	if (err == ERR_OK)
		err = SQL_RUN(db, &ERASE_PARTS, SQL_TEXT(e164));
	if (err != ERR_OK || !is_kept)
		return err;
	return SQL_RUN(db, &ERASE_KEEP, SQL_TEXT(number->hash),
		       SQL_INT(number->consent_revision), SQL_TIME(number->consent_at));
}

enum err erase_rows_recall(struct db *db, const char *e164, const char *hash,
			   struct erased_number *number_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &ERASE_KEPT, &rows, SQL_TEXT(hash));
	if (err != ERR_OK)
		return err;
	*number_out = (struct erased_number){hash, (uint32_t)rows_int(&rows, 0),
					     rows_int(&rows, 1)};
	err = rows_end(&rows);
	if (err == ERR_OK)
		err = SQL_RUN(db, &ERASE_RETURN, SQL_TEXT(e164), SQL_TEXT(hash));
	return err == ERR_OK ? SQL_RUN(db, &ERASE_FORGET, SQL_TEXT(hash)) : err;
}
