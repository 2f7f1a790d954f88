/* message_rows.c - texts and their reports; the outbox is in outbox_rows.c. See message_rows.h */
#include "store/message_rows.h"

#include <stdlib.h>

#include "base/ident.h"
#include "store/row_ids.h"
#include "store/sql_build.h"

#define MESSAGE_COLUMNS                                                              \
	"m.id, m.is_inbound, m.contact_id, m.task_id, m.receipt_id, m.number, "      \
	"m.own_number, m.smsc, m.text, "                                             \
	"m.segments, m.is_unicode, m.is_test, m.state, m.detail, m.sent_by, "        \
	"m.created_at, m.state_at, "                                                 \
	"m.not_before, m.approval_until, m.valid_until, m.event_id, m.resolved_by, " \
	"m.evidence, m.handed_id, m.said, m.verdict, m.is_shared, m.is_edited"
enum { MESSAGE_COLUMN_COUNT = 28 };
#define ITEM_COLUMNS                                                           \
	MESSAGE_COLUMNS ", c.first_name, c.last_name, c.phone_e164, u.login, " \
			"u.first_name, u.last_name, t.workflow_id "
#define ITEM_FROM                                                                      \
	"FROM messages m JOIN contacts c ON c.id = m.contact_id LEFT JOIN users u ON " \
	"u.id = m.sent_by LEFT JOIN tasks t ON t.id = m.task_id "

/* primary key */
SQL(MESSAGE_LOAD, "SELECT " MESSAGE_COLUMNS " FROM messages m WHERE m.id = ?1");
SQL(MESSAGE_ITEM, "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE m.id = ?1");
SQL(MESSAGE_LINE,
    "SELECT m.id, m.task_id, m.sent_by, m.is_inbound, m.state, m.created_at, m.text, "
    "u.login, u.first_name, u.last_name FROM messages m LEFT JOIN users u ON u.id = "
    "m.sent_by WHERE m.id = ?1");
SQL(MESSAGE_INSERT,
    "INSERT INTO messages (id, is_inbound, contact_id, task_id, "
    "receipt_id, number, own_number, smsc, "
    "text, segments, is_unicode, is_test, state, detail, sent_by, "
    "created_at, state_at, not_before, "
    "approval_until, valid_until, event_id, said, is_shared, is_edited) VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
    "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)");
SQL(MESSAGE_SAVE, "UPDATE messages SET state = ?2, detail = ?3, state_at = ?4, "
		  "not_before = ?5, resolved_by = ?6, "
		  "evidence = ?7, handed_id = ?8 WHERE id = ?1");
/* messages_event */
SQL(MESSAGE_BY_EVENT, "SELECT id FROM messages WHERE event_id = ?1");
/* messages_contact */
SQL(MESSAGE_THREAD,
    "SELECT " MESSAGE_COLUMNS " FROM messages m WHERE m.contact_id = ?1 "
    "AND m.id > (SELECT reset_id FROM contacts WHERE id = ?1) "
    "ORDER BY m.id DESC LIMIT ?2");
SQL(MESSAGE_INBOUND_AFTER,
    "SELECT id FROM messages WHERE contact_id = ?1 AND is_inbound = 1 AND id > ?2 "
    "ORDER BY id LIMIT 1");
/* messages_number; what certainly did not go (7 refused, 8 withdrawn) does not count */
SQL(MESSAGE_WENT,
    "SELECT count(*), min(created_at) FROM (SELECT created_at FROM messages WHERE "
    "number = ?1 AND is_inbound = 0 AND created_at > ?2 AND is_test = 0 AND state NOT "
    "IN (7, 8) ORDER BY created_at DESC LIMIT ?3) AS went");
/* number_contacts, messages_contact, of which only what is as new is looked at */
SQL(MESSAGE_HAS_HEARD,
    "SELECT 1 FROM number_contacts h CROSS JOIN messages m ON m.contact_id = "
    "h.contact_id WHERE h.number = ?1 AND m.id >= ?2 AND m.is_inbound = 1 AND "
    "+m.number = ?1 AND +m.created_at > ?3 LIMIT 1");
