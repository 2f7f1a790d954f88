/* lease_rows.c - leases, receipts, drafts and holds. See task_rows.h */
#include "store/row_ids.h"
#include "store/sql.h"
#include "store/task_rows.h"

/* --- leases: all by the primary key ------------------------------------------------------------------------------ */

SQL(LEASE_LOAD, "SELECT user_id, credential_id, fence, taken_at, expires_at, "
		"was_unassigned, keyed_at FROM leases "
		"WHERE card_id = ?1");
SQL(LEASE_SAVE,
    "INSERT INTO leases (card_id, user_id, credential_id, fence, taken_at, expires_at, "
    "was_unassigned, keyed_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (card_id) DO UPDATE SET "
    "user_id = "
    "excluded.user_id, "
    "credential_id = excluded.credential_id, fence = excluded.fence, taken_at = "
    "excluded.taken_at, "
    "expires_at = excluded.expires_at, was_unassigned = excluded.was_unassigned, "
    "keyed_at = excluded.keyed_at");
SQL(LEASE_DELETE, "DELETE FROM leases WHERE card_id = ?1");
SQL(LEASE_RENEW, "UPDATE leases SET expires_at = ?2, keyed_at = ?3 WHERE card_id = ?1");
SQL(LEASE_RESERVE, "UPDATE leases SET number = ?2 WHERE card_id = ?1 AND number IS "
		   "DISTINCT FROM ?2");
/* leases_number */
SQL(LEASE_RESERVED, "SELECT count(*) FROM leases WHERE number = ?1 AND expires_at > ?2 "
		    "AND card_id <> ?3");

enum err lease_rows_load(struct db *db, uint64_t card_id, struct lease *lease_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &LEASE_LOAD, &rows, SQL_ID(card_id));
	if (err != ERR_OK)
		return err;
	*lease_out = (struct lease){
		.card_id = card_id,
		.user_id = rows_id(&rows, 0),
		.credential_id = rows_id(&rows, 1),
		.fence = rows_id(&rows, 2),
		.taken_at = rows_int(&rows, 3),
		.expires_at = rows_int(&rows, 4),
		.origin = (enum lease_origin)rows_int(&rows, 5),
		.keyed_at = rows_int(&rows, 6),
	};
	return rows_end(&rows);
}

enum err lease_rows_save(struct db *db, const struct lease *lease)
{
	return SQL_RUN(db, &LEASE_SAVE, SQL_ID(lease->card_id), SQL_ID(lease->user_id),
		       SQL_INT(lease->credential_id), SQL_INT(lease->fence),
		       SQL_INT(lease->taken_at), SQL_INT(lease->expires_at),
		       SQL_INT(lease->origin), SQL_INT(lease->keyed_at));
}

enum err lease_rows_delete(struct db *db, uint64_t card_id)
{
	return SQL_RUN(db, &LEASE_DELETE, SQL_ID(card_id));
}

enum err lease_rows_renew(struct db *db, const struct lease *lease)
{
	return SQL_RUN(db, &LEASE_RENEW, SQL_ID(lease->card_id),
		       SQL_INT(lease->expires_at), SQL_INT(lease->keyed_at));
}

enum err lease_rows_reserve(struct db *db, uint64_t card_id, const char *number)
{
	return SQL_RUN(db, &LEASE_RESERVE, SQL_ID(card_id), SQL_TEXT(number));
}

enum err lease_rows_reserved(struct db *db, const char *number, int64_t now,
			     uint64_t but_card_id, unsigned *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &LEASE_RESERVED, &rows, SQL_TEXT(number),
			       SQL_INT(now), SQL_INT(but_card_id));
	if (err != ERR_OK)
		return err;
	*count_out = (unsigned)rows_int(&rows, 0);
	return rows_end(&rows);
}

/* --- receipts ---------------------------------------------------------------------------------------------------- */

