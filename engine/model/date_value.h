/* date_value.h - the day that stands in a field, for <date> triggers and <wait until-field>, and the instant at which a
 * <date> trigger fires for it.
 *
 *	struct wall day;
 *	if (date_value_parse("2028-02-29", zone, &day))
 *		at = date_value_fires_at(&day, -7 * DAY_MS, 9 * 60, zone);	09:00 on the wall, a week before
 *
 * A day is YYYY-MM-DD, or the one that an instant (RFC 3339) falls on where the contact is. Offsets are days of the
 * calendar. A time that clocks jump over is the first instant after the gap; one they show twice is the first of the two.
 * 29 February of a year that has none is 1 March, as with the gap: the first day after it. Pure.
 */
#ifndef HB_MODEL_DATE_VALUE_H
#define HB_MODEL_DATE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

/* date_value_day - YYYY-MM-DD and nothing else, without a clock. false: it is no day. */
bool date_value_day(const char *text, struct wall *day_out);

/* date_value_parse - blanks around the text do not count. false: it is no date. */
bool date_value_parse(const char *text, const struct zone *zone, struct wall *day_out);

/* date_value_fires_at - UTC ms. offset_ms: whole days; at_minute: of the day, 0..1439. */
int64_t date_value_fires_at(const struct wall *day, int64_t offset_ms, int at_minute,
			    const struct zone *zone);

#endif
