/* due.h - which instants count as come. Mostly all up to now; after the clock was set far ahead, not those it jumped over
 * (link/clock_watch.h): they are put off until it is believed.
 */
#ifndef HB_CORE_DUE_H
#define HB_CORE_DUE_H

#include <stdint.h>

/* Come are the instants up to `until`, but for those later than put_off and no later than put_off_until. UTC ms. */
struct due_window {
	int64_t until;                  /* 0: the write's now */
	int64_t put_off, put_off_until; /* equal: nothing is put off */
};

/* A run of instants that have come: later than after, no later than until. */
struct due_range {
	int64_t after, until;
};

/* due_ranges - the one or two runs of a window, the earlier first; how many. now: the write's. */
static inline unsigned due_ranges(const struct due_window *window, int64_t now,
				  struct due_range ranges_out[2])
{
	int64_t until = window->until ? window->until : now;
	if (window->put_off >= window->put_off_until || window->put_off >= until) {
		ranges_out[0] = (struct due_range){INT64_MIN, until};
		return 1;
	}
	ranges_out[0] = (struct due_range){INT64_MIN, window->put_off};
	ranges_out[1] = (struct due_range){window->put_off_until, until};
	return 2;
}

#endif
