/* task_api.c - /tasks: from JSON to commands and back. What may happen is decided in core/task_*.c. */
#include "api/task_api.h"

#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/query.h"
#include "base/clock.h"
#include "core/tasks.h"

enum { TASK_TEXT_CHARS = 4000, TASK_NAME_CHARS = 200, SUPERSEDE_MOST = 10 };

/* --- filters: the same members in a query and in the body of /tasks/next ---------------------------------------------- */

static const char *const state_names[] = {"pending", "held",    "snoozed",   "sent",
					  "skipped", "expired", "cancelled", NULL};
static const char *const order_names[] = {"due", "created", "closing", NULL};

struct filter_in {
	const char *workflow, *attention, *q, *cursor;
	uint64_t contact, team, states, after;
	struct who assignee;
	int64_t due_before, limit;
	int order, test;
};

static const struct query_param list_params[] = {
	QUERY_STR(struct filter_in, workflow, "workflow", 200),
	QUERY_ID(struct filter_in, contact, "contact"),
	QUERY_WHO(struct filter_in, assignee, "assignee"),
	QUERY_ID(struct filter_in, team, "team"),
	QUERY_SET(struct filter_in, states, "state", state_names),
	QUERY_TIME(struct filter_in, due_before, "due_before"),
	QUERY_STR(struct filter_in, attention, "attention", 40),
	QUERY_TRI(struct filter_in, test, "test"),
	QUERY_STR(struct filter_in, q, "q", 100),
	QUERY_ENUM(struct filter_in, order, "order", order_names, 0),
	QUERY_LIMIT(struct filter_in, limit),
	QUERY_CURSOR(struct filter_in, cursor),
	QUERY_END,
};

static const struct query_param peek_params[] = {
	QUERY_STR(struct filter_in, workflow, "workflow", 200),
	QUERY_ID(struct filter_in, contact, "contact"),
	QUERY_WHO(struct filter_in, assignee, "assignee"),
	QUERY_ID(struct filter_in, team, "team"),
	QUERY_TIME(struct filter_in, due_before, "due_before"),
	QUERY_STR(struct filter_in, attention, "attention", 40),
	QUERY_TRI(struct filter_in, test, "test"),
	QUERY_STR(struct filter_in, q, "q", 100),
	QUERY_ENUM(struct filter_in, order, "order", order_names, 0),
	QUERY_ID(struct filter_in, after, "after"),
	QUERY_END,
};

static const struct body_field filter_fields[] = {
	TASK_FILTER_FIELDS(struct task_filter_body),
	BODY_ENUM(struct task_filter_body, order, "order", BODY_OPTIONAL, order_names),
	BODY_END,
};
static const struct body_shape filter_shape =
	BODY_SHAPE(struct task_filter_body, filter_fields);

static void filter_of(const struct filter_in *in, struct task_filter *filter)
{
	*filter = (struct task_filter){
		.workflow_id = in->workflow,
		.contact_id = in->contact,
		.team_id = in->team,
		.states = (unsigned)in->states,
		.due_before = in->due_before,
		.attention = in->attention,
		.q = in->q && *in->q ? in->q : NULL,
		.test = in->test < 0 ? 0 : in->test,
		.order = (enum task_order)in->order,
		.limit = (size_t)in->limit,
	};
}

static void run_list(struct http_request *req, const struct query_param *params,
		     store_read_fn *read)
{
	struct task_list *query = API_CALL(req, struct task_list);
	struct filter_in in;
	if (!query_read(req, params, &in, sizeof(in)))
		return;
	filter_of(&in, &query->filter);
	query->assignee = in.assignee;
	query->cursor = in.cursor;
	query->after_id = in.after;
	api_read(req, read, &query->call);
}

static void tasks_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_list(req, list_params, task_list);
}

static void counts_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_list(req, list_params, task_counts);
}

static void next_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_list(req, peek_params, task_peek);
}

struct next_in {
	struct task_filter_body *filter;
	uint64_t after;
	bool resume;
};

