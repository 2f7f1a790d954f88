/* test_hours.c - sending hours: how they are written, and over the days on which clocks change */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/hours.h"

static struct arena *arena;

static int64_t at(const char *text)
{
	int64_t utc_ms;
	if (clock_parse(text, &utc_ms) != ERR_OK)
		fail_msg("no instant: %s", text);
	return utc_ms;
}

static const struct hours *read_hours(const char *text)
{
	const struct hours *hours = NULL;
	const char *why = NULL;
	if (hours_parse(arena, text, &hours, &why) != ERR_OK)
		fail_msg("%s: %s", text, why);
	return hours;
}

/* "Europe/Lisbon Asia/Tokyo" */
static struct hours_place read_place(const char *names)
{
	struct hours_place place = {.count = 0};
	char *copy = arena_strdup(arena, names), *rest = NULL;
	for (char *name = strtok_r(copy, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		place.zones[place.count] = zone_find(name);
		if (!place.zones[place.count++])
			fail_msg("no zone: %s", name);
	}
	return place;
}

static void hold_instant(const char *what, int64_t got, const char *want)
{
	char text[CLOCK_TEXT_LEN];
	if (got != (want ? at(want) : INT64_MAX))
		fail_msg("%s: %s, not %s", what,
			 got == INT64_MAX ? "never" : clock_format(got, text),
			 want ? want : "never");
}

static void reads_what_is_written(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count, last;
		unsigned days;
		int from, to;
	} rows[] = {
		{"mon-fri 09:00-18:00", 1, 0, 0x1f, 540, 1080},
		{" mon-fri 09:00-18:00 ; sat 10:00-13:00 ", 2, 1, 0x20, 600, 780},
		{"mon-fri 09:00-18:00;sat,sun 10:00-13:00;", 2, 1, 0x60, 600, 780},
		{"mon wed, fri\t00:00-24:00", 1, 0, 0x15, 0, 1440},
		{"sat-mon 22:30-06:15", 1, 0, 0x61, 1350, 375},
		{"tue-tue 00:01-00:02", 1, 0, 0x02, 1, 2},
		{"mon-wed,sun 08:00-09:00", 1, 0, 0x47, 480, 540},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hours *hours = read_hours(rows[i].text);
		const struct hours_window *window = &hours->windows[rows[i].last];
		assert_int_equal(hours->count, rows[i].count);
		assert_int_equal(window->days, rows[i].days);
		assert_int_equal(window->from, rows[i].from);
		assert_int_equal(window->to, rows[i].to);
		assert_null(window->zone);
	}
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"", "begin with days"},
		{"09:00-18:00", "begin with days"},
		{"monday 09:00-18:00", "no times"},
		{"mon-fry 09:00-18:00", "begin with days"},
		{"mon- 09:00-18:00", "begin with days"},
		{"Mon 09:00-18:00", "begin with days"},
		{"mon", "no times"},
		{"mon 9:00-18:00", "no times"},
		{"mon 09:00", "no times"},
		{"mon 09:00-24:01", "no times"},
		{"mon 24:00-09:00", "no times"},
		{"mon 09:60-10:00", "no times"},
		{"mon 09:00-18:00 tue 09:00-18:00", "\"tue\" behind the times"},
		{"mon 09:00-18:00 Europe/Lissabon", "no time zone"},
		{"mon 09:00-18:00 Europe/Lisbon x", "goes on"},
		{"mon 09:00-18:000", "no times"},
		{"mon 09:00-09:00", "never open"},
		{"mon 20:00-00:00", "24:00"},
		{"mon 09:00-18:00 ;; tue 09:00-18:00", "begin with days"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct hours *hours;
		const char *why = NULL;
		if (hours_parse(arena, bad[i].text, &hours, &why) != ERR_SYNTAX ||
		    !strstr(why, bad[i].says))
			fail_msg("\"%s\": %s", bad[i].text, why ? why : "taken");
	}
	char many[2000] = "";
	for (int i = 0; i <= HOURS_WINDOWS_MOST; i++)
		strcat(many, "mon 09:00-10:00;");
	const struct hours *hours;
	const char *why = NULL;
	assert_int_equal(hours_parse(arena, many, &hours, &why), ERR_SYNTAX);
	assert_non_null(strstr(why, "more than 32"));
}

