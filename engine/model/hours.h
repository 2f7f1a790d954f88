/* hours.h - when a text may go: sending hours, by the wall clock of whoever receives it.
 *
 *	mon-fri 09:00-18:00 ; sat 10:00-13:00		handbox.conf: hours =
 *	mon-fri 09:00-17:00 Europe/Lisbon		on that wall, wherever the recipient is
 *	<hours days="mon tue" from="09:00" to="18:00" timezone="contact"/>	a workflow
 *
 * A window is open from its first minute to before its last, on the wall of its zone at that very instant: on a day with a
 * skipped hour the window is shorter, on one with a repeated hour longer. `to` 24:00 is the day's end; a window whose end
 * is before its start goes over midnight and belongs to the day it starts on. Several windows: open when any is.
 *
 * A place may have hours of its own, the law's (number_laws.h): then both must be open.
 *
 * The recipient's zone may be unknown: then all zones possible for the number must be open at once (the intersection).
 *
 * Pure: the caller brings instants and zones. Thread: any; hours are immutable.
 */
#ifndef HB_MODEL_HOURS_H
#define HB_MODEL_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/zone.h"

enum { HOURS_WINDOWS_MOST = 32, HOURS_ZONES_MOST = 64 };

struct hours_window {
	unsigned days;           /* a bit per weekday, 1 << 0 = Monday */
	int from, to;            /* minutes of the day: 0..1439, 1..1440 */
	const struct zone *zone; /* NULL: the recipient's */
};

struct hours {
	const struct hours_window *windows;
	size_t count; /* 1..HOURS_WINDOWS_MOST; no hours at all are a NULL struct hours: always open */
};

/* The zones a recipient may be in: one when it is known. */
struct hours_place {
	const struct zone *zones[HOURS_ZONES_MOST];
	size_t count;            /* 0: UTC */
	const struct hours *law; /* NULL: none */
	const char *law_name;
};

/* hours_parse - the handbox.conf form: days (mon..sun, ranges with "-", lists with "," or blanks), HH:MM-HH:MM and, when it
 * is not the recipient's wall that counts, a zone; several separated by ";". ERR_SYNTAX: *why_out (in arena) says what is
 * wrong and how it is written. */
enum err hours_parse(struct arena *arena, const char *text,
		     const struct hours **hours_out, const char **why_out) MUST_CHECK;

/* hours_format - the same form, canonical: equal hours, equal texts; hours_parse reads it back. NULL: "". */
const char *hours_format(struct arena *arena, const struct hours *hours);

/* hours_days_parse - "mon tue wed": the bits; 0: not written that way. */
unsigned hours_days_parse(const char *text);

/* hours_are_open - hours NULL, and no law: true; then place may be NULL too. */
bool hours_are_open(const struct hours *hours, const struct hours_place *place,
		    int64_t utc_ms);

/* hours_next_open - the first instant from utc_ms on (utc_ms itself when open) at which they are open; INT64_MAX: not
 * within the next 400 days. hours_next_close - likewise the first at which they are closed. */
int64_t hours_next_open(const struct hours *hours, const struct hours_place *place,
			int64_t utc_ms);
int64_t hours_next_close(const struct hours *hours, const struct hours_place *place,
			 int64_t utc_ms);

/* hours_add_working - the instant at which span_ms of open time have passed since utc_ms; INT64_MAX: never. */
int64_t hours_add_working(const struct hours *hours, const struct hours_place *place,
			  int64_t utc_ms, int64_t span_ms);

#endif
