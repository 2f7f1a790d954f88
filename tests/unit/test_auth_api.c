/* test_auth_api.c - signing in, tokens and the gate over HTTP: a real server, store and pool in one program. */
#include "core_help.h"
#include "http_help.h"

#include "api/auth.h"
#include "base/pool.h"
#include "core/secret.h"

#define PUBLIC_URL "http://127.0.0.1:13080"
#define JSON       "Content-Type: application/json\r\n"

struct office {
	struct desk *desk;
	struct rig *rig;
	struct event *mail;
	struct pool *pool;
	struct router *router;
	struct api api;
	char socket[112];
	/* of the browser */
	char cookie[128], csrf[64];
};

static void run_mail(evutil_socket_t fd, short what, void *arg)
{
	struct office *office = arg;
	(void)fd, (void)what;
	mailbox_run_all(office->desk->home);
}

static void on_commit(void *arg, unsigned signals)
{
	if (signals & SIGNAL_AUTH)
		auth_forget(((struct office *)arg)->api.auth);
}

/* Flags that no resource here has. */
static void say_yes(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	http_respond_text(req, 200, "text/plain", api_actor(req)->name);
}

static const struct route more_rows[] = {
	{HTTP_GET, "/read", say_yes, SCOPE_READ, "read"},
	{HTTP_POST, "/act", say_yes, SCOPE_TASKS | API_HUMAN, "act"},
	{HTTP_POST, "/lead", say_yes, API_LEAD, "lead"},
};
static const struct route_table more_routes = {more_rows, 3};

static int set_up(void **state)
{
	void *desk;
	struct office *office = MEM_NEW(struct office);
	if (desk_set_up(&desk) != 0)
		return -1;
	office->desk = desk;
	office->pool = pool_new(2, 8, office->desk->home);
	const struct route_table tables[] = {auth_routes, user_routes, more_routes};
	office->router = router_new(tables, 3, &office->api);
	router_set_gate(office->router, auth_gate);
	office->rig = rig_new_spec(NULL, (struct http_listen){.handler = router_handle,
							      .ctx = office->router});
	office->api = (struct api){.base = office->rig->base,
				   .store = office->desk->store,
				   .core = &office->desk->core,
				   .pool = office->pool,
				   .clock = &office->desk->clock,
				   .public_url = PUBLIC_URL};
	office->api.auth = auth_new(&office->api);
	office->desk->on_commit = on_commit;
	office->desk->on_commit_arg = office;
	snprintf(office->socket, sizeof(office->socket), "%s/sock",
		 office->desk->folder);
	struct buf why = BUF_EMPTY;
	struct http_listen spec = {.key = "socket",
				   .address = office->socket,
				   .handler = router_handle,
				   .ctx = office->router};
	assert_int_equal(http_server_listen(office->rig->server, &spec, &why, NULL),
			 ERR_OK);
	office->mail = event_new(office->rig->base, mailbox_fd(office->desk->home),
				 EV_READ | EV_PERSIST, run_mail, office);
	event_add(office->mail, NULL);
	*state = office;
	return 0;
}

