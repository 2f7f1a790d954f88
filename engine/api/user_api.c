/* user_api.c - /users and /teams */
#include <string.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/password_job.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/users.h"

static const char *const role_names[] = {[ROLE_AGENT] = "agent",
					 [ROLE_LEAD] = "lead",
					 [ROLE_ADMIN] = "admin",
					 [ROLE_AUDITOR] = "auditor",
					 NULL};

/* The path names a user by id or login, or as "me". false: answered 404. */
static bool param_who(struct http_request *req, struct who *who_out)
{
	if (who_parse(route_param(req, "id"), who_out) == ERR_OK &&
	    who_out->kind != WHO_NOBODY)
		return true;
	problem_send(req, ERR_NOT_FOUND,
		     "There is no such user; GET /api/v1/users lists them.");
	return false;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct list_in {
	int active;
	int64_t limit;
	const char *cursor;
};

static const struct query_param list_params[] = {
	QUERY_TRI(struct list_in, active, "active"),
	QUERY_LIMIT(struct list_in, limit),
	QUERY_CURSOR(struct list_in, cursor),
	QUERY_END,
};

static void user_list_get(struct http_request *req, const struct route *route,
			  void *ctx)
{
	struct user_list *query = API_CALL(req, struct user_list);
	struct list_in in;
	(void)route, (void)ctx;
	if (!query_read(req, list_params, &in, sizeof(in)))
		return;
	query->active = in.active;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, user_list, &query->call);
}

static void user_one_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct user_get *query = API_CALL(req, struct user_get);
	(void)route, (void)ctx;
	if (query_none(req) && param_who(req, &query->who))
		api_read(req, user_get, &query->call);
}

/* --- secrets: a password is hashed on the pool, else a link is made ----------------------------------------------- */

struct writing {
	struct http_request *req;
	store_write_fn *write;
	struct call *call;
	struct user_secret *secret;
	struct password_job job;
};

static void hashed(void *arg)
{
	struct writing *writing = arg;
	writing->secret->password_hash = writing->job.hash;
	api_write(writing->req, writing->write, writing->call);
}

static void write_with_password(struct writing *writing, const char *login,
				const char *password)
{
	const char *fault = password_fault(login, password);
	if (fault) {
		problem_send_all(writing->req, &(struct problem){.err = ERR_INVALID,
								 .member = "password",
								 .detail = fault});
		return;
	}
	writing->job = (struct password_job){.req = writing->req,
					     .hash_this = password,
					     .then = hashed,
					     .arg = writing};
	password_job_run(&writing->job);
}

static void write_with_link(struct writing *writing)
{
	struct arena *arena = http_arena(writing->req);
	char secret[SECRET_TEXT_LEN];
	char *hash = arena_alloc(arena, SECRET_HASH_TEXT_LEN);
	secret_new("", secret);
	writing->secret->link = arena_printf(arena, "%s/login#%s",
					     api_of(writing->req)->public_url, secret);
	writing->secret->link_hash = secret_hash(secret, hash);
	api_write(writing->req, writing->write, writing->call);
}

