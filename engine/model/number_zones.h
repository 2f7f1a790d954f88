/* number_zones.h - what the operator knows of where numbers are: the zone of a prefix, over the tables of zones.
 *
 *	group = number-zone
 *	prefix = +35129
 *	timezone = Atlantic/Azores
 *
 * Pure; immutable once made.
 */
#ifndef HB_MODEL_NUMBER_ZONES_H
#define HB_MODEL_NUMBER_ZONES_H

#include <stddef.h>

#include "base/zone.h"

struct number_zone {
	const char *prefix; /* digits, without "+" */
	const struct zone *zone;
};

struct number_zones {
	struct number_zone *items;
	size_t count;
};

/* number_zones_find - the zone of the longest prefix of an E.164 number; NULL: none fits. Both may be NULL. */
const struct zone *number_zones_find(const struct number_zones *zones,
				     const char *e164);

#endif
