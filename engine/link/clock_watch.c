/* clock_watch.c - see clock_watch.h */
#include "link/clock_watch.h"

static void believe(struct clock_watch *watch, int64_t offset_ms)
{
	watch->offset_ms = watch->seen_offset_ms = offset_ms;
	watch->is_doubted = false;
	watch->is_set = true;
}

/* Also when it jumps again while it is doubted. */
static void doubt(struct clock_watch *watch, int64_t utc_ms, int64_t boot_ms)
{
	watch->seen_offset_ms = utc_ms - boot_ms;
	watch->is_doubted = true;
	watch->doubted_boot_ms = boot_ms;
	watch->jumped_to_ms = utc_ms;
}

enum clock_news clock_watch_look(struct clock_watch *watch, int64_t utc_ms,
				 int64_t boot_ms, struct due_window *window_out)
{
	int64_t offset_ms = utc_ms - boot_ms;
	bool was_doubted = watch->is_doubted;
	enum clock_news news = CLOCK_AS_BEFORE;
	if (!watch->is_set || offset_ms - watch->offset_ms <= CLOCK_JUMP_MS) {
		believe(watch, offset_ms);
		news = was_doubted ? CLOCK_PUT_BACK : CLOCK_AS_BEFORE;
	} else if (!was_doubted || offset_ms - watch->seen_offset_ms > CLOCK_JUMP_MS) {
		doubt(watch, utc_ms, boot_ms);
		news = CLOCK_JUMPED;
	} else if (boot_ms - watch->doubted_boot_ms >= CLOCK_DOUBT_MS) {
		believe(watch, offset_ms);
		news = CLOCK_BELIEVED;
	}
	*window_out = (struct due_window){.until = utc_ms};
	if (watch->is_doubted) {
		window_out->put_off = boot_ms + watch->offset_ms;
		window_out->put_off_until = watch->jumped_to_ms;
	}
	return news;
}
