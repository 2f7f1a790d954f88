/* workflow_api.c - /workflows and /why: parses and formats only; the rules stand in core/workflow_*.c */
#include "api/workflow_api.h"

#include <string.h>

#include "api/api.h"
#include "api/api_once.h"
#include "api/body.h"
#include "api/bulk_api.h"
#include "api/condition.h"
#include "api/problem.h"
#include "api/query.h"
#include "base/pool.h"
#include "core/migrate.h"
#include "core/why.h"
#include "core/workflows.h"

#define XML "application/xml"

static bool is_fine(const struct call *call, enum err err)
{
	return err == ERR_OK && call->refusal.err == ERR_OK;
}

/* --- saving: parsed on the pool, then a command --- */

struct save_job {
	struct workflow_save cmd; /* first: its call stands for the job */
	struct workflow_options options;
	store_write_fn *write;
	enum err err;
};

static void save_finish(struct save_job *job, enum err err)
{
	struct http_request *req = job->cmd.call.owner;
	plan_unref(&job->cmd.plan);
	api_finish(req, &job->cmd.call, err);
}

static void save_done(void *arg, enum err err)
{
	save_finish(arg, err);
}

static void parse_work(void *arg)
{
	struct save_job *job = arg;
	const struct http_request *req = job->cmd.call.owner;
	job->err = workflow_parse(http_body(req), http_body_len(req), &job->options,
				  &job->cmd.plan, &job->cmd.report);
}

static void parse_done(void *arg)
{
	struct save_job *job = arg;
	struct http_request *req = job->cmd.call.owner;
	if (job->err != ERR_OK) {
		job->cmd.plan = NULL;
		if (job->err == ERR_INVALID_WORKFLOW)
			job->err = workflow_refuse(&job->cmd.call, &job->cmd.report);
		save_finish(job, job->err);
		return;
	}
	enum err err = store_write(api_of(req)->store, job->write, save_done, job);
	if (err != ERR_OK)
		save_finish(job, err);
}

static void save_start(struct http_request *req, struct save_job *job)
{
	struct api *api = api_of(req);
	workflow_report_init(&job->cmd.report, http_arena(req), NULL);
	workflow_parse_options(api->core, &job->options);
	enum err err = pool_run(api->pool, parse_work, parse_done, job);
	if (err != ERR_OK)
		save_finish(job, err);
}

static bool is_xml(const struct http_request *req)
{
	return body_has_type(req, XML) || body_has_type(req, "text/xml");
}

static void one_put(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct save_job *job = API_CALL(req, struct save_job);
	struct if_match *match = ARENA_NEW(http_arena(req), struct if_match);
	if (!query_none(req) || !condition_match(req, match))
		return;
	if (!is_xml(req)) {
		problem_send(req, ERR_MEDIA_TYPE,
			     "A workflow is put as application/xml.");
		return;
	}
	job->cmd.id = route_param(req, "id");
	job->cmd.match =
		(struct workflow_match){.tags = match->tags,
					.count = match->count,
					.is_given = match->is_given && !match->is_any};
	job->write = workflow_save;
	save_start(req, job);
}

/* --- /workflows --- */

struct create_body {
	const char *name;
};

static const struct body_field create_fields[] = {
	BODY_STR(struct create_body, name, "name",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, WORKFLOW_NAME_CHARS),
	BODY_END,
};
static const struct body_shape create_shape =
	BODY_SHAPE(struct create_body, create_fields);

static void create_empty(struct http_request *req)
{
	struct workflow_create *cmd = API_CALL(req, struct workflow_create);
	struct create_body body;
	if (!body_read(req, &create_shape, &body))
		return;
	cmd->name = body.name;
	api_write(req, workflow_create, &cmd->call);
}

static void list_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	if (!query_none(req))
		return;
	if (!is_xml(req)) {
		create_empty(req);
		return;
	}
	struct save_job *job = API_CALL(req, struct save_job);
	job->write = workflow_save;
	if (api_once(req, &job->cmd.call, &job->write))
		save_start(req, job);
}

