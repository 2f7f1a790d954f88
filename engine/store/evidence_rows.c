/* evidence_rows.c - see evidence_rows.h */
#include "store/evidence_rows.h"

#include "store/sql.h"

/* consents_number; receipts_number: in order, so that no more is read than is shown; number_contacts, messages_contact */
SQL(EVIDENCE_PAGE,
    "SELECT id, kind FROM ("
    "SELECT * FROM (SELECT id, 0 AS kind FROM consents WHERE number = ?1 AND id > ?2 "
    "AND id < ?3 ORDER BY id LIMIT ?4) "
    "UNION ALL SELECT * FROM (SELECT m.id, 1 AS kind FROM number_contacts h CROSS "
    "JOIN messages m ON m.contact_id = h.contact_id WHERE h.number = ?1 AND +m.number "
    "= ?1 AND m.id > ?2 AND m.id < ?3 ORDER BY m.id LIMIT ?4) "
    "UNION ALL SELECT * FROM (SELECT id, 2 AS kind FROM receipts WHERE recipient = ?1 "
    "AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4)) ORDER BY id LIMIT ?4");

enum err evidence_rows_page(struct db *db, struct arena *arena,
			    const struct evidence_filter *filter,
			    struct evidence_row **rows_out, size_t *count_out)
{
	struct rows rows;
	size_t room = filter->limit + 1, count = 0;
	struct evidence_row *found = ARENA_ARRAY(arena, struct evidence_row, room);
	int64_t until = filter->until_id ? (int64_t)filter->until_id : INT64_MAX;
	SQL_QUERY(db, &EVIDENCE_PAGE, &rows, SQL_TEXT(filter->e164),
		  SQL_INT(filter->after_id), SQL_INT(until), SQL_INT(room));
	while (count < room && rows_next(&rows))
		found[count++] = (struct evidence_row){
			rows_id(&rows, 0), (enum evidence_kind)rows_int(&rows, 1)};
	*rows_out = found;
	*count_out = count;
	return rows_end(&rows);
}
