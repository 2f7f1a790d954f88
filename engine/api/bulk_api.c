/* bulk_api.c - see bulk_api.h; the rules stand in core/bulk_*.c and core/jobs.c */
#include "api/bulk_api.h"

#include "api/api.h"
#include "api/problem.h"
#include "api/query.h"
#include "workflow/plan.h"

enum { REASON_CHARS = 500, Q_CHARS = 200 };

static bool is_fine(const struct call *call, enum err err)
{
	return err == ERR_OK && call->refusal.err == ERR_OK;
}

void bulk_go_on(struct call *call, enum err err, bool is_dry_run, store_write_fn *start)
{
	if (is_fine(call, err) && !is_dry_run)
		api_write(call->owner, start, call);
	else
		api_finish(call->owner, call, err);
}

/* --- enrolling --- */

static const struct body_field contacts_fields[] = {
	BODY_STR(struct bulk_contacts, q, "q", BODY_LINE, Q_CHARS),
	BODY_STR(struct bulk_contacts, tag, "tag", BODY_LINE, CONTACT_TAG_CHARS),
	BODY_STR(struct bulk_contacts, phone, "phone", BODY_LINE, CONTACT_PHONE_CHARS),
	BODY_STR(struct bulk_contacts, external_id, "external_id", BODY_LINE,
		 CONTACT_EXTERNAL_ID_CHARS),
	BODY_STR(struct bulk_contacts, owner, "owner", BODY_LINE, 64),
	BODY_BOOL(struct bulk_contacts, opted_out, "opted_out", BODY_OPTIONAL),
	BODY_BOOL(struct bulk_contacts, test, "test", BODY_OPTIONAL),
	BODY_END,
};
const struct body_shape bulk_contacts_shape =
	BODY_SHAPE_SEEN(struct bulk_contacts, seen, contacts_fields);

static void enroll_counted(void *arg, enum err err)
{
	struct bulk_enroll *cmd = arg;
	bulk_go_on(&cmd->list.call, err, cmd->bulk.is_dry_run, bulk_enroll_start);
}

void bulk_enroll_post(struct http_request *req, const struct bulk_contacts *filter,
		      const struct bulk *bulk, const struct enroll_test *test)
{
	struct bulk_enroll *cmd = API_CALL(req, struct bulk_enroll);
	cmd->bulk = *bulk;
	cmd->test = *test;
	cmd->list.q = filter->q;
	cmd->list.tag = filter->tag;
	cmd->list.phone = filter->phone;
	cmd->list.external_id = filter->external_id;
	cmd->list.opted_out =
		body_given(&filter->seen, "opted_out") ? filter->opted_out : -1;
	cmd->list.test = body_given(&filter->seen, "test") ? filter->test : -1;
	if (filter->owner && who_parse(filter->owner, &cmd->list.owner) != ERR_OK) {
		problem_send_all(
			req,
			&(struct problem){
				.err = ERR_BAD_REQUEST,
				.member = "filter.owner",
				.detail = "An owner is an id, a login, me or none."});
		return;
	}
	enum err err =
		store_read(api_of(req)->store, bulk_enroll_count, enroll_counted, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->list.call, err);
}

/* --- removing --- */

static const char *const state_names[] = {
	"active",    "waiting", "held", /* in the order of enum enrollment_state */
	"completed", "removed", "failed", NULL};

struct remove_filter {
	const char *step, *tag;
	uint64_t contact;
	int64_t version;
	int state;
	bool test;
	struct body_seen seen;
};

static const struct body_field filter_fields[] = {
	BODY_STR(struct remove_filter, step, "step", BODY_LINE | BODY_FILLED,
		 PLAN_ID_MAX),
	BODY_STR(struct remove_filter, tag, "tag", BODY_LINE | BODY_FILLED,
		 CONTACT_TAG_CHARS),
	BODY_ID(struct remove_filter, contact, "contact", BODY_OPTIONAL),
	BODY_INT(struct remove_filter, version, "version", BODY_OPTIONAL, 1,
		 UINT32_MAX),
	BODY_ENUM(struct remove_filter, state, "state", BODY_OPTIONAL, state_names),
	BODY_BOOL(struct remove_filter, test, "test", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape filter_shape =
	BODY_SHAPE_SEEN(struct remove_filter, seen, filter_fields);

struct remove_body {
	struct remove_filter *filter;
	const char *reason;
	bool forget, dry_run;
	int64_t expect;
};

static const struct body_field remove_fields[] = {
	BODY_OBJECT(struct remove_body, filter, "filter", BODY_REQUIRED, &filter_shape),
	BODY_STR(struct remove_body, reason, "reason",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, REASON_CHARS),
	BODY_BOOL(struct remove_body, forget, "forget", BODY_OPTIONAL),
	BODY_BOOL(struct remove_body, dry_run, "dry_run", BODY_OPTIONAL),
	BODY_INT(struct remove_body, expect, "expect", BODY_OPTIONAL, 0,
		 BULK_EXPECT_MOST),
	BODY_END,
};

static void remove_preset(void *out)
{
	((struct remove_body *)out)->expect = -1;
}

static const struct body_shape remove_shape = {.fields = remove_fields,
					       .size = sizeof(struct remove_body),
					       .seen = BODY_NO_SEEN,
					       .preset = remove_preset};

static void remove_counted(void *arg, enum err err)
{
	struct bulk_remove *cmd = arg;
	bulk_go_on(&cmd->call, err, cmd->bulk.is_dry_run, bulk_remove_start);
}

static void remove_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct bulk_remove *cmd = API_CALL(req, struct bulk_remove);
	struct remove_body body;
	if (!query_none(req) || !body_read(req, &remove_shape, &body))
		return;
	const struct remove_filter *filter = body.filter;
	cmd->bulk = (struct bulk){.workflow_id = route_param(req, "id"),
				  .expect = body.expect,
				  .is_dry_run = body.dry_run};
	cmd->step_id = filter->step;
	cmd->tag = filter->tag;
	cmd->contact_id = filter->contact;
	cmd->version = (uint32_t)filter->version;
	if (body_given(&filter->seen, "state"))
		cmd->states = 1u << filter->state;
	cmd->test = filter->test;
	cmd->forgets = body.forget;
	cmd->reason = body.reason;
	enum err err =
		store_read(api_of(req)->store, bulk_remove_count, remove_counted, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->call, err);
}

/* --- /jobs --- */

static void job_get_one(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct job_get *get = API_CALL(req, struct job_get);
	if (query_none(req) && api_param_id(req, "id", &get->id))
		api_read(req, job_get, &get->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/workflows/{id}/enrollments/remove", remove_post,
	 SCOPE_ENROLL | API_LEAD | API_CREATES, "enrollment_remove_many"},
	{HTTP_GET, "/api/v1/jobs/{id}", job_get_one, SCOPE_READ, "job_get"},
};

const struct route_table bulk_routes = {rows, sizeof(rows) / sizeof(*rows)};
