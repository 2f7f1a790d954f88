/* test_query.c - query parameters: what is decoded, and the sentence for what is not */
#include "http_help.h"

#include "api/query.h"

static const char *const states[] = {"pending", "held", "sent", NULL};

struct filter {
	const char *q, *cursor;
	uint64_t workflow, states;
	int64_t limit, offset, since;
	bool test;
	int opted_out, order;
	struct who assignee;
};

static const struct query_param params[] = {
	QUERY_STR(struct filter, q, "q", 5),
	QUERY_ID(struct filter, workflow, "workflow"),
	QUERY_SET(struct filter, states, "state", states),
	QUERY_LIMIT(struct filter, limit),
	QUERY_INT(struct filter, offset, "offset", -5, 5, 2),
	QUERY_TIME(struct filter, since, "since"),
	QUERY_BOOL(struct filter, test, "test"),
	QUERY_TRI(struct filter, opted_out, "opted_out"),
	QUERY_ENUM(struct filter, order, "order", states, -1),
	QUERY_WHO(struct filter, assignee, "assignee"),
	QUERY_CURSOR(struct filter, cursor),
	QUERY_END,
};

static enum err parse(struct arena *arena, const char *query, struct filter *filter,
		      struct query_fault *fault)
{
	struct query_into into = {params, filter, sizeof(*filter)};
	memset(filter, 0xff, sizeof(*filter));
	return query_parse(arena, query, &into, fault);
}

static void test_all_kinds_are_decoded(void **state)
{
	struct arena *arena = arena_new();
	struct filter filter;
	struct query_fault fault = {"", ""};
	enum err err = parse(arena,
			     "q=a%20b%2B+&workflow=12&state=held,sent&state=pending&"
			     "limit=500&offset=-5&test=true&"
			     "since=2026-11-23T10:54:32Z&opted_out=0&order=sent&"
			     "assignee=me&cursor=aB-_.~9%3D",
			     &filter, &fault);
	(void)state;
	if (err != ERR_OK)
		fail_msg("%s %s", fault.name, fault.detail);
	assert_string_equal(filter.q, "a b+ ");
	assert_int_equal(filter.workflow, 12);
	assert_int_equal(filter.states, 7);
	assert_int_equal(filter.limit, 500);
	assert_int_equal(filter.offset, -5);
	assert_int_equal(filter.since, INT64_C(1795431272000));
	assert_true(filter.test);
	assert_int_equal(filter.opted_out, 0);
	assert_int_equal(filter.order, 2);
	assert_int_equal(filter.assignee.kind, WHO_ME);
	assert_string_equal(filter.cursor, "aB-_.~9=");
	arena_free(&arena);
}

static void test_absent_is_the_default(void **state)
{
	static const char *const empty[] = {NULL, "", "&", "&&"};
	struct arena *arena = arena_new();
	struct filter filter;
	struct query_fault fault;
	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		assert_int_equal(parse(arena, empty[i], &filter, &fault), ERR_OK);
		assert_null(filter.q);
		assert_null(filter.cursor);
		assert_int_equal(filter.workflow, 0);
		assert_int_equal(filter.states, 0);
		assert_int_equal(filter.limit, 50);
		assert_int_equal(filter.offset, 2);
		assert_int_equal(filter.opted_out, -1);
		assert_int_equal(filter.order, -1);
		assert_false(filter.test);
		assert_int_equal(filter.assignee.kind, WHO_ABSENT);
	}
	assert_int_equal(parse(arena, "q=", &filter, &fault), ERR_OK);
	assert_string_equal(filter.q, "");
	arena_free(&arena);
}

