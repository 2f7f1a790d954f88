/* test_route.c - which row takes which path, as a table; 404, 405, gates; problems on the wire */
#include "http_help.h"

#include "api/condition.h"
#include "api/problem.h"
#include "api/route.h"

static void say(struct http_request *req, const struct route *route, void *ctx)
{
	struct buf body = BUF_EMPTY;
	(void)ctx;
	assert_ptr_equal(route_of(req), route);
	buf_add_str(&body, route->name);
	for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{')) {
		char name[32];
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}."),
			 at + 1);
		buf_printf(&body, " %s=%s", name, route_param(req, name));
	}
	http_respond(req, 200, "text/plain", &body);
}

static void need_id(struct http_request *req, const struct route *route, void *ctx)
{
	uint64_t id;
	(void)route;
	(void)ctx;
	enum err err = route_param_id(req, "id", &id);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
	else
		http_respond_text(req, 200, "text/plain", "an id");
}

static const struct route task_rows[] = {
	{HTTP_GET, "/api/tasks", say, 1, "task_list"},
	{HTTP_POST, "/api/tasks", say, 2, "task_add"},
	{HTTP_GET, "/api/tasks/{id}", say, 1, "task_get"},
	{HTTP_PATCH, "/api/tasks/{id}", say, 1, "task_change"},
	{HTTP_POST, "/api/tasks/next", say, 1, "task_next"},
	{HTTP_POST, "/api/tasks/{id}/send", say, 1, "task_send"},
	{HTTP_PUT, "/api/contacts/{contact}/tags/{tag}", say, 1, "tag_put"},
	{HTTP_GET, "/api/contacts/{id}/tags", say, 1, "tag_list"},
	{HTTP_GET, "/api/ids/{id}", need_id, 1, "id_get"},
};
static const struct route file_rows[] = {
	{HTTP_GET, "/", say, 0, "index"},
	{HTTP_GET, "/assets/{path...}", say, 0, "asset"},
	{HTTP_HEAD, "/own", say, 0, "own_head"},
	{HTTP_GET, "/w/x/{a}/one", say, 0, "w_one"},
	{HTTP_GET, "/w/{p}/{q}/two", say, 0, "w_two"},
	{HTTP_GET, "/r/{a}/b", say, 0, "r_b"},
	{HTTP_GET, "/r/{rest...}", say, 0, "r_rest"},
};
static const struct route_table tables[] = {
	{task_rows, sizeof(task_rows) / sizeof(task_rows[0])},
	{file_rows, sizeof(file_rows) / sizeof(file_rows[0])},
};

static struct rig *rig_routed(struct router **router_out)
{
	*router_out = router_new(tables, 2, NULL);
	return rig_new_spec(NULL, (struct http_listen){.handler = router_handle,
						       .ctx = *router_out});
}

static struct answer ask(struct rig *rig, const char *method, const char *path)
{
	char text[512];
	snprintf(text, sizeof(text),
		 "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", method,
		 path);
	return rig_get(rig, text, strlen(text));
}

