/* err.h - the one error type.
 *
 * A function that can fail returns enum err; its outputs come last, are named *_out and are written only on ERR_OK.
 * The table in err.def gives each error its wire code, HTTP status and sentence.
 *
 *	enum err err = thing_load(id, &thing);
 *	if (err != ERR_OK)
 *		goto out;
 */
#ifndef HB_BASE_ERR_H
#define HB_BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
#define E(name, code, status, title) name,
#include "base/err.def"
#undef E
	ERR_COUNT
};

/* err_code - the stable snake_case word, as in problem+json. Never NULL. */
const char *err_code(enum err err);

/* err_status - the HTTP status that belongs to it (RFC 9110). */
int err_status(enum err err);

/* err_title - a sentence for people. Never NULL. */
const char *err_title(enum err err);

/* err_is_of_machine - a disk, a lock, a full table: nothing is wrong with what was asked for, and it is tried again. */
bool err_is_of_machine(enum err err);

#endif
