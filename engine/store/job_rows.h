/* job_rows.h - work that is larger than one transaction: done in steps, and taken up again after a restart. */
#ifndef HB_STORE_JOB_ROWS_H
#define HB_STORE_JOB_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct job_row {
	uint64_t id;
	const char *kind, *args;
	int64_t done; /* how far: a count, or the last id that was looked at */
};

enum err job_rows_add(struct db *db, const struct job_row *job, int64_t now) MUST_CHECK;

/* job_rows_next - the oldest open job of that kind. ERR_NOT_FOUND: none. */
enum err job_rows_next(struct db *db, struct arena *arena, const char *kind,
		       struct job_row *job_out) MUST_CHECK;
enum err job_rows_progress(struct db *db, uint64_t id, int64_t done) MUST_CHECK;
enum err job_rows_end(struct db *db, uint64_t id, int64_t now) MUST_CHECK;

#endif
