/* hook_api.c - /hooks: other systems that are told, and what they were told */
#include "api/hook_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/query.h"
#include "core/hook_url.h"
#include "core/hooks.h"

enum { EVENTS_MOST = 64, EVENT_CHARS = 64, SECRET_CHARS = 200 };

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct list_in {
	int64_t limit;
	const char *cursor;
};

static const struct query_param list_params[] = {
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void hook_list_get(struct http_request *req, const struct route *route,
			  void *ctx)
{
	struct hook_list *query = API_CALL(req, struct hook_list);
	struct list_in in;
	(void)route, (void)ctx;
	if (!query_read(req, list_params, &in, sizeof(in)))
		return;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, hook_list, &query->call);
}

static void hook_one_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_get *query = API_CALL(req, struct hook_get);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &query->hook_id))
		api_read(req, hook_get, &query->call);
}

static const char *const state_names[] = {[DELIVERY_WAITING] = "waiting",
					  [DELIVERY_DELIVERED] = "delivered",
					  [DELIVERY_FAILED] = "failed",
					  NULL};

struct deliveries_in {
	uint64_t states;
	const char *subject;
	int64_t limit;
	const char *cursor;
};

static const struct query_param delivery_params[] = {
	QUERY_SET(struct deliveries_in, states, "state", state_names),
	QUERY_STR(struct deliveries_in, subject, "subject", 64),
	QUERY_LIMIT(struct deliveries_in, limit),
	QUERY_CURSOR(struct deliveries_in, cursor),
	QUERY_END,
};

static void deliveries_get(struct http_request *req, const struct route *route,
			   void *ctx)
{
	struct hook_deliveries *query = API_CALL(req, struct hook_deliveries);
	struct deliveries_in in;
	(void)route, (void)ctx;
	if (!api_param_id(req, "id", &query->filter.hook_id) ||
	    !query_read(req, delivery_params, &in, sizeof(in)))
		return;
	query->filter.states = (unsigned)in.states;
	query->filter.subject = in.subject;
	query->filter.limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, hook_deliveries, &query->call);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

struct hook_in {
	const char *name, *url, *secret;
	struct body_strs events;
	bool tests, enabled, end_rotation;
	struct body_seen seen;
};

static const struct body_field add_fields[] = {
	BODY_STR(struct hook_in, name, "name", BODY_REQUIRED | BODY_FILLED | BODY_LINE,
		 HOOK_NAME_CHARS),
	BODY_STR(struct hook_in, url, "url", BODY_REQUIRED | BODY_FILLED | BODY_LINE,
		 HOOK_URL_MOST),
	BODY_STR_LIST(struct hook_in, events, "events", BODY_OPTIONAL, EVENTS_MOST,
		      EVENT_CHARS),
	BODY_STR(struct hook_in, secret, "secret", BODY_FILLED | BODY_LINE,
		 SECRET_CHARS),
	BODY_BOOL(struct hook_in, tests, "tests", BODY_OPTIONAL),
	BODY_BOOL(struct hook_in, enabled, "enabled", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape add_shape =
	BODY_SHAPE_SEEN(struct hook_in, seen, add_fields);

static void hook_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_add *cmd = API_CALL(req, struct hook_add);
	struct hook_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !body_read(req, &add_shape, &in))
		return;
	cmd->name = in.name;
	cmd->url = in.url;
	cmd->events = in.events.items;
	cmd->event_count = in.events.count;
	cmd->secret = in.secret;
	cmd->wants_tests = in.tests;
	cmd->is_disabled = body_given(&in.seen, "enabled") && !in.enabled;
	api_write(req, hook_add, &cmd->call);
}

