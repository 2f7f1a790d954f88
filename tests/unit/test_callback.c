/* test_callback.c - what smsbox sends, byte by byte */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "plugin/callback.h"

static struct arena *arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int drop_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char uuid[] = "8a1f7a57-0b3b-4a3c-9a5d-6f9f3b1c2d3e";

static void test_report(void **state)
{
	(void)state;
	static const char query[] =
		"id=123456789012&status=8&event=8a1f7a57-0b3b-4a3c-9a5d-6f9f3b1c2d3e"
		"&detail=id%3A1+stat%3ADELIVRD+%C3%A9&smsc=SIM&extra=1";
	struct callback_report report;
	const char *why = NULL;
	assert_int_equal(
		callback_parse_report(arena, query, strlen(query), &report, &why),
		ERR_OK);
	assert_true(report.id == 123456789012);
	assert_int_equal(report.kind, REPORT_SMSC_ACCEPTED);
	assert_string_equal(report.event_id, uuid);
	assert_string_equal(report.detail, "id:1 stat:DELIVRD é");
	assert_string_equal(report.smsc, "SIM");
}

static void test_small_reports(void **state)
{
	(void)state;
	struct callback_report report;
	const char *why = NULL;
	/* an SMSC that says nothing; a kind of two bits; bytes that are no text */
	static const char query[] = "status=34&id=7&detail=%FFx%00y";
	assert_int_equal(
		callback_parse_report(arena, query, strlen(query), &report, &why),
		ERR_OK);
	assert_true(report.kind & REPORT_FAILED);
	assert_string_equal(report.event_id, "");
	assert_string_equal(report.smsc, "");
	assert_string_equal(report.detail, "\xEF\xBF\xBDx\xEF\xBF\xBDy");

	struct buf query_long = BUF_EMPTY;
	buf_add_str(&query_long, "id=7&status=1&detail=");
	for (int i = 0; i < 3000; i++)
		buf_add_str(&query_long, "%C3%A9");
	assert_int_equal(callback_parse_report(arena, buf_str(&query_long),
					       query_long.len, &report, &why),
			 ERR_OK);
	assert_true(strlen(report.detail) <= CALLBACK_FIELD_MOST);
	for (int i = 0; i < 10000; i++)
		buf_add_str(&query_long, "%C3%A9");
	assert_int_equal(callback_parse_report(arena, buf_str(&query_long),
					       query_long.len, &report, &why),
			 ERR_TOO_LARGE);
	buf_fini(&query_long);
}

static const struct {
	const char *query, *why;
} bad_reports[] = {
	{"", "\"id\""},
	{"id=7", "\"status\""},
	{"id=&status=1", "\"id\""},
	{"id=0&status=1", "\"id\""},
	{"id=-7&status=1", "\"id\""},
	{"id=7x&status=1", "\"id\""},
	{"id=7%00&status=1", "control character"},
	{"id=99999999999999999999&status=1", "\"id\""},
	{"id=7&status=", "\"status\""},
	{"id=7&status=0", "\"status\""},
	{"id=7&status=256", "\"status\""},
	{"id=7&status=1.5", "\"status\""},
	{"id=7&status=%d", "\"status\" has a %"},
	{"id=7&status=+1", "\"status\""},
	{"id=7&id=7&status=1", "\"id\" is there twice"},
	{"id=7&status=1&status=2", "\"status\" is there twice"},
	{"id=7&status=1&event=%4", "\"event\" has a %"},
	{"id=7&status=1&event=%", "\"event\" has a %"},
	{"id=7&status=1&event=a%0Ab", "\"event\" has a control"},
	{"id=7&status=1&smsc=%FF", "\"smsc\" is not valid UTF-8"},
};

static void test_bad_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_reports) / sizeof(bad_reports[0]); i++) {
		struct callback_report report;
		const char *why = "";
		enum err err = callback_parse_report(arena, bad_reports[i].query,
						     strlen(bad_reports[i].query),
						     &report, &why);
		if (err != ERR_BAD_REQUEST || !strstr(why, bad_reports[i].why))
			fail_msg("%s: %s: %s", bad_reports[i].query, err_code(err),
				 why);
	}
}

enum { NOW_S = 1795432200 };

