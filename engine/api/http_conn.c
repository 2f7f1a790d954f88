/* http_conn.c - one connection: bytes in, requests to the handler, bytes out. See http_inside.h for its phases.
 *
 * Reading stays switched on while a request is in work, so that no epoll_ctl is spent on it and the end of the client is
 * noticed; it is switched off only when much waits unread. (A bufferevent's high watermark is no way: once it is reached,
 * libevent 2.1 calls back without end until somebody drains.)
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/http_inside.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	/* waiting unread by us; one read more may come on top */
	INPUT_MOST_BYTES = 64 * 1024,
	BATCH = 16, /* pipelined requests of one connection before others get their turn */
	EMPTY_LINES_MOST = 4, /* before a request line: RFC 9112 2.2 */
	EMPTY_LINE_BYTES = 2,
	LINGER_MS = 2000,
	LEND_BYTES =
		16 * 1024, /* from here on bodies are lent to the output, not copied */
};

static void on_write(struct bufferevent *bev, void *arg)
{
	(void)bev;
	conn_run(arg);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;
	bool waits = conn->phase == CONN_ASKED || conn->phase == CONN_WRITING;
	if (waits &&
	    evbuffer_get_length(bufferevent_get_input(bev)) >= INPUT_MOST_BYTES) {
		conn->is_paused = true;
		bufferevent_disable(bev, EV_READ);
	}
	conn_run(conn);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_conn *conn = arg;
	(void)bev;
	if (what & BEV_EVENT_CONNECTED) /* the TLS handshake is done */
		return;
	/* a TLS bufferevent stops writing too when the other side says goodbye: nothing can be answered any more */
	if (what & BEV_EVENT_EOF && what & BEV_EVENT_READING && !conn->listener->tls)
		conn->is_ended = true;
	else
		conn->is_broken = true;
	conn_run(conn);
}

static void name_peer(struct http_conn *conn, int fd, const struct sockaddr *peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	conn->peer_uid = (uid_t)-1;
	if (peer->sa_family == AF_INET) {
		const struct sockaddr_in *in =
			(const struct sockaddr_in *)(const void *)peer;
		inet_ntop(AF_INET, &in->sin_addr, conn->remote, sizeof(conn->remote));
		return;
	}
	if (peer->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in =
			(const struct sockaddr_in6 *)(const void *)peer;
		inet_ntop(AF_INET6, &in->sin6_addr, conn->remote, sizeof(conn->remote));
		return;
	}
	memcpy(conn->remote, "unix", 5);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		conn->peer_uid = cred.uid;
}

void conn_open(struct http_listener *listener, int fd, const struct sockaddr *peer)
{
	struct http_server *server = listener->server;
	struct bufferevent *bev =
		listener->tls ? tls_bufferevent(listener, fd)
			      : bufferevent_socket_new(server->base, fd,
						       BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		close(fd);
		return;
	}
	struct http_conn *conn = MEM_NEW(struct http_conn);
	conn->server = server;
	conn->listener = listener;
	conn->bev = bev;
	conn->since_ms = clock_mono_ms();
	name_peer(conn, fd, peer);
	TAILQ_INSERT_TAIL(&server->conns, conn, all);
	listener->connections++;
	server->counts.connections++;
	bufferevent_setcb(bev, on_read, on_write, on_event, conn);
	bufferevent_set_max_single_read(bev, INPUT_MOST_BYTES);
	bufferevent_enable(bev, EV_READ);
	http_server_wake_sweep(server);
}

void conn_free(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	assert(!conn->is_running);
	if (conn->req && conn->req->is_asked)
		request_cut_loose(conn->req);
	else if (conn->req)
		request_free(conn->req);
	if (conn->is_queued)
		TAILQ_REMOVE(&server->turns, conn, turn);
	TAILQ_REMOVE(&server->conns, conn, all);
	conn->listener->connections--;
	server->counts.connections--;
	if (conn->listener->tls && !conn->is_broken && conn->phase != CONN_LINGER)
		tls_say_goodbye(conn->bev);
	bufferevent_free(conn->bev);
	mem_free(conn);
}

/* --- out --- */

static void free_lent(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	mem_free(arg);
}

/* Straight to the socket, when nothing waits before it: saves arming and disarming the write event for each answer.
 * Returns the bytes that went out. */
static size_t send_now(struct http_conn *conn, const struct buf *head,
		       const struct buf *body)
{
	if (conn->listener->tls ||
	    evbuffer_get_length(bufferevent_get_output(conn->bev)))
		return 0;
	struct iovec parts[2] = {{head->data, head->len}, {body->data, body->len}};
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = body->len ? 2 : 1};
	ssize_t sent = sendmsg(bufferevent_getfd(conn->bev), &msg,
			       MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		conn->is_broken = true;
	return sent > 0 ? (size_t)sent : 0;
}

