/* shell_api.c - see shell_api.h */
#include "api/shell_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/query.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/ledger.h"
#include "core/restored.h"
#include "core/standing.h"

enum { PATH_CHARS = 4096 };

static bool is_shell(struct http_request *req)
{
	if (api_actor(req)->kind == ACTOR_SHELL)
		return true;
	problem_send(req, ERR_FORBIDDEN,
		     "Only the shell on this machine may do that: `handbox`, without "
		     "HANDBOX_TOKEN.");
	return false;
}

/* --- backup ----------------------------------------------------------------------------------------------------------------- */

struct backup_in {
	const char *path;
};

static const struct body_field backup_fields[] = {
	BODY_STR(struct backup_in, path, "path",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, PATH_CHARS),
	BODY_END,
};
static const struct body_shape backup_shape =
	BODY_SHAPE(struct backup_in, backup_fields);

struct backup_job {
	struct http_request *req;
	struct backup_in in;
	enum err err;
	char *why;
};

static void backup_work(void *arg)
{
	struct backup_job *job = arg;
	job->err = store_backup(api_of(job->req)->store, job->in.path, &job->why);
}

static void backup_done(void *arg)
{
	struct backup_job *job = arg;
	struct buf body = BUF_EMPTY;
	struct json json;
	if (job->err != ERR_OK) {
		char *why = job->why; /* the job goes with its request */
		problem_send(job->req, job->err, why);
		mem_free(why);
		return;
	}
	log_info("backup", "made path=%s", job->in.path);
	json_init(&json, &body);
	json_object(&json);
	json_key_str(&json, "path", job->in.path);
	json_end_object(&json);
	http_respond(job->req, 200, HTTP_JSON, &body);
}

static void backup_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct api *api = ctx;
	struct backup_job *job = ARENA_NEW(http_arena(req), struct backup_job);
	job->req = req;
	if (!is_shell(req) || !query_none(req) ||
	    !body_read(req, &backup_shape, &job->in))
		return;
	if (*job->in.path != '/') {
		problem_send_all(
			req, &(struct problem){.err = ERR_INVALID,
					       .member = "path",
					       .detail = "An absolute path is wanted: "
							 "the daemon has a working "
							 "folder of its own."});
		return;
	}
	enum err err = pool_run(api->pool, backup_work, backup_done, job);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}

/* --- verify ----------------------------------------------------------------------------------------------------------------- */

struct verify_in {
	const char *head;
};

static const struct body_field verify_fields[] = {
	BODY_STR(struct verify_in, head, "head", BODY_NULL | BODY_LINE,
		 LEDGER_HEAD_TEXT_LEN),
	BODY_END,
};
static const struct body_shape verify_shape =
	BODY_SHAPE(struct verify_in, verify_fields);

struct verify_job {
	struct ledger_verify verify; /* first: the arg of the read */
	struct ledger_head head;
	struct http_request *req;
};

static void write_broken(struct json *json, const struct ledger_verify *verify)
{
	if (!verify->broken.what) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_str(json, "what", verify->broken.what);
	json_key_int(json, "chain", verify->broken.chain);
	json_key_int(json, "seq", (int64_t)verify->broken.seq);
	json_key_id(json, "message", verify->broken.message_id);
	json_end_object(json);
}

static void verify_answer(struct verify_job *job)
{
	const struct ledger_verify *verify = &job->verify;
	char head[LEDGER_HEAD_TEXT_LEN];
	struct buf body = BUF_EMPTY;
	struct json json;
	json_init(&json, &body);
	json_object(&json);
	json_key_bool(&json, "ok", !verify->broken.what);
	json_key_int(&json, "entries", (int64_t)verify->entries);
	json_key_int(&json, "sends", (int64_t)verify->sends);
	json_key_int(&json, "messages", (int64_t)verify->messages);
	json_key_int(&json, "erased", (int64_t)verify->erased);
	json_key_str(&json, "head",
		     verify->head.seq ? ledger_head_format(&verify->head, head) : NULL);
	json_key(&json, "broken");
	write_broken(&json, verify);
	json_end_object(&json);
	http_respond(job->req, 200, HTTP_JSON, &body);
}

static void verify_step(struct verify_job *job);

static void verify_stepped(void *arg, enum err err)
{
	struct verify_job *job = arg;
	if (err == ERR_OK && !job->verify.is_done && !http_is_gone(job->req)) {
		verify_step(job);
		return;
	}
	if (err == ERR_OK)
		verify_answer(job);
	else
		problem_send(job->req, err, NULL);
	ledger_verify_fini(&job->verify);
	mem_free(job);
}

static void verify_step(struct verify_job *job)
{
	enum err err = store_read(api_of(job->req)->store, ledger_verify_step,
				  verify_stepped, job);
	if (err != ERR_OK)
		verify_stepped(job, err);
}