static const struct body_field next_fields[] = {
	BODY_OBJECT(struct next_in, filter, "filter", BODY_NULL, &filter_shape),
	BODY_ID(struct next_in, after, "after", BODY_NULL),
	BODY_BOOL(struct next_in, resume, "resume", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape next_shape = BODY_SHAPE(struct next_in, next_fields);

bool task_filter_read(struct http_request *req, const struct task_filter_body *in,
		      struct who *assignee, struct task_filter *filter)
{
	if (in->assignee && who_parse(in->assignee, assignee) != ERR_OK) {
		problem_send_all(
			req,
			&(struct problem){
				.err = ERR_BAD_REQUEST,
				.member = "filter.assignee",
				.detail =
					"An assignee is an id, a login, me or none."});
		return false;
	}
	*filter = (struct task_filter){
		.workflow_id = in->workflow,
		.contact_id = in->contact,
		.team_id = in->team,
		.due_before = in->due_before,
		.attention = in->attention,
		.test = in->test,
		.q = in->q && *in->q ? in->q : NULL,
		.order = (enum task_order)in->order,
	};
	return true;
}

static void next_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct task_next_open *cmd = API_CALL(req, struct task_next_open);
	struct next_in in;
	if (!query_none(req) || !body_read(req, &next_shape, &in))
		return;
	if (in.filter &&
	    !task_filter_read(req, in.filter, &cmd->assignee, &cmd->filter))
		return;
	cmd->after_id = in.after;
	cmd->resume = in.resume;
	api_write(req, task_next_open, &cmd->call);
}

/* --- one task ------------------------------------------------------------------------------------------------------------ */

struct create_in {
	uint64_t contact;
	const char *text, *name;
	struct who assignee;
	int64_t priority, due, expires;
};

static const struct body_field create_fields[] = {
	BODY_ID(struct create_in, contact, "contact", BODY_REQUIRED),
	BODY_STR(struct create_in, text, "text", BODY_NULL, TASK_TEXT_CHARS),
	BODY_STR(struct create_in, name, "name",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, TASK_NAME_CHARS),
	BODY_WHO(struct create_in, assignee, "assignee", BODY_NULL),
	BODY_INT(struct create_in, priority, "priority", BODY_OPTIONAL, 0,
		 TASK_PRIORITY_MOST),
	BODY_TIME(struct create_in, due, "due", BODY_NULL),
	BODY_TIME(struct create_in, expires, "expires", BODY_NULL),
	BODY_END,
};
static const struct body_shape create_shape =
	BODY_SHAPE(struct create_in, create_fields);

static void tasks_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct task_create *cmd = API_CALL(req, struct task_create);
	struct create_in in;
	if (!query_none(req) || !body_read(req, &create_shape, &in))
		return;
	cmd->contact_id = in.contact;
	cmd->text = in.text ? in.text : "";
	cmd->name = in.name;
	cmd->assignee = in.assignee;
	cmd->priority = (unsigned)in.priority;
	cmd->due_at = in.due;
	cmd->expires_at = in.expires;
	api_write(req, task_create, &cmd->call);
}

static void run_get(struct http_request *req, store_read_fn *read)
{
	struct task_get *query = API_CALL(req, struct task_get);
	if (query_none(req) && api_param_id(req, "id", &query->task_id))
		api_read(req, read, &query->call);
}

static void task_get_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_get(req, task_get);
}

static void card_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_get(req, task_card);
}

static void why_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_get(req, task_why);
}

/* --- the card ------------------------------------------------------------------------------------------------------------ */

#define COMPOSE "/api/v1/contacts/{id}/compose"

/* A card is of a task, or of a free reply to a contact: the route says which. */
static bool card_param(struct http_request *req, const struct route *route,
		       uint64_t *task_id_out, uint64_t *contact_id_out)
{
	bool is_reply = strncmp(route->path, COMPOSE, strlen("/api/v1/contacts")) == 0;
	return api_param_id(req, "id", is_reply ? contact_id_out : task_id_out);
}

struct open_in {
	bool take_over;
	/* "I have read it": the receipt binds the thread up to there */
	uint64_t seen_up_to;
};

static const struct body_field open_fields[] = {
	BODY_BOOL(struct open_in, take_over, "take_over", BODY_OPTIONAL),
	BODY_ID(struct open_in, seen_up_to, "seen_up_to", BODY_NULL),
	BODY_END,
};
static const struct body_shape open_shape = BODY_SHAPE(struct open_in, open_fields);

