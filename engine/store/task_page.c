/* task_page.c - lists of tasks: filters put together from constant fragments. See
 * task_rows.h
 *
 * Of one state, an index has the order of the page: it is read along it. Of several, a
 * page is found in two steps. Inner: for each state wanted, the keys in the order of an
 * index, cut to the page's size, so that a million waiting tasks cost no more than ten.
 * Outer: those few keys joined with what is shown of them.
 */
#include <string.h>
#include <strings.h>

#include "store/opening_rows.h"
#include "store/row_ids.h"
#include "store/sql_build.h"
#include "store/task_columns.h"
#include "store/task_rows.h"

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

#define OWN_TEAMS "(SELECT team_id FROM team_members WHERE user_id = ?)"
#define MATES                                                                    \
	"SELECT o.user_id FROM team_members i JOIN team_members o ON o.team_id " \
	"= i.team_id WHERE i.user_id = ?"

/* tasks_mine */
static void add_share(struct sql_build *query, const struct task_filter *filter)
{
	sql_add_value(query,
		      filter->share == TASK_SHARE_POOL
			      ? " AND t.assignee_id IS NULL AND (+t.team_id IS NULL "
				"OR +t.team_id IN " OWN_TEAMS ")"
		      : filter->sees_team ? " AND t.assignee_id IN (" MATES
					    " UNION SELECT ?)"
					  : " AND t.assignee_id = ?",
		      SQL_ID(filter->seen_by));
}

/* The + keeps these columns out of the choice of an index: a list goes along its order, whoever asks. */
static void add_visibility(struct sql_build *query, const struct task_filter *filter)
{
	if (!filter->seen_by)
		return;
	if (filter->share != TASK_SHARE_ALL) {
		add_share(query, filter);
		return;
	}
	sql_add_value(
		query,
		filter->sees_team
			? " AND (+t.assignee_id = ? OR (+t.assignee_id IS NULL AND "
			  "(+t.team_id IS NULL OR +t.team_id IN " OWN_TEAMS
			  ")) OR +t.assignee_id IN (" MATES "))"
			: " AND (+t.assignee_id = ? OR (+t.assignee_id IS NULL AND "
			  "(+t.team_id IS NULL OR +t.team_id IN " OWN_TEAMS ")))",
		SQL_ID(filter->seen_by));
}

/* --- when and how often; core/limits.c says the same of one task --- */

#define OPEN_NOW "(SELECT id FROM openings WHERE opens_at <= ? AND closes_at > ?)"
#define OPEN_LATER                                                             \
	"(SELECT id FROM openings WHERE (opens_at > ? OR closes_at <= ?) AND " \
	"opens_at < 4611686018427387904)"
/* numbers_replied, contacts_phone */
#define WROTE                                                                \
	"(SELECT wc.id FROM numbers wn JOIN contacts wc ON wc.phone_e164 = " \
	"wn.e164 AND wc.deleted_at IS NULL WHERE wn.replied_at > ?)"

/* Are the tasks looked for by their openings, or by who wrote? A + keeps other columns out of the choice of an index. */
static bool goes_along(const struct task_filter *filter)
{
	if (filter->has_opening || filter->hours == TASK_HOURS_REPLIED)
		return true;
	return filter->is_counted && filter->hours != TASK_HOURS_ANY &&
	       filter->whose == TASK_OF_ANYBODY && filter->share == TASK_SHARE_ALL &&
	       !task_filter_is_narrow(filter);
}