void conn_send(struct http_conn *conn, const struct buf *head, struct buf *body)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);
	size_t sent = send_now(conn, head, body);
	if (sent < head->len) {
		evbuffer_add(output, head->data + sent, head->len - sent);
		sent = 0;
	} else {
		sent -= head->len;
	}
	size_t left = body->len - sent;
	if (left >= LEND_BYTES) {
		char *data = buf_take(body);
		evbuffer_add_reference(output, data + sent, left, free_lent, data);
	} else if (left) {
		evbuffer_add(output, body->data + sent, left);
	}
	buf_fini(body);
}

static void send_continue(struct http_conn *conn)
{
	static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct buf head = {text, sizeof(text) - 1, sizeof(text)}, body = BUF_EMPTY;
	conn_send(conn, &head, &body);
}

/* --- in --- */

/* Answers a request that no handler will see, and ends the connection: where the next one begins is not known. */
static void refuse(struct http_conn *conn, const struct http_refusal *refusal)
{
	struct problem problem = {.err = refusal->err,
				  .status = refusal->status,
				  .detail = refusal->detail};
	conn->server->counts.refused++;
	log_debug("http", "refused from=%s status=%u: %s", conn->remote,
		  refusal->status,
		  refusal->detail ? refusal->detail : err_title(refusal->err));
	if (!conn->req)
		conn->req = request_new(conn);
	conn->closes = true;
	conn->phase = CONN_ASKED;
	problem_send_all(conn->req, &problem);
}

static void ask(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct http_request *req = conn->req;
	static const struct http_refusal has_nul = {
		400, ERR_BAD_REQUEST,
		"The body has a NUL byte; text is expected, in UTF-8"};
	if (!conn->listener->takes_octets && req->body.len &&
	    memchr(req->body.data, '\0', req->body.len)) {
		refuse(conn, &has_nul);
		return;
	}
	conn->phase = CONN_ASKED;
	req->is_asked = true;
	TAILQ_INSERT_TAIL(&server->asked, req, asked);
	server->counts.unanswered++;
	server->counts.requests++;
	conn->listener->handler(req, conn->listener->ctx);
}

static void begin_body(struct http_conn *conn)
{
	struct http_request *req = conn->req;
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	if (conn->framing.kind == HTTP_BODY_NONE) {
		ask(conn);
		return;
	}
	conn->phase = CONN_BODY;
	conn->chunks = (struct http_chunks){
		.body = &req->body,
		.max_bytes = conn->server->limits.body_max_bytes,
	};
	if (conn->framing.wants_continue && !evbuffer_get_length(input))
		send_continue(conn);
}

static void take_head(struct http_conn *conn, const char *data, size_t len)
{
	struct http_request *req = conn->req = request_new(conn);
	struct http_refusal refusal = {0};
	char *text = arena_strndup(req->arena, data, len);
	evbuffer_drain(bufferevent_get_input(conn->bev), len);
	if (!http_head_parse(req->arena, text, len, &req->head, &refusal) ||
	    !http_audit(&req->head, conn->server->limits.body_max_bytes, &conn->framing,
			&refusal)) {
		refuse(conn, &refusal);
		return;
	}
	conn->closes = conn->framing.is_last || conn->server->is_stopping;
	begin_body(conn);
}

/* An empty line before the request line is read over. */
static bool skip_empty_line(struct http_conn *conn)
{
	static const struct http_refusal empty_lines = {
		400, ERR_BAD_REQUEST, "Too many empty lines before the request"};
	evbuffer_drain(bufferevent_get_input(conn->bev), EMPTY_LINE_BYTES);
	conn->scan = (struct http_scan){0};
	if (++conn->empty_lines > EMPTY_LINES_MOST)
		refuse(conn, &empty_lines);
	return true;
}

static bool step_head(struct http_conn *conn)
{
	static const struct http_refusal bare_lf = {400, ERR_BAD_REQUEST,
						    "Lines must end in CRLF"};
	static const struct http_refusal too_long = {
		431, ERR_BAD_REQUEST, "The request line and headers are too long"};
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	size_t len = evbuffer_get_length(input),
	       max = conn->server->limits.head_max_bytes;
	if (len && !conn->head_begun) {
		conn->head_begun = true;
		conn->since_ms = clock_mono_ms();
	}
	if (len == conn->scan.at)
		return false;
	size_t part = len < max ? len : max;
	const char *data = (const char *)evbuffer_pullup(input, (ev_ssize_t)part);
	enum http_state state = http_head_scan(&conn->scan, data, part);
	if (state == HTTP_WHOLE && conn->scan.end == EMPTY_LINE_BYTES)
		return skip_empty_line(conn);
	if (state == HTTP_WHOLE)
		take_head(conn, data, conn->scan.end);
	else if (state == HTTP_BAD)
		refuse(conn, &bare_lf);
	else if (len >= max)
		refuse(conn, &too_long);
	return conn->phase != CONN_HEAD;
}

static enum http_state feed_length(struct http_conn *conn, struct evbuffer *input)
{
	struct buf *body = &conn->req->body;
	size_t left = conn->framing.length - body->len,
	       len = evbuffer_get_length(input);
	if (len > left)
		len = left;
	evbuffer_remove(input, buf_reserve(body, len), len);
	buf_commit(body, len);
	return body->len == conn->framing.length ? HTTP_WHOLE : HTTP_MORE;
}