static const struct {
	const char *query;
	const char *text;
	bool is_binary, was_mended;
} inbounds[] = {
	/* 7-bit comes as UTF-8 */
	{"text=Hello+w%C3%B6rld%21&coding=0&charset=UTF-8", "Hello wörld!", false,
	 false},
	{"text=Hello", "Hello", false, false},
	{"text=Hello&coding=-1&charset=UTF-8", "Hello", false, false},
	{"text=&coding=0&charset=UTF-8", "", false, false},
	/* UCS-2 has NULs, and blanks that another escape would strip */
	{"text=%00a%00+%00b%04%1F&coding=2&charset=UTF-16BE", "a bП", false, false},
	{"text=%D8%3D%DE%00&coding=2&charset=UTF-16BE", "😀", false, false},
	{"text=%00a&coding=2", "a", false, false},
	{"text=%00a&coding=2&charset=UCS-2", "a", false, false},
	{"text=%00a%D8%00%00b&coding=2&charset=UTF-16BE",
	 "a\xEF\xBF\xBD"
	 "b",
	 false, true},
	{"text=%00a%00&coding=2&charset=UTF-16BE", "a\xEF\xBF\xBD", false, true},
	/* mo-recode, and SMSCs that say a charset */
	{"text=%D0%9F&coding=2&charset=UTF-8", "П", false, false},
	{"text=caf%E9&coding=0&charset=ISO-8859-1", "café", false, false},
	{"text=%80+%93x%94&coding=0&charset=windows-1252", "€ “x”", false, false},
	{"text=%80&coding=0&charset=WIN-1252", "€", false, false},
	{"text=%00%11%1Be&coding=0&charset=GSM", "@_€", false, false},
	{"text=caf%E9+x&coding=0&charset=UTF-8", "caf\xEF\xBF\xBD x", false, true},
	{"text=a%00b&coding=0&charset=UTF-8",
	 "a\xEF\xBF\xBD"
	 "b",
	 false, true},
	{"text=line%0Abreak&coding=0&charset=UTF-8", "line\nbreak", false, false},
	{"text=%01%02%00&coding=1&charset=8-BIT", "", true, false},
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inbounds) / sizeof(inbounds[0]); i++) {
		struct callback_inbound in;
		const char *why = "";
		char query[512];
		snprintf(query, sizeof(query),
			 "%s&id=%s&from=%%2B351912345678&to=13013&smsc=SIM&at=%d",
			 inbounds[i].query, uuid, NOW_S);
		enum err err =
			callback_parse_inbound(arena, query, strlen(query),
					       (NOW_S + 5) * INT64_C(1000), &in, &why);
		if (err != ERR_OK)
			fail_msg("%s: %s", query, why);
		if (strcmp(in.text, inbounds[i].text) ||
		    in.is_binary != inbounds[i].is_binary ||
		    in.was_mended != inbounds[i].was_mended)
			fail_msg("%s: \"%s\" %d %d", query, in.text, in.is_binary,
				 in.was_mended);
		assert_string_equal(in.from, "+351912345678");
		assert_string_equal(in.to, "13013");
		assert_string_equal(in.smsc, "SIM");
		assert_string_equal(in.event_id, uuid);
		assert_true(in.at_utc_ms == NOW_S * INT64_C(1000));
	}
}

static void test_when(void **state)
{
	(void)state;
	static const struct {
		const char *at;
		int64_t ms;
	} cases[] = {
		{"", 2000000},
		{"&at=", 2000000},
		{"&at=1999", 1999000},
		{"&at=2001", 2000000},
		{"&at=x", 2000000},
		{"&at=-5", 2000000},
		{"&at=99999999999999999999", 2000000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct callback_inbound in;
		const char *why = "";
		char query[128];
		snprintf(query, sizeof(query), "text=x&id=e&from=1%s", cases[i].at);
		assert_int_equal(callback_parse_inbound(arena, query, strlen(query),
							2000000, &in, &why),
				 ERR_OK);
		if (in.at_utc_ms != cases[i].ms)
			fail_msg("%s: %lld", query, (long long)in.at_utc_ms);
	}
}

static const struct {
	const char *query, *why;
} bad_inbounds[] = {
	{"", "\"text\" is missing"},
	{"id=e&from=1", "\"text\" is missing"},
	{"text=x&from=1", "\"id\" is missing"},
	{"text=x&id=e", "\"from\" is missing"},
	{"text=x&id=e&from=", "\"from\" is missing"},
	{"text=x&id=e&from=1&coding=3", "\"coding\""},
	{"text=x&id=e&from=1&coding=x", "\"coding\""},
	{"text=x&id=e&from=1&charset=KLINGON", "charset \"KLINGON\""},
	{"text=x&id=e&from=1&charset=UTF-16//IGNORE", "charset"},
	{"text=x&text=y&id=e&from=1", "\"text\" is there twice"},
	{"text=x&id=e&from=1&from=2", "\"from\" is there twice"},
	{"text=%zz&id=e&from=1", "\"text\" has a %"},
	{"text=x&id=e&from=%00", "\"from\" has a control"},
};

static void test_bad_inbounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_inbounds) / sizeof(bad_inbounds[0]); i++) {
		struct callback_inbound in;
		const char *why = "";
		enum err err = callback_parse_inbound(arena, bad_inbounds[i].query,
						      strlen(bad_inbounds[i].query), 1,
						      &in, &why);
		if (err != ERR_BAD_REQUEST || !strstr(why, bad_inbounds[i].why))
			fail_msg("%s: %s: %s", bad_inbounds[i].query, err_code(err),
				 why);
	}
}

/* The form of a post-url service, whose handler takes headers and body apart. */
static void test_raw(void **state)
{
	(void)state;
	struct callback_raw raw = {.text = "\0a\0b",
				   .text_bytes = 4,
				   .coding = "2",
				   .charset = "UTF-16BE",
				   .event_id = "e",
				   .from = "+1"};
	struct callback_inbound in;
	const char *why = "";
	assert_int_equal(callback_from_raw(arena, &raw, 5000, &in, &why), ERR_OK);
	assert_string_equal(in.text, "ab");
	assert_string_equal(in.to, "");
	assert_string_equal(in.smsc, "");
	raw.event_id = NULL;
	assert_int_equal(callback_from_raw(arena, &raw, 5000, &in, &why),
			 ERR_BAD_REQUEST);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, make_arena, drop_arena)

