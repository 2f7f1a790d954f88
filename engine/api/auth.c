/* auth.c - the gate: see auth.h */
#include "api/auth_inside.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "api/problem.h"
#include "api/signed.h"
#include "base/log.h"

/* A caller with what only sessions have; the first member is what the rest of the API sees. */
struct gate_caller {
	struct caller caller;
	const char *csrf;
};

struct lookup {
	struct credential_find find; /* first: what the reader fills */
	struct http_request *req;
	struct auth *auth;
	unsigned char key[SECRET_HASH_BYTES];
	uint64_t generation;
};

/* --- set-up ------------------------------------------------------------------------------------------------------- */

/* account-name is the instance's unless set; cookies know no ports, so two instances on a host need two names. */
static char *make_cookie_name(const char *account_name, bool is_https)
{
	struct buf name = BUF_EMPTY;
	buf_add_str(&name, is_https ? "__Host-handbox-" : "handbox-");
	for (const char *at = account_name; *at; at++) {
		bool is_plain = (*at >= 'a' && *at <= 'z') ||
				(*at >= 'A' && *at <= 'Z') ||
				(*at >= '0' && *at <= '9');
		buf_add_char(&name, is_plain ? *at : '-');
	}
	return buf_take(&name);
}

static char *make_origin(const char *url)
{
	const char *host = strstr(url, "://");
	struct buf origin = BUF_EMPTY;
	host = host ? host + 3 : url;
	buf_add(&origin, url, (size_t)(host - url) + strcspn(host, "/"));
	return buf_take(&origin);
}

struct auth *auth_new(struct api *api)
{
	struct auth *auth = MEM_NEW(struct auth);
	auth->api = api;
	auth->cache = auth_cache_new();
	auth->logins = throttle_new(AUTH_LOGIN_MOST, AUTH_WINDOW_MS);
	auth->addresses = throttle_new(AUTH_ADDRESS_MOST, AUTH_WINDOW_MS);
	auth->tokens = throttle_new(AUTH_TOKEN_MOST, AUTH_WINDOW_MS);
	auth->signatures = throttle_new(AUTH_SIGNATURE_MOST, AUTH_WINDOW_MS);
	auth->is_https = strncmp(api->public_url, "https://", 8) == 0;
	auth->origin = make_origin(api->public_url);
	auth->cookie_name =
		make_cookie_name(core_policy(api->core)->account_name, auth->is_https);
	return auth;
}

void auth_free(struct auth **auth)
{
	if (!*auth)
		return;
	auth_cache_free(&(*auth)->cache);
	throttle_free(&(*auth)->logins);
	throttle_free(&(*auth)->addresses);
	throttle_free(&(*auth)->tokens);
	throttle_free(&(*auth)->signatures);
	mem_free((*auth)->cookie_name);
	mem_free((*auth)->origin);
	mem_free(*auth);
	*auth = NULL;
}

void auth_forget(struct auth *auth)
{
	auth_cache_forget(auth->cache);
}

/* --- browsers ----------------------------------------------------------------------------------------------------- */

bool auth_is_same_site(struct http_request *req)
{
	const struct auth *auth = api_of(req)->auth;
	const char *site = http_header(req, "Sec-Fetch-Site"),
		   *origin = http_header(req, "Origin");
	bool is_ours = site && strcmp(site, "same-origin") == 0;
	if (site && !is_ours && strcmp(site, "none") != 0) {
		problem_send(req, ERR_FORBIDDEN,
			     "This request comes from a page of another site.");
		return false;
	}
	if (is_ours || !origin || strcasecmp(origin, auth->origin) == 0)
		return true;
	problem_sendf(req, ERR_FORBIDDEN,
		      "The page comes from another address than %s; open that one, or "
		      "set public-url.",
		      auth->origin);
	return false;
}

void auth_set_cookie(struct http_request *req, const char *secret)
{
	const struct auth *auth = api_of(req)->auth;
	bool is_secure = auth->is_https || http_is_tls(req);
	http_add_header(
		req, "Set-Cookie",
		arena_printf(http_arena(req),
			     "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
			     auth->cookie_name, secret ? secret : "",
			     secret ? (int)(SESSION_MS / 1000) : 0,
			     is_secure ? "; Secure" : ""));
}

static const char *find_cookie(const struct auth *auth, struct http_request *req)
{
	const char *at = http_header(req, "Cookie");
	size_t name_len = strlen(auth->cookie_name);
	while (at && *at) {
		at += strspn(at, "; ");
		size_t len = strcspn(at, ";");
		if (len > name_len && strncmp(at, auth->cookie_name, name_len) == 0 &&
		    at[name_len] == '=')
			return arena_strndup(http_arena(req), at + name_len + 1,
					     len - name_len - 1);
		at += len;
	}
	return NULL;
}