static void writes_what_it_reads(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"mon-fri 09:00-18:00", "mon,tue,wed,thu,fri 09:00-18:00"},
		{" sat  10:00-13:00;mon 08:00-24:00",
		 "sat 10:00-13:00; mon 08:00-24:00"},
		{"sun 22:30-06:15 Asia/Tokyo ; mon 09:00-10:00",
		 "sun 22:30-06:15 Asia/Tokyo; mon 09:00-10:00"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hours *hours = read_hours(rows[i][0]);
		const char *text = hours_format(arena, hours);
		assert_string_equal(text, rows[i][1]);
		assert_string_equal(hours_format(arena, read_hours(text)), text);
	}
	assert_string_equal(hours_format(arena, NULL), "");
	const struct hours *hours = read_hours("mon 09:00-10:00 Asia/Tokyo");
	assert_string_equal(zone_name(hours->windows[0].zone), "Asia/Tokyo");
}

static void reads_days(void **state)
{
	(void)state;
	assert_int_equal(hours_days_parse("mon tue"), 3);
	assert_int_equal(hours_days_parse(" sun\n\tmon "), 0x41);
	assert_int_equal(hours_days_parse(""), 0);
	assert_int_equal(hours_days_parse("mon-fri"), 0);
	assert_int_equal(hours_days_parse("mon,tue"), 0);
	assert_int_equal(hours_days_parse("montue"), 0);
	assert_int_equal(hours_days_parse("mon foo"), 0);
}

#define WEEKDAYS     "mon-fri 09:00-18:00"
#define DAILY(times) "mon-sun " times

