/* api.h - what the resource files share: from a route to a command or query and back to an answer.
 *
 *	static void task_skip_post(struct http_request *req, const struct route *route, void *ctx)
 *	{
 *		struct task_skip *cmd = API_CALL(req, struct task_skip);
 *		struct skip_in in;
 *		if (!query_none(req) || !api_param_id(req, "id", &cmd->task_id) || !body_read(req, &skip_shape, &in))
 *			return;
 *		cmd->reason = in.reason;
 *		api_write(req, task_skip, &cmd->call);
 *	}
 *
 * A handler only parses and formats: what may happen is decided in core. api_write and api_read answer the request with
 * the call's answer, or its refusal as problem+json. The gate (auth.h) has run before, so the actor is known.
 *
 * Each resource file exports its rows: extern const struct route_table contact_routes; server.c collects them.
 */
#ifndef HB_API_API_H
#define HB_API_API_H

#include "api/http.h"
#include "api/route.h"
#include "core/call.h"
#include "core/core.h"
#include "store/store.h"

struct auth;
struct event_base;
struct gateway;
struct mail_counts;
struct pool;

struct api {
	struct event_base *base;
	struct store *store;
	struct core *core;
	struct pool *pool; /* slow, pure work */
	struct auth *auth;
	struct gateway *gateway;        /* for status only: nothing here hands over */
	const struct mail_counts *mail; /* of the mailer; NULL: it does not run */
	const struct clock *clock;
	const char *public_url;    /* "http://127.0.0.1:13080", no slash at the end */
	const char *kannel_secret; /* last part of the callback paths */
	int64_t started_at;
};

/* Flags of a route: the scope a token needs (enum scope) and: */
enum api_flag {
	API_PUBLIC = 1 << 8, /* nobody needs to be signed in */
	API_HUMAN =
		1 << 9, /* a service token and the shell answer 403 human_required */
	API_LEAD = 1 << 10,    /* lead or admin */
	API_ADMIN = 1 << 11,   /* admin */
	API_CREATES = 1 << 12, /* honours Idempotency-Key */
	API_SELF =
		1
		<< 13, /* any role, auditors too, may do it to themselves (session, /me) */
	API_SHELL_TOO =
		1
		<< 14, /* with API_HUMAN: the shell may do it as well (users, tokens) */
	API_SIGNED = 1 << 15, /* the signature of an event source will do (signed.h) */
};

/* API_CALL - a zeroed command or query in the request's arena, with its actor and arena set. */
#define API_CALL(req, type) ((type *)api_call_new((req), sizeof(type)))
void *api_call_new(struct http_request *req, size_t size);

/* api_actor - who calls; set by the gate. */
const struct actor *api_actor(const struct http_request *req);

/* api_param_id - the path parameter as an id; false: answered 404. */
bool api_param_id(struct http_request *req, const char *name,
		  uint64_t *id_out) MUST_CHECK;

/* api_write, api_read - queue it; the answer goes out when it is done. Routes with API_CREATES go through
 * call_idempotent() when the request has an Idempotency-Key, or call->idempotency_key is set already. */
void api_write(struct http_request *req, store_write_fn *write, struct call *call);
void api_read(struct http_request *req, store_read_fn *read, struct call *call);

/* api_finish - the answer of a call that has run: what api_write and api_read end in. Frees call->answer. */
void api_finish(struct http_request *req, struct call *call, enum err err);

/* api_add_etag - of the call's revision, when it has one; api_finish does it. */
void api_add_etag(struct http_request *req, const struct call *call);

/* caller - what the gate leaves in HTTP_SLOT_WHO, in the request's arena. */
struct caller {
	struct actor actor;
	struct api *api;
};

/* api_of - the struct api of a request, as given to the router. */
struct api *api_of(const struct http_request *req);

#endif
