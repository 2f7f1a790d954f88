/* sql_build.h - a list's statement, put together from constant fragments and bound values.
 *
 *	struct sql_build q = SQL_BUILD_EMPTY;
 *	sql_add(&q, "SELECT id FROM tasks WHERE 1 = 1");
 *	if (filter->state)
 *		sql_add_value(&q, " AND state = ?", SQL_INT(filter->state));
 *	sql_build_query(db, &q, &rows);
 *
 * No value ever becomes part of the text, so there are only as many statements as combinations of filters in use, and
 * each stays prepared.
 */
#ifndef HB_STORE_SQL_BUILD_H
#define HB_STORE_SQL_BUILD_H

#include "base/buf.h"
#include "base/mem.h"
#include "store/sql.h"

enum { SQL_BUILD_VALUES_MOST = 24 };

struct sql_build {
	struct buf text;
	struct sql_value values[SQL_BUILD_VALUES_MOST];
	size_t count;
};

#define SQL_BUILD_EMPTY           \
	{                         \
		.text = BUF_EMPTY \
	}

void sql_add(struct sql_build *build, const char *fragment);

/* sql_add_int - a number of ours (a limit, a state), written out. */
void sql_add_int(struct sql_build *build, long long number);

/* sql_add_value - the fragment with each '?' as the number of this one value. */
void sql_add_value(struct sql_build *build, const char *fragment,
		   struct sql_value value);

/* sql_build_query - runs it and frees the text; errors show in rows_end(). */
void sql_build_query(struct db *db, struct sql_build *build, struct rows *rows);

#endif
