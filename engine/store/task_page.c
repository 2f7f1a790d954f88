/* task_page.c - lists and counts of tasks. See task_rows.h
 *
 * Of one state, an index has the order of the page: it is read along it. Of several, a page is found in two steps. Inner:
 * the keys of each state wanted, merged in the order of the page. Outer: those few keys joined with what is shown of them.
 */
#include <string.h>
#include <strings.h>

#include "store/opening_rows.h"
#include "store/row_ids.h"
#include "store/task_parts.h"

#define ITEM_COLUMNS                                                 \
	TASK_COLUMNS                                                 \
	", c.first_name, c.last_name, c.phone_e164, a.login, "       \
	"a.first_name, a.last_name, "                                \
	"g.name, l.user_id, l.expires_at, lu.login, lu.first_name, " \
	"lu.last_name, m.state, o.id, o.opens_at, o.closes_at, t.sort_due "
#define ITEM_JOINS(now)                                                            \
	"JOIN contacts c ON c.id = t.contact_id LEFT JOIN users a ON a.id = "      \
	"t.assignee_id "                                                           \
	"LEFT JOIN teams g ON g.id = t.team_id LEFT JOIN leases l ON l.card_id = " \
	"t.id AND l.expires_at > " now " "                                         \
	"LEFT JOIN users lu ON lu.id = l.user_id LEFT JOIN messages m ON m.id = "  \
	"t.message_id JOIN openings o ON o.id = t.opening_id "

/* primary key */
SQL(TASK_NEWEST, "SELECT max(id) FROM tasks");
SQL(TASK_SCANNED, "SELECT max(id), count(*) FROM (SELECT id FROM tasks WHERE id > ?1 "
		  "AND id <= ?2 ORDER BY id LIMIT ?3) AS looked");

SQL(TASK_ITEM,
    "SELECT " ITEM_COLUMNS "FROM tasks t " ITEM_JOINS("?1") "WHERE t.id = ?2");

static void item_read(const struct rows *rows, int64_t now, struct task_item *item)
{
	enum { AT = TASK_COLUMN_COUNT };
	task_columns_read(rows, &item->task);
	item->contact_first_name = rows_text(rows, AT);
	item->contact_last_name = rows_text(rows, AT + 1);
	item->contact_e164 = rows_text(rows, AT + 2);
	item->assignee_login = rows_text(rows, AT + 3);
	item->assignee_first_name = rows_text(rows, AT + 4);
	item->assignee_last_name = rows_text(rows, AT + 5);
	item->team_name = rows_text(rows, AT + 6);
	item->lease_user_id = rows_id(rows, AT + 7);
	item->lease_expires_at = rows_int(rows, AT + 8);
	item->lease_login = rows_text(rows, AT + 9);
	item->lease_first_name = rows_text(rows, AT + 10);
	item->lease_last_name = rows_text(rows, AT + 11);
	item->has_message = !rows_is_null(rows, AT + 12);
	item->message_state = (enum message_state)rows_int(rows, AT + 12);
	int64_t opens_at = rows_int(rows, AT + 14), closes_at = rows_int(rows, AT + 15);
	item->place = (struct task_place){item->task.id, rows_int(rows, AT + 16),
					  rows_id(rows, AT + 13), closes_at};
	item->is_open = opens_at <= now && closes_at > now;
	item->opens_at = !item->is_open && closes_at > now && opens_at < OPENING_NEVER
				 ? opens_at
				 : 0;
	item->closes_at = closes_at > now && closes_at < OPENING_NEVER ? closes_at : 0;
}

/* True when the page is of one state, or of all in the order of creation: then an index, or the table, has its order. */
static bool is_of_one(const struct task_filter *filter, int *state_out)
{
	*state_out = filter->states ? ffs((int)filter->states) - 1 : TASK_STATE_ANY;
	if (task_filter_is_split(filter) || filter->among)
		return false;
	if (!filter->states)
		return filter->order == TASK_ORDER_CREATED;
	return filter->states == 1u << *state_out;
}

static void add_limit(struct sql_build *query, size_t limit)
{
	sql_add(query, " LIMIT ");
	sql_add_int(query, (long long)limit);
}

