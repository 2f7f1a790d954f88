/* migrate.c - who would be moved and where, and the job that does it: see migrate.h. The job's steps: migrate_step.c */
#include "core/migrate.h"

#include <string.h>

#include "core/job_parts.h"
#include "core/ledger.h"
#include "core/migrate_parts.h"
#include "core/plans.h"
#include "core/view.h"
#include "core/workflow_parts.h"
#include "store/contact_rows.h"
#include "store/running_rows.h"
#include "store/workflow_rows.h"
#include "workflow/lint.h"

struct looking {
	struct workflow_migrate *cmd;
	struct db *db;
	struct core *core;
	struct plan *from, *to;
	struct migration migration;
	struct running_step *standing;
	size_t standing_count;
	int64_t tasks;
};

static struct running_of running(const struct workflow_migrate *cmd)
{
	return (struct running_of){cmd->bulk.workflow_id, cmd->from, 0};
}

/* --- what may be asked for --- */

static enum err check_version(struct looking *looking, uint32_t number,
			      const char *member, struct plan **plan_out)
{
	struct workflow_version version;
	struct call *call = &looking->cmd->call;
	const char *id = looking->cmd->bulk.workflow_id;
	enum err err =
		version_rows_load(looking->db, call->arena, id, number, &version);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(call, ERR_INVALID, member,
					  "There is no version %u; GET "
					  "/api/v1/workflows/%s/versions lists them.",
					  number, id);
	if (err == ERR_OK && !version.published_at)
		return call_refuse_member(
			call, ERR_INVALID, member,
			"Version %u was never published, so nobody runs on it but test "
			"runs; publish it first.",
			number);
	return err == ERR_OK
		       ? plans_get(looking->core, looking->db, id, number, plan_out)
		       : err;
}

/* Nobody is brought to a version that could not be published today. */
static enum err check_target(struct looking *looking)
{
	struct workflow_options options;
	struct workflow_report report;
	struct call *call = &looking->cmd->call;
	workflow_report_init(&report, call->arena, NULL);
	workflow_parse_options(looking->core, &options);
	workflow_lint(looking->to, &options, &report);
	enum err err = workflow_check_names(looking->db, looking->to, &report);
	if (err != ERR_OK || !report.error_count)
		return err;
	err = workflow_refuse(call, &report);
	call->refusal.detail = arena_printf(
		call->arena,
		"Version %u has errors now, so nobody was moved to it; see `errors`.",
		looking->cmd->to);
	return err;
}

static enum err load_versions(struct looking *looking)
{
	struct workflow_migrate *cmd = looking->cmd;
	struct workflow workflow;
	enum err err = workflow_find(looking->db, &cmd->call, cmd->bulk.workflow_id,
				     &workflow);
	if (err == ERR_OK && cmd->from == cmd->to)
		return call_refuse_member(&cmd->call, ERR_INVALID, "to",
					  "from and to are the same version.");
	if (err == ERR_OK)
		err = check_version(looking, cmd->from, "from", &looking->from);
	if (err == ERR_OK)
		err = check_version(looking, cmd->to, "to", &looking->to);
	return err == ERR_OK ? check_target(looking) : err;
}

/* --- the count --- */

static enum err count(struct looking *looking)
{
	struct bulk *bulk = &looking->cmd->bulk;
	const struct running_of of = running(looking->cmd);
	enum err err = running_rows_steps(looking->db, looking->cmd->call.arena, &of,
					  &looking->standing, &looking->standing_count);
	for (size_t i = 0; err == ERR_OK && i < looking->standing_count; i++) {
		const struct running_step *step = &looking->standing[i];
		bulk->count += step->count;
		if (step->newest_id >= bulk->from_id)
			bulk->from_id = step->newest_id + 1;
	}
	return err;
}

static int64_t standing_at(const struct looking *looking, const char *step_id)
{
	for (size_t i = 0; i < looking->standing_count; i++)
		if (strcmp(looking->standing[i].step_id, step_id) == 0)
			return looking->standing[i].count;
	return 0;
}

/* --- the preview --- */

static enum err write_one(struct looking *looking, struct json *json, uint64_t id)
{
	struct enrollment run;
	struct contact contact;
	struct arena *arena = looking->cmd->call.arena;
	enum err err = enrollment_rows_load(looking->db, arena, id, &run);
	if (err == ERR_OK)
		err = contact_rows_load_any(looking->db, arena, run.contact_id,
					    &contact);
	if (err != ERR_OK)
		return err;
	json_object(json);
	json_key_id(json, "enrollment", run.id);
	json_key(json, "contact");
	view_contact(json, contact.id, contact.first_name, contact.last_name,
		     contact.phone_e164);
	json_key_str(json, "state", enrollment_state_name(run.state));
	json_key_str(json, "step", run.step_id);
	json_end_object(json);
	return ERR_OK;
}