static void test_paths_find_their_row(void **state)
{
	static const struct {
		const char *method, *path;
		unsigned status;
		const char *body; /* 200: all of it; else the Allow header or NULL */
	} rows[] = {
		{"GET", "/", 200, "index"},
		{"GET", "/api/tasks", 200, "task_list"},
		{"POST", "/api/tasks", 200, "task_add"},
		{"GET", "/api/tasks/12", 200, "task_get id=12"},
		{"GET", "/api/tasks/a%2Fb%20c", 200, "task_get id=a/b c"},
		{"POST", "/api/tasks/next", 200, "task_next"},
		{"POST", "/api/tasks/next/send", 200,
		 "task_send id=next"}, /* the word leads nowhere: back to {id} */
		{"POST", "/api/tasks/12/send", 200, "task_send id=12"},
		{"PUT", "/api/contacts/7/tags/vip", 200, "tag_put contact=7 tag=vip"},
		{"GET", "/api/contacts/7/tags", 200, "tag_list id=7"},
		{"GET", "/api/ids/9223372036854775807", 200, "an id"},
		{"GET", "/api/ids/9223372036854775808", 404, NULL},
		{"GET", "/api/ids/x", 404, NULL},
		{"GET", "/assets", 200, "asset path="},
		{"GET", "/assets/", 200, "asset path="},
		{"GET", "/assets/a/b.js", 200, "asset path=a/b.js"},
		{"GET", "/assets/a//b", 200, "asset path=a//b"},
		{"GET", "/assets/..%2F..%2Fetc%2Fpasswd", 404, NULL},
		{"GET", "/assets/..%5Cetc", 404, NULL},
		{"GET", "/w/x/5/one", 200, "w_one a=5"},
		{"GET", "/w/x/5/two", 200, "w_two p=x q=5"},
		{"GET", "/r/1/b", 200, "r_b a=1"},
		{"GET", "/r/1/c", 200, "r_rest rest=1/c"},
		{"GET", "/r/1/b/c", 200, "r_rest rest=1/b/c"},
		{"GET", "/api/tasks/", 404, NULL},
		{"GET", "/api/tasks//send", 404, NULL},
		{"GET", "/api/task", 404, NULL},
		{"GET", "/api/taskss", 404, NULL},
		{"GET", "/API/tasks", 404, NULL},
		{"GET", "/api", 404, NULL},
		{"GET", "/api/contacts/7/tags/vip/x", 404, NULL},
		{"DELETE", "/api/tasks", 405, "GET, HEAD, POST"},
		{"GET", "/api/tasks/next", 405, "POST"},
		{"GET", "/api/tasks/12/send", 405, "POST"},
		{"PUT", "/own", 405, "HEAD"},
		{"BREW", "/", 405, "GET, HEAD"},
		{"OPTIONS", "/", 405, "GET, HEAD"},
		{"OPTIONS", "*", 404, NULL},
	};
	struct router *router;
	struct rig *rig = rig_routed(&router);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = ask(rig, rows[i].method, rows[i].path);
		const char *got = rows[i].status == 405
					  ? answer_header(&answer, "Allow")
					  : buf_str(&answer.body);
		if (answer.status != rows[i].status ||
		    (rows[i].body && strcmp(got, rows[i].body) != 0))
			fail_msg("%s %s: %u %s", rows[i].method, rows[i].path,
				 answer.status, got);
		buf_fini(&answer.body);
	}
	rig_free(rig);
	router_free(&router);
}

static void test_head_goes_to_get(void **state)
{
	struct router *router;
	struct rig *rig = rig_routed(&router);
	(void)state;
	int fd = rig_dial(rig);
	client_send_str(rig, fd,
			"HEAD /api/tasks/12 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /own "
			"HTTP/1.1\r\nHost: h\r\n\r\n");
	struct answer answer = client_read_as(rig, fd, true);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_header(&answer, "Content-Length"),
			    "14"); /* task_get id=12 */
	answer = client_read_as(rig, fd, true);
	assert_string_equal(answer_header(&answer, "Content-Length"),
			    "8"); /* own_head */
	close(fd);
	rig_free(rig);
	router_free(&router);
}

static void gate(struct http_request *req, const struct route *route, void *ctx)
{
	(void)ctx;
	if (route->flags & 2)
		problem_send(req, ERR_UNAUTHENTICATED, NULL);
	else
		route_run(req);
}

static void test_gate_stands_before_handlers(void **state)
{
	struct router *router;
	struct rig *rig = rig_routed(&router);
	(void)state;
	router_set_gate(router, gate);
	struct answer answer = ask(rig, "GET", "/api/tasks");
	assert_int_equal(answer.status, 200);
	buf_fini(&answer.body);
	answer = ask(rig, "POST", "/api/tasks");
	assert_int_equal(answer.status, 401);
	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "Bearer");
	buf_fini(&answer.body);
	rig_free(rig);
	router_free(&router);
}

static void test_rows_can_be_listed(void **state)
{
	struct router *router = router_new(tables, 2, NULL);
	(void)state;
	assert_int_equal(router_count(router), tables[0].count + tables[1].count);
	assert_ptr_equal(router_at(router, 0), &task_rows[0]);
	assert_ptr_equal(router_at(router, tables[0].count), &file_rows[0]);
	router_free(&router);
	assert_null(router);
}

/* --- problems --- */

static void test_problem_body(void **state)
{
	struct buf buf = BUF_EMPTY;
	(void)state;
	problem_write(&buf, &(struct problem){.err = ERR_NOT_FOUND}, NULL);
	assert_string_equal(buf_str(&buf),
			    "{\"type\":\"/problems/not_found\",\"title\":\"There is no "
			    "such thing here\","
			    "\"status\":404,\"code\":\"not_found\","
			    "\"detail\":\"There is no such thing here\"}");
	buf_clear(&buf);
	problem_write(&buf,
		      &(struct problem){.err = ERR_DUPLICATE,
					.detail = "a \"b\"\n",
					.member = "contacts[3]",
					.extra = "\"existing\":\"42\",\"n\":1"},
		      "abc");
	assert_string_equal(buf_str(&buf),
			    "{\"type\":\"/problems/duplicate\",\"title\":\"It is there "
			    "already\",\"status\":409,"
			    "\"code\":\"duplicate\",\"detail\":\"a "
			    "\\\"b\\\"\\n\",\"member\":\"contacts[3]\","
			    "\"request_id\":\"abc\",\"existing\":\"42\",\"n\":1}");
	buf_fini(&buf);
}

