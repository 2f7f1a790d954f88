/* throttle.h - how often something may fail: attempts per key and window, in a table of fixed size.
 *
 *	if (!throttle_take(throttle, "ana@192.0.2.1", clock_mono_ms(), &retry_after_s))
 *		… 429 …
 *	throttle_clear(throttle, "ana@192.0.2.1");		it did not fail
 *
 * An attempt counts when it begins, so that many at the same time are not free. Four places per bucket, chosen by a keyed
 * hash; the one whose window began first gives way. Thread: the loop.
 */
#ifndef HB_API_THROTTLE_H
#define HB_API_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle;

/* throttle_new - at most `most` attempts per key within window_ms of its first. */
struct throttle *throttle_new(unsigned most, int64_t window_ms);
void throttle_free(struct throttle **throttle);

/* throttle_take - counts one; false: too many, and *retry_after_s_out says when the window ends. now_ms: monotonic. */
bool throttle_take(struct throttle *throttle, const char *key, int64_t now_ms,
		   unsigned *retry_after_s_out);

/* throttle_is_full - the same without counting. */
bool throttle_is_full(struct throttle *throttle, const char *key, int64_t now_ms,
		      unsigned *retry_after_s_out);

void throttle_clear(struct throttle *throttle, const char *key);

#endif
