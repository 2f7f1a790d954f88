/* bulk_tasks.c - one act on many tasks: see jobs.h */
#include <inttypes.h>
#include <stdlib.h>

#include "core/card.h"
#include "core/job_parts.h"
#include "core/people.h"
#include "core/task_find.h"
#include "core/view.h"

enum {
	COUNT_MOST = 10000000,
	OPEN_STATES = 1u << TASK_PENDING | 1u << TASK_HELD | 1u << TASK_SNOOZED,
};

static const struct {
	const char *outcome; /* of each that was done */
	store_write_fn *write;
} actions[BULK_ACTION_COUNT] = {
	[BULK_SKIP] = {"skipped", task_skip},
	[BULK_REASSIGN] = {"reassigned", task_reassign},
	[BULK_CANCEL] = {"cancelled", task_cancel},
	[BULK_SNOOZE] = {"snoozed", task_snooze},
};

/* --- counting --- */

static enum err check(struct snapshot *snap, struct bulk_tasks *cmd)
{
	struct party party;
	if (cmd->action == BULK_REASSIGN && cmd->assignee.kind == WHO_ABSENT)
		return call_refuse_member(&cmd->call, ERR_INVALID, "assignee",
					  "Say who gets them: a user, a team, or null "
					  "for the pool.");
	if (cmd->action == BULK_SNOOZE && !cmd->until_hours &&
	    cmd->until <= snapshot_now(snap))
		return call_refuse_member(&cmd->call, ERR_INVALID, "until",
					  "Snooze until a time that lies ahead.");
	if (cmd->filter.states & ~(unsigned)OPEN_STATES)
		return call_refuse_member(&cmd->call, ERR_INVALID, "filter.state",
					  "Only open tasks are acted on: name pending, "
					  "held or snoozed.");
	return people_resolve(snapshot_db(snap), &cmd->call, &cmd->assignee, "assignee",
			      &party);
}

/* The named ones that are there for the actor, and open; the others are left out. */
static enum err count_ids(struct snapshot *snap, struct bulk_tasks *cmd)
{
	uint64_t *ids = ARENA_ARRAY(cmd->call.arena, uint64_t, cmd->id_count);
	for (size_t i = 0; i < cmd->id_count; i++) {
		struct card card;
		struct call look = {.actor = cmd->call.actor, .arena = cmd->call.arena};
		enum err err = card_load_brief(
			snapshot_db(snap), &look, snapshot_context(snap),
			(struct card_of){.task_id = cmd->ids[i]}, &card);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_OK && task_state_is_open(card.task.state))
			ids[cmd->bulk.count++] = cmd->ids[i];
	}
	cmd->ids = ids;
	return ERR_OK;
}

static bool is_empty(const struct bulk_tasks *cmd)
{
	const struct task_filter *filter = &cmd->filter;
	return !filter->workflow_id && !filter->contact_id && !filter->team_id &&
	       cmd->whose.kind == WHO_ABSENT && !filter->states &&
	       !filter->due_before && !filter->attention && !filter->q && !filter->test;
}

struct naming {
	uint64_t *ids;
	int64_t count;
};

static void name_item(void *arg, const struct task_item *item)
{
	struct naming *naming = arg;
	if (naming->count < JOB_TASKS_STEP)
		naming->ids[naming->count++] = item->task.id;
}

/* Few are named: then they are done at once, wherever they stand among the others. */
static enum err name_all(struct snapshot *snap, struct bulk_tasks *cmd)
{
	struct naming naming = {
		.ids = ARENA_ARRAY(cmd->call.arena, uint64_t, JOB_TASKS_STEP)};
	cmd->filter.order = TASK_ORDER_CREATED;
	cmd->filter.limit = JOB_TASKS_STEP;
	enum err err = task_rows_page(snapshot_db(snap), cmd->call.arena, &cmd->filter,
				      name_item, &naming);
	cmd->ids = naming.ids;
	cmd->id_count = (size_t)naming.count;
	cmd->bulk.count = naming.count;
	return err;
}

