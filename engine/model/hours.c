/* hours.c - see hours.h
 *
 * Time is walked in stretches: within one, no wall that matters passes the edge of a window or a change of its clock, so
 * that every zone stays open or closed. With constant clocks windows repeat every week: where a week and a day brought
 * nothing, the walk goes on at the next change of a clock.
 */
#include "model/hours.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

enum { DAY_MINUTES = 1440, DAYS = 7, HORIZON_DAYS = 400, SETS_MOST = 2 };

#define WEEK_AND_DAY_MS (8 * DAY_MS)

/* --- reading --- */

static const char day_names[DAYS][4] = {"mon", "tue", "wed", "thu",
					"fri", "sat", "sun"};

static const char how_written[] =
	"write days and times, as in \"mon-fri 09:00-18:00 ; sat "
	"10:00-13:00\"";

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* 0..6, and *at behind it; -1: no day */
static int take_day(const char **at)
{
	for (int day = 0; day < DAYS; day++)
		if (strncmp(*at, day_names[day], 3) == 0) {
			*at += 3;
			return day;
		}
	return -1;
}

static bool take_minutes(const char **at, int most, int *minutes_out)
{
	const char *t = *at;
	if (strspn(t, "0123456789") != 2 || t[2] != ':' ||
	    strspn(t + 3, "0123456789") != 2)
		return false;
	int minute = (t[3] - '0') * 10 + t[4] - '0';
	*minutes_out = ((t[0] - '0') * 10 + t[1] - '0') * 60 + minute;
	*at += 5;
	return minute < 60 && *minutes_out <= most;
}

/* Days from first to last, over the week's end if need be. */
static unsigned day_range(int first, int last)
{
	unsigned days = 0;
	for (int day = first;; day = (day + 1) % DAYS) {
		days |= 1u << day;
		if (day == last)
			return days;
	}
}

/* days and *at behind them; 0: no days stand there */
static unsigned take_days(const char **at)
{
	unsigned days = 0;
	for (;;) {
		int first = take_day(at), last = first;
		if (first < 0)
			return days;
		if (**at == '-') {
			(*at)++;
			last = take_day(at);
		}
		if (last < 0)
			return 0;
		days |= day_range(first, last);
		const char *next = *at + strspn(*at, " \t,");
		if (next == *at)
			return days;
		*at = next;
	}
}

unsigned hours_days_parse(const char *text)
{
	unsigned days = 0;
	const char *at = text + strspn(text, " \t\r\n");
	while (*at) {
		int day = take_day(&at);
		size_t blanks = strspn(at, " \t\r\n");
		if (day < 0 || (*at && !blanks))
			return 0;
		days |= 1u << day;
		at += blanks;
	}
	return days;
}

/* NULL, or what is wrong; nothing there: the recipient's. */
static const char *take_zone(struct arena *arena, const char **at,
			     const struct zone **zone_out)
{
	size_t len = strcspn(*at, "; \t");
	const char *name = arena_strndup(arena, *at, len);
	*zone_out = len ? zone_find(name) : NULL;
	*at = skip_blanks(*at + len);
	if (len && !*zone_out)
		return arena_printf(
			arena,
			"\"%s\" behind the times is no time zone, and other "
			"days and times come behind a \";\"",
			name);
	return NULL;
}

static const char *read_window(struct arena *arena, const char **at,
			       struct hours_window *window)
{
	const char *start = *at;
	int len = (int)strcspn(start, ";");
	window->days = take_days(at);
	if (!window->days)
		return arena_printf(
			arena,
			"\"%.*s\" does not begin with days (mon tue wed thu "
			"fri sat sun): %s",
			len, start, how_written);
	*at = skip_blanks(*at);
	if (!take_minutes(at, DAY_MINUTES - 1, &window->from) || *(*at)++ != '-' ||
	    !take_minutes(at, DAY_MINUTES, &window->to))
		return arena_printf(arena,
				    "\"%.*s\" has no times after its days, 00:00 to "
				    "24:00: %s",
				    len, start, how_written);
	if (window->from == window->to || window->to == 0)
		return arena_printf(arena, "\"%.*s\" %s: a whole day is 00:00-24:00",
				    len, start,
				    window->to ? "is never open"
					       : "ends at 00:00, which "
						 "is written 24:00");
	*at = skip_blanks(*at);
	const char *why = take_zone(arena, at, &window->zone);
	if (why)
		return why;
	if (**at && **at != ';')
		return arena_printf(arena, "\"%.*s\" goes on after its times: %s", len,
				    start, how_written);
	return NULL;
}

