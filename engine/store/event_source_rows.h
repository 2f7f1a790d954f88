/* event_source_rows.h - other systems that tell us of events, signed.
 *
 * Strings are copied into the arena given, or borrowed until a callback returns. Thread: writer or reader, inside a unit.
 */
#ifndef HB_STORE_EVENT_SOURCE_ROWS_H
#define HB_STORE_EVENT_SOURCE_ROWS_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct db;

struct event_source {
	uint64_t id;
	const char *name;                   /* of its own */
	const char *events;                 /* names separated by blanks; "*": any */
	const char *secret, *former_secret; /* former NULL: none */
	int64_t former_until;
	int64_t created_at;
	int64_t used_at, refused_at; /* 0: never */
	const char *refused_code, *refused_detail;
};

/* event_source_rows_insert, _save - ERR_DUPLICATE: the name is taken. _save leaves used_at and refused_… as they are. */
enum err event_source_rows_insert(struct db *db,
				  const struct event_source *source) MUST_CHECK;
enum err event_source_rows_save(struct db *db,
				const struct event_source *source) MUST_CHECK;
enum err event_source_rows_delete(struct db *db, uint64_t id) MUST_CHECK;

/* event_source_rows_used, _refused - it told something; it was turned away, and why. */
enum err event_source_rows_used(struct db *db, uint64_t id, int64_t at) MUST_CHECK;
enum err event_source_rows_refused(struct db *db, uint64_t id, int64_t at,
				   const char *code, const char *detail) MUST_CHECK;

enum err event_source_rows_load(struct db *db, struct arena *arena, uint64_t id,
				struct event_source *source_out) MUST_CHECK;
enum err event_source_rows_count(struct db *db, int64_t *count_out) MUST_CHECK;

typedef void event_source_fn(void *arg,
			     const struct event_source *source); /* borrowed */

/* event_source_rows_page - the oldest first, those above after_id; at most limit. */
enum err event_source_rows_page(struct db *db, uint64_t after_id, size_t limit,
				event_source_fn *each, void *arg) MUST_CHECK;

#endif
