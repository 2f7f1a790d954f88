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
	const char *digits = prefix + (*prefix == '+');
	size_t len = strlen(digits);
	if (len < 1 || len > 15 || strspn(digits, "0123456789") != len ||
	    *digits == '0')
		return arena_printf(arena,
				    "prefix = %s: 1 to 15 digits of an international "
				    "number are wanted, like +35129",
				    prefix);
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