static enum err count_filter(struct snapshot *snap, struct bulk_tasks *cmd)
{
	struct task_filter *filter = &cmd->filter;
	enum err err = job_check_filter(&cmd->call, &cmd->bulk, is_empty(cmd));
	if (err == ERR_OK)
		err = task_filter_resolve(snapshot_db(snap), &cmd->call, &cmd->whose,
					  filter);
	if (err == ERR_OK)
		err = task_rows_search(snapshot_db(snap), cmd->call.arena, filter);
	if (err == ERR_OK)
		err = task_rows_newest(snapshot_db(snap), &cmd->bulk.from_id);
	task_filter_for_acting(&cmd->call, filter);
	filter->now = snapshot_now(snap);
	if (!filter->states)
		filter->states = OPEN_STATES;
	if (err == ERR_OK)
		err = task_rows_count(snapshot_db(snap), filter, COUNT_MOST,
				      &cmd->bulk.count);
	return err == ERR_OK && cmd->bulk.count <= JOB_TASKS_STEP ? name_all(snap, cmd)
								  : err;
}

struct sampling {
	struct view view;
	size_t count;
	enum err err;
};

static void sample_item(void *arg, const struct task_item *item)
{
	struct sampling *sampling = arg;
	if (sampling->count++ < BULK_SAMPLE && sampling->err == ERR_OK)
		sampling->err = view_task_item(&sampling->view, item);
}

static enum err sample(struct snapshot *snap, struct bulk_tasks *cmd, struct json *json)
{
	struct sampling sampling = {.view = {snapshot_db(snap), cmd->call.arena, json}};
	enum err err = ERR_OK;
	if (!cmd->ids) {
		cmd->filter.order = TASK_ORDER_CREATED;
		cmd->filter.limit = BULK_SAMPLE;
		err = task_rows_page(snapshot_db(snap), cmd->call.arena, &cmd->filter,
				     sample_item, &sampling);
	}
	for (int64_t i = 0; cmd->ids && err == ERR_OK && i < cmd->bulk.count; i++)
		err = task_rows_item(snapshot_db(snap), cmd->ids[i], snapshot_now(snap),
				     sample_item, &sampling);
	return err == ERR_OK ? sampling.err : err;
}

static enum err answer(struct snapshot *snap, struct bulk_tasks *cmd)
{
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key_int(&json, "count", cmd->bulk.count);
	json_key(&json, "sample");
	json_array(&json);
	enum err err = sample(snap, cmd, &json);
	json_end_array(&json);
	json_end_object(&json);
	return err;
}

enum err bulk_tasks_count(struct snapshot *snap, void *arg)
{
	struct bulk_tasks *cmd = arg;
	enum err err = check(snap, cmd);
	if (err == ERR_OK)
		err = cmd->ids ? count_ids(snap, cmd) : count_filter(snap, cmd);
	return err == ERR_OK && cmd->bulk.is_dry_run ? answer(snap, cmd) : err;
}

/* --- the job --- */

static void write_filter(struct buf *lines, const struct task_filter *filter)
{
	job_line(lines, "workflow", filter->workflow_id);
	job_line_int(lines, "contact", (int64_t)filter->contact_id);
	job_line_int(lines, "team", (int64_t)filter->team_id);
	job_line_int(lines, "whose", filter->whose);
	job_line_int(lines, "assignee", (int64_t)filter->assignee_id);
	job_line_int(lines, "states", filter->states);
	job_line_int(lines, "due_before", filter->due_before);
	job_line(lines, "attention", filter->attention);
	job_line_int(lines, "test", filter->test);
	job_line(lines, "q", filter->q);
	job_line_int(lines, "seen_by", (int64_t)filter->seen_by);
}

static struct task_filter read_filter(struct arena *arena, const char *args)
{
	return (struct task_filter){
		.workflow_id = job_text(arena, args, "workflow"),
		.contact_id = (uint64_t)job_int(arena, args, "contact"),
		.team_id = (uint64_t)job_int(arena, args, "team"),
		.whose = (enum task_whose)job_int(arena, args, "whose"),
		.assignee_id = (uint64_t)job_int(arena, args, "assignee"),
		.states = (unsigned)job_int(arena, args, "states"),
		.due_before = job_int(arena, args, "due_before"),
		.attention = job_text(arena, args, "attention"),
		.test = (int)job_int(arena, args, "test"),
		.q = job_text(arena, args, "q"),
		.seen_by = (uint64_t)job_int(arena, args, "seen_by"),
		.limit = JOB_TASKS_STEP,
	};
}

static void write_ids(struct buf *lines, const struct bulk_tasks *cmd)
{
	struct buf ids = BUF_EMPTY;
	for (int64_t i = 0; i < cmd->bulk.count; i++)
		buf_printf(&ids, "%s%" PRIu64, i ? " " : "", cmd->ids[i]);
	job_line(lines, "ids", buf_str(&ids));
	buf_fini(&ids);
}

