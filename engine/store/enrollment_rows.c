/* enrollment_rows.c - enrollments, step visits, rotations: see workflow_rows.h */
#include "store/row_ids.h"
#include "store/sql.h"
#include "store/sql_build.h"
#include "store/workflow_rows.h"

#define ENROLLMENT_COLUMNS                                                            \
	"e.id, e.workflow_id, e.version, e.contact_id, e.state, e.step_id, e.since, " \
	"e.reason, e.wake_at, "                                                       \
	"e.is_test, e.created_by, e.created_at, e.ended_at, e.compress, "             \
	"e.is_forgotten, e.reply_id, e.held_to, e.data, e.depth"
enum { ENROLLMENT_COLUMN_COUNT = 19 };
#define ITEM_COLUMNS ENROLLMENT_COLUMNS ", c.first_name, c.last_name, c.phone_e164"

/* primary key */
SQL(ENROLLMENT_LOAD,
    "SELECT " ENROLLMENT_COLUMNS " FROM enrollments e WHERE e.id = ?1");
SQL(ENROLLMENT_INSERT,
    "INSERT INTO enrollments (id, workflow_id, version, contact_id, state, step_id, "
    "since, reason, "
    "wake_at, is_test, created_by, created_at, ended_at, compress, reply_id, data, "
    "depth) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
    "?15, ?16, ?17)");
SQL(ENROLLMENT_SAVE, "UPDATE enrollments SET state = ?2, step_id = ?3, since = ?4, "
		     "reason = ?5, wake_at = ?6, "
		     "ended_at = ?7, reply_id = ?8, held_to = ?9 WHERE id = ?1");
SQL(ENROLLMENT_ITEM,
    "SELECT " ITEM_COLUMNS " FROM enrollments e JOIN contacts c ON c.id = e.contact_id "
    "WHERE e.id = ?1");
SQL(ENROLLMENT_FORGET, "UPDATE enrollments SET is_forgotten = 1 WHERE id = ?1");
/* enrollments_contact */
SQL(ENROLLMENT_LATEST,
    "SELECT " ENROLLMENT_COLUMNS " FROM enrollments e "
    "WHERE e.contact_id = ?1 AND e.workflow_id = ?2 AND e.is_test = ?3 "
    "AND e.is_forgotten = 0 "
    "ORDER BY e.id DESC");
SQL(ENROLLMENT_COUNT_SINCE,
    "SELECT COUNT(*) FROM (SELECT 1 FROM enrollments WHERE contact_id = ?1 AND id > ?2 "
    "LIMIT ?3) AS t");
/* enrollments_contact */
SQL(ENROLLMENT_OPEN_OF_CONTACT,
    "SELECT id FROM enrollments WHERE contact_id = ?1 AND state <= 2 "
    "ORDER BY id LIMIT ?2");
SQL(ENROLLMENT_OPEN_BEHIND,
    "SELECT id FROM enrollments WHERE contact_id = ?1 AND id > ?2 AND state <= 2 "
    "ORDER BY id LIMIT ?3");
/* enrollments_held */
SQL(ENROLLMENT_HELD_OF, "SELECT id FROM enrollments WHERE workflow_id = ?1 AND state = "
			"2 ORDER BY id LIMIT ?2");
/* enrollments_wake */
SQL(ENROLLMENT_DUE, "SELECT " ENROLLMENT_COLUMNS
		    " FROM enrollments e WHERE e.wake_at IS NOT NULL AND e.wake_at > "
		    "?1 AND e.wake_at <= ?2 "
		    "ORDER BY e.wake_at, e.id LIMIT ?3");
/* primary key */
SQL(ENROLLMENT_AFTER, "SELECT " ENROLLMENT_COLUMNS
		      " FROM enrollments e WHERE e.id > ?1 ORDER BY e.id LIMIT ?2");
SQL(ENROLLMENT_NEXT_DUE, "SELECT min(wake_at) FROM enrollments WHERE wake_at IS NOT "
			 "NULL AND wake_at > ?1");
