/* zone_rule.c - the POSIX TZ rule at the end of a TZif file. See zone_parts.h
 *
 * Ref: POSIX.1-2017 Base Definitions 8.3 (TZ); RFC 8536 section 3.3 (the footer and its hours -167..167).
 */
#include <string.h>

#include "base/clock.h"
#include "base/zone_parts.h"

enum { DAY_S = 86400, HOUR_S = 3600, HOURS_MOST = 167 };

/* Each reader moves *at behind what it took. */

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool take_name(const char **at, char name[ZONE_ABBREVIATION_LEN])
{
	bool is_quoted = take_char(at, '<');
	size_t len = 0;
	while (is_letter((*at)[len]) ||
	       (is_quoted &&
		(is_digit((*at)[len]) || (*at)[len] == '+' || (*at)[len] == '-')))
		len++;
	if (len < 3 || len >= ZONE_ABBREVIATION_LEN)
		return false;
	memcpy(name, *at, len);
	name[len] = '\0';
	*at += len;
	return !is_quoted || take_char(at, '>');
}

static bool take_int(const char **at, int least, int most, int *value_out)
{
	int value = 0, digits = 0;
	for (; is_digit(**at) && digits < 4; (*at)++, digits++)
		value = value * 10 + (**at - '0');
	*value_out = value;
	return digits && value >= least && value <= most;
}

/* [+-]h[:mm[:ss]] */
static bool take_time(const char **at, int hours_most, int *seconds_out)
{
	bool is_negative = **at == '-';
	int hours, minutes = 0, seconds = 0;
	if (!take_char(at, '-'))
		(void)take_char(at, '+');
	if (!take_int(at, 0, hours_most, &hours))
		return false;
	if (take_char(at, ':')) {
		if (!take_int(at, 0, 59, &minutes))
			return false;
		if (take_char(at, ':') && !take_int(at, 0, 59, &seconds))
			return false;
	}
	*seconds_out =
		(hours * HOUR_S + minutes * 60 + seconds) * (is_negative ? -1 : 1);
	return true;
}

static bool take_edge(const char **at, struct zone_edge *edge)
{
	bool ok;
	if (take_char(at, 'M')) {
		edge->form = EDGE_MONTH;
		ok = take_int(at, 1, 12, &edge->month) && take_char(at, '.') &&
		     take_int(at, 1, 5, &edge->week) && take_char(at, '.') &&
		     take_int(at, 0, 6, &edge->day);
	} else if (take_char(at, 'J')) {
		edge->form = EDGE_JULIAN;
		ok = take_int(at, 1, 365, &edge->day);
	} else {
		edge->form = EDGE_DAY;
		ok = take_int(at, 0, 365, &edge->day);
	}
	edge->time_s = 2 * HOUR_S;
	if (ok && take_char(at, '/'))
		ok = take_time(at, HOURS_MOST, &edge->time_s);
	return ok;
}

static bool take_rule(const char **at, struct zone_rule *rule)
{
	int west_s;
	if (!take_name(at, rule->standard.abbreviation) || !take_time(at, 24, &west_s))
		return false;
	rule->standard.offset_s = -west_s;
	if (!**at)
		return true;
	rule->has_dst = true;
	rule->dst.is_dst = true;
	rule->dst.offset_s = rule->standard.offset_s + HOUR_S;
	if (!take_name(at, rule->dst.abbreviation))
		return false;
	if (**at != ',') {
		if (!take_time(at, 24, &west_s))
			return false;
		rule->dst.offset_s = -west_s;
	}
	return take_char(at, ',') && take_edge(at, &rule->start) &&
	       take_char(at, ',') && take_edge(at, &rule->end) && !**at;
}

enum err zone_rule_parse(const char *text, struct zone_rule *rule_out)
{
	struct zone_rule rule = {.is_there = true};
	const char *at = text;
	if (!*text)
		rule.is_there = false;
	else if (!take_rule(&at, &rule))
		return ERR_SYNTAX;
	*rule_out = rule;
	return ERR_OK;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The day of that year, counted from 1970. */
static int64_t edge_day(const struct zone_edge *edge, int64_t year)
{
	if (edge->form == EDGE_DAY)
		return clock_days(year, 1, 1) + edge->day;
	if (edge->form == EDGE_JULIAN) /* 29 February is never counted */
		return clock_days(year, 1, 1) + edge->day - 1 +
		       (is_leap(year) && edge->day >= 60);
	int64_t first = clock_days(year, edge->month, 1);
	int64_t after = edge->month == 12 ? clock_days(year + 1, 1, 1)
					  : clock_days(year, edge->month + 1, 1);
	/* 1970-01-01 was a Thursday */
	int64_t weekday = ((first + 4) % 7 + 7) % 7;
	int64_t day = first + ((edge->day - weekday) % 7 + 7) % 7 +
		      (int64_t)(edge->week - 1) * 7;
	while (day >= after)
		day -= 7;
	return day;
}

struct turn {
	int64_t at_s;
	bool to_dst;
};

enum { TURN_YEARS = 4, TURNS = 2 * TURN_YEARS };

/* The turns of the year before and of those after, in order: an edge may fall a week outside of its year. Of two at one
 * instant that to daylight saving time is the later: "all year" is written as the end of a year meeting the start of the next. */
static void turns_around(const struct zone_rule *rule, int64_t utc_s,
			 struct turn turns[TURNS])
{
	int64_t year, local_s = utc_s + rule->standard.offset_s;
	int month, day;
	size_t count = 0;
	clock_date((local_s - (local_s % DAY_S + DAY_S) % DAY_S) / DAY_S, &year, &month,
		   &day);
	for (int64_t y = year - 1; y < year - 1 + TURN_YEARS; y++) {
		struct turn both[2] = {
			{edge_day(&rule->start, y) * DAY_S + rule->start.time_s -
				 rule->standard.offset_s,
			 true},
			{edge_day(&rule->end, y) * DAY_S + rule->end.time_s -
				 rule->dst.offset_s,
			 false},
		};
		for (int i = 0; i < 2; i++) {
			size_t to = count++;
			for (; to && (turns[to - 1].at_s > both[i].at_s ||
				      (turns[to - 1].at_s == both[i].at_s &&
				       turns[to - 1].to_dst));
			     to--)
				turns[to] = turns[to - 1];
			turns[to] = both[i];
		}
	}
}

static bool is_dst_at(const struct turn turns[TURNS], int64_t utc_s)
{
	bool is_dst = false;
	for (size_t i = 0; i < TURNS && turns[i].at_s <= utc_s; i++)
		is_dst = turns[i].to_dst;
	return is_dst;
}

const struct zone_kind *zone_rule_at(const struct zone_rule *rule, int64_t utc_s)
{
	struct turn turns[TURNS];
	if (!rule->has_dst)
		return &rule->standard;
	turns_around(rule, utc_s, turns);
	return is_dst_at(turns, utc_s) ? &rule->dst : &rule->standard;
}

int64_t zone_rule_next(const struct zone_rule *rule, int64_t utc_s)
{
	struct turn turns[TURNS];
	if (!rule->has_dst)
		return INT64_MAX;
	turns_around(rule, utc_s, turns);
	bool is_dst = is_dst_at(turns, utc_s);
	/* the last one may meet one of a year that was not looked at */
	for (size_t i = 0; i + 1 < TURNS; i++)
		if (turns[i].at_s > utc_s && is_dst_at(turns, turns[i].at_s) != is_dst)
			return turns[i].at_s;
	return INT64_MAX;
}
