/* test_body.c - JSON bodies: what is decoded, and the sentence for what is not; over the wire: media types */
#include "http_help.h"

#include "api/body.h"

struct person_in {
	const char *name;
	bool shared;
};

static const struct body_field person_fields[] = {
	BODY_STR(struct person_in, name, "name", BODY_REQUIRED, 10),
	BODY_BOOL(struct person_in, shared, "shared", 0),
	BODY_END,
};
static const struct body_shape person_shape =
	BODY_SHAPE(struct person_in, person_fields);

static const char *const colours[] = {"red", "green", NULL};

struct thing_in {
	const char *text, *line, *extra;
	uint64_t id;
	bool yes;
	int64_t count, at;
	int colour;
	struct who who;
	struct body_strs tags;
	struct body_ids ids;
	struct body_map map;
	struct person_in *person;
	struct body_seen seen;
};

static const struct body_field thing_fields[] = {
	BODY_STR(struct thing_in, text, "text", BODY_REQUIRED | BODY_FILLED, 5),
	BODY_STR(struct thing_in, line, "line", BODY_LINE | BODY_NULL, 100),
	BODY_ID(struct thing_in, id, "id", BODY_NULL),
	BODY_BOOL(struct thing_in, yes, "yes", 0),
	BODY_INT(struct thing_in, count, "count", 0, 0, 10),
	BODY_TIME(struct thing_in, at, "at", 0),
	BODY_ENUM(struct thing_in, colour, "colour", 0, colours),
	BODY_WHO(struct thing_in, who, "who", 0),
	BODY_STR_LIST(struct thing_in, tags, "tags", 0, 3, 4),
	BODY_ID_LIST(struct thing_in, ids, "ids", BODY_FILLED, 3),
	BODY_STR_MAP(struct thing_in, map, "map", 0, 2, 4),
	BODY_OBJECT(struct thing_in, person, "person", BODY_NULL, &person_shape),
	BODY_RAW(struct thing_in, extra, "extra", 0),
	BODY_END,
};

static void preset_thing(void *out)
{
	((struct thing_in *)out)->count = 7;
}

static const struct body_shape thing_shape = {
	.fields = thing_fields,
	.size = sizeof(struct thing_in),
	.seen = offsetof(struct thing_in, seen),
	.preset = preset_thing,
};

static void test_all_kinds_are_decoded(void **state)
{
	static const char text[] =
		"{\"text\":\"h\\u00e9llo\",\"line\":null,\"id\":"
		"\"9223372036854775807\",\"yes\":true,\"count\":10,"
		"\"at\":\"2026-11-23T10:54:32.001Z\",\"colour\":\"green\",\"who\":{"
		"\"team\":\"4\"},\"tags\":[\"a\",\"\",\"bcde\"],"
		"\"ids\":[\"1\",\"2\"],\"map\":{\"z\":\"1\",\"a\":null},\"person\":{"
		"\"name\":\"Ana\",\"shared\":true},"
		"\"extra\":{\"b\":[1,2.5,null],\"a\":\"\\n\"}}";
	struct arena *arena = arena_new();
	struct thing_in in;
	struct body_fault fault = {"", ""};
	(void)state;
	if (body_parse(arena, text, sizeof(text) - 1, &thing_shape, &in, &fault) !=
	    ERR_OK)
		fail_msg("%s %s", fault.member, fault.detail);
	assert_string_equal(in.text, "h\xc3\xa9llo");
	assert_null(in.line);
	assert_true(in.id == UINT64_C(9223372036854775807));
	assert_true(in.yes);
	assert_int_equal(in.count, 10);
	assert_int_equal(in.at, INT64_C(1795431272001));
	assert_int_equal(in.colour, 1);
	assert_int_equal(in.who.kind, WHO_TEAM);
	assert_int_equal(in.who.id, 4);
	assert_int_equal(in.tags.count, 3);
	assert_string_equal(in.tags.items[2], "bcde");
	assert_int_equal(in.ids.count, 2);
	assert_int_equal(in.ids.items[1], 2);
	assert_int_equal(in.map.count, 2);
	assert_string_equal(in.map.items[0].name, "z");
	assert_string_equal(in.map.items[0].value, "1");
	assert_null(in.map.items[1].value);
	assert_string_equal(in.person->name, "Ana");
	assert_true(in.person->shared);
	assert_string_equal(in.extra, "{\"b\":[1,2.5,null],\"a\":\"\\n\"}");
	assert_true(body_given(&in.seen, "line") && body_is_null(&in.seen, "line"));
	assert_true(body_given(&in.seen, "id") && !body_is_null(&in.seen, "id"));
	arena_free(&arena);
}

