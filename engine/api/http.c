/* http.c - the server as a whole: its limits, the sweep of what is too slow, the end of a turn. See http_inside.h */
#include <assert.h>
#include <event2/event.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>

#include "api/http_inside.h"
#include "base/clock.h"
#include "base/log.h"

enum { SWEEP_MS_MOST = 1000 };

static void on_sweep(evutil_socket_t fd, short what, void *arg);
static void on_turn(evutil_socket_t fd, short what, void *arg);

static struct http_limits with_defaults(const struct http_limits *asked)
{
	struct http_limits limits = asked ? *asked : (struct http_limits){0};
	if (!limits.head_max_bytes)
		limits.head_max_bytes = 16 * 1024;
	if (!limits.body_max_bytes)
		limits.body_max_bytes = 1024 * 1024;
	if (!limits.request_max_ms)
		limits.request_max_ms = 30 * 1000;
	if (!limits.idle_max_ms)
		limits.idle_max_ms = 75 * 1000;
	if (!limits.answer_max_ms)
		limits.answer_max_ms = 60 * 1000;
	return limits;
}

struct http_server *http_server_new(struct event_base *base,
				    const struct http_limits *limits)
{
	struct http_server *server = MEM_NEW(struct http_server);
	uint32_t start;
	server->base = base;
	server->limits = with_defaults(limits);
	TAILQ_INIT(&server->conns);
	TAILQ_INIT(&server->turns);
	TAILQ_INIT(&server->asked);
	TAILQ_INIT(&server->listeners);
	server->sweep = event_new(base, -1, EV_PERSIST, on_sweep, server);
	server->turn = event_new(base, -1, 0, on_turn, server);
	assert(server->sweep && server->turn);
	if (getrandom(&start, sizeof(start), 0) != sizeof(start))
		start = (uint32_t)clock_mono_ms();
	server->next_id = (uint64_t)start << 32;
	signal(SIGPIPE,
	       SIG_IGN); /* libevent and OpenSSL write(2) without MSG_NOSIGNAL */
	return server;
}

void http_server_on_answer(struct http_server *server, http_answered *fn, void *ctx)
{
	server->on_answer = fn;
	server->on_answer_ctx = ctx;
}

void http_server_free(struct http_server **server_ptr)
{
	struct http_server *server = *server_ptr;
	struct http_conn *conn;
	struct http_request *req;
	struct http_listener *listener;
	if (!server)
		return;
	*server_ptr = NULL;
	while ((conn = TAILQ_FIRST(&server->conns)))
		conn_free(conn);
	while ((req = TAILQ_FIRST(&server->asked))) {
		TAILQ_REMOVE(&server->asked, req, asked);
		req->server = NULL;
		req->listener = NULL;
	}
	while ((listener = TAILQ_FIRST(&server->listeners))) {
		TAILQ_REMOVE(&server->listeners, listener, all);
		listener_free(listener);
	}
	event_free(server->sweep);
	event_free(server->turn);
	buf_fini(&server->scratch);
	mem_free(server);
}

void http_server_stop(struct http_server *server)
{
	struct http_listener *listener;
	struct http_conn *conn, *next;
	server->is_stopping = true;
	TAILQ_FOREACH(listener, &server->listeners, all)
	listener_stop(listener);
	for (conn = TAILQ_FIRST(&server->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, all);
		if (conn->phase == CONN_HEAD && !conn->head_begun && !conn->is_queued)
			conn_free(conn);
	}
}

struct http_counts http_server_counts(const struct http_server *server)
{
	return server->counts;
}

/* --- the end of a turn --- */

void http_server_queue(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	if (conn->is_queued)
		return;
	if (TAILQ_EMPTY(&server->turns))
		event_active(server->turn, 0, 0);
	conn->is_queued = true;
	TAILQ_INSERT_TAIL(&server->turns, conn, turn);
}

/* Runs those queued until now; what queues itself meanwhile is for the next time, so that others get in between. */
static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	struct http_conns now = TAILQ_HEAD_INITIALIZER(now);
	struct http_conn *conn;
	unsigned count = 0;
	(void)fd;
	(void)what;
	TAILQ_FOREACH(conn, &server->turns, turn)
	count++;
	while (count-- && (conn = TAILQ_FIRST(&server->turns))) {
		TAILQ_REMOVE(&server->turns, conn, turn);
		conn->is_queued = false;
		conn_run(conn);
	}
	if (!TAILQ_EMPTY(&server->turns))
		event_active(server->turn, 0, 0);
}

/* --- once a second, while there is anything to look after --- */

/* With limits of a few milliseconds (tests) the sweep is as quick. */
static unsigned sweep_ms(const struct http_limits *limits)
{
	unsigned least = limits->request_max_ms;
	if (limits->idle_max_ms < least)
		least = limits->idle_max_ms;
	if (limits->answer_max_ms < least)
		least = limits->answer_max_ms;
	least = least / 4 + 1;
	return least < SWEEP_MS_MOST ? least : SWEEP_MS_MOST;
}

void http_server_wake_sweep(struct http_server *server)
{
	unsigned ms = sweep_ms(&server->limits);
	struct timeval every = {.tv_sec = ms / 1000,
				.tv_usec = (suseconds_t)(ms % 1000) * 1000};
	if (server->is_sweeping)
		return;
	server->is_sweeping = true;
	event_add(server->sweep, &every);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	struct http_listener *listener;
	struct http_conn *conn, *next;
	int64_t now_ms = clock_mono_ms();
	bool is_waiting = false;
	(void)fd;
	(void)what;
	for (conn = TAILQ_FIRST(&server->conns); conn; conn = next) {
		next = TAILQ_NEXT(conn, all);
		conn_check_deadline(conn, now_ms);
	}
	TAILQ_FOREACH(listener, &server->listeners, all)
	{
		listener_retry(listener);
		is_waiting |= listener->is_waiting;
	}
	if (TAILQ_EMPTY(&server->conns) && !is_waiting) {
		server->is_sweeping = false;
		event_del(server->sweep);
	}
}

/* RFC 9110 5.6.7, made anew once a second. */
const char *http_server_date(struct http_server *server)
{
	time_t now = time(NULL);
	struct tm tm;
	if (now != server->date_s) {
		server->date_s = now;
		gmtime_r(&now, &tm);
		strftime(server->date, sizeof(server->date),
			 "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return server->date;
}
