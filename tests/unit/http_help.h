/* http_help.h - a server on a free loopback port and clients, all in one thread: waiting for a client pumps the server.
 *
 *	struct rig *rig = rig_new(NULL, NULL, NULL);
 *	int fd = rig_dial(rig);
 *	client_send(rig, fd, TEXT("GET /ping HTTP/1.1\r\nHost: h\r\n\r\n"));
 *	struct answer answer = client_read(rig, fd);
 *
 * Nothing sleeps for a fixed time: each wait is for a condition, and fails the test after WAIT_MS.
 */
#ifndef HB_TESTS_HTTP_HELP_H
#define HB_TESTS_HTTP_HELP_H

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/http.h"
#include "base/clock.h"

#define TEXT(literal) (literal), sizeof(literal) - 1

enum { WAIT_MS = 10000, HELD_MOST = 2048 };

struct rig {
	struct event_base *base;
	struct http_server *server;
	struct http_listener *listener;
	unsigned port;
	struct http_request *held
		[HELD_MOST]; /* by the handler of /later, to be answered by the test */
	unsigned held_count, asked_count;
};

struct answer {
	unsigned status;
	char head[4096]; /* with the empty line */
	struct buf body;
	bool is_closed; /* the server closed before a whole answer was there */
};

/* What the tests' server does, by first segment. */
static inline void rig_handle(struct http_request *req, void *ctx)
{
	struct rig *rig = ctx;
	const char *word = http_segment(req, 0);
	struct buf body = BUF_EMPTY;
	rig->asked_count++;
	if (strcmp(word, "later") == 0) {
		assert_true(rig->held_count < HELD_MOST);
		rig->held[rig->held_count++] = req;
		return;
	}
	if (strcmp(word, "echo") == 0) {
		buf_add(&body, http_body(req), http_body_len(req));
	} else if (strcmp(word, "zeros") == 0) {
		size_t len = strtoul(http_segment(req, 1), NULL, 10);
		memset(buf_reserve(&body, len), '0', len);
		buf_commit(&body, len);
	} else if (strcmp(word, "who") == 0) {
		buf_printf(&body, "%s %d %d", http_remote(req), http_is_unix(req),
			   (int)http_peer_uid(req));
	} else {
		buf_printf(&body, "%s", http_method_name(http_method(req)));
		for (unsigned i = 0; i < http_segment_count(req); i++)
			buf_printf(&body, "|%s", http_segment(req, i));
		if (http_query(req))
			buf_printf(&body, "?%s", http_query(req));
	}
	http_respond(req, 200, "text/plain", &body);
}

static inline struct rig *rig_new_spec(const struct http_limits *limits,
				       struct http_listen spec)
{
	struct rig *rig = MEM_NEW(struct rig);
	struct buf why = BUF_EMPTY;
	rig->base = event_base_new();
	rig->server = http_server_new(rig->base, limits);
	if (!spec.key)
		spec.key = "listen";
	if (!spec.address)
		spec.address = "127.0.0.1:0";
	if (!spec.handler) {
		spec.handler = rig_handle;
		spec.ctx = rig;
	}
	if (http_server_listen(rig->server, &spec, &why, &rig->listener) != ERR_OK)
		fail_msg("%s", buf_str(&why));
	rig->port = http_listener_port(rig->listener);
	return rig;
}

static inline struct rig *rig_new(const struct http_limits *limits)
{
	return rig_new_spec(limits, (struct http_listen){0});
}

static inline void rig_free(struct rig *rig)
{
	http_server_free(&rig->server);
	event_base_free(rig->base);
	mem_free(rig);
}

static inline void rig_pump(struct rig *rig)
{
	event_base_loop(rig->base, EVLOOP_NONBLOCK);
}

/* Waits until the condition holds, pumping. */
#define rig_wait(rig, condition)                                                \
	do {                                                                    \
		int64_t end_ms_ = clock_mono_ms() + WAIT_MS;                    \
		while (!(condition)) {                                          \
			if (clock_mono_ms() > end_ms_)                          \
				fail_msg("waited in vain for: %s", #condition); \
			rig_pump(rig);                                          \
			poll(NULL, 0, 1);                                       \
		}                                                               \
	} while (0)

static inline int rig_dial(struct rig *rig)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)rig->port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)(void *)&to, sizeof(to)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static inline int dial_unix(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	strcpy(to.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)(void *)&to, sizeof(to)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* All of it, unless the server closes first. */
static inline void client_send(struct rig *rig, int fd, const char *text, size_t len)
{
	int64_t end_ms = clock_mono_ms() + WAIT_MS;
	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			return;
		if (sent > 0) {
			text += sent;
			len -= (size_t)sent;
		}
		rig_pump(rig);
		assert_true(clock_mono_ms() < end_ms);
	}
}