/* tasks_workflow: each open state is a run of it */
SQL(ENROLLMENT_WITH_TASKS, "SELECT DISTINCT enrollment_id FROM tasks WHERE workflow_id "
			   "= ?1 AND state IN (0, 1, 2) "
			   "AND enrollment_id IS NOT NULL LIMIT ?2");
/* enrollments_open */
SQL(ENROLLMENT_OPEN_OF, "SELECT id FROM enrollments WHERE workflow_id = ?1 AND state "
			"<= 2 ORDER BY version, is_test, id LIMIT ?2");
SQL(ENROLLMENT_TOTALS,
    "SELECT COUNT(*), COUNT(*) FILTER (WHERE state = 3) FROM (SELECT state FROM "
    "enrollments "
    "WHERE workflow_id = ?1 AND is_test = 0 ORDER BY id DESC LIMIT ?2) AS t");
/* enrollments_workflow, then the primary key of step_visits */
SQL(STEP_COUNTS, "SELECT v.step_id, COUNT(*), COUNT(*) FILTER (WHERE e.state <= 2 AND "
		 "e.step_id = v.step_id), "
		 "COUNT(*) FILTER (WHERE e.state >= 4 AND e.step_id = v.step_id) "
		 "FROM (SELECT id, state, step_id FROM enrollments WHERE workflow_id = "
		 "?1 AND is_test = 0 "
		 "ORDER BY id DESC LIMIT ?2) AS e JOIN step_visits v ON "
		 "v.enrollment_id = e.id GROUP BY v.step_id");
/* enrollments_open */
SQL(STANDING, "SELECT COALESCE(step_id, ''), 0, COUNT(*), 0 FROM enrollments WHERE "
	      "workflow_id = ?1 AND state <= 2 AND is_test = 0 GROUP BY step_id");
/* primary keys */
SQL(VISIT_LOAD, "SELECT visits FROM step_visits WHERE enrollment_id = ?1 AND step_id = "
		"?2");
SQL(VISIT_SAVE,
    "INSERT INTO step_visits (enrollment_id, step_id, visits) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (enrollment_id, step_id) DO UPDATE SET visits = excluded.visits");
SQL(ROTATION_LOAD,
    "SELECT user_id, credit FROM rotations WHERE workflow_id = ?1 AND step_id = ?2");
SQL(ROTATION_SAVE, "INSERT INTO rotations (workflow_id, step_id, user_id, credit) "
		   "VALUES (?1, ?2, ?3, ?4) "
		   "ON CONFLICT (workflow_id, step_id, user_id) DO UPDATE SET credit = "
		   "excluded.credit");

/* The row's texts are copied to arena, or borrowed when it is NULL. */
static const char *text_of(struct arena *arena, const struct rows *rows,
			   unsigned column)
{
	const char *text = rows_text(rows, column);
	return arena ? arena_strdup(arena, text) : text;
}

static void enrollment_from(struct arena *arena, const struct rows *rows,
			    struct enrollment *out)
{
	*out = (struct enrollment){
		.id = rows_id(rows, 0),
		.workflow_id = text_of(arena, rows, 1),
		.version = (uint32_t)rows_int(rows, 2),
		.contact_id = rows_id(rows, 3),
		.state = (enum enrollment_state)rows_int(rows, 4),
		.step_id = text_of(arena, rows, 5),
		.since = rows_int(rows, 6),
		.reason = text_of(arena, rows, 7),
		.wake_at = rows_int(rows, 8),
		.is_test = rows_bool(rows, 9),
		.created_by = rows_id(rows, 10),
		.created_at = rows_int(rows, 11),
		.ended_at = rows_int(rows, 12),
		.compress = (uint32_t)rows_int(rows, 13),
		.is_forgotten = rows_bool(rows, 14),
		.reply_id = rows_id(rows, 15),
		.held_to = text_of(arena, rows, 16),
		.data = text_of(arena, rows, 17),
		.depth = (uint32_t)rows_int(rows, 18),
	};
}

enum err enrollment_rows_load(struct db *db, struct arena *arena, uint64_t id,
			      struct enrollment *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &ENROLLMENT_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	enrollment_from(arena, &rows, out);
	return rows_end(&rows);
}

