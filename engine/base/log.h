/* log.h - one line per event: time, level, subsystem, then key=value.
 *
 *	2026-11-23T10:54:32.001Z warn  store: commit failed id=42 ms=17
 *
 * It is logged once, where it is handled. Secrets never; numbers and texts of people only through log_mask(), which
 * hides them unless the level is debug. Each line is one write(2), so threads do not mix.
 *
 * Thread: any.
 */
#ifndef HB_BASE_LOG_H
#define HB_BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);
enum err log_parse_level(const char *name, enum log_level *level_out)
	MUST_CHECK; /* debug info warn error */

/* log_open - to a file (0640, appended) from now on; NULL: to stderr. ERR_IO keeps the former. */
enum err log_open(const char *path) MUST_CHECK;

/* log_reopen - the same path again, after logrotate. */
enum err log_reopen(void) MUST_CHECK;

void log_write(enum log_level level, const char *subsystem, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
bool log_wants(enum log_level level);

#define log_debug(subsystem, ...)                                     \
	(log_wants(LOG_LEVEL_DEBUG)                                   \
		 ? log_write(LOG_LEVEL_DEBUG, subsystem, __VA_ARGS__) \
		 : (void)0)
#define log_info(subsystem, ...)  log_write(LOG_LEVEL_INFO, subsystem, __VA_ARGS__)
#define log_warn(subsystem, ...)  log_write(LOG_LEVEL_WARN, subsystem, __VA_ARGS__)
#define log_error(subsystem, ...) log_write(LOG_LEVEL_ERROR, subsystem, __VA_ARGS__)

/* log_mask - a number or text fit for the log: "+3519…78" keeps four leading and two trailing characters. The result
 * lives in a per-thread ring of four. */
const char *log_mask(const char *personal);

#endif
