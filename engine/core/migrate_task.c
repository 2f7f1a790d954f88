/* migrate_task.c - the tasks of an enrollment follow it to another version: see migrate.h */
#include <string.h>

#include "core/drift.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/migrate.h"
#include "core/migrate_parts.h"
#include "core/openings.h"
#include "core/render.h"
#include "store/contact_rows.h"
#include "store/running_rows.h"
#include "store/snippet_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

/* --- its text --- */

/* Nobody has seen its card, nor written anything. */
static enum err is_untouched(struct moving *moving, const struct task *task,
			     bool *is_out)
{
	struct db *db = txn_db(moving->txn);
	struct draft draft;
	struct lease lease;
	const char *shown;
	*is_out = false;
	if (!task_state_is_open(task->state) || task->message_id)
		return ERR_OK;
	enum err err = draft_rows_load(db, moving->arena, task->id, &draft);
	if (err == ERR_NOT_FOUND)
		err = receipt_rows_shown(db, moving->arena, task->id, &shown);
	if (err == ERR_NOT_FOUND)
		err = lease_rows_load(db, task->id, &lease);
	*is_out = err == ERR_NOT_FOUND;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The text stays that of the old version, whatever the new one's step says. */
static enum err keep_text(struct moving *moving, const struct task *task,
			  const struct step_move *move)
{
	struct db *db = txn_db(moving->txn);
	const char *kept, *text = move->from->sms.text ? move->from->sms.text : "";
	enum err err = task_template_rows_load(db, moving->arena, task->id, &kept);
	if (err != ERR_NOT_FOUND)
		return err;
	if (!move->to->sms.snippet && move->to->sms.text &&
	    strcmp(move->to->sms.text, text) == 0)
		return ERR_OK;
	moving->rows++;
	return task_template_rows_add(db, task->id, text);
}

static enum err render_for(struct moving *moving, const struct task *task,
			   const struct contact *contact,
			   const struct template *template,
			   struct template_rendered *text_out)
{
	struct user user;
	struct render render = {.core = txn_context(moving->txn),
				.db = txn_db(moving->txn),
				.arena = moving->arena,
				.contact = contact,
				.enrollment_id = task->enrollment_id};
	enum err err = ERR_OK;
	if (task->assignee_id) {
		err = user_rows_load(render.db, moving->arena, task->assignee_id,
				     &user);
		render.user = &user;
	}
	return err == ERR_OK ? render_text(&render, template, text_out) : err;
}

/* As if it were made now. */
static enum err renew_text(struct moving *moving, struct task *task,
			   const struct step_move *move)
{
	struct db *db = txn_db(moving->txn);
	struct render_wording wording;
	struct template_rendered text;
	struct contact contact;
	enum err err =
		contact_rows_load_any(db, moving->arena, task->contact_id, &contact);
	if (err == ERR_OK)
		err = render_wording(db, moving->arena, move->to, &wording);
	if (err == ERR_OK)
		err = render_for(moving, task, &contact, wording.template, &text);
	if (err != ERR_OK)
		return err;
	task->text = text.text;
	task->is_locked = move->to->sms.is_locked;
	moving->rows += 4;
	err = task_template_rows_drop(db, task->id);
	if (err == ERR_OK && wording.taken)
		err = task_template_rows_add(db, task->id, wording.taken);
	if (err == ERR_OK)
		err = drift_keep(moving->txn, task->id, &contact, wording.template);
	if (err != ERR_OK)
		return err;
	return journal_add(moving->txn, task->enrollment_id, move->to->id,
			   "text_renewed",
			   members_text(moving->arena, "task",
					members_id(moving->arena, task->id), NULL));
}

/* --- one task --- */

static uint32_t visit_of(const struct renames *renames, const struct step_move *move,
			 uint32_t visit)
{
	for (size_t i = 0; i < renames->count; i++)
		if (renames->list[i].move == move)
			return renames->list[i].base + visit;
	return visit;
}

static enum err move_task(struct moving *moving, struct task *task,
			  const struct renames *renames)
{
	const struct step_move *move =
		migration_move(&moving->migration, task->step_id);
	bool is_untouched_now = false;
	enum err err = ERR_OK;
	/* an open one that an earlier migration left where it was stays there */
	const bool is_left = task_state_is_open(task->state) &&
			     task->workflow_version != moving->from_version;
	if (!move || !move->to || is_left)
		return ERR_OK;
	if (moving->refreshes)
		err = is_untouched(moving, task, &is_untouched_now);
	if (err == ERR_OK)
		err = is_untouched_now ? renew_text(moving, task, move)
				       : keep_text(moving, task, move);
	if (err != ERR_OK)
		return err;
	task->workflow_version = moving->to_version;
	task->step_id = move->to->id;
	task->visit = visit_of(renames, move, task->visit);
	moving->rows += 2;
	err = running_rows_move_task(txn_db(moving->txn), task);
	return err == ERR_OK && task_state_is_open(task->state)
		       ? opening_settle(moving->txn, task->id)
		       : err;
}

/* --- all of them --- */

struct found {
	struct task *list;
	size_t count;
};

static enum err find_task(struct moving *moving, uint64_t id, struct found *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->list[i].id == id)
			return ERR_OK;
	return task_rows_load(txn_db(moving->txn), moving->arena, id,
			      &found->list[found->count++]);
}

/* The text that a reply is to, and whose outcome conditions ask for. */
static enum err find_newest(struct moving *moving, uint64_t enrollment_id,
			    const struct renames *renames, struct found *found)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < renames->count; i++) {
		const struct step *step = renames->list[i].move->from;
		uint64_t id;
		if (step->kind != STEP_MANUAL_SMS)
			continue;
		err = task_rows_of_step(txn_db(moving->txn), enrollment_id, step->id,
					&id);
		if (err == ERR_OK)
			err = find_task(moving, id, found);
		else if (err == ERR_NOT_FOUND)
			err = ERR_OK;
	}
	return err;
}

/* All are found before one is moved: two steps may change places. */
enum err migrate_tasks(struct moving *moving, const struct enrollment *run,
		       const struct renames *renames)
{
	uint64_t *ids;
	size_t count = 0;
	struct found found = {.list = ARENA_ARRAY(moving->arena, struct task,
						  MIGRATE_TASKS_MOST + renames->count)};
	enum err err = running_rows_movable(txn_db(moving->txn), moving->arena, run->id,
					    MIGRATE_TASKS_MOST, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = find_task(moving, ids[i], &found);
	if (err == ERR_OK)
		err = find_newest(moving, run->id, renames, &found);
	for (size_t i = 0; err == ERR_OK && i < found.count; i++)
		err = move_task(moving, &found.list[i], renames);
	return err;
}
