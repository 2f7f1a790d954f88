/* number_laws.h - the hours in which the law of a place lets numbers be texted, as the operator has them in tables.
 *
 *	group = number-hours
 *	name = Florida
 *	prefix = +1239 +1305 +1321	any number of them
 *	region = US			instead: all numbers of a region, by libphonenumber
 *	hours = mon-sun 08:00-20:00	by the recipient's clock
 *
 * They narrow the sending hours of workflows and handbox.conf and never widen them. The longest prefix of a number counts,
 * else its region.
 *
 * Pure; immutable once made.
 */
#ifndef HB_MODEL_NUMBER_LAWS_H
#define HB_MODEL_NUMBER_LAWS_H

#include <stddef.h>

#include "model/hours.h"

struct number_law {
	const char *name;
	const char *region;          /* NULL: prefixes */
	const char *const *prefixes; /* digits, without "+" */
	size_t prefix_count;
	const struct hours *hours;
};

struct number_laws {
	struct number_law *items;
	size_t count;
};

/* number_laws_find - NULL: none. laws, e164 and region may be NULL. */
const struct number_law *number_laws_find(const struct number_laws *laws,
					  const char *e164, const char *region);

#endif
