/* http_request.c - what handlers see of a request, and the answer. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "api/http_inside.h"
#include "base/clock.h"
#include "base/log.h"

struct http_request *request_new(struct http_conn *conn)
{
	static const char hex[] = "0123456789abcdef";
	struct arena *arena = arena_new();
	struct http_request *req = ARENA_NEW(arena, struct http_request);
	req->arena = arena;
	req->server = conn->server;
	req->listener = conn->listener;
	req->conn = conn;
	memcpy(req->remote, conn->remote, sizeof(req->remote));
	req->peer_uid = conn->peer_uid;
	req->is_tls = conn->listener->tls != NULL;
	req->is_unix = conn->listener->is_unix;
	req->arrived_ms = conn->since_ms;
	req->extras_end = &req->extras;
	uint64_t id = conn->server->next_id++;
	for (int i = HTTP_REQUEST_ID_LEN - 1; i >= 0; i--, id >>= 4)
		req->id[i] = hex[id & 15];
	return req;
}

void request_free(struct http_request *req)
{
	if (req->is_asked && req->server) {
		TAILQ_REMOVE(&req->server->asked, req, asked);
		req->server->counts.unanswered--;
	}
	buf_fini(&req->body);
	arena_free(&(struct arena *){req->arena});
}

void request_cut_loose(struct http_request *req)
{
	req->conn->req = NULL;
	req->conn = NULL;
}

/* --- accessors --- */

enum http_method http_method(const struct http_request *req)
{
	return req->head.method;
}

const char *http_raw_path(const struct http_request *req)
{
	return req->head.raw_path;
}

unsigned http_segment_count(const struct http_request *req)
{
	return req->head.segment_count;
}

const char *http_segment(const struct http_request *req, unsigned index)
{
	return index < req->head.segment_count ? req->head.segments[index] : NULL;
}

const char *http_query(const struct http_request *req)
{
	return req->head.query;
}

const char *http_header(const struct http_request *req, const char *name)
{
	size_t len = strlen(name);
	for (unsigned i = 0; i < req->head.field_count; i++) {
		const struct http_field *field = &req->head.fields[i];
		if (field->name_len == len && strncasecmp(field->name, name, len) == 0)
			return field->value;
	}
	return NULL;
}

bool http_header_at(const struct http_request *req, unsigned index,
		    const char **name_out, const char **value_out)
{
	if (index >= req->head.field_count)
		return false;
	*name_out = req->head.fields[index].name;
	*value_out = req->head.fields[index].value;
	return true;
}

const char *http_body(const struct http_request *req)
{
	return buf_str(&req->body);
}

size_t http_body_len(const struct http_request *req)
{
	return req->body.len;
}

const char *http_remote(const struct http_request *req)
{
	return req->remote;
}

bool http_is_unix(const struct http_request *req)
{
	return req->is_unix;
}

bool http_is_tls(const struct http_request *req)
{
	return req->is_tls;
}

uid_t http_peer_uid(const struct http_request *req)
{
	return req->peer_uid;
}

const char *http_request_id(const struct http_request *req)
{
	return req->id;
}

int64_t http_arrived_mono_ms(const struct http_request *req)
{
	return req->arrived_ms;
}

struct arena *http_arena(struct http_request *req)
{
	return req->arena;
}

bool http_is_gone(const struct http_request *req)
{
	return !req->conn;
}

void http_set_slot(struct http_request *req, enum http_slot slot, void *ptr)
{
	assert(slot < HTTP_SLOT_COUNT);
	req->slots[slot] = ptr;
}

void *http_slot(const struct http_request *req, enum http_slot slot)
{
	assert(slot < HTTP_SLOT_COUNT);
	return req->slots[slot];
}

/* --- the answer --- */

