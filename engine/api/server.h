/* server.h - the two doors and the unix socket, with all routes behind them.
 *
 *	main door	pages and /api/v1, for people and programs with credentials
 *	kannel door	/kannel/… and /metrics, for smsbox and Prometheus on this machine
 *	unix socket	/api/v1 for the shell
 *
 * Both doors answer /healthz and /readyz. Thread: loop.
 */
#ifndef HB_API_SERVER_H
#define HB_API_SERVER_H

#include "api/api.h"
#include "api/kannel_api.h"

struct server;

struct server_config {
	const char *listen, *tls_cert, *tls_key; /* listen NULL: no main door */
	const char *kannel_listen;               /* NULL: no kannel door */
	const char *socket;                      /* NULL: none */
	struct kannel_door door;
};

/* server_new - opens all doors. api is borrowed; api->auth is made by the caller. Errors append a sentence to why. */
enum err server_new(struct api *api, const struct server_config *config,
		    struct server **server_out, struct buf *why) MUST_CHECK;

/* server_set_door - after a reload: who may call the kannel door. The strings are borrowed. */
void server_set_door(struct server *server, const struct kannel_door *door);

/* server_stop - no new requests; server_is_idle: none is unanswered. */
void server_stop(struct server *server);
bool server_is_idle(const struct server *server);
void server_free(struct server **server);

/* server_port, server_kannel_port - as bound, also when 0 was asked for. */
unsigned server_port(const struct server *server);
unsigned server_kannel_port(const struct server *server);

#endif