static const struct {
	const char *hours, *zones, *at;
	bool is_open;
	const char *opens, *closes; /* NULL: never */
} opening_rows[] = {
	/* the edges: from its first minute to before its last. 2027-01-04 is a Monday */
	{WEEKDAYS, "Europe/Lisbon", "2027-01-04T08:59:59.999Z", false,
	 "2027-01-04T09:00:00Z", "2027-01-04T08:59:59.999Z"},
	{WEEKDAYS, "Europe/Lisbon", "2027-01-04T09:00:00Z", true,
	 "2027-01-04T09:00:00Z", "2027-01-04T18:00:00Z"},
	{WEEKDAYS, "Europe/Lisbon", "2027-01-04T17:59:59.999Z", true,
	 "2027-01-04T17:59:59.999Z", "2027-01-04T18:00:00Z"},
	{WEEKDAYS, "Europe/Lisbon", "2027-01-04T18:00:00Z", false,
	 "2027-01-05T09:00:00Z", "2027-01-04T18:00:00Z"},
	{WEEKDAYS, "Europe/Lisbon", "2027-01-08T18:00:00Z", false,
	 "2027-01-11T09:00:00Z", "2027-01-08T18:00:00Z"},
	/* summer time began on the Sunday: nine o'clock came an hour earlier */
	{WEEKDAYS, "Europe/Lisbon", "2027-03-26T18:00:00Z", false,
	 "2027-03-29T08:00:00Z", "2027-03-26T18:00:00Z"},
	{WEEKDAYS, "Europe/Lisbon", "2027-10-29T17:00:00Z", false,
	 "2027-11-01T09:00:00Z", "2027-10-29T17:00:00Z"},
	/* over the skipped hour (01:00 to 02:00 on 28 March): shorter */
	{DAILY("00:30-03:00"), "Europe/Lisbon", "2027-03-28T00:30:00Z", true,
	 "2027-03-28T00:30:00Z", "2027-03-28T02:00:00Z"},
	/* begins inside it: open from its end */
	{DAILY("01:30-03:00"), "Europe/Lisbon", "2027-03-28T00:00:00Z", false,
	 "2027-03-28T01:00:00Z", "2027-03-28T00:00:00Z"},
	/* ends inside it: closes where it starts */
	{DAILY("00:30-01:30"), "Europe/Lisbon", "2027-03-28T00:45:00Z", true,
	 "2027-03-28T00:45:00Z", "2027-03-28T01:00:00Z"},
	/* wholly inside it: not on that day */
	{DAILY("01:15-01:45"), "Europe/Lisbon", "2027-03-28T00:00:00Z", false,
	 "2027-03-29T00:15:00Z", "2027-03-28T00:00:00Z"},
	/* over the repeated hour (01:00 to 02:00 on 31 October): longer */
	{DAILY("00:30-03:00"), "Europe/Lisbon", "2027-10-30T23:30:00Z", true,
	 "2027-10-30T23:30:00Z", "2027-10-31T03:00:00Z"},
	/* begins inside it: open twice */
	{DAILY("01:30-01:45"), "Europe/Lisbon", "2027-10-31T00:30:00Z", true,
	 "2027-10-31T00:30:00Z", "2027-10-31T00:45:00Z"},
	{DAILY("01:30-01:45"), "Europe/Lisbon", "2027-10-31T00:45:00Z", false,
	 "2027-10-31T01:30:00Z", "2027-10-31T00:45:00Z"},
	{DAILY("01:30-04:00"), "Europe/Lisbon", "2027-10-31T00:30:00Z", true,
	 "2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z"},
	/* the southern year: back in April, forward in October */
	{DAILY("01:00-04:00"), "Australia/Sydney", "2027-04-03T14:00:00Z", true,
	 "2027-04-03T14:00:00Z", "2027-04-03T18:00:00Z"},
	{DAILY("01:00-04:00"), "Australia/Sydney", "2027-10-02T15:00:00Z", true,
	 "2027-10-02T15:00:00Z", "2027-10-02T17:00:00Z"},
	/* clocks that move by half an hour, and zones of half and three quarter hours */
	{DAILY("01:00-03:00"), "Australia/Lord_Howe", "2027-10-02T14:30:00Z", true,
	 "2027-10-02T14:30:00Z", "2027-10-02T16:00:00Z"},
	{DAILY("01:00-03:00"), "Australia/Lord_Howe", "2027-04-03T14:00:00Z", true,
	 "2027-04-03T14:00:00Z", "2027-04-03T16:30:00Z"},
	{WEEKDAYS, "Asia/Kolkata", "2027-01-04T00:00:00Z", false,
	 "2027-01-04T03:30:00Z", "2027-01-04T00:00:00Z"},
	{WEEKDAYS, "Asia/Kathmandu", "2027-01-04T03:14:00Z", false,
	 "2027-01-04T03:15:00Z", "2027-01-04T03:14:00Z"},
	{WEEKDAYS, "Pacific/Chatham", "2027-01-03T12:00:00Z", false,
	 "2027-01-03T19:15:00Z", "2027-01-03T12:00:00Z"},
	/* no summer time in Arizona */
	{WEEKDAYS, "America/Phoenix", "2027-07-05T15:59:00Z", false,
	 "2027-07-05T16:00:00Z", "2027-07-05T15:59:00Z"},
	{WEEKDAYS, "America/Denver", "2027-07-05T15:59:00Z", true,
	 "2027-07-05T15:59:00Z", "2027-07-06T00:00:00Z"},
	/* over midnight: belongs to the day it starts on */
	{"fri 22:00-06:00", "UTC", "2027-01-08T21:00:00Z", false,
	 "2027-01-08T22:00:00Z", "2027-01-08T21:00:00Z"},
	{"fri 22:00-06:00", "UTC", "2027-01-09T05:59:00Z", true, "2027-01-09T05:59:00Z",
	 "2027-01-09T06:00:00Z"},
	{"fri 22:00-06:00", "UTC", "2027-01-08T05:59:00Z", false,
	 "2027-01-08T22:00:00Z", "2027-01-08T05:59:00Z"},
	{"sun 22:00-06:00", "UTC", "2027-01-04T01:00:00Z", true, "2027-01-04T01:00:00Z",
	 "2027-01-04T06:00:00Z"},
	/* and over the night in which clocks change */
	{"sat 22:00-06:00", "Europe/Lisbon", "2027-03-27T22:00:00Z", true,
	 "2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z"},
	{"sat 22:00-06:00", "Europe/Lisbon", "2027-10-30T21:00:00Z", true,
	 "2027-10-30T21:00:00Z", "2027-10-31T06:00:00Z"},
	/* windows that touch are one, those apart are two, over each other as well */
	{"mon 09:00-24:00; tue 00:00-10:00", "UTC", "2027-01-04T09:00:00Z", true,
	 "2027-01-04T09:00:00Z", "2027-01-05T10:00:00Z"},
	{"mon 09:00-12:00; mon 14:00-18:00", "UTC", "2027-01-04T12:00:00Z", false,
	 "2027-01-04T14:00:00Z", "2027-01-04T12:00:00Z"},
	{"mon 09:00-15:00; mon 14:00-18:00", "UTC", "2027-01-04T09:00:00Z", true,
	 "2027-01-04T09:00:00Z", "2027-01-04T18:00:00Z"},
	/* always */
	{DAILY("00:00-24:00"), "Europe/Lisbon", "2027-01-04T09:00:00Z", true,
	 "2027-01-04T09:00:00Z", NULL},
	/* where the day begins at one, and where a day was left out */
	{DAILY("00:00-02:00"), "Africa/Cairo", "2027-04-29T21:59:00Z", false,
	 "2027-04-29T22:00:00Z", "2027-04-29T21:59:00Z"},
	{"fri 09:00-18:00", "Pacific/Apia", "2011-12-29T00:00:00Z", false,
	 "2012-01-05T19:00:00Z", "2011-12-29T00:00:00Z"},
	/* the zone is not known: all at once. Lisbon, Madeira and the Azores */
	{WEEKDAYS, "Europe/Lisbon Atlantic/Azores", "2027-01-04T09:30:00Z", false,
	 "2027-01-04T10:00:00Z", "2027-01-04T09:30:00Z"},
	{WEEKDAYS, "Europe/Lisbon Atlantic/Azores", "2027-01-04T12:00:00Z", true,
	 "2027-01-04T12:00:00Z", "2027-01-04T18:00:00Z"},
	{WEEKDAYS, "America/New_York America/Los_Angeles", "2027-01-04T12:00:00Z",
	 false, "2027-01-04T17:00:00Z", "2027-01-04T12:00:00Z"},
	/* the days overlap only just: not in summer, and in winter for the hour by which one clock differs */
	{DAILY("09:00-10:00"), "America/Phoenix America/Denver", "2027-05-01T00:00:00Z",
	 false, "2027-11-07T16:00:00Z", "2027-05-01T00:00:00Z"},
	/* never open together */
	{WEEKDAYS, "Europe/Kaliningrad Asia/Kamchatka", "2027-01-04T00:00:00Z", false,
	 NULL, "2027-01-04T00:00:00Z"},
	{WEEKDAYS, "Europe/Lisbon Pacific/Auckland", "2027-01-04T09:00:00Z", false,
	 NULL, "2027-01-04T09:00:00Z"},
	/* no zone at all is UTC */
	{WEEKDAYS, "", "2027-01-04T09:00:00Z", true, "2027-01-04T09:00:00Z",
	 "2027-01-04T18:00:00Z"},
};