static void add_of_one(struct sql_build *query, const struct task_filter *filter,
		       int state, size_t limit)
{
	sql_add_value(query,
		      "SELECT " ITEM_COLUMNS "FROM tasks t " ITEM_JOINS("?") "WHERE ",
		      SQL_INT(filter->now));
	task_where_add(query, filter, state);
	sql_add(query, task_order_of(filter));
	add_limit(query, limit);
}

static void add_merged(struct sql_build *query, const struct task_filter *filter,
		       size_t limit)
{
	sql_add(query, "SELECT " ITEM_COLUMNS "FROM (");
	task_arms_add(query, filter);
	add_limit(query, limit);
	sql_add(query, ") k JOIN tasks t ON t.id = k.id ");
	sql_add_value(query, ITEM_JOINS("?"), SQL_INT(filter->now));
	sql_add(query, filter->order == TASK_ORDER_CREATED
			       ? "ORDER BY k.id"
			       : "ORDER BY k.sort_due, k.id");
}

/* By closing time the few tasks of one contact, or of a search, are found first, and sorted. */
static void add_sorted(struct sql_build *query, const struct task_filter *filter,
		       size_t limit)
{
	sql_add(query, "SELECT " ITEM_COLUMNS);
	task_from_add(query, filter);
	sql_add_value(query, ITEM_JOINS("?") "WHERE ", SQL_INT(filter->now));
	task_where_add(query, filter, TASK_STATE_ANY);
	task_states_add(query, "t.state", filter->states);
	sql_add(query, task_order_of(filter));
	add_limit(query, limit);
}

/* Each task in the order of the page, until the page is full or enough were looked at. */
static enum err look(struct db *db, struct sql_build *query,
		     const struct task_filter *filter, task_item_fn *each, void *arg)
{
	struct task_look *look = filter->look;
	struct rows rows;
	size_t found = 0;
	enum err err = ERR_OK;
	look->cut = (struct task_place){.id = 0};
	task_arms_add(query, filter);
	add_limit(query, look->most);
	sql_build_query(db, query, &rows);
	while (err == ERR_OK && found <= filter->limit && rows_next(&rows)) {
		const struct task_place place = {rows_id(&rows, 0), rows_int(&rows, 1),
						 filter->opening_id, 0};
		if (rows_bool(&rows, 2)) {
			err = task_rows_item(db, place.id, filter->now, each, arg);
			found++;
		}
		if (--look->most == 0 && found <= filter->limit)
			look->cut = place;
	}
	enum err end = rows_end(&rows);
	return err != ERR_OK ? err : end;
}

enum err task_rows_page(struct db *db, struct arena *arena,
			const struct task_filter *filter, task_item_fn *each, void *arg)
{
	const bool is_closing = filter->order == TASK_ORDER_CLOSING;
	if (is_closing && !filter->contact_id && !filter->among)
		return task_rows_page_along(db, arena, filter, each, arg);
	struct sql_build query = SQL_BUILD_EMPTY;
	struct task_filter mine = *filter;
	struct rows rows;
	int state;
	if (is_closing)
		mine.look = NULL, add_sorted(&query, &mine, filter->limit + 1);
	else if (task_filter_looks(&mine))
		return look(db, &query, &mine, each, arg);
	else if (is_of_one(&mine, &state))
		add_of_one(&query, &mine, state, filter->limit + 1);
	else
		add_merged(&query, &mine, filter->limit + 1);
	sql_build_query(db, &query, &rows);
	while (rows_next(&rows)) {
		struct task_item item;
		item_read(&rows, filter->now, &item);
		each(arg, &item);
	}
	return rows_end(&rows);
}

/* openings has few rows; tasks_mine_opening, tasks_team_opening, tasks_opening */
enum err task_rows_next_open(struct db *db, const struct task_filter *filter,
			     int64_t *at_out)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct task_filter mine = *filter;
	struct rows rows;
	mine.hours = TASK_HOURS_ANY;
	mine.is_counted = mine.in_opening = true;
	sql_add_value(&query,
		      "SELECT o.opens_at FROM openings o WHERE o.opens_at > ? AND "
		      "o.opens_at < 4611686018427387904 AND EXISTS (",
		      SQL_INT(filter->now));
	task_arms_add(&query, &mine);
	sql_add(&query, ") ORDER BY o.opens_at LIMIT 1");
	sql_build_query(db, &query, &rows);
	*at_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