const char *auth_csrf(const struct http_request *req)
{
	const struct gate_caller *caller = http_slot(req, HTTP_SLOT_WHO);
	return caller->csrf;
}

static bool has_csrf_token(struct http_request *req)
{
	const char *given = http_header(req, "X-CSRF-Token"), *wanted = auth_csrf(req);
	if (given && strlen(given) == strlen(wanted) &&
	    sodium_memcmp(given, wanted, strlen(wanted)) == 0)
		return true;
	problem_send_all(
		req, &(struct problem){.err = ERR_FORBIDDEN,
				       .member = "X-CSRF-Token",
				       .detail = "A change by session needs the "
						 "csrf_token of GET /api/v1/session "
						 "in this header."});
	return false;
}

/* --- admission ---------------------------------------------------------------------------------------------------- */

static void send_verdict(struct http_request *req, const struct auth_verdict *verdict)
{
	if (!verdict->missing_scopes) {
		problem_send(req, verdict->err, verdict->detail);
		return;
	}
	struct buf scopes = BUF_EMPTY;
	for (unsigned bit = 1; bit < SCOPE_ALL; bit <<= 1)
		if (verdict->missing_scopes & bit)
			buf_printf(&scopes, "%s%s", scopes.len ? ", " : "",
				   scope_name((enum scope)bit));
	problem_sendf(req, verdict->err, "%s It lacks the scope %s.", verdict->detail,
		      buf_str(&scopes));
	buf_fini(&scopes);
}

static void admit(struct http_request *req, const struct actor *actor, const char *csrf)
{
	const struct route *route = route_of(req);
	struct gate_caller *caller = http_slot(req, HTTP_SLOT_WHO);
	enum http_method method = http_method(req);
	caller->caller.actor = *actor;
	caller->csrf = csrf;
	if (csrf && !auth_is_same_site(req))
		return;
	if (csrf && method != HTTP_GET && method != HTTP_HEAD && !has_csrf_token(req))
		return;
	struct auth_verdict verdict = auth_decide(actor, route->flags, method);
	if (verdict.err == ERR_OK)
		route_run(req);
	else
		send_verdict(req, &verdict);
}

void auth_admit(struct http_request *req, const struct actor *actor)
{
	admit(req, actor, NULL);
}

static void admit_shell(struct http_request *req)
{
	struct actor actor = {.kind = ACTOR_SHELL,
			      .way = WAY_SHELL,
			      .role = ROLE_ADMIN,
			      .scopes = SCOPE_ALL & ~SCOPE_SEND,
			      .peer_uid = (uint32_t)http_peer_uid(req),
			      .name = "shell"};
	actor.credential_id = actor.peer_uid;
	admit(req, &actor, NULL);
}

static void seen_done(void *arg, enum err err)
{
	if (err != ERR_OK)
		log_debug("auth", "use of a session was not noted: %s", err_code(err));
	mem_free(arg);
}

/* Noted every few minutes only: it decides about idle sessions, after hours. */
static void note_seen(struct auth *auth, struct auth_entry *entry, int64_t now)
{
	if (now - entry->seen_at < SESSION_SEEN_MS)
		return;
	struct session_seen *seen = MEM_NEW(struct session_seen);
	*seen = (struct session_seen){.session_id = entry->actor.credential_id,
				      .at = now};
	entry->seen_at = now;
	if (store_write(auth->api->store, session_seen, seen_done, seen) != ERR_OK)
		mem_free(seen);
}

static bool is_over(const struct auth_entry *entry, int64_t now)
{
	if (entry->expires_at && entry->expires_at <= now)
		return true;
	return entry->csrf && now - entry->seen_at >= SESSION_IDLE_MS;
}

