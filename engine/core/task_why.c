/* task_why.c - why a task exists, why this user has it, and can it be sent: the answers to "wrong user" and "cannot send".
 * See tasks.h */
#include <string.h>

#include "core/card.h"
#include "core/task_why_user.h"
#include "core/tasks.h"
#include "core/view.h"
#include "store/workflow_rows.h"

enum { WHY_JOURNAL_MOST = 100 };

/* The journal's lines of its enrollment: how it came here, step by step, with the values seen. */
static void write_line(struct json *json, const struct task *task,
		       const struct journal_row *row)
{
	json_object(json);
	json_key_time(json, "at", row->at);
	json_key_str(json, "step", *row->step_id ? row->step_id : NULL);
	json_key_int(json, "version", task->workflow_version);
	json_key_str(json, "kind", row->kind);
	json_key(json, "detail");
	json_raw(json, row->detail, strlen(row->detail));
	json_end_object(json);
}

static enum err write_journal(struct db *db, struct arena *arena,
			      const struct task *task, struct json *json)
{
	struct journal_row *lines = NULL;
	size_t count = 0;
	enum err err = task->enrollment_id
			       ? journal_rows_newest(db, arena, task->enrollment_id,
						     WHY_JOURNAL_MOST, &lines, &count)
			       : ERR_OK;
	json_key(json, "journal");
	json_array(json);
	for (size_t i = 0; i < count; i++)
		write_line(json, task, &lines[i]);
	json_end_array(json);
	return err;
}

static void write_exists(struct json *json, const struct task *task)
{
	json_key(json, "exists");
	json_object(json);
	json_key_str(json, "because", task_origin_name(task->origin));
	json_key_str(json, "workflow", task->workflow_id);
	if (task->workflow_version)
		json_key_int(json, "workflow_version", task->workflow_version);
	else
		json_key_null(json, "workflow_version");
	json_key_str(json, "step", task->step_id);
	json_key_int(json, "visit", task->visit);
	json_key_id(json, "enrollment", task->enrollment_id);
	json_key_time(json, "at", task->created_at);
	json_end_object(json);
}

/* Asked by somebody who does not have it open, the lease says nothing about the text. */
static void write_sendable(struct arena *arena, const struct card *card,
			   struct json *json)
{
	struct judgement judgement;
	card_judge(card, arena, card->text, &judgement);
	if (!card->has_lease)
		judgement.guards.result[GUARD_LEASE] =
			(struct guard_result){.ok = true};
	bool ok = true;
	enum guard first = GUARD_COUNT;
	for (unsigned i = 0; i < GUARD_COUNT; i++)
		if (!judgement.guards.result[i].ok && ok) {
			ok = false;
			first = (enum guard)i;
		}
	json_key(json, "sendable");
	json_object(json);
	json_key_bool(json, "ok", ok);
	json_key_str(json, "first_failure", ok ? NULL : guard_name(first));
	json_key(json, "guards");
	view_guards(json, &judgement.guards);
	json_end_object(json);
}

enum err task_why(struct snapshot *snap, void *arg)
{
	struct task_get *query = arg;
	struct call *call = &query->call;
	struct db *db = snapshot_db(snap);
	struct card card;
	enum err err = card_load(db, call, snapshot_context(snap),
				 (struct card_of){.task_id = query->task_id},
				 snapshot_now(snap), &card);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	card_phone_recheck(&card);
	json_object(&json);
	json_key_id(&json, "task", card.task.id);
	json_key_str(&json, "state", task_state_name(card.task.state));
	write_exists(&json, &card.task);
	json_key(&json, "user");
	err = task_why_user(db, call->arena, &card, &json);
	if (err == ERR_OK)
		write_sendable(call->arena, &card, &json);
	if (err == ERR_OK)
		err = write_journal(db, call->arena, &card.task, &json);
	json_end_object(&json);
	card_fini(&card);
	return err;
}
