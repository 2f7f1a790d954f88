/* task_rows.c - tasks one by one, and by the time they fall due; lists are in task_page.c. See task_rows.h */
#include "store/task_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"
#include "store/task_columns.h"

/* primary key */
SQL(TASK_LOAD, "SELECT " TASK_COLUMNS " FROM tasks t WHERE t.id = ?1");
SQL(TASK_INSERT,
    "INSERT INTO tasks (id, origin, enrollment_id, workflow_id, "
    "workflow_version, step_id, visit, contact_id, name, "
    "text, assignee_id, team_id, state, held_below, due_at, sort_due, "
    "expires_at, snoozed_until, why, is_test, "
    "moves_workflow, created_at, opening_id, priority, follows_owner, is_locked, consent_id, revision) VALUES (?1, ?2, "
    "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
    "?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, 1)");
SQL(TASK_SET_OPENING,
    "UPDATE tasks SET opening_id = ?2 WHERE id = ?1 AND opening_id <> ?2");
/* tasks_made, a state at a time; tasks_contact */
SQL(TASK_OPEN_BEHIND,
    "SELECT id FROM (SELECT * FROM (SELECT id FROM tasks WHERE state = 0 AND id > ?1 "
    "ORDER BY id LIMIT ?2) AS a UNION ALL SELECT * FROM (SELECT id FROM tasks WHERE "
    "state = 1 AND id > ?1 ORDER BY id LIMIT ?2) AS b UNION ALL SELECT * FROM (SELECT "
    "id FROM tasks WHERE state = 2 AND id > ?1 ORDER BY id LIMIT ?2) AS c) AS found "
    "ORDER BY id LIMIT ?2");
SQL(TASK_OPEN_OF_CONTACT_BEHIND, "SELECT id FROM tasks WHERE contact_id = ?3 AND state "
				 "<= 2 AND id > ?1 ORDER BY +id "
				 "LIMIT ?2");
SQL(TASK_SAVE, "UPDATE tasks SET text = ?2, assignee_id = ?3, team_id = ?4, state = "
	       "?5, held_below = ?6, expires_at = ?7, "
	       "snoozed_until = ?8, message_id = ?9, attention = ?10, end_reason = "
	       "?11, moves_workflow = ?12, ended_at = ?13, "
	       "exit_at = ?14, why = ?15, revision = revision + 1 WHERE id = ?1");
SQL(TASK_SET_TIMES, "UPDATE tasks SET due_at = ?2, sort_due = ?3, expires_at = ?4, "
		    "priority = ?5, revision = revision + 1 WHERE id = ?1");
SQL(TASK_STANDS,
    "UPDATE tasks SET moves_workflow = 0, revision = revision + 1 WHERE id = ?1");
/* tasks_visit */
SQL(TASK_OPEN_OF_ENROLLMENT, "SELECT id FROM tasks WHERE enrollment_id = ?1 AND state "
			     "<= 2 ORDER BY id LIMIT ?2");
SQL(TASK_OF_STEP, "SELECT id FROM tasks WHERE enrollment_id = ?1 AND step_id = ?2 "
		  "ORDER BY visit DESC LIMIT 1");
/* tasks_contact */
SQL(TASK_OPEN_OF_CONTACT,
    "SELECT id FROM tasks WHERE contact_id = ?1 AND state <= 2 ORDER BY state, id LIMIT "
    "?2");
SQL(TASK_FOLLOWING, "SELECT id FROM tasks WHERE contact_id = ?1 AND state <= 2 AND "
		    "follows_owner = 1 ORDER BY state, id LIMIT ?2");
/* tasks_visit */
SQL(TASK_MOVERS,
    "SELECT t.step_id FROM tasks t LEFT JOIN messages m ON m.id = t.message_id WHERE "
    "t.enrollment_id = ?1 AND t.moves_workflow = 1 AND (t.state <= 2 OR t.exit_at IS "
    "NOT NULL OR (t.state = 3 AND m.state IN (?2, ?3, ?4)))");
SQL(TASK_TO_MARK, "SELECT id FROM tasks WHERE contact_id = ?1 AND state <= 2 AND id < "
		  "?2 AND attention IS NULL LIMIT ?3");
SQL(TASK_MARK,
    "UPDATE tasks SET attention = ?2, revision = revision + 1 WHERE id = ?1");
SQL(TASK_HAS_OPEN, "SELECT 1 FROM tasks WHERE contact_id = ?1 AND state <= 2 AND "
		   "origin = ?2 LIMIT 1");
