/* enrollment_api.c - /enrollments and /workflows/{id}/enrollments: parses and formats only; see core/enroll.h */
#include "api/api.h"
#include "api/api_once.h"
#include "api/body.h"
#include "api/bulk_api.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/workflow_api.h"
#include "core/enroll.h"
#include "workflow/plan.h"

enum { CONTACTS_MOST = 500, REASON_CHARS = 500 };

/* --- enrolling: parts of ENROLL_PART_MOST contacts, one write after the other, one answer --- */

struct enroll_job {
	struct enroll part; /* first: its call stands for the job */
	struct body_ids contacts;
	size_t done;     /* contacts answered */
	const char *key; /* Idempotency-Key or NULL; each part has one of its own */
	store_write_fn *write;
	struct buf results;
};

static void part_start(struct enroll_job *job);

static void job_finish(struct enroll_job *job, enum err err)
{
	struct call *call = &job->part.call;
	if (err == ERR_OK && call->refusal.err == ERR_OK) {
		buf_clear(&call->answer);
		buf_printf(&call->answer, "{\"results\":[%s]}", buf_str(&job->results));
	}
	buf_fini(&job->results);
	api_finish(call->owner, call, err);
}

static void part_done(void *arg, enum err err)
{
	struct enroll_job *job = arg;
	struct call *call = &job->part.call;
	if (err == ERR_OK && call->refusal.err == ERR_OK) {
		if (job->done)
			buf_add_char(&job->results, ',');
		buf_add(&job->results, buf_str(&call->answer), call->answer.len);
		job->done += job->part.count;
		if (job->done < job->contacts.count) {
			part_start(job);
			return;
		}
	}
	job_finish(job, err);
}

/* A blank cannot stand in a key that a client sends, so no other request has these. */
static void part_start(struct enroll_job *job)
{
	struct call *call = &job->part.call;
	size_t left = job->contacts.count - job->done;
	buf_clear(&call->answer);
	if (job->key && job->done)
		call->idempotency_key =
			arena_printf(call->arena, "%s %zu", job->key, job->done);
	job->part.contact_ids = job->contacts.items + job->done;
	job->part.count = left < ENROLL_PART_MOST ? left : ENROLL_PART_MOST;
	enum err err =
		store_write(api_of(call->owner)->store, job->write, part_done, job);
	if (err != ERR_OK)
		job_finish(job, err);
}

struct enroll_body {
	struct body_ids contacts;
	struct bulk_contacts *filter;
	bool test, dry_run;
	int64_t compress, expect;
};

static const struct body_field enroll_fields[] = {
	BODY_ID_LIST(struct enroll_body, contacts, "contacts", BODY_FILLED,
		     CONTACTS_MOST),
	BODY_OBJECT(struct enroll_body, filter, "filter", BODY_OPTIONAL,
		    &bulk_contacts_shape),
	BODY_BOOL(struct enroll_body, dry_run, "dry_run", BODY_OPTIONAL),
	BODY_INT(struct enroll_body, expect, "expect", BODY_OPTIONAL, 0,
		 BULK_EXPECT_MOST),
	BODY_BOOL(struct enroll_body, test, "test", BODY_OPTIONAL),
	BODY_INT(struct enroll_body, compress, "compress", BODY_OPTIONAL, 1,
		 ENROLL_COMPRESS_MOST),
	BODY_END,
};
static void enroll_preset(void *out)
{
	((struct enroll_body *)out)->expect = -1;
}

static const struct body_shape enroll_shape = {.fields = enroll_fields,
					       .size = sizeof(struct enroll_body),
					       .seen = BODY_NO_SEEN,
					       .preset = enroll_preset};

static bool check_body(struct http_request *req, const struct enroll_body *body)
{
	struct problem problem = {.err = ERR_NOT_BUILT};
	if (body->filter && body->contacts.count) {
		problem.err = ERR_BAD_REQUEST;
		problem.member = "filter";
		problem.detail = "Name the contacts, or give a filter; not both.";
	} else if ((body->dry_run || body->expect >= 0) && !body->filter) {
		problem.err = ERR_BAD_REQUEST;
		problem.member = body->dry_run ? "dry_run" : "expect";
		problem.detail = "dry_run and expect go with a filter.";
	} else if (body->compress && !body->test) {
		problem.err = ERR_BAD_REQUEST;
		problem.member = "compress";
		problem.detail = "Only the waits of a test run are compressed: send "
				 "\"test\": true with it.";
	} else if (!body->filter && !body->contacts.count) {
		problem.err = ERR_BAD_REQUEST;
		problem.member = "contacts";
		problem.detail = "Name the contacts, a list of at most 500 ids, or "
				 "give a filter.";
	} else {
		return true;
	}
	problem_send_all(req, &problem);
	return false;
}

