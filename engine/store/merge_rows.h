/* merge_rows.h - what two contacts that are one person have, brought together under one of them. */
#ifndef HB_STORE_MERGE_ROWS_H
#define HB_STORE_MERGE_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct merge_counts {
	int64_t messages, notes, tasks, enrollments, receipts;
};

/* merge_rows_count - what the contact has, each counted no further than cap. */
enum err merge_rows_count(struct db *db, uint64_t contact_id, int64_t cap,
			  struct merge_counts *counts_out) MUST_CHECK;

/* merge_rows_move - all of that is the other contact's. What one of its users had read up to is as far as both threads
 * were read: rather seen twice than never. */
enum err merge_rows_move(struct db *db, uint64_t from_id, uint64_t into_id) MUST_CHECK;

/* merge_rows_thread - the thread of the contact ends with the later text of both, and is for who texted last. */
enum err merge_rows_thread(struct db *db, uint64_t from_id,
			   uint64_t into_id) MUST_CHECK;

/* merge_rows_point - who asks for the one, or for one that was merged into it before, is told of the other. Both are
 * found by the external id of the first. */
enum err merge_rows_point(struct db *db, uint64_t from_id, uint64_t into_id) MUST_CHECK;

/* merge_rows_target - into whom the contact was merged. ERR_NOT_FOUND: it was not. */
enum err merge_rows_target(struct db *db, uint64_t from_id,
			   uint64_t *into_out) MUST_CHECK;

/* merge_rows_forget - nobody finds the contact any more by the external ids of those that were merged into it. */
enum err merge_rows_forget(struct db *db, uint64_t into_id) MUST_CHECK;

#endif
