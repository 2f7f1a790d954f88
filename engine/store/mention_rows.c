/* mention_rows.c - see mention_rows.h */
#include "store/mention_rows.h"

#include "store/sql.h"

/* primary key */
SQL(MENTION_ADD,
    "INSERT INTO mentions (user_id, contact_id, note_id, is_unread) VALUES (?1, ?2, ?3, "
    "1) ON CONFLICT (user_id, contact_id) DO UPDATE SET note_id = excluded.note_id, "
    "is_unread = 1");
SQL(MENTION_READ,
    "UPDATE mentions SET is_unread = 0 WHERE user_id = ?1 AND contact_id = "
    "?2 AND note_id <= ?3 AND is_unread = 1");
SQL(MENTION_HAS, "SELECT 1 FROM mentions WHERE user_id = ?1 AND contact_id = ?2");

/* mentions_unread */
SQL(MENTION_COUNT,
    "SELECT count(*) FROM (SELECT 1 FROM mentions m JOIN contacts c ON c.id = "
    "m.contact_id WHERE m.user_id = ?1 AND m.is_unread = 1 AND m.note_id > ?2 AND "
    "c.deleted_at IS NULL LIMIT ?3)");

enum err mention_rows_add(struct db *db, uint64_t user_id, uint64_t contact_id,
			  uint64_t note_id)
{
	return SQL_RUN(db, &MENTION_ADD, SQL_ID(user_id), SQL_ID(contact_id),
		       SQL_ID(note_id));
}

enum err mention_rows_read(struct db *db, uint64_t user_id, uint64_t contact_id,
			   uint64_t up_to)
{
	return SQL_RUN(db, &MENTION_READ, SQL_ID(user_id), SQL_ID(contact_id),
		       SQL_ID(up_to));
}

enum err mention_rows_has(struct db *db, uint64_t user_id, uint64_t contact_id,
			  bool *has_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &MENTION_HAS, &rows, SQL_ID(user_id), SQL_ID(contact_id));
	*has_out = err == ERR_OK;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	return rows_end(&rows);
}

enum err mention_rows_count(struct db *db, uint64_t user_id, uint64_t after_id,
			    int64_t cap, int64_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &MENTION_COUNT, &rows, SQL_ID(user_id), SQL_INT(after_id),
		  SQL_INT(cap));
	*count_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}