static void test_absent_is_zero_or_preset(void **state)
{
	struct arena *arena = arena_new();
	struct thing_in in;
	struct body_fault fault;
	(void)state;
	memset(&in, 0xff, sizeof(in));
	assert_int_equal(body_parse(arena, TEXT(" {\"text\":\"x\"} "), &thing_shape,
				    &in, &fault),
			 ERR_OK);
	assert_null(in.line);
	assert_null(in.person);
	assert_int_equal(in.tags.count, 0);
	assert_int_equal(in.who.kind, WHO_ABSENT);
	assert_int_equal(in.count, 7);
	assert_false(body_given(&in.seen, "line"));
	assert_false(body_is_null(&in.seen, "line"));
	arena_free(&arena);
}

static void test_who_in_its_forms(void **state)
{
	static const struct {
		const char *json;
		enum who_kind kind; /* WHO_ABSENT: refused */
	} rows[] = {
		{"\"12\"", WHO_ID},
		{"\"ana\"", WHO_LOGIN},
		{"\"a.b-c_9\"", WHO_LOGIN},
		{"{\"team\":\"1\"}", WHO_TEAM},
		{"\"me\"", WHO_ABSENT},
		{"\"none\"", WHO_ABSENT},
		{"\"\"", WHO_ABSENT},
		{"\"Ana\"", WHO_ABSENT},
		{"12", WHO_ABSENT},
		{"\"0\"", WHO_ABSENT},
		{"{}", WHO_ABSENT},
		{"{\"team\":1}", WHO_ABSENT},
		{"{\"team\":\"1\",\"x\":1}", WHO_ABSENT},
		{"[]", WHO_ABSENT},
		{"null", WHO_ABSENT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct thing_in in;
		struct body_fault fault;
		char *text = arena_printf(arena, "{\"text\":\"x\",\"who\":%s}",
					  rows[i].json);
		enum err err = body_parse(arena, text, strlen(text), &thing_shape, &in,
					  &fault);
		if ((err == ERR_OK) != (rows[i].kind != WHO_ABSENT) ||
		    (err == ERR_OK && in.who.kind != rows[i].kind))
			fail_msg("%s", rows[i].json);
		arena_free(&arena);
	}
}

/* --- faults --- */

static const struct {
	const char *text;
	size_t len;
	const char *member, *detail; /* part of it */
} faults[] = {
	{TEXT("{\"text\":\"x\",\"nope\":1}"), "nope",
	 "is not known here; known are: text, line, id"},
	{TEXT("{\"text\":\"x\",\"person\":{\"name\":\"a\",\"age\":1}}"), "person.age",
	 "known are: name, shared"},
	{TEXT("{\"text\":\"x\",\"person\":{}}"), "person.name", "is required"},
	{TEXT("{}"), "text", "is required"},
	{TEXT(""), "text", "is required"},
	{TEXT("{\"text\":null}"), "text", "must not be null"},
	{TEXT("{\"text\":1}"), "text", "must be a string of at most 5 characters"},
	{TEXT("{\"text\":\"123456\"}"), "text", "has 6 characters; at most 5"},
	{TEXT("{\"text\":\" \\n\"}"), "text", "must not be empty"},
	{TEXT("{\"text\":\"a\\u0007\"}"), "text", "control characters"},
	{TEXT("{\"text\":\"x\",\"line\":\"a\\nb\"}"), "line", "nor more than one line"},
	{TEXT("{\"text\":\"x\",\"id\":12}"), "id", "must be an id: a string of digits"},
	{TEXT("{\"text\":\"x\",\"id\":\"-1\"}"), "id", "must be an id"},
	{TEXT("{\"text\":\"x\",\"id\":\"9223372036854775808\"}"), "id",
	 "must be an id"},
	{TEXT("{\"text\":\"x\",\"yes\":1}"), "yes", "true or false"},
	{TEXT("{\"text\":\"x\",\"yes\":\"true\"}"), "yes", "true or false"},
	{TEXT("{\"text\":\"x\",\"count\":11}"), "count", "whole number, 0 to 10"},
	{TEXT("{\"text\":\"x\",\"count\":1.0}"), "count", "whole number"},
	{TEXT("{\"text\":\"x\",\"count\":99999999999999999999}"), "",
	 "too big integer"},
	{TEXT("{\"text\":\"x\",\"at\":\"yesterday\"}"), "at", "RFC 3339"},
	{TEXT("{\"text\":\"x\",\"at\":1}"), "at", "RFC 3339"},
	{TEXT("{\"text\":\"x\",\"colour\":\"blue\"}"), "colour",
	 "must be one of: \"red\", \"green\""},
	{TEXT("{\"text\":\"x\",\"tags\":\"a\"}"), "tags", "must be a list of strings"},
	{TEXT("{\"text\":\"x\",\"tags\":[\"a\",1]}"), "tags[1]", "must be a string"},
	{TEXT("{\"text\":\"x\",\"tags\":[\"a\",\"b\",\"c\",\"d\"]}"), "tags",
	 "has 4 items; at most 3"},
	{TEXT("{\"text\":\"x\",\"tags\":[\"abcde\"]}"), "tags[0]", "has 5 characters"},
	{TEXT("{\"text\":\"x\",\"ids\":[\"1\",\"b\"]}"), "ids[1]", "must be an id"},
	{TEXT("{\"text\":\"x\",\"ids\":[]}"), "ids", "must not be empty"},
	{TEXT("{\"text\":\"x\",\"map\":{\"k\":1}}"), "map.k", "must be a string"},
	{TEXT("{\"text\":\"x\",\"map\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}"), "map",
	 "has 3 items"},
	{TEXT("{\"text\":\"x\",\"map\":[]}"), "map", "must be an object"},
	{TEXT("{\"text\":\"x\",\"person\":\"Ana\"}"), "person", "must be an object"},
	{TEXT("{\"text\":\"x\",\"text\":\"y\"}"), "text", "is there twice"},
	{TEXT("{\"text\":\"x\",\"extra\":{\"a\":1,\"a\":2}}"), "a", "is there twice"},
	{TEXT("{\"text\":\"x\""), "", "is not valid JSON: line 1"},
	{TEXT("{\"text\":\"x\"} x"), "", "is not valid JSON"},
	{TEXT("{\"text\":\"x\",}"), "", "is not valid JSON"},
	{TEXT("{'text':'x'}"), "", "is not valid JSON"},
	{TEXT("// {}"), "", "is not valid JSON"},
	{TEXT("[]"), "", "must be a JSON object"},
	{TEXT("\"text\""), "", "JSON"},
	{TEXT("{\"text\":\"\xff\"}"), "", "is not valid JSON"},
	{TEXT("{\"text\":\"\xed\xa0\x80\"}"), "", "is not valid JSON"},
	{TEXT("{\"text\":\"\\ud800\"}"), "", "is not valid JSON"},
	{TEXT("{\"text\":\"a\\u0000\"}"), "", "is not valid JSON"},
	{TEXT("{\"text\":\"a\0\"}"), "", "NUL"},
	{TEXT("{\"text\":NaN}"), "", "is not valid JSON"},
};

static void test_faults_name_the_member(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct arena *arena = arena_new();
		struct thing_in in;
		struct body_fault fault = {"?", "?"};
		enum err err = body_parse(arena, faults[i].text, faults[i].len,
					  &thing_shape, &in, &fault);
		if (err != ERR_BAD_REQUEST ||
		    strcmp(fault.member, faults[i].member) != 0 ||
		    !strstr(fault.detail, faults[i].detail))
			fail_msg("%s: \"%s\" %s", faults[i].text, fault.member,
				 fault.detail);
		arena_free(&arena);
	}
}