static void open_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	struct task_open *cmd = API_CALL(req, struct task_open);
	struct open_in in;
	if (!query_none(req) ||
	    !card_param(req, route, &cmd->task_id, &cmd->contact_id) ||
	    !body_read(req, &open_shape, &in))
		return;
	cmd->take_over = in.take_over;
	cmd->seen_up_to = in.seen_up_to;
	api_write(req, task_open, &cmd->call);
}

struct text_in {
	const char *text;
};

static const struct body_field text_fields[] = {
	BODY_STR(struct text_in, text, "text", BODY_REQUIRED, TASK_TEXT_CHARS),
	BODY_END,
};
static const struct body_shape text_shape = BODY_SHAPE(struct text_in, text_fields);

static void check_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct task_text *cmd = API_CALL(req, struct task_text);
	struct text_in in;
	(void)ctx;
	if (!query_none(req) ||
	    !card_param(req, route, &cmd->task_id, &cmd->contact_id) ||
	    !body_read(req, &text_shape, &in))
		return;
	cmd->text = in.text;
	api_write(req, task_check, &cmd->call);
}

struct draft_in {
	const char *text;
	int64_t version;
	struct body_seen seen;
};

static const struct body_field draft_fields[] = {
	BODY_STR(struct draft_in, text, "text", BODY_REQUIRED, TASK_TEXT_CHARS),
	BODY_INT(struct draft_in, version, "version", BODY_OPTIONAL, 0,
		 (INT64_C(1) << 53) - 1),
	BODY_END,
};
static const struct body_shape draft_shape =
	BODY_SHAPE_SEEN(struct draft_in, seen, draft_fields);

static void draft_put(struct http_request *req, const struct route *route, void *ctx)
{
	struct task_text *cmd = API_CALL(req, struct task_text);
	struct draft_in in;
	(void)ctx;
	if (!query_none(req) ||
	    !card_param(req, route, &cmd->task_id, &cmd->contact_id) ||
	    !body_read(req, &draft_shape, &in))
		return;
	cmd->text = in.text;
	cmd->names_draft = body_given(&in.seen, "version");
	cmd->draft_version = in.version;
	api_write(req, task_draft, &cmd->call);
}

struct nothing_in {
	char unused;
};

static const struct body_field nothing_fields[] = {BODY_END};
static const struct body_shape nothing_shape =
	BODY_SHAPE(struct nothing_in, nothing_fields);

static void run_bare(struct http_request *req, const struct route *route,
		     store_write_fn *write)
{
	struct task_text *cmd = API_CALL(req, struct task_text);
	struct nothing_in in;
	if (query_none(req) &&
	    card_param(req, route, &cmd->task_id, &cmd->contact_id) &&
	    body_read(req, &nothing_shape, &in))
		api_write(req, write, &cmd->call);
}

static void renew_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	run_bare(req, route, task_renew);
}

static void close_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	run_bare(req, route, task_close);
}

struct send_in {
	const char *receipt, *text;
	int64_t undo_s;
	struct body_ids supersede;
};

static const struct body_field send_fields[] = {
	BODY_STR(struct send_in, receipt, "receipt", BODY_REQUIRED | BODY_LINE, 100),
	BODY_STR(struct send_in, text, "text", BODY_REQUIRED, TASK_TEXT_CHARS),
	BODY_INT(struct send_in, undo_s, "undo_s", BODY_OPTIONAL, 0, 10),
	BODY_ID_LIST(struct send_in, supersede, "supersede", BODY_OPTIONAL,
		     SUPERSEDE_MOST),
	BODY_END,
};
static const struct body_shape send_shape = BODY_SHAPE(struct send_in, send_fields);

static void send_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	struct task_send *cmd = API_CALL(req, struct task_send);
	struct send_in in;
	if (!query_none(req) ||
	    !card_param(req, route, &cmd->task_id, &cmd->contact_id) ||
	    !body_read(req, &send_shape, &in))
		return;
	cmd->receipt = in.receipt;
	cmd->text = in.text;
	cmd->undo_s = in.undo_s;
	cmd->supersede = in.supersede.items;
	cmd->supersede_count = in.supersede.count;
	api_write(req, task_send, &cmd->call);
}

