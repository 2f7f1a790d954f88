/* task_parts.h - what the files behind the lists of tasks share: task_where.c has the filters, task_page.c the pages and counts,
 * task_queue.c what goes opening by opening.
 */
#ifndef HB_STORE_TASK_PARTS_H
#define HB_STORE_TASK_PARTS_H

#include "store/sql_build.h"
#include "store/task_columns.h"
#include "store/task_rows.h"

enum { TASK_STATE_ANY = -1, HOLD_SCOPE_ALL = 3 };

/* task_filters_add - " AND …" for each wish about tasks t. task_where_add - the same behind a state, and the cursor. */
void task_filters_add(struct sql_build *query, const struct task_filter *filter);
void task_where_add(struct sql_build *query, const struct task_filter *filter,
		    int state);

/* task_from_add - " FROM tasks t ", of those the filter is about when a search found few. */
void task_from_add(struct sql_build *query, const struct task_filter *filter);

/* task_order_of - " ORDER BY …" of tasks t, and openings o by closing time. */
const char *task_order_of(const struct task_filter *filter);

/* task_arms_add - a SELECT of id and sort_due for each state, and for each share when the filter is split, in the order of the
 * page: each goes along an index, and they are merged as they are read, so that a million waiting tasks cost no more than
 * ten. With a look, q does not narrow it: "fits" tells. */
void task_arms_add(struct sql_build *query, const struct task_filter *filter);
bool task_filter_looks(const struct task_filter *filter);

/* task_filter_is_split - of all that somebody may see: what people have and what nobody has are found apart. */
bool task_filter_is_split(const struct task_filter *filter);

/* task_rows_page_along - a page by closing time, opening by opening; see task_rows_page. */
enum err task_rows_page_along(struct db *db, struct arena *arena,
			      const struct task_filter *filter, task_item_fn *each,
			      void *arg) MUST_CHECK;

#endif