/* number_contacts, messages_contact; 5 delivered, 6 failed */
SQL(MESSAGE_TELLING,
    "SELECT id, state, detail, state_at FROM messages WHERE id = (SELECT max((SELECT "
    "id FROM (SELECT id, number, is_inbound, is_test, state, detail FROM messages "
    "WHERE contact_id = h.contact_id ORDER BY id DESC LIMIT 20) AS newest WHERE "
    "number = ?1 AND is_test = 0 AND (is_inbound = 1 OR state = 5 OR (state = 6 AND "
    "coalesce(detail, '') NOT LIKE '%stat:EXPIRED%')) ORDER BY id DESC LIMIT 1)) FROM "
    "number_contacts h WHERE h.number = ?1)");
/* said 1, verdict 1: stop */
SQL(MESSAGE_REPLY_AFTER,
    "SELECT id FROM messages WHERE contact_id = ?1 AND is_inbound = 1 AND id > ?2 "
    "AND said <> 1 AND (verdict IS NULL OR verdict <> 1) ORDER BY id LIMIT 1");
/* messages_unclear */
SQL(MESSAGE_SETTLE, "UPDATE messages SET verdict = ?3 WHERE number = ?1 AND id <= ?2 "
		    "AND said = 4 AND verdict IS NULL");
SQL(MESSAGE_UNCLEAR, "SELECT 1 FROM messages WHERE number = ?1 AND said = 4 AND "
		     "verdict IS NULL LIMIT 1");
/* primary key */
SQL(MESSAGE_JUDGE, "UPDATE messages SET verdict = ?2 WHERE id = ?1");
/* messages_state */
SQL(MESSAGE_COUNT,
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE state = ?1 LIMIT ?2)");
SQL(MESSAGE_IN_STATE, "SELECT id FROM messages WHERE state = ?1 ORDER BY id LIMIT ?2");
/* primary key */
SQL(REPORT_ADD, "INSERT INTO reports (message_id, event_id, kind, detail, at) VALUES "
		"(?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT (message_id, event_id) DO NOTHING");
SQL(REPORTS_OF, "SELECT event_id, kind, detail, at FROM reports WHERE message_id = ?1 "
		"LIMIT 50");

static void message_read(const struct rows *rows, struct message *message)
{
	*message = (struct message){
		.id = rows_id(rows, 0),
		.is_inbound = rows_bool(rows, 1),
		.contact_id = rows_id(rows, 2),
		.task_id = rows_id(rows, 3),
		.receipt_id = rows_id(rows, 4),
		.number = rows_text(rows, 5),
		.own_number = rows_text(rows, 6),
		.smsc = rows_text(rows, 7),
		.text = rows_text(rows, 8),
		.segments = (uint32_t)rows_int(rows, 9),
		.is_unicode = rows_bool(rows, 10),
		.is_test = rows_bool(rows, 11),
		.state = (enum message_state)rows_int(rows, 12),
		.detail = rows_text(rows, 13),
		.sent_by = rows_id(rows, 14),
		.created_at = rows_int(rows, 15),
		.state_at = rows_int(rows, 16),
		.not_before = rows_int(rows, 17),
		.approval_until = rows_int(rows, 18),
		.valid_until = rows_int(rows, 19),
		.event_id = rows_text(rows, 20),
		.resolved_by = rows_id(rows, 21),
		.evidence = rows_text(rows, 22),
		.handed_id = rows_id(rows, 23),
		.said = (enum consent_said)rows_int(rows, 24),
		.verdict = (enum consent_verdict)rows_int(rows, 25),
		.is_shared = rows_bool(rows, 26),
		.is_edited = rows_bool(rows, 27),
	};
}

static void keep_text(struct arena *arena, struct message *message)
{
	message->number = arena_strdup(arena, message->number);
	message->own_number = arena_strdup(arena, message->own_number);
	message->smsc = arena_strdup(arena, message->smsc);
	message->text = arena_strdup(arena, message->text);
	message->detail = arena_strdup(arena, message->detail);
	message->event_id = arena_strdup(arena, message->event_id);
	message->evidence = arena_strdup(arena, message->evidence);
}

