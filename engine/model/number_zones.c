/* number_zones.c - see number_zones.h */
#include "model/number_zones.h"

#include <string.h>

const struct zone *number_zones_find(const struct number_zones *zones, const char *e164)
{
	const struct zone *best = NULL;
	size_t longest = 0;
	if (!e164 || *e164 != '+')
		return NULL;
	for (size_t i = 0; zones && i < zones->count; i++) {
		const struct number_zone *item = &zones->items[i];
		size_t len = strlen(item->prefix);
		if (len <= longest || strncmp(e164 + 1, item->prefix, len) != 0)
			continue;
		longest = len;
		best = item->zone;
	}
	return best;
}
