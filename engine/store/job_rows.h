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

/* A job that others may ask for. */
enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED };
struct job_progress {
	uint64_t id;
	const char *kind, *args;
	int64_t done, total;  /* total -1: not known */
	uint64_t position;    /* the last id that was looked at, 0: none yet */
	const char *outcomes; /* lines "name count" (core/job_args.h) */
	enum job_state state;
	const char *fault; /* JOB_FAILED: a sentence */
	int64_t created_at, ended_at;
};

/* job_rows_start - kind, args, total and created_at are taken; it is running. */
enum err job_rows_start(struct db *db, const struct job_progress *job) MUST_CHECK;
enum err job_rows_load(struct db *db, struct arena *arena, uint64_t id,
		       struct job_progress *job_out) MUST_CHECK;

/* job_rows_save - done, position, outcomes, state, fault, ended_at. */
enum err job_rows_save(struct db *db, const struct job_progress *job) MUST_CHECK;

/* job_rows_forget - those that ended before that, at most limit; how many. */
enum err job_rows_forget(struct db *db, int64_t before, size_t limit,
			 int64_t *count_out) MUST_CHECK;

enum err job_rows_end(struct db *db, uint64_t id, int64_t now) MUST_CHECK;

#endif