enum err enrollment_rows_insert(struct db *db, const struct enrollment *e)
{
	return SQL_RUN(db, &ENROLLMENT_INSERT, SQL_ID(e->id), SQL_TEXT(e->workflow_id),
		       SQL_INT(e->version), SQL_ID(e->contact_id), SQL_INT(e->state),
		       SQL_TEXT(e->step_id), SQL_TIME(e->since), SQL_TEXT(e->reason),
		       SQL_TIME(e->wake_at), SQL_INT(e->is_test), SQL_ID(e->created_by),
		       SQL_TIME(e->created_at), SQL_TIME(e->ended_at),
		       SQL_INT(e->compress ? e->compress : 1), SQL_ID(e->reply_id),
		       SQL_TEXT(e->data), SQL_INT(e->depth));
}

enum err enrollment_rows_save(struct db *db, const struct enrollment *e)
{
	return SQL_RUN(db, &ENROLLMENT_SAVE, SQL_ID(e->id), SQL_INT(e->state),
		       SQL_TEXT(e->step_id), SQL_TIME(e->since), SQL_TEXT(e->reason),
		       SQL_TIME(e->wake_at), SQL_TIME(e->ended_at), SQL_ID(e->reply_id),
		       SQL_TEXT(e->held_to));
}

enum err enrollment_rows_latest(struct db *db, struct arena *arena,
				const char *workflow_id, uint64_t contact_id,
				bool is_test, struct enrollment *out)
{
	struct rows rows;
	bool found = false, is_open = false;
	SQL_QUERY(db, &ENROLLMENT_LATEST, &rows, SQL_ID(contact_id),
		  SQL_TEXT(workflow_id), SQL_INT(is_test));
	while (!is_open && rows_next(&rows)) {
		struct enrollment enrollment;
		enrollment_from(arena, &rows, &enrollment);
		is_open = enrollment_state_is_open(enrollment.state);
		if (is_open || !found)
			*out = enrollment;
		found = true;
	}
	enum err err = rows_end(&rows);
	return err == ERR_OK && !found ? ERR_NOT_FOUND : err;
}

