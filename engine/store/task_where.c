/* task_where.c - the filters of a list of tasks, put together from constant fragments. See task_rows.h, task_parts.h */
#include <string.h>

#include "base/ident.h"
#include "store/sql_build.h"
#include "store/task_parts.h"

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
/* messages_heard, contacts_phone: new texts go to the end of that index, where a column of numbers would move about */
#define WROTE                                                                 \
	"(SELECT wc.id FROM messages wm JOIN contacts wc ON wc.phone_e164 = " \
	"wm.number AND wc.deleted_at IS NULL WHERE wm.is_inbound = 1 AND "    \
	"wm.created_at > ?)"

/* One contact has few tasks, and so has a search that found few. */
static bool are_few(const struct task_filter *filter)
{
	return filter->contact_id || filter->among;
}

/* Are the tasks looked for by their openings, or by who wrote? A + keeps other columns out of the choice of an index. */
static bool goes_along(const struct task_filter *filter)
{
	return filter->has_opening || filter->in_opening ||
	       filter->hours == TASK_HOURS_REPLIED ||
	       (filter->is_counted && filter->hours != TASK_HOURS_ANY &&
		!are_few(filter));
}

static void add_hours(struct sql_build *query, const struct task_filter *filter)
{
	const struct sql_value now = SQL_INT(filter->now),
			       replied = SQL_INT(filter->replied_after);
	if (filter->has_opening)
		sql_add_value(query, " AND t.opening_id = ?",
			      SQL_INT(filter->opening_id));
	if (filter->in_opening)
		sql_add(query, are_few(filter) ? " AND +t.opening_id = o.id"
					       : " AND t.opening_id = o.id");
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

/* Of the contact that was found as ec, with its number en. number_contacts, messages_contact, messages_number, leases_number */
static void add_cap(struct sql_build *query, const struct task_filter *filter)
{
	if (!filter->cap.most)
		return;
	sql_add_value(
		query,
		" OR (t.is_test = 0 AND NOT EXISTS (SELECT 1 FROM number_contacts wh CROSS "
		"JOIN messages wm ON wm.contact_id = wh.contact_id WHERE wh.number = "
		"ec.phone_e164 AND +wm.number = ec.phone_e164 AND wm.is_inbound = 1 AND "
		"wm.id >= ?",
		SQL_INT(ident_least(filter->replied_after)));
	sql_add_value(query, " AND +wm.created_at > ?)",
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

/* A task that something holds by itself is not pending; what is wider reaches the state of its tasks later. A hold of all is
 * asked for once, before. leases_live */
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
		" AND (t.workflow_id IS NULL OR +t.workflow_id NOT IN (SELECT ref FROM "
		"holds WHERE scope = 2)) AND NOT EXISTS (SELECT 1 FROM contacts ec "
		"LEFT JOIN numbers en ON en.e164 = ec.phone_e164 WHERE ec.id = "
		"t.contact_id AND (ec.sms_enabled = 0 OR (en.is_opted_out = 1 AND t.consent_id IS NULL) OR EXISTS "
		"(SELECT 1 FROM holds eh WHERE eh.scope = 1 AND eh.ref = "
		"ec.phone_e164)");
	add_cap(query, filter);
	sql_add(query, "))");
}

#define HAS_Q                                                                        \
	"(search_finds(?, t.name) OR EXISTS (SELECT 1 FROM contacts qc WHERE qc.id " \
	"= t.contact_id AND search_finds_person(?, qc.first_name, qc.last_name, "    \
	"qc.phone, qc.phone_e164)))"

/* Few tasks want attention or are open before somebody, and few people wrote just now: an index has those apart. */
static bool is_few_of_all(const struct task_filter *filter)
{
	return filter->attention || filter->leased_only ||
	       filter->hours == TASK_HOURS_REPLIED;
}

bool task_filter_looks(const struct task_filter *filter)
{
	return filter->q && filter->look && !filter->among;
}

void task_filters_add(struct sql_build *query, const struct task_filter *filter)
{
	const bool is_few = is_few_of_all(filter);
	if (filter->whose == TASK_OF_USER)
		sql_add_value(query,
			      is_few ? " AND +t.assignee_id = ?"
				     : " AND t.assignee_id = ?",
			      SQL_INT(filter->assignee_id));
	else if (filter->whose == TASK_OF_NOBODY)
		sql_add(query, is_few ? " AND +t.assignee_id IS NULL"
				      : " AND t.assignee_id IS NULL");
	if (filter->workflow_id)
		sql_add_value(query,
			      goes_along(filter) || is_few ? " AND +t.workflow_id = ?"
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
	if (filter->q && !task_filter_looks(filter))
		sql_add_value(query, " AND " HAS_Q, SQL_TEXT(filter->q));
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

/* Few are found first and sorted, and so are those of who wrote just now, rather than looked for along an order of all. The
 * + says so. */
static bool is_found_first(const struct task_filter *filter)
{
	return are_few(filter) || filter->hours == TASK_HOURS_REPLIED;
}

const char *task_order_of(const struct task_filter *filter)
{
	if (filter->order == TASK_ORDER_CLOSING)
		return " ORDER BY o.closes_at, o.id, t.sort_due, t.id";
	if (filter->order == TASK_ORDER_CREATED)
		return is_found_first(filter) || filter->attention ? " ORDER BY +t.id"
								   : " ORDER BY t.id";
	return is_found_first(filter) ? " ORDER BY +t.sort_due, t.id"
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

void task_where_add(struct sql_build *query, const struct task_filter *filter,
		    int state)
{
	if (state != TASK_STATE_ANY)
		sql_add(query, "t.state = "), sql_add_int(query, state);
	else
		sql_add(query, "1 = 1");
	task_filters_add(query, filter);
	add_cursor(query, filter);
}

/* --- arms --- */

/* Of one user, team or contact: an index has their tasks apart. */
static bool is_narrow(const struct task_filter *filter)
{
	return are_few(filter) || filter->team_id || filter->whose == TASK_OF_USER;
}

bool task_filter_is_split(const struct task_filter *filter)
{
	if (!filter->seen_by || filter->whose != TASK_OF_ANYBODY ||
	    filter->share != TASK_SHARE_ALL || is_few_of_all(filter) ||
	    is_narrow(filter))
		return false;
	return filter->is_counted ||
	       (!filter->sees_team && filter->order != TASK_ORDER_CREATED);
}

void task_from_add(struct sql_build *query, const struct task_filter *filter)
{
	if (filter->among)
		sql_add_value(query,
			      " FROM (SELECT DISTINCT value AS id FROM json_each(?)) j "
			      "CROSS JOIN tasks t ON t.id = j.id ",
			      SQL_TEXT(filter->among));
	else
		sql_add(query, " FROM tasks t ");
}

static void add_arm(struct sql_build *query, const struct task_filter *filter,
		    int state)
{
	const char *plus = is_found_first(filter) ? "+" : "";
	sql_add(query, "SELECT t.id AS id, ");
	sql_add(query, plus);
	sql_add(query, "t.sort_due AS sort_due");
	if (task_filter_looks(filter))
		sql_add_value(query, ", " HAS_Q " AS fits", SQL_TEXT(filter->q));
	task_from_add(query, filter);
	sql_add(query, "WHERE ");
	task_where_add(query, filter, state);
}

/* What people have and what nobody has lie apart in an index. */
static void add_shares(struct sql_build *query, const struct task_filter *filter,
		       int state)
{
	struct task_filter share = *filter;
	const size_t bound = query->count;
	if (!task_filter_is_split(filter)) {
		add_arm(query, filter, state);
		return;
	}
	share.share = TASK_SHARE_PEOPLES;
	add_arm(query, &share, state);
	sql_add(query, " UNION ALL ");
	query->count = bound; /* each arm binds the same values at the same numbers */
	share.share = TASK_SHARE_POOL;
	add_arm(query, &share, state);
}

void task_arms_add(struct sql_build *query, const struct task_filter *filter)
{
	const unsigned states = filter->states;
	const size_t bound = query->count;
	const char *between = "";
	if (filter->among || (!states && filter->order == TASK_ORDER_CREATED))
		add_shares(query, filter, TASK_STATE_ANY);
	if (filter->among)
		task_states_add(query, "t.state", states);
	for (int state = 0; state < TASK_STATE_COUNT && !filter->among; state++) {
		if (states ? !(states & 1u << state)
			   : filter->order == TASK_ORDER_CREATED)
			continue;
		sql_add(query, between);
		between = " UNION ALL ";
		query->count = bound;
		add_shares(query, filter, state);
	}
	if (!filter->is_counted)
		sql_add(query, filter->order == TASK_ORDER_CREATED ? " ORDER BY 1"
								   : " ORDER BY 2, 1");
}