static enum http_state feed_chunks(struct http_conn *conn, struct evbuffer *input)
{
	enum http_state state = HTTP_MORE;
	while (state == HTTP_MORE && evbuffer_get_length(input)) {
		size_t len = evbuffer_get_contiguous_space(input), used;
		if (!len)
			len = 1;
		const char *data =
			(const char *)evbuffer_pullup(input, (ev_ssize_t)len);
		state = http_chunks_feed(&conn->chunks, data, len, &used);
		evbuffer_drain(input, used);
	}
	return state;
}

static bool step_body(struct http_conn *conn)
{
	static const struct http_refusal bad_chunk = {
		400, ERR_BAD_REQUEST, "The chunked body is not well formed"};
	static const struct http_refusal too_large = {413, ERR_TOO_LARGE, NULL};
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	bool is_chunked = conn->framing.kind == HTTP_BODY_CHUNKED;
	enum http_state state =
		is_chunked ? feed_chunks(conn, input) : feed_length(conn, input);
	if (state == HTTP_WHOLE)
		ask(conn);
	else if (state == HTTP_BAD)
		refuse(conn, conn->chunks.is_too_large ? &too_large : &bad_chunk);
	return conn->phase != CONN_BODY;
}

static bool step_asked(struct http_conn *conn)
{
	(void)conn;
	return false;
}

/* The next request is not begun before the answer is out: a client that does not read gets nothing more. */
static bool step_writing(struct http_conn *conn)
{
	if (evbuffer_get_length(bufferevent_get_output(conn->bev)))
		return false;
	conn->since_ms = clock_mono_ms();
	if (conn->is_paused) {
		conn->is_paused = false;
		bufferevent_enable(conn->bev, EV_READ);
	}
	if (conn->closes || conn->server->is_stopping) {
		/* close(2) with bytes unread resets the connection, and the client may never see the answer */
		conn->phase = CONN_LINGER;
		if (conn->listener->tls)
			tls_say_goodbye(conn->bev);
		shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
		return true;
	}
	conn->phase = CONN_HEAD;
	conn->head_begun = false;
	conn->empty_lines = 0;
	conn->scan = (struct http_scan){0};
	return true;
}

static bool step_linger(struct http_conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	evbuffer_drain(input, evbuffer_get_length(input));
	return false;
}

/* May it go now? What came before the end of the client's bytes is still answered. */
static bool is_over(const struct http_conn *conn)
{
	if (conn->is_broken)
		return true;
	return conn->is_ended && conn->phase != CONN_ASKED &&
	       conn->phase != CONN_WRITING;
}

/* conn_run - goes on as far as the bytes at hand allow; the connection may be gone afterwards. */
void conn_run(struct http_conn *conn)
{
	static bool (*const steps[])(struct http_conn *) = {
		[CONN_HEAD] = step_head,     [CONN_BODY] = step_body,
		[CONN_ASKED] = step_asked,   [CONN_WRITING] = step_writing,
		[CONN_LINGER] = step_linger,
	};
	unsigned answered = conn->answered;
	assert(!conn->is_running);
	conn->is_running = true;
	bool goes_on = true;
	while (goes_on && !conn->is_broken && conn->answered - answered < BATCH)
		goes_on = steps[conn->phase](conn);
	conn->is_running = false;
	if (goes_on && !conn->is_broken)
		http_server_queue(conn);
	else if (is_over(conn))
		conn_free(conn);
}

/* --- deadlines, from the sweep --- */

static unsigned deadline_ms(const struct http_conn *conn)
{
	const struct http_limits *limits = &conn->server->limits;
	switch (conn->phase) {
	case CONN_HEAD:
		if (conn->head_begun || !conn->answered)
			return limits->request_max_ms;
		return limits->idle_max_ms;
	case CONN_BODY:
		return limits->request_max_ms;
	case CONN_WRITING:
		return limits->answer_max_ms;
	case CONN_LINGER:
		return LINGER_MS;
	case CONN_ASKED:
		break;
	}
	return 0;
}

void conn_check_deadline(struct http_conn *conn, int64_t now_ms)
{
	static const struct http_refusal too_slow = {
		408, ERR_BAD_REQUEST, "The request was not complete in time"};
	unsigned max_ms = deadline_ms(conn);
	bool is_idle = conn->phase == CONN_HEAD && !conn->head_begun;
	if (conn->server->is_stopping && is_idle)
		max_ms = 1;
	if (!max_ms || now_ms - conn->since_ms < max_ms)
		return;
	if (conn->phase == CONN_BODY ||
	    (conn->phase == CONN_HEAD && conn->head_begun)) {
		conn->server->counts.timed_out++;
		refuse(conn, &too_slow);
		return;
	}
	if (conn->phase == CONN_WRITING) {
		conn->server->counts.timed_out++;
		conn->is_broken = true; /* no goodbye to who does not read */
	}
	conn_free(conn);
}