static void verify_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct verify_in in;
	if (!is_shell(req) || !query_none(req) || !body_read(req, &verify_shape, &in))
		return;
	struct verify_job *job = MEM_NEW(struct verify_job);
	job->req = req;
	if (in.head && ledger_head_parse(in.head, &job->head) != ERR_OK) {
		mem_free(job);
		problem_send_all(
			req, &(struct problem){.err = ERR_INVALID,
					       .member = "head",
					       .detail = "A head is CHAIN:SEQ:HASH, as "
							 "the log has it hourly."});
		return;
	}
	job->verify.expected = in.head ? &job->head : NULL;
	verify_step(job);
}

/* --- restored copies -------------------------------------------------------------------------------------------------------- */

struct nothing_in {
	char unused;
};

static const struct body_field nothing_fields[] = {BODY_END};
static const struct body_shape nothing_shape =
	BODY_SHAPE(struct nothing_in, nothing_fields);

struct settle_job {
	struct restored_resume resume; /* first: api_write finds its call there */
	struct restored_settle settle;
	struct http_request *req;
	bool resumes; /* and hands over again */
};

static void settle_answer(const struct settle_job *job)
{
	struct buf body = BUF_EMPTY;
	struct json json;
	json_init(&json, &body);
	json_object(&json);
	json_key_bool(&json, "restored", job->settle.is_copy);
	json_key_int(&json, "messages", job->settle.messages);
	json_key_int(&json, "receipts", job->settle.receipts);
	json_key_int(&json, "leases", job->settle.leases);
	json_key_int(&json, "sessions", job->settle.sessions);
	json_end_object(&json);
	http_respond(job->req, 200, HTTP_JSON, &body);
}

static void settle_step(struct settle_job *job);

static void settle_stepped(void *arg, enum err err)
{
	struct settle_job *job =
		(struct settle_job *)((char *)arg -
				      offsetof(struct settle_job, settle));
	if (err != ERR_OK)
		problem_send(job->req, err, NULL);
	else if (!job->settle.is_done)
		settle_step(job);
	else if (job->resumes)
		api_write(job->req, restored_resume, &job->resume.call);
	else
		settle_answer(job);
}

static void settle_step(struct settle_job *job)
{
	enum err err = store_write(api_of(job->req)->store, restored_settle,
				   settle_stepped, &job->settle);
	if (err != ERR_OK)
		problem_send(job->req, err, NULL);
}

static void settle_start(struct http_request *req, bool resumes)
{
	struct settle_job *job = API_CALL(req, struct settle_job);
	struct nothing_in in;
	if (!is_shell(req) || !query_none(req) || !body_read(req, &nothing_shape, &in))
		return;
	job->req = req;
	job->resumes = resumes;
	settle_step(job);
}

static void settle_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	settle_start(req, false);
}

static void resume_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	settle_start(req, true);
}

/* --- what the shell may know ------------------------------------------------------------------------------------------------- */

static void secret_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	const struct api *api = ctx;
	struct buf body = BUF_EMPTY;
	struct json json;
	if (!is_shell(req) || !query_none(req))
		return;
	json_init(&json, &body);
	json_object(&json);
	json_key_str(&json, "secret", api->kannel_secret);
	json_end_object(&json);
	http_respond(req, 200, HTTP_JSON, &body);
}

static void state_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct call *call = API_CALL(req, struct call);
	if (is_shell(req) && query_none(req))
		api_read(req, restored_get, call);
}

/* --- enrollments that nothing will move, or two things ----------------------------------------------------------------------- */

struct standing_query {
	uint64_t after;
};

static const struct query_param standing_params[] = {
	QUERY_ID(struct standing_query, after, "after"),
	QUERY_END,
};

static void standing_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct standing *look = API_CALL(req, struct standing);
	struct standing_query query;
	if (!is_shell(req) || !query_read(req, standing_params, &query, sizeof(query)))
		return;
	look->after_id = query.after;
	api_read(req, standing_check, &look->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/shell/backup", backup_post, SCOPE_ADMIN, "shell_backup"},
	{HTTP_POST, "/api/v1/shell/verify", verify_post, SCOPE_READ, "shell_verify"},
	{HTTP_POST, "/api/v1/shell/settle-restored", settle_post, SCOPE_ADMIN,
	 "shell_settle_restored"},
	{HTTP_POST, "/api/v1/shell/resume-restored", resume_post, SCOPE_ADMIN,
	 "shell_resume_restored"},
	{HTTP_GET, "/api/v1/shell/secret", secret_get, SCOPE_ADMIN, "shell_secret"},
	{HTTP_GET, "/api/v1/shell/standing", standing_get, SCOPE_READ,
	 "shell_standing"},
	{HTTP_GET, "/api/v1/shell/state", state_get, SCOPE_READ, "shell_state"},
};

const struct route_table shell_routes = {rows, sizeof(rows) / sizeof(rows[0])};
