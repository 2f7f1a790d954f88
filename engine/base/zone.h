/* zone.h - time zones: what a wall clock shows at an instant, and when it shows a given time.
 *
 * A reader of TZif files (RFC 8536, versions 1 to 3, with the POSIX footer for times after the last transition) under
 * /usr/share/zoneinfo, or $TZDIR. glibc's own zones hang on one process-wide variable, ICU's are as old as its release.
 * Each zone is read once and shared by all threads until the process ends; zones_reload() (SIGHUP) reads changed files
 * anew, and the former ones stay valid.
 *
 *	const struct zone *zone = zone_find("Europe/Lisbon");
 *	struct wall wall = zone_wall(zone, now_utc_ms);
 *	int64_t nine = zone_instant(zone, &(struct wall){.year = 2027, .month = 3, .day = 28, .hour = 9}, NULL);
 *
 * Thread: any. Ref: RFC 8536; POSIX.1-2017 Base Definitions 8.3 (TZ).
 */
#ifndef HB_BASE_ZONE_H
#define HB_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone;

/* What a clock on the wall shows. Gregorian, proleptic. */
struct wall {
	int year;       /* -9999..9999 */
	int month, day; /* from 1 */
	int hour, minute, second, millisecond;
	int weekday; /* 0 = Monday; set by zone_wall, not read by zone_instant */
};

/* zone_find - NULL when there is no such zone ("Europe/Lisbon", "UTC"); a name with "..", a leading "/" or other
 * characters than letters, digits, "_+-/" is none. "UTC" always exists. Reads a file the first time. */
const struct zone *zone_find(const char *name);
const struct zone *zone_utc(void);
const char *zone_name(const struct zone *zone);

/* zone_offset_s - seconds east of UTC at that instant. is_dst_out and abbreviation_out may be NULL. */
int zone_offset_s(const struct zone *zone, int64_t utc_ms, bool *is_dst_out,
		  const char **abbreviation_out);

struct wall zone_wall(const struct zone *zone, int64_t utc_ms);

enum zone_fit {
	ZONE_ONCE,  /* the wall shows it once */
	ZONE_TWICE, /* clocks went back over it: the first of the two */
	ZONE_NEVER, /* clocks went forward over it: the first instant after the gap */
};

/* zone_instant - UTC milliseconds at which the wall shows that time. fit_out may be NULL. Fields beyond their range carry
 * over (day 32 is the next month's). */
int64_t zone_instant(const struct zone *zone, const struct wall *wall,
		     enum zone_fit *fit_out);

/* zone_next_change - the first instant after utc_ms at which the offset changes, at most until_ms; INT64_MAX: none. */
int64_t zone_next_change(const struct zone *zone, int64_t utc_ms, int64_t until_ms);

/* zones_of_country - names of the zones in use in an ISO 3166 region ("PT"), from zone1970.tab or zone.tab; borrowed for
 * ever, NULL-terminated; NULL: none known. */
const char *const *zones_of_country(const char *region);

/* zones_reload - reads the files of all zones in use: for a thread that may wait. Others go on finding zones meanwhile. */
void zones_reload(void);

#endif
