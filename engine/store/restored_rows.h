/* restored_rows.h - what of a database is of no worth any more once it has been put back from a copy: whoever held it goes
 * by what happened since, which the copy does not know.
 *
 * Each takes what is as old as the copy (made at mark, UTC ms) and no newer, so that it may run again while people work
 * on; at most limit rows. Thread: writer, inside a unit.
 */
#ifndef HB_STORE_RESTORED_ROWS_H
#define HB_STORE_RESTORED_ROWS_H

#include "store/store.h"

struct restored_part {
	int64_t mark, now, limit;
};

/* restored_rows_receipts - unused ones are void. restored_rows_leases - they have run out. restored_rows_sessions - they
 * are gone. restored_rows_links - so are one-time links that are good until before mark + good_ms. */
enum err restored_rows_receipts(struct db *db, const struct restored_part *part,
				int64_t *changed_out) MUST_CHECK;
enum err restored_rows_leases(struct db *db, const struct restored_part *part,
			      int64_t *changed_out) MUST_CHECK;
enum err restored_rows_sessions(struct db *db, const struct restored_part *part,
				int64_t *changed_out) MUST_CHECK;
enum err restored_rows_links(struct db *db, const struct restored_part *part,
			     int64_t good_ms, int64_t *changed_out) MUST_CHECK;

#endif
