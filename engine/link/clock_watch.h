/* clock_watch.h - tells a clock that goes from a clock that was set.
 *
 * The time of day is held against a clock that nobody can set (CLOCK_BOOTTIME, which goes on while the machine sleeps).
 * Set back, or ahead by a little, it is believed at once: what waits then comes later, or a moment sooner. Set ahead by more
 * than CLOCK_JUMP_MS it is doubted for CLOCK_DOUBT_MS: the instants it jumped over are put off and come at the pace of the
 * other clock, while what was made after the jump keeps its time. When it has stayed there that long it is believed, and what
 * it jumped over is worked off in order. A restart believes whatever clock it finds.
 *
 * So a clock that is a day ahead by mistake, and put right soon, expires and wakes nothing; and nothing gets stuck.
 *
 * Pure: the caller reads the clocks. Thread: one.
 */
#ifndef HB_LINK_CLOCK_WATCH_H
#define HB_LINK_CLOCK_WATCH_H

#include <stdbool.h>

#include "core/due.h"

enum { CLOCK_JUMP_MS = 60 * 1000, CLOCK_DOUBT_MS = 5 * 60 * 1000 };

struct clock_watch {
	bool is_set, is_doubted;
	int64_t offset_ms;       /* time of day minus the other clock, as believed */
	int64_t seen_offset_ms;  /* as seen last */
	int64_t doubted_boot_ms; /* since when */
	int64_t jumped_to_ms;    /* the time of day just after the jump */
};

enum clock_news { CLOCK_AS_BEFORE, CLOCK_JUMPED, CLOCK_BELIEVED, CLOCK_PUT_BACK };

/* clock_watch_look - at both clocks at the same moment; what counts as due. Zeroed before the first look. */
enum clock_news clock_watch_look(struct clock_watch *watch, int64_t utc_ms,
				 int64_t boot_ms, struct due_window *window_out);

#endif
