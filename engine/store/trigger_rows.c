/* trigger_rows.c - see trigger_rows.h */
#include "store/trigger_rows.h"

#include <string.h>

#include "store/sql.h"

/* triggers_workflow */
SQL(TRIGGER_CLEAR, "DELETE FROM triggers WHERE workflow_id = ?1");
SQL(TRIGGER_HAS, "SELECT 1 FROM triggers WHERE workflow_id = ?1 AND kind = ?2 LIMIT 1");
/* primary key */
SQL(TRIGGER_ADD, "INSERT INTO triggers (kind, name, workflow_id) VALUES (?1, ?2, ?3) "
		 "ON CONFLICT (kind, name, workflow_id) DO NOTHING");
SQL(TRIGGER_IS_HEARD, "SELECT 1 FROM triggers WHERE kind = ?1 AND name = '' UNION ALL "
		      "SELECT 1 FROM triggers WHERE kind = ?1 AND name = ?2 LIMIT 1");
SQL(TRIGGER_LISTENING, "SELECT min(workflow_id) FROM triggers WHERE kind = ?1 AND "
		       "name = ?2 AND workflow_id > ?3");

#define OCCURRENCE_COLUMNS                                                       \
	"id, kind, name, contact_id, at, actor, user_id, enrollment_id, depth, " \
	"is_import, is_test, message_id, detail, data, after_workflow"
/* all by the primary key */
SQL(OCCURRENCE_ADD, "INSERT INTO occurrences (" OCCURRENCE_COLUMNS ") VALUES (?1, ?2, "
		    "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, '')");
SQL(OCCURRENCE_FIRST,
    "SELECT " OCCURRENCE_COLUMNS " FROM occurrences ORDER BY id LIMIT 1");
SQL(OCCURRENCE_ASKED, "UPDATE occurrences SET after_workflow = ?2 WHERE id = ?1");
SQL(OCCURRENCE_DELETE, "DELETE FROM occurrences WHERE id = ?1");
SQL(OCCURRENCE_COUNT, "SELECT COUNT(*) FROM (SELECT 1 FROM occurrences LIMIT ?1) AS t");

#define DATE_COLUMNS "contact_id, workflow_id, rule, version, value, fires_at"
#define DATE_KEY     "contact_id = ?1 AND workflow_id = ?2 AND rule = ?3"
/* all by the primary key */
SQL(DATE_PLAN,
    "INSERT INTO planned_dates (" DATE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT (contact_id, workflow_id, rule) DO UPDATE SET version = "
    "excluded.version, value = excluded.value, fires_at = CASE "
    "WHEN planned_dates.value <> excluded.value THEN excluded.fires_at "
    "WHEN planned_dates.fires_at IS NULL THEN NULL "
    "ELSE COALESCE(excluded.fires_at, planned_dates.fires_at) END");
SQL(DATE_MOVE, "UPDATE planned_dates SET fires_at = ?4 WHERE " DATE_KEY);
SQL(DATE_DELETE, "DELETE FROM planned_dates WHERE " DATE_KEY);
SQL(DATE_LOAD, "SELECT " DATE_COLUMNS " FROM planned_dates WHERE " DATE_KEY);
SQL(DATE_DROP_FORMER, "DELETE FROM planned_dates WHERE contact_id = ?1 AND "
		      "workflow_id = ?2 AND version <> ?3");
SQL(DATE_DROP_CONTACT,
    "DELETE FROM planned_dates WHERE contact_id = ?1 AND (workflow_id, rule) IN "
    "(SELECT workflow_id, rule FROM planned_dates WHERE contact_id = ?1 LIMIT ?2)");
SQL(DATE_WORKFLOW_BEHIND, "SELECT min(workflow_id) FROM planned_dates WHERE "
			  "contact_id = ?1 AND workflow_id > ?2");
/* planned_dates_due */
SQL(DATE_DUE, "SELECT " DATE_COLUMNS " FROM planned_dates WHERE fires_at IS NOT NULL "
	      "AND fires_at > ?1 AND fires_at <= ?2 "
	      "ORDER BY fires_at, contact_id, workflow_id, rule LIMIT ?3");
SQL(DATE_NEXT, "SELECT min(fires_at) FROM planned_dates WHERE fires_at IS NOT NULL AND "
	       "fires_at > ?1");

/* --- who listens --- */

