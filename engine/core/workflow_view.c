/* workflow_view.c - workflows as JSON: see workflows.h */
#include "core/list.h"
#include "core/people.h"
#include "core/plans.h"
#include "core/workflow_parts.h"
#include "store/running_rows.h"
#include "store/workflow_rows.h"
#include "workflow/lint.h"

static void view_head(struct json *json, const struct workflow *w)
{
	json_key_str(json, "id", w->id);
	json_key_str(json, "name", w->name);
	json_key_str(json, "source", workflow_source_name(w->source));
	json_key_str(json, "file", w->file_path);
	json_key_str(json, "state", workflow_state_name(w->state));
	json_key_int(json, "draft_version", w->draft_version);
	if (w->published_version)
		json_key_int(json, "published_version", w->published_version);
	else
		json_key_null(json, "published_version");
	json_key_time(json, "created_at", w->created_at);
	json_key_time(json, "updated_at", w->updated_at);
}

/* The draft is looked at again: what its plan is like, and who is still there. Places are those of the stored text. */
static enum err check_draft(struct db *db, struct core *core,
			    const struct workflow *workflow,
			    struct workflow_report *report)
{
	struct workflow_options options;
	struct plan *plan;
	enum err err =
		plans_get(core, db, workflow->id, workflow->draft_version, &plan);
	if (err != ERR_OK)
		return err;
	workflow_parse_options(core, &options);
	workflow_lint(plan, &options, report);
	err = workflow_check_names(db, plan, report);
	plan_unref(&plan);
	return err;
}

enum err workflow_answer(struct db *db, struct core *core, struct call *call,
			 const struct workflow *workflow,
			 struct workflow_report *report)
{
	struct workflow_report fresh;
	enum err err = ERR_OK;
	call->revision = workflow->revision;
	if (!report) {
		report = &fresh;
		workflow_report_init(report, call->arena, NULL);
		err = check_draft(db, core, workflow, report);
	}
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	view_head(&json, workflow);
	json_key(&json, "warnings");
	workflow_report_json(report, FINDING_WARNING, &json);
	if (report->error_count) { /* it could be published when it was saved, and cannot be now */
		json_key(&json, "errors");
		workflow_report_json(report, FINDING_ERROR, &json);
	}
	json_end_object(&json);
	return ERR_OK;
}

static enum err get_xml(struct snapshot *snap, struct workflow_get *cmd,
			const struct workflow *workflow)
{
	struct workflow_version version;
	uint32_t number = cmd->version ? cmd->version : workflow->draft_version;
	enum err err = version_rows_load(snapshot_db(snap), cmd->call.arena, cmd->id,
					 number, &version);
	if (err == ERR_NOT_FOUND)
		return call_refuse(&cmd->call, ERR_NOT_FOUND,
				   "The workflow has no version %u; GET "
				   "/api/v1/workflows/%s/versions lists them.",
				   number, cmd->id);
	if (err == ERR_OK)
		buf_add_str(&cmd->call.answer, version.xml);
	return err;
}

enum err workflow_get(struct snapshot *snap, void *arg)
{
	struct workflow_get *cmd = arg;
	struct workflow workflow;
	enum err err = workflow_find(snapshot_db(snap), &cmd->call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	cmd->call.revision = workflow.revision;
	if (cmd->wants_xml)
		return get_xml(snap, cmd, &workflow);
	return workflow_answer(snapshot_db(snap), snapshot_context(snap), &cmd->call,
			       &workflow, NULL);
}

/* --- lists --- */

static void list_item(void *arg, const struct workflow *workflow)
{
	struct list *list = arg;
	if (!list_takes(list, workflow->id))
		return;
	json_object(&list->json);
	view_head(&list->json, workflow);
	json_end_object(&list->json);
}

enum err workflow_list(struct snapshot *snap, void *arg)
{
	struct workflow_list *cmd = arg;
	struct list list;
	if (cmd->cursor && !plan_id_is_valid(cmd->cursor))
		return list_bad_cursor(&cmd->call);
	list_begin(&list, &cmd->call, cmd->limit);
	enum err err = workflow_rows_page(snapshot_db(snap), cmd->cursor,
					  cmd->limit + 1, list_item, &list);
	list_end(&list);
	return err;
}

struct version_list {
	struct list list;
	struct db *db;
	const char *workflow_id;
	enum err err; /* of loading who made one, or counting */
};

/* How many contacts go through the workflow by this version. */
static void write_running(struct version_list *page,
			  const struct workflow_version *version)
{
	const struct running_of of = {page->workflow_id, version->version, 0};
	int64_t count = 0;
	if (page->err == ERR_OK)
		page->err = running_rows_count(page->db, &of, &count);
	json_key_int(&page->list.json, "running", count);
}

static void version_item(void *arg, const struct workflow_version *version)
{
	struct version_list *page = arg;
	struct json *json = &page->list.json;
	if (!list_takes_id(&page->list, version->version) || page->err != ERR_OK)
		return;
	json_object(json);
	json_key_int(json, "version", version->version);
	json_key_str(json, "name", version->name);
	json_key_time(json, "created_at", version->created_at);
	json_key(json, "created_by");
	page->err = people_write(page->db, page->list.arena, version->created_by, json);
	if (page->err != ERR_OK)
		json_null(json);
	json_key_time(json, "published_at", version->published_at);
	json_key_str(json, "note", version->note);
	write_running(page, version);
	json_end_object(json);
}

enum err workflow_versions(struct snapshot *snap, void *arg)
{
	struct workflow_versions *cmd = arg;
	struct workflow workflow;
	struct version_list page = {.db = snapshot_db(snap), .workflow_id = cmd->id};
	uint64_t before;
	enum err err = list_parse_id(&cmd->call, cmd->cursor, &before);
	if (err == ERR_OK && before > UINT32_MAX)
		err = list_bad_cursor(&cmd->call);
	if (err == ERR_OK)
		err = workflow_find(page.db, &cmd->call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	list_begin(&page.list, &cmd->call, cmd->limit);
	err = version_rows_page(page.db, workflow.id, (uint32_t)before, cmd->limit + 1,
				version_item, &page);
	list_end(&page.list);
	return err == ERR_OK ? page.err : err;
}
