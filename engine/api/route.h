/* route.h - which handler takes which method and path: one table of rows, compiled once.
 *
 *	static const struct route routes[] = {
 *		{HTTP_GET,  "/api/v1/tasks/{id}",      task_get,  SCOPE_READ,  "task_get"},
 *		{HTTP_POST, "/api/v1/tasks/{id}/send", task_send, SCOPE_HUMAN, "task_send"},
 *		{HTTP_GET,  "/assets/{path...}",       asset_get, SCOPE_NONE,  "asset"},
 *	};
 *	struct router *router = router_new(routes, ARRAY_LEN, ctx);
 *	struct http_listen spec = {…, .handler = router_handle, .ctx = router};
 *
 * A {name} takes one segment that is not empty; a {name...} at the end takes all the rest, also nothing. Words win over
 * {name}, {name} over {name...}, segment by segment from the left, with going back. An unknown path is a 404
 * problem; a known path with another method 405 with Allow. HEAD goes to the GET row when it has none of its own.
 *
 * Each resource may keep its rows in its own file: router_new takes several tables.
 *
 * A gate (authentication) may stand before all handlers:
 *
 *	static void gate(struct http_request *req, const struct route *route, void *ctx)
 *	{
 *		if (route->flags & NEEDS_NOBODY)
 *			route_run(req);          now, or later from a callback
 *		else
 *			problem_send(req, ERR_UNAUTHENTICATED, NULL);
 *	}
 *
 * Thread: a router does not change after router_new; requests are the loop's.
 */
#ifndef HB_API_ROUTE_H
#define HB_API_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "api/http.h"

struct route;
struct router;

typedef void route_handler(struct http_request *req, const struct route *route,
			   void *ctx);

struct route {
	enum http_method method;
	/* begins with '/'; at most 16 segments, of which 4 parameters */
	const char *path;
	route_handler *handler;
	uint32_t flags; /* scope bits and the like: opaque here */
	/* stable snake_case word: OpenAPI operationId, metrics, role tests; unique */
	const char *name;
};

struct route_table {
	const struct route *rows; /* borrowed, outlive the router */
	size_t count;
};

/* router_new - ctx goes to each handler. A bad row (two equal ones, no name, a broken path) is our bug: asserts. */
struct router *router_new(const struct route_table *tables, size_t count, void *ctx);
void router_free(struct router **router);

/* router_set_gate - gate is called in place of the handler, with the same ctx. It ends in route_run or an answer. */
void router_set_gate(struct router *router, route_handler *gate);

/* router_handle - an http_handler; router is the struct router. */
void router_handle(struct http_request *req, void *router);

/* route_run - the handler of the request's route, from a gate. */
void route_run(struct http_request *req);

/* route_of - the route that was found; NULL before. */
const struct route *route_of(const struct http_request *req);

/* route_param - the decoded segment; for {name...} the rest joined by '/', decoded. Borrowed, valid UTF-8, never NULL:
 * asking for a name that the route does not have asserts. */
const char *route_param(const struct http_request *req, const char *name);

/* route_param_id - the parameter as an id. ERR_NOT_FOUND when it is none: what has no such id is not there. */
enum err route_param_id(const struct http_request *req, const char *name,
			uint64_t *id_out) MUST_CHECK;

/* router_count, router_at - all rows in the order given, for OpenAPI and the test of roles. */
size_t router_count(const struct router *router);
const struct route *router_at(const struct router *router, size_t index);

#endif
