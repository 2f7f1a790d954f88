/* test_zone.c - time zones: against zdump for all of them, gaps and repeated hours, names, countries */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/zone.h"
#include "base/zone_parts.h"

#define DATABASE "/usr/share/zoneinfo"

/* Every name of the database, without its copies with other seconds (posix, right). */
struct names {
	char **name;
	size_t count;
};

static bool is_zone_file(const char *path)
{
	char magic[4] = "";
	FILE *file = fopen(path, "rb");
	bool is =
		file && fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;
	if (file)
		fclose(file);
	return is;
}

static void collect(const char *folder, struct names *names)
{
	char path[600], inner[300];
	snprintf(path, sizeof(path), "%s/%s", DATABASE, folder);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		struct stat stat_of;
		if (strchr(entry->d_name, '.') || strcmp(entry->d_name, "right") == 0 ||
		    strcmp(entry->d_name, "posix") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s", folder, *folder ? "/" : "",
			 entry->d_name);
		snprintf(path, sizeof(path), "%s/%s", DATABASE, inner);
		assert_int_equal(stat(path, &stat_of), 0);
		if (S_ISDIR(stat_of.st_mode)) {
			collect(inner, names);
		} else if (is_zone_file(path)) {
			names->name = mem_realloc(names->name,
						  (names->count + 1) * sizeof(char *));
			names->name[names->count++] = mem_strdup(inner);
		}
	}
	closedir(dir);
}

