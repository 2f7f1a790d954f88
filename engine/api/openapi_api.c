/* openapi_api.c - see openapi_api.h */
#include "api/openapi_api.h"

#include "api/api.h"
#include "api/query.h"
#include "engine/api/openapi_json.h" /* made by the build */

static void openapi_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct buf body = BUF_EMPTY;
	(void)route, (void)ctx;
	if (!query_none(req))
		return;
	buf_add(&body, openapi_json, sizeof(openapi_json) - 1);
	http_respond(req, 200, HTTP_JSON, &body);
}

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/openapi.json", openapi_get, API_PUBLIC, "openapi"},
};

const struct route_table openapi_routes = {rows, sizeof(rows) / sizeof(rows[0])};
