/* follow_owner.c - see follow_owner.h */
#include "core/follow_owner.h"

#include "base/log.h"
#include "core/assign.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/render.h"
#include "core/stranded.h"
#include "core/tasks.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

enum { FOLLOW_MOST = 200 }; /* a command writes no more than 1,000 rows */

struct following {
	struct txn *txn;
	struct arena *arena;
	const struct contact *contact;
	const char *by;
	struct user owner; /* id 0: nobody who could have a task */
	struct task task;
};

static enum err find_owner(struct following *f)
{
	if (!f->contact->owner_id)
		return ERR_OK;
	enum err err = user_rows_load(txn_db(f->txn), f->arena, f->contact->owner_id,
				      &f->owner);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !f->owner.is_active)) {
		f->owner = (struct user){0};
		return ERR_OK;
	}
	return err;
}

/* The text as the new owner would find it; one that somebody edited stays theirs. */
static enum err render_anew(struct following *f, const struct step *step)
{
	const struct template *template;
	struct template_rendered text;
	struct draft draft;
	enum err err = draft_rows_load(txn_db(f->txn), f->arena, f->task.id, &draft);
	if (err != ERR_NOT_FOUND)
		return err;
	const struct render render = {.core = txn_context(f->txn),
				      .db = txn_db(f->txn),
				      .arena = f->arena,
				      .contact = f->contact,
				      .user = f->owner.id ? &f->owner : NULL,
				      .enrollment_id = f->task.enrollment_id};
	err = render_template(txn_db(f->txn), f->arena, step, f->task.id, &template);
	if (err == ERR_OK)
		err = render_text(&render, template, &text);
	if (err == ERR_OK)
		f->task.text = text.text;
	return err;
}

/* What the task's step has a say in: its text, and whose pool it goes to. */
static enum err ask_step(struct following *f)
{
	struct task *task = &f->task;
	struct step_pool pool = {0};
	struct plan *plan;
	enum err err = plans_get(txn_context(f->txn), txn_db(f->txn), task->workflow_id,
				 task->workflow_version, &plan);
	if (err != ERR_OK)
		return err;
	int at = plan_find(plan, task->step_id);
	if (at >= 0)
		err = render_anew(f, &plan->steps[at]);
	if (err == ERR_OK && at >= 0 && !f->owner.id)
		err = assign_pool_of(f->txn, plan, &plan->steps[at], &pool);
	plan_unref(&plan);
	if (!f->owner.id)
		task->team_id = pool.team_id;
	return err;
}

static const char *why(const struct following *f)
{
	if (f->owner.id)
		return arena_printf(f->arena,
				    "It follows the contact's owner, who is %s since "
				    "%s changed that.",
				    f->owner.login, f->by);
	return arena_printf(f->arena,
			    "It follows the contact's owner, and since %s changed that "
			    "there is none who could have it: it is in the pool.",
			    f->by);
}

static enum err move(struct following *f)
{
	struct task *task = &f->task;
	if (task->assignee_id == f->owner.id)
		return ERR_OK;
	enum err err = ask_step(f);
	if (err != ERR_OK)
		return err;
	task->assignee_id = f->owner.id;
	task->why = why(f);
	err = task_rows_save(txn_db(f->txn), task);
	/* the draft travels; whoever had it open is fenced off */
	if (err == ERR_OK)
		err = lease_rows_delete(txn_db(f->txn), task->id);
	if (err == ERR_OK)
		err = stranded_forget(f->txn, task->id);
	if (err != ERR_OK)
		return err;
	return journal_add(f->txn, task->enrollment_id, task->step_id, "followed_owner",
			   members_text(f->arena, "task",
					members_id(f->arena, task->id), "assignee",
					f->owner.login, "by", f->by, "why", task->why,
					NULL));
}

enum err follow_owner(struct txn *txn, const struct contact *contact, const char *by)
{
	struct following f = {
		.txn = txn, .arena = txn_arena(txn), .contact = contact, .by = by};
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_following(txn_db(txn), f.arena, contact->id,
					   FOLLOW_MOST, &ids, &count);
	if (err != ERR_OK || !count)
		return err;
	if (count == FOLLOW_MOST)
		log_warn("task",
			 "contact %llu has %zu open tasks that follow its "
			 "owner: any others stay where they are",
			 (unsigned long long)contact->id, count);
	err = find_owner(&f);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = task_rows_load(txn_db(txn), f.arena, ids[i], &f.task);
		if (err == ERR_OK)
			err = move(&f);
	}
	return err;
}
