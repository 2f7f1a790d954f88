/* date_value.c - see date_value.h */
#include "model/date_value.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { DATE_LEN = sizeof("2027-01-05") - 1, TEXT_MOST = 40 };

/* Checked for being a day of the calendar by reading midnight of it. */
bool date_value_day(const char *text, struct wall *day_out)
{
	char midnight[TEXT_MOST];
	int64_t utc_ms;
	if (strlen(text) != DATE_LEN)
		return false;
	bool is_leap_day = strcmp(text + 4, "-02-29") == 0;
	snprintf(midnight, sizeof(midnight), "%.4s%.6sT00:00:00Z", text,
		 is_leap_day ? "-02-28" : text + 4);
	if (clock_parse(midnight, &utc_ms) != ERR_OK)
		return false;
	*day_out = zone_wall(zone_utc(), utc_ms);
	if (is_leap_day)
		day_out->day++; /* carries over to 1 March where there is none */
	return true;
}

bool date_value_parse(const char *text, const struct zone *zone, struct wall *day_out)
{
	static const char blanks[] = " \t\r\n";
	char trimmed[TEXT_MOST];
	int64_t utc_ms;
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len && strchr(blanks, text[len - 1]))
		len--;
	if (!len || len >= sizeof(trimmed))
		return false;
	memcpy(trimmed, text, len);
	trimmed[len] = '\0';
	if (len == DATE_LEN)
		return date_value_day(trimmed, day_out);
	if (clock_parse(trimmed, &utc_ms) != ERR_OK)
		return false;
	*day_out = zone_wall(zone, utc_ms);
	return true;
}

int64_t date_value_fires_at(const struct wall *day, int64_t offset_ms, int at_minute,
			    const struct zone *zone)
{
	const struct wall wall = {.year = day->year,
				  .month = day->month,
				  .day = day->day + (int)(offset_ms / DAY_MS),
				  .hour = at_minute / 60,
				  .minute = at_minute % 60};
	return zone_instant(zone, &wall, NULL);
}
