/* hook_delivery_rows.c - deliveries. See hook_rows.h */
#include "store/hook_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"
#include "store/sql_build.h"

#define COLUMNS                                                               \
	"id, hook_id, event, subject, once, body, state, attempts, next_at, " \
	"give_up_at, last_answer, created_at, ended_at"

/* hook_deliveries_open for the earlier one */
SQL(DELIVERY_INSERT,
    "INSERT INTO hook_deliveries (" COLUMNS
    ") SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0, 0, CASE WHEN EXISTS (SELECT 1 FROM "
    "hook_deliveries e WHERE e.hook_id = ?2 AND e.subject = ?4 AND e.state = 0) THEN "
    "NULL ELSE ?7 END, ?8, NULL, ?7, NULL");
/* primary key */
SQL(DELIVERY_SAVE,
    "UPDATE hook_deliveries SET state = ?2, attempts = ?3, next_at = ?4, give_up_at = "
    "?5, last_answer = ?6, ended_at = ?7 WHERE id = ?1");
SQL(DELIVERY_LOAD, "SELECT " COLUMNS " FROM hook_deliveries WHERE id = ?1");
/* hook_deliveries_open, then the primary key */
SQL(DELIVERY_RELEASE,
    "UPDATE hook_deliveries SET next_at = ?3 WHERE next_at IS NULL AND id = (SELECT id "
    "FROM hook_deliveries WHERE hook_id = ?1 AND subject = ?2 AND state = 0 ORDER BY "
    "id "
    "LIMIT 1)");
/* hook_deliveries_due, once per hook */
SQL(DELIVERY_HOOKS_DUE,
    "SELECT h.id FROM hooks h WHERE h.is_enabled = 1 AND EXISTS (SELECT 1 FROM "
    "hook_deliveries d WHERE d.hook_id = h.id AND d.next_at IS NOT NULL AND d.next_at "
    "<= ?1) ORDER BY h.id LIMIT ?2");
SQL(DELIVERY_DUE,
    "SELECT id FROM hook_deliveries WHERE hook_id = ?1 AND next_at IS NOT "
    "NULL AND next_at <= ?2 ORDER BY next_at, id LIMIT ?3");
SQL(DELIVERY_NEXT,
    "SELECT min((SELECT min(d.next_at) FROM hook_deliveries d WHERE d.hook_id = h.id "
    "AND d.next_at IS NOT NULL AND d.next_at > ?1)) FROM hooks h WHERE h.is_enabled = "
    "1");
/* hook_deliveries_late */
SQL(DELIVERY_LATE, "SELECT id FROM hook_deliveries WHERE state = 0 AND give_up_at < ?1 "
		   "ORDER BY give_up_at LIMIT ?2");
/* primary key, from the oldest: before the bound nearly all have ended */
SQL(DELIVERY_FORGET,
    "DELETE FROM hook_deliveries WHERE id IN (SELECT id FROM "
    "hook_deliveries WHERE id < ?1 AND state <> 0 ORDER BY id LIMIT ?2)");
/* hook_deliveries_open */
SQL(DELIVERY_COUNT_OPEN, "SELECT count(*) FROM (SELECT 1 FROM hook_deliveries WHERE "
			 "hook_id = ?1 AND state = 0 LIMIT ?2)");

enum err delivery_rows_insert(struct db *db, const struct hook_delivery *delivery)
{
	return SQL_RUN(db, &DELIVERY_INSERT, SQL_ID(delivery->id),
		       SQL_ID(delivery->hook_id), SQL_TEXT(delivery->event),
		       SQL_TEXT(delivery->subject), SQL_TEXT(delivery->once),
		       SQL_TEXT(delivery->body), SQL_INT(delivery->created_at),
		       SQL_INT(delivery->give_up_at));
}

enum err delivery_rows_save(struct db *db, const struct hook_delivery *delivery)
{
	return SQL_RUN(db, &DELIVERY_SAVE, SQL_ID(delivery->id),
		       SQL_INT(delivery->state), SQL_INT(delivery->attempts),
		       SQL_TIME(delivery->next_at), SQL_INT(delivery->give_up_at),
		       SQL_TEXT(delivery->last_answer), SQL_TIME(delivery->ended_at));
}

