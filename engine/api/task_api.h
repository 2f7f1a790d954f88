/* task_api.h - the routes of /tasks, and the filter of GET /tasks as a member of a body. */
#ifndef HB_API_TASK_API_H
#define HB_API_TASK_API_H

#include "api/body.h"
#include "api/route.h"
#include "store/task_rows.h"

enum { TASK_REASON_CHARS = 500 };

extern const struct route_table task_routes;

struct task_filter_body {
	const char *workflow, *q, *assignee, *attention;
	const char *states; /* of a bulk act: separated by commas */
	uint64_t contact, team;
	int64_t due_before;
	int order;
	bool test;
};

#define TASK_FILTER_FIELDS(type)                                                   \
	BODY_STR(type, workflow, "workflow", BODY_NULL | BODY_LINE, 200),          \
		BODY_ID(type, contact, "contact", BODY_NULL),                      \
		BODY_STR(type, assignee, "assignee", BODY_NULL | BODY_LINE, 64),   \
		BODY_ID(type, team, "team", BODY_NULL),                            \
		BODY_TIME(type, due_before, "due_before", BODY_NULL),              \
		BODY_STR(type, attention, "attention", BODY_NULL | BODY_LINE, 40), \
		BODY_BOOL(type, test, "test", BODY_OPTIONAL),                      \
		BODY_STR(type, q, "q", BODY_NULL | BODY_LINE, 100)

/* task_filter_read - into filter and whose tasks. false: the request has been answered and is gone. */
bool task_filter_read(struct http_request *req, const struct task_filter_body *in,
		      struct who *assignee, struct task_filter *filter) MUST_CHECK;

/* task_until_read - of a snooze: a time, or "hours"; NULL leaves both as they are. false: likewise. */
bool task_until_read(struct http_request *req, const char *until, bool *hours_out,
		     int64_t *at_out) MUST_CHECK;

/* task_bulk_post - POST /tasks/bulk, in task_bulk_api.c. */
route_handler task_bulk_post;

#endif