static enum err write_sample(struct looking *looking, struct json *json)
{
	uint64_t *ids;
	size_t found = 0;
	struct running_of of = running(looking->cmd);
	of.before_id = looking->cmd->bulk.from_id;
	enum err err = running_rows_ids(looking->db, looking->cmd->call.arena, &of,
					BULK_SAMPLE, &ids, &found);
	json_key(json, "sample");
	json_array(json);
	for (size_t i = 0; err == ERR_OK && i < found; i++)
		err = write_one(looking, json, ids[i]);
	json_end_array(json);
	return err;
}

static void write_steps(const struct looking *looking, struct json *json)
{
	const struct migration *migration = &looking->migration;
	json_key(json, "steps");
	json_array(json);
	for (size_t i = 0; i < migration->move_count; i++) {
		const struct step_move *move = &migration->moves[i];
		json_object(json);
		json_key_str(json, "step", move->from->id);
		json_key_int(json, "enrollments", standing_at(looking, move->from->id));
		json_key_str(json, "to", move->to ? move->to->id : NULL);
		json_key_str(json, "kind", step_fate_name(move->fate));
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_faults(const struct migration *migration, struct json *json)
{
	json_key(json, "unmapped");
	json_array(json);
	for (size_t i = 0; i < migration->fault_count; i++) {
		const struct migration_fault *fault = &migration->faults[i];
		json_object(json);
		json_key_str(json, "step", fault->step);
		json_key_str(json, "code", fault->code);
		json_key_str(json, "message", fault->message);
		json_end_object(json);
	}
	json_end_array(json);
}

static enum err preview(struct looking *looking)
{
	const struct running_of of = running(looking->cmd);
	struct json json = call_json(&looking->cmd->call);
	int64_t tasks = 0;
	enum err err = running_rows_tasks(looking->db, &of, &tasks);
	json_object(&json);
	json_key_int(&json, "count", looking->cmd->bulk.count);
	if (err == ERR_OK)
		err = write_sample(looking, &json);
	write_steps(looking, &json);
	json_key_int(&json, "tasks", tasks);
	write_faults(&looking->migration, &json);
	json_end_object(&json);
	return err;
}

static enum err refuse_map(struct looking *looking)
{
	struct buf extra = BUF_EMPTY;
	struct json json;
	struct call *call = &looking->cmd->call;
	const struct migration *migration = &looking->migration;
	json_init(&json, &extra);
	json_object(&json);
	write_faults(migration, &json);
	json_end_object(&json);
	enum err err = call_refuse_member(
		call, ERR_INVALID, "map", "%s%s", migration->faults[0].message,
		migration->fault_count > 1 ? " See `unmapped` for the other steps."
					   : "");
	call->refusal.extra =
		arena_strndup(call->arena, buf_str(&extra) + 1, extra.len - 2);
	buf_fini(&extra);
	return err;
}

enum err workflow_migrate_look(struct snapshot *snap, void *arg)
{
	struct looking looking = {
		.cmd = arg, .db = snapshot_db(snap), .core = snapshot_context(snap)};
	struct workflow_migrate *cmd = arg;
	enum err err = load_versions(&looking);
	if (err == ERR_OK)
		err = count(&looking);
	if (err == ERR_OK) {
		workflow_migration(cmd->call.arena, looking.from, looking.to, cmd->maps,
				   cmd->map_count, &looking.migration);
		if (cmd->bulk.is_dry_run)
			err = preview(&looking);
		else if (looking.migration.fault_count)
			err = refuse_map(&looking);
	}
	plan_unref(&looking.from);
	plan_unref(&looking.to);
	return err;
}

/* --- the job --- */

static enum err note(struct txn *txn, const struct workflow_migrate *cmd)
{
	struct ledger_entry entry;
	struct json *json = &entry.payload;
	ledger_begin(txn, &entry);
	json_key_int(json, "from", cmd->from);
	json_key_int(json, "to", cmd->to);
	json_key_int(json, "enrollments", cmd->bulk.count);
	json_key_bool(json, "refresh", cmd->refreshes);
	json_key(json, "map");
	json_object(json);
	for (size_t i = 0; i < cmd->map_count; i++)
		json_key_str(json, cmd->maps[i].from, cmd->maps[i].to);
	json_end_object(json);
	json_key_str(json, "reason", cmd->reason);
	return ledger_append(
		txn, &entry, cmd->call.actor, "workflow_migrate",
		arena_printf(txn_arena(txn), "workflow:%s", cmd->bulk.workflow_id));
}

enum err workflow_migrate_start(struct txn *txn, void *arg)
{
	struct workflow_migrate *cmd = arg;
	struct job_progress job = {.kind = JOB_MIGRATE};
	struct buf lines = BUF_EMPTY;
	enum err err = note(txn, cmd);
	if (err != ERR_OK)
		return err;
	job_line(&lines, "workflow", cmd->bulk.workflow_id);
	job_line_int(&lines, "from", cmd->from);
	job_line_int(&lines, "to", cmd->to);
	job_line_int(&lines, "refresh", cmd->refreshes);
	job_line(&lines, "reason", cmd->reason);
	migrate_write_map(&lines, cmd->maps, cmd->map_count);
	return job_begin(txn, &cmd->call, &cmd->bulk, &job, &lines);
}