enum err enrollment_rows_count_since(struct db *db, uint64_t contact_id,
				     uint64_t after_id, int64_t cap, int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &ENROLLMENT_COUNT_SINCE, &rows, SQL_ID(contact_id),
			       SQL_INT(after_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err enrollment_rows_open_of(struct db *db, struct arena *arena,
				 const char *workflow_id, size_t limit,
				 uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &ENROLLMENT_OPEN_OF, &rows, SQL_TEXT(workflow_id),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err enrollment_rows_open_of_contact(struct db *db, struct arena *arena,
					 uint64_t contact_id, size_t limit,
					 uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &ENROLLMENT_OPEN_OF_CONTACT, &rows, SQL_ID(contact_id),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err enrollment_rows_open_behind(struct db *db, struct arena *arena,
				     const struct enrollment_place *place, size_t limit,
				     uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &ENROLLMENT_OPEN_BEHIND, &rows, SQL_ID(place->contact_id),
		  SQL_INT(place->after_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err enrollment_rows_held_of(struct db *db, struct arena *arena,
				 const char *workflow_id, size_t limit,
				 uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &ENROLLMENT_HELD_OF, &rows, SQL_TEXT(workflow_id),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err enrollment_rows_due(struct db *db, struct arena *arena,
			     const struct enrollment_due *due,
			     struct enrollment **enrollments_out, size_t *count_out)
{
	struct rows rows;
	struct enrollment *list = ARENA_ARRAY(arena, struct enrollment, due->limit);
	size_t count = 0;
	SQL_QUERY(db, &ENROLLMENT_DUE, &rows, SQL_INT(due->after), SQL_INT(due->until),
		  SQL_INT(due->limit));
	while (count < due->limit && rows_next(&rows))
		enrollment_from(arena, &rows, &list[count++]);
	*enrollments_out = list;
	*count_out = count;
	return rows_end(&rows);
}

enum err enrollment_rows_after(struct db *db, struct arena *arena, uint64_t after_id,
			       size_t limit, struct enrollment **enrollments_out,
			       size_t *count_out)
{
	struct rows rows;
	struct enrollment *list = ARENA_ARRAY(arena, struct enrollment, limit);
	size_t count = 0;
	SQL_QUERY(db, &ENROLLMENT_AFTER, &rows, SQL_INT(after_id), SQL_INT(limit));
	while (count < limit && rows_next(&rows))
		enrollment_from(arena, &rows, &list[count++]);
	*enrollments_out = list;
	*count_out = count;
	return rows_end(&rows);
}

enum err enrollment_rows_next_due(struct db *db, int64_t after, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &ENROLLMENT_NEXT_DUE, &rows, SQL_INT(after));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err enrollment_rows_with_tasks(struct db *db, struct arena *arena,
				    const char *workflow_id, size_t limit,
				    uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &ENROLLMENT_WITH_TASKS, &rows, SQL_TEXT(workflow_id),
		  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

/* --- lists --- */

static void item_from(const struct rows *rows, struct enrollment_item *item)
{
	enum { AT = ENROLLMENT_COLUMN_COUNT };
	enrollment_from(NULL, rows, &item->enrollment);
	item->contact_first_name = rows_text(rows, AT);
	item->contact_last_name = rows_text(rows, AT + 1);
	item->contact_e164 = rows_text(rows, AT + 2);
}

static void add_filter(struct sql_build *q, const struct enrollment_filter *filter)
{
	sql_add(q, filter->test ? " WHERE e.is_test = 1" : " WHERE e.is_test = 0");
	if (filter->workflow_id)
		sql_add_value(q, " AND e.workflow_id = ?",
			      SQL_TEXT(filter->workflow_id));
	if (filter->contact_id)
		sql_add_value(q, " AND e.contact_id = ?", SQL_ID(filter->contact_id));
	if (filter->states)
		sql_add_value(q, " AND (1 << e.state) & ? <> 0",
			      SQL_INT(filter->states));
	if (filter->step_id)
		sql_add_value(q, " AND e.step_id = ?", SQL_TEXT(filter->step_id));
	if (filter->version)
		sql_add_value(q, " AND e.version = ?", SQL_INT(filter->version));
	if (filter->tag)
		sql_add_value(q,
			      " AND EXISTS (SELECT 1 FROM contact_tags t WHERE "
			      "t.contact_id = e.contact_id AND t.tag = ?)",
			      SQL_TEXT(filter->tag));
	if (filter->is_remembered)
		sql_add(q, " AND e.is_forgotten = 0");
	if (filter->before_id)
		sql_add_value(q, " AND e.id < ?", SQL_ID(filter->before_id));
}

enum err enrollment_rows_count(struct db *db, const struct enrollment_filter *filter,
			       int64_t *count_out)
{
	struct rows rows;
	struct sql_build q = SQL_BUILD_EMPTY;
	sql_add(&q, "SELECT COUNT(*) FROM enrollments e");
	add_filter(&q, filter);
	sql_build_query(db, &q, &rows);
	*count_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

enum err enrollment_rows_forget(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &ENROLLMENT_FORGET, SQL_ID(id));
}

/* By enrollments_workflow or enrollments_contact, else the primary key. */
enum err enrollment_rows_page(struct db *db, const struct enrollment_filter *filter,
			      enrollment_item_fn *each, void *arg)
{
	struct rows rows;
	struct enrollment_item item;
	struct sql_build q = SQL_BUILD_EMPTY;
	sql_add(&q, "SELECT " ITEM_COLUMNS " FROM enrollments e JOIN contacts c ON "
		    "c.id = e.contact_id");
	add_filter(&q, filter);
	sql_add_value(&q, " ORDER BY e.id DESC LIMIT ?", SQL_INT(filter->limit));
	sql_build_query(db, &q, &rows);
	while (rows_next(&rows)) {
		item_from(&rows, &item);
		each(arg, &item);
	}
	return rows_end(&rows);
}

enum err enrollment_rows_item(struct db *db, uint64_t id, enrollment_item_fn *each,
			      void *arg)
{
	struct rows rows;
	struct enrollment_item item;
	enum err err = SQL_ONE(db, &ENROLLMENT_ITEM, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	item_from(&rows, &item);
	each(arg, &item);
	return rows_end(&rows);
}

enum err enrollment_rows_totals(struct db *db, const char *workflow_id, int64_t most,
				int64_t *entered_out, int64_t *completed_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &ENROLLMENT_TOTALS, &rows, SQL_TEXT(workflow_id),
			       SQL_INT(most));
	if (err != ERR_OK)
		return err;
	*entered_out = rows_int(&rows, 0);
	*completed_out = rows_int(&rows, 1);
	return rows_end(&rows);
}

static enum err read_counts(struct rows *rows, struct arena *arena,
			    struct step_count **counts_out, size_t *count_out)
{
	struct step_count *counts = NULL;
	size_t count = 0, room = 0;
	while (rows_next(rows)) {
		if (count == room) {
			struct step_count *more = ARENA_ARRAY(
				arena, struct step_count, room = room ? room * 2 : 32);
			for (size_t i = 0; i < count; i++)
				more[i] = counts[i];
			counts = more;
		}
		counts[count++] = (struct step_count){
			.step_id = arena_strdup(arena, rows_text(rows, 0)),
			.reached = rows_int(rows, 1),
			.waiting = rows_int(rows, 2),
			.stopped = rows_int(rows, 3),
		};
	}
	enum err err = rows_end(rows);
	if (err == ERR_OK) {
		*counts_out = counts;
		*count_out = count;
	}
	return err;
}

enum err visit_rows_step_counts(struct db *db, struct arena *arena,
				const char *workflow_id, int64_t most,
				struct step_count **counts_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &STEP_COUNTS, &rows, SQL_TEXT(workflow_id), SQL_INT(most));
	return read_counts(&rows, arena, counts_out, count_out);
}

enum err enrollment_rows_standing(struct db *db, struct arena *arena,
				  const char *workflow_id,
				  struct step_count **counts_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &STANDING, &rows, SQL_TEXT(workflow_id));
	return read_counts(&rows, arena, counts_out, count_out);
}

/* --- visits and rotations --- */

enum err visit_rows_count_up(struct db *db, uint64_t enrollment_id, const char *step_id,
			     uint32_t *visit_out)
{
	struct rows rows;
	uint32_t visits = 0;
	SQL_QUERY(db, &VISIT_LOAD, &rows, SQL_ID(enrollment_id), SQL_TEXT(step_id));
	if (rows_next(&rows))
		visits = (uint32_t)rows_int(&rows, 0);
	enum err err = rows_end(&rows);
	if (err == ERR_OK)
		err = SQL_RUN(db, &VISIT_SAVE, SQL_ID(enrollment_id), SQL_TEXT(step_id),
			      SQL_INT(visits + 1));
	if (err == ERR_OK)
		*visit_out = visits + 1;
	return err;
}

enum err rotation_rows_load(struct db *db, const char *workflow_id, const char *step_id,
			    struct turn *turns, size_t count)
{
	struct rows rows;
	for (size_t i = 0; i < count; i++)
		turns[i].credit = 0;
	SQL_QUERY(db, &ROTATION_LOAD, &rows, SQL_TEXT(workflow_id), SQL_TEXT(step_id));
	while (rows_next(&rows)) {
		uint64_t user_id = rows_id(&rows, 0);
		for (size_t i = 0; i < count; i++)
			if (turns[i].user_id == user_id)
				turns[i].credit = (int32_t)rows_int(&rows, 1);
	}
	return rows_end(&rows);
}

enum err rotation_rows_save(struct db *db, const char *workflow_id, const char *step_id,
			    const struct turn *turns, size_t count)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (turns[i].user_id)
			err = SQL_RUN(db, &ROTATION_SAVE, SQL_TEXT(workflow_id),
				      SQL_TEXT(step_id), SQL_ID(turns[i].user_id),
				      SQL_INT(turns[i].credit));
	return err;
}
