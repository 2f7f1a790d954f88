/* not_built.c - what the contract has and this version does not: an honest 501, so that a client can tell "not yet" from
 * "never heard of it". A row goes when its resource comes. */
#include "api/not_built.h"

#include "api/api.h"
#include "api/problem.h"

static void not_built(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	problem_sendf(req, ERR_NOT_BUILT,
		      "%s %s is part of the contract but not built yet.",
		      http_method_name(http_method(req)), route->path);
}

#define R(method, path, name)                                     \
	{                                                         \
		HTTP_##method, "/api/v1" path, not_built, 0, name \
	}

static const struct route rows[] = {
	R(POST, "/contacts/import", "contact_import"),
	R(POST, "/imports", "import_create"),
	R(GET, "/imports/{id}", "import_get"),
	R(PUT, "/imports/{id}/parts/{n}", "import_part"),
	R(POST, "/imports/{id}/start", "import_start"),
	R(GET, "/events", "event_stream"),
	R(GET, "/reports/{name}", "report_get"),
};

const struct route_table not_built_routes = {rows, sizeof(rows) / sizeof(rows[0])};
