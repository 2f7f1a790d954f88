/* session_api.c - signing in and out, and one's own password. See sign_in.h
 *
 * A sign-in is three steps, each on its own thread: read the hash (reader), compare (pool), start the session (writer).
 * An unknown login takes the same steps with a dummy and gets the same answer.
 */
#include "api/session_api.h"

#include <string.h>

#include "api/auth_inside.h"
#include "api/body.h"
#include "api/password_job.h"
#include "api/problem.h"
#include "api/query.h"
#include "base/log.h"
#include "core/users.h"

struct session_in {
	const char *login, *password, *link;
};

static const struct body_field session_fields[] = {
	BODY_STR(struct session_in, login, "login", BODY_FILLED | BODY_LINE, 64),
	BODY_STR(struct session_in, password, "password", BODY_REQUIRED, PASSWORD_MOST),
	BODY_STR(struct session_in, link, "link", BODY_FILLED | BODY_LINE, 64),
	BODY_END,
};
static const struct body_shape session_shape =
	BODY_SHAPE(struct session_in, session_fields);

struct signing_in {
	struct session_start start; /* begins with the call */
	struct http_request *req;
	struct auth *auth;
	struct session_in in;
	struct password_find find;
	struct password_job job;
	const char *key; /* of the throttle */
	char secret[SECRET_TEXT_LEN], hash[SECRET_HASH_TEXT_LEN], csrf[SECRET_TEXT_LEN];
	char link_hash[SECRET_HASH_TEXT_LEN];
};

/* Behind a proxy on this machine everybody has this address: it says nothing about who calls. */
static bool is_shared(const char *remote)
{
	return strcmp(remote, "127.0.0.1") == 0 || strcmp(remote, "::1") == 0 ||
	       strcmp(remote, "unix") == 0;
}

static void send_throttled(struct http_request *req, unsigned retry_after_s)
{
	problem_send_all(
		req,
		&(struct problem){
			.err = ERR_THROTTLED,
			.detail = "Too many attempts failed; wait before the next one.",
			.retry_after_s = retry_after_s});
}

/* Counts the attempt. false: answered with 429. */
static bool may_try(struct http_request *req, struct auth *auth, const char *key)
{
	const char *remote = http_remote(req);
	unsigned retry_after_s;
	if (!is_shared(remote) && throttle_is_full(auth->addresses, remote,
						   clock_mono_ms(), &retry_after_s)) {
		send_throttled(req, retry_after_s);
		return false;
	}
	if (throttle_take(auth->logins, key, clock_mono_ms(), &retry_after_s))
		return true;
	send_throttled(req, retry_after_s);
	return false;
}

static void note_failure(struct http_request *req, struct auth *auth, const char *what)
{
	unsigned retry_after_s;
	const char *remote = http_remote(req);
	if (!is_shared(remote))
		(void)throttle_take(auth->addresses, remote, clock_mono_ms(),
				    &retry_after_s);
	log_warn("auth", "%s from=%s request=%s", what, remote, http_request_id(req));
}

/* --- the steps ---------------------------------------------------------------------------------------------------- */

static void start_done(void *arg, enum err err)
{
	struct signing_in *signing = arg;
	struct http_request *req = signing->req;
	if (err == ERR_OK) {
		throttle_clear(signing->auth->logins, signing->key);
		log_info("auth", "signed in user=%llu from=%s request=%s",
			 (unsigned long long)signing->start.started_user_id,
			 http_remote(req), http_request_id(req));
		auth_set_cookie(req, signing->secret);
	} else if (err == ERR_BAD_CREDENTIALS) {
		note_failure(req, signing->auth, "sign-in failed");
	}
	api_finish(req, &signing->start.call, err);
}

static void start_session(struct signing_in *signing)
{
	secret_new("", signing->secret);
	secret_new("", signing->csrf);
	signing->start.hash = secret_hash(signing->secret, signing->hash);
	signing->start.csrf = signing->csrf;
	enum err err = store_write(signing->auth->api->store, session_start, start_done,
				   signing);
	if (err != ERR_OK)
		problem_send(signing->req, err, NULL);
}

static void checked(void *arg)
{
	struct signing_in *signing = arg;
	if (!signing->job.fits) {
		note_failure(signing->req, signing->auth,
			     arena_printf(http_arena(signing->req),
					  "sign-in failed login=%s",
					  who_is_login(signing->in.login)
						  ? signing->in.login
						  : "?"));
		problem_send(signing->req, ERR_BAD_CREDENTIALS,
			     "Login or password is wrong.");
		return;
	}
	signing->start.user_id = signing->find.user_id;
	signing->start.password_hash = signing->find.hash;
	start_session(signing);
}

static void found(void *arg, enum err err)
{
	struct signing_in *signing = ((struct password_find *)arg)->owner;
	if (err != ERR_OK) {
		problem_send(signing->req, err, NULL);
		return;
	}
	signing->job = (struct password_job){.req = signing->req,
					     .check_this = signing->in.password,
					     .against = signing->find.hash,
					     .then = checked,
					     .arg = signing};
	password_job_run(&signing->job);
}

static void sign_in_by_password(struct signing_in *signing)
{
	signing->find.login = signing->in.login;
	signing->find.owner = signing;
	enum err err = store_read(signing->auth->api->store, password_find, found,
				  &signing->find);
	if (err != ERR_OK)
		problem_send(signing->req, err, NULL);
}

