/* bulk_remove.c - enrollments of a workflow end, many at once: see jobs.h */
#include "core/advance.h"
#include "core/job_parts.h"
#include "core/view.h"
#include "store/workflow_rows.h"

enum {
	OPEN_STATES = 1u << ENROLLMENT_ACTIVE | 1u << ENROLLMENT_WAITING |
		      1u << ENROLLMENT_HELD,
	ALL_STATES = (1u << ENROLLMENT_STATE_COUNT) - 1,
};

static struct enrollment_filter filter_of(const struct bulk_remove *cmd)
{
	unsigned states = cmd->forgets ? ALL_STATES : OPEN_STATES;
	return (struct enrollment_filter){
		.workflow_id = cmd->bulk.workflow_id,
		.contact_id = cmd->contact_id,
		.states = cmd->states ? cmd->states & states : states,
		.test = cmd->test,
		.step_id = cmd->step_id,
		.version = cmd->version,
		.tag = cmd->tag,
		.is_remembered = cmd->forgets,
		.limit = BULK_SAMPLE,
	};
}

/* --- counting --- */

struct sampling {
	struct bulk_remove *cmd;
	struct json *json;
};

static void sample_item(void *arg, const struct enrollment_item *item)
{
	struct sampling *sampling = arg;
	const struct enrollment *run = &item->enrollment;
	if (!sampling->cmd->bulk.from_id)
		sampling->cmd->bulk.from_id = run->id + 1;
	if (!sampling->json)
		return;
	json_object(sampling->json);
	json_key_id(sampling->json, "enrollment", run->id);
	json_key(sampling->json, "contact");
	view_contact(sampling->json, run->contact_id, item->contact_first_name,
		     item->contact_last_name, item->contact_e164);
	json_key_str(sampling->json, "state", enrollment_state_name(run->state));
	json_key_str(sampling->json, "step", run->step_id);
	json_end_object(sampling->json);
}

static enum err check_states(struct bulk_remove *cmd)
{
	if (cmd->forgets || !(cmd->states & ~(unsigned)OPEN_STATES))
		return ERR_OK;
	return call_refuse_member(
		&cmd->call, ERR_INVALID, "filter.state",
		"What has ended can only be forgotten: send \"forget\": "
		"true, or name active, waiting or held.");
}

static enum err sample(struct snapshot *snap, struct bulk_remove *cmd)
{
	struct enrollment_filter filter = filter_of(cmd);
	struct json json = call_json(&cmd->call);
	struct sampling sampling = {cmd, cmd->bulk.is_dry_run ? &json : NULL};
	if (!sampling.json)
		return enrollment_rows_page(snapshot_db(snap), &filter, sample_item,
					    &sampling);
	json_object(&json);
	json_key_int(&json, "count", cmd->bulk.count);
	json_key(&json, "sample");
	json_array(&json);
	enum err err = enrollment_rows_page(snapshot_db(snap), &filter, sample_item,
					    &sampling);
	json_end_array(&json);
	json_end_object(&json);
	return err;
}

enum err bulk_remove_count(struct snapshot *snap, void *arg)
{
	struct bulk_remove *cmd = arg;
	struct enrollment_filter filter = filter_of(cmd);
	struct workflow workflow;
	bool is_empty = !cmd->step_id && !cmd->tag && !cmd->contact_id &&
			!cmd->version && !cmd->states && !cmd->test;
	enum err err = workflow_rows_load(snapshot_db(snap), cmd->call.arena,
					  cmd->bulk.workflow_id, &workflow);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			&cmd->call, ERR_NOT_FOUND,
			"There is no workflow %s; GET /api/v1/workflows lists them.",
			cmd->bulk.workflow_id);
	if (err == ERR_OK)
		err = check_states(cmd);
	if (err == ERR_OK)
		err = job_check_filter(&cmd->call, &cmd->bulk, is_empty);
	if (err == ERR_OK)
		err = enrollment_rows_count(snapshot_db(snap), &filter,
					    &cmd->bulk.count);
	return err == ERR_OK ? sample(snap, cmd) : err;
}

/* --- the job --- */

enum err bulk_remove_start(struct txn *txn, void *arg)
{
	struct bulk_remove *cmd = arg;
	const struct enrollment_filter filter = filter_of(cmd);
	struct job_progress job = {.kind = JOB_REMOVE};
	struct buf lines = BUF_EMPTY;
	job_line(&lines, "workflow", filter.workflow_id);
	job_line_int(&lines, "contact", (int64_t)filter.contact_id);
	job_line_int(&lines, "states", filter.states);
	job_line_int(&lines, "test", filter.test);
	job_line(&lines, "step", filter.step_id);
	job_line_int(&lines, "version", filter.version);
	job_line(&lines, "tag", filter.tag);
	job_line_int(&lines, "forget", cmd->forgets);
	job_line(&lines, "reason", cmd->reason);
	return job_begin(txn, &cmd->call, &cmd->bulk, &job, &lines);
}

struct batch {
	uint64_t ids[JOB_REMOVE_STEP];
	size_t count;
};

static void batch_item(void *arg, const struct enrollment_item *item)
{
	struct batch *batch = arg;
	batch->ids[batch->count++] = item->enrollment.id;
}

static enum err find_batch(struct txn *txn, const struct job_progress *job,
			   struct batch *batch)
{
	struct arena *arena = txn_arena(txn);
	const char *args = job->args;
	const struct enrollment_filter filter = {
		.workflow_id = job_text(arena, args, "workflow"),
		.contact_id = (uint64_t)job_int(arena, args, "contact"),
		.states = (unsigned)job_int(arena, args, "states"),
		.test = job_int(arena, args, "test"),
		.step_id = job_text(arena, args, "step"),
		.version = (uint32_t)job_int(arena, args, "version"),
		.tag = job_text(arena, args, "tag"),
		.is_remembered = job_int(arena, args, "forget"),
		.before_id = job->position,
		.limit = JOB_REMOVE_STEP,
	};
	batch->count = 0;
	return job->position
		       ? enrollment_rows_page(txn_db(txn), &filter, batch_item, batch)
		       : ERR_OK;
}

static enum err remove_one(struct txn *txn, struct job_progress *job, uint64_t id)
{
	struct arena *arena = txn_arena(txn);
	const struct actor actor = job_actor(arena, job->args);
	struct enrollment run;
	enum err err = enrollment_rows_load(txn_db(txn), arena, id, &run);
	bool was_open = err == ERR_OK && enrollment_state_is_open(run.state);
	if (was_open)
		err = advance_remove(txn, &actor, &run,
				     job_text(arena, job->args, "reason"));
	if (err == ERR_OK && job_int(arena, job->args, "forget"))
		err = enrollment_rows_forget(txn_db(txn), id);
	if (err == ERR_OK)
		job_count_up(txn, job, was_open ? "removed" : "forgotten");
	return err;
}

enum err bulk_remove_step(struct txn *txn, struct job_progress *job)
{
	struct batch batch;
	enum err err = find_batch(txn, job, &batch);
	for (size_t i = 0; err == ERR_OK && i < batch.count; i++)
		err = remove_one(txn, job, batch.ids[i]);
	if (err != ERR_OK)
		return err;
	job->done += (int64_t)batch.count;
	if (batch.count)
		job->position = batch.ids[batch.count - 1];
	if (batch.count < JOB_REMOVE_STEP)
		job->state = JOB_DONE;
	return ERR_OK;
}
