/* task_bulk_api.c - POST /tasks/bulk: see task_api.h; the rules stand in core/bulk_tasks.c */
#include <string.h>

#include "api/api.h"
#include "api/bulk_api.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/task_api.h"
#include "core/jobs.h"

enum { BULK_IDS_MOST = 500 };

static const struct body_field filter_fields[] = {
	TASK_FILTER_FIELDS(struct task_filter_body),
	BODY_STR(struct task_filter_body, states, "state", BODY_NULL | BODY_LINE, 100),
	BODY_END,
};
static const struct body_shape filter_shape =
	BODY_SHAPE(struct task_filter_body, filter_fields);

struct bulk_in {
	const char *action, *reason;
	struct body_ids ids;
	struct task_filter_body *filter;
	struct who assignee;
	const char *until;
	int64_t expect;
	bool undo, dry_run;
	struct body_seen seen;
};

static const struct body_field bulk_fields[] = {
	BODY_STR(struct bulk_in, action, "action", BODY_REQUIRED, 20),
	BODY_ID_LIST(struct bulk_in, ids, "ids", BODY_OPTIONAL, BULK_IDS_MOST),
	BODY_OBJECT(struct bulk_in, filter, "filter", BODY_OPTIONAL, &filter_shape),
	BODY_STR(struct bulk_in, reason, "reason", BODY_NULL | BODY_LINE,
		 TASK_REASON_CHARS),
	BODY_WHO(struct bulk_in, assignee, "assignee", BODY_NULL),
	BODY_STR(struct bulk_in, until, "until", BODY_NULL | BODY_LINE, 40),
	BODY_BOOL(struct bulk_in, undo, "undo", BODY_OPTIONAL),
	BODY_BOOL(struct bulk_in, dry_run, "dry_run", BODY_OPTIONAL),
	BODY_INT(struct bulk_in, expect, "expect", BODY_OPTIONAL, 0, BULK_EXPECT_MOST),
	BODY_END,
};

static void bulk_preset(void *out)
{
	((struct bulk_in *)out)->expect = -1;
}

static const struct body_shape bulk_shape = {.fields = bulk_fields,
					     .size = sizeof(struct bulk_in),
					     .seen = offsetof(struct bulk_in, seen),
					     .preset = bulk_preset};

/* Sending is refused for good, whatever else the body says. false: answered. */
static bool read_action(struct http_request *req, const char *name,
			enum bulk_action *action_out)
{
	static const char *const names[BULK_ACTION_COUNT] = {[BULK_SKIP] = "skip",
							     [BULK_REASSIGN] =
								     "reassign",
							     [BULK_CANCEL] = "cancel",
							     [BULK_SNOOZE] = "snooze"};
	for (int i = 0; i < BULK_ACTION_COUNT; i++)
		if (strcmp(names[i], name) == 0) {
			*action_out = (enum bulk_action)i;
			return true;
		}
	if (strcmp(name, "send") == 0)
		problem_send(
			req, ERR_BULK_HUMAN,
			"There is no bulk send: a person reads and sends each text.");
	else
		problem_send_all(
			req, &(struct problem){.err = ERR_BAD_REQUEST,
					       .member = "action",
					       .detail = "action is skip, reassign, "
							 "cancel or snooze."});
	return false;
}

/* false: answered. */
static bool read_states(struct http_request *req, const char *names,
			unsigned *states_out)
{
	char *rest = names ? arena_strdup(http_arena(req), names) : NULL, *name;
	while ((name = strsep(&rest, ","))) {
		enum task_state state;
		if (task_state_parse(name, &state)) {
			*states_out |= 1u << state;
			continue;
		}
		problem_send_all(
			req, &(struct problem){.err = ERR_BAD_REQUEST,
					       .member = "filter.state",
					       .detail = "A state is pending, held or "
							 "snoozed, or several of them "
							 "with commas."});
		return false;
	}
	return true;
}

static void bulk_counted(void *arg, enum err err)
{
	struct bulk_tasks *cmd = arg;
	bulk_go_on(&cmd->call, err, cmd->bulk.is_dry_run, bulk_tasks_start);
}

static void run(struct http_request *req, struct bulk_tasks *cmd,
		const struct bulk_in *in)
{
	if (!in->ids.count == !in->filter) {
		problem_send_all(
			req,
			&(struct problem){.err = ERR_BAD_REQUEST,
					  .member = "ids",
					  .detail = "Name the tasks: by ids, or by a "
						    "filter, and not by both."});
		return;
	}
	if (in->filter &&
	    (!task_filter_read(req, in->filter, &cmd->whose, &cmd->filter) ||
	     !read_states(req, in->filter->states, &cmd->filter.states)))
		return;
	enum err err =
		store_read(api_of(req)->store, bulk_tasks_count, bulk_counted, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->call, err);
}

void task_bulk_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct bulk_tasks *cmd = API_CALL(req, struct bulk_tasks);
	struct bulk_in in;
	if (!query_none(req) || !body_read(req, &bulk_shape, &in) ||
	    !read_action(req, in.action, &cmd->action) ||
	    !task_until_read(req, in.until, &cmd->until_hours, &cmd->until))
		return;
	cmd->bulk = (struct bulk){.expect = in.expect, .is_dry_run = in.dry_run};
	cmd->ids = in.ids.count ? in.ids.items : NULL;
	cmd->id_count = in.ids.count;
	cmd->reason = in.reason;
	cmd->assignee = in.assignee;
	if (body_is_null(&in.seen, "assignee"))
		cmd->assignee.kind = WHO_NOBODY;
	cmd->undo = in.undo;
	run(req, cmd, &in);
}
