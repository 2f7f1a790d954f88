/* workflow_publish.c - publish, unpublish, adopt, delete: see workflows.h */
#include <string.h>

#include "core/advance.h"
#include "core/holds.h"
#include "core/plans.h"
#include "core/task_make.h"
#include "core/trigger.h"
#include "core/workflow_parts.h"
#include "model/hold_reason.h"
#include "store/workflow_rows.h"

enum {
	CANCEL_STEP = 60
}; /* enrollments that one transaction ends: each writes some rows for itself and its tasks */

static const char unpublished[] = HOLD_UNPUBLISHED;

/* --- publish --- */

/* Versions never change, so an older one comes back as a new one equal to it. */
static enum err copy_version(struct txn *txn, const struct actor *actor,
			     struct workflow *workflow, uint32_t from, const char *note)
{
	struct workflow_version version;
	uint32_t newest;
	struct db *db = txn_db(txn);
	enum err err =
		version_rows_load(db, txn_arena(txn), workflow->id, from, &version);
	if (err == ERR_OK)
		err = version_rows_newest(db, workflow->id, &newest);
	if (err != ERR_OK)
		return err;
	version.version = newest + 1;
	version.created_at = txn_now(txn);
	version.created_by = actor->user_id;
	version.published_at = 0;
	version.note =
		note ? note : arena_printf(txn_arena(txn), "Version %u again", from);
	workflow->draft_version = version.version;
	workflow->name = version.name;
	err = version_rows_insert(db, &version);
	plans_forget(txn_context(txn), workflow->id, version.version);
	return err;
}

static enum err listen_to(struct txn *txn, const struct workflow *workflow,
			  uint32_t version)
{
	struct plan *plan;
	enum err err =
		plans_get(txn_context(txn), txn_db(txn), workflow->id, version, &plan);
	if (err != ERR_OK)
		return err;
	err = trigger_listen(txn, plan, true);
	plan_unref(&plan);
	return err;
}

enum err workflow_make_public(struct txn *txn, const struct actor *actor,
			      struct workflow *workflow, uint32_t version,
			      const char *note)
{
	struct db *db = txn_db(txn);
	enum err err = ERR_OK;
	if (version != workflow->draft_version)
		err = copy_version(txn, actor, workflow, version, note);
	if (err != ERR_OK)
		return err;
	version = workflow->draft_version;
	if (workflow->state != WORKFLOW_PUBLISHED) {
		workflow->live_since = txn_now(txn);
		workflow->live_id = txn_id(txn);
	}
	workflow->state = WORKFLOW_PUBLISHED;
	workflow->published_version = version;
	workflow->updated_at = txn_now(txn);
	workflow->revision++;
	err = version_rows_set_published(db, workflow->id, version, txn_now(txn), note);
	if (err == ERR_OK)
		err = workflow_rows_save(db, workflow);
	if (err == ERR_OK)
		err = hold_remove(txn, HOLD_WORKFLOW, workflow->id, unpublished);
	if (err == ERR_OK)
		err = listen_to(txn, workflow, version);
	if (err == ERR_OK)
		err = workflow_note(txn, actor, "workflow_publish", workflow, version);
	return err;
}

static enum err check_version(struct txn *txn, struct workflow_publish *cmd,
			      uint32_t version, struct workflow_report *report)
{
	struct plan *plan;
	enum err err =
		plans_get(txn_context(txn), txn_db(txn), cmd->id, version, &plan);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(&cmd->call, ERR_INVALID, "version",
					  "There is no version %u; GET "
					  "/api/v1/workflows/%s/versions lists them.",
					  version, cmd->id);
	if (err != ERR_OK)
		return err;
	err = workflow_check_names(txn_db(txn), plan, report);
	plan_unref(&plan);
	if (err == ERR_OK && report->error_count) {
		err = workflow_refuse(&cmd->call, report);
		cmd->call.refusal.detail = "The workflow has errors now, so it was not "
					   "published; see `errors`.";
	}
	return err;
}