static void add_hours(struct sql_build *query, const struct task_filter *filter)
{
	const struct sql_value now = SQL_INT(filter->now),
			       replied = SQL_INT(filter->replied_after);
	if (filter->has_opening)
		sql_add_value(query, " AND t.opening_id = ?",
			      SQL_INT(filter->opening_id));
	if (filter->hours == TASK_HOURS_REPLIED) {
		sql_add_value(query, " AND t.contact_id IN " WROTE, replied);
		sql_add_value(query, " AND +t.opening_id NOT IN " OPEN_NOW, now);
	} else if (filter->hours != TASK_HOURS_ANY) {
		sql_add(query, goes_along(filter) ? " AND t.opening_id IN "
						  : " AND +t.opening_id IN ");
		sql_add_value(query,
			      filter->hours == TASK_HOURS_OPEN ? OPEN_NOW : OPEN_LATER,
			      now);
	}
	if (filter->hours == TASK_HOURS_LATER)
		sql_add_value(query, " AND +t.contact_id NOT IN " WROTE, replied);
}

/* --- what else a person could send now, as far as rows tell: a bad number or a hole is shown, since a person can mend it --- */

/* Of the contact that was found as ec. messages_number, leases_number */
static void add_cap(struct sql_build *query, const struct task_filter *filter)
{
	if (!filter->cap.most)
		return;
	sql_add_value(query, " OR (t.is_test = 0 AND ec.id NOT IN " WROTE,
		      SQL_INT(filter->replied_after));
	sql_add_value(query,
		      " AND (SELECT count(*) FROM (SELECT 1 FROM messages fm WHERE "
		      "fm.number = ec.phone_e164 AND fm.is_inbound = 0 AND "
		      "fm.created_at > ? AND fm.is_test = 0 AND fm.state NOT IN (7, 8) "
		      "LIMIT ",
		      SQL_INT(filter->now - filter->cap.span_ms));
	sql_add_int(query, filter->cap.most);
	sql_add_value(query,
		      ") AS went) + (SELECT count(*) FROM leases fl WHERE fl.number = "
		      "ec.phone_e164 AND fl.expires_at > ? AND fl.card_id <> t.id) >= ",
		      SQL_INT(filter->now));
	sql_add_int(query, filter->cap.most);
	sql_add(query, ")");
}

/* A task that something holds by itself is not pending; what is wider reaches the state of its tasks later. leases_live */
static void add_eligibility(struct sql_build *query, const struct task_filter *filter)
{
	if (!filter->eligible_only)
		return;
	sql_add_value(query,
		      " AND t.id NOT IN (SELECT card_id FROM leases WHERE expires_at > "
		      "?",
		      SQL_INT(filter->now));
	sql_add_value(query, " AND user_id <> ?)", SQL_INT(filter->lease_ok_user));
	sql_add(query,
		" AND NOT EXISTS (SELECT 1 FROM holds WHERE scope = 3) AND "
		"(t.workflow_id IS NULL OR +t.workflow_id NOT IN (SELECT ref FROM "
		"holds WHERE scope = 2)) AND NOT EXISTS (SELECT 1 FROM contacts ec "
		"LEFT JOIN numbers en ON en.e164 = ec.phone_e164 WHERE ec.id = "
		"t.contact_id AND (ec.sms_enabled = 0 OR en.is_opted_out = 1 OR EXISTS "
		"(SELECT 1 FROM holds eh WHERE eh.scope = 1 AND eh.ref = "
		"ec.phone_e164)");
	add_cap(query, filter);
	sql_add(query, "))");
}