/* contacts_phone, tasks_contact */
SQL(TASK_OPEN_TO_NUMBER,
    "SELECT t.id FROM contacts c JOIN tasks t ON t.contact_id = c.id WHERE "
    "c.phone_e164 = ?1 AND c.deleted_at IS NULL AND t.state <= 2 AND t.consent_id IS "
    "NULL LIMIT ?2");
/* tasks_consent; tasks_confirming */
SQL(TASK_OF_CONSENT, "SELECT id FROM tasks WHERE consent_id = ?1");
SQL(TASK_CONFIRMING, "SELECT id FROM tasks WHERE consent_id IS NOT NULL AND state <= 2 "
		     "ORDER BY id LIMIT ?1");
/* tasks_mine, one state at a time */
SQL(TASK_REASSIGN,
    "UPDATE tasks SET assignee_id = ?2, team_id = coalesce(?3, team_id), why = "
    "coalesce(rtrim(why, '.') || '. ', '') || ?4, revision = revision + 1 WHERE id IN "
    "(SELECT id FROM tasks WHERE assignee_id = ?1 AND state IN (0, 1, 2) LIMIT ?5)");
SQL(TASK_COUNT_OPEN,
    "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE assignee_id = ?1 AND state <= 2 "
    "AND is_test = 0 LIMIT ?2) AS open");
/* tasks_wake; tasks_expiry */
SQL(TASK_DUE_TO_WAKE, "SELECT id FROM tasks WHERE state = 2 AND snoozed_until <= ?1 "
		      "AND snoozed_until > ?3 ORDER BY snoozed_until LIMIT ?2");
SQL(TASK_DUE_TO_EXPIRE, "SELECT id FROM tasks WHERE state <= 2 AND expires_at IS NOT "
			"NULL AND expires_at <= ?1 AND expires_at > ?3 "
			"ORDER BY expires_at LIMIT ?2");
/* tasks_contact */
SQL(TASK_HAD_BY,
    "SELECT 1 FROM tasks WHERE contact_id = ?1 AND +assignee_id = ?2 LIMIT 1");
/* tasks_exit; leases_abandoned */
SQL(TASK_DUE_TO_EXIT,
    "SELECT id FROM tasks WHERE exit_at <= ?1 AND exit_at > ?3 ORDER BY exit_at LIMIT "
    "?2");
SQL(TASK_DUE_TO_RETURN, "SELECT card_id FROM leases WHERE was_unassigned = 1 AND "
			"expires_at <= ?1 AND expires_at > ?3 LIMIT ?2");
SQL(TASK_NEXT_DUE,
    "SELECT min(at) FROM (SELECT min(snoozed_until) AS at FROM tasks WHERE state = 2 "
    "AND snoozed_until > ?1 UNION ALL "
    "SELECT min(expires_at) FROM tasks WHERE state <= 2 AND expires_at IS NOT NULL "
    "AND expires_at > ?1 UNION ALL "
    "SELECT min(exit_at) FROM tasks WHERE exit_at > ?1 UNION ALL "
    "SELECT min(expires_at) FROM leases WHERE was_unassigned = 1 AND expires_at > ?1) "
    "AS times");

int64_t task_rows_key(const struct task *task)
{
	/* beyond any date that can be written (year 9999), and as far again for each priority */
	const int64_t far_away = INT64_C(1) << 52;
	return (task->due_at ? task->due_at : far_away) -
	       2 * far_away * (int64_t)task->priority;
}

void task_columns_read(const struct rows *rows, struct task *task_out)
{
	*task_out = (struct task){
		.id = rows_id(rows, 0),
		.origin = (enum task_origin)rows_int(rows, 1),
		.enrollment_id = rows_id(rows, 2),
		.workflow_id = rows_text(rows, 3),
		.workflow_version = (uint32_t)rows_int(rows, 4),
		.step_id = rows_text(rows, 5),
		.visit = (uint32_t)rows_int(rows, 6),
		.contact_id = rows_id(rows, 7),
		.name = rows_text(rows, 8),
		.text = rows_text(rows, 9),
		.assignee_id = rows_id(rows, 10),
		.team_id = rows_id(rows, 11),
		.state = (enum task_state)rows_int(rows, 12),
		.held_below = (enum task_state)rows_int(rows, 13),
		.due_at = rows_int(rows, 14),
		.expires_at = rows_int(rows, 15),
		.snoozed_until = rows_int(rows, 16),
		.message_id = rows_id(rows, 17),
		.attention = rows_text(rows, 18),
		.end_reason = rows_text(rows, 19),
		.why = rows_text(rows, 20),
		.is_test = rows_bool(rows, 21),
		.moves_workflow = rows_bool(rows, 22),
		.created_at = rows_int(rows, 23),
		.ended_at = rows_int(rows, 24),
		.revision = (uint32_t)rows_int(rows, 25),
		.exit_at = rows_int(rows, 26),
		.priority = (unsigned)rows_int(rows, 27),
		.follows_owner = rows_bool(rows, 28),
		.is_locked = rows_bool(rows, 29),
		.consent_id = rows_id(rows, 30),
	};
}