static const struct body_field change_fields[] = {
	BODY_STR(struct hook_in, name, "name", BODY_FILLED | BODY_LINE,
		 HOOK_NAME_CHARS),
	BODY_STR(struct hook_in, url, "url", BODY_FILLED | BODY_LINE, HOOK_URL_MOST),
	BODY_STR_LIST(struct hook_in, events, "events", BODY_OPTIONAL, EVENTS_MOST,
		      EVENT_CHARS),
	BODY_STR(struct hook_in, secret, "secret", BODY_NULL | BODY_FILLED | BODY_LINE,
		 SECRET_CHARS),
	BODY_BOOL(struct hook_in, end_rotation, "end_rotation", BODY_OPTIONAL),
	BODY_BOOL(struct hook_in, tests, "tests", BODY_OPTIONAL),
	BODY_BOOL(struct hook_in, enabled, "enabled", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape change_shape =
	BODY_SHAPE_SEEN(struct hook_in, seen, change_fields);

/* A secret of null asks for a new one; end_rotation ends the former one. */
static void hook_patch(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_change *cmd = API_CALL(req, struct hook_change);
	struct hook_in *in = ARENA_NEW(http_arena(req), struct hook_in);
	(void)route, (void)ctx;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->hook_id) ||
	    !body_read(req, &change_shape, in))
		return;
	cmd->name = in->name;
	cmd->url = in->url;
	cmd->secret = in->secret;
	cmd->makes_secret = body_is_null(&in->seen, "secret");
	cmd->drops_former = in->end_rotation;
	cmd->sets_events = body_given(&in->seen, "events");
	cmd->events = in->events.items;
	cmd->event_count = in->events.count;
	if (body_given(&in->seen, "tests"))
		cmd->wants_tests = &in->tests;
	if (body_given(&in->seen, "enabled"))
		cmd->is_enabled = &in->enabled;
	api_write(req, hook_change, &cmd->call);
}

static void hook_delete(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_remove *cmd = API_CALL(req, struct hook_remove);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &cmd->hook_id))
		api_write(req, hook_remove, &cmd->call);
}

/* --- acts without a body ------------------------------------------------------------------------------------------ */

static void replay_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_replay *cmd = API_CALL(req, struct hook_replay);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &cmd->hook_id) &&
	    api_param_id(req, "delivery", &cmd->delivery_id))
		api_write(req, hook_replay, &cmd->call);
}

static void key_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct hook_key *cmd = API_CALL(req, struct hook_key);
	(void)route, (void)ctx;
	if (query_none(req))
		api_write(req, hook_key_get, &cmd->call);
}

static void key_rotate_post(struct http_request *req, const struct route *route,
			    void *ctx)
{
	struct hook_key *cmd = API_CALL(req, struct hook_key);
	(void)route, (void)ctx;
	if (query_none(req))
		api_write(req, hook_key_rotate, &cmd->call);
}

#define ADMINS (SCOPE_ADMIN | API_ADMIN)

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/hooks", hook_list_get, ADMINS, "hook_list"},
	{HTTP_POST, "/api/v1/hooks", hook_post, ADMINS | API_CREATES, "hook_create"},
	{HTTP_GET, "/api/v1/hooks/key", key_get, ADMINS, "hook_key_get"},
	{HTTP_POST, "/api/v1/hooks/key/rotate", key_rotate_post, ADMINS,
	 "hook_key_rotate"},
	{HTTP_GET, "/api/v1/hooks/{id}", hook_one_get, ADMINS, "hook_get"},
	{HTTP_PATCH, "/api/v1/hooks/{id}", hook_patch, ADMINS, "hook_change"},
	{HTTP_DELETE, "/api/v1/hooks/{id}", hook_delete, ADMINS, "hook_delete"},
	{HTTP_GET, "/api/v1/hooks/{id}/deliveries", deliveries_get, ADMINS,
	 "hook_deliveries"},
	{HTTP_POST, "/api/v1/hooks/{id}/deliveries/{delivery}/replay", replay_post,
	 ADMINS, "hook_replay"},
};

const struct route_table hook_routes = {rows, sizeof(rows) / sizeof(rows[0])};