/* --- when and how urgently ------------------------------------------------------------------------------------------------ */

struct change_in {
	int64_t due, expires, priority;
	struct body_seen seen;
};

static const struct body_field change_fields[] = {
	BODY_TIME(struct change_in, due, "due", BODY_NULL),
	BODY_TIME(struct change_in, expires, "expires", BODY_NULL),
	BODY_INT(struct change_in, priority, "priority", BODY_OPTIONAL, 0,
		 TASK_PRIORITY_MOST),
	BODY_END,
};
static const struct body_shape change_shape =
	BODY_SHAPE_SEEN(struct change_in, seen, change_fields);

static void one_patch(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct task_change *cmd = API_CALL(req, struct task_change);
	struct change_in in;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->task_id) ||
	    !body_read(req, &change_shape, &in))
		return;
	cmd->sets_due = body_given(&in.seen, "due");
	cmd->sets_expires = body_given(&in.seen, "expires");
	cmd->sets_priority = body_given(&in.seen, "priority");
	cmd->due_at = in.due;
	cmd->expires_at = in.expires;
	cmd->priority = (unsigned)in.priority;
	api_write(req, task_change, &cmd->call);
}

/* --- other acts ---------------------------------------------------------------------------------------------------------- */

struct act_in {
	const char *reason;
	const char *until; /* a time, or "hours" */
	struct who assignee;
	bool undo;
};

#define REASON                                                           \
	BODY_STR(struct act_in, reason, "reason", BODY_NULL | BODY_LINE, \
		 TASK_REASON_CHARS)
/* What ends a task for good says why. */
#define REASON_WANTED                             \
	BODY_STR(struct act_in, reason, "reason", \
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, TASK_REASON_CHARS)
static const struct body_field reason_fields[] = {REASON, BODY_END};
static const struct body_field cancel_fields[] = {REASON_WANTED, BODY_END};
static const struct body_field skip_fields[] = {
	REASON_WANTED, BODY_BOOL(struct act_in, undo, "undo", BODY_OPTIONAL), BODY_END};
static const struct body_field snooze_fields[] = {
	REASON, BODY_STR(struct act_in, until, "until", BODY_REQUIRED | BODY_LINE, 40),
	BODY_END};
static const struct body_field reassign_fields[] = {
	REASON,
	BODY_WHO(struct act_in, assignee, "assignee", BODY_REQUIRED | BODY_NULL),
	BODY_END};

static const struct body_shape reason_shape = BODY_SHAPE(struct act_in, reason_fields);
static const struct body_shape cancel_shape = BODY_SHAPE(struct act_in, cancel_fields);
static const struct body_shape skip_shape = BODY_SHAPE(struct act_in, skip_fields);
static const struct body_shape snooze_shape = BODY_SHAPE(struct act_in, snooze_fields);
static const struct body_shape reassign_shape =
	BODY_SHAPE(struct act_in, reassign_fields);

/* The name of the route's last segment says which act it is. */
static const struct {
	const char *name;
	const struct body_shape *shape;
	store_write_fn *write;
} acts[] = {
	{"task_skip", &skip_shape, task_skip},
	{"task_snooze", &snooze_shape, task_snooze},
	{"task_reassign", &reassign_shape, task_reassign},
	{"task_release", &reason_shape, task_release},
	{"task_cancel", &cancel_shape, task_cancel},
	{"task_reopen", &reason_shape, task_reopen},
	{"task_resume", &reason_shape, task_resume},
};

bool task_until_read(struct http_request *req, const char *until, bool *hours_out,
		     int64_t *at_out)
{
	if (!until)
		return true;
	*hours_out = strcmp(until, "hours") == 0;
	if (*hours_out || clock_parse(until, at_out) == ERR_OK)
		return true;
	problem_send_all(
		req, &(struct problem){.err = ERR_BAD_REQUEST,
				       .member = "until",
				       .detail = "until must be a time like "
						 "\"2026-11-23T10:54:32Z\" (RFC 3339), "
						 "or \"hours\"."});
	return false;
}