static void opens_and_closes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(opening_rows) / sizeof(opening_rows[0]); i++) {
		const struct hours *hours = read_hours(opening_rows[i].hours);
		struct hours_place place = read_place(opening_rows[i].zones);
		int64_t now = at(opening_rows[i].at);
		const char *what = arena_printf(
			arena, "row %zu, %s in %s at %s", i, opening_rows[i].hours,
			opening_rows[i].zones, opening_rows[i].at);
		if (hours_are_open(hours, &place, now) != opening_rows[i].is_open)
			fail_msg("%s: %s", what,
				 opening_rows[i].is_open ? "closed" : "open");
		hold_instant(arena_printf(arena, "%s opens", what),
			     hours_next_open(hours, &place, now),
			     opening_rows[i].opens);
		hold_instant(arena_printf(arena, "%s closes", what),
			     hours_next_close(hours, &place, now),
			     opening_rows[i].closes);
	}
}

static void windows_with_zones_of_their_own(void **state)
{
	(void)state;
	const struct hours_window windows[] = {
		{.days = 0x1f,
		 .from = 540,
		 .to = 1080,
		 .zone = zone_find("Asia/Tokyo")},
		{.days = 0x1f, .from = 720, .to = 780},
	};
	const struct hours hours = {windows, 2};
	struct hours_place place = read_place("Europe/Lisbon");
	assert_true(hours_are_open(&hours, &place, at("2027-01-04T00:00:00Z")));
	assert_int_equal(hours_next_close(&hours, &place, at("2027-01-04T00:00:00Z")),
			 at("2027-01-04T09:00:00Z"));
	assert_int_equal(hours_next_open(&hours, &place, at("2027-01-04T09:00:00Z")),
			 at("2027-01-04T12:00:00Z"));
	assert_int_equal(hours_next_open(&hours, &place, at("2027-01-04T13:00:00Z")),
			 at("2027-01-05T00:00:00Z"));
}

static void no_hours_are_always_open(void **state)
{
	(void)state;
	struct hours_place place = {.count = 0};
	assert_true(hours_are_open(NULL, &place, 17));
	assert_int_equal(hours_next_open(NULL, &place, 17), 17);
	assert_int_equal(hours_next_close(NULL, &place, 17), INT64_MAX);
	assert_int_equal(hours_add_working(NULL, &place, 17, 20), 37);
}

