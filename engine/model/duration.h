/* duration.h - the spans of time people write in a workflow: `90s 15m 4h 2d 1w`, one number and one unit.
 *
 *	enum err err = duration_parse("4h", &due_ms, &is_working);
 *
 * `4h working` counts in sending hours; it is recognised here and flagged, so that who cannot count that way can say so.
 * A day is 24 hours and a week seven days: a span, not a place in a calendar. Pure.
 */
#ifndef HB_MODEL_DURATION_H
#define HB_MODEL_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { DURATION_TEXT_LEN = 32 };

#define DURATION_MAX_MS (INT64_C(3660) * 24 * 3600 * 1000) /* ten years */

/* duration_parse - 1 s to ten years. ERR_SYNTAX: not written that way; ERR_INVALID: out of range. */
enum err duration_parse(const char *text, int64_t *ms_out,
			bool *is_working_out) MUST_CHECK;

/* duration_format - the shortest text that means ms (whole seconds): "1d", never "24h". Returns text. */
const char *duration_format(int64_t ms, char text[DURATION_TEXT_LEN]);

#endif