enum err task_rows_item(struct db *db, uint64_t id, int64_t now, task_item_fn *each,
			void *arg)
{
	struct rows rows;
	struct task_item item;
	enum err err = SQL_ONE(db, &TASK_ITEM, &rows, SQL_INT(now), SQL_ID(id));
	if (err != ERR_OK)
		return err;
	item_read(&rows, now, &item);
	each(arg, &item);
	return rows_end(&rows);
}

static enum err count_arms(struct db *db, const struct task_filter *filter, int64_t cap,
			   int64_t *count_out)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct task_filter mine = *filter;
	struct rows rows;
	mine.order = TASK_ORDER_CREATED;
	mine.is_counted = true;
	const bool looks = task_filter_looks(&mine);
	sql_add(&query, looks ? "SELECT sum(fits) FROM (" : "SELECT count(*) FROM (");
	task_arms_add(&query, &mine);
	add_limit(&query, looks ? mine.look->most : (size_t)cap);
	sql_add(&query, ")");
	sql_build_query(db, &query, &rows);
	*count_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

/* What holds all, or that nobody sleeps, is asked once and not of each task. */
static enum err is_vain(struct db *db, const struct task_filter *filter, bool *is_out)
{
	bool has_closed = true;
	enum err err = ERR_OK;
	*is_out = false;
	if (filter->eligible_only)
		err = hold_rows_exist(db, HOLD_SCOPE_ALL, "", is_out);
	if (err == ERR_OK && filter->hours == TASK_HOURS_REPLIED)
		err = opening_rows_has_closed(db, filter, filter->now, &has_closed);
	*is_out = *is_out || !has_closed;
	return err;
}

enum err task_rows_count(struct db *db, const struct task_filter *filter, int64_t cap,
			 int64_t *count_out)
{
	bool is_none;
	enum err err = is_vain(db, filter, &is_none);
	*count_out = 0;
	return err != ERR_OK || is_none ? err : count_arms(db, filter, cap, count_out);
}

enum err task_rows_newest(struct db *db, uint64_t *id_out)
{
	struct rows rows;
	SQL_QUERY0(db, &TASK_NEWEST, &rows);
	*id_out = rows_next(&rows) ? rows_id(&rows, 0) : 0;
	return rows_end(&rows);
}

/* The inner LIMIT bounds the walk, whatever fits. */
static void add_scan(struct sql_build *query, const struct task_filter *filter,
		     const struct task_scan *scan)
{
	sql_add_value(query, "SELECT t.id FROM (SELECT * FROM tasks WHERE id > ?",
		      SQL_INT(scan->after_id));
	sql_add_value(query, " AND id <= ? ORDER BY id LIMIT ",
		      SQL_INT(scan->up_to_id));
	sql_add_int(query, TASK_SCAN_MOST);
	sql_add(query, ") t WHERE t.state IN (");
	for (int state = 0, first = 1; state < TASK_STATE_COUNT; state++)
		if (!filter->states || filter->states & 1u << state) {
			sql_add(query, first ? "" : ", ");
			sql_add_int(query, state);
			first = 0;
		}
	sql_add(query, ")");
	task_filters_add(query, filter);
	sql_add(query, " ORDER BY t.id LIMIT ");
	sql_add_int(query, (long long)filter->limit);
}

static enum err scan_end(struct db *db, struct task_scan *scan)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_SCANNED, &rows, SQL_INT(scan->after_id),
			       SQL_INT(scan->up_to_id), SQL_INT(TASK_SCAN_MOST));
	if (err != ERR_OK)
		return err;
	scan->after_id = rows_int(&rows, 1) < TASK_SCAN_MOST ? 0 : rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err task_rows_scan(struct db *db, struct arena *arena,
			const struct task_filter *filter, struct task_scan *scan,
			uint64_t **ids_out, size_t *count_out)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct rows rows;
	add_scan(&query, filter, scan);
	sql_build_query(db, &query, &rows);
	enum err err = rows_ids(&rows, arena, filter->limit, ids_out, count_out);
	if (err != ERR_OK)
		return err;
	if (*count_out < filter->limit)
		return scan_end(db, scan);
	scan->after_id = (*ids_out)[*count_out - 1];
	return ERR_OK;
}
