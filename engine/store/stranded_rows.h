/* stranded_rows.h - tasks that lie in the pool because nobody of their assign-user was available (core/stranded.h). */
#ifndef HB_STORE_STRANDED_ROWS_H
#define HB_STORE_STRANDED_ROWS_H

#include "base/mem.h"
#include "store/store.h"

/* In this order they are gone through: the oldest of a step first. */
struct stranded_row {
	const char *workflow_id; /* NULL: before all */
	uint32_t version;
	const char *step_id; /* the assign-user */
	uint64_t task_id;    /* UINT64_MAX / 2: behind the last of the step */
};

enum err stranded_rows_add(struct db *db, const struct stranded_row *row) MUST_CHECK;
enum err stranded_rows_delete(struct db *db, uint64_t task_id) MUST_CHECK;

/* stranded_rows_next - the first behind that one. ERR_NOT_FOUND: none. */
enum err stranded_rows_next(struct db *db, struct arena *arena,
			    const struct stranded_row *after,
			    struct stranded_row *row_out) MUST_CHECK;

#endif