enum err hours_parse(struct arena *arena, const char *text,
		     const struct hours **hours_out, const char **why_out)
{
	struct hours_window *windows =
		ARENA_ARRAY(arena, struct hours_window, HOURS_WINDOWS_MOST);
	struct hours *hours = ARENA_NEW(arena, struct hours);
	const char *at = skip_blanks(text), *why = NULL;
	do {
		if (hours->count == HOURS_WINDOWS_MOST)
			why = arena_printf(arena,
					   "more than %d windows; join days that "
					   "have the same times",
					   HOURS_WINDOWS_MOST);
		else
			why = read_window(arena, &at, &windows[hours->count++]);
		if (!why && *at == ';')
			at = skip_blanks(at + 1);
	} while (!why && *at);
	if (why) {
		*why_out = why;
		return ERR_SYNTAX;
	}
	hours->windows = windows;
	*hours_out = hours;
	return ERR_OK;
}

/* --- writing --- */

static void write_window(struct buf *buf, const struct hours_window *window)
{
	const char *before = buf->len ? "; " : "";
	for (int day = 0; day < DAYS; day++)
		if (window->days >> day & 1) {
			buf_printf(buf, "%s%s", before, day_names[day]);
			before = ",";
		}
	buf_printf(buf, " %02d:%02d-%02d:%02d", window->from / 60, window->from % 60,
		   window->to / 60, window->to % 60);
	if (window->zone)
		buf_printf(buf, " %s", zone_name(window->zone));
}

const char *hours_format(struct arena *arena, const struct hours *hours)
{
	struct buf buf = BUF_EMPTY;
	for (size_t i = 0; hours && i < hours->count; i++)
		write_window(&buf, &hours->windows[i]);
	const char *text = arena_strdup(arena, buf_str(&buf));
	buf_fini(&buf);
	return text;
}

/* --- walking --- */

/* A wall, as far as its clock was looked at. */
struct view {
	const struct zone *zone;
	int64_t offset_ms, until_ms; /* the offset holds until then */
};

struct walk {
	const struct hours *sets[SETS_MOST]; /* all of them must be open */
	size_t set_count;
	struct view places[HOURS_ZONES_MOST]; /* where the recipient may be */
	size_t place_count;
	struct view own[SETS_MOST]
		       [HOURS_WINDOWS_MOST]; /* of windows with a zone of their own */
	int64_t at_ms, until_ms;             /* the stretch: [at, until) */
	int64_t change_ms;      /* the latest change of a clock that was met */
	int64_t next_change_ms; /* the next one of any clock */
	bool is_open;
};

static void look(struct walk *walk, struct view *view)
{
	int64_t horizon_ms = walk->at_ms + HORIZON_DAYS * DAY_MS;
	if (walk->at_ms >= view->until_ms) {
		view->offset_ms =
			zone_offset_s(view->zone, walk->at_ms, NULL, NULL) * SECOND_MS;
		view->until_ms = zone_next_change(view->zone, walk->at_ms, horizon_ms);
		if (view->until_ms > horizon_ms)
			view->until_ms = horizon_ms; /* to look again then */
		walk->change_ms = walk->at_ms;
	}
	if (view->until_ms < walk->next_change_ms)
		walk->next_change_ms = view->until_ms;
}

/* Is the window open on that wall? Shortens the stretch to its next edge there. */
static bool window_is_open(struct walk *walk, const struct hours_window *window,
			   const struct view *view)
{
	int64_t local_ms = walk->at_ms + view->offset_ms;
	int64_t day = local_ms / DAY_MS - (local_ms % DAY_MS < 0);
	int64_t of_day_ms = local_ms - day * DAY_MS;
	int edges[2] = {window->from, window->to % DAY_MINUTES};
	for (int i = 0; i < 2; i++) {
		int64_t ahead_ms = edges[i] * MINUTE_MS - of_day_ms;
		int64_t edge_ms = walk->at_ms + ahead_ms + (ahead_ms <= 0 ? DAY_MS : 0);
		if (edge_ms < walk->until_ms)
			walk->until_ms = edge_ms;
	}
	int weekday = (int)(((day + 3) % DAYS + DAYS) % DAYS);
	bool today = window->days >> weekday & 1;
	bool yesterday = window->days >> ((weekday + DAYS - 1) % DAYS) & 1;
	int64_t from_ms = window->from * MINUTE_MS, to_ms = window->to * MINUTE_MS;
	if (from_ms < to_ms)
		return today && of_day_ms >= from_ms && of_day_ms < to_ms;
	return (today && of_day_ms >= from_ms) || (yesterday && of_day_ms < to_ms);
}

