/* bulk_enroll.c - the contacts of a filter enter a workflow: see jobs.h */
#include <string.h>

#include "core/job_parts.h"
#include "store/workflow_rows.h"

enum { COUNT_PAGE = 500, STEP_SCAN = 4000 /* contacts looked at in one step */ };

static bool is_empty(const struct contact_filter *filter)
{
	return !filter->q && !filter->tag && !filter->external_id &&
	       !filter->phone_e164 && !filter->phone &&
	       filter->whose == CONTACT_OF_ANYBODY && filter->opted_out < 0 &&
	       filter->test < 0;
}

/* --- counting --- */

struct sample {
	uint64_t ids[BULK_SAMPLE];
	size_t count;
};

static enum err count(struct snapshot *snap, struct bulk_enroll *cmd,
		      struct sample *sample)
{
	struct contact_filter filter = cmd->filter;
	struct contact_page page;
	filter.limit = COUNT_PAGE;
	do {
		enum err err = contact_rows_page(snapshot_db(snap),
						 cmd->list.call.arena, &filter, &page);
		if (err != ERR_OK)
			return err;
		if (page.count && !cmd->bulk.count)
			cmd->bulk.from_id = page.ids[0] + 1;
		for (size_t i = 0; i < page.count && sample->count < BULK_SAMPLE; i++)
			sample->ids[sample->count++] = page.ids[i];
		cmd->bulk.count += (int64_t)page.count;
		filter.before_id = page.next_before_id;
	} while (page.next_before_id);
	return ERR_OK;
}

static enum err answer(struct snapshot *snap, struct bulk_enroll *cmd,
		       const struct sample *sample)
{
	struct call *call = &cmd->list.call;
	struct json json = call_json(call);
	enum err err = ERR_OK;
	json_object(&json);
	json_key_int(&json, "count", cmd->bulk.count);
	json_key(&json, "sample");
	json_array(&json);
	for (size_t i = 0; err == ERR_OK && i < sample->count; i++)
		err = contact_view_brief(snapshot_db(snap), call->arena, sample->ids[i],
					 &json);
	json_end_array(&json);
	json_end_object(&json);
	return err;
}

static enum err check_workflow(struct db *db, struct call *call, const char *id)
{
	struct workflow workflow;
	enum err err = workflow_rows_load(db, call->arena, id, &workflow);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, ERR_NOT_FOUND,
			"There is no workflow %s; GET /api/v1/workflows lists them.",
			id);
	return err;
}

enum err bulk_enroll_count(struct snapshot *snap, void *arg)
{
	struct bulk_enroll *cmd = arg;
	struct sample sample = {.count = 0};
	struct call *call = &cmd->list.call;
	enum err err = check_workflow(snapshot_db(snap), call, cmd->bulk.workflow_id);
	if (err == ERR_OK)
		err = contact_filter_of(snap, &cmd->list, &cmd->filter);
	if (err == ERR_OK)
		err = job_check_filter(call, &cmd->bulk, is_empty(&cmd->filter));
	if (err == ERR_OK)
		err = count(snap, cmd, &sample);
	return err == ERR_OK && cmd->bulk.is_dry_run ? answer(snap, cmd, &sample) : err;
}

/* --- the job --- */

static void write_filter(struct buf *lines, const struct contact_filter *filter)
{
	job_line(lines, "q", filter->q);
	job_line(lines, "tag", filter->tag);
	job_line(lines, "external_id", filter->external_id);
	job_line(lines, "phone_e164", filter->phone_e164);
	job_line(lines, "phone", filter->phone);
	job_line_int(lines, "whose", filter->whose);
	job_line_int(lines, "owner", (int64_t)filter->owner_id);
	job_line_int(lines, "opted_out", filter->opted_out);
	job_line_int(lines, "test", filter->test);
}

static struct contact_filter read_filter(struct arena *arena, const char *args)
{
	return (struct contact_filter){
		.q = job_text(arena, args, "q"),
		.tag = job_text(arena, args, "tag"),
		.external_id = job_text(arena, args, "external_id"),
		.phone_e164 = job_text(arena, args, "phone_e164"),
		.phone = job_text(arena, args, "phone"),
		.whose = (enum contact_whose)job_int(arena, args, "whose"),
		.owner_id = (uint64_t)job_int(arena, args, "owner"),
		.opted_out = (int)job_int(arena, args, "opted_out"),
		.test = (int)job_int(arena, args, "test"),
		.scan_most = STEP_SCAN,
		.limit = JOB_ENROLL_STEP,
	};
}

enum err bulk_enroll_start(struct txn *txn, void *arg)
{
	struct bulk_enroll *cmd = arg;
	struct job_progress job = {.kind = JOB_ENROLL};
	struct buf lines = BUF_EMPTY;
	job_line(&lines, "workflow", cmd->bulk.workflow_id);
	job_line_int(&lines, "is_test", cmd->test.is_on);
	job_line_int(&lines, "compress", cmd->test.compress);
	write_filter(&lines, &cmd->filter);
	return job_begin(txn, &cmd->list.call, &cmd->bulk, &job, &lines);
}

static enum err enroll_page(struct txn *txn, struct job_progress *job,
			    const struct contact_page *page)
{
	struct arena *arena = txn_arena(txn);
	const struct actor actor = job_actor(arena, job->args);
	enum enroll_outcome *outcomes =
		ARENA_ARRAY(arena, enum enroll_outcome, page->count ? page->count : 1);
	const struct enroll_many many = {
		.workflow_id = job_text(arena, job->args, "workflow"),
		.contact_ids = page->ids,
		.count = page->count,
		.test = {job_int(arena, job->args, "is_test"),
			 (uint32_t)job_int(arena, job->args, "compress")}};
	enum err err = enroll_many(txn, &actor, &many, outcomes);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < page->count; i++)
		job_count_up(txn, job, enroll_outcome_name(outcomes[i]));
	job->done += (int64_t)page->count;
	return ERR_OK;
}

enum err bulk_enroll_step(struct txn *txn, struct job_progress *job)
{
	struct contact_filter filter = read_filter(txn_arena(txn), job->args);
	struct contact_page page = {.count = 0};
	filter.before_id = job->position;
	enum err err = job->position ? contact_rows_page(txn_db(txn), txn_arena(txn),
							 &filter, &page)
				     : ERR_OK;
	if (err == ERR_OK && page.count)
		err = enroll_page(txn, job, &page);
	if (err == ERR_NOT_FOUND) { /* deleted since */
		job->state = JOB_FAILED;
		job->fault = "The workflow is not there any more.";
		return ERR_OK;
	}
	job->position = page.next_before_id;
	if (!page.next_before_id)
		job->state = JOB_DONE;
	return err;
}