static void enroll_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct enroll_job *job = API_CALL(req, struct enroll_job);
	struct enroll_body body;
	if (!query_none(req) || !body_read(req, &enroll_shape, &body) ||
	    !check_body(req, &body))
		return;
	const struct enroll_test test = {body.test, (uint32_t)body.compress};
	if (body.filter) {
		const struct bulk bulk = {.workflow_id = route_param(req, "id"),
					  .expect = body.expect,
					  .is_dry_run = body.dry_run};
		bulk_enroll_post(req, body.filter, &bulk, &test);
		return;
	}
	job->write = enroll_contacts;
	if (!api_once(req, &job->part.call, &job->write))
		return;
	job->key = job->part.call.idempotency_key;
	job->part.workflow_id = route_param(req, "id");
	job->contacts = body.contacts;
	job->part.test = test;
	part_start(job);
}

/* --- /enrollments --- */

struct list_query {
	const char *workflow, *cursor;
	uint64_t contact, states;
	int64_t limit;
	bool test;
};

static const char *const state_names[] = {
	"active",    "waiting", "held", /* in the order of enum enrollment_state */
	"completed", "removed", "failed", NULL};
static const struct query_param list_params[] = {
	QUERY_STR(struct list_query, workflow, "workflow", PLAN_ID_MAX),
	QUERY_ID(struct list_query, contact, "contact"),
	QUERY_SET(struct list_query, states, "state", state_names),
	QUERY_BOOL(struct list_query, test, "test"),
	QUERY_LIMIT(struct list_query, limit),
	QUERY_CURSOR(struct list_query, cursor),
	QUERY_END,
};

static void list_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct enrollment_list *list = API_CALL(req, struct enrollment_list);
	struct list_query query;
	if (!query_read(req, list_params, &query, sizeof(query)))
		return;
	list->workflow_id = query.workflow && *query.workflow ? query.workflow : NULL;
	list->contact_id = query.contact;
	list->states = (unsigned)query.states;
	list->test = query.test;
	list->cursor = query.cursor;
	list->limit = (size_t)query.limit;
	api_read(req, enrollment_list, &list->call);
}

static void one_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct enrollment_get *get = API_CALL(req, struct enrollment_get);
	if (query_none(req) && api_param_id(req, "id", &get->id))
		api_read(req, enrollment_get, &get->call);
}

struct remove_query {
	const char *reason;
};

static const struct query_param remove_params[] = {
	QUERY_STR(struct remove_query, reason, "reason", REASON_CHARS),
	QUERY_END,
};

static void one_delete(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct enrollment_remove *cmd = API_CALL(req, struct enrollment_remove);
	struct remove_query query;
	if (!query_read(req, remove_params, &query, sizeof(query)) ||
	    !api_param_id(req, "id", &cmd->id))
		return;
	cmd->reason = query.reason && *query.reason ? query.reason : NULL;
	api_write(req, enrollment_remove, &cmd->call);
}

struct journal_query {
	const char *cursor;
	int64_t limit;
};

static const struct query_param journal_params[] = {
	QUERY_LIMIT(struct journal_query, limit),
	QUERY_CURSOR(struct journal_query, cursor),
	QUERY_END,
};

static void journal_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct enrollment_journal *list = API_CALL(req, struct enrollment_journal);
	struct journal_query query;
	if (!query_read(req, journal_params, &query, sizeof(query)) ||
	    !api_param_id(req, "id", &list->id))
		return;
	list->cursor = query.cursor;
	list->limit = (size_t)query.limit;
	api_read(req, enrollment_journal, &list->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/workflows/{id}/enrollments", enroll_post,
	 SCOPE_ENROLL | API_CREATES, "enroll"},
	{HTTP_GET, "/api/v1/enrollments", list_get, SCOPE_READ, "enrollment_list"},
	{HTTP_GET, "/api/v1/enrollments/{id}", one_get, SCOPE_READ, "enrollment_get"},
	{HTTP_DELETE, "/api/v1/enrollments/{id}", one_delete, SCOPE_ENROLL,
	 "enrollment_delete"},
	{HTTP_GET, "/api/v1/enrollments/{id}/journal", journal_get, SCOPE_READ,
	 "enrollment_journal"},
};

const struct route_table enrollment_routes = {rows, sizeof(rows) / sizeof(*rows)};
