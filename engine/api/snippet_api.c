/* snippet_api.c - /snippets: from JSON to commands and back. */
#include "api/snippet_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/query.h"
#include "core/snippets.h"

struct snippet_in {
	const char *name, *text;
};

static const struct body_field new_fields[] = {
	BODY_STR(struct snippet_in, name, "name",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, SNIPPET_NAME_CHARS),
	BODY_STR(struct snippet_in, text, "text", BODY_REQUIRED | BODY_FILLED,
		 SNIPPET_TEXT_CHARS),
	BODY_END,
};
static const struct body_field change_fields[] = {
	BODY_STR(struct snippet_in, name, "name",
		 BODY_OPTIONAL | BODY_FILLED | BODY_LINE, SNIPPET_NAME_CHARS),
	BODY_STR(struct snippet_in, text, "text", BODY_OPTIONAL | BODY_FILLED,
		 SNIPPET_TEXT_CHARS),
	BODY_END,
};
static const struct body_shape new_shape = BODY_SHAPE(struct snippet_in, new_fields);
static const struct body_shape change_shape =
	BODY_SHAPE(struct snippet_in, change_fields);

static void run_put(struct http_request *req, const struct body_shape *shape,
		    struct snippet_put *cmd)
{
	struct snippet_in in;
	if (!body_read(req, shape, &in))
		return;
	cmd->name = in.name;
	cmd->text = in.text;
	api_write(req, snippet_put, &cmd->call);
}

static void snippets_post(struct http_request *req, const struct route *route,
			  void *ctx)
{
	(void)route, (void)ctx;
	struct snippet_put *cmd = API_CALL(req, struct snippet_put);
	if (query_none(req))
		run_put(req, &new_shape, cmd);
}

static void snippet_patch(struct http_request *req, const struct route *route,
			  void *ctx)
{
	(void)route, (void)ctx;
	struct snippet_put *cmd = API_CALL(req, struct snippet_put);
	if (query_none(req) && api_param_id(req, "id", &cmd->id))
		run_put(req, &change_shape, cmd);
}

static void snippet_remove(struct http_request *req, const struct route *route,
			   void *ctx)
{
	(void)route, (void)ctx;
	struct snippet_delete *cmd = API_CALL(req, struct snippet_delete);
	if (query_none(req) && api_param_id(req, "id", &cmd->id))
		api_write(req, snippet_delete, &cmd->call);
}

struct get_in {
	uint64_t contact;
};

static const struct query_param get_params[] = {
	QUERY_ID(struct get_in, contact, "contact"),
	QUERY_END,
};

static void snippet_get_get(struct http_request *req, const struct route *route,
			    void *ctx)
{
	(void)route, (void)ctx;
	struct snippet_get *query = API_CALL(req, struct snippet_get);
	struct get_in in;
	if (!query_read(req, get_params, &in, sizeof(in)) ||
	    !api_param_id(req, "id", &query->id))
		return;
	query->contact_id = in.contact;
	api_read(req, snippet_get, &query->call);
}

struct list_in {
	const char *cursor;
	int64_t limit;
};

static const struct query_param list_params[] = {
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void snippets_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct snippet_list *query = API_CALL(req, struct snippet_list);
	struct list_in in;
	if (!query_read(req, list_params, &in, sizeof(in)))
		return;
	query->cursor = in.cursor;
	query->limit = (size_t)in.limit;
	api_read(req, snippet_list, &query->call);
}

/* workflows take their texts from here */
#define WRITES (SCOPE_WORKFLOWS | API_LEAD)

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/snippets", snippets_get, SCOPE_READ, "snippet_list"},
	{HTTP_POST, "/api/v1/snippets", snippets_post, WRITES | API_CREATES,
	 "snippet_create"},
	{HTTP_GET, "/api/v1/snippets/{id}", snippet_get_get, SCOPE_READ, "snippet_get"},
	{HTTP_PATCH, "/api/v1/snippets/{id}", snippet_patch, WRITES, "snippet_change"},
	{HTTP_DELETE, "/api/v1/snippets/{id}", snippet_remove, WRITES,
	 "snippet_delete"},
};

const struct route_table snippet_routes = {rows, sizeof(rows) / sizeof(rows[0])};
