/* message_api.c - /messages and /channel: from JSON to commands and back. */
#include "api/message_api.h"

#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/channel.h"
#include "core/messages.h"

enum { EVIDENCE_CHARS = 1000, RESOLVE_MOST = 500 };

static const char *const state_names[] = {
	"approved", "handing_over", "accepted",  "queued",    "buffered", "delivered",
	"failed",   "refused",      "withdrawn", "uncertain", "received", NULL};

struct list_in {
	uint64_t states, contact;
	struct who user;
	const char *workflow, *cursor;
	int64_t from, until, limit;
	bool test;
	int edited;
};

static const struct query_param list_params[] = {
	QUERY_SET(struct list_in, states, "state", state_names),
	QUERY_ID(struct list_in, contact, "contact"),
	QUERY_WHO(struct list_in, user, "user"),
	QUERY_STR(struct list_in, workflow, "workflow", 200),
	QUERY_TIME(struct list_in, from, "from"),
	QUERY_TIME(struct list_in, until, "until"),
	QUERY_BOOL(struct list_in, test, "test"),
	QUERY_TRI(struct list_in, edited, "edited"),
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static const struct query_param thread_params[] = {
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void run_list(struct http_request *req, const struct list_in *in, bool is_thread)
{
	struct message_list *query = API_CALL(req, struct message_list);
	query->filter = (struct message_filter){
		.states = (unsigned)in->states,
		.contact_id = in->contact,
		.workflow_id = in->workflow,
		.from = in->from,
		.until = in->until,
		.limit = (size_t)in->limit,
		.test = is_thread ? -1 : in->test,
		.edited = is_thread ? -1 : in->edited,
	};
	query->is_thread = is_thread;
	query->user = in->user;
	query->cursor = in->cursor;
	api_read(req, message_list, &query->call);
}

static void messages_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct list_in in;
	if (query_read(req, list_params, &in, sizeof(in)))
		run_list(req, &in, false);
}

static void thread_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct list_in in;
	uint64_t contact;
	if (!query_read(req, thread_params, &in, sizeof(in)) ||
	    !api_param_id(req, "id", &contact))
		return;
	in.contact = contact;
	run_list(req, &in, true);
}

static void message_get_get(struct http_request *req, const struct route *route,
			    void *ctx)
{
	(void)route, (void)ctx;
	struct message_get *query = API_CALL(req, struct message_get);
	if (query_none(req) && api_param_id(req, "id", &query->message_id))
		api_read(req, message_get, &query->call);
}

static const char *const outcome_names[] = {"sent", "not_sent", NULL};
enum { OUTCOME_SENT, OUTCOME_NOT_SENT };

struct resolve_in {
	int outcome;
	const char *evidence;
	struct body_ids ids;
};

#define OUTCOME \
	BODY_ENUM(struct resolve_in, outcome, "outcome", BODY_REQUIRED, outcome_names)
#define EVIDENCE                                                                       \
	BODY_STR(struct resolve_in, evidence, "evidence", BODY_REQUIRED | BODY_FILLED, \
		 EVIDENCE_CHARS)
static const struct body_field resolve_fields[] = {OUTCOME, EVIDENCE, BODY_END};
static const struct body_field resolve_many_fields[] = {
	BODY_ID_LIST(struct resolve_in, ids, "ids", BODY_REQUIRED | BODY_FILLED,
		     RESOLVE_MOST),
	OUTCOME, EVIDENCE, BODY_END};
static const struct body_shape resolve_shape =
	BODY_SHAPE(struct resolve_in, resolve_fields);
static const struct body_shape resolve_many_shape =
	BODY_SHAPE(struct resolve_in, resolve_many_fields);

