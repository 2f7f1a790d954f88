/* timeline_rows.c - see timeline_rows.h */
#include "store/timeline_rows.h"

#include "store/sql.h"

/* The last id of that millisecond: base/ident.h says how ids are made. */
#define PLACE_OF(at) "(" at " - 1577836800000) * 4194304 + 4194303"

/* clang-format off */
/* Texts and notes go along messages_contact and notes_contact; of the rest a contact has few: tasks_contact,
 * enrollments_contact, consents_number, the key of contact_tags. */
SQL(TIMELINE,
    "SELECT place, kind, ref, at, tag FROM ("
    "SELECT * FROM (SELECT id AS place, 0 AS kind, id AS ref, created_at AS at, NULL "
    "AS tag FROM messages WHERE contact_id = ?1 AND id <= ?2 AND id > (SELECT reset_id "
    "FROM contacts WHERE id = ?1) ORDER BY id DESC LIMIT ?4) "
    "UNION ALL SELECT * FROM (SELECT id, 1, id, created_at, NULL FROM notes WHERE "
    "contact_id = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?4) "
    "UNION ALL SELECT id, 2, id, created_at, NULL FROM tasks WHERE contact_id = ?1 AND "
    "id <= ?2 "
    "UNION ALL SELECT " PLACE_OF("ended_at") ", 3, id, ended_at, NULL FROM tasks WHERE "
    "contact_id = ?1 AND " PLACE_OF("ended_at") " <= ?2 "
    "UNION ALL SELECT id, 4, id, created_at, NULL FROM enrollments WHERE contact_id = "
    "?1 AND id <= ?2 "
    "UNION ALL SELECT " PLACE_OF("ended_at") ", 5, id, ended_at, NULL FROM enrollments "
    "WHERE contact_id = ?1 AND " PLACE_OF("ended_at") " <= ?2 "
    "UNION ALL SELECT id, 6, id, at, NULL FROM consents WHERE number = ?3 AND id <= ?2 "
    "UNION ALL SELECT " PLACE_OF("added_at") ", 7, 0, added_at, tag FROM contact_tags "
    "WHERE contact_id = ?1 AND " PLACE_OF("added_at") " <= ?2"
    ") ORDER BY place DESC, kind DESC, ref DESC, tag LIMIT ?4");
/* clang-format on */
/* primary key */
SQL(TIMELINE_CONSENT_LOAD, "SELECT number, revision, is_opted_out, at, contact_id, "
			   "message_id, actor, reason, evidence FROM consents WHERE "
			   "id = ?1");

enum err timeline_rows_page(struct db *db, struct arena *arena,
			    const struct timeline_filter *filter,
			    struct timeline_row **rows_out, size_t *count_out)
{
	struct timeline_row *found =
		ARENA_ARRAY(arena, struct timeline_row, filter->limit);
	size_t count = 0;
	struct rows rows;
	SQL_QUERY(db, &TIMELINE, &rows, SQL_ID(filter->contact->id),
		  SQL_INT(filter->until_place ? filter->until_place
					      : (uint64_t)INT64_MAX),
		  SQL_TEXT(filter->contact->phone_e164), SQL_INT(filter->limit));
	while (count < filter->limit && rows_next(&rows))
		found[count++] = (struct timeline_row){
			.place = rows_id(&rows, 0),
			.kind = (enum timeline_kind)rows_int(&rows, 1),
			.ref = rows_id(&rows, 2),
			.at = rows_int(&rows, 3),
			.tag = arena_strdup(arena, rows_text(&rows, 4)),
		};
	*rows_out = found;
	*count_out = count;
	return rows_end(&rows);
}

enum err timeline_rows_consent(struct db *db, struct arena *arena, uint64_t id,
			       struct consent_row *row_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TIMELINE_CONSENT_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	*row_out = (struct consent_row){
		.id = id,
		.number = arena_strdup(arena, rows_text(&rows, 0)),
		.revision = (uint32_t)rows_int(&rows, 1),
		.is_opted_out = rows_bool(&rows, 2),
		.at = rows_int(&rows, 3),
		.contact_id = rows_id(&rows, 4),
		.message_id = rows_id(&rows, 5),
		.actor = arena_strdup(arena, rows_text(&rows, 6)),
		.reason = arena_strdup(arena, rows_text(&rows, 7)),
		.evidence = arena_strdup(arena, rows_text(&rows, 8)),
	};
	return rows_end(&rows);
}