/* primary key */
SQL(RECEIPT_LOAD,
    "SELECT secret, task_id, contact_id, user_id, credential_id, fence, minted_at, "
    "recipient, sender, "
    "smsc, thread_head_id, assignee_id, consent_revision, workflow_version, "
    "offered_text, "
    "shown_messages, used_at, message_id, is_void, owner_id, rendered_text FROM "
    "receipts WHERE id = ?1");
SQL(RECEIPT_INSERT, "INSERT INTO receipts (id, secret, task_id, contact_id, user_id, "
		    "credential_id, fence, minted_at, "
		    "recipient, sender, smsc, thread_head_id, assignee_id, "
		    "consent_revision, workflow_version, "
		    "offered_text, shown_messages, owner_id, rendered_text) VALUES "
		    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
		    "?8, ?9, ?10, ?11, ?12, ?13, "
		    "?14, ?15, ?16, ?17, ?18, ?19)");
SQL(RECEIPT_USE, "UPDATE receipts SET used_at = ?2, message_id = ?3 WHERE id = ?1 AND "
		 "used_at IS NULL");
/* receipts_open */
SQL(RECEIPT_SHOWN, "SELECT coalesce(rendered_text, offered_text) FROM receipts WHERE "
		   "task_id = ?1 AND used_at IS NULL AND is_void = 0");
SQL(RECEIPT_OPEN, "SELECT id FROM receipts WHERE task_id = ?1 AND used_at IS NULL AND "
		  "is_void = 0 LIMIT 1");
/* receipts_reply */
SQL(RECEIPT_OPEN_REPLY, "SELECT id FROM receipts WHERE contact_id = ?1 AND task_id IS "
			"NULL AND used_at IS NULL AND is_void = 0 LIMIT 1");
/* primary key */
SQL(RECEIPT_VOID, "UPDATE receipts SET is_void = 1 WHERE id = ?1");

enum err receipt_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct receipt *receipt_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &RECEIPT_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	*receipt_out = (struct receipt){
		.id = id,
		.secret = arena_strdup(arena, rows_text(&rows, 0)),
		.task_id = rows_id(&rows, 1),
		.contact_id = rows_id(&rows, 2),
		.user_id = rows_id(&rows, 3),
		.credential_id = rows_id(&rows, 4),
		.fence = rows_id(&rows, 5),
		.minted_at = rows_int(&rows, 6),
		.recipient = arena_strdup(arena, rows_text(&rows, 7)),
		.sender = arena_strdup(arena, rows_text(&rows, 8)),
		.smsc = arena_strdup(arena, rows_text(&rows, 9)),
		.thread_head_id = rows_id(&rows, 10),
		.assignee_id = rows_id(&rows, 11),
		.consent_revision = (uint32_t)rows_int(&rows, 12),
		.workflow_version = (uint32_t)rows_int(&rows, 13),
		.offered_text = arena_strdup(arena, rows_text(&rows, 14)),
		.shown_messages = arena_strdup(arena, rows_text(&rows, 15)),
		.used_at = rows_int(&rows, 16),
		.message_id = rows_id(&rows, 17),
		.is_void = rows_bool(&rows, 18),
		.owner_id = rows_id(&rows, 19),
		.rendered_text = arena_strdup(arena, rows_text(&rows, 20)),
	};
	return rows_end(&rows);
}

enum err receipt_rows_insert(struct db *db, const struct receipt *receipt)
{
	return SQL_RUN(
		db, &RECEIPT_INSERT, SQL_ID(receipt->id), SQL_TEXT(receipt->secret),
		SQL_ID(receipt->task_id), SQL_ID(receipt->contact_id),
		SQL_ID(receipt->user_id), SQL_INT(receipt->credential_id),
		SQL_INT(receipt->fence), SQL_INT(receipt->minted_at),
		SQL_TEXT(receipt->recipient), SQL_TEXT(receipt->sender),
		SQL_TEXT(receipt->smsc), SQL_ID(receipt->thread_head_id),
		SQL_ID(receipt->assignee_id), SQL_INT(receipt->consent_revision),
		SQL_ID(receipt->workflow_version), SQL_TEXT(receipt->offered_text),
		SQL_TEXT(receipt->shown_messages), SQL_ID(receipt->owner_id),
		SQL_TEXT(receipt->rendered_text));
}

