/* event_source_api.c - /event-sources: other systems that tell of events, signed */
#include "api/event_source_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/query.h"
#include "core/event_sources.h"

enum { EVENT_CHARS = 64, SECRET_CHARS = 200 };

struct list_in {
	int64_t limit;
	const char *cursor;
};

static const struct query_param list_params[] = {
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void source_list_get(struct http_request *req, const struct route *route,
			    void *ctx)
{
	struct event_source_list *query = API_CALL(req, struct event_source_list);
	struct list_in in;
	(void)route, (void)ctx;
	if (!query_read(req, list_params, &in, sizeof(in)))
		return;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, event_source_list, &query->call);
}

static void source_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct event_source_get *query = API_CALL(req, struct event_source_get);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &query->source_id))
		api_read(req, event_source_get, &query->call);
}

struct source_in {
	const char *name, *secret;
	struct body_strs events;
	bool end_rotation;
	int64_t until;
	struct body_seen seen;
};

static const struct body_field add_fields[] = {
	BODY_STR(struct source_in, name, "name",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, EVENT_SOURCE_NAME_CHARS),
	BODY_STR_LIST(struct source_in, events, "events", BODY_REQUIRED | BODY_FILLED,
		      EVENT_SOURCE_EVENTS_MOST, EVENT_CHARS),
	BODY_STR(struct source_in, secret, "secret", BODY_FILLED | BODY_LINE,
		 SECRET_CHARS),
	BODY_END,
};
static const struct body_shape add_shape = BODY_SHAPE(struct source_in, add_fields);

static void source_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct event_source_add *cmd = API_CALL(req, struct event_source_add);
	struct source_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !body_read(req, &add_shape, &in))
		return;
	cmd->name = in.name;
	cmd->events = in.events.items;
	cmd->event_count = in.events.count;
	cmd->secret = in.secret;
	api_write(req, event_source_add, &cmd->call);
}

static const struct body_field change_fields[] = {
	BODY_STR(struct source_in, name, "name", BODY_FILLED | BODY_LINE,
		 EVENT_SOURCE_NAME_CHARS),
	BODY_STR_LIST(struct source_in, events, "events", BODY_FILLED,
		      EVENT_SOURCE_EVENTS_MOST, EVENT_CHARS),
	BODY_BOOL(struct source_in, end_rotation, "end_rotation", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape change_shape =
	BODY_SHAPE_SEEN(struct source_in, seen, change_fields);

static void source_patch(struct http_request *req, const struct route *route, void *ctx)
{
	struct event_source_change *cmd = API_CALL(req, struct event_source_change);
	struct source_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->source_id) ||
	    !body_read(req, &change_shape, &in))
		return;
	cmd->name = in.name;
	cmd->events = body_given(&in.seen, "events") ? in.events.items : NULL;
	cmd->event_count = in.events.count;
	cmd->drops_former = in.end_rotation;
	api_write(req, event_source_change, &cmd->call);
}

static void source_delete(struct http_request *req, const struct route *route,
			  void *ctx)
{
	struct event_source_remove *cmd = API_CALL(req, struct event_source_remove);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &cmd->source_id))
		api_write(req, event_source_remove, &cmd->call);
}

static const struct body_field rotate_fields[] = {
	BODY_TIME(struct source_in, until, "until", BODY_OPTIONAL),
	BODY_STR(struct source_in, secret, "secret", BODY_FILLED | BODY_LINE,
		 SECRET_CHARS),
	BODY_END,
};
static const struct body_shape rotate_shape =
	BODY_SHAPE(struct source_in, rotate_fields);

static void rotate_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct event_source_rotate *cmd = API_CALL(req, struct event_source_rotate);
	struct source_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->source_id) ||
	    !body_read(req, &rotate_shape, &in))
		return;
	cmd->until = in.until;
	cmd->secret = in.secret;
	api_write(req, event_source_rotate, &cmd->call);
}

#define ADMINS (SCOPE_ADMIN | API_ADMIN)

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/event-sources", source_list_get, ADMINS,
	 "event_source_list"},
	{HTTP_POST, "/api/v1/event-sources", source_post, ADMINS | API_CREATES,
	 "event_source_create"},
	{HTTP_GET, "/api/v1/event-sources/{id}", source_get, ADMINS,
	 "event_source_get"},
	{HTTP_PATCH, "/api/v1/event-sources/{id}", source_patch, ADMINS,
	 "event_source_change"},
	{HTTP_DELETE, "/api/v1/event-sources/{id}", source_delete, ADMINS,
	 "event_source_delete"},
	{HTTP_POST, "/api/v1/event-sources/{id}/rotate", rotate_post,
	 ADMINS | API_CREATES, "event_source_rotate"},
};

const struct route_table event_source_routes = {rows, sizeof(rows) / sizeof(rows[0])};
