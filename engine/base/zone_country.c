/* zone_country.c - which zones are in use in a country. See zone.h
 *
 * zone.tab has a line for each country and zone; zone1970.tab joins countries whose clocks agree since 1970 and knows a
 * few places that zone.tab leaves out. All zones that either of them names are possible.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "base/zone.h"
#include "base/zone_parts.h"

enum { LETTERS = 26, TABLE_MOST_BYTES = 1024 * 1024, LISTED_MOST = 256 };

struct list {
	const char **names; /* NULL-terminated; NULL: none */
	size_t count;
};

struct countries {
	struct list lists[LETTERS * LETTERS];
	struct countries *former; /* whoever borrowed from it may still read there */
};

/* As with zones: read without a lock, what is published never changes; the mutex is a leaf. */
static struct countries *_Atomic published;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

static int index_of(const char *region)
{
	if (region[0] < 'A' || region[0] > 'Z' || region[1] < 'A' || region[1] > 'Z')
		return -1;
	return (region[0] - 'A') * LETTERS + region[1] - 'A';
}

static void add_name(struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->names[i], name) == 0)
			return;
	if (list->count == LISTED_MOST)
		return;
	list->names =
		mem_realloc(list->names, (list->count + 2) * sizeof(*list->names));
	list->names[list->count++] = mem_strdup(name);
	list->names[list->count] = NULL;
}

/* CODES<tab>coordinates<tab>zone[<tab>comments]; codes of two letters, joined by commas */
static void add_line(struct countries *countries, char *line)
{
	char *rest = line, *codes = strsep(&rest, "\t");
	if (*line == '#' || !strsep(&rest, "\t") || !rest)
		return;
	const char *name = strsep(&rest, "\t");
	for (char *code; (code = strsep(&codes, ",")) != NULL;)
		if (strlen(code) == 2 && index_of(code) >= 0 && *name)
			add_name(&countries->lists[index_of(code)], name);
}

static void add_table(struct countries *countries, const char *table)
{
	char path[512];
	unsigned char *bytes;
	size_t len;
	if (!zone_path(table, path, sizeof(path)) ||
	    zone_slurp(path, TABLE_MOST_BYTES, &bytes, &len) != ERR_OK)
		return;
	char *rest = (char *)bytes;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		add_line(countries, line);
	mem_free(bytes);
}

static void read_tables(void)
{
	struct countries *countries = MEM_NEW(struct countries);
	add_table(countries, "zone.tab");
	add_table(countries, "zone1970.tab");
	countries->former = atomic_load(&published);
	atomic_store(&published, countries);
}

const char *const *zones_of_country(const char *region)
{
	if (strlen(region) != 2 || index_of(region) < 0)
		return NULL;
	if (!atomic_load(&published)) {
		pthread_mutex_lock(&reading);
		if (!atomic_load(&published))
			read_tables();
		pthread_mutex_unlock(&reading);
	}
	return atomic_load(&published)->lists[index_of(region)].names;
}

void zone_countries_reload(void)
{
	pthread_mutex_lock(&reading);
	if (atomic_load(&published))
		read_tables();
	pthread_mutex_unlock(&reading);
}