static void keep_text(struct arena *arena, struct task *task)
{
	task->workflow_id = arena_strdup(arena, task->workflow_id);
	task->step_id = arena_strdup(arena, task->step_id);
	task->name = arena_strdup(arena, task->name);
	task->text = arena_strdup(arena, task->text);
	task->attention = arena_strdup(arena, task->attention);
	task->end_reason = arena_strdup(arena, task->end_reason);
	task->why = arena_strdup(arena, task->why);
}

enum err task_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct task *task_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	task_columns_read(&rows, task_out);
	keep_text(arena, task_out);
	return rows_end(&rows);
}

enum err task_rows_insert(struct db *db, const struct task *task)
{
	return SQL_RUN(
		db, &TASK_INSERT, SQL_ID(task->id), SQL_INT(task->origin),
		SQL_ID(task->enrollment_id), SQL_TEXT(task->workflow_id),
		SQL_ID(task->workflow_version), SQL_TEXT(task->step_id),
		SQL_ID(task->visit), SQL_ID(task->contact_id), SQL_TEXT(task->name),
		SQL_TEXT(task->text), SQL_ID(task->assignee_id), SQL_ID(task->team_id),
		SQL_INT(task->state), SQL_INT(task->held_below), SQL_TIME(task->due_at),
		SQL_INT(task_rows_key(task)), SQL_TIME(task->expires_at),
		SQL_TIME(task->snoozed_until), SQL_TEXT(task->why),
		SQL_INT(task->is_test), SQL_INT(task->moves_workflow),
		SQL_TIME(task->created_at), SQL_INT(task->opening_id),
		SQL_INT(task->priority), SQL_INT(task->follows_owner),
		SQL_INT(task->is_locked), SQL_ID(task->consent_id));
}

enum err task_rows_save(struct db *db, struct task *task)
{
	task->revision++;
	return SQL_RUN(db, &TASK_SAVE, SQL_ID(task->id), SQL_TEXT(task->text),
		       SQL_ID(task->assignee_id), SQL_ID(task->team_id),
		       SQL_INT(task->state), SQL_INT(task->held_below),
		       SQL_TIME(task->expires_at), SQL_TIME(task->snoozed_until),
		       SQL_ID(task->message_id), SQL_TEXT(task->attention),
		       SQL_TEXT(task->end_reason), SQL_INT(task->moves_workflow),
		       SQL_TIME(task->ended_at), SQL_TIME(task->exit_at),
		       SQL_TEXT(task->why));
}

enum err task_rows_set_times(struct db *db, const struct task *task)
{
	return SQL_RUN(db, &TASK_SET_TIMES, SQL_ID(task->id), SQL_TIME(task->due_at),
		       SQL_INT(task_rows_key(task)), SQL_TIME(task->expires_at),
		       SQL_INT(task->priority));
}

enum err task_rows_set_opening(struct db *db, uint64_t id, uint64_t opening_id)
{
	return SQL_RUN(db, &TASK_SET_OPENING, SQL_ID(id), SQL_INT(opening_id));
}

enum err task_rows_open_behind(struct db *db, struct arena *arena,
			       const struct task_behind *behind, uint64_t **ids_out,
			       size_t *count_out)
{
	struct rows rows;
	if (behind->contact_id)
		SQL_QUERY(db, &TASK_OPEN_OF_CONTACT_BEHIND, &rows,
			  SQL_INT(behind->after_id), SQL_INT(behind->limit),
			  SQL_ID(behind->contact_id));
	else
		SQL_QUERY(db, &TASK_OPEN_BEHIND, &rows, SQL_INT(behind->after_id),
			  SQL_INT(behind->limit));
	return rows_ids(&rows, arena, behind->limit, ids_out, count_out);
}

enum err task_rows_exit_taken(struct db *db, struct task *task)
{
	task->moves_workflow = false;
	task->revision++;
	return SQL_RUN(db, &TASK_STANDS, SQL_ID(task->id));
}

