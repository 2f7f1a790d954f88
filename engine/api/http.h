/* http.h - an HTTP/1.1 server for the loop thread: listeners, requests, answers. No other file knows libevent's side.
 *
 * A listener (TCP, TLS or unix socket) has one handler; the router of route.h is such a handler. The handler gets a
 * whole request, body included, and answers it exactly once, then or later:
 *
 *	static void hello(struct http_request *req, void *ctx)
 *	{
 *		struct buf body = BUF_EMPTY;
 *		buf_add_str(&body, "{\"ok\":true}");
 *		http_respond(req, 200, HTTP_JSON, &body);
 *	}
 *
 *	struct http_server *server = http_server_new(base, NULL);
 *	struct http_listen spec = {.key = "listen", .address = "127.0.0.1:13080", .handler = hello};
 *	err = http_server_listen(server, &spec, &why, &listener);
 *
 * What is asked for later (from a store callback) may be answered after the client has gone: the answer is dropped, the
 * request stays valid until then. Between arrival and answer the request, its arena and all strings got from it stay.
 *
 * What never reaches a handler: requests that are not exactly RFC 9112 (http_audit.c has the table), heads over 16 KiB,
 * bodies over 1 MiB, requests not complete in time. They are answered as problem+json and the connection is closed.
 * Each answer carries X-Request-Id, Date and its length; HEAD is answered as GET without the body.
 *
 * One request of a connection is in work at a time; what the client sends meanwhile waits, bounded, in its socket.
 *
 * Thread: everything here belongs to the loop thread. Ref: RFC 9110, RFC 9112.
 */
#ifndef HB_API_HTTP_H
#define HB_API_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct event_base;
struct http_server;
struct http_listener;
struct http_request;

#define HTTP_JSON    "application/json"
#define HTTP_PROBLEM "application/problem+json"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER, /* any other token; TRACE and CONNECT too */
	HTTP_METHOD_COUNT
};

/* http_method_name - "GET" …; "OTHER" for HTTP_OTHER. */
const char *http_method_name(enum http_method method);

/* http_handler - takes a whole request. It, or something it starts, must end in http_respond. */
typedef void http_handler(struct http_request *req, void *ctx);

/* --- server --- */

/* http_limits - zero means the default that stands behind. */
struct http_limits {
	size_t head_max_bytes; /* request line and headers: 16 KiB; more: 431 */
	size_t body_max_bytes; /* 1 MiB; more: 413 */
	/* from the first byte (or the accept) to the last of a request: 30 s */
	unsigned request_max_ms;
	unsigned idle_max_ms;   /* between two requests of a connection: 75 s */
	unsigned answer_max_ms; /* for the client to take an answer: 60 s */
};

/* http_answered - told about each answer, for the log and the metrics, when it has been handed to the socket.
 * status 0: the client was gone. len_bytes: of the body. */
typedef void http_answered(const struct http_request *req, unsigned status,
			   size_t len_bytes, void *ctx);

/* http_server_new - base is borrowed and outlives the server. limits NULL: all defaults. */
struct http_server *http_server_new(struct event_base *base,
				    const struct http_limits *limits);

/* http_server_on_answer - at most one; NULL takes it away. */
void http_server_on_answer(struct http_server *server, http_answered *fn, void *ctx);

/* http_server_stop - takes no more connections, closes idle ones; requests in work are still answered, each with
 * "Connection: close". Wait until http_server_counts tells unanswered == 0, then free. */
void http_server_stop(struct http_server *server);

/* http_server_free - closes everything at once; leaves NULL. Requests not answered yet stay valid and must still be
 * answered, to be freed; the answers go nowhere. Never from inside a handler. */
void http_server_free(struct http_server **server);

struct http_counts {
	unsigned connections; /* open now */
	/* requests in the hands of handlers now, of open connections or not */
	unsigned unanswered;
	/* since start: to handlers; bad ones; too slow ones; connections over the limit */
	uint64_t requests, refused, timed_out, turned_away;
};
struct http_counts http_server_counts(const struct http_server *server);

/* --- listeners --- */

struct http_listen {
	/* the configuration key that set the address: named in error sentences and the log */
	const char *key;
	/* "127.0.0.1:13080", "[::1]:0", or the path of a unix socket, beginning with '/' */
	const char *address;
	const char *tls_cert,
		*tls_key;         /* PEM files; both or none; not with a unix socket */
	unsigned connections_max; /* more are closed at once; 0: 1024 */
	/* put into each answer: "X-Content-Type-Options: nosniff\r\n"; NULL: none; borrowed */
	const char *headers;
	bool takes_octets; /* bodies may have NUL bytes: the handler reads them by their length */
	http_handler *handler;
	void *ctx;
};

