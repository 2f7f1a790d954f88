/* test_contact_api.c - /contacts over HTTP: what is read from paths, queries, headers
 * and bodies, and what is answered. */
#include "core_help.h"
#include "http_help.h"

#include "api/api.h"
#include "api/contact_api.h"

struct desk_door {
	struct desk *desk;
	struct rig *rig;
	struct event *mail;
	struct router *router;
	struct api api;
	struct policy policy;
	struct caller caller; /* of every request */
};

static void run_mail(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	mailbox_run_all(arg);
}

static void let_in(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct desk_door *door = ctx;
	http_set_slot(req, HTTP_SLOT_WHO, &door->caller);
	route_run(req);
}

static int set_up(void **state)
{
	void *desk;
	struct desk_door *door = MEM_NEW(struct desk_door);
	if (desk_set_up(&desk) != 0)
		return -1;
	door->desk = desk;
	door->policy = policy_default;
	door->policy.default_region = "PT";
	atomic_store(&door->desk->core.policy, &door->policy);
	door->router = router_new(&contact_routes, 1, door);
	router_set_gate(door->router, let_in);
	door->rig = rig_new_spec(NULL, (struct http_listen){.handler = router_handle,
							    .ctx = door->router});
	door->api = (struct api){.base = door->rig->base,
				 .store = door->desk->store,
				 .core = &door->desk->core,
				 .clock = &door->desk->clock};
	door->caller = (struct caller){.api = &door->api,
				       .actor = {.kind = ACTOR_SESSION,
						 .way = WAY_PAGE,
						 .user_id = 5,
						 .credential_id = 7,
						 .scopes = SCOPE_ALL,
						 .name = "ana"}};
	door->mail = event_new(door->rig->base, mailbox_fd(door->desk->home),
			       EV_READ | EV_PERSIST, run_mail, door->desk->home);
	event_add(door->mail, NULL);
	desk_sql(door->desk, "INSERT INTO users (id, login, first_name, last_name, "
			     "email, role, is_active, is_on_shift, "
			     "created_at, revision) VALUES (5, 'ana', 'Ana', 'Silva', "
			     "'', 0, 1, 1, 1, 1)");
	*state = door;
	return 0;
}

static int tear_down(void **state)
{
	struct desk_door *door = *state;
	void *desk = door->desk;
	rig_pump(door->rig);
	event_free(door->mail);
	http_server_free(&door->rig->server);
	mailbox_run_all(door->desk->home);
	store_close(&door->desk->store);
	mailbox_run_all(door->desk->home);
	router_free(&door->router);
	event_base_free(door->rig->base);
	mem_free(door->rig);
	mem_free(door);
	return desk_tear_down(&desk);
}

struct reply {
	unsigned status;
	char head[4096];
	const char *body; /* lives as long as the desk */
};

/* headers: each with its line end. body NULL: none. */
static struct reply ask(struct desk_door *door, const char *method, const char *path,
			const char *headers, const char *body)
{
	struct reply reply;
	struct buf text = BUF_EMPTY;
	int fd = rig_dial(door->rig);
	buf_printf(&text, "%s /api/v1%s HTTP/1.1\r\nHost: h\r\n%s", method, path,
		   headers);
	if (body)
		buf_printf(&text,
			   "Content-Type: application/json\r\nContent-Length: "
			   "%zu\r\n\r\n%s",
			   strlen(body), body);
	else
		buf_add_str(&text, "\r\n");
	client_send(door->rig, fd, text.data, text.len);
	struct answer answer = client_read(door->rig, fd);
	assert_false(answer.is_closed);
	reply.status = answer.status;
	snprintf(reply.head, sizeof(reply.head), "%s", answer.head);
	reply.body = arena_strdup(door->desk->arena, buf_str(&answer.body));
	buf_fini(&answer.body);
	buf_fini(&text);
	close(fd);
	return reply;
}