static void add_filters(struct sql_build *query, const struct task_filter *filter)
{
	/* few tasks want attention, and few people wrote just now: both have an index of their own */
	const bool is_few = filter->attention || filter->hours == TASK_HOURS_REPLIED;
	const bool plus = goes_along(filter) || is_few;
	if (filter->whose == TASK_OF_USER)
		sql_add_value(query,
			      is_few ? " AND +t.assignee_id = ?"
				     : " AND t.assignee_id = ?",
			      SQL_INT(filter->assignee_id));
	else if (filter->whose == TASK_OF_NOBODY)
		sql_add(query, plus ? " AND +t.assignee_id IS NULL"
				    : " AND t.assignee_id IS NULL");
	if (filter->workflow_id)
		sql_add_value(query,
			      plus ? " AND +t.workflow_id = ?"
				   : " AND t.workflow_id = ?",
			      SQL_TEXT(filter->workflow_id));
	if (filter->contact_id)
		sql_add_value(query, " AND t.contact_id = ?",
			      SQL_ID(filter->contact_id));
	if (filter->team_id)
		sql_add_value(query,
			      is_few ? " AND +t.team_id = ?" : " AND t.team_id = ?",
			      SQL_ID(filter->team_id));
	if (filter->due_before)
		sql_add_value(query, " AND t.sort_due < ? AND t.due_at < ?",
			      SQL_INT(filter->due_before));
	if (filter->attention && strcmp(filter->attention, "any") == 0)
		sql_add(query, " AND t.attention IS NOT NULL");
	else if (filter->attention)
		sql_add_value(query, " AND t.attention = ?",
			      SQL_TEXT(filter->attention));
	if (filter->test >= 0)
		sql_add(query,
			filter->test ? " AND t.is_test = 1" : " AND t.is_test = 0");
	if (filter->q)
		sql_add_value(query,
			      " AND (t.name LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 "
			      "FROM contacts qc WHERE "
			      "qc.id = t.contact_id AND (qc.first_name || ' ' || "
			      "qc.last_name LIKE ? ESCAPE '\\' "
			      "OR qc.phone_e164 LIKE ? ESCAPE '\\')))",
			      SQL_TEXT(filter->q));
	if (filter->leased_only)
		sql_add_value(query,
			      " AND t.id IN (SELECT card_id FROM leases WHERE "
			      "expires_at > ?)",
			      SQL_INT(filter->now));
	add_visibility(query, filter);
	add_hours(query, filter);
	add_eligibility(query, filter);
}

static void add_cursor(struct sql_build *query, const struct task_filter *filter)
{
	const struct task_place *cursor = &filter->cursor;
	if (!filter->has_cursor)
		return;
	if (filter->order == TASK_ORDER_CREATED) {
		sql_add_value(query, " AND t.id > ?", SQL_INT(cursor->id));
		return;
	}
	if (filter->order == TASK_ORDER_CLOSING) {
		sql_add_value(query, " AND (o.closes_at, o.id, t.sort_due, t.id) > (?",
			      SQL_INT(cursor->closes_at));
		sql_add_value(query, ", ?", SQL_INT(cursor->opening_id));
		sql_add_value(query, ", ?", SQL_INT(cursor->sort_due));
	} else {
		sql_add_value(query, " AND (t.sort_due, t.id) > (?",
			      SQL_INT(cursor->sort_due));
	}
	sql_add_value(query, ", ?)", SQL_INT(cursor->id));
}

enum { ANY_STATE = -1 };

/* One contact has few tasks: find them and sort, rather than look for them along an order of all. The + says so. */
static const char *order_of(const struct task_filter *filter)
{
	const bool is_found_first =
		filter->contact_id || filter->hours == TASK_HOURS_REPLIED;
	if (filter->is_counted)
		return "";
	if (filter->order == TASK_ORDER_CLOSING)
		return " ORDER BY o.closes_at, o.id, t.sort_due, t.id";
	if (filter->order == TASK_ORDER_CREATED)
		return is_found_first || filter->attention ? " ORDER BY +t.id"
							   : " ORDER BY t.id";
	return is_found_first ? " ORDER BY +t.sort_due, t.id"
			      : " ORDER BY t.sort_due, t.id";
}

void task_states_add(struct sql_build *query, const char *column, unsigned states)
{
	if (!states)
		return;
	sql_add(query, " AND ");
	sql_add(query, column);
	const char *before = " IN (";
	for (int state = 0; state < TASK_STATE_COUNT; state++)
		if (states & 1u << state) {
			sql_add(query, before);
			sql_add_int(query, state);
			before = ", ";
		}
	sql_add(query, ")");
}

