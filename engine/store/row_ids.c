/* row_ids.c - see row_ids.h */
#include "store/row_ids.h"

enum err rows_ids(struct rows *rows, struct arena *arena, size_t limit,
		  uint64_t **ids_out, size_t *count_out)
{
	uint64_t *ids = ARENA_ARRAY(arena, uint64_t, limit);
	size_t count = 0;
	while (count < limit && rows_next(rows))
		ids[count++] = rows_id(rows, 0);
	*ids_out = ids;
	*count_out = count;
	return rows_end(rows);
}