static void busy(struct http_request *req, void *ctx)
{
	struct problem *problem = ctx;
	problem_send_all(req, problem);
}

static void test_retry_after(void **state)
{
	static const struct {
		enum err err;
		unsigned asked_s;
		const char *header;
	} rows[] = {
		{ERR_BUSY, 0, "1"},
		{ERR_FULL, 0, "5"},
		{ERR_THROTTLED, 30, "30"},
		{ERR_NOT_FOUND, 0, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct problem problem = {.err = rows[i].err,
					  .retry_after_s = rows[i].asked_s};
		struct rig *rig = rig_new_spec(
			NULL, (struct http_listen){.handler = busy, .ctx = &problem});
		struct answer answer = ask(rig, "GET", "/");
		const char *header = answer_header(&answer, "Retry-After");
		assert_int_equal(answer.status, err_status(rows[i].err));
		assert_true(rows[i].header
				    ? header && strcmp(header, rows[i].header) == 0
				    : !header);
		assert_non_null(strstr(buf_str(&answer.body),
				       answer_header(&answer, "X-Request-Id")));
		buf_fini(&answer.body);
		rig_free(rig);
	}
}

/* --- conditions --- */

static void test_idempotency_key(void **state)
{
	static const struct {
		const char *value, *key; /* NULL: refused */
	} rows[] = {
		{"abc", "abc"},
		{"\"abc\"", "abc"},
		{"8e03978e-40d5-43dd-bc93-6894a57f9324",
		 "8e03978e-40d5-43dd-bc93-6894a57f9324"},
		{"", NULL},
		{"\"\"", NULL},
		{"a b", NULL},
		{"a\"b", NULL},
		{"\xc3\xa9", NULL},
		{"\"", NULL},
	};
	struct arena *arena = arena_new();
	char longest[300];
	const char *key;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err err = condition_parse_key(arena, rows[i].value, &key);
		if ((err == ERR_OK) != (rows[i].key != NULL) ||
		    (rows[i].key && strcmp(key, rows[i].key) != 0))
			fail_msg("%s", rows[i].value);
	}
	memset(longest, 'k', sizeof(longest));
	longest[255] = '\0';
	assert_int_equal(condition_parse_key(arena, longest, &key), ERR_OK);
	longest[255] = 'k';
	longest[256] = '\0';
	assert_int_equal(condition_parse_key(arena, longest, &key), ERR_SYNTAX);
	arena_free(&arena);
}

static void test_if_match(void **state)
{
	static const struct {
		const char *value;
		enum err err;
		bool allows_17;
	} rows[] = {
		{"\"17\"", ERR_OK, true},
		{"*", ERR_OK, true},
		{"\"16\"", ERR_OK, false},
		{"\"16\" , \"17\"", ERR_OK, true},
		{"W/\"17\"", ERR_OK, false},
		{"\"\"", ERR_OK, false},
		{"17", ERR_SYNTAX, false},
		{"\"17", ERR_SYNTAX, false},
		{"\"17\",", ERR_SYNTAX, false},
		{"", ERR_SYNTAX, false},
		{"\"17\" \"18\"", ERR_SYNTAX, false},
		{"*, \"17\"", ERR_SYNTAX, false},
		{"\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"", ERR_SYNTAX,
		 false},
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct if_match match = {0};
		enum err err = condition_parse_match(arena, rows[i].value, &match);
		if (err != rows[i].err ||
		    (err == ERR_OK &&
		     if_match_allows(&match, "17") != rows[i].allows_17))
			fail_msg("%s", rows[i].value);
	}
	assert_true(if_match_allows(&(struct if_match){0}, "17"));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_find_their_row),
		cmocka_unit_test(test_head_goes_to_get),
		cmocka_unit_test(test_gate_stands_before_handlers),
		cmocka_unit_test(test_rows_can_be_listed),
		cmocka_unit_test(test_problem_body),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_idempotency_key),
		cmocka_unit_test(test_if_match),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