struct list_query {
	const char *cursor;
	int64_t limit;
};

static const struct query_param list_params[] = {
	QUERY_LIMIT(struct list_query, limit),
	QUERY_CURSOR(struct list_query, cursor),
	QUERY_END,
};

static void list_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_list *list = API_CALL(req, struct workflow_list);
	struct list_query query;
	if (!query_read(req, list_params, &query, sizeof(query)))
		return;
	list->cursor = query.cursor;
	list->limit = (size_t)query.limit;
	api_read(req, workflow_list, &list->call);
}

static void versions_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_versions *list = API_CALL(req, struct workflow_versions);
	struct list_query query;
	if (!query_read(req, list_params, &query, sizeof(query)))
		return;
	list->id = route_param(req, "id");
	list->cursor = query.cursor;
	list->limit = (size_t)query.limit;
	api_read(req, workflow_versions, &list->call);
}

struct diff_query {
	int64_t from, to;
};

static const struct query_param diff_params[] = {
	QUERY_INT(struct diff_query, from, "from", 1, UINT32_MAX, 0),
	QUERY_INT(struct diff_query, to, "to", 1, UINT32_MAX, 0),
	QUERY_END,
};

static void diff_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_compare *cmd = API_CALL(req, struct workflow_compare);
	struct diff_query query;
	if (!query_read(req, diff_params, &query, sizeof(query)))
		return;
	cmd->id = route_param(req, "id");
	cmd->from = (uint32_t)query.from;
	cmd->to = (uint32_t)query.to;
	api_read(req, workflow_compare, &cmd->call);
}

/* --- /workflows/{id} --- */

/* Whichever of the two is named first; JSON when neither is. */
static bool wants_xml(const struct http_request *req)
{
	const char *accept = http_header(req, "Accept");
	const char *xml = accept ? strstr(accept, XML) : NULL;
	const char *json = accept ? strstr(accept, HTTP_JSON) : NULL;
	return xml && (!json || xml < json);
}

static void get_done(void *arg, enum err err)
{
	struct workflow_get *get = arg;
	struct http_request *req = get->call.owner;
	if (is_fine(&get->call, err))
		http_add_header(req, "Vary", "Accept");
	if (is_fine(&get->call, err) && get->wants_xml) {
		api_add_etag(req, &get->call);
		http_respond(req, 200, XML, &get->call.answer);
	} else {
		api_finish(req, &get->call, err);
	}
}

struct get_query {
	int64_t version;
};

static const struct query_param get_params[] = {
	QUERY_INT(struct get_query, version, "version", 0, UINT32_MAX, 0),
	QUERY_END,
};

static void one_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_get *get = API_CALL(req, struct workflow_get);
	struct get_query query;
	if (!query_read(req, get_params, &query, sizeof(query)))
		return;
	get->id = route_param(req, "id");
	get->version = (uint32_t)query.version;
	get->wants_xml = wants_xml(req);
	if (get->version && !get->wants_xml) {
		problem_send_all(
			req,
			&(struct problem){
				.err = ERR_BAD_REQUEST,
				.member = "version",
				.detail = "A single version is given as XML: send "
					  "Accept: "
					  "application/xml, or leave version out."});
		return;
	}
	enum err err = store_read(api_of(req)->store, workflow_get, get_done, get);
	if (err != ERR_OK)
		api_finish(req, &get->call, err);
}

static void one_delete(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_delete *cmd = API_CALL(req, struct workflow_delete);
	if (!query_none(req))
		return;
	cmd->id = route_param(req, "id");
	api_write(req, workflow_delete, &cmd->call);
}

/* --- publish, unpublish, adopt --- */

struct publish_body {
	int64_t version;
	const char *note;
};

static const struct body_field publish_fields[] = {
	BODY_INT(struct publish_body, version, "version", BODY_NULL, 1, UINT32_MAX),
	BODY_STR(struct publish_body, note, "note", BODY_NULL | BODY_LINE,
		 WORKFLOW_NOTE_CHARS),
	BODY_END,
};
static const struct body_shape publish_shape =
	BODY_SHAPE(struct publish_body, publish_fields);

