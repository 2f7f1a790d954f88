/* problem.h - error answers: application/problem+json of RFC 9457.
 *
 *	problem_send(req, ERR_NOT_FOUND, NULL);
 *	problem_sendf(req, ERR_BAD_STATE, "the task is %s", state);
 *	problem_send_all(req, &(struct problem){.err = ERR_DUPLICATE, .extra = "\"existing\":\"42\""});
 *
 * The body: {"type": "/problems/CODE", "title": …, "status": …, "code": CODE, "detail": …, "member"?, "request_id"?, …}.
 * type is a relative reference that is stable for each code and is only ever compared.
 * title is the sentence of err.def; detail says what is wrong here and how to mend it. request_id is X-Request-Id.
 *
 * 401 carries WWW-Authenticate: Bearer; 429, 503 and 507 carry Retry-After.
 * Like http_respond, each ends the request.
 */
#ifndef HB_API_PROBLEM_H
#define HB_API_PROBLEM_H

#include "api/http.h"

struct problem {
	enum err err;
	const char *detail; /* a sentence; NULL: the title again */
	/* the member, parameter or header at fault, "contacts[3]"; NULL: none */
	const char *member;
	/* more members as raw JSON, "\"guards\":[…]", without the outer braces; NULL: none */
	const char *extra;
	/* 0: 1 s for 503 and 429, 5 s for 507, none for others */
	unsigned retry_after_s;
	unsigned status; /* 0: that of err */
};

void problem_send(struct http_request *req, enum err err, const char *detail);
void problem_sendf(struct http_request *req, enum err err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void problem_send_all(struct http_request *req, const struct problem *problem);

/* problem_write - the body alone, for answers inside answers (bulk results) and tests. request_id may be NULL. */
void problem_write(struct buf *buf, const struct problem *problem,
		   const char *request_id);

#endif