enum err receipt_rows_use(struct db *db, uint64_t id, int64_t now, uint64_t message_id)
{
	return SQL_RUN(db, &RECEIPT_USE, SQL_ID(id), SQL_INT(now), SQL_ID(message_id));
}

enum err receipt_rows_shown(struct db *db, struct arena *arena, uint64_t task_id,
			    const char **text_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &RECEIPT_SHOWN, &rows, SQL_ID(task_id));
	if (err != ERR_OK)
		return err;
	*text_out = arena_strdup(arena, rows_text(&rows, 0));
	return rows_end(&rows);
}

enum err receipt_rows_void_open(struct db *db, const struct receipt *receipt)
{
	const struct sql_statement *open =
		receipt->task_id ? &RECEIPT_OPEN : &RECEIPT_OPEN_REPLY;
	uint64_t of = receipt->task_id ? receipt->task_id : receipt->contact_id;
	enum err err = ERR_OK;
	while (err == ERR_OK) {
		struct rows rows;
		err = SQL_ONE(db, open, &rows, SQL_ID(of));
		if (err != ERR_OK)
			break;
		uint64_t id = rows_id(&rows, 0);
		err = rows_end(&rows);
		if (err == ERR_OK)
			err = SQL_RUN(db, &RECEIPT_VOID, SQL_ID(id));
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* --- drafts: all by the primary key ------------------------------------------------------------------------------ */

SQL(DRAFT_LOAD,
    "SELECT user_id, text, updated_at, base FROM drafts WHERE card_id = ?1");
SQL(DRAFT_SAVE,
    "INSERT INTO drafts (card_id, user_id, text, updated_at, base) VALUES (?1, ?2, ?3, "
    "?4, ?5) ON CONFLICT (card_id) DO UPDATE SET user_id = excluded.user_id, text = "
    "excluded.text, updated_at = excluded.updated_at, base = excluded.base");
SQL(DRAFT_DELETE, "DELETE FROM drafts WHERE card_id = ?1");

enum err draft_rows_load(struct db *db, struct arena *arena, uint64_t card_id,
			 struct draft *draft_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DRAFT_LOAD, &rows, SQL_ID(card_id));
	if (err != ERR_OK)
		return err;
	*draft_out = (struct draft){
		.card_id = card_id,
		.user_id = rows_id(&rows, 0),
		.text = arena_strdup(arena, rows_text(&rows, 1)),
		.updated_at = rows_int(&rows, 2),
		.base = arena_strdup(arena, rows_text(&rows, 3)),
	};
	return rows_end(&rows);
}

enum err draft_rows_save(struct db *db, const struct draft *draft)
{
	return SQL_RUN(db, &DRAFT_SAVE, SQL_ID(draft->card_id), SQL_ID(draft->user_id),
		       SQL_TEXT(draft->text), SQL_INT(draft->updated_at),
		       SQL_TEXT(draft->base));
}

enum err draft_rows_delete(struct db *db, uint64_t card_id)
{
	return SQL_RUN(db, &DRAFT_DELETE, SQL_ID(card_id));
}

/* --- holds: scope 0 task, 1 number, 2 workflow, 3 all -------------------------------------------------------------- */

/* primary key */
SQL(HOLD_ADD, "INSERT INTO holds (scope, ref, reason, at) VALUES (?1, ?2, ?3, ?4) "
	      "ON CONFLICT (scope, ref, reason) DO NOTHING");
SQL(HOLD_REMOVE,
    "DELETE FROM holds WHERE scope = ?1 AND ref = ?2 AND (?3 IS NULL OR reason = ?3)");
SQL(HOLD_REASONS,
    "SELECT reason FROM holds WHERE scope = 0 AND ref = CAST(?1 AS TEXT) UNION ALL "
    "SELECT reason FROM holds WHERE scope = 1 AND ref = ?2 UNION ALL "
    "SELECT reason FROM holds WHERE scope = 2 AND ref = ?3 UNION ALL "
    "SELECT reason FROM holds WHERE scope = 3 AND ref = ''");
/* tasks_workflow; a task that is settled leaves the state, so no place needs to be kept */
SQL(HOLD_TO_HOLD,
    "SELECT id FROM tasks WHERE workflow_id = ?1 AND state IN (0, 2) LIMIT ?2");
/* tasks_made: those held by something else stay, so the last id is kept */
SQL(HOLD_TO_RELEASE, "SELECT id FROM tasks WHERE state = 1 AND id > ?2 AND workflow_id "
		     "= ?1 ORDER BY id LIMIT ?3");
/* contacts_phone, tasks_contact; likewise */
SQL(HOLD_TO_HOLD_NUMBER, "SELECT t.id FROM contacts c JOIN tasks t ON t.contact_id = "
			 "c.id WHERE c.phone_e164 = ?1 AND c.deleted_at IS NULL AND "
			 "t.state IN (0, 2) LIMIT ?2");
SQL(HOLD_TO_RELEASE_NUMBER,
    "SELECT t.id FROM contacts c JOIN tasks t ON t.contact_id = c.id WHERE "
    "c.phone_e164 = ?1 AND c.deleted_at IS NULL AND t.state = 1 AND t.id > ?2 ORDER BY "
    "t.id LIMIT ?3");
SQL(HOLD_EXISTS, "SELECT 1 FROM holds WHERE scope = ?1 AND ref = ?2 LIMIT 1");

enum err hold_rows_add(struct db *db, int scope, const char *ref, const char *reason,
		       int64_t now)
{
	return SQL_RUN(db, &HOLD_ADD, SQL_INT(scope), SQL_TEXT(ref), SQL_TEXT(reason),
		       SQL_INT(now));
}

enum err hold_rows_remove(struct db *db, int scope, const char *ref, const char *reason)
{
	return SQL_RUN(db, &HOLD_REMOVE, SQL_INT(scope), SQL_TEXT(ref),
		       SQL_TEXT(reason));
}

enum err hold_rows_reasons(struct db *db, struct arena *arena, uint64_t task_id,
			   const char *number, const char *workflow_id,
			   const char ***reasons_out, size_t *count_out)
{
	enum { REASONS_MOST = 16 };
	struct rows rows;
	size_t count = 0;
	*reasons_out = NULL;
	SQL_QUERY(db, &HOLD_REASONS, &rows, SQL_ID(task_id), SQL_TEXT(number),
		  SQL_TEXT(workflow_id));
	while (rows_next(&rows) && count < REASONS_MOST) {
		if (!*reasons_out)
			*reasons_out = ARENA_ARRAY(arena, const char *, REASONS_MOST);
		(*reasons_out)[count++] = arena_strdup(arena, rows_text(&rows, 0));
	}
	*count_out = count;
	return rows_end(&rows);
}

enum err hold_rows_exist(struct db *db, int scope, const char *ref, bool *exist_out)
{
	struct rows rows;
	SQL_QUERY(db, &HOLD_EXISTS, &rows, SQL_INT(scope), SQL_TEXT(ref));
	*exist_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err hold_rows_to_hold(struct db *db, struct arena *arena,
			   const struct hold_place *place, size_t limit,
			   uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, place->is_number ? &HOLD_TO_HOLD_NUMBER : &HOLD_TO_HOLD, &rows,
		  SQL_TEXT(place->ref), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err hold_rows_to_release(struct db *db, struct arena *arena,
			      const struct hold_place *after, size_t limit,
			      uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, after->is_number ? &HOLD_TO_RELEASE_NUMBER : &HOLD_TO_RELEASE,
		  &rows, SQL_TEXT(after->ref), SQL_INT(after->task_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}