static void publish_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_publish *cmd = API_CALL(req, struct workflow_publish);
	struct publish_body body;
	if (!query_none(req) || !body_read(req, &publish_shape, &body))
		return;
	cmd->id = route_param(req, "id");
	cmd->version = (uint32_t)body.version;
	cmd->note = body.note;
	api_write(req, workflow_publish, &cmd->call);
}

struct unpublish_body {
	int pending;
};

static const char *const pending_names[] = {
	"hold", "keep", "cancel", NULL}; /* in the order of enum pending_tasks */
static const struct body_field unpublish_fields[] = {
	BODY_ENUM(struct unpublish_body, pending, "pending_tasks", BODY_OPTIONAL,
		  pending_names),
	BODY_END,
};
static const struct body_shape unpublish_shape =
	BODY_SHAPE(struct unpublish_body, unpublish_fields);

/* Cancelling many goes on in steps, with other writes between them. */
static void unpublish_done(void *arg, enum err err)
{
	struct workflow_unpublish *cmd = arg;
	struct http_request *req = cmd->call.owner;
	if (is_fine(&cmd->call, err) && cmd->more) {
		err = store_write(api_of(req)->store, workflow_unpublish,
				  unpublish_done, cmd);
		if (err == ERR_OK)
			return;
	}
	api_finish(req, &cmd->call, err);
}

static void unpublish_post(struct http_request *req, const struct route *route,
			   void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_unpublish *cmd = API_CALL(req, struct workflow_unpublish);
	struct unpublish_body body;
	if (!query_none(req) || !body_read(req, &unpublish_shape, &body))
		return;
	cmd->id = route_param(req, "id");
	cmd->pending = (enum pending_tasks)body.pending;
	enum err err = store_write(api_of(req)->store, workflow_unpublish,
				   unpublish_done, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->call, err);
}

struct nothing_body {
	char unused;
};

static const struct body_field nothing_fields[] = {BODY_END};
static const struct body_shape nothing_shape =
	BODY_SHAPE(struct nothing_body, nothing_fields);

static void adopt_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_adopt *cmd = API_CALL(req, struct workflow_adopt);
	struct nothing_body body;
	if (!query_none(req) || !body_read(req, &nothing_shape, &body))
		return;
	cmd->id = route_param(req, "id");
	api_write(req, workflow_adopt, &cmd->call);
}

/* --- migrate --- */

struct migrate_body {
	int64_t from, to, expect;
	struct body_map map;
	const char *reason;
	bool refresh, dry_run;
};

static const struct body_field migrate_fields[] = {
	BODY_INT(struct migrate_body, from, "from", BODY_REQUIRED, 1, UINT32_MAX),
	BODY_INT(struct migrate_body, to, "to", BODY_REQUIRED, 1, UINT32_MAX),
	BODY_STR_MAP(struct migrate_body, map, "map", BODY_OPTIONAL, MIGRATE_MAPS_MOST,
		     PLAN_ID_MAX),
	BODY_STR(struct migrate_body, reason, "reason", BODY_NULL | BODY_LINE,
		 MIGRATE_REASON_CHARS),
	BODY_BOOL(struct migrate_body, refresh, "refresh", BODY_OPTIONAL),
	BODY_BOOL(struct migrate_body, dry_run, "dry_run", BODY_OPTIONAL),
	BODY_INT(struct migrate_body, expect, "expect", BODY_OPTIONAL, 0,
		 BULK_EXPECT_MOST),
	BODY_END,
};

static void migrate_preset(void *out)
{
	((struct migrate_body *)out)->expect = -1;
}

static const struct body_shape migrate_shape = {.fields = migrate_fields,
						.size = sizeof(struct migrate_body),
						.seen = BODY_NO_SEEN,
						.preset = migrate_preset};