static int by_content(const void *a, const void *b)
{
	const struct zone *x = zone_find(*(char *const *)a),
			  *y = zone_find(*(char *const *)b);
	assert_non_null(x);
	assert_non_null(y);
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int month_of(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	return (int)(strstr(months, name) - months) / 3 + 1;
}

/* What a line of zdump says. */
struct shown {
	char zone[100], weekday[8], abbreviation[32];
	struct wall wall;
	int64_t utc_ms;
	int is_dst, offset_s;
};

static bool read_shown(const char *line, struct shown *shown)
{
	char month[2][8], weekday[8];
	int utc[5], *u = utc;
	struct wall *w = &shown->wall;
	*shown = (struct shown){0}; /* zdump shows no milliseconds */
	if (sscanf(line,
		   "%99s %7s %7s %d %d:%d:%d %d UT = %7s %7s %d %d:%d:%d %d %31s "
		   "isdst=%d gmtoff=%d",
		   shown->zone, weekday, month[0], &u[0], &u[1], &u[2], &u[3], &u[4],
		   shown->weekday, month[1], &w->day, &w->hour, &w->minute, &w->second,
		   &w->year, shown->abbreviation, &shown->is_dst,
		   &shown->offset_s) != 18)
		return false;
	w->month = month_of(month[1]);
	shown->utc_ms =
		(((clock_days(u[4], month_of(month[0]), u[0]) * 24 + u[1]) * 60 +
		  u[2]) * 60 +
		 u[3]) *
		SECOND_MS;
	return true;
}

static void hold_against(const struct shown *shown, const char *line)
{
	const struct zone *zone = zone_find(shown->zone);
	const char *abbreviation;
	bool is_dst;
	int offset_s = zone_offset_s(zone, shown->utc_ms, &is_dst, &abbreviation);
	struct wall wall = zone_wall(zone, shown->utc_ms), want = shown->wall;
	static const char days[] = "MonTueWedThuFriSatSun";
	want.weekday = (int)(strstr(days, shown->weekday) - days) / 3;
	if (offset_s != shown->offset_s || is_dst != (shown->is_dst != 0) ||
	    strcmp(abbreviation, shown->abbreviation) != 0 ||
	    memcmp(&wall, &want, sizeof(wall)) != 0)
		fail_msg("offset %d %s dst %d where zdump says: %s", offset_s,
			 abbreviation, is_dst, line);
	/* and back: the instant, or the other one that shows the same */
	enum zone_fit fit;
	int64_t back = zone_instant(zone, &want, &fit);
	struct wall again = zone_wall(zone, back);
	assert_int_not_equal(fit, ZONE_NEVER);
	assert_memory_equal(&again, &want, sizeof(want));
	if (fit == ZONE_ONCE ? back != shown->utc_ms : back > shown->utc_ms)
		fail_msg("the wall is shown at %lld: %s", (long long)back, line);
}

/* zdump names the second before each change and the change itself: they come in pairs. */
static size_t follow(FILE *zdump)
{
	char line[500];
	struct shown shown, before = {.zone = ""};
	size_t count = 0;
	for (; fgets(line, sizeof(line), zdump); before = shown) {
		if (!read_shown(line, &shown)) {
			shown.zone[0] = '\0';
			continue; /* the ends of all time */
		}
		count++;
		hold_against(&shown, line);
		if (strcmp(before.zone, shown.zone) != 0 ||
		    before.utc_ms + SECOND_MS != shown.utc_ms)
			continue;
		int64_t next = zone_next_change(zone_find(shown.zone), before.utc_ms,
						INT64_MAX);
		if (before.offset_s != shown.offset_s && next != shown.utc_ms)
			fail_msg("the next change is %lld: %s", (long long)next, line);
		if (before.offset_s == shown.offset_s && next == shown.utc_ms)
			fail_msg("no change of the offset: %s", line);
	}
	return count;
}

static FILE *run_zdump(const struct names *names, size_t part, size_t parts)
{
	size_t size = 100 + names->count * (ZONE_NAME_MOST + 2), len;
	char *command = mem_alloc(size);
	len = (size_t)snprintf(command, size, "zdump -v -c 2000,2101");
	for (size_t i = 0; i < names->count; i++)
		if (i % parts == part &&
		    (i == 0 || zone_find(names->name[i])->hash !=
				       zone_find(names->name[i - 1])->hash))
			len += (size_t)snprintf(command + len, size - len, " %s",
						names->name[i]);
	FILE *zdump = popen(command, "r");
	assert_non_null(zdump);
	mem_free(command);
	return zdump;
}

static void clocks_are_those_of_zdump(void **state)
{
	(void)state;
	struct names names = {NULL, 0};
	collect("", &names);
	assert_true(names.count > 400);
	qsort(names.name, names.count, sizeof(char *), by_content);
	FILE *zdump[2] = {run_zdump(&names, 0, 2), run_zdump(&names, 1, 2)};
	for (int i = 0; i < 2; i++) {
		assert_true(follow(zdump[i]) > 10000);
		assert_int_equal(pclose(zdump[i]), 0);
	}
	for (size_t i = 0; i < names.count; i++)
		mem_free(names.name[i]);
	mem_free(names.name);
}

static int64_t at(const char *text)
{
	int64_t utc_ms;
	assert_int_equal(clock_parse(text, &utc_ms), ERR_OK);
	return utc_ms;
}

static const struct {
	const char *zone;
	struct wall wall;
	enum zone_fit fit;
	const char *utc;
} wall_rows[] = {
	{"Europe/Lisbon",
	 {.year = 2027, .month = 3, .day = 28, .hour = 9},
	 ZONE_ONCE,
	 "2027-03-28T08:00:00Z"},
	{"Europe/Lisbon",
	 {.year = 2027, .month = 3, .day = 28, .hour = 1, .minute = 30},
	 ZONE_NEVER,
	 "2027-03-28T01:00:00Z"},
	{"Europe/Lisbon",
	 {.year = 2027, .month = 3, .day = 28, .hour = 1},
	 ZONE_NEVER,
	 "2027-03-28T01:00:00Z"},
	{"Europe/Lisbon",
	 {.year = 2027, .month = 3, .day = 28, .hour = 2},
	 ZONE_ONCE,
	 "2027-03-28T01:00:00Z"},
	{"Europe/Lisbon",
	 {.year = 2027, .month = 10, .day = 31, .hour = 1, .minute = 30},
	 ZONE_TWICE,
	 "2027-10-31T00:30:00Z"},
	{"Europe/Lisbon",
	 {.year = 2027, .month = 10, .day = 31, .hour = 2},
	 ZONE_ONCE,
	 "2027-10-31T02:00:00Z"},
	{"America/New_York",
	 {.year = 2027, .month = 3, .day = 14, .hour = 2, .minute = 59},
	 ZONE_NEVER,
	 "2027-03-14T07:00:00Z"},
	{"America/New_York",
	 {.year = 2027, .month = 11, .day = 7, .hour = 1},
	 ZONE_TWICE,
	 "2027-11-07T05:00:00Z"},
	{"Australia/Sydney",
	 {.year = 2027, .month = 10, .day = 3, .hour = 2, .minute = 30},
	 ZONE_NEVER,
	 "2027-10-02T16:00:00Z"},
	{"Australia/Sydney",
	 {.year = 2027, .month = 4, .day = 4, .hour = 2, .minute = 30},
	 ZONE_TWICE,
	 "2027-04-03T15:30:00Z"},
	/* half an hour of difference */
	{"Australia/Lord_Howe",
	 {.year = 2027, .month = 10, .day = 3, .hour = 2, .minute = 15},
	 ZONE_NEVER,
	 "2027-10-02T15:30:00Z"},
	{"Australia/Lord_Howe",
	 {.year = 2027, .month = 4, .day = 4, .hour = 1, .minute = 45},
	 ZONE_TWICE,
	 "2027-04-03T14:45:00Z"},
	/* a whole day left out */
	{"Pacific/Apia",
	 {.year = 2011, .month = 12, .day = 30, .hour = 12},
	 ZONE_NEVER,
	 "2011-12-30T10:00:00Z"},
	/* at midnight, so that the day begins at one */
	{"Africa/Cairo",
	 {.year = 2027, .month = 4, .day = 30},
	 ZONE_NEVER,
	 "2027-04-29T22:00:00Z"},
	/* far beyond the file, by its rule */
	{"Europe/Dublin",
	 {.year = 2099, .month = 3, .day = 29, .hour = 1, .minute = 1},
	 ZONE_NEVER,
	 "2099-03-29T01:00:00Z"},
	{"Europe/Dublin",
	 {.year = 2099, .month = 7, .day = 1, .hour = 12},
	 ZONE_ONCE,
	 "2099-07-01T11:00:00Z"},
	/* fields carry over */
	{"UTC",
	 {.year = 2027, .month = 1, .day = 32},
	 ZONE_ONCE,
	 "2027-02-01T00:00:00Z"},
	{"UTC",
	 {.year = 2027, .month = 14, .day = 0, .hour = 25, .minute = -1},
	 ZONE_ONCE,
	 "2028-02-01T00:59:00Z"},
	{"UTC",
	 {.year = 2027, .month = 0, .day = 1, .second = -1},
	 ZONE_ONCE,
	 "2026-11-30T23:59:59Z"},
	{"UTC",
	 {.year = 2027, .month = 1, .day = 1, .millisecond = -1},
	 ZONE_ONCE,
	 "2026-12-31T23:59:59.999Z"},
};

static void gaps_and_repeated_hours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wall_rows) / sizeof(wall_rows[0]); i++) {
		enum zone_fit fit;
		char text[CLOCK_TEXT_LEN];
		int64_t utc_ms = zone_instant(zone_find(wall_rows[i].zone),
					      &wall_rows[i].wall, &fit);
		if (utc_ms != at(wall_rows[i].utc) || fit != wall_rows[i].fit)
			fail_msg("row %zu, %s: %s, fit %d", i, wall_rows[i].zone,
				 clock_format(utc_ms, text), (int)fit);
	}
	struct wall wall =
		zone_wall(zone_find("Asia/Kathmandu"), at("2027-01-01T00:00:00.123Z"));
	assert_int_equal(wall.hour * 60 + wall.minute, 5 * 60 + 45);
	assert_int_equal(wall.millisecond, 123);
	assert_int_equal(wall.weekday, 4);
	wall = zone_wall(zone_utc(), -1);
	assert_int_equal(wall.year, 1969);
	assert_int_equal(wall.millisecond, 999);
}