void http_add_header(struct http_request *req, const char *name, const char *value)
{
	struct http_extra *extra = ARENA_NEW(req->arena, struct http_extra);
	char *copy = arena_strdup(req->arena, value);
	for (char *c = copy; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			*c = '?';
	extra->name = arena_strdup(req->arena, name);
	extra->value = copy;
	*req->extras_end = extra;
	req->extras_end = &extra->next;
}

void http_close_after(struct http_request *req)
{
	req->closes = true;
}

static const char *reason_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{206, "Partial Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{303, "See Other"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{308, "Permanent Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"},
		{417, "Expectation Failed"},
		{422, "Unprocessable Content"},
		{428, "Precondition Required"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
		{507, "Insufficient Storage"},
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

static void add_number(struct buf *buf, size_t value)
{
	char text[24], *at = text + sizeof(text);
	do {
		*--at = (char)('0' + value % 10);
	} while (value /= 10);
	buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

static void add_line(struct buf *buf, const char *name, const char *value)
{
	buf_add_str(buf, name);
	buf_add(buf, ": ", 2);
	buf_add_str(buf, value);
	buf_add(buf, "\r\n", 2);
}

/* Ref: RFC 9110 8.6: no Content-Length with 204; with 304 it would be that of a 200. */
static bool has_length(unsigned status)
{
	return status != 204 && status != 304;
}

static void write_head(const struct http_request *req, unsigned status,
		       const char *content_type, size_t body_len)
{
	struct http_server *server = req->server;
	struct buf *head = &server->scratch;
	const struct http_conn *conn = req->conn;
	buf_clear(head);
	buf_add_str(head, "HTTP/1.1 ");
	add_number(head, status);
	buf_add_char(head, ' ');
	buf_add_str(head, reason_of(status));
	buf_add(head, "\r\n", 2);
	if (content_type)
		add_line(head, "Content-Type", content_type);
	if (has_length(status)) {
		buf_add_str(head, "Content-Length: ");
		add_number(head, body_len);
		buf_add(head, "\r\n", 2);
	}
	add_line(head, "Date", http_server_date(server));
	add_line(head, "X-Request-Id", req->id);
	if (req->listener->headers)
		buf_add_str(head, req->listener->headers);
	for (const struct http_extra *extra = req->extras; extra; extra = extra->next)
		add_line(head, extra->name, extra->value);
	if (conn->closes)
		buf_add_str(head, "Connection: close\r\n");
	else if (req->head.minor == 0)
		buf_add_str(head, "Connection: keep-alive\r\n");
	buf_add(head, "\r\n", 2);
}

static void send_answer(struct http_request *req, unsigned status,
			const char *content_type, struct buf *body)
{
	struct http_conn *conn = req->conn;
	assert(conn->phase == CONN_ASKED && conn->req == req);
	conn->closes |= req->closes || req->server->is_stopping;
	write_head(req, status, content_type, body->len);
	if (req->head.method == HTTP_HEAD || !has_length(status))
		buf_fini(body);
	conn->phase = CONN_WRITING;
	conn->since_ms = clock_mono_ms();
	conn->req = NULL;
	conn->answered++;
	conn_send(conn, &req->server->scratch, body);
	/* what comes next runs other handlers: not inside this call */
	if (!conn->is_running)
		http_server_queue(conn);
}

void http_respond(struct http_request *req, unsigned status, const char *content_type,
		  struct buf *body)
{
	struct buf none = BUF_EMPTY;
	assert(status >= 200 && status <= 599);
	if (!body)
		body = &none;
	size_t len = body->len;
	struct http_server *server = req->server;
	bool is_gone = !req->conn;
	if (is_gone)
		buf_fini(body);
	else
		send_answer(req, status, content_type, body);
	if (server && server->on_answer)
		server->on_answer(req, is_gone ? 0 : status, len,
				  server->on_answer_ctx);
	request_free(req);
}

void http_respond_text(struct http_request *req, unsigned status,
		       const char *content_type, const char *text)
{
	struct buf body = BUF_EMPTY;
	buf_add_str(&body, text);
	http_respond(req, status, content_type, &body);
}
