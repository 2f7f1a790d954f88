/* api.c - see api.h */
#include "api/api.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/api_once.h"
#include "api/problem.h"
#include "base/log.h"

const struct actor *api_actor(const struct http_request *req)
{
	const struct caller *caller = http_slot(req, HTTP_SLOT_WHO);
	return &caller->actor;
}

struct api *api_of(const struct http_request *req)
{
	const struct caller *caller = http_slot(req, HTTP_SLOT_WHO);
	return caller->api;
}

void *api_call_new(struct http_request *req, size_t size)
{
	struct call *call = arena_calloc(http_arena(req), size);
	call->actor = api_actor(req);
	call->arena = http_arena(req);
	call->owner = req;
	return call;
}

bool api_param_id(struct http_request *req, const char *name, uint64_t *id_out)
{
	if (route_param_id(req, name, id_out) == ERR_OK)
		return true;
	problem_sendf(req, ERR_NOT_FOUND, "\"%s\" is no id: ids are digits.",
		      route_param(req, name));
	return false;
}

static void send_refusal(struct http_request *req, const struct refusal *refusal)
{
	problem_send_all(req, &(struct problem){.err = refusal->err,
						.detail = refusal->detail,
						.member = refusal->member,
						.extra = refusal->extra});
}

void api_add_etag(struct http_request *req, const struct call *call)
{
	char etag[16];
	snprintf(etag, sizeof(etag), "\"%" PRIu32 "\"", call->revision);
	if (call->revision)
		http_add_header(req, "ETag", etag);
}

/* The call lies in the request's arena: nothing of it may be touched once the answer is on its way. */
void api_finish(struct http_request *req, struct call *call, enum err err)
{
	if (call->refusal.err != ERR_OK) {
		buf_fini(&call->answer);
		send_refusal(req, &call->refusal);
	} else if (err != ERR_OK) {
		if (err_status(err) >= 500)
			log_warn("api", "%s %s answered %s request=%s",
				 http_method_name(http_method(req)), http_raw_path(req),
				 err_code(err), http_request_id(req));
		buf_fini(&call->answer);
		problem_send(req, err, NULL);
	} else {
		if (call->location)
			http_add_header(req, "Location", call->location);
		api_add_etag(req, call);
		int status = call->status ? call->status : call->answer.len ? 200 : 204;
		http_respond(req, (unsigned)status, call->answer.len ? HTTP_JSON : NULL,
			     &call->answer);
	}
}

static void call_done(void *arg, enum err err)
{
	struct call *call = arg;
	api_finish(call->owner, call, err);
}

void api_write(struct http_request *req, store_write_fn *write, struct call *call)
{
	if ((route_of(req)->flags & API_CREATES) && !api_once(req, call, &write))
		return;
	enum err err = store_write(api_of(req)->store, write, call_done, call);
	if (err != ERR_OK)
		api_finish(req, call, err);
}

void api_read(struct http_request *req, store_read_fn *read, struct call *call)
{
	enum err err = store_read(api_of(req)->store, read, call_done, call);
	if (err != ERR_OK)
		api_finish(req, call, err);
}
