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
#include "model/number_laws.h"
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

static struct kannel_conf *parse(const char *text)
{
	struct kannel_conf *conf = NULL;
	char *why = NULL;
	if (kannel_conf_parse(text, strlen(text), "test.conf", false, &conf, &why) !=
	    ERR_OK)
		fail_msg("%s", why);
	return conf;
}

static const char *read_zones(const char *text, const struct number_zones **zones)
{
	struct kannel_conf *conf = parse(text);
	const struct conf_place *place = NULL;
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

static const char *read_laws(const char *text, const struct number_laws **laws)
{
	struct kannel_conf *conf = parse(text);
	const struct conf_place *place = NULL;
	const char *fault = settings_laws(arena, conf, laws, &place);
	assert_int_equal(!fault || place, 1);
	kannel_conf_free(&conf);
	return fault;
}

static void numbers_have_laws(void **state)
{
	(void)state;
	const struct number_laws *laws = NULL;
	assert_null(read_laws("group = handbox\n", &laws));
	assert_null(laws);
	assert_null(number_laws_find(laws, "+12395550100", "US"));
	assert_null(read_laws(
		"group = number-hours\nname = Keys\nprefix = \"+1305 1786\"\n"
		"hours = mon-sun 08:00-20:00\n\n"
		"group = number-hours\nname = All\nregion = US\n"
		"hours = mon-sun 08:00-21:00\n\n"
		"group = number-hours\nname = An exchange\nprefix = +1305555\n"
		"hours = mon-fri 08:00-12:00\n",
		&laws));
	static const char *const rows[][3] = {
		{"+13055550100", "US", "An exchange"}, {"+13054440100", "US", "Keys"},
		{"+17864440100", NULL, "Keys"},        {"+12125550100", "US", "All"},
		{"+14165550100", "CA", NULL},          {NULL, "US", NULL}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct number_law *law =
			number_laws_find(laws, rows[i][0], rows[i][1]);
		if (rows[i][2])
			assert_string_equal(law ? law->name : "none", rows[i][2]);
		else
			assert_null(law);
	}
	static const char *const bad[][2] = {
		{"name = x\nregion = US", "are needed"},
		{"name = x\nhours = mon 08:00-20:00", "are needed"},
		{"region = US\nhours = mon 08:00-20:00", "are needed"},
		{"name = x\nregion = US\nprefix = 1\nhours = mon 08:00-20:00",
		 "either prefix or region"},
		{"name = x\nregion = us\nhours = mon 08:00-20:00", "region = us"},
		{"name = x\nprefix = +1305 +0\nhours = mon 08:00-20:00", "prefix = +0"},
		{"name = x\nprefix = +1305\nhours = 08:00-20:00", "begin with days"},
		{"name = x\nprefix = 1\nhour = mon 08:00-20:00", "no key hour"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *fault = read_laws(
			arena_printf(arena, "group = number-hours\n%s\n", bad[i][0]),
			&laws);
		if (!fault || !strstr(fault, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], fault ? fault : "taken");
	}
}

static void the_table_of_states_is_read(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{"+12125550100", "United States", "mon-sun 08:00-21:00"},
		{"+13055550100", "Florida", "mon-sun 08:00-20:00"},
		{"+14015550100", "Rhode Island",
		 "mon-fri 09:00-18:00; sat 10:00-17:00"},
		{"+15125550100", "Texas", "mon-sat 09:00-21:00; sun 12:00-21:00"},
		{"+18605550100", "Connecticut", "mon-sun 09:00-20:00"}};
	struct kannel_conf *conf = NULL;
	const struct number_laws *laws = NULL;
	const struct hours *hours = NULL;
	const struct conf_place *place = NULL;
	char *why = NULL;
	if (kannel_conf_read(TEST_SRCDIR "/conf/hours/us.conf", &conf, &why) != ERR_OK)
		fail_msg("%s", why);
	assert_null(settings_laws(arena, conf, &laws, &place));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct number_law *law = number_laws_find(laws, rows[i][0], "US");
		assert_string_equal(law->name, rows[i][1]);
		assert_null(settings_hours(arena, rows[i][2], &hours));
		assert_string_equal(hours_format(arena, law->hours),
				    hours_format(arena, hours));
	}
	kannel_conf_free(&conf);
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
		cmocka_unit_test(numbers_have_laws),
		cmocka_unit_test(the_table_of_states_is_read),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
