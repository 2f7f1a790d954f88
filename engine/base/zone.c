/* zone.c - see zone.h. Reading a file is zone_file.c, the rule for later years zone_rule.c, countries zone_country.c. */
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/zone_parts.h"

enum { BUCKETS = 256, DAY_S = 86400, REACH_S = 26 * 3600 + 1 };

/* Read without a lock: nothing that is published changes, a newer reading of a file stands before the older one. The mutex is
 * a leaf: nothing else is locked under it. */
static struct zone *_Atomic buckets[BUCKETS];
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

static struct zone_kind utc_kind = {.abbreviation = "UTC"};
static struct zone utc = {.name = "UTC", .kind_count = 1, .kinds = &utc_kind};

const struct zone *zone_utc(void)
{
	return &utc;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

static uint64_t hash_of(const void *bytes, size_t len) /* FNV-1a */
{
	const unsigned char *at = bytes;
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211);
	return hash;
}

static bool name_is_fit(const char *name)
{
	size_t len = strlen(name);
	return len && len <= ZONE_NAME_MOST && name[0] != '/' && name[len - 1] != '/' &&
	       !strstr(name, "//") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_+-/") == len;
}

const char *zone_path(const char *name, char *path, size_t len_bytes)
{
	const char *folder = getenv("TZDIR");
	int len = snprintf(path, len_bytes, "%s/%s",
			   folder && *folder ? folder : "/usr/share/zoneinfo", name);
	return len > 0 && (size_t)len < len_bytes ? path : NULL;
}

static enum err slurp_open(int fd, size_t most_bytes, unsigned char **bytes_out,
			   size_t *len_out)
{
	struct stat stat;
	if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
		return ERR_NOT_FOUND;
	if ((uint64_t)stat.st_size > most_bytes)
		return ERR_IO;
	size_t size = (size_t)stat.st_size, len = 0;
	unsigned char *bytes = mem_alloc(size + 1);
	while (len < size) {
		ssize_t got = read(fd, bytes + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	if (len < size) {
		mem_free(bytes);
		return ERR_IO;
	}
	bytes[len] = '\0';
	*bytes_out = bytes;
	*len_out = len;
	return ERR_OK;
}

enum err zone_slurp(const char *path, size_t most_bytes, unsigned char **bytes_out,
		    size_t *len_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ERR_NOT_FOUND;
	enum err err = slurp_open(fd, most_bytes, bytes_out, len_out);
	close(fd);
	return err;
}

/* A zone from its file; NULL when there is none that can be used. */
static struct zone *load(const char *name)
{
	char path[512];
	unsigned char *bytes;
	size_t len;
	struct zone *zone = NULL;
	if (!zone_path(name, path, sizeof(path)) ||
	    zone_slurp(path, ZONE_FILE_MOST_BYTES, &bytes, &len) != ERR_OK)
		return NULL;
	if (zone_file_read(bytes, len, &zone) == ERR_OK) {
		zone->hash = hash_of(bytes, len);
		zone->name = mem_strdup(name);
	} else if (len >= 4 && memcmp(bytes, "TZif", 4) == 0)
		log_warn("zone", "damaged or unusable file path=%s", path);
	mem_free(bytes);
	return zone;
}

static struct zone *in_cache(const char *name)
{
	struct zone *zone = atomic_load_explicit(
		&buckets[hash_of(name, strlen(name)) % BUCKETS], memory_order_acquire);
	while (zone && strcmp(zone->name, name) != 0)
		zone = zone->next;
	return zone;
}

static void publish(struct zone *zone)
{
	struct zone *_Atomic *bucket =
		&buckets[hash_of(zone->name, strlen(zone->name)) % BUCKETS];
	zone->next = atomic_load_explicit(bucket, memory_order_relaxed);
	atomic_store_explicit(bucket, zone, memory_order_release);
}

const struct zone *zone_find(const char *name)
{
	if (strcmp(name, "UTC") == 0)
		return &utc;
	struct zone *zone = in_cache(name);
	if (zone || !name_is_fit(name))
		return zone;
	pthread_mutex_lock(&reading);
	zone = in_cache(name);
	if (!zone) {
		zone = load(name);
		if (zone)
			publish(zone);
	}
	pthread_mutex_unlock(&reading);
	return zone;
}

/* A file that is gone or damaged leaves the former reading in place. */
static void reload(const struct zone *zone)
{
	struct zone *fresh = in_cache(zone->name) == zone ? load(zone->name) : NULL;
	if (!fresh)
		return;
	if (fresh->hash != zone->hash) {
		publish(fresh);
		return;
	}
	mem_free((void *)fresh->name);
	zone_file_free(fresh);
}

void zones_reload(void)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		pthread_mutex_lock(
			&reading); /* whoever needs a new zone waits for no more than that */
		for (const struct zone *zone = buckets[i]; zone; zone = zone->next)
			reload(zone);
		pthread_mutex_unlock(&reading);
	}
	zone_countries_reload();
}