static void the_law_narrows(void **state)
{
	(void)state;
	struct hours_place place = read_place("America/Chicago");
	place.law = read_hours("mon-sat 09:00-21:00; sun 12:00-21:00");
	static const struct {
		const char *hours, *now, *opens, *closes; /* hours NULL: always */
	} rows[] = {
		{NULL, "2027-01-04T12:00:00Z", "2027-01-04T15:00:00Z",
		 "2027-01-05T03:00:00Z"},
		{NULL, "2027-01-10T16:00:00Z", "2027-01-10T18:00:00Z",
		 "2027-01-11T03:00:00Z"},
		/* each begins and ends one of them */
		{"mon-sun 08:00-18:00", "2027-01-04T14:30:00Z", "2027-01-04T15:00:00Z",
		 "2027-01-05T00:00:00Z"},
		{"mon-sun 12:00-23:00", "2027-01-04T15:30:00Z", "2027-01-04T18:00:00Z",
		 "2027-01-05T03:00:00Z"},
		/* the hours go by another clock than the law */
		{"mon-sun 09:00-16:30 Europe/Lisbon", "2027-01-04T10:00:00Z",
		 "2027-01-04T15:00:00Z", "2027-01-04T16:30:00Z"},
		/* on the day clocks go forward */
		{NULL, "2027-03-14T13:00:00Z", "2027-03-14T17:00:00Z",
		 "2027-03-15T02:00:00Z"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hours *hours =
			rows[i].hours ? read_hours(rows[i].hours) : NULL;
		int64_t now = at(rows[i].now), opens = at(rows[i].opens);
		assert_false(hours_are_open(hours, &place, now));
		hold_instant(rows[i].now, hours_next_open(hours, &place, now),
			     rows[i].opens);
		assert_true(hours_are_open(hours, &place, opens));
		hold_instant(rows[i].now, hours_next_close(hours, &place, opens),
			     rows[i].closes);
	}
	/* never both */
	const struct hours *night = read_hours("mon-sun 22:00-08:00");
	assert_int_equal(hours_next_open(night, &place, at("2027-01-04T12:00:00Z")),
			 INT64_MAX);
}

static void working_time_adds_up(void **state)
{
	(void)state;
	static const struct {
		const char *hours, *zones, *from;
		int64_t span_ms;
		const char *to;
	} rows[] = {
		{WEEKDAYS, "UTC", "2027-01-04T09:00:00Z", 4 * HOUR_MS,
		 "2027-01-04T13:00:00Z"},
		{WEEKDAYS, "UTC", "2027-01-04T09:00:00Z", 9 * HOUR_MS,
		 "2027-01-04T18:00:00Z"},
		{WEEKDAYS, "UTC", "2027-01-04T09:00:00Z", 9 * HOUR_MS + 1,
		 "2027-01-05T09:00:00.001Z"},
		{WEEKDAYS, "UTC", "2027-01-08T16:00:00Z", 4 * HOUR_MS,
		 "2027-01-11T11:00:00Z"},
		{WEEKDAYS, "UTC", "2027-01-09T12:00:00Z", MINUTE_MS,
		 "2027-01-11T09:01:00Z"},
		{WEEKDAYS, "UTC", "2027-01-04T20:00:00Z", 0, "2027-01-05T09:00:00Z"},
		/* the hour that was skipped does not count, the repeated one does twice */
		{DAILY("00:00-24:00"), "Europe/Lisbon", "2027-03-28T00:00:00Z",
		 24 * HOUR_MS, "2027-03-29T00:00:00Z"},
		{DAILY("00:30-03:00"), "Europe/Lisbon", "2027-03-28T00:30:00Z",
		 2 * HOUR_MS, "2027-03-29T00:00:00Z"},
		{DAILY("00:30-03:00"), "Europe/Lisbon", "2027-10-30T23:30:00Z",
		 3 * HOUR_MS + HOUR_MS / 2, "2027-10-31T03:00:00Z"},
		/* across the change: 2 h on Saturday's end of the week, then Monday by the other clock */
		{WEEKDAYS, "America/New_York", "2027-03-12T22:00:00Z", 2 * HOUR_MS,
		 "2027-03-15T14:00:00Z"},
		/* 45 hours a week for fifty weeks and more */
		{WEEKDAYS, "UTC", "2027-01-04T09:00:00Z", 100 * 45 * HOUR_MS,
		 "2028-12-01T18:00:00Z"},
		{WEEKDAYS, "Europe/Kaliningrad Asia/Kamchatka", "2027-01-04T00:00:00Z",
		 HOUR_MS, NULL},
		{WEEKDAYS, "Europe/Lisbon Atlantic/Azores", "2027-01-04T00:00:00Z",
		 9 * HOUR_MS, "2027-01-05T11:00:00Z"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hours_place place = read_place(rows[i].zones);
		hold_instant(arena_printf(arena, "row %zu", i),
			     hours_add_working(read_hours(rows[i].hours), &place,
					       at(rows[i].from), rows[i].span_ms),
			     rows[i].to);
	}
}

/* The rule itself, word by word, for one instant. */
static bool plain_is_open(const struct hours *hours, const struct hours_place *place,
			  int64_t utc_ms)
{
	for (size_t z = 0; z < place->count; z++) {
		bool is_open = false;
		for (size_t i = 0; i < hours->count; i++) {
			const struct hours_window *w = &hours->windows[i];
			struct wall wall =
				zone_wall(w->zone ? w->zone : place->zones[z], utc_ms);
			int minute = wall.hour * 60 + wall.minute;
			bool today = w->days >> wall.weekday & 1;
			bool yesterday = w->days >> (wall.weekday + 6) % 7 & 1;
			is_open |=
				w->from < w->to
					? today && minute >= w->from && minute < w->to
					: (today && minute >= w->from) ||
						  (yesterday && minute < w->to);
		}
		if (!is_open)
			return false;
	}
	return true;
}

/* Random hours around the days on which clocks change: minute by minute the same as the rule. */
static void agrees_with_the_plain_rule(void **state)
{
	(void)state;
	static const char *const zones[] = {
		"Europe/Lisbon",       "America/New_York",
		"Australia/Lord_Howe", "Asia/Kathmandu",
		"Africa/Cairo",        "America/Santiago",
		"Pacific/Chatham",     "UTC",
		"Africa/Casablanca",
	};
	enum { ZONES = sizeof(zones) / sizeof(zones[0]), MINUTES = 3 * 1440 };
	srand(7);
	for (int round = 0; round < 150; round++) {
		struct hours_window windows[3];
		struct hours hours = {windows, 1 + (size_t)rand() % 3};
		struct hours_place place = {.count = 1 + (size_t)rand() % 2};
		for (size_t i = 0; i < hours.count; i++)
			windows[i] = (struct hours_window){
				.days = 1 + (unsigned)rand() % 127,
				.from = rand() % 96 * 15,
				.to = 1 + rand() % 96 * 15,
				.zone = rand() % 4 ? NULL : zone_find("Asia/Tokyo"),
			};
		for (size_t i = 0; i < place.count; i++)
			place.zones[i] = zone_find(zones[rand() % ZONES]);
		int64_t start = zone_next_change(place.zones[0],
						 at("2027-01-01T00:00:00Z") +
							 rand() % 300 * DAY_MS,
						 at("2030-01-01T00:00:00Z"));
		if (start == INT64_MAX)
			start = at("2027-01-01T00:00:00Z");
		start -= DAY_MS + rand() % 1000 * MINUTE_MS;
		bool was = plain_is_open(&hours, &place, start);
		int64_t flips[2] = {hours_next_close(&hours, &place, start),
				    hours_next_open(&hours, &place, start)};
		for (int m = 0; m < MINUTES; m++) {
			int64_t now = start + m * MINUTE_MS;
			bool is = plain_is_open(&hours, &place, now);
			if (m % 7 == 0 || is != was)
				assert_int_equal(hours_are_open(&hours, &place, now),
						 is);
			if (is != was) {
				assert_int_equal(flips[is], now);
				flips[0] = hours_next_close(&hours, &place, now);
				flips[1] = hours_next_open(&hours, &place, now);
				was = is;
			}
		}
		/* the one that is to come has not been missed */
		assert_true(flips[!was] >= start + MINUTES * MINUTE_MS);
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
		cmocka_unit_test(reads_what_is_written),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(reads_days),
		cmocka_unit_test(opens_and_closes),
		cmocka_unit_test(windows_with_zones_of_their_own),
		cmocka_unit_test(no_hours_are_always_open),
		cmocka_unit_test(the_law_narrows),
		cmocka_unit_test(working_time_adds_up),
		cmocka_unit_test(agrees_with_the_plain_rule),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
