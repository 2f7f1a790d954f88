/* http_inside.h - what the files of the HTTP server share; nobody else includes it.
 *
 *	http.c          server, limits, sweep of the slow ones, end of turn
 *	http_listen.c   sockets to accept from (http_tls.c: their certificates)
 *	http_conn.c     one connection: bytes in, requests to the handler, bytes out
 *	http_request.c  what handlers see: accessors, http_respond
 *	http_parse.c, http_audit.c  pure: bytes → request
 *
 * Why not libevent's evhttp: it buffers bodies before anybody may look, answers its own errors in HTML, merges trailers
 * into headers, cuts at NUL, is lenient about chunk sizes and drops the answers to half-closed clients; none of that can
 * be mended from outside. Its bufferevents (plain and TLS) carry this server.
 *
 * A connection is in one phase:
 *
 *	HEAD ──whole──► BODY ──whole──► ASKED ──http_respond──► WRITING ──drained──► HEAD, or LINGER, or closed
 *	  └──────── refused: answered at once, the connection ends ───────┘
 *
 * Who frees: a connection is freed in one place, conn_free, reached from libevent's callbacks, the sweep and the end
 * of turn, never from inside a handler's call. A request is freed by http_respond; when its connection goes first, it is
 * cut loose and lives until its answer.
 */
#ifndef HB_API_HTTP_INSIDE_H
#define HB_API_HTTP_INSIDE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "api/http.h"
#include "api/http_parse.h"

struct bufferevent;
struct event;
struct evconnlistener;
struct ssl_ctx_st;

enum { HTTP_REQUEST_ID_LEN = 16, HTTP_DATE_LEN = 29 };

enum conn_phase { CONN_HEAD, CONN_BODY, CONN_ASKED, CONN_WRITING, CONN_LINGER };

struct http_conn {
	TAILQ_ENTRY(http_conn) all, turn;
	struct http_server *server;
	struct http_listener *listener;
	struct bufferevent *bev;
	struct http_request *req; /* in BODY and ASKED */
	struct http_scan scan;
	struct http_framing framing;
	struct http_chunks chunks;
	int64_t since_ms; /* start of what has a deadline now */
	enum conn_phase phase;
	unsigned answered,
		empty_lines; /* requests so far; empty lines before this one */
	uid_t peer_uid;
	bool head_begun; /* the first byte of a head is in */
	bool is_running; /* inside conn_run: http_respond leaves the rest to it */
	bool is_queued;  /* for the end of turn */
	bool is_ended;   /* the client has sent its last byte */
	bool is_paused;  /* reading is off: too much waits */
	bool is_broken;  /* the socket is of no more use */
	bool closes;     /* after the present answer */
	char remote[INET6_ADDRSTRLEN];
};

struct http_extra {
	struct http_extra *next;
	const char *name, *value;
};

/* Lives in its own arena, which the handler may have lent to another thread: nothing is allocated from it between the
 * call of the handler and http_respond. */
struct http_request {
	TAILQ_ENTRY(http_request) asked;
	struct arena *arena;
	struct http_server *server;     /* NULL when freed before the answer */
	struct http_listener *listener; /* the same */
	struct http_conn *conn;         /* NULL when gone before the answer */
	struct http_head head;
	struct buf body;
	char remote[INET6_ADDRSTRLEN];
	uid_t peer_uid;
	bool is_tls, is_unix, is_asked, closes;
	int64_t arrived_ms;
	struct http_extra *extras, **extras_end;
	void *slots[HTTP_SLOT_COUNT];
	char id[HTTP_REQUEST_ID_LEN + 1];
};

struct http_listener {
	TAILQ_ENTRY(http_listener) all;
	struct http_server *server;
	struct evconnlistener *socket; /* NULL once stopped */
	struct ssl_ctx_st *tls;        /* NULL: plain */
	char *key, *address, *tls_cert, *tls_key;
	const char *headers;
	http_handler *handler;
	void *ctx;
	unsigned connections, connections_max, port;
	int64_t complained_ms;
	bool takes_octets;
	bool is_unix,
		is_waiting; /* waiting: out of descriptors, tried again by the sweep */
};

TAILQ_HEAD(http_conns, http_conn);
TAILQ_HEAD(http_asked, http_request);
TAILQ_HEAD(http_listeners, http_listener);

struct http_server {
	struct event_base *base;
	struct event *sweep,
		*turn; /* once a second while connections are open; the end of this turn of the loop */
	struct http_conns conns, turns;
	struct http_asked asked; /* with handlers now */
	struct http_listeners listeners;
	struct http_limits limits;
	struct http_counts counts;
	struct buf scratch; /* heads of answers are made here */
	http_answered *on_answer;
	void *on_answer_ctx;
	uint64_t next_id;
	int64_t date_s;
	char date[HTTP_DATE_LEN + 1];
	bool is_stopping, is_sweeping;
};

/* http.c */
void http_server_wake_sweep(struct http_server *server);
void http_server_queue(struct http_conn *conn); /* conn_run at the end of this turn */
const char *http_server_date(struct http_server *server);

/* http_conn.c */
void conn_open(struct http_listener *listener, int fd, const struct sockaddr *peer);
void conn_run(struct http_conn *conn);
void conn_check_deadline(struct http_conn *conn, int64_t now_ms);
void conn_free(struct http_conn *conn);
void conn_send(struct http_conn *conn, const struct buf *head,
	       struct buf *body); /* body moves away */

/* http_request.c */
struct http_request *request_new(struct http_conn *conn);
void request_free(struct http_request *req);
void request_cut_loose(struct http_request *req);

/* http_listen.c */
void listener_stop(struct http_listener *listener);
void listener_free(struct http_listener *listener);
void listener_retry(struct http_listener *listener);

/* http_tls.c */
enum err tls_load(const struct http_listen *spec, struct buf *why,
		  struct ssl_ctx_st **tls_out) MUST_CHECK;
void tls_free(struct ssl_ctx_st **tls);
struct bufferevent *tls_bufferevent(struct http_listener *listener, int fd);
void tls_say_goodbye(struct bufferevent *bev);

#endif