static struct reply expect(struct desk_door *door, const char *method, const char *path,
			   const char *body, unsigned status, const char *part)
{
	struct reply reply = ask(door, method, path, "", body);
	if (reply.status != status || !strstr(reply.body, part))
		fail_msg("%s %s %s\n%u %s\nwanted %u with %s", method, path, body,
			 reply.status, reply.body, status, part);
	return reply;
}

static const char *id_in(struct desk_door *door, struct reply reply)
{
	const char *at = strstr(reply.body, "{\"id\":\"");
	assert_non_null(at);
	return arena_strndup(door->desk->arena, at + 7, strcspn(at + 7, "\""));
}

static const char *path_of(struct desk_door *door, const char *id, const char *rest)
{
	return arena_printf(door->desk->arena, "/contacts/%s%s", id, rest);
}

static void test_one_contact(void **state)
{
	struct desk_door *door = *state;
	struct reply made = expect(door, "POST", "/contacts",
				   "{\"first_name\":\"Rui\",\"last_name\":null,"
				   "\"phone\":\"912345678\",\"owner\":\"ana\","
				   "\"tags\":[\"vip\"],\"custom\":{\"plan\":\"gold\","
				   "\"gone\":null},\"test\":true}",
				   201, "\"phone_e164\":\"+351912345678\"");
	const char *id = id_in(door, made), *path = path_of(door, id, "");
	assert_non_null(strstr(made.head,
			       arena_printf(door->desk->arena,
					    "Location: /api/v1/contacts/%s\r\n", id)));
	struct reply got =
		expect(door, "GET", path, NULL, 200, "\"custom\":{\"plan\":\"gold\"}");
	assert_string_equal(got.body, made.body);
	const char *etag = strstr(got.head, "ETag: \"");
	assert_non_null(etag);
	assert_non_null(
		strstr(made.head, arena_printf(door->desk->arena, "%.*s\r\n",
					       (int)strcspn(etag, "\r"), etag)));

	struct reply stale = ask(door, "PATCH", path, "If-Match: \"999\"\r\n",
				 "{\"first_name\":\"X\"}");
	assert_int_equal(stale.status, 412);
	assert_non_null(strstr(stale.body, "\"code\":\"precondition_failed\""));
	const char *match = arena_printf(door->desk->arena, "If-Match: %.*s\r\n",
					 (int)strcspn(etag + 6, "\r"), etag + 6);
	struct reply patched =
		ask(door, "PATCH", path, match,
		    "{\"first_name\":\"Zé\",\"tags\":null,\"custom\":null}");
	assert_int_equal(patched.status, 200);
	assert_non_null(strstr(patched.body, "\"first_name\":\"Zé\""));
	assert_non_null(
		strstr(patched.body,
		       "\"tags\":[],\"custom\":{},\"sms_enabled\":true,\"test\":true"));
	assert_non_null(strstr(patched.head, "ETag: \""));
	assert_null(strstr(patched.head, arena_printf(door->desk->arena, "%.*s\r\n",
						      (int)strcspn(etag, "\r"), etag)));
	assert_int_equal(ask(door, "PATCH", path, match, "{}").status, 412);
	assert_int_equal(ask(door, "PATCH", path, "If-Match: *\r\n", "{}").status, 200);
	assert_int_equal(ask(door, "PATCH", path, "If-Match: 1\r\n", "{}").status, 400);

	expect(door, "DELETE", path, NULL, 204, "");
	expect(door, "GET", path, NULL, 404, "\"code\":\"not_found\"");
}

