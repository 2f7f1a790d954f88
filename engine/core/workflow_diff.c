/* workflow_diff.c - two versions compared, and who stands where the later one has nothing: see workflows.h */
#include <string.h>

#include "core/workflow_parts.h"
#include "store/running_rows.h"
#include "store/workflow_rows.h"
#include "workflow/diff.h"

struct standing {
	struct step_count *counts; /* waiting: who stands there now */
	size_t count;
	struct running_version *versions;
	size_t version_count;
	int64_t total, vanished;
};

static int64_t standing_at(const struct standing *standing, const char *step_id)
{
	for (size_t i = 0; step_id && i < standing->count; i++)
		if (strcmp(standing->counts[i].step_id, step_id) == 0)
			return standing->counts[i].waiting;
	return 0;
}

static void write_change(struct json *json, const struct workflow_change *change,
			 struct standing *standing)
{
	json_object(json);
	json_key_str(json, "change", workflow_change_name(change->kind));
	json_key_str(json, "element", change->element);
	json_key_str(json, "step", change->step);
	json_key_str(json, "what", change->what);
	json_key_str(json, "from", change->from);
	json_key_str(json, "to", change->to);
	json_key_str(json, "text", change->text);
	if (change->kind == CHANGE_REMOVED && change->step) {
		int64_t here = standing_at(standing, change->step);
		standing->vanished += here;
		json_key_int(json, "enrollments", here);
	}
	json_end_object(json);
}

static enum err load_version(struct db *db, struct call *call, const char *id,
			     uint32_t number, const char *member,
			     struct workflow_version *version)
{
	enum err err = version_rows_load(db, call->arena, id, number, version);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(call, ERR_NOT_FOUND, member,
					  "The workflow has no version %u; GET "
					  "/api/v1/workflows/%s/versions lists them.",
					  number, id);
	return err;
}

static void write_running(struct json *json, const struct standing *standing)
{
	json_key(json, "running");
	json_object(json);
	json_key_int(json, "enrollments", standing->total);
	json_key_int(json, "on_vanished_steps", standing->vanished);
	json_end_object(json);
	json_key(json, "running_on");
	json_array(json);
	for (size_t i = 0; i < standing->version_count; i++) {
		json_object(json);
		json_key_int(json, "version", standing->versions[i].version);
		json_key_int(json, "enrollments", standing->versions[i].count);
		json_end_object(json);
	}
	json_end_array(json);
}

static const char *summary(struct call *call, size_t changes,
			   const struct standing *standing)
{
	if (!changes)
		return "The two versions are the same.";
	return arena_printf(
		call->arena,
		"%zu change%s. %lld enrollment%s running and stay%s on "
		"their version; %lld of them stand%s on a step that is gone.",
		changes, changes == 1 ? "" : "s", (long long)standing->total,
		standing->total == 1 ? " is" : "s are", standing->total == 1 ? "s" : "",
		(long long)standing->vanished, standing->vanished == 1 ? "s" : "");
}

static enum err write_diff(struct workflow_compare *cmd,
			   const struct workflow_version *from,
			   const struct workflow_version *to, struct standing *standing)
{
	struct workflow_diff diff;
	struct json json = call_json(&cmd->call);
	enum err err = workflow_diff(cmd->call.arena, from->xml, to->xml, &diff);
	if (err != ERR_OK)
		return err == ERR_INVALID_WORKFLOW ? ERR_CORRUPT : err;
	json_object(&json);
	json_key_str(&json, "workflow", cmd->id);
	json_key_int(&json, "from", from->version);
	json_key_int(&json, "to", to->version);
	json_key(&json, "changes");
	json_array(&json);
	for (size_t i = 0; i < diff.count; i++)
		write_change(&json, &diff.changes[i], standing);
	json_end_array(&json);
	write_running(&json, standing);
	json_key_str(&json, "summary", summary(&cmd->call, diff.count, standing));
	json_end_object(&json);
	return ERR_OK;
}

enum err workflow_compare(struct snapshot *snap, void *arg)
{
	struct workflow_compare *cmd = arg;
	struct db *db = snapshot_db(snap);
	struct call *call = &cmd->call;
	struct workflow workflow;
	struct workflow_version from, to;
	struct standing standing = {.count = 0};
	enum err err = workflow_find(db, call, cmd->id, &workflow);
	if (err != ERR_OK)
		return err;
	if (!cmd->from && !workflow.published_version)
		return call_refuse_member(call, ERR_INVALID, "from",
					  "The workflow was never published, so there "
					  "is nothing to compare "
					  "its draft with; name the version as from=.");
	err = load_version(db, call, cmd->id,
			   cmd->from ? cmd->from : workflow.published_version, "from",
			   &from);
	if (err == ERR_OK)
		err = load_version(db, call, cmd->id,
				   cmd->to ? cmd->to : workflow.draft_version, "to",
				   &to);
	if (err == ERR_OK)
		err = enrollment_rows_standing(db, call->arena, cmd->id,
					       &standing.counts, &standing.count);
	if (err == ERR_OK)
		err = running_rows_versions(db, call->arena, cmd->id,
					    &standing.versions,
					    &standing.version_count);
	for (size_t i = 0; err == ERR_OK && i < standing.count; i++)
		standing.total += standing.counts[i].waiting;
	return err == ERR_OK ? write_diff(cmd, &from, &to, &standing) : err;
}
