/* opening_rows.h - when the sending hours of the recipients of some tasks are open: a row for each set of hours and each
 * place, however many tasks share it. Time moves these rows, not the tasks.
 */
#ifndef HB_STORE_OPENING_ROWS_H
#define HB_STORE_OPENING_ROWS_H

#include "base/mem.h"
#include "store/store.h"

#define OPENING_NEVER INT64_C(4611686018427387904) /* an instant that does not come */

struct opening {
	uint64_t id;
	/* as hours_format() writes them; "": those of handbox.conf */
	const char *hours;
	const char *zones; /* names, separated by blanks; "": UTC */
	/* "" hours: what handbox.conf said when it was looked at */
	const char *made_of;
	int64_t opens_at; /* no later than now: they are open. OPENING_NEVER: they do not open */
	int64_t closes_at; /* the end of that time; OPENING_NEVER: they do not close */
	int64_t looked_at; /* when the two were reckoned */
};

/* opening_rows_find - ERR_NOT_FOUND: nothing had these hours there yet. */
enum err opening_rows_find(struct db *db, const char *hours, const char *zones,
			   uint64_t *id_out) MUST_CHECK;
enum err opening_rows_insert(struct db *db, const struct opening *opening) MUST_CHECK;

/* opening_rows_save - made_of and the times. */
enum err opening_rows_save(struct db *db, const struct opening *opening) MUST_CHECK;

/* opening_rows_due - those that have closed, that were looked at on a clock that has gone back since, or with other hours
 * of handbox.conf than these; at most limit. */
enum err opening_rows_due(struct db *db, struct arena *arena, int64_t now,
			  const char *made_of, size_t limit, struct opening **rows_out,
			  size_t *count_out) MUST_CHECK;

/* opening_rows_next - the first to close after that instant, 0: none does. */
enum err opening_rows_next(struct db *db, int64_t after, int64_t *at_out) MUST_CHECK;

/* opening_rows_in_order - those that have a task in one of the states: anybody's, or those of the user, nobody or team that
 * the filter names; the first to close first. open_at: only those open then; 0: all. At most OPENINGS_MOST. */
enum { OPENINGS_MOST = 2000 };
struct task_filter;
enum err opening_rows_in_order(struct db *db, struct arena *arena,
			       const struct task_filter *filter, int64_t open_at,
			       struct opening **rows_out, size_t *count_out) MUST_CHECK;

/* opening_rows_has_closed - is one of those closed now? Only then does it matter who wrote just now. */
enum err opening_rows_has_closed(struct db *db, const struct task_filter *filter,
				 int64_t now, bool *has_out) MUST_CHECK;

#endif