static void migrate_looked(void *arg, enum err err)
{
	struct workflow_migrate *cmd = arg;
	bulk_go_on(&cmd->call, err, cmd->bulk.is_dry_run, workflow_migrate_start);
}

static void take_map(struct arena *arena, struct workflow_migrate *cmd,
		     const struct body_map *map)
{
	struct step_mapping *maps =
		ARENA_ARRAY(arena, struct step_mapping, map->count + 1);
	for (size_t i = 0; i < map->count; i++)
		maps[i] =
			(struct step_mapping){map->items[i].name, map->items[i].value};
	cmd->maps = maps;
	cmd->map_count = map->count;
}

static void migrate_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct workflow_migrate *cmd = API_CALL(req, struct workflow_migrate);
	struct migrate_body body;
	if (!query_none(req) || !body_read(req, &migrate_shape, &body))
		return;
	cmd->bulk = (struct bulk){.workflow_id = route_param(req, "id"),
				  .expect = body.expect,
				  .is_dry_run = body.dry_run};
	cmd->from = (uint32_t)body.from;
	cmd->to = (uint32_t)body.to;
	cmd->refreshes = body.refresh;
	cmd->reason = body.reason;
	take_map(http_arena(req), cmd, &body.map);
	enum err err = store_read(api_of(req)->store, workflow_migrate_look,
				  migrate_looked, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->call, err);
}

/* --- /why --- */

struct why_query {
	const char *workflow, *step;
	uint64_t contact;
};

static const struct query_param why_params[] = {
	QUERY_STR(struct why_query, workflow, "workflow", PLAN_ID_MAX),
	QUERY_ID(struct why_query, contact, "contact"),
	QUERY_STR(struct why_query, step, "step", PLAN_ID_MAX),
	QUERY_END,
};

static void why_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct why_workflow *why = API_CALL(req, struct why_workflow);
	struct why_query query;
	if (!query_read(req, why_params, &query, sizeof(query)))
		return;
	if (!query.workflow || !*query.workflow) {
		problem_send_all(
			req,
			&(struct problem){
				.err = ERR_BAD_REQUEST,
				.member = "workflow",
				.detail = "Name the workflow: "
					  "/api/v1/why?workflow=new-lead&contact=42"});
		return;
	}
	why->workflow_id = query.workflow;
	why->contact_id = query.contact;
	why->step_id = query.step && *query.step ? query.step : NULL;
	api_read(req, why_workflow, &why->call);
}

enum { WRITES = SCOPE_WORKFLOWS | API_LEAD };

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/workflows", list_get, SCOPE_READ, "workflow_list"},
	{HTTP_POST, "/api/v1/workflows", list_post, WRITES | API_CREATES,
	 "workflow_create"},
	{HTTP_GET, "/api/v1/workflows/{id}", one_get, SCOPE_READ, "workflow_get"},
	{HTTP_PUT, "/api/v1/workflows/{id}", one_put, WRITES, "workflow_put"},
	{HTTP_DELETE, "/api/v1/workflows/{id}", one_delete, WRITES, "workflow_delete"},
	{HTTP_POST, "/api/v1/workflows/{id}/publish", publish_post, WRITES,
	 "workflow_publish"},
	{HTTP_POST, "/api/v1/workflows/{id}/unpublish", unpublish_post, WRITES,
	 "workflow_unpublish"},
	{HTTP_POST, "/api/v1/workflows/{id}/adopt", adopt_post, WRITES,
	 "workflow_adopt"},
	{HTTP_POST, "/api/v1/workflows/{id}/migrate", migrate_post,
	 WRITES | API_CREATES, "workflow_migrate"},
	{HTTP_GET, "/api/v1/workflows/{id}/versions", versions_get, SCOPE_READ,
	 "workflow_versions"},
	{HTTP_GET, "/api/v1/workflows/{id}/diff", diff_get, SCOPE_READ,
	 "workflow_diff"},
	{HTTP_GET, "/api/v1/why", why_get, SCOPE_READ, "why"},
};

const struct route_table workflow_routes = {rows, sizeof(rows) / sizeof(*rows)};
