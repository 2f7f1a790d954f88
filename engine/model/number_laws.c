/* number_laws.c - see number_laws.h */
#include "model/number_laws.h"

#include <string.h>

/* The length of the longest prefix that fits; 0: none does. */
static size_t fits(const struct number_law *law, const char *digits)
{
	size_t longest = 0;
	for (size_t i = 0; i < law->prefix_count; i++) {
		size_t len = strlen(law->prefixes[i]);
		if (len > longest && strncmp(digits, law->prefixes[i], len) == 0)
			longest = len;
	}
	return longest;
}

const struct number_law *number_laws_find(const struct number_laws *laws,
					  const char *e164, const char *region)
{
	const struct number_law *found = NULL;
	size_t longest = 0;
	if (!e164)
		return NULL;
	for (size_t i = 0; laws && i < laws->count; i++) {
		const struct number_law *law = &laws->items[i];
		size_t len = fits(law, e164 + (*e164 == '+'));
		bool is_there = law->region && region && !longest &&
				strcmp(law->region, region) == 0;
		if (len > longest || is_there)
			found = law;
		if (len > longest)
			longest = len;
	}
	return found;
}