static int64_t floor_to(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static int64_t clamp_s(int64_t utc_s)
{
	return utc_s < ZONE_LEAST_S ? ZONE_LEAST_S
				    : (utc_s > ZONE_MOST_S ? ZONE_MOST_S : utc_s);
}

/* How many changes are at or before that instant. */
static size_t changes_until(const struct zone *zone, int64_t utc_s)
{
	size_t low = 0, high = zone->change_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (zone->changes_s[middle] <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct zone_kind *kind_at(const struct zone *zone, int64_t utc_s)
{
	size_t passed = changes_until(zone, utc_s);
	if (passed == zone->change_count && zone->rule.is_there)
		return zone_rule_at(&zone->rule, utc_s);
	return &zone->kinds[passed ? zone->kind_of[passed - 1] : 0];
}

/* The next change of any sort; INT64_MAX: none. */
static int64_t change_after(const struct zone *zone, int64_t utc_s)
{
	size_t passed = changes_until(zone, utc_s);
	if (passed < zone->change_count)
		return zone->changes_s[passed];
	return zone->rule.is_there ? zone_rule_next(&zone->rule, utc_s) : INT64_MAX;
}

int zone_offset_s(const struct zone *zone, int64_t utc_ms, bool *is_dst_out,
		  const char **abbreviation_out)
{
	const struct zone_kind *kind =
		kind_at(zone, clamp_s(floor_to(utc_ms, SECOND_MS)));
	if (is_dst_out)
		*is_dst_out = kind->is_dst;
	if (abbreviation_out)
		*abbreviation_out = kind->abbreviation;
	return kind->offset_s;
}

struct wall zone_wall(const struct zone *zone, int64_t utc_ms)
{
	int64_t utc_s = clamp_s(floor_to(utc_ms, SECOND_MS));
	int64_t local_s = utc_s + kind_at(zone, utc_s)->offset_s, year;
	int64_t days = floor_to(local_s, DAY_S);
	int of_day = (int)(local_s - days * DAY_S);
	struct wall wall = {
		.hour = of_day / 3600,
		.minute = of_day / 60 % 60,
		.second = of_day % 60,
		.millisecond = (int)((utc_ms % SECOND_MS + SECOND_MS) % SECOND_MS),
		.weekday = (int)(((days + 3) % 7 + 7) % 7),
	};
	clock_date(days, &year, &wall.month, &wall.day);
	wall.year = (int)year;
	return wall;
}

/* Seconds from 1970 to that time as though the wall were in UTC. */
static int64_t wall_seconds(const struct wall *wall)
{
	int64_t months = (int64_t)wall->month - 1;
	int64_t year = (int64_t)wall->year + floor_to(months, 12);
	int month = (int)(months - floor_to(months, 12) * 12) + 1;
	if (year < -9999 || year > 9999)
		return year < 0 ? ZONE_LEAST_S : ZONE_MOST_S;
	return clamp_s(clock_days(year, month, wall->day) * DAY_S +
		       wall->hour * INT64_C(3600) + wall->minute * INT64_C(60) +
		       wall->second + floor_to(wall->millisecond, SECOND_MS));
}

/* Goes through the stretches of equal offset in which the wall could show it. */
int64_t zone_instant(const struct zone *zone, const struct wall *wall,
		     enum zone_fit *fit_out)
{
	int64_t local_s = wall_seconds(wall), from = local_s - REACH_S, first = 0,
		gap = 0;
	int64_t rest_ms =
		wall->millisecond - floor_to(wall->millisecond, SECOND_MS) * SECOND_MS;
	int found = 0;
	while (from <= local_s + REACH_S && found < 2) {
		int64_t utc_s = local_s - kind_at(zone, from)->offset_s;
		int64_t until = change_after(zone, from);
		if (utc_s >= from && utc_s < until && !found++)
			first = utc_s * SECOND_MS + rest_ms;
		if (until == INT64_MAX)
			break;
		/* in the gap: past it for the clock before the change, not yet there for the clock after */
		if (utc_s >= until && local_s - kind_at(zone, until)->offset_s < until)
			gap = until * SECOND_MS;
		from = until;
	}
	if (fit_out)
		*fit_out =
			found == 0 ? ZONE_NEVER : (found == 1 ? ZONE_ONCE : ZONE_TWICE);
	return found ? first : gap;
}

int64_t zone_next_change(const struct zone *zone, int64_t utc_ms, int64_t until_ms)
{
	int64_t at = clamp_s(floor_to(utc_ms, SECOND_MS));
	int32_t offset_s = kind_at(zone, at)->offset_s;
	do {
		at = change_after(zone, at);
		if (at > ZONE_MOST_S || at * SECOND_MS > until_ms)
			return INT64_MAX;
	} while (kind_at(zone, at)->offset_s == offset_s);
	return at * SECOND_MS;
}
