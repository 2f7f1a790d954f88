/* advance_task.c - the step manual-sms: a task comes to be, for whom and until when. See advance_parts.h */
#include <string.h>

#include "core/advance_parts.h"
#include "core/assign.h"
#include "core/local_time.h"
#include "core/members.h"
#include "core/render.h"
#include "core/stranded.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/snippet_rows.h"
#include "store/user_rows.h"

/* Whose the task is, and why. */
struct recipient {
	struct party party;
	struct user user; /* of party.user_id */
	/* for the journal: "assigned" just before, else what the owner was */
	const char *rule;
	const char *why, *warning; /* warning: nobody is assigned; NULL: somebody is */
};

static enum err find_owner(struct walk *walk, struct recipient *recipient)
{
	uint64_t owner_id = walk->contact->owner_id;
	const char *line = walk->assigned.line;
	recipient->rule = line ? "assigned" : owner_id ? "owner" : "no_owner";
	if (walk->assigned.is_nobody) {
		recipient->why = line;
		return ERR_OK;
	}
	if (!owner_id) {
		recipient->why = line ? line
				      : "The contact had no owner, and no assign-user "
					"step ran just before";
		return ERR_OK;
	}
	enum err err = user_rows_load(txn_db(walk->txn), walk->arena, owner_id,
				      &recipient->user);
	if (err != ERR_OK)
		return err;
	if (!recipient->user.is_active) {
		recipient->rule = "owner_inactive";
		recipient->why =
			arena_printf(walk->arena, "The contact's owner %s is inactive",
				     recipient->user.login);
		return ERR_OK;
	}
	recipient->party.user_id = owner_id;
	recipient->why =
		line ? line
		     : arena_printf(walk->arena,
				    "The contact's owner was %s when this step ran",
				    recipient->user.login);
	return ERR_OK;
}

static enum err find_recipient(struct walk *walk, const struct step *sms,
			       struct recipient *recipient)
{
	enum err err = find_owner(walk, recipient);
	if (err != ERR_OK || recipient->party.user_id)
		return err;
	struct step_pool pool;
	err = assign_pool_of(walk->txn, walk->plan, sms, &pool);
	if (err != ERR_OK)
		return err;
	recipient->party.team_id = pool.team_id;
	if (!pool.team_id || !pool.is_meant)
		recipient->warning = "nobody_assigned";
	return ERR_OK;
}

static const char *task_members(struct walk *walk, const struct task *task,
				const struct recipient *recipient,
				const struct render_wording *wording)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_id(json, "task", task->id);
	json_key_int(json, "visit", task->visit);
	json_key_str(json, "assignee",
		     recipient->party.user_id ? recipient->user.login : NULL);
	json_key_str(json, "rule", recipient->rule);
	json_key_str(json, "why", recipient->why);
	if (recipient->warning)
		json_key_str(json, "warning", recipient->warning);
	if (wording->missing)
		json_key_str(json, "snippet_missing", wording->missing);
	return members_end(&members, walk->arena);
}

static enum err render_for(struct walk *walk, const struct template *template,
			   const struct recipient *recipient,
			   struct template_rendered *text_out)
{
	const struct render render = {
		.core = txn_context(walk->txn),
		.db = txn_db(walk->txn),
		.arena = walk->arena,
		.contact = walk->contact,
		.enrollment = walk->enrollment,
		.user = recipient->party.user_id ? &recipient->user : NULL};
	return render_text(&render, template, text_out);
}

/* Hours that never open again are no date. */
static int64_t date_after(const struct walk *walk, const struct plan_span *span)
{
	int64_t at = local_after(walk, span);
	return at == INT64_MAX ? 0 : at;
}

/* A text that nobody may send is not put before anybody: the run ends as it does for those that stand at a task. */
static enum err is_opted_out(struct walk *walk, bool *is_out)
{
	struct number number;
	*is_out = false;
	if (!walk->contact->phone_e164)
		return ERR_OK;
	enum err err = number_rows_load(txn_db(walk->txn), walk->arena,
					walk->contact->phone_e164, &number);
	*is_out = err == ERR_OK && number.is_opted_out;
	return err;
}

enum err walk_create_task(void *arg, const struct step *step, unsigned visit,
			  struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct enrollment *enrollment = walk->enrollment;
	struct recipient recipient = {0};
	struct template_rendered text;
	struct render_wording wording;
	struct task task;
	bool is_out;
	enum err err = is_opted_out(walk, &is_out);
	if (err == ERR_OK && is_out) {
		effect->failure = "opted_out";
		walk->removal = "opted out";
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = find_recipient(walk, step, &recipient);
	if (err == ERR_OK)
		err = render_wording(txn_db(walk->txn), walk->arena, step, &wording);
	if (err == ERR_OK)
		err = render_for(walk, wording.template, &recipient, &text);
	if (err != ERR_OK)
		return err;
	const struct task_make make = {
		.origin = TASK_FROM_WORKFLOW,
		.enrollment_id = enrollment->id,
		.workflow_id = enrollment->workflow_id,
		.workflow_version = enrollment->version,
		.plan = walk->plan,
		.step_id = step->id,
		.visit = visit,
		.contact_id = walk->contact->id,
		.name = step->sms.name,
		.text = text.text,
		.template = wording.template,
		.assignee = recipient.party,
		.due_at = date_after(walk, &step->sms.due),
		.expires_at = date_after(walk, &step->sms.expires),
		.why = recipient.why,
		.is_test = enrollment->is_test,
		.moves_workflow = step->sms.does_wait,
		.follows_owner = step->sms.follows_owner,
		.is_locked = step->sms.is_locked,
		.priority = step->sms.priority,
	};
	err = task_make(walk->txn, &make, &task);
	if (err == ERR_OK && wording.taken)
		err = task_template_rows_add(txn_db(walk->txn), task.id, wording.taken);
	if (err == ERR_OK && walk->assigned.is_nobody)
		err = stranded_add(walk->txn, &task, walk->assigned.step_id);
	if (err != ERR_OK)
		return err;
	walk->kind = "task_created";
	walk->members = task_members(walk, &task, &recipient, &wording);
	walk->stands = arena_printf(walk->arena,
				    "Waits until task %llu is sent, skipped or expired",
				    (unsigned long long)task.id);
	effect->is_waiting = step->sms.does_wait;
	return ERR_OK;
}
