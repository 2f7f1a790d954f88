/* row_ids.h - a query of ids, taken whole. */
#ifndef HB_STORE_ROW_IDS_H
#define HB_STORE_ROW_IDS_H

#include "base/mem.h"
#include "store/sql.h"

/* rows_ids - column 0 of at most limit rows into the arena; ends the rows, also on error. */
enum err rows_ids(struct rows *rows, struct arena *arena, size_t limit,
		  uint64_t **ids_out, size_t *count_out) MUST_CHECK;

#endif