static void test_refusals(void **state)
{
	struct desk_door *door = *state;
	static const struct {
		const char *method, *path, *body;
		unsigned status;
		const char *part;
	} rows[] = {
		{"POST", "/contacts", "{\"name\":\"Rui\"}", 400, "\"member\":\"name\""},
		{"POST", "/contacts", "{\"first_name\":1}", 400,
		 "\"member\":\"first_name\""},
		{"POST", "/contacts", "{\"sms_enabled\":null}", 400,
		 "\"member\":\"sms_enabled\""},
		{"POST", "/contacts", "{\"custom\":{\"a\":1}}", 400,
		 "\"member\":\"custom"},
		{"POST", "/contacts", "{\"tags\":\"vip\"}", 400, "\"member\":\"tags\""},
		{"POST", "/contacts", "{\"owner\":\"zoe\"}", 422,
		 "\"code\":\"unknown_user\""},
		{"POST", "/contacts", "{\"owner\":{\"team\":\"1\"}}", 422,
		 "\"member\":\"owner\""},
		{"POST", "/contacts", "{\"email\":\"x\"}", 422, "\"member\":\"email\""},
		{"POST", "/contacts", "{\"tags\":[\"a\",\"\"]}", 422,
		 "\"member\":\"tags[1]\""},
		{"POST", "/contacts?upsert=name", "{}", 400, "upsert"},
		{"POST", "/contacts?upsert=phone&shared=1", "{\"phone\":\"1\"}", 400,
		 "\"member\":\"shared\""},
		{"POST", "/contacts?upsert=external_id", "{}", 422,
		 "\"member\":\"external_id\""},
		{"GET", "/contacts?limit=0", NULL, 400, "limit"},
		{"GET", "/contacts?cursor=zzz", NULL, 400, "\"code\":\"bad_cursor\""},
		{"GET", "/contacts?name=x", NULL, 400, "name"},
		{"GET", "/contacts/1", NULL, 404, "not_found"},
		{"GET", "/contacts/x", NULL, 404, "not_found"},
		{"PATCH", "/contacts/1", "{}", 404, "not_found"},
		{"DELETE", "/contacts/1", NULL, 404, "not_found"},
		{"PUT", "/contacts/1/tags/x", NULL, 404, "not_found"},
		{"DELETE", "/contacts/1/tags/x", NULL, 404, "not_found"},
		{"POST", "/contacts/1/opt-out", "{\"reason\":\"r\"}", 404, "not_found"},
		{"POST", "/contacts/1/opt-out", "{}", 400, "\"member\":\"reason\""},
		{"POST", "/contacts/1/opt-in", "{\"reason\":\"r\"}", 400,
		 "\"member\":\"evidence\""},
		{"POST", "/contacts/1/opt-in", "{\"evidence\":\" \"}", 400,
		 "\"member\":\"evidence\""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(door, rows[i].method, rows[i].path, rows[i].body, rows[i].status,
		       rows[i].part);
}

static void test_duplicates(void **state)
{
	struct desk_door *door = *state;
	const char *id =
		id_in(door, expect(door, "POST", "/contacts",
				   "{\"phone\":\"912345678\",\"external_id\":\"e\"}",
				   201, ""));
	const char *existing =
		arena_printf(door->desk->arena, "\"existing\":\"%s\"", id);
	expect(door, "POST", "/contacts", "{\"phone\":\"+351 912345678\"}", 409,
	       existing);
	expect(door, "POST", "/contacts", "{\"external_id\":\"e\"}", 409,
	       "\"code\":\"duplicate\"");
	expect(door, "POST", "/contacts?upsert=phone",
	       "{\"phone\":\"912 345 678\",\"last_name\":\"B\"}", 200, id);
	expect(door, "POST", "/contacts?upsert=external_id",
	       "{\"external_id\":\"e\",\"last_name\":\"C\"}", 200, id);
	const char *other = id_in(door, expect(door, "POST", "/contacts?shared=1",
					       "{\"phone\":\"912345678\"}", 201, ""));
	assert_string_not_equal(other, id);
	const char *third = id_in(
		door, expect(door, "POST", "/contacts", "{}", 201, "phone_missing"));
	expect(door, "PATCH", path_of(door, third, ""), "{\"phone\":\"912345678\"}",
	       409, existing);
	expect(door, "PATCH", path_of(door, third, "?shared=1"),
	       "{\"phone\":\"912345678\"}", 200, "+351912345678");
}

static void test_idempotency_key(void **state)
{
	struct desk_door *door = *state;
	const char *key = "Idempotency-Key: k1\r\n";
	struct reply first =
		ask(door, "POST", "/contacts", key, "{\"first_name\":\"A\"}");
	struct reply again =
		ask(door, "POST", "/contacts", key, "{\"first_name\":\"A\"}");
	assert_int_equal(first.status, 201);
	assert_int_equal(again.status, 201);
	assert_string_equal(first.body, again.body);
	struct reply other =
		ask(door, "POST", "/contacts", key, "{\"first_name\":\"B\"}");
	assert_int_equal(other.status, 409);
	assert_int_equal(desk_number(door->desk, "SELECT count(*) FROM contacts"), 1);
	/* neither the key nor the answer can be read in the database */
	assert_int_equal(desk_number(door->desk, "SELECT count(*) FROM idempotency"),
			 1);
	assert_int_equal(
		desk_number(door->desk,
			    "SELECT count(*) FROM idempotency WHERE key = 'k1' OR "
			    "instr(body, 'first_name')"),
		0);
}

static void test_tags_and_lists(void **state)
{
	struct desk_door *door = *state;
	const char *first = id_in(door, expect(door, "POST", "/contacts",
					       "{\"phone\":\"912345678\"}", 201, ""));
	const char *second = id_in(door, expect(door, "POST", "/contacts",
						"{\"first_name\":\"Bea\"}", 201, ""));
	expect(door, "PUT", path_of(door, first, "/tags/a%2Fb%20c"), NULL, 204, "");
	expect(door, "PUT", path_of(door, first, "/tags/a%2Fb%20c"), NULL, 204, "");
	expect(door, "GET", "/contacts?tag=a%2Fb+c", NULL, 200, first);
	expect(door, "DELETE", path_of(door, first, "/tags/a%2Fb%20c"), NULL, 204, "");
	expect(door, "DELETE", path_of(door, first, "/tags/a%2Fb%20c"), NULL, 204, "");
	expect(door, "GET", "/contacts?tag=a%2Fb+c", NULL, 200,
	       "{\"items\":[],\"next\":null}");
	/* a + that was not percent-encoded arrives as a blank */
	expect(door, "GET", "/contacts?phone=+351912345678", NULL, 200, first);
	expect(door, "GET", "/contacts?phone=%2B351912345678", NULL, 200, first);
	expect(door, "GET", "/contacts?q=BEA&owner=none&test=0&opted_out=0", NULL, 200,
	       second);
	expect(door, "GET", "/contacts?owner=me", NULL, 200, "{\"items\":[],");
	struct reply page = expect(door, "GET", "/contacts?limit=1", NULL, 200, second);
	const char *next = strstr(page.body, "\"next\":\"") + 8;
	expect(door, "GET",
	       arena_printf(door->desk->arena, "/contacts?limit=1&cursor=%.*s",
			    (int)strcspn(next, "\""), next),
	       NULL, 200, first);
}

static void test_consent(void **state)
{
	struct desk_door *door = *state;
	const char *id = id_in(door, expect(door, "POST", "/contacts",
					    "{\"phone\":\"912345678\"}", 201, ""));
	expect(door, "POST", path_of(door, id, "/opt-out"), "{\"reason\":\"asked\"}",
	       200, "\"opted_out\":true");
	expect(door, "GET", "/contacts?opted_out=1", NULL, 200, id);
	expect(door, "POST", path_of(door, id, "/opt-in"), "{\"evidence\":\"form\"}",
	       200, "\"opted_out\":false");
	expect(door, "POST", path_of(door, id, "/opt-in"), "{\"evidence\":\"form\"}",
	       409, "\"code\":\"bad_state\"");
	assert_int_equal(desk_number(door->desk, "SELECT count(*) FROM ledger WHERE "
						 "act IN ('opt_out', 'opt_in')"),
			 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_contact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_duplicates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_idempotency_key, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_tags_and_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_consent, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