/* http_server_listen - binds and accepts from now on. Errors: ERR_UNREACHABLE (cannot bind), ERR_INVALID (address,
 * TLS files), with a sentence appended to why that names the key and says how to mend it. A unix socket gets mode 0660;
 * one left behind by a dead process is replaced, one that answers is not. listener_out may be NULL; it lives as long as
 * the server. */
enum err http_server_listen(struct http_server *server, const struct http_listen *spec,
			    struct buf *why,
			    struct http_listener **listener_out) MUST_CHECK;

/* http_address_is_valid - "127.0.0.1:13080", "[::1]:13080" or "/path/of/socket". Pure. */
bool http_address_is_valid(const char *address);

/* http_listener_port - the port bound, also when 0 was asked for; 0 for a unix socket. */
unsigned http_listener_port(const struct http_listener *listener);

/* http_listener_reload_tls - reads certificate and key again, for new connections. An error keeps the old ones. */
enum err http_listener_reload_tls(struct http_listener *listener,
				  struct buf *why) MUST_CHECK;

/* --- request: everything returned is borrowed and lives until the answer --- */

enum http_method http_method(const struct http_request *req);

/* http_raw_path - as sent, without the query: "/api/v1/tasks/1%2F2". Begins with '/'; "*" is possible for OPTIONS. */
const char *http_raw_path(const struct http_request *req);

/* http_segment - the path's parts between slashes, percent-decoded: valid UTF-8, no NUL, never "." or ".."; a slash in
 * it was sent as %2F. "/" has one empty segment, "/a/" two. index beyond the count: NULL. */
unsigned http_segment_count(const struct http_request *req);
const char *http_segment(const struct http_request *req, unsigned index);

/* http_query - what follows '?', raw; NULL when there was no '?'. query.h reads it. */
const char *http_query(const struct http_request *req);

/* http_header - the first value of that name (any case), without surrounding space; NULL when absent. These come at
 * most once (audited): Host, Content-Type, Content-Length, Authorization, Cookie, Origin, Idempotency-Key, If-Match,
 * X-CSRF-Token, Last-Event-ID, webhook-id, webhook-timestamp, webhook-signature. Trailers of chunked bodies are never among them. */
const char *http_header(const struct http_request *req, const char *name);

/* http_header_at - all of them in their order; false when index is beyond the last. Written on true only. */
bool http_header_at(const struct http_request *req, unsigned index,
		    const char **name_out, const char **value_out);

/* http_body - followed by a NUL that does not count; "" when there is none. */
const char *http_body(const struct http_request *req);
size_t http_body_len(const struct http_request *req);

/* http_remote - "192.0.2.1" or "2001:db8::1" without port; "unix" on a unix socket. */
const char *http_remote(const struct http_request *req);
bool http_is_unix(const struct http_request *req);
bool http_is_tls(const struct http_request *req);

/* http_peer_uid - the user at the other end of a unix socket (SO_PEERCRED); (uid_t)-1 otherwise. */
uid_t http_peer_uid(const struct http_request *req);

/* http_request_id - 16 hex digits, new for each request; in its answer as X-Request-Id. */
const char *http_request_id(const struct http_request *req);

/* http_arrived_mono_ms - when its first byte was seen, as clock_mono_ms() counts. */
int64_t http_arrived_mono_ms(const struct http_request *req);

/* http_arena - for what the handler needs until the answer; freed after it. It may be lent to another thread meanwhile:
 * the server does not touch it before http_respond, also when the client goes. */
struct arena *http_arena(struct http_request *req);

/* http_is_gone - true when the client is known to have gone: long work may be left undone, but must be answered. */
bool http_is_gone(const struct http_request *req);

/* http_set_slot, http_slot - one pointer each that travels with the request; NULL at first. */
enum http_slot {
	HTTP_SLOT_ROUTE, /* route.h */
	HTTP_SLOT_WHO,   /* auth: who calls */
	HTTP_SLOT_WORK,  /* the handler's own */
	HTTP_SLOT_COUNT
};
void http_set_slot(struct http_request *req, enum http_slot slot, void *ptr);
void *http_slot(const struct http_request *req, enum http_slot slot);

/* --- answer --- */

/* http_add_header - one more header in the answer to come; name and value are copied. Control characters in value are
 * written as '?', so a value out of data cannot forge headers. Not for the length, type, Connection and Date. */
void http_add_header(struct http_request *req, const char *name, const char *value);

/* http_close_after - the connection is closed when the answer is out ("Connection: close"). */
void http_close_after(struct http_request *req);

/* http_respond - the answer; the request is gone for the caller when this returns. status 200..599. content_type NULL:
 * none. body NULL or empty: no body; else its bytes move away and it is left empty. Answering twice asserts. No handler
 * runs inside. */
void http_respond(struct http_request *req, unsigned status, const char *content_type,
		  struct buf *body);

/* http_respond_text - the same with a short text that is copied; len of strlen. */
void http_respond_text(struct http_request *req, unsigned status,
		       const char *content_type, const char *text);

#endif