static void add_where(struct sql_build *query, const struct task_filter *filter,
		      int state, size_t limit)
{
	if (state != ANY_STATE)
		sql_add(query, "t.state = "), sql_add_int(query, state);
	else
		sql_add(query, "1 = 1");
	add_filters(query, filter);
	add_cursor(query, filter);
	sql_add(query, order_of(filter));
	sql_add(query, " LIMIT "), sql_add_int(query, (long long)limit);
}

/* The keys of one state, or of all tasks when no state was asked for. */
static void add_keys(struct sql_build *query, const struct task_filter *filter,
		     int state, size_t limit)
{
	sql_add(query, "SELECT * FROM (SELECT t.id, t.sort_due FROM tasks t WHERE ");
	add_where(query, filter, state, limit);
	sql_add(query, ")");
}

/* A list by due date without a state runs over each state's index and merges; by
 * creation the table has the order. */
static void add_all_keys(struct sql_build *query, const struct task_filter *filter,
			 size_t limit)
{
	unsigned states = filter->states;
	size_t bound = query->count;
	bool first = true;
	if (!states && filter->order == TASK_ORDER_CREATED) {
		add_keys(query, filter, ANY_STATE, limit);
		return;
	}
	for (int state = 0; state < TASK_STATE_COUNT; state++) {
		if (states && !(states & 1u << state))
			continue;
		if (!first)
			sql_add(query, " UNION ALL ");
		first = false;
		query->count =
			bound; /* each arm binds the same values at the same numbers */
		add_keys(query, filter, state, limit);
	}
}

static void query_begin(struct sql_build *query, struct arena *arena,
			const struct task_filter *filter, struct task_filter *mine)
{
	*query = (struct sql_build)SQL_BUILD_EMPTY;
	*mine = *filter;
	if (filter->q)
		mine->q = sql_like(arena, filter->q);
}

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
	*state_out = filter->states ? ffs((int)filter->states) - 1 : ANY_STATE;
	if (!filter->states)
		return filter->order == TASK_ORDER_CREATED;
	return filter->states == 1u << *state_out;
}

static void add_merged(struct sql_build *query, const struct task_filter *filter,
		       size_t limit)
{
	sql_add(query, "SELECT " ITEM_COLUMNS "FROM (");
	add_all_keys(query, filter, limit);
	sql_add(query, ") k JOIN tasks t ON t.id = k.id ");
	sql_add_value(query, ITEM_JOINS("?"), SQL_INT(filter->now));
	sql_add(query, filter->order == TASK_ORDER_CREATED
			       ? "ORDER BY k.id"
			       : "ORDER BY k.sort_due, k.id");
	sql_add(query, " LIMIT ");
	sql_add_int(query, (long long)limit);
}

/* By closing time the tasks of one user or contact are found first, and sorted. */
static void add_sorted(struct sql_build *query, const struct task_filter *filter,
		       size_t limit)
{
	sql_add(query, "SELECT " ITEM_COLUMNS "FROM (SELECT t.id FROM tasks t JOIN "
		       "openings o ON o.id = t.opening_id WHERE 1 = 1");
	task_states_add(query, "t.state", filter->states);
	add_filters(query, filter);
	add_cursor(query, filter);
	sql_add(query, order_of(filter));
	sql_add(query, " LIMIT ");
	sql_add_int(query, (long long)limit);
	sql_add_value(query, ") k JOIN tasks t ON t.id = k.id " ITEM_JOINS("?"),
		      SQL_INT(filter->now));
	sql_add(query, order_of(filter));
}

enum err task_rows_page(struct db *db, struct arena *arena,
			const struct task_filter *filter, task_item_fn *each, void *arg)
{
	const bool is_closing = filter->order == TASK_ORDER_CLOSING;
	if (is_closing && !task_filter_is_narrow(filter))
		return task_rows_page_along(db, arena, filter, each, arg);
	struct sql_build query;
	struct task_filter mine;
	struct rows rows;
	size_t limit = filter->limit + 1;
	int state;
	query_begin(&query, arena, filter, &mine);
	if (is_closing) {
		add_sorted(&query, &mine, limit);
	} else if (is_of_one(&mine, &state)) {
		sql_add_value(&query,
			      "SELECT " ITEM_COLUMNS
			      "FROM tasks t " ITEM_JOINS("?") "WHERE ",
			      SQL_INT(filter->now));
		add_where(&query, &mine, state, limit);
	} else {
		add_merged(&query, &mine, limit);
	}
	sql_build_query(db, &query, &rows);
	while (rows_next(&rows)) {
		struct task_item item;
		item_read(&rows, filter->now, &item);
		each(arg, &item);
	}
	return rows_end(&rows);
}

