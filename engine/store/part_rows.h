/* part_rows.h - parts of inbound texts that came alone. What they mean stands in core/inbound_parts.c. */
#ifndef HB_STORE_PART_ROWS_H
#define HB_STORE_PART_ROWS_H

#include "base/mem.h"
#include "store/store.h"

enum { PARTS_MOST = 255 }; /* of one text: a number of one byte */

struct part_row {
	const char *event_id;
	const char *number, *own_number;
	uint32_t ref, total, part; /* part: from 1 */
	const char *smsc, *charset;
	int coding;
	const void *bytes;
	size_t len_bytes;
	int64_t at, came_at;
};

/* part_rows_known - has this event brought a part before? */
enum err part_rows_known(struct db *db, const char *event_id,
			 bool *known_out) MUST_CHECK;

/* part_rows_insert - it waits; not is_open: it only must not be taken again. */
enum err part_rows_insert(struct db *db, const struct part_row *row,
			  bool is_open) MUST_CHECK;

/* part_rows_of - the parts that wait with this one, by their place; at most PARTS_MOST. */
enum err part_rows_of(struct db *db, struct arena *arena, const struct part_row *like,
		      struct part_row **rows_out, size_t *count_out) MUST_CHECK;

/* part_rows_close - they wait no more; their bytes go. */
enum err part_rows_close(struct db *db, const struct part_row *like) MUST_CHECK;

/* part_rows_oldest - the part that has waited longest. ERR_NOT_FOUND: none waits. */
enum err part_rows_oldest(struct db *db, struct arena *arena,
			  struct part_row *row_out) MUST_CHECK;

/* part_rows_forget - at most limit of those that came before and wait no more. */
enum err part_rows_forget(struct db *db, int64_t before, size_t limit,
			  int64_t *count_out) MUST_CHECK;

#endif
