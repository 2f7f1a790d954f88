/* problem.c - see problem.h */
#include "api/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static unsigned status_of(const struct problem *problem)
{
	return problem->status ? problem->status : (unsigned)err_status(problem->err);
}

void problem_write(struct buf *buf, const struct problem *problem,
		   const char *request_id)
{
	const char *code = err_code(problem->err);
	struct json json;
	char type[64];
	snprintf(type, sizeof(type), "/problems/%s", code);
	json_init(&json, buf);
	json_object(&json);
	json_key_str(&json, "type", type);
	json_key_str(&json, "title", err_title(problem->err));
	json_key_int(&json, "status", status_of(problem));
	json_key_str(&json, "code", code);
	json_key_str(&json, "detail",
		     problem->detail ? problem->detail : err_title(problem->err));
	if (problem->member)
		json_key_str(&json, "member", problem->member);
	if (request_id)
		json_key_str(&json, "request_id", request_id);
	json_end_object(&json);
	if (problem->extra && *problem->extra) {
		buf->len--; /* the brace comes again */
		buf_add_char(buf, ',');
		buf_add_str(buf, problem->extra);
		buf_add_char(buf, '}');
	}
}

static unsigned retry_after_s(const struct problem *problem)
{
	switch (status_of(problem)) {
	case 429:
	case 503:
		return problem->retry_after_s ? problem->retry_after_s : 1;
	case 507:
		return problem->retry_after_s ? problem->retry_after_s : 5;
	default:
		return problem->retry_after_s;
	}
}

void problem_send_all(struct http_request *req, const struct problem *problem)
{
	struct buf body = BUF_EMPTY;
	unsigned status = status_of(problem), wait_s = retry_after_s(problem);
	char text[16];
	problem_write(&body, problem, http_request_id(req));
	if (status == 401) /* RFC 9110 15.5.2 */
		http_add_header(req, "WWW-Authenticate", "Bearer");
	if (wait_s) {
		snprintf(text, sizeof(text), "%u", wait_s);
		http_add_header(req, "Retry-After", text);
	}
	http_respond(req, status, HTTP_PROBLEM, &body);
}

void problem_send(struct http_request *req, enum err err, const char *detail)
{
	problem_send_all(req, &(struct problem){.err = err, .detail = detail});
}

void problem_sendf(struct http_request *req, enum err err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *detail = arena_vprintf(http_arena(req), fmt, args);
	va_end(args);
	problem_send(req, err, detail);
}