static void resolve_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct message_resolve *cmd = API_CALL(req, struct message_resolve);
	struct resolve_in in;
	uint64_t *id = ARENA_NEW(http_arena(req), uint64_t);
	if (!query_none(req) || !api_param_id(req, "id", id) ||
	    !body_read(req, &resolve_shape, &in))
		return;
	cmd->ids = id;
	cmd->count = 1;
	cmd->was_sent = in.outcome == OUTCOME_SENT;
	cmd->evidence = in.evidence;
	api_write(req, message_resolve, &cmd->call);
}

static void resolve_many_post(struct http_request *req, const struct route *route,
			      void *ctx)
{
	(void)route, (void)ctx;
	struct message_resolve *cmd = API_CALL(req, struct message_resolve);
	struct resolve_in in;
	if (!query_none(req) || !body_read(req, &resolve_many_shape, &in))
		return;
	if (in.outcome != OUTCOME_SENT) {
		problem_send_all(
			req,
			&(struct problem){.err = ERR_BULK_HUMAN,
					  .member = "outcome",
					  .detail = "Many at once are only resolved as "
						    "sent; look at "
						    "those that were not one by one."});
		return;
	}
	cmd->ids = in.ids.items;
	cmd->count = in.ids.count;
	cmd->is_bulk = cmd->was_sent = true;
	cmd->evidence = in.evidence;
	api_write(req, message_resolve, &cmd->call);
}

struct nothing_in {
	char unused;
};

static const struct body_field nothing_fields[] = {BODY_END};
static const struct body_shape nothing_shape =
	BODY_SHAPE(struct nothing_in, nothing_fields);

static void recall_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct message_recall *cmd = API_CALL(req, struct message_recall);
	struct nothing_in in;
	if (query_none(req) && api_param_id(req, "id", &cmd->message_id) &&
	    body_read(req, &nothing_shape, &in))
		api_write(req, message_recall, &cmd->call);
}

static void channel_get_get(struct http_request *req, const struct route *route,
			    void *ctx)
{
	(void)route, (void)ctx;
	struct call *call = API_CALL(req, struct call);
	if (query_none(req))
		api_read(req, channel_get, call);
}

struct channel_in {
	bool sms_enabled;
	const char *reason;
};

static const struct body_field channel_fields[] = {
	BODY_BOOL(struct channel_in, sms_enabled, "sms_enabled", BODY_REQUIRED),
	BODY_STR(struct channel_in, reason, "reason",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, 500),
	BODY_END,
};
static const struct body_shape channel_shape =
	BODY_SHAPE(struct channel_in, channel_fields);

static void channel_put(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct channel_set *cmd = API_CALL(req, struct channel_set);
	struct channel_in in;
	if (!query_none(req) || !body_read(req, &channel_shape, &in))
		return;
	cmd->enable = in.sms_enabled;
	cmd->reason = in.reason;
	api_write(req, channel_set, &cmd->call);
}

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/messages", messages_get, SCOPE_READ, "message_list"},
	{HTTP_GET, "/api/v1/messages/{id}", message_get_get, SCOPE_READ, "message_get"},
	{HTTP_POST, "/api/v1/messages/{id}/resolve", resolve_post,
	 SCOPE_TASKS | API_HUMAN, "message_resolve"},
	{HTTP_POST, "/api/v1/messages/resolve", resolve_many_post,
	 SCOPE_TASKS | API_HUMAN | API_LEAD, "message_resolve_many"},
	{HTTP_POST, "/api/v1/messages/{id}/recall", recall_post,
	 SCOPE_TASKS | API_HUMAN, "message_recall"},
	{HTTP_GET, "/api/v1/contacts/{id}/messages", thread_get, SCOPE_READ,
	 "contact_messages"},
	{HTTP_GET, "/api/v1/channel", channel_get_get, SCOPE_READ, "channel_get"},
	{HTTP_PUT, "/api/v1/channel", channel_put, SCOPE_ADMIN | API_LEAD,
	 "channel_set"},
};

const struct route_table message_routes = {rows, sizeof(rows) / sizeof(rows[0])};
