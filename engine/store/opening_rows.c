/* opening_rows.c - see opening_rows.h */
#include "store/opening_rows.h"

#include "store/task_parts.h"

#define OPENING_COLUMNS "id, hours, zones, made_of, opens_at, closes_at, looked_at"

/* the unique index of hours and zones */
SQL(OPENING_FIND, "SELECT id FROM openings WHERE hours = ?1 AND zones = ?2");
/* primary key */
SQL(OPENING_INSERT, "INSERT INTO openings (" OPENING_COLUMNS ") VALUES (?1, ?2, ?3, "
		    "?4, ?5, ?6, ?7)");
SQL(OPENING_SAVE, "UPDATE openings SET made_of = ?2, opens_at = ?3, closes_at = ?4, "
		  "looked_at = ?5 WHERE id = ?1");
/* openings_closing, openings_looked, the unique index */
SQL(OPENING_DUE, "SELECT " OPENING_COLUMNS " FROM openings WHERE closes_at <= ?1 UNION "
		 "SELECT " OPENING_COLUMNS " FROM openings WHERE looked_at > ?1 UNION "
		 "SELECT " OPENING_COLUMNS " FROM openings WHERE hours = '' AND "
		 "made_of <> ?2 LIMIT ?3");
/* openings_closing */
SQL(OPENING_NEXT, "SELECT min(closes_at) FROM openings WHERE closes_at > ?1");

enum err opening_rows_find(struct db *db, const char *hours, const char *zones,
			   uint64_t *id_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &OPENING_FIND, &rows, SQL_TEXT(hours), SQL_TEXT(zones));
	if (err != ERR_OK)
		return err;
	*id_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err opening_rows_insert(struct db *db, const struct opening *opening)
{
	return SQL_RUN(db, &OPENING_INSERT, SQL_INT(opening->id),
		       SQL_TEXT(opening->hours), SQL_TEXT(opening->zones),
		       SQL_TEXT(opening->made_of), SQL_INT(opening->opens_at),
		       SQL_INT(opening->closes_at), SQL_INT(opening->looked_at));
}

enum err opening_rows_save(struct db *db, const struct opening *opening)
{
	return SQL_RUN(db, &OPENING_SAVE, SQL_INT(opening->id),
		       SQL_TEXT(opening->made_of), SQL_INT(opening->opens_at),
		       SQL_INT(opening->closes_at), SQL_INT(opening->looked_at));
}

static enum err take(struct rows *rows, struct arena *arena, size_t most,
		     struct opening **rows_out, size_t *count_out)
{
	struct opening *found = NULL;
	size_t count = 0, room = 0;
	while (count < most && rows_next(rows)) {
		if (count == room) {
			struct opening *larger =
				ARENA_ARRAY(arena, struct opening, room * 2 + 16);
			for (size_t i = 0; i < count; i++)
				larger[i] = found[i];
			found = larger;
			room = room * 2 + 16;
		}
		found[count++] = (struct opening){
			.id = rows_id(rows, 0),
			.hours = arena_strdup(arena, rows_text(rows, 1)),
			.zones = arena_strdup(arena, rows_text(rows, 2)),
			.made_of = arena_strdup(arena, rows_text(rows, 3)),
			.opens_at = rows_int(rows, 4),
			.closes_at = rows_int(rows, 5),
			.looked_at = rows_int(rows, 6),
		};
	}
	*rows_out = found;
	*count_out = count;
	return rows_end(rows);
}

enum err opening_rows_due(struct db *db, struct arena *arena, int64_t now,
			  const char *made_of, size_t limit, struct opening **rows_out,
			  size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &OPENING_DUE, &rows, SQL_INT(now), SQL_TEXT(made_of),
		  SQL_INT(limit));
	return take(&rows, arena, limit, rows_out, count_out);
}

enum err opening_rows_next(struct db *db, int64_t after, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &OPENING_NEXT, &rows, SQL_INT(after));
	if (err != ERR_OK)
		return err;
	int64_t at = rows_int(&rows, 0);
	*at_out = at < OPENING_NEVER ? at : 0;
	return rows_end(&rows);
}

/* " FROM openings o" that have a task of the filter's. tasks_mine_opening, tasks_team_opening or tasks_opening */
static void add_with_tasks(struct sql_build *query, const struct task_filter *filter)
{
	const struct task_filter has = {.whose = filter->whose,
					.assignee_id = filter->assignee_id,
					.team_id = filter->team_id,
					.states = filter->states,
					.test = -1,
					.is_counted = true,
					.in_opening = true};
	sql_add(query, " FROM openings o WHERE EXISTS (");
	task_arms_add(query, &has);
	sql_add(query, ")");
}

/* openings_closing */
enum err opening_rows_in_order(struct db *db, struct arena *arena,
			       const struct task_filter *filter, int64_t open_at,
			       struct opening **rows_out, size_t *count_out)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct rows rows;
	sql_add(&query, "SELECT " OPENING_COLUMNS);
	add_with_tasks(&query, filter);
	if (open_at)
		sql_add_value(&query, " AND opens_at <= ? AND closes_at > ?",
			      SQL_INT(open_at));
	sql_add(&query, " ORDER BY closes_at, o.id LIMIT ");
	sql_add_int(&query, OPENINGS_MOST);
	sql_build_query(db, &query, &rows);
	return take(&rows, arena, OPENINGS_MOST, rows_out, count_out);
}

enum err opening_rows_has_closed(struct db *db, const struct task_filter *filter,
				 int64_t now, bool *has_out)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct rows rows;
	sql_add(&query, "SELECT 1");
	add_with_tasks(&query, filter);
	sql_add_value(&query, " AND (opens_at > ? OR closes_at <= ?) LIMIT 1",
		      SQL_INT(now));
	sql_build_query(db, &query, &rows);
	*has_out = rows_next(&rows);
	return rows_end(&rows);
}
