/* zone_parts.h - what the files of zone.c share: a zone as read, its rule for later years. See zone.h.
 *
 * Thread: all of it is immutable once a zone is published.
 */
#ifndef HB_BASE_ZONE_PARTS_H
#define HB_BASE_ZONE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	ZONE_FILE_MOST_BYTES = 256 * 1024, /* the largest of tzdata has 4 KiB */
	ZONE_NAME_MOST = 64,
	ZONE_ABBREVIATION_LEN = 16, /* NUL included; POSIX asks for 6, none has more */
};

/* the instants that can be shown: years -9999..9999 */
#define ZONE_LEAST_S INT64_C(-377705116800)
#define ZONE_MOST_S  INT64_C(253402300799)

/* local time as it is kept for a while */
struct zone_kind {
	int32_t offset_s; /* east of UTC */
	bool is_dst;
	char abbreviation[ZONE_ABBREVIATION_LEN];
};

/* the day and time of a year at which clocks change, by the wall before the change */
struct zone_edge {
	enum { EDGE_JULIAN, EDGE_DAY, EDGE_MONTH } form; /* Jn, n, Mm.w.d */
	int day; /* of the year, or of the week (0 = Sunday) */
	int month, week;
	int time_s; /* may be negative or beyond a day */
};

/* the rule for the time after the last change of the file; POSIX TZ */
struct zone_rule {
	bool is_there, has_dst;
	struct zone_kind standard, dst;
	struct zone_edge start, end; /* of dst */
};

struct zone {
	struct zone *next; /* of the same bucket of the cache */
	const char *name;
	uint64_t hash; /* of the file's bytes: has it changed? */
	size_t change_count;
	int64_t *changes_s; /* ascending */
	uint8_t *kind_of;   /* index into kinds, for each of them */
	size_t kind_count;
	struct zone_kind *kinds; /* [0] is that before the first change */
	struct zone_rule rule;
};

/* zone_file_read - the bytes of a TZif file, which may be hostile. ERR_SYNTAX: not one, damaged, or with leap seconds.
 * The zone has no name yet; zone_file_free frees it. */
enum err zone_file_read(const unsigned char *bytes, size_t len_bytes,
			struct zone **zone_out) MUST_CHECK;
void zone_file_free(struct zone *zone);

/* zone_rule_parse - "WET0WEST,M3.5.0/1,M10.5.0"; "" is no rule. ERR_SYNTAX. */
enum err zone_rule_parse(const char *text, struct zone_rule *rule_out) MUST_CHECK;

/* zone_rule_at - the kind of local time at an instant. */
const struct zone_kind *zone_rule_at(const struct zone_rule *rule, int64_t utc_s);

/* zone_rule_next - the first instant after utc_s at which it becomes another; INT64_MAX: never. */
int64_t zone_rule_next(const struct zone_rule *rule, int64_t utc_s);

/* zone_path - where a file of the database is, in path; NULL when it does not fit. */
const char *zone_path(const char *name, char *path, size_t len_bytes);

/* zone_slurp - a regular file of at most most_bytes on the heap, with a NUL behind it. ERR_NOT_FOUND, ERR_IO. */
enum err zone_slurp(const char *path, size_t most_bytes, unsigned char **bytes_out,
		    size_t *len_out) MUST_CHECK;

/* zone_countries_reload - reads the tables of countries anew, if they were read before. */
void zone_countries_reload(void);

#endif