static bool set_is_open(struct walk *walk, size_t set, const struct view *place)
{
	const struct hours *hours = walk->sets[set];
	bool is_open = false;
	for (size_t i = 0; i < hours->count; i++) {
		const struct hours_window *window = &hours->windows[i];
		is_open |= window_is_open(walk, window,
					  window->zone ? &walk->own[set][i] : place);
	}
	return is_open;
}

/* The stretch that begins at that instant. */
static void walk_to(struct walk *walk, int64_t at_ms)
{
	walk->at_ms = at_ms;
	walk->next_change_ms = INT64_MAX;
	for (size_t i = 0; i < walk->place_count; i++)
		look(walk, &walk->places[i]);
	for (size_t set = 0; set < walk->set_count; set++)
		for (size_t i = 0; i < walk->sets[set]->count; i++)
			if (walk->own[set][i].zone)
				look(walk, &walk->own[set][i]);
	walk->until_ms = walk->next_change_ms;
	walk->is_open = true;
	for (size_t set = 0; set < walk->set_count; set++)
		for (size_t i = 0; i < walk->place_count; i++)
			walk->is_open &= set_is_open(walk, set, &walk->places[i]);
}

/* What closes anybody's hours; false: nothing, they are always open. */
static bool find_sets(struct walk *walk, const struct hours *hours,
		      const struct hours_place *place)
{
	walk->set_count = 0;
	if (hours)
		walk->sets[walk->set_count++] = hours;
	if (place && place->law)
		walk->sets[walk->set_count++] = place->law;
	return walk->set_count > 0;
}

static void walk_start(struct walk *walk, const struct hours_place *place,
		       int64_t utc_ms)
{
	walk->place_count = place->count ? place->count : 1;
	walk->places[0] = (struct view){.zone = zone_utc(), .until_ms = INT64_MIN};
	for (size_t i = 0; i < place->count; i++)
		walk->places[i] =
			(struct view){.zone = place->zones[i], .until_ms = INT64_MIN};
	for (size_t set = 0; set < walk->set_count; set++)
		for (size_t i = 0; i < walk->sets[set]->count; i++)
			walk->own[set][i] =
				(struct view){.zone = walk->sets[set]->windows[i].zone,
					      .until_ms = INT64_MIN};
	walk_to(walk, utc_ms);
}

/* Goes on until they are open, or closed; false: not within the horizon. */
static bool walk_until(struct walk *walk, bool is_open)
{
	int64_t start_ms = walk->at_ms, end_ms = start_ms + HORIZON_DAYS * DAY_MS;
	walk->change_ms = start_ms;
	while (walk->is_open != is_open) {
		int64_t next_ms = walk->until_ms;
		if (next_ms > walk->change_ms + WEEK_AND_DAY_MS)
			next_ms = walk->next_change_ms;
		if (next_ms > end_ms)
			return false;
		walk_to(walk, next_ms);
	}
	return true;
}

bool hours_are_open(const struct hours *hours, const struct hours_place *place,
		    int64_t utc_ms)
{
	struct walk walk;
	if (!find_sets(&walk, hours, place))
		return true;
	walk_start(&walk, place, utc_ms);
	return walk.is_open;
}

int64_t hours_next_open(const struct hours *hours, const struct hours_place *place,
			int64_t utc_ms)
{
	struct walk walk;
	if (!find_sets(&walk, hours, place))
		return utc_ms;
	walk_start(&walk, place, utc_ms);
	return walk_until(&walk, true) ? walk.at_ms : INT64_MAX;
}

int64_t hours_next_close(const struct hours *hours, const struct hours_place *place,
			 int64_t utc_ms)
{
	struct walk walk;
	if (!find_sets(&walk, hours, place))
		return INT64_MAX;
	walk_start(&walk, place, utc_ms);
	return walk_until(&walk, false) ? walk.at_ms : INT64_MAX;
}

int64_t hours_add_working(const struct hours *hours, const struct hours_place *place,
			  int64_t utc_ms, int64_t span_ms)
{
	struct walk walk;
	if (!find_sets(&walk, hours, place))
		return utc_ms + span_ms;
	walk_start(&walk, place, utc_ms);
	while (walk_until(&walk, true)) {
		int64_t open_ms = walk.at_ms;
		bool does_close = walk_until(&walk, false);
		if (!does_close || walk.at_ms - open_ms >= span_ms)
			return open_ms + span_ms;
		span_ms -= walk.at_ms - open_ms;
	}
	return INT64_MAX;
}
