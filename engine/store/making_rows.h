/* making_rows.h - what a task was made of, and texts that came too late: both for its card. */
#ifndef HB_STORE_MAKING_ROWS_H
#define HB_STORE_MAKING_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct making {
	const char *facts; /* lines of model/drift.h */
	const char *text;  /* as made; NULL: as it stands in the task still */
};

/* making_rows_put - of a task that is made, or made anew. */
enum err making_rows_put(struct db *db, uint64_t task_id, const char *facts) MUST_CHECK;
enum err making_rows_load(struct db *db, struct arena *arena, uint64_t task_id,
			  struct making *making_out) MUST_CHECK; /* ERR_NOT_FOUND */

/* making_rows_keep_text - the task's text is about to be rendered anew: this is how it was made. Only the first counts. */
enum err making_rows_keep_text(struct db *db, uint64_t task_id,
			       const char *text) MUST_CHECK;

/* What somebody wanted to send when another had the card already: one for each. */
struct late_text {
	uint64_t user_id;
	const char *text;
	int64_t at;
};
enum { LATE_MOST = 5 };
enum err late_rows_save(struct db *db, uint64_t card_id,
			const struct late_text *late) MUST_CHECK;

/* late_rows_of - the newest first, at most LATE_MOST. */
enum err late_rows_of(struct db *db, struct arena *arena, uint64_t card_id,
		      struct late_text **late_out, size_t *count_out) MUST_CHECK;
enum err late_rows_delete(struct db *db, uint64_t card_id) MUST_CHECK;

#endif
