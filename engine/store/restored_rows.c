/* restored_rows.c - see restored_rows.h */
#include "store/restored_rows.h"

#include "store/sql.h"

/* receipts_open */
SQL(RESTORED_RECEIPTS, "UPDATE receipts SET is_void = 1 WHERE id IN (SELECT id FROM "
		       "receipts WHERE used_at IS NULL AND "
		       "is_void = 0 AND minted_at <= ?1 LIMIT ?2)");
/* the whole table: it has a row per open card */
SQL(RESTORED_LEASES, "UPDATE leases SET expires_at = ?3 WHERE card_id IN (SELECT "
		     "card_id FROM leases WHERE "
		     "taken_at <= ?1 AND expires_at > ?3 LIMIT ?2)");
/* the whole table: it has a row per signed-in person */
SQL(RESTORED_SESSIONS, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
		       "WHERE created_at <= ?1 LIMIT ?2)");
/* the whole table: it has a row per user who has never signed in */
SQL(RESTORED_LINKS, "DELETE FROM login_links WHERE hash IN (SELECT hash FROM "
		    "login_links WHERE expires_at <= ?1 LIMIT ?2)");

enum err restored_rows_receipts(struct db *db, const struct restored_part *part,
				int64_t *changed_out)
{
	enum err err = SQL_RUN(db, &RESTORED_RECEIPTS, SQL_INT(part->mark),
			       SQL_INT(part->limit));
	*changed_out = sql_changes(db);
	return err;
}

enum err restored_rows_leases(struct db *db, const struct restored_part *part,
			      int64_t *changed_out)
{
	enum err err = SQL_RUN(db, &RESTORED_LEASES, SQL_INT(part->mark),
			       SQL_INT(part->limit), SQL_INT(part->now));
	*changed_out = sql_changes(db);
	return err;
}

enum err restored_rows_sessions(struct db *db, const struct restored_part *part,
				int64_t *changed_out)
{
	enum err err = SQL_RUN(db, &RESTORED_SESSIONS, SQL_INT(part->mark),
			       SQL_INT(part->limit));
	*changed_out = sql_changes(db);
	return err;
}

enum err restored_rows_links(struct db *db, const struct restored_part *part,
			     int64_t good_ms, int64_t *changed_out)
{
	enum err err = SQL_RUN(db, &RESTORED_LINKS, SQL_INT(part->mark + good_ms),
			       SQL_INT(part->limit));
	*changed_out = sql_changes(db);
	return err;
}
