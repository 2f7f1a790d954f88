/* clock.c - see clock.h
 *
 * The civil calendar is computed here rather than by gmtime: those of libc are slower, and not all are free of locks.
 * Ref: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days).
 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

static int64_t real_now(void *arg)
{
	(void)arg;
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock clock_real = {real_now, NULL};

int64_t clock_now_ms(const struct clock *clock)
{
	return clock->now_utc_ms(clock->arg);
}

int64_t clock_mono_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_boot_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_days(int64_t year, int month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void clock_date(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

static char *put_digits(char *at, int64_t value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + width;
}

const char *clock_format(int64_t utc_ms, char text[CLOCK_TEXT_LEN])
{
	int64_t days = utc_ms / DAY_MS, rest = utc_ms % DAY_MS, year;
	int month, day;
	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	clock_date(days, &year, &month, &day);
	char *at = put_digits(text, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	at = put_digits(at, day, 2);
	*at++ = 'T';
	at = put_digits(at, rest / HOUR_MS, 2);
	*at++ = ':';
	at = put_digits(at, rest / MINUTE_MS % 60, 2);
	*at++ = ':';
	at = put_digits(at, rest / SECOND_MS % 60, 2);
	*at++ = '.';
	at = put_digits(at, rest % 1000, 3);
	memcpy(at, "Z", 2);
	return text;
}

/* Reads exactly width digits; false leaves *at anywhere. */
static bool take_digits(const char **at, int width, int *value_out)
{
	int value = 0;
	for (int i = 0; i < width; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	*value_out = value;
	return true;
}

static bool take_char(const char **at, const char *one_of)
{
	if (!**at || !strchr(one_of, **at))
		return false;
	(*at)++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

static int take_fraction_ms(const char **at)
{
	int ms = 0, digits = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++, digits++)
		if (digits < 3)
			ms = ms * 10 + (**at - '0');
	if (!digits)
		return -1;
	for (; digits < 3; digits++)
		ms *= 10;
	return ms;
}

static bool take_offset(const char **at, int *minutes_out)
{
	int hours, minutes;
	*minutes_out = 0;
	if (take_char(at, "Zz"))
		return true;
	int sign = **at == '-' ? -1 : 1;
	if (!take_char(at, "+-") || !take_digits(at, 2, &hours) ||
	    !take_char(at, ":") || !take_digits(at, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*minutes_out = sign * (hours * 60 + minutes);
	return true;
}

enum err clock_parse(const char *text, int64_t *utc_ms_out)
{
	const char *at = text;
	int year, month, day, hour, minute, second, ms = 0, offset;
	if (!take_digits(&at, 4, &year) || !take_char(&at, "-") ||
	    !take_digits(&at, 2, &month) || !take_char(&at, "-") ||
	    !take_digits(&at, 2, &day) || !take_char(&at, "Tt ") ||
	    !take_digits(&at, 2, &hour) || !take_char(&at, ":") ||
	    !take_digits(&at, 2, &minute) || !take_char(&at, ":") ||
	    !take_digits(&at, 2, &second))
		return ERR_SYNTAX;
	if (*at == '.') {
		at++;
		ms = take_fraction_ms(&at);
	}
	if (ms < 0 || !take_offset(&at, &offset) || *at)
		return ERR_SYNTAX;
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60)
		return ERR_SYNTAX;
	*utc_ms_out = clock_days(year, month, day) * DAY_MS + hour * HOUR_MS +
		      (minute - offset) * MINUTE_MS + second * SECOND_MS + ms;
	return ERR_OK;
}
