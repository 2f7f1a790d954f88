/* test_limits.c - the settings that limit texts: hours, cap, words, zones of numbers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/forbidden.h"
#include "model/number_zones.h"
#include "settings_limits.h"

static struct arena *arena;

static const struct forbidden *read_words(const char *text)
{
	const struct forbidden *list = NULL;
	const char *why = NULL;
	if (forbidden_parse(arena, text, strlen(text), &list, &why) != ERR_OK)
		fail_msg("%s: %s", text, why);
	return list;
}

static void words_are_found_however_written(void **state)
{
	(void)state;
	const struct forbidden *list =
		read_words("# what we do not promise\nguaranteed\r\n\n  Free money  \n"
			   "garantía\nc'est fini\n100%");
	static const struct {
		const char *text, *found;
	} rows[] = {
		{"Returns are guaranteed.", "guaranteed"},
		{"GUARANTEED", "guaranteed"},
		{"(g\u00fcar\u00e4nteed)", "guaranteed"},
		{"unguaranteed", NULL},
		{"guaranteeds", NULL},
		{"guarante ed", NULL},
		{"FREE,\nmoney!", "Free money"},
		{"free your money", NULL},
		{"freemoney", NULL},
		{"garantia total", "garantía"},
		{"C\u2019EST FINI", "c'est fini"},
		{"100 percent", "100%"},
		{"1000", NULL},
		{"", NULL},
		{"\xff guaranteed", "guaranteed"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *found = forbidden_find(list, arena, rows[i].text);
		if ((found || rows[i].found) &&
		    (!found || !rows[i].found || strcmp(found, rows[i].found) != 0))
			fail_msg("%s: %s", rows[i].text, found ? found : "nothing");
	}
	assert_null(forbidden_find(NULL, arena, "guaranteed"));
	assert_null(forbidden_find(read_words("# nothing\n"), arena, "guaranteed"));
}

static void bad_lists_are_refused(void **state)
{
	(void)state;
	const struct forbidden *list;
	const char *why = NULL;
	assert_int_equal(forbidden_parse(arena, "a\n...\n", 6, &list, &why),
			 ERR_SYNTAX);
	assert_string_equal(why, "line 2 has neither letter nor digit");
	assert_int_equal(forbidden_parse(arena, "\xff\xfe\n", 3, &list, &why),
			 ERR_SYNTAX);
	assert_string_equal(why, "line 1 is not UTF-8");
	struct buf many = BUF_EMPTY;
	for (int i = 0; i <= FORBIDDEN_MOST; i++)
		buf_printf(&many, "w%d\n", i);
	assert_int_equal(forbidden_parse(arena, many.data, many.len, &list, &why),
			 ERR_SYNTAX);
	assert_non_null(strstr(why, "line 2001 is one too many"));
	buf_fini(&many);
	assert_non_null(strstr(settings_forbidden(arena, "/nonexistent/words", &list),
			       "cannot be read"));
	assert_non_null(
		strstr(settings_forbidden(arena, "/", &list), "cannot be read"));
}

static void caps_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned most;
		int64_t span_ms;
	} rows[] = {{"3/24h", 3, DAY_MS},
		    {"1/90s", 1, 90 * SECOND_MS},
		    {"10000/30d", 10000, 30 * DAY_MS}};
	static const char *const bad[] = {"",
					  "3",
					  "3/",
					  "/24h",
					  "0/24h",
					  "-1/24h",
					  "3/24",
					  "3/0h",
					  "3 / 24h",
					  "3/24h working",
					  "10001/1d",
					  "1/31d",
					  "999999999999/1d",
					  "3/1d x"};
	struct frequency_cap cap;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(settings_cap(arena, rows[i].text, &cap));
		assert_int_equal(cap.most, rows[i].most);
		assert_int_equal(cap.span_ms, rows[i].span_ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!settings_cap(arena, bad[i], &cap))
			fail_msg("%s is taken", bad[i]);
}

static const char *read_zones(const char *text, const struct number_zones **zones)
{
	struct kannel_conf *conf = NULL;
	const struct conf_place *place = NULL;
	char *why = NULL;
	if (kannel_conf_parse(text, strlen(text), "test.conf", false, &conf, &why) !=
	    ERR_OK)
		fail_msg("%s", why);
	const char *fault = settings_zones(arena, conf, zones, &place);
	assert_int_equal(!fault || place, 1);
	kannel_conf_free(&conf);
	return fault;
}

static void numbers_have_zones(void **state)
{
	(void)state;
	const struct number_zones *zones = NULL;
	assert_null(read_zones("group = handbox\n", &zones));
	assert_null(zones);
	assert_null(number_zones_find(zones, "+351291000000"));
	assert_null(read_zones(
		"group = number-zone\nprefix = +351\ntimezone = Europe/Lisbon\n\n"
		"group = number-zone\nprefix = 35129\ntimezone = Atlantic/Azores\n",
		&zones));
	static const char *const rows[][2] = {{"+351291000000", "Atlantic/Azores"},
					      {"+351911000000", "Europe/Lisbon"},
					      {"+35129", "Atlantic/Azores"},
					      {"+34911000000", NULL},
					      {"351291000000", NULL},
					      {NULL, NULL}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct zone *zone = number_zones_find(zones, rows[i][0]);
		if (rows[i][1])
			assert_string_equal(zone ? zone_name(zone) : "none",
					    rows[i][1]);
		else
			assert_null(zone);
	}
	static const char *const bad[][2] = {
		{"prefix = +351", "both needed"},
		{"timezone = Europe/Lisbon", "both needed"},
		{"prefix = x\ntimezone = Europe/Lisbon", "prefix = x"},
		{"prefix = 0351\ntimezone = Europe/Lisbon", "prefix = 0351"},
		{"prefix = 1\ntimezone = Lisbon", "timezone = Lisbon"},
		{"prefix = 1\nzone = UTC", "no key zone"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *fault = read_zones(
			arena_printf(arena, "group = number-zone\n%s\n", bad[i][0]),
			&zones);
		if (!fault || !strstr(fault, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], fault ? fault : "taken");
	}
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found_however_written),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(caps_are_read),
		cmocka_unit_test(numbers_have_zones),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
