/* number_rows.c - numbers and the history of their consent. See contact_rows.h */
#include "store/contact_rows.h"
#include "store/sql.h"

/* primary keys, messages_contact: the newest text of each thread with the number */
SQL(NUMBER_LOAD,
    "SELECT n.is_opted_out, n.consent_revision, n.consent_at, "
    "n.consent_reason, n.last_contact_id, (SELECT max((SELECT id "
    "FROM messages WHERE contact_id = h.contact_id AND +number = ?1 ORDER BY id DESC "
    "LIMIT 1)) FROM number_contacts h WHERE h.number = ?1) FROM (SELECT ?1 AS e164) AS of LEFT JOIN numbers n "
    "ON n.e164 = of.e164");
SQL(NUMBER_SAVE,
    "INSERT INTO numbers (e164, is_opted_out, consent_revision, consent_at, "
    "consent_reason, last_contact_id) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (e164) DO UPDATE SET is_opted_out = "
    "excluded.is_opted_out, "
    "consent_revision = excluded.consent_revision, consent_at = excluded.consent_at, "
    "consent_reason = excluded.consent_reason, last_contact_id = "
    "excluded.last_contact_id");
SQL(CONSENT_ADD, "INSERT INTO consents (id, number, revision, is_opted_out, at, "
		 "contact_id, message_id, actor, "
		 "reason, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
/* consents_number */
SQL(CONSENTS_COUNT, "SELECT count(*) FROM consents WHERE number = ?1");
SQL(CONSENT_LOAD, "SELECT id, revision, is_opted_out, at, contact_id, message_id, "
		  "actor, reason, evidence, number FROM consents WHERE id = ?1");
SQL(CONSENT_LAST, "SELECT id, revision, is_opted_out, at, contact_id, message_id, "
		  "actor, reason, evidence "
		  "FROM consents WHERE number = ?1 ORDER BY id DESC LIMIT 1");
SQL(CONSENTS_OF, "SELECT id, revision, is_opted_out, at, contact_id, message_id, "
		 "actor, reason, evidence "
		 "FROM consents WHERE number = ?1 ORDER BY id LIMIT ?2");

enum err number_rows_load(struct db *db, struct arena *arena, const char *e164,
			  struct number *number_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &NUMBER_LOAD, &rows, SQL_TEXT(e164));
	if (err != ERR_OK)
		return err;
	*number_out = (struct number){.e164 = arena_strdup(arena, e164),
				      .is_opted_out = rows_bool(&rows, 0),
				      .consent_revision = (uint32_t)rows_int(&rows, 1),
				      .consent_at = rows_int(&rows, 2),
				      .consent_reason =
					      arena_strdup(arena, rows_text(&rows, 3)),
				      .last_contact_id = rows_id(&rows, 4),
				      .head_id = rows_id(&rows, 5)};
	return rows_end(&rows);
}

enum err number_rows_save(struct db *db, const struct number *number)
{
	return SQL_RUN(db, &NUMBER_SAVE, SQL_TEXT(number->e164),
		       SQL_INT(number->is_opted_out), SQL_INT(number->consent_revision),
		       SQL_TIME(number->consent_at), SQL_TEXT(number->consent_reason),
		       SQL_ID(number->last_contact_id));
}

enum err consent_rows_add(struct db *db, const struct consent_row *row)
{
	return SQL_RUN(db, &CONSENT_ADD, SQL_ID(row->id), SQL_TEXT(row->number),
		       SQL_INT(row->revision), SQL_INT(row->is_opted_out),
		       SQL_TIME(row->at), SQL_ID(row->contact_id),
		       SQL_ID(row->message_id), SQL_TEXT(row->actor),
		       SQL_TEXT(row->reason), SQL_TEXT(row->evidence));
}

static void consent_read(const struct rows *rows, struct arena *arena,
			 struct consent_row *row_out)
{
	*row_out = (struct consent_row){
		.id = rows_id(rows, 0),
		.revision = (uint32_t)rows_int(rows, 1),
		.is_opted_out = rows_bool(rows, 2),
		.at = rows_int(rows, 3),
		.contact_id = rows_id(rows, 4),
		.message_id = rows_id(rows, 5),
		.actor = arena_strdup(arena, rows_text(rows, 6)),
		.reason = arena_strdup(arena, rows_text(rows, 7)),
		.evidence = arena_strdup(arena, rows_text(rows, 8)),
	};
}

enum err consent_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct consent_row *row_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &CONSENT_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	consent_read(&rows, arena, row_out);
	row_out->number = arena_strdup(arena, rows_text(&rows, 9));
	return rows_end(&rows);
}

enum err consent_rows_last(struct db *db, struct arena *arena, const char *e164,
			   struct consent_row *row_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &CONSENT_LAST, &rows, SQL_TEXT(e164));
	if (err != ERR_OK)
		return err;
	consent_read(&rows, arena, row_out);
	row_out->number = e164;
	return rows_end(&rows);
}

enum err consent_rows_of(struct db *db, struct arena *arena, const char *e164,
			 struct consent_row **rows_out, size_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &CONSENTS_COUNT, &rows, SQL_TEXT(e164));
	if (err != ERR_OK)
		return err;
	size_t room = (size_t)rows_int(&rows, 0), count = 0;
	err = rows_end(&rows);
	if (err != ERR_OK)
		return err;
	struct consent_row *found = ARENA_ARRAY(arena, struct consent_row, room);
	SQL_QUERY(db, &CONSENTS_OF, &rows, SQL_TEXT(e164), SQL_INT(room));
	while (count < room && rows_next(&rows)) {
		consent_read(&rows, arena, &found[count]);
		found[count++].number = arena_strdup(arena, e164);
	}
	*rows_out = found;
	*count_out = count;
	return rows_end(&rows);
}