static void test_depth_is_limited(void **state)
{
	(void)state;
	for (int depth = 31; depth <= 32; depth++) { /* inside the object */
		struct arena *arena = arena_new();
		struct buf text = BUF_EMPTY;
		struct thing_in in;
		struct body_fault fault;
		buf_add_str(
			&text,
			"{\"text\":\"[{\\\"[\",\"extra\":"); /* those inside a string do not count */
		for (int i = 0; i < depth; i++)
			buf_add_char(&text, '[');
		for (int i = 0; i < depth; i++)
			buf_add_char(&text, ']');
		buf_add_char(&text, '}');
		enum err err = body_parse(arena, text.data, text.len, &thing_shape, &in,
					  &fault);
		assert_int_equal(err, depth == 31 ? ERR_OK : ERR_BAD_REQUEST);
		assert_true(err == ERR_OK ||
			    strstr(fault.detail, "nested more than 32 deep"));
		buf_fini(&text);
		arena_free(&arena);
	}
}

/* A name of the client's comes back cut, but whole characters only. */
static void test_long_names_are_cut(void **state)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_EMPTY;
	struct thing_in in;
	struct body_fault fault;
	(void)state;
	buf_add_str(&text, "{\"a");
	for (int i = 0; i < 100; i++)
		buf_add_str(&text, "\xc3\xa9");
	buf_add_str(&text, "\":1}");
	assert_int_equal(
		body_parse(arena, text.data, text.len, &thing_shape, &in, &fault),
		ERR_BAD_REQUEST);
	assert_int_equal(strlen(fault.member), 59 + 3);
	assert_string_equal(fault.member + 57, "\xc3\xa9\xe2\x80\xa6");
	buf_fini(&text);
	arena_free(&arena);
}

