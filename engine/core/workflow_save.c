/* workflow_save.c - a plan becomes a draft: see workflows.h */
#include <stdio.h>
#include <string.h>

#include "core/hook_url.h"
#include "core/ledger.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/trigger.h"
#include "core/workflow_parts.h"
#include "plugin/gsm.h"
#include "store/hook_rows.h"
#include "store/snippet_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"
#include "workflow/lint.h"
#include "workflow/write.h"

static unsigned count_segments(const char *text, size_t len_bytes)
{
	struct gsm_segments segments;
	gsm_measure(text, len_bytes, &segments);
	return segments.count;
}

void workflow_parse_options(struct core *core, struct workflow_options *options_out)
{
	*options_out = (struct workflow_options){
		.count_segments = count_segments,
		.segments_max = core_policy(core)->max_segments,
		.lacks_mail = !core_policy(core)->mail_from};
}

enum err workflow_refuse(struct call *call, struct workflow_report *report)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key(json, "errors");
	workflow_report_json(report, FINDING_ERROR, json);
	json_key(json, "warnings");
	workflow_report_json(report, FINDING_WARNING, json);
	const char *extra = members_end(&members, call->arena);
	enum err err =
		call_refuse(call, ERR_INVALID_WORKFLOW,
			    "The workflow has %zu error%s; nothing was saved.",
			    report->error_count, report->error_count == 1 ? "" : "s");
	call->refusal.extra = extra;
	return err;
}

enum err workflow_find(struct db *db, struct call *call, const char *id,
		       struct workflow *out)
{
	enum err err = workflow_rows_load(db, call->arena, id, out);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, ERR_NOT_FOUND,
			"There is no workflow %s; GET /api/v1/workflows lists them.",
			id);
	return err;
}

enum err workflow_note(struct txn *txn, const struct actor *actor, const char *act,
		       const struct workflow *workflow, uint32_t version)
{
	struct arena *arena = txn_arena(txn);
	const char *payload =
		version ? arena_printf(arena, "{\"version\":%u}", version) : NULL;
	return ledger_note(txn, actor, act,
			   arena_printf(arena, "workflow:%s", workflow->id), payload);
}

/* --- users and teams --- */

struct naming {
	struct db *db;
	struct arena *arena;
	enum err err; /* of the database: the answers mean nothing then */
};

static enum name_state user_state(void *arg, const char *login)
{
	struct naming *naming = arg;
	struct user user;
	enum err err = user_rows_by_login(naming->db, naming->arena, login, &user);
	if (err == ERR_OK)
		return user.is_active ? NAME_ACTIVE : NAME_INACTIVE;
	if (err != ERR_NOT_FOUND)
		naming->err = err;
	return NAME_UNKNOWN;
}

static enum name_state team_state(void *arg, const char *name)
{
	struct naming *naming = arg;
	struct team team;
	struct user user;
	uint64_t *ids = NULL;
	size_t count = 0;
	enum err err = team_rows_by_name(naming->db, naming->arena, name, &team);
	if (err == ERR_NOT_FOUND)
		return NAME_UNKNOWN;
	if (err == ERR_OK)
		err = team_rows_members(naming->db, naming->arena, team.id, &ids,
					&count);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = user_rows_load(naming->db, naming->arena, ids[i], &user);
		if (err == ERR_OK && user.is_active)
			return NAME_ACTIVE;
	}
	if (err != ERR_OK)
		naming->err = err;
	return NAME_INACTIVE;
}

static enum name_state hook_state(void *arg, const char *name)
{
	struct naming *naming = arg;
	struct hook hook;
	enum err err = hook_rows_by_name(naming->db, naming->arena, name, &hook);
	if (err == ERR_OK)
		return hook.is_enabled ? NAME_ACTIVE : NAME_INACTIVE;
	if (err != ERR_NOT_FOUND)
		naming->err = err;
	return NAME_UNKNOWN;
}

static enum name_state snippet_state(void *arg, const char *name)
{
	struct naming *naming = arg;
	struct snippet snippet;
	enum err err = snippet_rows_by_name(naming->db, naming->arena, name, &snippet);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		naming->err = err;
	return err == ERR_OK ? NAME_ACTIVE : NAME_UNKNOWN;
}

enum err workflow_check_names(struct db *db, const struct plan *plan,
			      struct workflow_report *report)
{
	struct naming naming = {.db = db, .arena = report->arena};
	const struct workflow_names names = {.user = user_state,
					     .team = team_state,
					     .arg = &naming,
					     .hook = hook_state,
					     .url_fault = hook_url_fault,
					     .snippet = snippet_state};
	workflow_lint_names(plan, &names, report);
	return naming.err;
}

/* --- saving --- */

static enum err add_version(struct txn *txn, const struct actor *actor,
			    const struct plan *plan, uint32_t version)
{
	struct buf xml = BUF_EMPTY;
	workflow_write(plan, false, &xml);
	const struct workflow_version row = {
		.workflow_id = plan->id,
		.version = version,
		.name = plan->name,
		.xml = buf_str(&xml),
		.hash = plan->hash,
		.created_at = txn_now(txn),
		.created_by = actor->user_id,
	};
	enum err err = version_rows_insert(txn_db(txn), &row);
	plans_forget(txn_context(txn), plan->id, version);
	buf_fini(&xml);
	return err;
}