enum err trigger_rows_clear(struct db *db, const char *workflow_id)
{
	return SQL_RUN(db, &TRIGGER_CLEAR, SQL_TEXT(workflow_id));
}

enum err trigger_rows_add(struct db *db, int kind, const char *name,
			  const char *workflow_id)
{
	return SQL_RUN(db, &TRIGGER_ADD, SQL_INT(kind), SQL_TEXT(name),
		       SQL_TEXT(workflow_id));
}

static enum err is_there(enum err err, struct rows *rows, bool *is_out)
{
	*is_out = err == ERR_OK;
	if (err == ERR_OK)
		err = rows_end(rows);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err trigger_rows_is_heard(struct db *db, int kind, const char *name,
			       bool *is_heard_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &TRIGGER_IS_HEARD, &rows, SQL_INT(kind), SQL_TEXT(name));
	return is_there(err, &rows, is_heard_out);
}

enum err trigger_rows_has(struct db *db, const char *workflow_id, int kind,
			  bool *has_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &TRIGGER_HAS, &rows, SQL_TEXT(workflow_id), SQL_INT(kind));
	return is_there(err, &rows, has_out);
}

/* The one text of an aggregate's row; NULL in it: nothing was found. */
static enum err one_text(enum err err, struct rows *rows, struct arena *arena,
			 const char **text_out)
{
	if (err != ERR_OK)
		return err;
	*text_out = arena_strdup(arena, rows_text(rows, 0));
	err = rows_end(rows);
	return err == ERR_OK && !*text_out ? ERR_NOT_FOUND : err;
}

static enum err listening(struct db *db, struct arena *arena, int kind,
			  const char *name, const char *after,
			  const char **workflow_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TRIGGER_LISTENING, &rows, SQL_INT(kind),
			       SQL_TEXT(name), SQL_TEXT(after));
	return one_text(err, &rows, arena, workflow_out);
}

enum err trigger_rows_listening(struct db *db, struct arena *arena, int kind,
				const char *name, const char *after,
				const char **workflow_out)
{
	const char *other;
	enum err err = listening(db, arena, kind, name, after, workflow_out);
	if (err == ERR_NOT_FOUND)
		*workflow_out = NULL;
	if ((err != ERR_OK && err != ERR_NOT_FOUND) || !*name)
		return err;
	err = listening(db, arena, kind, "", after, &other);
	if (err == ERR_OK && (!*workflow_out || strcmp(other, *workflow_out) < 0))
		*workflow_out = other;
	return err == ERR_NOT_FOUND && *workflow_out ? ERR_OK : err;
}

/* --- what happened --- */

enum err occurrence_rows_add(struct db *db, const struct occurrence *o)
{
	return SQL_RUN(db, &OCCURRENCE_ADD, SQL_ID(o->id), SQL_INT(o->kind),
		       SQL_TEXT(o->name), SQL_ID(o->contact_id), SQL_TIME(o->at),
		       SQL_TEXT(o->actor), SQL_ID(o->user_id), SQL_ID(o->enrollment_id),
		       SQL_INT(o->depth), SQL_INT(o->is_import), SQL_INT(o->is_test),
		       SQL_ID(o->message_id), SQL_TEXT(o->detail), SQL_TEXT(o->data));
}

enum err occurrence_rows_first(struct db *db, struct arena *arena,
			       struct occurrence *out)
{
	struct rows rows;
	enum err err = sql_one(db, &OCCURRENCE_FIRST, &rows, NULL, 0);
	if (err != ERR_OK)
		return err;
	*out = (struct occurrence){
		.id = rows_id(&rows, 0),
		.kind = (int)rows_int(&rows, 1),
		.name = arena_strdup(arena, rows_text(&rows, 2)),
		.contact_id = rows_id(&rows, 3),
		.at = rows_int(&rows, 4),
		.actor = arena_strdup(arena, rows_text(&rows, 5)),
		.user_id = rows_id(&rows, 6),
		.enrollment_id = rows_id(&rows, 7),
		.depth = (uint32_t)rows_int(&rows, 8),
		.is_import = rows_bool(&rows, 9),
		.is_test = rows_bool(&rows, 10),
		.message_id = rows_id(&rows, 11),
		.detail = arena_strdup(arena, rows_text(&rows, 12)),
		.data = arena_strdup(arena, rows_text(&rows, 13)),
		.after_workflow = arena_strdup(arena, rows_text(&rows, 14)),
	};
	return rows_end(&rows);
}