static inline void client_send_str(struct rig *rig, int fd, const char *text)
{
	client_send(rig, fd, text, strlen(text));
}

/* Some bytes more into at; 0: closed, -1: none yet. */
static inline ssize_t client_recv(struct rig *rig, int fd, void *at, size_t room)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	rig_pump(rig);
	ssize_t got = recv(fd, at, room, 0);
	if (got >= 0)
		return got;
	if (errno != EAGAIN)
		return 0; /* reset */
	poll(&pfd, 1, 1);
	return -1;
}

static inline const char *answer_header(const struct answer *answer, const char *name)
{
	static char value[512];
	size_t len = strlen(name);
	for (const char *line = strstr(answer->head, "\r\n"); line;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
			snprintf(value, sizeof(value), "%.*s",
				 (int)strcspn(line + 4 + len, "\r"), line + 4 + len);
			return value;
		}
	return NULL;
}

/* One answer by its Content-Length; without_body: to a HEAD. answer.is_closed when the server closed instead. */
static inline struct answer client_read_as(struct rig *rig, int fd, bool without_body)
{
	struct answer answer = {.body = BUF_EMPTY};
	size_t len = 0, want = 0;
	int64_t end_ms = clock_mono_ms() + WAIT_MS;
	bool in_body = false;
	while (!in_body || answer.body.len < want) {
		char some[65536];
		size_t room = in_body ? want - answer.body.len : 1;
		ssize_t got = client_recv(rig, fd, some,
					  room < sizeof(some) ? room : sizeof(some));
		if (clock_mono_ms() > end_ms)
			fail_msg("no answer");
		if (got == 0) {
			answer.is_closed = true;
			return answer;
		}
		if (got < 0)
			continue;
		if (in_body) {
			buf_add(&answer.body, some, (size_t)got);
			continue;
		}
		assert_true(len + 1 < sizeof(answer.head));
		answer.head[len++] = some[0];
		if (len < 4 || memcmp(answer.head + len - 4, "\r\n\r\n", 4) != 0)
			continue;
		in_body = true;
		assert_int_equal(sscanf(answer.head, "HTTP/1.1 %u ", &answer.status),
				 1);
		const char *length = answer_header(&answer, "Content-Length");
		want = length && !without_body ? strtoul(length, NULL, 10) : 0;
	}
	return answer;
}

static inline struct answer client_read(struct rig *rig, int fd)
{
	return client_read_as(rig, fd, false);
}

/* Reads on until the server closes; false when it does not within WAIT_MS. */
static inline bool client_sees_close(struct rig *rig, int fd)
{
	char some[65536];
	int64_t end_ms = clock_mono_ms() + WAIT_MS;
	while (clock_mono_ms() < end_ms)
		if (client_recv(rig, fd, some, sizeof(some)) == 0)
			return true;
	return false;
}

/* One request on a connection of its own. */
static inline struct answer rig_get(struct rig *rig, const char *text, size_t len)
{
	int fd = rig_dial(rig);
	client_send(rig, fd, text, len);
	struct answer answer = client_read(rig, fd);
	close(fd);
	return answer;
}

static inline void answer_held(struct rig *rig, unsigned index)
{
	struct buf body = BUF_EMPTY;
	buf_printf(&body, "held %u", index);
	http_respond(rig->held[index], 200, "text/plain", &body);
	assert_null(body.data);
}

static inline void expect_text(struct rig *rig, int fd, const char *text)
{
	struct answer answer = client_read(rig, fd);
	if (answer.is_closed)
		fail_msg("closed, expected %s", text);
	assert_int_equal(answer.status, 200);
	assert_string_equal(buf_str(&answer.body), text);
	buf_fini(&answer.body);
}

/* close(2) so that the other side gets a reset. */
static inline void slam(int fd)
{
	struct linger now = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

#endif