static void admit_entry(struct http_request *req, struct auth *auth,
			struct auth_entry *entry)
{
	int64_t now = clock_now_ms(auth->api->clock);
	struct actor actor = entry->actor;
	if (is_over(entry, now)) {
		problem_send(req, ERR_UNAUTHENTICATED,
			     entry->csrf ? "The session has ended; sign in again."
					 : "The token has expired.");
		return;
	}
	if (entry->csrf)
		note_seen(auth, entry, now);
	actor.name = arena_strdup(http_arena(req), entry->name);
	admit(req, &actor, arena_strdup(http_arena(req), entry->csrf));
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

static void refuse_unknown(struct lookup *lookup)
{
	unsigned retry_after_s;
	const char *remote = http_remote(lookup->req);
	if (lookup->find.is_session) {
		problem_send(lookup->req, ERR_UNAUTHENTICATED,
			     "The session has ended; sign in again.");
		return;
	}
	(void)throttle_take(lookup->auth->tokens, remote, clock_mono_ms(),
			    &retry_after_s);
	log_info("auth", "unknown or revoked token from %s request=%s", remote,
		 http_request_id(lookup->req));
	problem_send(lookup->req, ERR_UNAUTHENTICATED,
		     "This token is unknown, revoked, or its user is not active.");
}

static void lookup_done(void *arg, enum err err)
{
	struct lookup *lookup = arg;
	struct credential_find *find = &lookup->find;
	if (err == ERR_UNAUTHENTICATED) {
		refuse_unknown(lookup);
		return;
	}
	if (err != ERR_OK) {
		problem_send(lookup->req, err, NULL);
		return;
	}
	auth_cache_add(lookup->auth->cache, lookup->key, lookup->generation, find);
	struct auth_entry entry = {
		.actor = find->actor,
		.name = arena_strdup(http_arena(lookup->req), find->actor.name),
		.csrf = arena_strdup(http_arena(lookup->req), find->csrf),
		.expires_at = find->expires_at,
		.seen_at = find->seen_at};
	struct auth_entry *kept = auth_cache_find(lookup->auth->cache, lookup->key);
	admit_entry(lookup->req, lookup->auth, kept ? kept : &entry);
}

static void look_up(struct http_request *req, struct auth *auth,
		    const unsigned char *key, bool is_session)
{
	unsigned retry_after_s;
	if (!is_session && throttle_is_full(auth->tokens, http_remote(req),
					    clock_mono_ms(), &retry_after_s)) {
		problem_send_all(req,
				 &(struct problem){.err = ERR_THROTTLED,
						   .detail = "Too many unknown tokens "
							     "came from this address.",
						   .retry_after_s = retry_after_s});
		return;
	}
	struct lookup *lookup = ARENA_NEW(http_arena(req), struct lookup);
	lookup->req = req;
	lookup->auth = auth;
	lookup->generation = auth_cache_generation(auth->cache);
	lookup->find.is_session = is_session;
	memcpy(lookup->key, key, SECRET_HASH_BYTES);
	sodium_bin2hex(lookup->find.hash, sizeof(lookup->find.hash), key,
		       SECRET_HASH_BYTES);
	enum err err = store_read(auth->api->store, credential_find, lookup_done,
				  &lookup->find);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}

static void check_secret(struct http_request *req, struct auth *auth,
			 const char *secret, bool is_session)
{
	unsigned char key[SECRET_HASH_BYTES];
	if (!secret_is_shaped(is_session ? "" : SECRET_TOKEN, secret)) {
		problem_send(req, ERR_UNAUTHENTICATED,
			     is_session ? "The session cookie is not one of ours; sign "
					  "in again."
					: "This is no token of handbox: it begins with "
					  "hb_ and has 46 characters.");
		return;
	}
	secret_digest(secret, key);
	struct auth_entry *entry = auth_cache_find(auth->cache, key);
	if (entry && !!entry->csrf == is_session)
		admit_entry(req, auth, entry);
	else
		look_up(req, auth, key, is_session);
}

/* A scheme that is not ours (a proxy's Basic) leaves the cookie to speak. */
static const char *find_bearer(const struct http_request *req)
{
	const char *value = http_header(req, "Authorization");
	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	value += 7;
	return value + strspn(value, " ");
}

void auth_gate(struct http_request *req, const struct route *route, void *ctx)
{
	struct api *api = ctx;
	struct gate_caller *caller = ARENA_NEW(http_arena(req), struct gate_caller);
	caller->caller.api = api;
	caller->caller.actor = (struct actor){
		.kind = ACTOR_SERVICE_TOKEN, .way = WAY_API, .name = "nobody"};
	http_set_slot(req, HTTP_SLOT_WHO, caller);
	if (route->flags & API_PUBLIC) {
		route_run(req);
		return;
	}
	const char *bearer = find_bearer(req);
	const char *cookie =
		bearer || http_is_unix(req) ? NULL : find_cookie(api->auth, req);
	if (bearer)
		check_secret(req, api->auth, bearer, false);
	else if ((route->flags & API_SIGNED) && signed_is(req))
		signed_admit(req);
	else if (http_is_unix(req))
		admit_shell(req);
	else if (cookie)
		check_secret(req, api->auth, cookie, true);
	else
		problem_send(req, ERR_UNAUTHENTICATED,
			     "Send a token as Authorization: Bearer …, or sign in with "
			     "POST /api/v1/session.");
}
