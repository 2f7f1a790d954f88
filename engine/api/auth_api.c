/* auth_api.c - /session, /me and /tokens. Signing in stands in session_api.c. */
#include <string.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/session_api.h"
#include "core/secret.h"
#include "core/tokens.h"
#include "core/users.h"

/* --- /me ---------------------------------------------------------------------------------------------------------- */

struct me_in {
	const char *first_name, *last_name, *email;
	bool on_shift;
	struct notices_in *notices;
	struct body_seen seen;
};

static const char *const digest_names[] = {"off", "hourly", "daily", NULL};

struct notices_in {
	int digest;
	struct body_seen seen;
};

static const struct body_field notices_fields[] = {
	BODY_ENUM(struct notices_in, digest, "digest", BODY_OPTIONAL, digest_names),
	BODY_END,
};
static const struct body_shape notices_shape =
	BODY_SHAPE_SEEN(struct notices_in, seen, notices_fields);

static const struct body_field me_fields[] = {
	BODY_STR(struct me_in, first_name, "first_name", BODY_LINE, 100),
	BODY_STR(struct me_in, last_name, "last_name", BODY_LINE, 100),
	BODY_STR(struct me_in, email, "email", BODY_LINE, 254),
	BODY_BOOL(struct me_in, on_shift, "on_shift", BODY_OPTIONAL),
	BODY_OBJECT(struct me_in, notices, "notices", BODY_OPTIONAL, &notices_shape),
	BODY_END,
};
static const struct body_shape me_shape =
	BODY_SHAPE_SEEN(struct me_in, seen, me_fields);

/* Service tokens and the shell are nobody. false: answered. */
static bool is_somebody(struct http_request *req)
{
	if (api_actor(req)->user_id)
		return true;
	problem_send(req, ERR_HUMAN_REQUIRED,
		     "This caller is no user; /me belongs to people.");
	return false;
}

static void me_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct user_get *query = API_CALL(req, struct user_get);
	(void)route, (void)ctx;
	query->who.kind = WHO_ME;
	if (query_none(req) && is_somebody(req))
		api_read(req, user_get, &query->call);
}

static void me_patch(struct http_request *req, const struct route *route, void *ctx)
{
	struct user_change *cmd = API_CALL(req, struct user_change);
	struct me_in *in = ARENA_NEW(http_arena(req), struct me_in);
	(void)route, (void)ctx;
	if (!query_none(req) || !is_somebody(req) || !body_read(req, &me_shape, in))
		return;
	cmd->who.kind = WHO_ME;
	cmd->first_name = in->first_name;
	cmd->last_name = in->last_name;
	cmd->email = in->email;
	if (body_given(&in->seen, "on_shift"))
		cmd->on_shift = &in->on_shift;
	if (in->notices && body_given(&in->notices->seen, "digest")) {
		enum user_digest *digest = ARENA_NEW(http_arena(req), enum user_digest);
		*digest = (enum user_digest)in->notices->digest;
		cmd->digest = digest;
	}
	api_write(req, user_change, &cmd->call);
}

/* --- /tokens ------------------------------------------------------------------------------------------------------ */

struct token_in {
	int kind;
	const char *name;
	struct who user;
	struct body_strs scopes;
	int64_t expires_at;
};

static const char *const kind_names[] = {
	[TOKEN_SERVICE] = "service", [TOKEN_PERSONAL] = "personal", NULL};

static const struct body_field token_fields[] = {
	BODY_ENUM(struct token_in, kind, "kind", BODY_REQUIRED, kind_names),
	BODY_STR(struct token_in, name, "name", BODY_REQUIRED | BODY_FILLED | BODY_LINE,
		 100),
	BODY_WHO(struct token_in, user, "user", BODY_NULL),
	BODY_STR_LIST(struct token_in, scopes, "scopes", BODY_REQUIRED | BODY_FILLED,
		      16, 32),
	BODY_TIME(struct token_in, expires_at, "expires_at", BODY_NULL),
	BODY_END,
};
static const struct body_shape token_shape = BODY_SHAPE(struct token_in, token_fields);

static bool read_scopes(struct http_request *req, const struct body_strs *words,
			unsigned *scopes_out)
{
	*scopes_out = 0;
	for (size_t i = 0; i < words->count; i++) {
		unsigned scope;
		const char *bad;
		if (scopes_parse(words->items[i], &scope, &bad)) {
			*scopes_out |= scope;
			continue;
		}
		const char *detail =
			arena_printf(http_arena(req),
				     "\"%s\" is no scope; there are read, contacts, "
				     "workflows, enroll, "
				     "tasks, admin and, for personal tokens, send.",
				     words->items[i]);
		problem_send_all(
			req, &(struct problem){.err = ERR_INVALID,
					       .member = arena_printf(http_arena(req),
								      "scopes[%zu]", i),
					       .detail = detail});
		return false;
	}
	return true;
}

static void token_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct token_add *cmd = API_CALL(req, struct token_add);
	struct token_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !body_read(req, &token_shape, &in) ||
	    !read_scopes(req, &in.scopes, &cmd->scopes))
		return;
	char *secret = arena_alloc(http_arena(req), SECRET_TEXT_LEN);
	char *hash = arena_alloc(http_arena(req), SECRET_HASH_TEXT_LEN);
	cmd->kind = (enum token_kind)in.kind;
	cmd->name = in.name;
	cmd->user = in.user;
	cmd->expires_at = in.expires_at;
	cmd->secret = secret_new(SECRET_TOKEN, secret);
	cmd->hash = secret_hash(secret, hash);
	api_write(req, token_add, &cmd->call);
}

struct page_in {
	int64_t limit;
	const char *cursor;
};

static const struct query_param page_params[] = {
	QUERY_LIMIT(struct page_in, limit),
	QUERY_CURSOR(struct page_in, cursor),
	QUERY_END,
};

static void token_list_get(struct http_request *req, const struct route *route,
			   void *ctx)
{
	struct token_list *query = API_CALL(req, struct token_list);
	struct page_in in;
	(void)route, (void)ctx;
	if (!query_read(req, page_params, &in, sizeof(in)))
		return;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, token_list, &query->call);
}

static void token_delete(struct http_request *req, const struct route *route, void *ctx)
{
	struct token_revoke *cmd = API_CALL(req, struct token_revoke);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &cmd->token_id))
		api_write(req, token_revoke, &cmd->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/session", session_post, API_PUBLIC, "session_start"},
	{HTTP_GET, "/api/v1/session", session_get, API_SELF, "session_get"},
	{HTTP_DELETE, "/api/v1/session", session_delete, API_SELF, "session_end"},
	{HTTP_GET, "/api/v1/me", me_get, API_SELF, "me_get"},
	{HTTP_PATCH, "/api/v1/me", me_patch, SCOPE_TASKS | API_SELF, "me_patch"},
	{HTTP_PUT, "/api/v1/me/password", me_password_put, API_HUMAN | API_SELF,
	 "me_password_put"},
	{HTTP_GET, "/api/v1/tokens", token_list_get,
	 SCOPE_READ | API_HUMAN | API_SELF | API_SHELL_TOO, "token_list"},
	{HTTP_POST, "/api/v1/tokens", token_post,
	 API_HUMAN | API_SELF | API_SHELL_TOO | API_CREATES, "token_add"},
	{HTTP_DELETE, "/api/v1/tokens/{id}", token_delete,
	 API_HUMAN | API_SELF | API_SHELL_TOO, "token_revoke"},
};

const struct route_table auth_routes = {rows, sizeof(rows) / sizeof(rows[0])};