static void next_changes(void **state)
{
	(void)state;
	const struct zone *lisbon = zone_find("Europe/Lisbon");
	int64_t change = at("2027-03-28T01:00:00Z");
	assert_int_equal(
		zone_next_change(lisbon, at("2027-01-01T00:00:00Z"), INT64_MAX),
		change);
	assert_int_equal(zone_next_change(lisbon, change - 1, change), change);
	assert_int_equal(zone_next_change(lisbon, change - 1, change - 1), INT64_MAX);
	assert_int_equal(zone_next_change(lisbon, change, INT64_MAX),
			 at("2027-10-31T01:00:00Z"));
	assert_int_equal(zone_next_change(zone_utc(), 0, INT64_MAX), INT64_MAX);
	assert_int_equal(
		zone_next_change(zone_find("America/Phoenix"), change, INT64_MAX),
		INT64_MAX);
	/* far beyond what can be shown nothing breaks */
	(void)zone_wall(lisbon, INT64_MAX);
	(void)zone_wall(lisbon, INT64_MIN);
	assert_int_equal(zone_next_change(lisbon, INT64_MAX, INT64_MAX), INT64_MAX);
	(void)zone_instant(lisbon,
			   &(struct wall){.year = 2000000000,
					  .month = 2000000000,
					  .day = 2000000000,
					  .hour = 2000000000},
			   NULL);
	(void)zone_instant(lisbon,
			   &(struct wall){.year = -2000000000,
					  .month = -2000000000,
					  .day = -2000000000},
			   NULL);
}