enum err occurrence_rows_asked(struct db *db, uint64_t id, const char *workflow_id)
{
	return SQL_RUN(db, &OCCURRENCE_ASKED, SQL_ID(id), SQL_TEXT(workflow_id));
}

enum err occurrence_rows_delete(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &OCCURRENCE_DELETE, SQL_ID(id));
}

enum err occurrence_rows_count(struct db *db, size_t most, size_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &OCCURRENCE_COUNT, &rows, SQL_INT(most));
	if (err != ERR_OK)
		return err;
	*count_out = (size_t)rows_int(&rows, 0);
	return rows_end(&rows);
}

/* --- dates --- */

static void date_from(struct arena *arena, const struct rows *rows,
		      struct planned_date *out)
{
	*out = (struct planned_date){
		.contact_id = rows_id(rows, 0),
		.workflow_id = arena_strdup(arena, rows_text(rows, 1)),
		.rule = arena_strdup(arena, rows_text(rows, 2)),
		.version = (uint32_t)rows_int(rows, 3),
		.value = arena_strdup(arena, rows_text(rows, 4)),
		.fires_at = rows_int(rows, 5),
	};
}

enum err date_rows_plan(struct db *db, const struct planned_date *date)
{
	return SQL_RUN(db, &DATE_PLAN, SQL_ID(date->contact_id),
		       SQL_TEXT(date->workflow_id), SQL_TEXT(date->rule),
		       SQL_INT(date->version), SQL_TEXT(date->value),
		       SQL_TIME(date->fires_at));
}

enum err date_rows_move(struct db *db, const struct planned_date *date,
			int64_t fires_at)
{
	return SQL_RUN(db, &DATE_MOVE, SQL_ID(date->contact_id),
		       SQL_TEXT(date->workflow_id), SQL_TEXT(date->rule),
		       SQL_TIME(fires_at));
}

enum err date_rows_delete(struct db *db, const struct planned_date *date)
{
	return SQL_RUN(db, &DATE_DELETE, SQL_ID(date->contact_id),
		       SQL_TEXT(date->workflow_id), SQL_TEXT(date->rule));
}

enum err date_rows_load(struct db *db, struct arena *arena, uint64_t contact_id,
			const char *workflow_id, const char *rule,
			struct planned_date *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DATE_LOAD, &rows, SQL_ID(contact_id),
			       SQL_TEXT(workflow_id), SQL_TEXT(rule));
	if (err != ERR_OK)
		return err;
	date_from(arena, &rows, out);
	return rows_end(&rows);
}

enum err date_rows_drop_former(struct db *db, uint64_t contact_id,
			       const char *workflow_id, uint32_t version)
{
	return SQL_RUN(db, &DATE_DROP_FORMER, SQL_ID(contact_id), SQL_TEXT(workflow_id),
		       SQL_INT(version));
}

enum err date_rows_drop_contact(struct db *db, uint64_t contact_id, size_t limit)
{
	return SQL_RUN(db, &DATE_DROP_CONTACT, SQL_ID(contact_id), SQL_INT(limit));
}

enum err date_rows_workflow_behind(struct db *db, struct arena *arena,
				   uint64_t contact_id, const char *after,
				   const char **workflow_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DATE_WORKFLOW_BEHIND, &rows, SQL_ID(contact_id),
			       SQL_TEXT(after));
	return one_text(err, &rows, arena, workflow_out);
}

enum err date_rows_due(struct db *db, struct arena *arena, const struct date_due *due,
		       struct planned_date **dates_out, size_t *count_out)
{
	struct rows rows;
	struct planned_date *dates =
		ARENA_ARRAY(arena, struct planned_date, due->limit);
	size_t count = 0;
	SQL_QUERY(db, &DATE_DUE, &rows, SQL_INT(due->after), SQL_INT(due->until),
		  SQL_INT(due->limit));
	while (count < due->limit && rows_next(&rows))
		date_from(arena, &rows, &dates[count++]);
	*dates_out = dates;
	*count_out = count;
	return rows_end(&rows);
}

enum err date_rows_next(struct db *db, int64_t after, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &DATE_NEXT, &rows, SQL_INT(after));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