/* --- parts --- */

static struct callback_inbound inbound_of(const char *query, enum err expected)
{
	struct callback_inbound in = {.text = ""};
	const char *why = NULL;
	enum err err =
		callback_parse_inbound(arena, query, strlen(query), 5000, &in, &why);
	if (err != expected)
		fail_msg("%s: %s", query, why ? why : err_code(err));
	return in;
}

static void test_parts(void **state)
{
	static const struct {
		const char *udh;
		unsigned ref, total, number;
	} rows[] = {
		{"%05%00%03%A7%03%02", 0xA7, 3, 2},
		{"%06%08%04%01%02%02%01", 0x0102, 2, 1},
		{"%0B%05%04%0B%84%23%F0%00%03%07%02%02", 7, 2, 2}, /* behind ports */
		{"", 0, 0, 0},
		{"%05%00%03%A7%01%01", 0, 0, 0},
		{"%05%00%03%A7%03%00", 0, 0, 0},
		{"%05%00%03%A7%03%04", 0, 0, 0},
		{"%05%00%03%A7", 0, 0, 0},
		{"%FF%00%03%A7%03%02", 0xA7, 3, 2},
		{"%05%00%04%A7%03%02", 0, 0, 0},
		{"%00", 0, 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *query =
			arena_printf(arena, "text=a&id=e&from=1&udh=%s", rows[i].udh);
		struct callback_inbound in = inbound_of(query, ERR_OK);
		if (in.part.ref != rows[i].ref || in.part.total != rows[i].total ||
		    in.part.number != rows[i].number)
			fail_msg("%s: %u %u/%u", rows[i].udh, in.part.ref,
				 in.part.number, in.part.total);
	}
	/* no part of a text for people */
	assert_int_equal(
		inbound_of("text=a&id=e&from=1&coding=1&udh=%05%00%03%A7%03%02", ERR_OK)
			.part.total,
		0);
	assert_int_equal(
		inbound_of("text=a&id=e&from=1&coding=1", ERR_OK).bytes.len_bytes, 1);
}

static void test_headers(void **state)
{
	static const unsigned char udh[] = {5, 0, 3, 0xA7, 3, 2};
	static const char *const forms[] = {"050003A70302", "050003a70302",
					    "%05%00%03%A7%03%02"};
	const char *bytes;
	size_t len;
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_true(callback_read_header(arena, forms[i], &bytes, &len));
		assert_int_equal(len, sizeof(udh));
		assert_memory_equal(bytes, udh, len);
	}
	assert_true(callback_read_header(arena, "", &bytes, &len));
	assert_int_equal(len, 0);
	assert_false(callback_read_header(arena, "%0", &bytes, &len));
}

/* A character that the cut went through is whole once its parts are decoded together. */
static void test_charsets(void **state)
{
	static const struct {
		struct charset_bytes in;
		const char *text;
		bool was_mended;
	} rows[] = {
		{{"\x00"
		  "a\xd8\x3d\xde\x00",
		  6, "", CHARSET_UCS2},
		 "a\U0001f600",
		 false},
		{{"\x00"
		  "a\xd8\x3d",
		  4, "", CHARSET_UCS2},
		 "a\ufffd",
		 true},
		{{"\xe9t\xe9", 3, "ISO-8859-1", CHARSET_7BIT}, "\u00e9t\u00e9", false},
		{{"\x1b\x65\x00", 3, "GSM", CHARSET_7BIT}, "\u20ac@", false},
		{{"\x80", 1, "WINDOWS-1252", CHARSET_7BIT}, "\u20ac", false},
		{{"a\0b", 3, NULL, CHARSET_7BIT}, "a\ufffdb", true},
		{{NULL, 0, NULL, CHARSET_UCS2}, "", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = NULL;
		bool was_mended = false;
		assert_int_equal(charset_decode(arena, &rows[i].in, &text, &was_mended),
				 ERR_OK);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(was_mended, rows[i].was_mended);
	}
	const struct charset_bytes unknown = {"a", 1, "KLINGON", CHARSET_7BIT},
				   tricky = {"a", 1, "UTF-16//IGNORE", CHARSET_7BIT};
	const char *text;
	bool was_mended;
	assert_int_equal(charset_decode(arena, &unknown, &text, &was_mended),
			 ERR_NOT_FOUND);
	assert_int_equal(charset_decode(arena, &tricky, &text, &was_mended),
			 ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(test_report),      WITH_ARENA(test_small_reports),
		WITH_ARENA(test_bad_reports), WITH_ARENA(test_texts),
		WITH_ARENA(test_when),        WITH_ARENA(test_bad_inbounds),
		WITH_ARENA(test_raw),         WITH_ARENA(test_parts),
		WITH_ARENA(test_headers),     WITH_ARENA(test_charsets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