static void test_faults_name_the_parameter(void **state)
{
	static const struct {
		const char *query, *name, *detail; /* part of it */
		enum err err;
	} rows[] = {
		{"nope=1", "nope",
		 "is not known here; known are: q, workflow, state, limit",
		 ERR_BAD_REQUEST},
		{"Q=1", "Q", "is not known here", ERR_BAD_REQUEST},
		{"=1", "", "is not known here", ERR_BAD_REQUEST},
		{"q=1&q=1", "q", "more than once", ERR_BAD_REQUEST},
		{"q=1&%71=2", "q", "more than once", ERR_BAD_REQUEST},
		{"q=123456", "q", "at most 5 characters", ERR_BAD_REQUEST},
		{"q=%00", "q", "a NUL", ERR_BAD_REQUEST},
		{"q=%ff", "q", "not UTF-8", ERR_BAD_REQUEST},
		{"q=%4", "q", "broken %XX", ERR_BAD_REQUEST},
		{"q=%zz", "q", "broken %XX", ERR_BAD_REQUEST},
		{"q=%", "q", "broken %XX", ERR_BAD_REQUEST},
		{"%zz=1", "", "broken %XX", ERR_BAD_REQUEST},
		{"workflow=", "workflow", "must be an id", ERR_BAD_REQUEST},
		{"workflow=0", "workflow", "must be an id", ERR_BAD_REQUEST},
		{"workflow=x", "workflow", "must be an id", ERR_BAD_REQUEST},
		{"state=open", "state", "with commas between: pending, held, sent",
		 ERR_BAD_REQUEST},
		{"state=held,", "state", "with commas", ERR_BAD_REQUEST},
		{"state=", "state", "with commas", ERR_BAD_REQUEST},
		{"limit=0", "limit", "whole number, 1 to 500", ERR_BAD_REQUEST},
		{"limit=501", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"limit=1e2", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"limit=+5", "limit", "1 to 500", ERR_BAD_REQUEST}, /* + is a space */
		{"limit=%2B5", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"limit=", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"limit=-", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"limit=99999999999999999999", "limit", "1 to 500", ERR_BAD_REQUEST},
		{"offset=-6", "offset", "-5 to 5", ERR_BAD_REQUEST},
		{"since=today", "since", "must be a time like", ERR_BAD_REQUEST},
		{"since=2026-11-23T10:54:32+01:00", "since", "sent as %2B",
		 ERR_BAD_REQUEST},
		{"test=yes", "test", "1, true, 0 or false", ERR_BAD_REQUEST},
		{"test", "test", "1, true, 0 or false", ERR_BAD_REQUEST},
		{"opted_out=2", "opted_out", "1, true, 0 or false", ERR_BAD_REQUEST},
		{"order=up", "order", "must be one of: pending, held, sent",
		 ERR_BAD_REQUEST},
		{"assignee=Ana", "assignee", "id or login, me or none",
		 ERR_BAD_REQUEST},
		{"cursor=", "cursor", "\"next\" of an earlier answer", ERR_BAD_CURSOR},
		{"cursor=a/b", "cursor", "\"next\"", ERR_BAD_CURSOR},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct filter filter;
		struct query_fault fault = {"?", "?"};
		enum err err = parse(arena, rows[i].query, &filter, &fault);
		if (err != rows[i].err || strcmp(fault.name, rows[i].name) != 0 ||
		    !strstr(fault.detail, rows[i].detail))
			fail_msg("%s: %d \"%s\" %s", rows[i].query, err, fault.name,
				 fault.detail);
		arena_free(&arena);
	}
}

static void handle(struct http_request *req, void *ctx)
{
	struct filter filter;
	(void)ctx;
	if (strcmp(http_segment(req, 0), "none") == 0
		    ? query_none(req)
		    : query_read(req, params, &filter, sizeof(filter)))
		http_respond_text(req, 200, "text/plain", "fine");
}

static void test_over_the_wire(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *part;
	} rows[] = {
		{"/x?q=a", 200, "fine"},
		{"/x", 200, "fine"},
		{"/none", 200, "fine"},
		{"/none?", 200, "fine"},
		{"/none?a=1", 400, "takes no parameters"},
		{"/x?nope=1", 400, "\"member\":\"nope\""},
		{"/x?cursor=!", 400, "\"code\":\"bad_cursor\""},
	};
	struct rig *rig = rig_new_spec(NULL, (struct http_listen){.handler = handle});
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: h\r\n\r\n",
			 rows[i].path);
		struct answer answer = rig_get(rig, text, strlen(text));
		if (answer.status != rows[i].status ||
		    !strstr(buf_str(&answer.body), rows[i].part))
			fail_msg("%s: %u %s", rows[i].path, answer.status,
				 buf_str(&answer.body));
		buf_fini(&answer.body);
	}
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds_are_decoded),
		cmocka_unit_test(test_absent_is_the_default),
		cmocka_unit_test(test_faults_name_the_parameter),
		cmocka_unit_test(test_over_the_wire),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