static struct writing *writing_new(struct http_request *req, store_write_fn *write,
				   struct call *call, struct user_secret *secret)
{
	struct writing *writing = ARENA_NEW(http_arena(req), struct writing);
	*writing = (struct writing){
		.req = req, .write = write, .call = call, .secret = secret};
	return writing;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

enum { CAPACITY_MOST = 100000 };

struct user_in {
	const char *login, *first_name, *last_name, *email, *password;
	int role;
	bool active, on_shift;
	int64_t capacity;
	struct body_seen seen;
};

#define NAME_FIELDS                                                               \
	BODY_STR(struct user_in, first_name, "first_name", BODY_LINE, 100),       \
		BODY_STR(struct user_in, last_name, "last_name", BODY_LINE, 100), \
		BODY_STR(struct user_in, email, "email", BODY_LINE, 254)

static const struct body_field add_fields[] = {
	BODY_STR(struct user_in, login, "login",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, 64),
	NAME_FIELDS,
	BODY_ENUM(struct user_in, role, "role", BODY_REQUIRED, role_names),
	BODY_STR(struct user_in, password, "password", BODY_NULL, PASSWORD_MOST),
	BODY_END,
};
static const struct body_shape add_shape =
	BODY_SHAPE_SEEN(struct user_in, seen, add_fields);

static const struct body_field change_fields[] = {
	NAME_FIELDS,
	BODY_ENUM(struct user_in, role, "role", BODY_OPTIONAL, role_names),
	BODY_BOOL(struct user_in, active, "active", BODY_OPTIONAL),
	BODY_BOOL(struct user_in, on_shift, "on_shift", BODY_OPTIONAL),
	BODY_INT(struct user_in, capacity, "capacity", BODY_NULL, 1, CAPACITY_MOST),
	BODY_STR(struct user_in, password, "password", BODY_NULL, PASSWORD_MOST),
	BODY_END,
};
static const struct body_shape change_shape =
	BODY_SHAPE_SEEN(struct user_in, seen, change_fields);

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void user_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct user_add *cmd = API_CALL(req, struct user_add);
	struct user_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !body_read(req, &add_shape, &in))
		return;
	cmd->login = in.login;
	cmd->first_name = or_empty(in.first_name);
	cmd->last_name = or_empty(in.last_name);
	cmd->email = or_empty(in.email);
	cmd->role = (enum role)in.role;
	struct writing *writing = writing_new(req, user_add, &cmd->call, &cmd->secret);
	if (in.password)
		write_with_password(writing, in.login, in.password);
	else
		write_with_link(writing);
}

/* What is not in the body stays as it is; a capacity of null is none. */
static void change_of(struct http_request *req, const struct user_in *in,
		      struct user_change *cmd)
{
	enum role *role = ARENA_NEW(http_arena(req), enum role);
	unsigned *capacity = ARENA_NEW(http_arena(req), unsigned);
	*role = (enum role)in->role;
	*capacity = (unsigned)in->capacity;
	cmd->reactivate = in->active;
	cmd->first_name = in->first_name;
	cmd->last_name = in->last_name;
	cmd->email = in->email;
	if (body_given(&in->seen, "on_shift"))
		cmd->on_shift = &in->on_shift;
	if (body_given(&in->seen, "role"))
		cmd->role = role;
	if (body_given(&in->seen, "capacity") || body_is_null(&in->seen, "capacity"))
		cmd->capacity = capacity;
}

/* A password of null asks for a new one-time link. */
static void user_patch(struct http_request *req, const struct route *route, void *ctx)
{
	struct user_change *cmd = API_CALL(req, struct user_change);
	struct user_in *in = ARENA_NEW(http_arena(req), struct user_in);
	(void)route, (void)ctx;
	if (!query_none(req) || !param_who(req, &cmd->who) ||
	    !body_read(req, &change_shape, in))
		return;
	if (body_given(&in->seen, "active") && !in->active) {
		problem_send_all(req,
				 &(struct problem){
					 .err = ERR_INVALID,
					 .member = "active",
					 .detail = "POST /api/v1/users/{id}/deactivate "
						   "says who gets the "
						   "open tasks."});
		return;
	}
	change_of(req, in, cmd);
	struct writing *writing =
		writing_new(req, user_change, &cmd->call, &cmd->secret);
	if (in->password)
		write_with_password(writing,
				    cmd->who.kind == WHO_LOGIN ? cmd->who.login : "",
				    in->password);
	else if (body_is_null(&in->seen, "password"))
		write_with_link(writing);
	else
		api_write(req, user_change, &cmd->call);
}

struct deactivate_in {
	struct who reassign_to;
};

static const struct body_field deactivate_fields[] = {
	BODY_WHO(struct deactivate_in, reassign_to, "reassign_to", BODY_NULL),
	BODY_END,
};
static const struct body_shape deactivate_shape =
	BODY_SHAPE(struct deactivate_in, deactivate_fields);

