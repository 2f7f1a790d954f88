/* why.h - an error with its sentence: what, where, and how to mend it.
 *
 *	return why_fail(why_out, ERR_NOT_FOUND, "the folder %s is missing; create it: install -d -m 0700 %s", dir, dir);
 */
#ifndef HB_STORE_WHY_H
#define HB_STORE_WHY_H

#include "base/err.h"

/* why_fail - sets *why_out (the caller's mem_free; a former sentence is freed) and returns err. NULL: no sentence wanted. */
enum err why_fail(char **why_out, enum err err, const char *fmt, ...)
	PRINTF_LIKE(3, 4) MUST_CHECK;

#endif