/* --- over the wire --- */

static void take(struct http_request *req, void *ctx)
{
	struct thing_in in;
	struct person_in person;
	bool has_required = strcmp(http_segment(req, 0), "thing") == 0;
	(void)ctx;
	if (has_required ? !body_read(req, &thing_shape, &in)
			 : !body_read(req, &person_shape, &person))
		return;
	http_respond_text(req, 200, "text/plain", has_required ? in.text : person.name);
}

static const struct body_field loose_fields[] = {
	BODY_BOOL(struct person_in, shared, "shared", 0), BODY_END};
static const struct body_shape loose_shape = BODY_SHAPE(struct person_in, loose_fields);

static void take_loose(struct http_request *req, void *ctx)
{
	struct person_in in;
	(void)ctx;
	if (body_read(req, &loose_shape, &in))
		http_respond_text(req, 200, "text/plain", in.shared ? "shared" : "not");
}

static void test_media_types(void **state)
{
	static const struct {
		const char *type; /* header line */
		unsigned status;
	} rows[] = {
		{"Content-Type: application/json\r\n", 200},
		{"Content-Type: Application/JSON; charset=UTF-8\r\n", 200},
		{"Content-Type: application/json;charset=\"utf-8\"\r\n", 200},
		{"Content-Type: application/json; x=y; charset=utf-8\r\n", 200},
		{"Content-Type: application/json ;\r\n", 200},
		{"Content-Type: application/json; charset=latin1\r\n", 415},
		{"Content-Type: application/json; charset=utf-80\r\n", 415},
		{"Content-Type: application/jsonx\r\n", 415},
		{"Content-Type: text/plain\r\n", 415},
		{"Content-Type: \r\n", 415},
		{"", 415},
	};
	struct rig *rig = rig_new_spec(NULL, (struct http_listen){.handler = take});
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
			 "POST /thing HTTP/1.1\r\nHost: h\r\n%sContent-Length: "
			 "14\r\n\r\n{\"text\":\"abc\"}",
			 rows[i].type);
		struct answer answer = rig_get(rig, text, strlen(text));
		if (answer.status != rows[i].status)
			fail_msg("%s: %u", rows[i].type, answer.status);
		if (answer.status == 415)
			assert_non_null(strstr(buf_str(&answer.body),
					       "unsupported_media_type"));
		buf_fini(&answer.body);
	}
	rig_free(rig);
}

static void test_bad_body_is_a_problem(void **state)
{
	struct rig *rig = rig_new_spec(NULL, (struct http_listen){.handler = take});
	(void)state;
	struct answer answer = rig_get(
		rig,
		TEXT("POST /thing HTTP/1.1\r\nHost: h\r\nContent-Type: "
		     "application/json\r\n"
		     "Content-Length: 26\r\n\r\n{\"text\":\"x\",\"ids\":[\"1\",2]}"));
	assert_int_equal(answer.status, 400);
	assert_non_null(strstr(buf_str(&answer.body), "\"code\":\"bad_request\""));
	assert_non_null(strstr(buf_str(&answer.body), "\"member\":\"ids[1]\""));
	assert_non_null(strstr(buf_str(&answer.body),
			       "The member \\\"ids[1]\\\" must be an id"));
	buf_fini(&answer.body);
	answer = rig_get(rig, TEXT("POST /person HTTP/1.1\r\nHost: h\r\n\r\n"));
	assert_int_equal(answer.status,
			 400); /* an empty body, and a member that is required */
	assert_non_null(strstr(buf_str(&answer.body), "\"member\":\"name\""));
	buf_fini(&answer.body);
	rig_free(rig);
	rig = rig_new_spec(NULL, (struct http_listen){.handler = take_loose});
	answer = rig_get(rig, TEXT("POST / HTTP/1.1\r\nHost: h\r\n\r\n"));
	assert_int_equal(answer.status, 200);
	assert_string_equal(buf_str(&answer.body), "not");
	buf_fini(&answer.body);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds_are_decoded),
		cmocka_unit_test(test_absent_is_zero_or_preset),
		cmocka_unit_test(test_who_in_its_forms),
		cmocka_unit_test(test_faults_name_the_member),
		cmocka_unit_test(test_depth_is_limited),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_media_types),
		cmocka_unit_test(test_bad_body_is_a_problem),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