static void user_deactivate_post(struct http_request *req, const struct route *route,
				 void *ctx)
{
	struct user_deactivate *cmd = API_CALL(req, struct user_deactivate);
	struct deactivate_in in;
	(void)route, (void)ctx;
	if (!query_none(req) || !param_who(req, &cmd->who) ||
	    !body_read(req, &deactivate_shape, &in))
		return;
	cmd->reassign_to = in.reassign_to;
	api_write(req, user_deactivate, &cmd->call);
}

/* --- teams -------------------------------------------------------------------------------------------------------- */

struct team_in {
	const char *name;
	struct body_strs members;
};

static const struct body_field team_fields[] = {
	BODY_STR(struct team_in, name, "name", BODY_REQUIRED | BODY_FILLED | BODY_LINE,
		 100),
	BODY_STR_LIST(struct team_in, members, "members", BODY_OPTIONAL,
		      TEAM_MEMBERS_MOST, 64),
	BODY_END,
};
static const struct body_shape team_shape = BODY_SHAPE(struct team_in, team_fields);

static void put_team(struct http_request *req, struct team_put *cmd)
{
	struct team_in in;
	if (!query_none(req) || !body_read(req, &team_shape, &in))
		return;
	cmd->name = in.name;
	cmd->members = in.members.items;
	cmd->member_count = in.members.count;
	api_write(req, team_put, &cmd->call);
}

static void team_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	put_team(req, API_CALL(req, struct team_put));
}

static void team_one_put(struct http_request *req, const struct route *route, void *ctx)
{
	struct team_put *cmd = API_CALL(req, struct team_put);
	(void)route, (void)ctx;
	if (api_param_id(req, "id", &cmd->team_id))
		put_team(req, cmd);
}

static void team_one_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct team_get *query = API_CALL(req, struct team_get);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &query->team_id))
		api_read(req, team_get, &query->call);
}

static void team_delete(struct http_request *req, const struct route *route, void *ctx)
{
	struct team_remove *cmd = API_CALL(req, struct team_remove);
	(void)route, (void)ctx;
	if (query_none(req) && api_param_id(req, "id", &cmd->team_id))
		api_write(req, team_remove, &cmd->call);
}

struct team_list_in {
	int64_t limit;
	const char *cursor;
};

static const struct query_param team_params[] = {
	QUERY_LIMIT(struct team_list_in, limit),
	QUERY_CURSOR(struct team_list_in, cursor),
	QUERY_END,
};

static void team_list_get(struct http_request *req, const struct route *route,
			  void *ctx)
{
	struct team_list *query = API_CALL(req, struct team_list);
	struct team_list_in in;
	(void)route, (void)ctx;
	if (!query_read(req, team_params, &in, sizeof(in)))
		return;
	query->limit = (size_t)in.limit;
	query->cursor = in.cursor;
	api_read(req, team_list, &query->call);
}

/* Roles and passwords are given by people and by the shell. */
#define ADMINS        (SCOPE_ADMIN | API_ADMIN)
#define ADMINS_PEOPLE (ADMINS | API_HUMAN | API_SHELL_TOO)

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/users", user_list_get, SCOPE_READ, "user_list"},
	{HTTP_POST, "/api/v1/users", user_post, ADMINS_PEOPLE | API_CREATES,
	 "user_add"},
	{HTTP_GET, "/api/v1/users/{id}", user_one_get, SCOPE_READ, "user_get"},
	{HTTP_PATCH, "/api/v1/users/{id}", user_patch, ADMINS_PEOPLE, "user_patch"},
	{HTTP_POST, "/api/v1/users/{id}/deactivate", user_deactivate_post,
	 ADMINS_PEOPLE, "user_deactivate"},
	{HTTP_GET, "/api/v1/teams", team_list_get, SCOPE_READ, "team_list"},
	{HTTP_POST, "/api/v1/teams", team_post, ADMINS | API_CREATES, "team_add"},
	{HTTP_GET, "/api/v1/teams/{id}", team_one_get, SCOPE_READ, "team_get"},
	{HTTP_PUT, "/api/v1/teams/{id}", team_one_put, ADMINS, "team_put"},
	{HTTP_DELETE, "/api/v1/teams/{id}", team_delete, ADMINS, "team_remove"},
};

const struct route_table user_routes = {rows, sizeof(rows) / sizeof(rows[0])};
