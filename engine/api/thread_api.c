/* thread_api.c - /conversations, and the read marks, notes and timeline of a contact: from JSON to commands and back. Free
 * replies are in task_api.c, beside the cards of tasks. */
#include "api/thread_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/query.h"
#include "core/conversations.h"
#include "core/handler.h"

struct list_in {
	struct who owner, handler;
	int unread, unanswered;
	int mentions;
	bool test;
	const char *q, *cursor;
	int64_t limit;
};

static const char *const mentioned_names[] = {"me", NULL};

static const struct query_param list_params[] = {
	QUERY_WHO(struct list_in, owner, "owner"),
	QUERY_WHO(struct list_in, handler, "handler"),
	QUERY_TRI(struct list_in, unread, "unread"),
	QUERY_TRI(struct list_in, unanswered, "unanswered"),
	QUERY_ENUM(struct list_in, mentions, "mentions", mentioned_names, -1),
	QUERY_BOOL(struct list_in, test, "test"),
	QUERY_STR(struct list_in, q, "q", 200),
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void list_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct conversation_list *query = API_CALL(req, struct conversation_list);
	struct list_in in;
	if (!query_read(req, list_params, &in, sizeof(in)))
		return;
	query->owner = in.owner;
	query->handler = in.handler;
	query->unread = in.unread;
	query->unanswered = in.unanswered;
	query->mentions = in.mentions >= 0;
	query->test = in.test;
	query->q = in.q;
	query->cursor = in.cursor;
	query->limit = (size_t)in.limit;
	api_read(req, conversation_list, &query->call);
}

struct read_in {
	uint64_t up_to;
};

static const struct body_field read_fields[] = {
	BODY_ID(struct read_in, up_to, "up_to", BODY_REQUIRED),
	BODY_END,
};
static const struct body_shape read_shape = BODY_SHAPE(struct read_in, read_fields);

static void read_put(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct conversation_read *cmd = API_CALL(req, struct conversation_read);
	struct read_in in;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->contact_id) ||
	    !body_read(req, &read_shape, &in))
		return;
	cmd->up_to = in.up_to;
	api_write(req, conversation_read, &cmd->call);
}

struct handler_in {
	struct who user;
};

static const struct body_field handler_fields[] = {
	BODY_WHO(struct handler_in, user, "user", BODY_REQUIRED | BODY_NULL),
	BODY_END,
};
static const struct body_shape handler_shape =
	BODY_SHAPE(struct handler_in, handler_fields);

static void handler_put(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct handler_set *cmd = API_CALL(req, struct handler_set);
	struct handler_in in;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->contact_id) ||
	    !body_read(req, &handler_shape, &in))
		return;
	cmd->user = in.user;
	api_write(req, handler_set, &cmd->call);
}

struct note_in {
	const char *text;
};

static const struct body_field note_fields[] = {
	BODY_STR(struct note_in, text, "text", BODY_REQUIRED | BODY_FILLED, NOTE_CHARS),
	BODY_END,
};
static const struct body_shape note_shape = BODY_SHAPE(struct note_in, note_fields);

static void note_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct note_add *cmd = API_CALL(req, struct note_add);
	struct note_in in;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->contact_id) ||
	    !body_read(req, &note_shape, &in))
		return;
	cmd->text = in.text;
	api_write(req, note_add, &cmd->call);
}

static const struct query_param page_params[] = {
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void timeline_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct timeline *query = API_CALL(req, struct timeline);
	struct list_in in;
	if (!query_read(req, page_params, &in, sizeof(in)) ||
	    !api_param_id(req, "id", &query->contact_id))
		return;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, timeline, &query->call);
}

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/conversations", list_get, SCOPE_READ, "conversation_list"},
	{HTTP_PUT, "/api/v1/contacts/{id}/read", read_put, SCOPE_READ | API_SELF,
	 "contact_read"},
	{HTTP_PUT, "/api/v1/contacts/{id}/handler", handler_put, SCOPE_TASKS,
	 "contact_handler"},
	{HTTP_POST, "/api/v1/contacts/{id}/notes", note_post,
	 SCOPE_CONTACTS | API_CREATES, "contact_note"},
	{HTTP_GET, "/api/v1/contacts/{id}/timeline", timeline_get, SCOPE_READ,
	 "contact_timeline"},
};

const struct route_table thread_routes = {rows, sizeof(rows) / sizeof(rows[0])};