static struct hook_delivery delivery_of(const struct rows *rows)
{
	return (struct hook_delivery){
		.id = rows_id(rows, 0),
		.hook_id = rows_id(rows, 1),
		.event = rows_text(rows, 2),
		.subject = rows_text(rows, 3),
		.once = rows_text(rows, 4),
		.body = rows_text(rows, 5),
		.state = (enum delivery_state)rows_int(rows, 6),
		.attempts = (unsigned)rows_int(rows, 7),
		.next_at = rows_int(rows, 8),
		.give_up_at = rows_int(rows, 9),
		.last_answer = rows_text(rows, 10),
		.created_at = rows_int(rows, 11),
		.ended_at = rows_int(rows, 12),
	};
}

enum err delivery_rows_load(struct db *db, struct arena *arena, uint64_t id,
			    struct hook_delivery *delivery_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DELIVERY_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	struct hook_delivery delivery = delivery_of(&rows);
	delivery.event = arena_strdup(arena, delivery.event);
	delivery.subject = arena_strdup(arena, delivery.subject);
	delivery.once = arena_strdup(arena, delivery.once);
	delivery.body = arena_strdup(arena, delivery.body);
	delivery.last_answer = arena_strdup(arena, delivery.last_answer);
	err = rows_end(&rows);
	if (err == ERR_OK)
		*delivery_out = delivery;
	return err;
}

enum err delivery_rows_release(struct db *db, uint64_t hook_id, const char *subject,
			       int64_t now)
{
	return SQL_RUN(db, &DELIVERY_RELEASE, SQL_ID(hook_id), SQL_TEXT(subject),
		       SQL_INT(now));
}

enum err delivery_rows_hooks_due(struct db *db, struct arena *arena, int64_t now,
				 size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &DELIVERY_HOOKS_DUE, &rows, SQL_INT(now), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err delivery_rows_due(struct db *db, struct arena *arena,
			   const struct delivery_due *due, uint64_t **ids_out,
			   size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &DELIVERY_DUE, &rows, SQL_ID(due->hook_id), SQL_INT(due->now),
		  SQL_INT(due->limit));
	return rows_ids(&rows, arena, due->limit, ids_out, count_out);
}

enum err delivery_rows_next(struct db *db, int64_t now, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DELIVERY_NEXT, &rows, SQL_INT(now));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err delivery_rows_late(struct db *db, struct arena *arena, int64_t before,
			    size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &DELIVERY_LATE, &rows, SQL_INT(before), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err delivery_rows_forget(struct db *db, uint64_t below_id, size_t limit,
			      int64_t *count_out)
{
	enum err err = SQL_RUN(db, &DELIVERY_FORGET, SQL_INT(below_id), SQL_INT(limit));
	if (err == ERR_OK)
		*count_out = sql_changes(db);
	return err;
}

enum err delivery_rows_page(struct db *db, const struct delivery_filter *filter,
			    delivery_row_fn *each, void *arg)
{
	struct rows rows;
	struct sql_build q = SQL_BUILD_EMPTY;
	/* hook_deliveries_hook; those of a subject are few among those of their hook */
	sql_add(&q, "SELECT " COLUMNS " FROM hook_deliveries WHERE hook_id = ");
	sql_add_value(&q, "?", SQL_ID(filter->hook_id));
	if (filter->before_id)
		sql_add_value(&q, " AND id < ?", SQL_ID(filter->before_id));
	if (filter->subject)
		sql_add_value(&q, " AND subject = ?", SQL_TEXT(filter->subject));
	if (filter->states)
		sql_add_value(&q, " AND ((1 << state) & ?) <> 0",
			      SQL_INT(filter->states));
	sql_add_value(&q, " ORDER BY id DESC LIMIT ?", SQL_INT(filter->limit));
	sql_build_query(db, &q, &rows);
	while (rows_next(&rows)) {
		const struct hook_delivery delivery = delivery_of(&rows);
		each(arg, &delivery);
	}
	return rows_end(&rows);
}

enum err delivery_rows_waiting(struct db *db, uint64_t hook_id, int64_t cap,
			       int64_t *count_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &DELIVERY_COUNT_OPEN, &rows, SQL_ID(hook_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
