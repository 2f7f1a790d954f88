/* server.c - see server.h */
#include "api/server.h"

#include <string.h>

#include "api/auth.h"
#include "api/bulk_api.h"
#include "api/contact_api.h"
#include "api/event_api.h"
#include "api/event_source_api.h"
#include "api/evidence_api.h"
#include "api/hook_api.h"
#include "api/message_api.h"
#include "api/metrics.h"
#include "api/not_built.h"
#include "api/openapi_api.h"
#include "api/problem.h"
#include "api/shell_api.h"
#include "api/snippet_api.h"
#include "api/task_api.h"
#include "api/thread_api.h"
#include "api/workflow_api.h"
#include "core/status.h"

struct server {
	struct api *api;
	struct http_server *http;
	struct router *main_router, *kannel_router;
	struct http_listener *main_door, *kannel_door;
	struct kannel_port port;
};

static const char security_headers[] =
	"X-Content-Type-Options: nosniff\r\n"
	"Cache-Control: no-store\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

/* --- health -------------------------------------------------------------------------------------------------------------- */

static void healthz(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	http_respond_text(req, 200, "text/plain; charset=utf-8", "ok\n");
}

/* Kannel and mail are never part of it: a text waits for them, a person does not. */
static void ready(struct http_request *req, struct api *api)
{
	const char *why = "";
	if (store_is_ready(api->store, &why))
		http_respond_text(req, 200, "text/plain; charset=utf-8", "ready\n");
	else
		problem_send(req, ERR_LOCKED, why);
}

static void main_readyz(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	ready(req, ctx);
}

static void kannel_readyz(struct http_request *req, const struct route *route,
			  void *ctx)
{
	(void)route;
	struct kannel_port *port = ctx;
	ready(req, port->api);
}

struct metrics_query {
	struct gateway_counts counts; /* first: the arg of the read */
	struct http_request *req;
	struct server *server;
};

static void metrics_done(void *arg, enum err err)
{
	struct metrics_query *query = arg;
	struct buf body = BUF_EMPTY;
	const struct metrics_input input = {
		.port = &query->server->port,
		.http = query->server->http,
		.waiting = query->counts.waiting,
		.handing_over = query->counts.handing_over,
		.uncertain = query->counts.uncertain,
		.emails_waiting = query->counts.emails_waiting,
		.channel_enabled = query->counts.channel_enabled,
	};
	if (err != ERR_OK) {
		problem_send(query->req, err, NULL);
		return;
	}
	metrics_write(&body, &input);
	http_respond(query->req, 200, "text/plain; version=0.0.4; charset=utf-8",
		     &body);
}

static void metrics_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct kannel_port *port = ctx;
	struct metrics_query *query = ARENA_NEW(http_arena(req), struct metrics_query);
	query->req = req;
	query->server = (struct server *)((char *)port - offsetof(struct server, port));
	if (!kannel_door_allows(&port->door, http_remote(req))) {
		problem_send(req, ERR_NOT_FOUND, NULL);
		return;
	}
	enum err err =
		store_read(port->api->store, gateway_counts, metrics_done, query);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}

static const struct route main_health[] = {
	{HTTP_GET, "/healthz", healthz, API_PUBLIC, "healthz"},
	{HTTP_GET, "/readyz", main_readyz, API_PUBLIC, "readyz"},
};
static const struct route kannel_health[] = {
	{HTTP_GET, "/healthz", healthz, 0, "kannel_healthz"},
	{HTTP_GET, "/readyz", kannel_readyz, 0, "kannel_readyz"},
	{HTTP_GET, "/metrics", metrics_get, 0, "metrics"},
};

/* --- doors --------------------------------------------------------------------------------------------------------------- */

static void make_routers(struct server *server)
{
	const struct route_table main_tables[] = {
		{main_health, sizeof(main_health) / sizeof(main_health[0])},
		auth_routes,
		user_routes,
		contact_routes,
		evidence_routes,
		workflow_routes,
		enrollment_routes,
		event_routes,
		event_source_routes,
		bulk_routes,
		task_routes,
		thread_routes,
		snippet_routes,
		message_routes,
		hook_routes,
		kannel_status_routes,
		openapi_routes,
		shell_routes,
		not_built_routes,
	};
	const struct route_table kannel_tables[] = {
		{kannel_health, sizeof(kannel_health) / sizeof(kannel_health[0])},
		kannel_routes,
	};
	server->main_router = router_new(
		main_tables, sizeof(main_tables) / sizeof(main_tables[0]), server->api);
	router_set_gate(server->main_router, auth_gate);
	server->kannel_router = router_new(
		kannel_tables, sizeof(kannel_tables) / sizeof(kannel_tables[0]),
		&server->port);
}

static enum err open_doors(struct server *server, const struct server_config *config,
			   struct buf *why)
{
	const struct http_listen doors[] = {
		{.key = "listen",
		 .address = config->listen,
		 .tls_cert = config->tls_cert,
		 .tls_key = config->tls_key,
		 .headers = security_headers,
		 .handler = router_handle,
		 .ctx = server->main_router},
		{.key = "kannel-listen",
		 .address = config->kannel_listen,
		 .headers = security_headers,
		 .takes_octets = true,
		 .handler = router_handle,
		 .ctx = server->kannel_router},
		{.key = "database",
		 .address = config->socket,
		 .headers = security_headers,
		 .handler = router_handle,
		 .ctx = server->main_router},
	};
	struct http_listener **listeners[] = {&server->main_door, &server->kannel_door,
					      NULL};
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		struct http_listener *ignored;
		if (!doors[i].address)
			continue;
		enum err err =
			http_server_listen(server->http, &doors[i], why,
					   listeners[i] ? listeners[i] : &ignored);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err server_new(struct api *api, const struct server_config *config,
		    struct server **server_out, struct buf *why)
{
	struct server *server = MEM_NEW(struct server);
	server->api = api;
	server->port = (struct kannel_port){.api = api, .door = config->door};
	server->http = http_server_new(api->base, NULL);
	make_routers(server);
	enum err err = open_doors(server, config, why);
	if (err != ERR_OK) {
		server_free(&server);
		return err;
	}
	*server_out = server;
	return ERR_OK;
}

void server_set_door(struct server *server, const struct kannel_door *door)
{
	server->port.door = *door;
}

void server_stop(struct server *server)
{
	http_server_stop(server->http);
}

bool server_is_idle(const struct server *server)
{
	return http_server_counts(server->http).unanswered == 0;
}

void server_free(struct server **server)
{
	if (!*server)
		return;
	http_server_free(&(*server)->http);
	router_free(&(*server)->main_router);
	router_free(&(*server)->kannel_router);
	mem_free(*server);
	*server = NULL;
}

unsigned server_port(const struct server *server)
{
	return server->main_door ? http_listener_port(server->main_door) : 0;
}

unsigned server_kannel_port(const struct server *server)
{
	return server->kannel_door ? http_listener_port(server->kannel_door) : 0;
}