static void act_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	struct task_act *cmd = API_CALL(req, struct task_act);
	struct act_in in = {.reason = NULL};
	size_t i = 0;
	while (strcmp(acts[i].name, route->name) != 0)
		i++;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->task_id) ||
	    !body_read(req, acts[i].shape, &in) ||
	    !task_until_read(req, in.until, &cmd->until_hours, &cmd->until))
		return;
	cmd->reason = in.reason;
	cmd->assignee = in.assignee;
	cmd->undo = in.undo;
	api_write(req, acts[i].write, &cmd->call);
}

#define TASK "/api/v1/tasks/{id}"

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/tasks", tasks_get, SCOPE_READ, "task_list"},
	{HTTP_POST, "/api/v1/tasks", tasks_post, SCOPE_TASKS | API_CREATES,
	 "task_create"},
	{HTTP_GET, "/api/v1/tasks/counts", counts_get, SCOPE_READ, "task_counts"},
	{HTTP_GET, "/api/v1/tasks/next", next_get, SCOPE_READ, "task_peek"},
	{HTTP_POST, "/api/v1/tasks/next", next_post, SCOPE_TASKS | API_HUMAN,
	 "task_next"},
	{HTTP_POST, "/api/v1/tasks/bulk", task_bulk_post, SCOPE_TASKS | API_CREATES,
	 "task_bulk"},
	{HTTP_GET, TASK, task_get_get, SCOPE_READ, "task_get"},
	{HTTP_PATCH, TASK, one_patch, SCOPE_TASKS, "task_change"},
	{HTTP_GET, TASK "/card", card_get, SCOPE_READ, "task_card"},
	{HTTP_GET, TASK "/why", why_get, SCOPE_READ, "task_why"},
	{HTTP_POST, TASK "/open", open_post, SCOPE_TASKS | API_HUMAN, "task_open"},
	{HTTP_POST, TASK "/check", check_post, SCOPE_TASKS | API_HUMAN, "task_check"},
	{HTTP_POST, TASK "/renew", renew_post, SCOPE_TASKS | API_HUMAN, "task_renew"},
	{HTTP_PUT, TASK "/draft", draft_put, SCOPE_TASKS | API_HUMAN, "task_draft"},
	{HTTP_POST, TASK "/send", send_post, SCOPE_TASKS | API_HUMAN, "task_send"},
	{HTTP_POST, TASK "/release", act_post, SCOPE_TASKS | API_HUMAN, "task_release"},
	{HTTP_POST, TASK "/skip", act_post, SCOPE_TASKS, "task_skip"},
	{HTTP_POST, TASK "/snooze", act_post, SCOPE_TASKS, "task_snooze"},
	{HTTP_POST, TASK "/reassign", act_post, SCOPE_TASKS, "task_reassign"},
	{HTTP_POST, TASK "/cancel", act_post, SCOPE_TASKS, "task_cancel"},
	{HTTP_POST, TASK "/reopen", act_post, SCOPE_TASKS, "task_reopen"},
	{HTTP_POST, TASK "/resume", act_post, SCOPE_TASKS, "task_resume"},

	{HTTP_POST, COMPOSE, open_post, SCOPE_TASKS | API_HUMAN, "contact_compose"},
	{HTTP_POST, COMPOSE "/check", check_post, SCOPE_TASKS | API_HUMAN,
	 "contact_compose_check"},
	{HTTP_POST, COMPOSE "/renew", renew_post, SCOPE_TASKS | API_HUMAN,
	 "contact_compose_renew"},
	{HTTP_POST, COMPOSE "/release", close_post, SCOPE_TASKS | API_HUMAN,
	 "contact_compose_release"},
	{HTTP_PUT, COMPOSE "/draft", draft_put, SCOPE_TASKS | API_HUMAN,
	 "contact_compose_draft"},
	{HTTP_POST, "/api/v1/contacts/{id}/messages", send_post,
	 SCOPE_TASKS | API_HUMAN, "contact_message_send"},
};

const struct route_table task_routes = {rows, sizeof(rows) / sizeof(rows[0])};