static enum err is_the_draft(struct txn *txn, const struct plan *plan,
			     const struct workflow *workflow, bool *is_out)
{
	struct workflow_version draft;
	enum err err = version_rows_load(txn_db(txn), txn_arena(txn), workflow->id,
					 workflow->draft_version, &draft);
	if (err == ERR_OK)
		*is_out = strcmp(draft.hash, plan->hash) == 0;
	return err;
}

enum err workflow_put(struct txn *txn, const struct actor *actor,
		      const struct plan *plan, struct workflow *workflow,
		      bool *changed_out)
{
	struct db *db = txn_db(txn);
	bool is_new = !workflow->id, is_same = false;
	uint32_t newest = 0;
	enum err err = is_new ? ERR_OK : is_the_draft(txn, plan, workflow, &is_same);
	*changed_out = err == ERR_OK && !is_same;
	if (err == ERR_OK && !is_same)
		err = version_rows_newest(db, plan->id, &newest);
	if (err != ERR_OK || is_same)
		return err;
	if (is_new) {
		workflow->id = arena_strdup(txn_arena(txn), plan->id);
		workflow->state = WORKFLOW_DRAFT;
		workflow->created_at = txn_now(txn);
	}
	workflow->name = arena_strdup(txn_arena(txn), plan->name);
	workflow->draft_version = newest + 1;
	workflow->updated_at = txn_now(txn);
	workflow->revision++;
	err = is_new ? workflow_rows_insert(db, workflow)
		     : workflow_rows_save(db, workflow);
	if (err == ERR_OK)
		err = add_version(txn, actor, plan, workflow->draft_version);
	if (err == ERR_OK && !workflow->published_version)
		err = trigger_listen(txn, plan, false);
	if (err == ERR_OK)
		err = workflow_note(txn, actor, "workflow_save", workflow,
				    workflow->draft_version);
	return err;
}

static enum err check_match(struct call *call, const struct workflow_match *match,
			    const struct workflow *workflow)
{
	char revision[16];
	snprintf(revision, sizeof(revision), "%u",
		 workflow->id ? workflow->revision : 0);
	if (!match->is_given)
		return ERR_OK;
	for (size_t i = 0; i < match->count; i++)
		if (strcmp(match->tags[i], revision) == 0)
			return ERR_OK;
	return call_refuse(call, ERR_PRECONDITION,
			   "The workflow was saved or published since you read it. Get "
			   "it again, and put your change on "
			   "top of that.");
}

/* What stands in the way of saving over this one; workflow->id NULL: there is none. */
static enum err check_place(struct workflow_save *cmd, const struct workflow *workflow)
{
	if (workflow->id && !cmd->id)
		return call_refuse(&cmd->call, ERR_EXISTS,
				   "There is a workflow %s already: PUT changes it, or "
				   "choose another id.",
				   workflow->id);
	if (workflow->id && workflow->source == WORKFLOW_FROM_FILE)
		return call_refuse(
			&cmd->call, ERR_FILE_MANAGED,
			"The workflow belongs to the file %s: change it there, or POST "
			"/api/v1/workflows/%s/adopt first.",
			workflow->file_path, workflow->id);
	return check_match(&cmd->call, &cmd->match, workflow);
}

static void warn_of_publish(struct workflow_save *cmd)
{
	static const struct finding_at at = {
		FINDING_WARNING, {1, 1}, NULL, "publish_ignored"};
	if (!cmd->plan->publish)
		return;
	workflow_report_add(&cmd->report, at,
			    "publish= acts only in files of the workflow folder. Here, "
			    "POST /api/v1/workflows/%s/publish.",
			    cmd->plan->id);
	workflow_report_sort(&cmd->report);
}

static void check_id(struct workflow_save *cmd)
{
	static const struct finding_at at = {FINDING_ERROR, {1, 1}, NULL, "other_id"};
	if (cmd->id && strcmp(cmd->id, cmd->plan->id) != 0)
		workflow_report_add(&cmd->report, at,
				    "This is the workflow \"%s\", but it was put at "
				    "\"%s\". Put it at its own id, or "
				    "change the id in the text.",
				    cmd->plan->id, cmd->id);
}

enum err workflow_save(struct txn *txn, void *arg)
{
	struct workflow_save *cmd = arg;
	struct workflow workflow = {0};
	bool is_changed;
	check_id(cmd);
	enum err err = workflow_check_names(txn_db(txn), cmd->plan, &cmd->report);
	if (err == ERR_OK && cmd->report.error_count)
		return workflow_refuse(&cmd->call, &cmd->report);
	if (err == ERR_OK)
		err = workflow_rows_load(txn_db(txn), cmd->call.arena, cmd->plan->id,
					 &workflow);
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	if (err == ERR_OK)
		err = check_place(cmd, &workflow);
	bool is_new = !workflow.id;
	if (err == ERR_OK)
		err = workflow_put(txn, cmd->call.actor, cmd->plan, &workflow,
				   &is_changed);
	if (err != ERR_OK)
		return err;
	warn_of_publish(cmd);
	if (is_new) {
		cmd->call.status = 201;
		cmd->call.location = arena_printf(cmd->call.arena,
						  "/api/v1/workflows/%s", workflow.id);
	}
	return workflow_answer(txn_db(txn), txn_context(txn), &cmd->call, &workflow,
			       &cmd->report);
}