static int tear_down(void **state)
{
	struct office *office = *state;
	void *desk = office->desk;
	rig_pump(office->rig);
	event_free(office->mail);
	http_server_free(&office->rig->server);
	pool_free(&office->pool);
	mailbox_run_all(office->desk->home);
	store_close(&office->desk->store);
	mailbox_run_all(office->desk->home);
	auth_free(&office->api.auth);
	router_free(&office->router);
	event_base_free(office->rig->base);
	mem_free(office->rig);
	mem_free(office);
	return desk_tear_down(&desk);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

struct reply {
	unsigned status;
	char head[4096], body[4096];
};

struct asking {
	const char *method, *path, *headers, *body;
};

static struct reply ask_at(struct office *office, int fd, const struct asking *asking)
{
	struct reply reply;
	struct buf text = BUF_EMPTY;
	buf_printf(&text,
		   "%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n%s%s\r\n%s",
		   asking->method, asking->path, strlen(asking->body),
		   *asking->body ? JSON : "", asking->headers, asking->body);
	client_send(office->rig, fd, text.data, text.len);
	struct answer answer = client_read(office->rig, fd);
	assert_false(answer.is_closed);
	reply.status = answer.status;
	snprintf(reply.head, sizeof(reply.head), "%s", answer.head);
	snprintf(reply.body, sizeof(reply.body), "%.*s", (int)answer.body.len,
		 buf_str(&answer.body));
	buf_fini(&answer.body);
	buf_fini(&text);
	close(fd);
	return reply;
}

static struct reply ask(struct office *office, const char *method, const char *path,
			const char *headers, const char *body)
{
	const struct asking asking = {method, path, headers, body};
	return ask_at(office, rig_dial(office->rig), &asking);
}

static struct reply shell(struct office *office, const char *method, const char *path,
			  const char *body)
{
	const struct asking asking = {method, path, "", body};
	return ask_at(office, dial_unix(office->socket), &asking);
}

#define ASSERT_STATUS(reply, wanted, part)                                       \
	do {                                                                     \
		if ((reply).status != (wanted) || !strstr((reply).body, (part))) \
			fail_msg("%u %s\nwanted %u with %s", (reply).status,     \
				 (reply).body, (unsigned)(wanted), (part));      \
	} while (0)

/* The string after "key":" in an answer. */
static void take(const char *body, const char *key, char *out, size_t room)
{
	char mark[64];
	snprintf(mark, sizeof(mark), "\"%s\":\"", key);
	const char *at = strstr(body, mark);
	assert_non_null(at);
	at += strlen(mark);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\""), at);
}

static void add_user(struct office *office, const char *login, const char *role)
{
	char body[256];
	snprintf(body, sizeof(body),
		 "{\"login\":\"%s\",\"role\":\"%s\",\"password\":\"correct horse\"}",
		 login, role);
	struct reply reply = shell(office, "POST", "/api/v1/users", body);
	ASSERT_STATUS(reply, 201, "\"active\":true");
}

static struct reply sign_in(struct office *office, const char *login,
			    const char *password)
{
	char body[256];
	snprintf(body, sizeof(body), "{\"login\":\"%s\",\"password\":\"%s\"}", login,
		 password);
	struct reply reply = ask(office, "POST", "/api/v1/session", "", body);
	if (reply.status == 200) {
		const char *at = strstr(reply.head, "Set-Cookie: ");
		assert_non_null(at);
		at += strlen("Set-Cookie: ");
		snprintf(office->cookie, sizeof(office->cookie), "%.*s",
			 (int)strcspn(at, ";"), at);
		take(reply.body, "csrf_token", office->csrf, sizeof(office->csrf));
	}
	return reply;
}

/* A request of the browser; csrf and more may be left out. */
static struct reply browse(struct office *office, const char *method, const char *path,
			   const char *more, const char *body)
{
	char headers[512];
	snprintf(headers, sizeof(headers),
		 "Cookie: other=1; %s\r\nX-CSRF-Token: %s\r\n%s", office->cookie,
		 office->csrf, more);
	return ask(office, method, path, headers, body);
}

