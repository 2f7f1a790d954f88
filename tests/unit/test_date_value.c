/* test_date_value.c - days in fields, and when a <date> fires for them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/date_value.h"

static void fires_at(void **state)
{
	static const struct {
		const char *text, *zone;
		int offset_days, at_minute;
		const char *fires; /* NULL: no date */
	} rows[] = {
		{"2027-01-20", "UTC", 0, 540, "2027-01-20T09:00:00.000Z"},
		{"2027-01-20", "Europe/Lisbon", -7, 540, "2027-01-13T09:00:00.000Z"},
		{"2027-07-20", "Europe/Lisbon", -7, 540, "2027-07-13T08:00:00.000Z"},
		{"2027-01-20", "America/New_York", 1, 0, "2027-01-21T05:00:00.000Z"},
		{"2027-01-20", "Asia/Tokyo", 0, 540, "2027-01-20T00:00:00.000Z"},
		{"2027-01-20", "Pacific/Kiritimati", 0, 0, "2027-01-19T10:00:00.000Z"},
		{" 2027-01-20\n", "UTC", 0, 1439, "2027-01-20T23:59:00.000Z"},
		/* offsets are days of the calendar, over months, years and changes of the clock */
		{"2027-03-01", "UTC", -1, 540, "2027-02-28T09:00:00.000Z"},
		{"2028-03-01", "UTC", -1, 540, "2028-02-29T09:00:00.000Z"},
		{"2027-01-01", "UTC", -366, 540, "2025-12-31T09:00:00.000Z"},
		{"2027-03-29", "Europe/Berlin", -2, 540, "2027-03-27T08:00:00.000Z"},
		/* 02:30 does not exist on 28 March: 03:00 is the first instant after */
		{"2027-03-28", "Europe/Berlin", 0, 150, "2027-03-28T01:00:00.000Z"},
		/* and is there twice on 31 October */
		{"2027-10-31", "Europe/Berlin", 0, 150, "2027-10-31T00:30:00.000Z"},
		/* a day without a midnight, and a whole day that was left out */
		{"2018-11-04", "America/Sao_Paulo", 0, 0, "2018-11-04T03:00:00.000Z"},
		{"2011-12-30", "Pacific/Apia", 0, 540, "2011-12-30T10:00:00.000Z"},
		/* 29 February */
		{"2028-02-29", "UTC", 0, 540, "2028-02-29T09:00:00.000Z"},
		{"2027-02-29", "UTC", 0, 540, "2027-03-01T09:00:00.000Z"},
		{"2100-02-29", "UTC", 0, 540, "2100-03-01T09:00:00.000Z"},
		{"2027-02-29", "UTC", -1, 540, "2027-02-28T09:00:00.000Z"},
		{"2027-02-30", "UTC", 0, 540, NULL},
		{"2027-04-31", "UTC", 0, 540, NULL},
		/* an instant is the day it falls on where the contact is */
		{"2027-01-20T02:00:00Z", "America/New_York", 0, 540,
		 "2027-01-19T14:00:00.000Z"},
		{"2027-01-20T23:30:00-05:00", "Asia/Tokyo", 0, 540,
		 "2027-01-21T00:00:00.000Z"},
		{"", "UTC", 0, 0, NULL},
		{"   ", "UTC", 0, 0, NULL},
		{"soon", "UTC", 0, 0, NULL},
		{"20.01.2027", "UTC", 0, 0, NULL},
		{"2027-1-20", "UTC", 0, 0, NULL},
		{"2027-13-01", "UTC", 0, 0, NULL},
		{"2027-01-20 09:00", "UTC", 0, 0, NULL},
		{"+351912345", "UTC", 0, 0, NULL},
		{"2027-01-20T09:00:00Z and much more than any time has", "UTC", 0, 0,
		 NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct zone *zone = zone_find(rows[i].zone);
		struct wall day;
		char text[CLOCK_TEXT_LEN];
		assert_non_null(zone);
		bool is_date = date_value_parse(rows[i].text, zone, &day);
		if (is_date != (rows[i].fires != NULL))
			fail_msg("'%s'", rows[i].text);
		if (!is_date)
			continue;
		int64_t at = date_value_fires_at(&day, rows[i].offset_days * DAY_MS,
						 rows[i].at_minute, zone);
		assert_string_equal(clock_format(at, text), rows[i].fires);
	}
}

static void days(void **state)
{
	static const struct {
		const char *text;
		int year, month, day; /* day 0: it is none */
	} rows[] = {
		{"2027-01-20", 2027, 1, 20}, {"2028-02-29", 2028, 2, 29},
		{"2027-02-29", 2027, 3, 1},  {"2100-02-29", 2100, 3, 1},
		{"2000-02-29", 2000, 2, 29}, {"2027-02-30", 0, 0, 0},
		{" 2027-01-20", 0, 0, 0},    {"2027-01-20T09:00:00Z", 0, 0, 0},
		{"2027-1-20", 0, 0, 0},      {"", 0, 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wall day = {.day = 0}, carried;
		char is[CLOCK_TEXT_LEN], should[CLOCK_TEXT_LEN];
		if (date_value_day(rows[i].text, &day) != (rows[i].day != 0))
			fail_msg("'%s'", rows[i].text);
		if (!rows[i].day)
			continue;
		carried = (struct wall){.year = rows[i].year,
					.month = rows[i].month,
					.day = rows[i].day};
		clock_format(zone_instant(zone_utc(), &day, NULL), is);
		clock_format(zone_instant(zone_utc(), &carried, NULL), should);
		assert_string_equal(is, should);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(fires_at),
					   cmocka_unit_test(days)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
