/* fuzz_http.c - any bytes as a client: the server takes them in one piece and in scraps, and must come to the same
 * requests and the same answers; what it takes holds its promises. The body goes through the JSON and query tables too.
 */
#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/body.h"
#include "api/http.h"
#include "api/query.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MOST = 60000, TURNS_MOST = 100000 };

struct filter {
	const char *q, *cursor;
	uint64_t id, set;
	int64_t limit, since;
	bool flag;
	int tri, pick;
	struct who who;
};

static const char *const names[] = {"a", "bc", NULL};
static const struct query_param params[] = {
	QUERY_STR(struct filter, q, "q", 20),
	QUERY_ID(struct filter, id, "id"),
	QUERY_SET(struct filter, set, "set", names),
	QUERY_LIMIT(struct filter, limit),
	QUERY_TIME(struct filter, since, "since"),
	QUERY_BOOL(struct filter, flag, "flag"),
	QUERY_TRI(struct filter, tri, "tri"),
	QUERY_ENUM(struct filter, pick, "pick", names, -1),
	QUERY_WHO(struct filter, who, "who"),
	QUERY_CURSOR(struct filter, cursor),
	QUERY_END,
};

struct thing {
	const char *text, *raw;
	struct body_strs tags;
	struct body_map map;
	struct thing *inner;
	struct who who;
	struct body_seen seen;
};

static const struct body_shape thing_shape;
static const struct body_field thing_fields[] = {
	BODY_STR(struct thing, text, "text", BODY_NULL, 50),
	BODY_RAW(struct thing, raw, "raw", 0),
	BODY_STR_LIST(struct thing, tags, "tags", BODY_FILLED, 4, 10),
	BODY_STR_MAP(struct thing, map, "map", 0, 4, 10),
	BODY_OBJECT(struct thing, inner, "inner", BODY_NULL, &thing_shape),
	BODY_WHO(struct thing, who, "who", 0),
	BODY_END,
};
static const struct body_shape thing_shape =
	BODY_SHAPE_SEEN(struct thing, seen, thing_fields);

static struct event_base *base;
static struct http_server *server;
static char socket_path[64];
static struct buf taken; /* what the handler saw and what was answered */
static struct http_request *held;

static void must(bool claim)
{
	if (!claim)
		abort();
}

static void try_tables(const char *query, const char *body, size_t len)
{
	struct arena *arena = arena_new();
	struct filter filter;
	struct thing thing;
	struct query_into into = {params, &filter, sizeof(filter)};
	struct query_fault query_fault;
	struct body_fault body_fault;
	if (query_parse(arena, query, &into, &query_fault) == ERR_OK)
		must(filter.limit >= 1 && filter.limit <= 500 && filter.set < 4);
	else
		must(utf8_is_valid(query_fault.name, strlen(query_fault.name)) &&
		     *query_fault.detail);
	if (body_parse(arena, body, len, &thing_shape, &thing, &body_fault) == ERR_OK)
		must(!thing.text || utf8_is_valid(thing.text, strlen(thing.text)));
	else
		must(utf8_is_valid(body_fault.member, strlen(body_fault.member)) &&
		     utf8_is_valid(body_fault.detail, strlen(body_fault.detail)));
	arena_free(&arena);
}

static void answer(struct http_request *req)
{
	http_respond_text(req, 200, "text/plain", "fine");
}

static void handle(struct http_request *req, void *ctx)
{
	const char *name, *value;
	(void)ctx;
	buf_printf(&taken, "%s %s %s\n", http_method_name(http_method(req)),
		   http_raw_path(req), http_query(req) ? http_query(req) : "-");
	for (unsigned i = 0; i < http_segment_count(req); i++) {
		const char *segment = http_segment(req, i);
		must(utf8_is_valid(segment, strlen(segment)) &&
		     strcmp(segment, "..") != 0 && strcmp(segment, ".") != 0);
		buf_printf(&taken, "%s\n", segment);
	}
	for (unsigned i = 0; http_header_at(req, i, &name, &value); i++) {
		must(*name && !strpbrk(name, " \t:\r\n") && !strpbrk(value, "\r\n"));
		buf_printf(&taken, "%s=%s\n", name, value);
	}
	must(strlen(http_body(req)) == http_body_len(req));
	buf_add(&taken, http_body(req), http_body_len(req));
	try_tables(http_query(req), http_body(req), http_body_len(req));
	if (strncmp(http_raw_path(req), "/later", 6) == 0)
		held = req;
	else
		answer(req);
}

static void note_answer(const struct http_request *req, unsigned status, size_t len,
			void *ctx)
{
	(void)req;
	(void)ctx;
	buf_printf(&taken, "\n%u %zu\n", status, len);
}

static void set_up(void)
{
	struct http_limits limits = {.body_max_bytes = 4000, .head_max_bytes = 2000};
	struct buf why = BUF_EMPTY;
	snprintf(socket_path, sizeof(socket_path), "/tmp/hb_fuzz_http.%d",
		 (int)getpid());
	struct http_listen spec = {
		.key = "fuzz", .address = socket_path, .handler = handle};
	base = event_base_new();
	server = http_server_new(base, &limits);
	must(http_server_listen(server, &spec, &why, NULL) == ERR_OK);
	http_server_on_answer(server, note_answer, NULL);
}

static void turn(int fd)
{
	char some[4096];
	event_base_loop(base, EVLOOP_NONBLOCK);
	while (recv(fd, some, sizeof(some), MSG_DONTWAIT) > 0)
		;
	if (held) {
		struct http_request *req = held;
		held = NULL;
		answer(req);
	}
}

/* Sends all of it, step bytes at a time, and sees the connection to its end. */
static void serve(const uint8_t *data, size_t size, size_t step)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	strcpy(to.sun_path, socket_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	for (size_t at = 0, left = size; left;) {
		ssize_t sent = send(fd, data + at, left < step ? left : step,
				    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && http_server_counts(server).connections == 0)
			break;
		if (sent > 0) {
			at += (size_t)sent;
			left -= (size_t)sent;
		}
		turn(fd);
	}
	shutdown(fd, SHUT_WR);
	int turns = 0;
	do {
		must(++turns < TURNS_MOST);
		turn(fd);
	} while (http_server_counts(server).connections);
	close(fd);
	must(http_server_counts(server).unanswered == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > INPUT_MOST)
		return 0;
	if (!server)
		set_up();
	size_t step = 1 + data[0] % 61;
	buf_clear(&taken);
	serve(data + 1, size - 1, size);
	size_t len = taken.len;
	serve(data + 1, size - 1, step);
	must(taken.len == 2 * len &&
	     (len == 0 || memcmp(taken.data, taken.data + len, len) == 0));
	return 0;
}
