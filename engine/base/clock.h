/* clock.h - time of day as integer UTC milliseconds, and its text form.
 *
 * Nothing below rank 4 asks what time it is: it is handed an instant. A clock is an object, so that scenarios run on a
 * fake one.
 */
#ifndef HB_BASE_CLOCK_H
#define HB_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { CLOCK_TEXT_LEN = 32 };

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

struct clock {
	int64_t (*now_utc_ms)(void *arg); /* any thread */
	void *arg;
};

/* clock_real - the machine's clock (CLOCK_REALTIME). */
extern const struct clock clock_real;

int64_t clock_now_ms(const struct clock *clock);

/* clock_mono_ms - monotonic milliseconds, for time-outs and durations inside one process. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void); /* microseconds */

/* clock_boot_ms - the same, going on while the machine sleeps: nobody can set it. */
int64_t clock_boot_ms(void);

/* clock_format - "2026-11-23T10:54:32.001Z" (RFC 3339) for years 0001 to 9999; returns text. Any thread. */
const char *clock_format(int64_t utc_ms, char text[CLOCK_TEXT_LEN]);

/* clock_parse - RFC 3339 with any offset, fraction optional (digits past ms are dropped). ERR_SYNTAX otherwise,
 * also for days that do not exist. Second 60 is taken as the next minute. */
enum err clock_parse(const char *text, int64_t *utc_ms_out) MUST_CHECK;

/* clock_days - days from 1970-01-01 to that day, negative before; Gregorian, proleptic. month 1..12; day may be any
 * number, it carries over. clock_date - the way back. */
int64_t clock_days(int64_t year, int month, int64_t day);
void clock_date(int64_t days, int64_t *year_out, int *month_out, int *day_out);

#endif