static void hashed(void *arg)
{
	struct signing_in *signing = arg;
	signing->start.password_hash = signing->job.hash;
	start_session(signing);
}

static void sign_in_by_link(struct signing_in *signing)
{
	const char *fault = password_fault("", signing->in.password);
	if (fault) {
		problem_send_all(signing->req, &(struct problem){.err = ERR_INVALID,
								 .member = "password",
								 .detail = fault});
		return;
	}
	signing->start.link_hash = secret_hash(signing->in.link, signing->link_hash);
	signing->job = (struct password_job){.req = signing->req,
					     .hash_this = signing->in.password,
					     .then = hashed,
					     .arg = signing};
	password_job_run(&signing->job);
}

void session_post(struct http_request *req, const struct route *route, void *ctx)
{
	struct signing_in *signing = API_CALL(req, struct signing_in);
	struct api *api = ctx;
	(void)route;
	signing->req = req;
	signing->auth = api->auth;
	if (!query_none(req) || !body_read(req, &session_shape, &signing->in) ||
	    !auth_is_same_site(req))
		return;
	if (!signing->in.login == !signing->in.link) {
		problem_send(req, ERR_BAD_REQUEST,
			     "Send `login` and `password`, or the `link` you got and a "
			     "new `password`.");
		return;
	}
	signing->key = arena_printf(http_arena(req), "%s@%s",
				    signing->in.link ? "" : signing->in.login,
				    http_remote(req));
	if (!may_try(req, api->auth, signing->key))
		return;
	if (signing->in.link)
		sign_in_by_link(signing);
	else
		sign_in_by_password(signing);
}

/* --- the session that is there ------------------------------------------------------------------------------------ */

void session_get(struct http_request *req, const struct route *route, void *ctx)
{
	struct session_show *query = API_CALL(req, struct session_show);
	(void)route, (void)ctx;
	query->csrf = auth_csrf(req);
	if (query_none(req))
		api_read(req, session_show, &query->call);
}

static void end_done(void *arg, enum err err)
{
	struct call *call = arg;
	if (err == ERR_OK)
		auth_set_cookie(call->owner, NULL);
	api_finish(call->owner, call, err);
}

void session_delete(struct http_request *req, const struct route *route, void *ctx)
{
	struct session_end *cmd = API_CALL(req, struct session_end);
	struct api *api = ctx;
	(void)route;
	if (!query_none(req))
		return;
	enum err err = store_write(api->store, session_end, end_done, cmd);
	if (err != ERR_OK)
		api_finish(req, &cmd->call, err);
}

/* --- one's own password ------------------------------------------------------------------------------------------- */

struct password_in {
	const char *current, *password;
};

static const struct body_field password_fields[] = {
	BODY_STR(struct password_in, current, "current_password", BODY_REQUIRED,
		 PASSWORD_MOST),
	BODY_STR(struct password_in, password, "password", BODY_REQUIRED,
		 PASSWORD_MOST),
	BODY_END,
};
static const struct body_shape password_shape =
	BODY_SHAPE(struct password_in, password_fields);

struct changing {
	struct user_set_password cmd; /* begins with the call */
	struct http_request *req;
	struct auth *auth;
	struct password_in in;
	struct password_find find;
	struct password_job job;
	const char *key;
};

static void compared(void *arg)
{
	struct changing *changing = arg;
	if (!changing->job.fits) {
		note_failure(changing->req, changing->auth,
			     "own password given wrongly");
		problem_send_all(
			changing->req,
			&(struct problem){.err = ERR_INVALID,
					  .member = "current_password",
					  .detail = "This is not your password."});
		return;
	}
	throttle_clear(changing->auth->logins, changing->key);
	changing->cmd.old_hash = changing->find.hash;
	changing->cmd.new_hash = changing->job.hash;
	api_write(changing->req, user_set_password, &changing->cmd.call);
}

static void own_found(void *arg, enum err err)
{
	struct changing *changing = ((struct password_find *)arg)->owner;
	if (err != ERR_OK) {
		problem_send(changing->req, err, NULL);
		return;
	}
	changing->job = (struct password_job){.req = changing->req,
					      .check_this = changing->in.current,
					      .against = changing->find.hash,
					      .hash_this = changing->in.password,
					      .then = compared,
					      .arg = changing};
	password_job_run(&changing->job);
}

void me_password_put(struct http_request *req, const struct route *route, void *ctx)
{
	struct changing *changing = API_CALL(req, struct changing);
	const struct actor *actor = api_actor(req);
	struct api *api = ctx;
	(void)route;
	changing->req = req;
	changing->auth = api->auth;
	if (!query_none(req) || !body_read(req, &password_shape, &changing->in))
		return;
	if (actor->kind != ACTOR_SESSION) {
		problem_send(
			req, ERR_FORBIDDEN,
			"A password is changed in its user's own session; sign in.");
		return;
	}
	const char *fault = password_fault(actor->name, changing->in.password);
	if (fault) {
		problem_send_all(req, &(struct problem){.err = ERR_INVALID,
							.member = "password",
							.detail = fault});
		return;
	}
	changing->key =
		arena_printf(http_arena(req), "%s@%s", actor->name, http_remote(req));
	if (!may_try(req, api->auth, changing->key))
		return;
	changing->find.user_id = actor->user_id;
	changing->find.owner = changing;
	enum err err =
		store_read(api->store, password_find, own_found, &changing->find);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}