enum err bulk_tasks_start(struct txn *txn, void *arg)
{
	struct bulk_tasks *cmd = arg;
	struct job_progress job = {.kind = JOB_TASKS};
	struct buf lines = BUF_EMPTY;
	struct party party;
	enum err err = people_resolve(txn_db(txn), &cmd->call, &cmd->assignee,
				      "assignee", &party);
	if (err != ERR_OK)
		return err;
	job_line_int(&lines, "action", cmd->action);
	job_line(&lines, "reason", cmd->reason);
	job_line_int(&lines, "to_user", (int64_t)party.user_id);
	job_line_int(&lines, "to_team", (int64_t)party.team_id);
	job_line_int(&lines, "until", cmd->until);
	job_line_int(&lines, "until_hours", cmd->until_hours);
	job_line_int(&lines, "undo", cmd->undo);
	job_line_int(&lines, "up_to", (int64_t)cmd->bulk.from_id);
	if (cmd->ids)
		write_ids(&lines, cmd);
	else
		write_filter(&lines, &cmd->filter);
	cmd->bulk.from_id = 0; /* the oldest first */
	if (cmd->ids && cmd->id_count > (size_t)cmd->bulk.count)
		job.outcomes = arena_printf(cmd->call.arena, "left_out %zu\n",
					    cmd->id_count - (size_t)cmd->bulk.count);
	return job_begin(txn, &cmd->call, &cmd->bulk, &job, &lines);
}

static struct who job_assignee(struct arena *arena, const char *args)
{
	uint64_t user_id = (uint64_t)job_int(arena, args, "to_user"),
		 team_id = (uint64_t)job_int(arena, args, "to_team");
	if (team_id)
		return (struct who){.kind = WHO_TEAM, .id = team_id};
	return user_id ? (struct who){.kind = WHO_ID, .id = user_id}
		       : (struct who){.kind = WHO_NOBODY};
}

/* What is refused is refused before a row is written, so the others are not touched by it. */
static enum err act_on(struct txn *txn, struct job_progress *job, uint64_t task_id)
{
	struct arena *arena = txn_arena(txn);
	const char *args = job->args;
	const struct actor actor = job_actor(arena, args);
	const enum bulk_action action =
		(enum bulk_action)job_int(arena, args, "action");
	struct task_act act = {
		.call = {.actor = &actor, .arena = arena},
		.task_id = task_id,
		.reason = job_text(arena, args, "reason"),
		.until = job_int(arena, args, "until"),
		.until_hours = job_int(arena, args, "until_hours"),
		.assignee = job_assignee(arena, args),
		.undo = job_int(arena, args, "undo"),
		.is_one_of_many = true,
	};
	enum err err = actions[action].write(txn, &act);
	bool is_refused = err != ERR_OK && act.call.refusal.err == err;
	if (err != ERR_OK && !is_refused)
		return err;
	job_count_up(txn, job, is_refused ? err_code(err) : actions[action].outcome);
	job->done++;
	return ERR_OK;
}

/* The next ones of a list of ids: position is how many were looked at. */
static enum err step_ids(struct txn *txn, struct job_progress *job, const char *ids)
{
	char *at = (char *)(uintptr_t)ids;
	uint64_t skipped = 0;
	enum err err = ERR_OK;
	for (; *at && skipped < job->position; skipped++)
		(void)strtoull(at, &at, 10);
	for (int i = 0; *at && err == ERR_OK && i < JOB_TASKS_STEP; i++) {
		err = act_on(txn, job, strtoull(at, &at, 10));
		job->position++;
	}
	if (!*at)
		job->state = JOB_DONE;
	return err;
}

static enum err step_filter(struct txn *txn, struct job_progress *job)
{
	struct arena *arena = txn_arena(txn);
	const struct task_filter filter = read_filter(arena, job->args);
	struct task_scan scan = {job->position,
				 (uint64_t)job_int(arena, job->args, "up_to")};
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_scan(txn_db(txn), arena, &filter, &scan, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = act_on(txn, job, ids[i]);
	job->position = scan.after_id;
	if (!scan.after_id)
		job->state = JOB_DONE;
	return err;
}

enum err bulk_tasks_step(struct txn *txn, struct job_progress *job)
{
	const char *ids = job_text(txn_arena(txn), job->args, "ids");
	return ids ? step_ids(txn, job, ids) : step_filter(txn, job);
}
