/* idempotency_rows.h - answers kept for a day, so that a repeated request gets the first one again. */
#ifndef HB_STORE_IDEMPOTENCY_ROWS_H
#define HB_STORE_IDEMPOTENCY_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct idempotency {
	const char *credential, *key, *request_hash;
	int status;
	const char *body;
	const char *location; /* NULL: none */
	uint32_t revision;    /* 0: none */
	int64_t at;
};

/* idempotency_rows_load - ERR_NOT_FOUND when there is none younger than since. */
enum err idempotency_rows_load(struct db *db, struct arena *arena,
			       const char *credential, const char *key, int64_t since,
			       struct idempotency *out) MUST_CHECK;
enum err idempotency_rows_save(struct db *db,
			       const struct idempotency *kept) MUST_CHECK;

/* idempotency_rows_forget - those older than that, at most limit; how many. */
enum err idempotency_rows_forget(struct db *db, int64_t before, size_t limit,
				 int64_t *count_out) MUST_CHECK;

#endif
