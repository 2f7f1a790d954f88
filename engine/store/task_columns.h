/* task_columns.h - how a row of tasks becomes a struct task; shared by task_rows.c and task_page.c. */
#ifndef HB_STORE_TASK_COLUMNS_H
#define HB_STORE_TASK_COLUMNS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/sql.h"

#define TASK_COLUMNS                                                                     \
	"t.id, t.origin, t.enrollment_id, t.workflow_id, t.workflow_version, "           \
	"t.step_id, t.visit, t.contact_id, "                                             \
	"t.name, t.text, t.assignee_id, t.team_id, t.state, t.held_below, t.due_at, "    \
	"t.expires_at, "                                                                 \
	"t.snoozed_until, t.message_id, t.attention, t.end_reason, t.why, t.is_test, "   \
	"t.moves_workflow, "                                                             \
	"t.created_at, t.ended_at, t.revision, t.exit_at, t.priority, t.follows_owner, " \
	"t.is_locked, t.consent_id"

enum { TASK_COLUMN_COUNT = 31 };

/* task_states_add - " AND column IN (…)" of a bit per state; 0: all, nothing is added. */
struct sql_build;
void task_states_add(struct sql_build *query, const char *column, unsigned states);

/* task_columns_read - columns 0 to TASK_COLUMN_COUNT - 1; text is borrowed from the row. */
void task_columns_read(const struct rows *rows, struct task *task_out);

#endif