bool task_filter_is_narrow(const struct task_filter *filter)
{
	return filter->contact_id || filter->team_id || filter->whose == TASK_OF_USER;
}

bool task_filter_is_split(const struct task_filter *filter)
{
	return filter->seen_by && filter->whose == TASK_OF_ANYBODY &&
	       !filter->attention && !task_filter_is_narrow(filter);
}

enum err task_rows_next_open(struct db *db, struct arena *arena,
			     const struct task_filter *filter, int64_t *at_out)
{
	struct sql_build query;
	struct task_filter mine;
	struct rows rows;
	const bool is_narrow = task_filter_is_narrow(filter);
	query_begin(&query, arena, filter, &mine);
	mine.hours = TASK_HOURS_ANY;
	sql_add(&query, is_narrow
				? "SELECT min(o.opens_at) FROM tasks t JOIN openings o "
				  "ON o.id = t.opening_id WHERE 1 = 1"
				: "SELECT min(o.opens_at) FROM openings o WHERE EXISTS "
				  "(SELECT 1 FROM tasks t WHERE t.opening_id = o.id");
	task_states_add(&query, "t.state", filter->states);
	add_filters(&query, &mine);
	sql_add(&query, is_narrow ? "" : ")");
	sql_add_value(&query,
		      " AND o.opens_at > ? AND o.opens_at < 4611686018427387904",
		      SQL_INT(filter->now));
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

static enum err count_share(struct db *db, struct arena *arena,
			    const struct task_filter *filter, int64_t cap,
			    int64_t *count_out)
{
	struct sql_build query;
	struct task_filter mine;
	struct rows rows;
	query_begin(&query, arena, filter, &mine);
	mine.order = TASK_ORDER_CREATED;
	mine.is_counted = true;
	sql_add(&query, "SELECT count(*) FROM (SELECT * FROM (");
	add_all_keys(&query, &mine, (size_t)cap);
	sql_add(&query, ") LIMIT ");
	sql_add_int(&query, cap);
	sql_add(&query, ")");
	sql_build_query(db, &query, &rows);
	*count_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

enum err task_rows_count(struct db *db, struct arena *arena,
			 const struct task_filter *filter, int64_t cap,
			 int64_t *count_out)
{
	struct task_filter share = *filter;
	int64_t pool;
	if (!task_filter_is_split(filter) || filter->hours == TASK_HOURS_REPLIED)
		return count_share(db, arena, filter, cap, count_out);
	share.share = TASK_SHARE_PEOPLES;
	enum err err = count_share(db, arena, &share, cap, count_out);
	if (err != ERR_OK || *count_out == cap)
		return err;
	share.share = TASK_SHARE_POOL;
	err = count_share(db, arena, &share, cap - *count_out, &pool);
	if (err == ERR_OK)
		*count_out += pool;
	return err;
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
	add_filters(query, filter);
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
	struct sql_build query;
	struct task_filter mine;
	struct rows rows;
	query_begin(&query, arena, filter, &mine);
	add_scan(&query, &mine, scan);
	sql_build_query(db, &query, &rows);
	enum err err = rows_ids(&rows, arena, filter->limit, ids_out, count_out);
	if (err != ERR_OK)
		return err;
	if (*count_out < filter->limit)
		return scan_end(db, scan);
	scan->after_id = (*ids_out)[*count_out - 1];
	return ERR_OK;
}