static void names_that_are_none(void **state)
{
	(void)state;
	static const char *const names[] = {
		"",
		"Europe",
		"Europe/",
		"/etc/passwd",
		"../zoneinfo/UTC",
		"Europe/../UTC",
		"Europe//Lisbon",
		"Europe/Lisboa",
		"zone.tab",
		"leapseconds",
		"right/UTC",
		"Europe/Lisbon ",
		"Europe/\nLisbon",
		"tzdata.zi",
	};
	char longest[2000];
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(zone_find(longest));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (zone_find(names[i]))
			fail_msg("there is a zone \"%s\"", names[i]);
	assert_ptr_equal(zone_find("UTC"), zone_utc());
	assert_ptr_equal(zone_find("Europe/Lisbon"), zone_find("Europe/Lisbon"));
	assert_string_equal(zone_name(zone_find("Etc/GMT+5")), "Etc/GMT+5");
}

static void countries_have_zones(void **state)
{
	(void)state;
	const char *const *zones = zones_of_country("PT");
	bool has[3] = {false};
	for (size_t i = 0; zones[i]; i++) {
		has[0] |= strcmp(zones[i], "Europe/Lisbon") == 0;
		has[1] |= strcmp(zones[i], "Atlantic/Azores") == 0;
		has[2] |= strcmp(zones[i], "Atlantic/Madeira") == 0;
	}
	assert_true(has[0] && has[1] && has[2]);
	size_t count = 0;
	for (zones = zones_of_country("US"); zones[count]; count++)
		assert_non_null(zone_find(zones[count]));
	assert_true(count >= 20 && count < 64);
	assert_null(zones_of_country("XX"));
	assert_null(zones_of_country("pt"));
	assert_null(zones_of_country("P"));
	assert_null(zones_of_country(""));
	assert_null(zones_of_country("PTX"));
}

static void *find_many(void *arg)
{
	static const char *const names[] = {"Asia/Dili",   "Asia/Dubai",
					    "Asia/Dhaka",  "Asia/Damascus",
					    "Asia/Almaty", "Asia/Amman"};
	const struct zone **found = arg;
	for (int i = 0; i < 600; i++)
		found[i % 6] = zone_find(names[i % 6]);
	return NULL;
}

static void threads_share_zones(void **state)
{
	(void)state;
	pthread_t threads[4];
	const struct zone *found[4][6];
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, find_many, found[i]),
				 0);
	zones_reload();
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < 4; i++)
		assert_memory_equal(found[i], found[0], sizeof(found[0]));
	assert_non_null(found[0][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_zones),
		cmocka_unit_test(clocks_are_those_of_zdump),
		cmocka_unit_test(gaps_and_repeated_hours),
		cmocka_unit_test(next_changes),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(countries_have_zones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