enum err workflow_publish(struct txn *txn, void *arg)
{
	struct workflow_publish *cmd = arg;
	struct workflow workflow;
	struct workflow_report report;
	workflow_report_init(&report, cmd->call.arena, NULL);
	enum err err = workflow_find(txn_db(txn), &cmd->call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	uint32_t version = cmd->version ? cmd->version : workflow.draft_version;
	err = check_version(txn, cmd, version, &report);
	bool is_so = workflow.state == WORKFLOW_PUBLISHED &&
		     workflow.published_version == version && !cmd->note;
	if (err == ERR_OK && !is_so)
		err = workflow_make_public(txn, cmd->call.actor, &workflow, version,
					   cmd->note);
	return err == ERR_OK ? workflow_answer(txn_db(txn), txn_context(txn),
					       &cmd->call, &workflow, NULL)
			     : err;
}

/* --- unpublish --- */

static enum err end_run(struct txn *txn, const struct actor *actor, uint64_t id)
{
	struct enrollment enrollment;
	bool more = true;
	enum err err =
		enrollment_rows_load(txn_db(txn), txn_arena(txn), id, &enrollment);
	if (err == ERR_OK && enrollment_state_is_open(enrollment.state))
		return advance_remove(txn, actor, &enrollment, unpublished);
	/* an enrollment that went on behind a manual-sms which does not wait, and has ended */
	while (err == ERR_OK && more)
		err = task_cancel_open(txn, id, 0, unpublished, &more);
	return err;
}

/* First the enrollments that go on, then the tasks of those that have ended. */
static enum err cancel_some(struct txn *txn, struct workflow_unpublish *cmd)
{
	struct db *db = txn_db(txn);
	uint64_t *ids;
	size_t count;
	enum err err = enrollment_rows_open_of(db, txn_arena(txn), cmd->id, CANCEL_STEP,
					       &ids, &count);
	if (err == ERR_OK && !count)
		err = enrollment_rows_with_tasks(db, txn_arena(txn), cmd->id,
						 CANCEL_STEP, &ids, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = end_run(txn, cmd->call.actor, ids[i]);
	cmd->more = count > 0;
	return err;
}

static enum err treat_tasks(struct txn *txn, struct workflow_unpublish *cmd)
{
	enum err err = ERR_OK;
	cmd->more = false;
	if (cmd->pending == PENDING_CANCEL)
		err = cancel_some(txn, cmd);
	if (err != ERR_OK)
		return err;
	if (cmd->pending == PENDING_HOLD || cmd->more)
		return hold_add(txn, HOLD_WORKFLOW, cmd->id, unpublished);
	return hold_remove(txn, HOLD_WORKFLOW, cmd->id, unpublished);
}

enum err workflow_unpublish(struct txn *txn, void *arg)
{
	struct workflow_unpublish *cmd = arg;
	struct workflow workflow;
	enum err err = workflow_find(txn_db(txn), &cmd->call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	if (workflow.state == WORKFLOW_DRAFT)
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"The workflow was never published, so it enrolls nobody.");
	if (workflow.state == WORKFLOW_PUBLISHED) {
		workflow.state = WORKFLOW_UNPUBLISHED;
		workflow.updated_at = txn_now(txn);
		workflow.revision++;
		err = workflow_rows_save(txn_db(txn), &workflow);
		if (err == ERR_OK)
			err = workflow_note(txn, cmd->call.actor, "workflow_unpublish",
					    &workflow, workflow.published_version);
	}
	if (err == ERR_OK)
		err = treat_tasks(txn, cmd);
	if (err != ERR_OK || cmd->more)
		return err;
	return workflow_answer(txn_db(txn), txn_context(txn), &cmd->call, &workflow,
			       NULL);
}

/* --- adopt and delete --- */

enum err workflow_adopt(struct txn *txn, void *arg)
{
	struct workflow_adopt *cmd = arg;
	struct workflow workflow;
	enum err err = workflow_find(txn_db(txn), &cmd->call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	if (workflow.source == WORKFLOW_FROM_FILE) {
		workflow.source = WORKFLOW_FROM_API;
		workflow.file_path = workflow.file_hash = NULL;
		workflow.updated_at = txn_now(txn);
		workflow.revision++;
		err = workflow_rows_save(txn_db(txn), &workflow);
		if (err == ERR_OK)
			err = workflow_note(txn, cmd->call.actor, "workflow_adopt",
					    &workflow, 0);
	}
	return err == ERR_OK ? workflow_answer(txn_db(txn), txn_context(txn),
					       &cmd->call, &workflow, NULL)
			     : err;
}

static enum err check_deletable(struct txn *txn, struct workflow_delete *cmd,
				const struct workflow *workflow)
{
	uint64_t *ids;
	size_t count;
	if (workflow->source == WORKFLOW_FROM_FILE)
		return call_refuse(
			&cmd->call, ERR_FILE_MANAGED,
			"The workflow belongs to the file %s: take that away and POST "
			"/api/v1/workflows/%s/adopt first.",
			workflow->file_path, workflow->id);
	if (workflow->state == WORKFLOW_PUBLISHED)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "The workflow is published: POST "
				   "/api/v1/workflows/%s/unpublish first.",
				   workflow->id);
	enum err err = enrollment_rows_open_of(txn_db(txn), txn_arena(txn),
					       workflow->id, 1, &ids, &count);
	if (err == ERR_OK && !count)
		err = enrollment_rows_with_tasks(txn_db(txn), txn_arena(txn),
						 workflow->id, 1, &ids, &count);
	if (err == ERR_OK && count)
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"Enrollments or tasks of the workflow are still open: wait for "
			"them, or POST "
			"/api/v1/workflows/%s/unpublish with pending_tasks \"cancel\".",
			workflow->id);
	return err;
}

enum err workflow_delete(struct txn *txn, void *arg)
{
	struct workflow_delete *cmd = arg;
	struct workflow workflow;
	enum err err = workflow_find(txn_db(txn), &cmd->call, cmd->id, &workflow);
	if (err == ERR_OK)
		err = check_deletable(txn, cmd, &workflow);
	if (err == ERR_OK)
		err = workflow_rows_delete(txn_db(txn), workflow.id, txn_now(txn));
	if (err == ERR_OK)
		err = trigger_forget(txn, workflow.id);
	if (err == ERR_OK)
		err = hold_remove(txn, HOLD_WORKFLOW, workflow.id, NULL);
	if (err == ERR_OK)
		err = workflow_note(txn, cmd->call.actor, "workflow_delete", &workflow,
				    0);
	return err;
}