enum err task_rows_open_of(struct db *db, struct arena *arena, uint64_t enrollment_id,
			   uint64_t contact_id, size_t limit, uint64_t **ids_out,
			   size_t *count_out)
{
	struct rows rows;
	if (enrollment_id)
		SQL_QUERY(db, &TASK_OPEN_OF_ENROLLMENT, &rows, SQL_ID(enrollment_id),
			  SQL_INT(limit));
	else
		SQL_QUERY(db, &TASK_OPEN_OF_CONTACT, &rows, SQL_ID(contact_id),
			  SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err task_rows_following(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &TASK_FOLLOWING, &rows, SQL_ID(contact_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err task_rows_of_consent(struct db *db, uint64_t consent_id, uint64_t *id_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_OF_CONSENT, &rows, SQL_ID(consent_id));
	if (err != ERR_OK)
		return err;
	*id_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err task_rows_open_confirmations(struct db *db, struct arena *arena, size_t limit,
				      uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &TASK_CONFIRMING, &rows, SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err task_rows_open_to_number(struct db *db, struct arena *arena, const char *e164,
				  size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &TASK_OPEN_TO_NUMBER, &rows, SQL_TEXT(e164), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err task_rows_has_open(struct db *db, uint64_t contact_id, enum task_origin origin,
			    bool *has_out)
{
	struct rows rows;
	SQL_QUERY(db, &TASK_HAS_OPEN, &rows, SQL_ID(contact_id), SQL_INT(origin));
	*has_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err task_rows_mark_open(struct db *db, struct arena *arena, uint64_t contact_id,
			     uint64_t before_id, const char *attention, size_t limit)
{
	struct rows rows;
	uint64_t *ids;
	size_t count;
	SQL_QUERY(db, &TASK_TO_MARK, &rows, SQL_ID(contact_id), SQL_ID(before_id),
		  SQL_INT(limit));
	enum err err = rows_ids(&rows, arena, limit, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = SQL_RUN(db, &TASK_MARK, SQL_ID(ids[i]), SQL_TEXT(attention));
	return err;
}

enum err task_rows_had_by(struct db *db, uint64_t contact_id, uint64_t user_id,
			  bool *had_out)
{
	struct rows rows;
	SQL_QUERY(db, &TASK_HAD_BY, &rows, SQL_ID(contact_id), SQL_ID(user_id));
	*had_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err task_rows_of_step(struct db *db, uint64_t enrollment_id, const char *step_id,
			   uint64_t *id_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_OF_STEP, &rows, SQL_ID(enrollment_id),
			       SQL_TEXT(step_id));
	if (err != ERR_OK)
		return err;
	*id_out = rows_id(&rows, 0);
	return rows_end(&rows);
}

enum err task_rows_movers(struct db *db, struct arena *arena, uint64_t enrollment_id,
			  size_t *count_out, const char **step_id_out)
{
	struct rows rows;
	*count_out = 0;
	*step_id_out = NULL;
	SQL_QUERY(db, &TASK_MOVERS, &rows, SQL_ID(enrollment_id),
		  SQL_INT(MESSAGE_APPROVED), SQL_INT(MESSAGE_HANDING_OVER),
		  SQL_INT(MESSAGE_UNCERTAIN));
	while (rows_next(&rows)) {
		(*count_out)++;
		*step_id_out = arena_strdup(arena, rows_text(&rows, 0));
	}
	return rows_end(&rows);
}

enum err task_rows_reassign_open(struct db *db, uint64_t from_user,
				 const struct task_heir *heir, size_t limit,
				 int64_t *changed_out)
{
	enum err err =
		SQL_RUN(db, &TASK_REASSIGN, SQL_ID(from_user), SQL_ID(heir->user_id),
			SQL_ID(heir->team_id), SQL_TEXT(heir->line), SQL_INT(limit));
	if (err == ERR_OK)
		*changed_out = sql_changes(db);
	return err;
}

enum err task_rows_count_open(struct db *db, uint64_t user_id, unsigned cap,
			      unsigned *count_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &TASK_COUNT_OPEN, &rows, SQL_ID(user_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = (unsigned)rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err task_rows_due(struct db *db, struct arena *arena, enum task_due kind,
		       const struct task_due_before *before, uint64_t **ids_out,
		       size_t *count_out)
{
	static const struct sql_statement *const statements[] = {
		[TASK_DUE_WAKE] = &TASK_DUE_TO_WAKE,
		[TASK_DUE_EXPIRE] = &TASK_DUE_TO_EXPIRE,
		[TASK_DUE_EXIT] = &TASK_DUE_TO_EXIT,
		[TASK_DUE_RETURN] = &TASK_DUE_TO_RETURN,
	};
	struct rows rows;
	SQL_QUERY(db, statements[kind], &rows, SQL_INT(before->until),
		  SQL_INT(before->limit), SQL_INT(before->after));
	return rows_ids(&rows, arena, before->limit, ids_out, count_out);
}

enum err task_rows_next_due(struct db *db, int64_t after, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TASK_NEXT_DUE, &rows, SQL_INT(after));
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}
