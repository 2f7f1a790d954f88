/* settings_limits.c - see settings_limits.h */
#include "settings_limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/duration.h"

enum { CAP_MOST = 10000, CAP_DAYS_MOST = 30, WORDS_BYTES_MOST = 256 * 1024 };

const char *settings_hours(struct arena *arena, const char *text,
			   const struct hours **hours_out)
{
	const char *why = NULL;
	return hours_parse(arena, text, hours_out, &why) == ERR_OK ? NULL : why;
}

const char *settings_cap(struct arena *arena, const char *text,
			 struct frequency_cap *cap_out)
{
	const size_t digits = strspn(text, "0123456789");
	const long most = digits && digits < 6 ? strtol(text, NULL, 10) : 0;
	int64_t span_ms;
	bool is_working;
	if (most < 1 || most > CAP_MOST || text[digits] != '/' ||
	    duration_parse(text + digits + 1, &span_ms, &is_working) != ERR_OK ||
	    is_working || span_ms > CAP_DAYS_MOST * DAY_MS)
		return arena_printf(
			arena,
			"how many texts in how long are wanted, like 3/24h; at most "
			"%d, within at most %d days",
			CAP_MOST, CAP_DAYS_MOST);
	*cap_out = (struct frequency_cap){(unsigned)most, span_ms};
	return NULL;
}

const char *settings_forbidden(struct arena *arena, const char *path,
			       const struct forbidden **list_out)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return arena_printf(arena,
				    "the file of forbidden words cannot be read: %s",
				    strerror(errno));
	char *text = mem_alloc(WORDS_BYTES_MOST + 1);
	const size_t len = fread(text, 1, WORDS_BYTES_MOST + 1, file);
	const char *why = NULL;
	if (ferror(file))
		why = arena_printf(arena,
				   "the file of forbidden words cannot be read: %s",
				   strerror(errno));
	else if (len > WORDS_BYTES_MOST)
		why = arena_printf(arena, "the file is larger than %d bytes",
				   WORDS_BYTES_MOST);
	else if (forbidden_parse(arena, text, len, list_out, &why) == ERR_OK)
		why = NULL;
	fclose(file);
	mem_free(text);
	return why;
}

/* The digits of a prefix of international numbers; NULL: it is none. */
static const char *prefix_digits(const char *prefix)
{
	const char *digits = prefix + (*prefix == '+');
	size_t len = strlen(digits);
	return len >= 1 && len <= 15 && strspn(digits, "0123456789") == len &&
			       *digits != '0'
		       ? digits
		       : NULL;
}

static const char *bad_prefix(struct arena *arena, const char *prefix)
{
	return arena_printf(
		arena,
		"prefix = %s: 1 to 15 digits of an international number are "
		"wanted, like +35129",
		prefix);
}

static const char *read_zone(struct arena *arena, const struct conf_group *group,
			     struct number_zone *zone)
{
	for (const struct conf_key *key = group->keys; key; key = key->next)
		if (strcmp(key->name, "prefix") && strcmp(key->name, "timezone"))
			return arena_printf(arena,
					    "there is no key %s; it has prefix and "
					    "timezone",
					    key->name);
	const char *prefix = conf_get(group, "prefix"),
		   *name = conf_get(group, "timezone");
	if (!prefix || !name)
		return "prefix and timezone are both needed";
	const char *digits = prefix_digits(prefix);
	if (!digits)
		return bad_prefix(arena, prefix);
	zone->prefix = arena_strdup(arena, digits);
	zone->zone = zone_find(name);
	return zone->zone ? NULL
			  : arena_printf(arena,
					 "timezone = %s is no time zone; one like "
					 "Atlantic/Azores is wanted",
					 name);
}

const char *settings_zones(struct arena *arena, const struct kannel_conf *file,
			   const struct number_zones **zones_out,
			   const struct conf_place **place_out)
{
	const struct conf_group *group = NULL;
	size_t count = 0;
	while ((group = kannel_conf_next(file, "number-zone", group)))
		count++;
	*zones_out = NULL;
	if (!count)
		return NULL;
	struct number_zones *zones = ARENA_NEW(arena, struct number_zones);
	zones->items = ARENA_ARRAY(arena, struct number_zone, count);
	while ((group = kannel_conf_next(file, "number-zone", group))) {
		const char *why = read_zone(arena, group, &zones->items[zones->count]);
		*place_out = &group->place;
		if (why)
			return why;
		zones->count++;
	}
	*zones_out = zones;
	return NULL;
}

/* --- the hours of the law --- */

static const char *read_prefixes(struct arena *arena, const char *text,
				 struct number_law *law)
{
	char *rest = arena_strdup(arena, text), *word;
	const char **prefixes = ARENA_ARRAY(arena, const char *, strlen(text) / 2 + 1);
	law->prefixes = prefixes;
	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		prefixes[law->prefix_count] = prefix_digits(word);
		if (!prefixes[law->prefix_count++])
			return bad_prefix(arena, word);
	}
	return law->prefix_count ? NULL : "prefix is empty";
}

static const char *check_law_keys(struct arena *arena, const struct conf_group *group)
{
	static const char *const known[] = {"name", "prefix", "region", "hours"};
	for (const struct conf_key *key = group->keys; key; key = key->next) {
		size_t i = 0;
		while (i < 4 && strcmp(key->name, known[i]) != 0)
			i++;
		if (i == 4)
			return arena_printf(
				arena,
				"there is no key %s; it has name, hours, and "
				"prefix or region",
				key->name);
	}
	return NULL;
}

static const char *read_law(struct arena *arena, const struct conf_group *group,
			    struct number_law *law)
{
	const char *name = conf_get(group, "name"), *hours = conf_get(group, "hours");
	const char *prefix = conf_get(group, "prefix"),
		   *region = conf_get(group, "region");
	const char *why = check_law_keys(arena, group);
	if (why)
		return why;
	if (!name || !hours || !prefix == !region)
		return "name, hours, and either prefix or region are needed";
	if (region &&
	    (strlen(region) != 2 || strspn(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		return arena_printf(
			arena, "region = %s: two capital letters are wanted, like US",
			region);
	law->name = arena_strdup(arena, name);
	law->region = arena_strdup(arena, region);
	why = settings_hours(arena, hours, &law->hours);
	return !why && prefix ? read_prefixes(arena, prefix, law) : why;
}

const char *settings_laws(struct arena *arena, const struct kannel_conf *file,
			  const struct number_laws **laws_out,
			  const struct conf_place **place_out)
{
	const struct conf_group *group = NULL;
	size_t count = 0;
	while ((group = kannel_conf_next(file, "number-hours", group)))
		count++;
	*laws_out = NULL;
	if (!count)
		return NULL;
	struct number_laws *laws = ARENA_NEW(arena, struct number_laws);
	laws->items = ARENA_ARRAY(arena, struct number_law, count);
	while ((group = kannel_conf_next(file, "number-hours", group))) {
		const char *why = read_law(arena, group, &laws->items[laws->count]);
		*place_out = &group->place;
		if (why)
			return why;
		laws->count++;
	}
	*laws_out = laws;
	return NULL;
}