enum err message_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct message *message_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MESSAGE_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	message_read(&rows, message_out);
	keep_text(arena, message_out);
	return rows_end(&rows);
}

enum err message_rows_insert(struct db *db, const struct message *message)
{
	return SQL_RUN(db, &MESSAGE_INSERT, SQL_ID(message->id),
		       SQL_INT(message->is_inbound), SQL_ID(message->contact_id),
		       SQL_ID(message->task_id), SQL_ID(message->receipt_id),
		       SQL_TEXT(message->number), SQL_TEXT(message->own_number),
		       SQL_TEXT(message->smsc), SQL_TEXT(message->text),
		       SQL_INT(message->segments), SQL_INT(message->is_unicode),
		       SQL_INT(message->is_test), SQL_INT(message->state),
		       SQL_TEXT(message->detail), SQL_ID(message->sent_by),
		       SQL_INT(message->created_at), SQL_INT(message->state_at),
		       SQL_TIME(message->not_before), SQL_TIME(message->approval_until),
		       SQL_TIME(message->valid_until), SQL_TEXT(message->event_id),
		       SQL_INT(message->said), SQL_INT(message->is_shared),
		       SQL_INT(message->is_edited));
}

enum err message_rows_save(struct db *db, const struct message *message)
{
	return SQL_RUN(db, &MESSAGE_SAVE, SQL_ID(message->id), SQL_INT(message->state),
		       SQL_TEXT(message->detail), SQL_INT(message->state_at),
		       SQL_TIME(message->not_before), SQL_ID(message->resolved_by),
		       SQL_TEXT(message->evidence), SQL_ID(message->handed_id));
}

enum err message_rows_by_event(struct db *db, const char *event_id, uint64_t *id_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MESSAGE_BY_EVENT, &rows, SQL_TEXT(event_id));
	if (err != ERR_OK)
		return err;
	*id_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

static enum err find_after(struct db *db, const struct sql_statement *statement,
			   uint64_t contact_id, uint64_t after_id, uint64_t *id_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, statement, &rows, SQL_ID(contact_id), SQL_INT(after_id));
	if (err != ERR_OK)
		return err;
	*id_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err message_rows_went(struct db *db, const char *number, int64_t after,
			   unsigned limit, struct message_went *went_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MESSAGE_WENT, &rows, SQL_TEXT(number),
			       SQL_INT(after), SQL_INT(limit));
	if (err != ERR_OK)
		return err;
	*went_out =
		(struct message_went){(unsigned)rows_int(&rows, 0), rows_int(&rows, 1)};
	return rows_end(&rows);
}

enum err message_rows_unreached(struct db *db, struct arena *arena, const char *number,
				struct message_unreached *unreached_out)
{
	struct rows rows;
	*unreached_out = (struct message_unreached){.id = 0};
	SQL_QUERY(db, &MESSAGE_TELLING, &rows, SQL_TEXT(number));
	if (rows_next(&rows) && rows_int(&rows, 1) == MESSAGE_FAILED)
		*unreached_out = (struct message_unreached){
			.id = rows_id(&rows, 0),
			.at = rows_int(&rows, 3),
			.detail = arena_strdup(arena, rows_text(&rows, 2))};
	return rows_end(&rows);
}