static void add_token(struct office *office, const char *body, char *bearer,
		      size_t room)
{
	char secret[64];
	struct reply reply = shell(office, "POST", "/api/v1/tokens", body);
	ASSERT_STATUS(reply, 201, "\"secret\":\"hb_");
	take(reply.body, "secret", secret, sizeof(secret));
	snprintf(bearer, room, "authorization: bearer %s\r\n", secret);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void test_sign_in(void **state)
{
	struct office *office = *state;
	add_user(office, "ana", "agent");
	struct reply reply = sign_in(office, "ana", "correct horse");
	ASSERT_STATUS(reply, 200, "\"user\":{\"id\":\"");
	assert_non_null(strstr(
		reply.head, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200\r\n"));
	assert_non_null(strstr(reply.head, "Set-Cookie: handbox-handbox="));
	reply = browse(office, "GET", "/api/v1/session", "", "");
	ASSERT_STATUS(reply, 200, office->csrf);
	reply = browse(office, "GET", "/api/v1/me", "", "");
	ASSERT_STATUS(reply, 200, "\"login\":\"ana\"");
	reply = browse(office, "PATCH", "/api/v1/me", "",
		       "{\"on_shift\":false,\"last_name\":\"Silva\"}");
	ASSERT_STATUS(reply, 200, "\"name\":\"Silva\"");
	ASSERT_STATUS(reply, 200, "\"on_shift\":false");
	reply = browse(office, "POST", "/act", "", "");
	ASSERT_STATUS(reply, 200, "ana");
	reply = browse(office, "DELETE", "/api/v1/session", "", "");
	assert_int_equal(reply.status, 204);
	assert_non_null(strstr(reply.head, "Max-Age=0"));
	reply = browse(office, "GET", "/api/v1/me", "", "");
	ASSERT_STATUS(reply, 401, "unauthenticated");
}

static void test_sign_in_refused(void **state)
{
	struct office *office = *state;
	add_user(office, "ana", "agent");
	struct reply wrong = sign_in(office, "ana", "incorrect");
	struct reply unknown = sign_in(office, "zoe", "incorrect");
	struct reply odd = sign_in(office, "Zoe Z", "incorrect");
	ASSERT_STATUS(wrong, 401, "\"code\":\"bad_credentials\"");
	assert_int_equal(strcspn(strstr(wrong.body, "\"detail\""), ","),
			 strcspn(strstr(unknown.body, "\"detail\""), ","));
	ASSERT_STATUS(unknown, 401, "\"detail\":\"Login or password is wrong.\"");
	ASSERT_STATUS(odd, 401, "\"detail\":\"Login or password is wrong.\"");
	assert_null(strstr(wrong.head, "Set-Cookie"));
	struct reply reply =
		ask(office, "POST", "/api/v1/session", "", "{\"password\":\"x\"}");
	ASSERT_STATUS(reply, 400, "bad_request");
	reply = ask(office, "POST", "/api/v1/session", "Sec-Fetch-Site: cross-site\r\n",
		    "{\"login\":\"ana\",\"password\":\"correct horse\"}");
	ASSERT_STATUS(reply, 403, "another site");
	reply = ask(office, "GET", "/api/v1/me", "", "");
	ASSERT_STATUS(reply, 401, "unauthenticated");
	assert_non_null(strstr(reply.head, "WWW-Authenticate: Bearer"));
}

static void test_sign_in_throttled(void **state)
{
	struct office *office = *state;
	add_user(office, "ana", "agent");
	struct reply reply;
	for (int i = 0; i < 9; i++)
		reply = sign_in(office, "ana", "incorrect");
	ASSERT_STATUS(reply, 401, "bad_credentials");
	reply = sign_in(office, "ana",
			"correct horse"); /* the tenth is still heard, and clears */
	assert_int_equal(reply.status, 200);
	for (int i = 0; i < 10; i++)
		reply = sign_in(office, "ana", "incorrect");
	ASSERT_STATUS(reply, 401, "bad_credentials");
	reply = sign_in(office, "ana", "correct horse");
	ASSERT_STATUS(reply, 429, "\"code\":\"throttled\"");
	const char *retry = strstr(reply.head, "Retry-After: ");
	assert_non_null(retry);
	assert_in_range(atoi(retry + 13), 200, 300);
	reply = sign_in(office, "bo", "incorrect");
	ASSERT_STATUS(reply, 401, "bad_credentials");
}

static void test_link(void **state)
{
	struct office *office = *state;
	char link[256], body[512];
	struct reply reply = shell(office, "POST", "/api/v1/users",
				   "{\"login\":\"ana\",\"role\":\"agent\"}");
	ASSERT_STATUS(reply, 201, "\"login_link\":\"" PUBLIC_URL "/login#");
	assert_non_null(strstr(reply.head, "Location: /api/v1/users/"));
	take(reply.body, "login_link", link, sizeof(link));
	const char *secret = strchr(link, '#') + 1;
	snprintf(body, sizeof(body), "{\"link\":\"%s\",\"password\":\"short\"}",
		 secret);
	reply = ask(office, "POST", "/api/v1/session", "", body);
	ASSERT_STATUS(reply, 422, "\"member\":\"password\"");
	snprintf(body, sizeof(body), "{\"link\":\"%s\",\"password\":\"my own words\"}",
		 secret);
	reply = ask(office, "POST", "/api/v1/session", "", body);
	ASSERT_STATUS(reply, 200, "csrf_token");
	reply = ask(office, "POST", "/api/v1/session", "", body);
	ASSERT_STATUS(reply, 401, "has been used");
	reply = sign_in(office, "ana", "my own words");
	assert_int_equal(reply.status, 200);
}

static void test_csrf(void **state)
{
	struct office *office = *state;
	static const struct {
		const char *more;
		unsigned status;
	} table[] = {
		{"", 200},
		{"Sec-Fetch-Site: same-origin\r\n", 200},
		{"Sec-Fetch-Site: none\r\n", 200},
		{"Sec-Fetch-Site: same-site\r\n", 403},
		{"Sec-Fetch-Site: cross-site\r\n", 403},
		{"Origin: " PUBLIC_URL "\r\n", 200},
		{"Origin: http://127.0.0.1:13081\r\n", 403},
		{"Origin: null\r\n", 403},
		/* another name of ours: the browser vouches for it */
		{"Origin: http://localhost:13080\r\nSec-Fetch-Site: same-origin\r\n",
		 200},
	};
	char headers[256];
	add_user(office, "ana", "agent");
	sign_in(office, "ana", "correct horse");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reply reply = browse(office, "POST", "/act", table[i].more, "");
		if (reply.status != table[i].status)
			fail_msg("%s%u %s", table[i].more, reply.status, reply.body);
		reply = browse(office, "GET", "/read", table[i].more, "");
		assert_int_equal(reply.status, table[i].status);
	}
	snprintf(headers, sizeof(headers), "Cookie: %s\r\n", office->cookie);
	struct reply reply = ask(office, "POST", "/act", headers, "");
	ASSERT_STATUS(reply, 403, "X-CSRF-Token");
	reply = ask(office, "GET", "/read", headers, "");
	assert_int_equal(reply.status, 200);
	office->csrf[5] ^= 1;
	reply = browse(office, "POST", "/act", "", "");
	ASSERT_STATUS(reply, 403, "X-CSRF-Token");
}

static void test_tokens(void **state)
{
	struct office *office = *state;
	char reader[128], sender[128], service[128], id[32], path[64];
	add_user(office, "ana", "agent");
	add_token(
		office,
		"{\"kind\":\"personal\",\"name\":\"r\",\"user\":\"ana\",\"scopes\":[\"read\",\"tasks\"]}",
		reader, 128);
	add_token(
		office,
		"{\"kind\":\"personal\",\"name\":\"s\",\"user\":\"ana\",\"scopes\":[\"tasks\",\"send\"]}",
		sender, 128);
	add_token(
		office,
		"{\"kind\":\"service\",\"name\":\"crm\",\"scopes\":[\"read\",\"tasks\",\"admin\"]}",
		service, 128);
	const struct {
		const char *bearer, *method, *path;
		unsigned status;
		const char *part;
	} table[] = {
		{reader, "GET", "/read", 200, "ana"},
		{reader, "POST", "/act", 403, "scope send"},
		{sender, "POST", "/act", 200, "ana"},
		{sender, "GET", "/read", 403, "scope read"},
		{sender, "POST", "/lead", 403, "lead"},
		{service, "GET", "/read", 200, "crm"},
		{service, "POST", "/act", 403, "\"code\":\"human_required\""},
		{service, "POST", "/lead", 200, "crm"},
		{service, "GET", "/api/v1/me", 403, "human_required"},
		{service, "POST", "/api/v1/users", 403, "human_required"},
		{service, "POST", "/api/v1/tokens", 403, "human_required"},
		{service, "GET", "/api/v1/teams", 200, "\"items\":[]"},
		{service, "DELETE", "/api/v1/session", 409, "bad_state"},
		{"Authorization: Bearer hb_x\r\n", "GET", "/read", 401,
		 "46 characters"},
		{"Authorization: Bearer hb_0123456789012345678901234567890123456789012\r\n",
		 "GET", "/read", 401, "unknown"},
		{"Authorization: Basic Zm9vOmJhcg==\r\n", "GET", "/read", 401,
		 "unauthenticated"},
	};
	for (int twice = 0; twice < 2; twice++) /* looked up, then remembered */
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			struct reply reply = ask(office, table[i].method, table[i].path,
						 table[i].bearer, "");
			ASSERT_STATUS(reply, table[i].status, table[i].part);
		}
	/* dead from the next request on */
	struct reply reply = ask(office, "GET", "/api/v1/tokens", sender, "");
	ASSERT_STATUS(reply, 403, "scope read");
	snprintf(id, sizeof(id), "%" PRIi64,
		 desk_number(office->desk, "SELECT id FROM tokens WHERE name = 'crm'"));
	snprintf(path, sizeof(path), "/api/v1/tokens/%s", id);
	reply = shell(office, "DELETE", path, "");
	assert_int_equal(reply.status, 204);
	reply = ask(office, "GET", "/read", service, "");
	ASSERT_STATUS(reply, 401, "revoked");
	reply = shell(office, "POST", "/api/v1/users/ana/deactivate",
		      "{\"reassign_to\":null}");
	ASSERT_STATUS(reply, 200, "\"active\":false");
	reply = ask(office, "GET", "/read", reader, "");
	ASSERT_STATUS(reply, 401, "not active");
}

static void test_expiry(void **state)
{
	struct office *office = *state;
	char token[128], body[256], text[CLOCK_TEXT_LEN];
	add_user(office, "ana", "agent");
	snprintf(
		body, sizeof(body),
		"{\"kind\":\"service\",\"name\":\"x\",\"scopes\":[\"read\"],\"expires_at\":\"%s\"}",
		clock_format(DESK_START_MS + HOUR_MS, text));
	add_token(office, body, token, sizeof(token));
	sign_in(office, "ana", "correct horse");
	struct reply reply = ask(office, "GET", "/read", token, "");
	assert_int_equal(reply.status, 200);
	atomic_fetch_add(&office->desk->now_ms, HOUR_MS);
	reply = ask(office, "GET", "/read", token, "");
	ASSERT_STATUS(reply, 401, "expired");
	/* used every hour: lives to the twelfth, no longer */
	for (int hour = 2; hour <= 12; hour++) {
		reply = browse(office, "GET", "/read", "", "");
		assert_int_equal(reply.status, 200);
		atomic_fetch_add(&office->desk->now_ms, HOUR_MS);
	}
	reply = browse(office, "GET", "/read", "", "");
	ASSERT_STATUS(reply, 401, "session has ended");
	/* idle for two hours, also when it was forgotten meanwhile */
	sign_in(office, "ana", "correct horse");
	atomic_fetch_add(&office->desk->now_ms, HOUR_MS);
	reply = browse(office, "GET", "/read", "", "");
	assert_int_equal(reply.status, 200);
	rig_wait(office->rig,
		 desk_number(office->desk, "SELECT max(seen_at) FROM sessions") ==
			 atomic_load(&office->desk->now_ms));
	auth_forget(office->api.auth);
	atomic_fetch_add(&office->desk->now_ms, 2 * HOUR_MS - 1);
	reply = browse(office, "GET", "/read", "", "");
	assert_int_equal(reply.status, 200);
	atomic_fetch_add(&office->desk->now_ms, 2 * HOUR_MS);
	reply = browse(office, "GET", "/read", "", "");
	ASSERT_STATUS(reply, 401, "session has ended");
}

static void test_own_password(void **state)
{
	struct office *office = *state;
	char former[160];
	add_user(office, "ana", "auditor");
	sign_in(office, "ana", "correct horse");
	snprintf(former, sizeof(former), "Cookie: %s\r\n", office->cookie);
	sign_in(office, "ana", "correct horse");
	struct reply reply =
		browse(office, "PUT", "/api/v1/me/password", "",
		       "{\"current_password\":\"no\",\"password\":\"battery staple\"}");
	ASSERT_STATUS(reply, 422, "current_password");
	reply = browse(office, "PUT", "/api/v1/me/password", "",
		       "{\"current_password\":\"correct horse\",\"password\":\"ana\"}");
	ASSERT_STATUS(reply, 422, "at least 8");
	reply = browse(
		office, "PUT", "/api/v1/me/password", "",
		"{\"current_password\":\"correct horse\",\"password\":\"battery staple\"}");
	assert_int_equal(reply.status, 204);
	reply = browse(office, "GET", "/api/v1/me", "", "");
	assert_int_equal(reply.status, 200);
	reply = ask(office, "GET", "/api/v1/me", former, "");
	assert_int_equal(reply.status, 401);
	reply = sign_in(office, "ana", "correct horse");
	assert_int_equal(reply.status, 401);
	reply = sign_in(office, "ana", "battery staple");
	assert_int_equal(reply.status, 200);
	reply = browse(office, "POST", "/api/v1/teams", "", "{\"name\":\"x\"}");
	ASSERT_STATUS(reply, 403, "auditor");
	reply = browse(office, "GET", "/api/v1/users", "", "");
	ASSERT_STATUS(reply, 200, "\"login\":\"ana\"");
}

static void test_people(void **state)
{
	struct office *office = *state;
	char id[32], path[64];
	add_user(office, "root", "admin");
	add_user(office, "ana", "agent");
	sign_in(office, "root", "correct horse");
	struct reply reply = browse(office, "PATCH", "/api/v1/users/ana", "",
				    "{\"role\":\"lead\",\"email\":\"a@b.c\"}");
	ASSERT_STATUS(reply, 200, "\"role\":\"lead\"");
	reply = browse(office, "PATCH", "/api/v1/users/ana", "", "{\"active\":false}");
	ASSERT_STATUS(reply, 422, "deactivate");
	reply = browse(office, "PATCH", "/api/v1/users/ana", "", "{\"password\":null}");
	ASSERT_STATUS(reply, 200, "\"login_link\":\"");
	reply = browse(office, "PATCH", "/api/v1/users/root", "",
		       "{\"role\":\"agent\"}");
	ASSERT_STATUS(reply, 409, "last active admin");
	reply = browse(office, "GET", "/api/v1/users/none", "", "");
	ASSERT_STATUS(reply, 404, "not_found");
	reply = browse(office, "GET", "/api/v1/users?limit=1", "", "");
	ASSERT_STATUS(reply, 200, "\"next\":\"ana\"");
	reply = browse(office, "GET", "/api/v1/users?limit=1&cursor=ana", "", "");
	ASSERT_STATUS(reply, 200, "\"login\":\"root\"");
	reply = browse(office, "POST", "/api/v1/teams", "",
		       "{\"name\":\"north\",\"members\":[\"ana\"]}");
	ASSERT_STATUS(reply, 201, "\"members\":[{\"id\":\"");
	take(reply.body, "id", id, sizeof(id));
	snprintf(path, sizeof(path), "/api/v1/teams/%s", id);
	reply = browse(office, "PUT", path, "", "{\"name\":\"south\",\"members\":[]}");
	ASSERT_STATUS(reply, 200, "\"name\":\"south\",\"members\":[]");
	reply = browse(office, "DELETE", path, "", "");
	assert_int_equal(reply.status, 204);
	reply = browse(office, "GET", path, "", "");
	assert_int_equal(reply.status, 404);
	reply = browse(office, "POST", "/api/v1/users", "",
		       "{\"login\":\"bo\",\"role\":\"boss\"}");
	ASSERT_STATUS(reply, 400, "role");
	reply = shell(office, "GET", "/api/v1/session", "");
	ASSERT_STATUS(reply, 200, "{\"user\":null,\"csrf_token\":null}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_sign_in),
		TEST(test_sign_in_refused),
		TEST(test_sign_in_throttled),
		TEST(test_link),
		TEST(test_csrf),
		TEST(test_tokens),
		TEST(test_expiry),
		TEST(test_own_password),
		TEST(test_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