enum err message_rows_has_heard(struct db *db, const char *number, int64_t after,
				bool *has_out)
{
	struct rows rows;
	SQL_QUERY(db, &MESSAGE_HAS_HEARD, &rows, SQL_TEXT(number),
		  SQL_INT(ident_least(after)), SQL_INT(after));
	*has_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err message_rows_inbound_after(struct db *db, uint64_t contact_id,
				    uint64_t after_id, uint64_t *id_out)
{
	return find_after(db, &MESSAGE_INBOUND_AFTER, contact_id, after_id, id_out);
}

enum err message_rows_reply_after(struct db *db, uint64_t contact_id, uint64_t after_id,
				  uint64_t *id_out)
{
	return find_after(db, &MESSAGE_REPLY_AFTER, contact_id, after_id, id_out);
}

enum err message_rows_settle(struct db *db, const char *number, uint64_t up_to_id,
			     enum consent_verdict verdict)
{
	return SQL_RUN(db, &MESSAGE_SETTLE, SQL_TEXT(number), SQL_INT(up_to_id),
		       SQL_INT(verdict));
}

enum err message_rows_judge(struct db *db, uint64_t id, enum consent_verdict verdict)
{
	return SQL_RUN(db, &MESSAGE_JUDGE, SQL_ID(id), SQL_INT(verdict));
}

enum err message_rows_has_unclear(struct db *db, const char *number, bool *has_out)
{
	struct rows rows;
	SQL_QUERY(db, &MESSAGE_UNCLEAR, &rows, SQL_TEXT(number));
	*has_out = rows_next(&rows);
	return rows_end(&rows);
}

static void item_read(const struct rows *rows, struct message_item *item)
{
	enum { AT = MESSAGE_COLUMN_COUNT };
	message_read(rows, &item->message);
	item->contact_first_name = rows_text(rows, AT);
	item->contact_last_name = rows_text(rows, AT + 1);
	item->contact_e164 = rows_text(rows, AT + 2);
	item->sender_login = rows_text(rows, AT + 3);
	item->sender_first_name = rows_text(rows, AT + 4);
	item->sender_last_name = rows_text(rows, AT + 5);
	item->workflow_id = rows_text(rows, AT + 6);
}

enum err message_rows_item(struct db *db, uint64_t id, message_item_fn *each, void *arg)
{
	struct rows rows;
	struct message_item item;
	enum err err = SQL_ONE(db, &MESSAGE_ITEM, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	item_read(&rows, &item);
	each(arg, &item);
	return rows_end(&rows);
}

enum err message_rows_line(struct db *db, uint64_t id, message_line_fn *each, void *arg)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MESSAGE_LINE, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	each(arg,
	     &(struct message_line){.id = rows_id(&rows, 0),
				    .task_id = rows_id(&rows, 1),
				    .sent_by = rows_id(&rows, 2),
				    .is_inbound = rows_bool(&rows, 3),
				    .state = (enum message_state)rows_int(&rows, 4),
				    .created_at = rows_int(&rows, 5),
				    .text = rows_text(&rows, 6),
				    .sender_login = rows_text(&rows, 7),
				    .sender_first_name = rows_text(&rows, 8),
				    .sender_last_name = rows_text(&rows, 9)});
	return rows_end(&rows);
}

/* An agent's texts are those the agent sent and those of threads the agent may see (core/thread.h says whose a thread is);
 * task_page.c has the same rule for tasks. */
#define THREAD_USER "coalesce(c.owner_id, c.texter_id, 0)"
#define TEAMMATES                                                                   \
	"(SELECT o.user_id FROM team_members i JOIN team_members o ON o.team_id = " \
	"i.team_id WHERE i.user_id = ?)"
static void add_visibility(struct sql_build *query, const struct message_filter *filter)
{
	if (!filter->seen_by)
		return;
	sql_add_value(query,
		      filter->sees_team
			      ? " AND (m.sent_by = ? OR " THREAD_USER " IN (0, ?) OR "
				"m.sent_by IN " TEAMMATES " OR " THREAD_USER
				" IN " TEAMMATES ")"
			      : " AND (m.sent_by = ? OR " THREAD_USER " IN (0, ?))",
		      SQL_ID(filter->seen_by));
}

static void add_states(struct sql_build *query, unsigned states)
{
	const char *before = " AND m.state IN (";
	for (int state = 0; state < MESSAGE_STATE_COUNT; state++) {
		if (!(states & 1u << state))
			continue;
		sql_add(query, before);
		sql_add_int(query, state);
		before = ", ";
	}
	if (states)
		sql_add(query, ")");
}

enum err message_rows_page(struct db *db, const struct message_filter *filter,
			   message_item_fn *each, void *arg)
{
	struct sql_build query = SQL_BUILD_EMPTY;
	struct rows rows;
	sql_add(&query, "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE 1 = 1");
	if (filter->before_id)
		sql_add_value(&query, " AND m.id < ?", SQL_ID(filter->before_id));
	add_states(&query, filter->states);
	if (filter->contact_id)
		sql_add_value(&query, " AND m.contact_id = ? AND m.id > c.reset_id",
			      SQL_ID(filter->contact_id));
	if (filter->test >= 0)
		sql_add(&query,
			filter->test ? " AND m.is_test = 1" : " AND m.is_test = 0");
	if (filter->edited >= 0)
		sql_add(&query, filter->edited ? " AND m.is_edited = 1"
					       : " AND m.is_edited = 0");
	if (filter->user_id)
		sql_add_value(&query, " AND m.sent_by = ?", SQL_ID(filter->user_id));
	if (filter->from)
		sql_add_value(&query, " AND m.created_at >= ?", SQL_INT(filter->from));
	if (filter->until)
		sql_add_value(&query, " AND m.created_at < ?", SQL_INT(filter->until));
	if (filter->workflow_id)
		sql_add_value(&query,
			      " AND m.task_id IN (SELECT id FROM tasks WHERE "
			      "workflow_id = ?)",
			      SQL_TEXT(filter->workflow_id));
	add_visibility(&query, filter);
	sql_add(&query, " ORDER BY m.id DESC LIMIT ");
	sql_add_int(&query, (long long)filter->limit + 1);
	sql_build_query(db, &query, &rows);
	while (rows_next(&rows)) {
		struct message_item item;
		item_read(&rows, &item);
		each(arg, &item);
	}
	return rows_end(&rows);
}

enum err message_rows_thread(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t count, struct message **messages_out,
			     size_t *count_out)
{
	struct rows rows;
	size_t at = count;
	struct message *messages = NULL;
	SQL_QUERY(db, &MESSAGE_THREAD, &rows, SQL_ID(contact_id), SQL_INT(count));
	while (at > 0 && rows_next(&rows)) {
		if (!messages)
			messages = ARENA_ARRAY(arena, struct message, count);
		message_read(&rows, &messages[--at]);
		keep_text(arena, &messages[at]);
	}
	*messages_out = messages ? messages + at : NULL;
	*count_out = count - at;
	return rows_end(&rows);
}

enum err message_rows_count(struct db *db, enum message_state state, int64_t cap,
			    int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &MESSAGE_COUNT, &rows, SQL_INT(state), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err message_rows_in_state(struct db *db, struct arena *arena,
			       enum message_state state, size_t limit,
			       uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &MESSAGE_IN_STATE, &rows, SQL_INT(state), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err report_rows_add(struct db *db, uint64_t message_id,
			 const struct report_row *report, bool *added_out)
{
	enum err err = SQL_RUN(db, &REPORT_ADD, SQL_ID(message_id),
			       SQL_TEXT(report->event_id), SQL_INT(report->kind),
			       SQL_TEXT(report->detail), SQL_INT(report->at));
	if (err == ERR_OK)
		*added_out = sql_changes(db) > 0;
	return err;
}

static int oldest_first(const void *a, const void *b)
{
	const struct report_row *left = a, *right = b;
	return left->at != right->at ? (left->at > right->at) - (left->at < right->at)
				     : (int)left->kind - (int)right->kind;
}

enum err report_rows_of(struct db *db, struct arena *arena, uint64_t message_id,
			struct report_row **reports_out, size_t *count_out)
{
	enum { REPORTS_MOST = 50 };
	struct rows rows;
	size_t count = 0;
	*reports_out = NULL;
	SQL_QUERY(db, &REPORTS_OF, &rows, SQL_ID(message_id));
	while (count < REPORTS_MOST && rows_next(&rows)) {
		if (!*reports_out)
			*reports_out =
				ARENA_ARRAY(arena, struct report_row, REPORTS_MOST);
		(*reports_out)[count++] = (struct report_row){
			.event_id = arena_strdup(arena, rows_text(&rows, 0)),
			.kind = (unsigned)rows_int(&rows, 1),
			.detail = arena_strdup(arena, rows_text(&rows, 2)),
			.at = rows_int(&rows, 3),
		};
	}
	/* here, for so few: SQLite would make a table of its own to sort them in */
	if (count > 1)
		qsort(*reports_out, count, sizeof(**reports_out), oldest_first);
	*count_out = count;
	return rows_end(&rows);
}
