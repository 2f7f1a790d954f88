/* sql.h - SQL as the row files see it, whichever database is below. Included by engine/store only.
 *
 * A statement is a named constant with ?1 ?2 … for its values, prepared once per connection and found again by address.
 *
 *	SQL(TASK_ASSIGN, "UPDATE tasks SET assignee_id = ?2 WHERE id = ?1"); -- by the primary key
 *	return SQL_RUN(db, &TASK_ASSIGN, SQL_ID(task->id), SQL_ID(user));
 *
 *	struct rows rows;
 *	SQL_QUERY(db, &TASK_OF_STEP, &rows, SQL_ID(enrollment), SQL_TEXT(step));
 *	while (rows_next(&rows))
 *		id = rows_id(&rows, 0);
 *	return rows_end(&rows);
 *
 * Text that rows_text() returns is borrowed until the next rows_next() or rows_end(). Text that goes in is copied by the
 * driver before the call returns or stays unread after it. A query on a reader connection that tries to write fails.
 * rows_end() must be called, also after breaking out of the loop. A query that writes (RETURNING) is undone with its
 * write like any statement. Constraints must be immediate: a deferred one would fail the commit of a whole group.
 */
#ifndef HB_STORE_SQL_H
#define HB_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;

struct sql_statement {
	const char *name; /* in logs */
	const char *text;
};

#define SQL(name, text) static const struct sql_statement name = {#name, text}

enum sql_kind { SQL_KIND_NULL, SQL_KIND_INT, SQL_KIND_TEXT, SQL_KIND_BLOB };

struct sql_value {
	enum sql_kind kind;
	int64_t i;
	const void *p;
	size_t len_bytes;
};

struct sql_value sql_text_value(const char *s);
#define SQL_INT(v) ((struct sql_value){.kind = SQL_KIND_INT, .i = (int64_t)(v)})
#define SQL_ID(v)                                                       \
	((struct sql_value){.kind = (v) ? SQL_KIND_INT : SQL_KIND_NULL, \
			    .i = (int64_t)(v)}) /* 0: NULL */
#define SQL_TIME(v) SQL_ID(v)                   /* 0: NULL */
#define SQL_TEXT(s) sql_text_value(s)           /* NULL: NULL */
#define SQL_BLOB(b, n) \
	((struct sql_value){.kind = SQL_KIND_BLOB, .p = (b), .len_bytes = (n)})
#define SQL_NULL ((struct sql_value){.kind = SQL_KIND_NULL})

#define SQL_VALUES_(...)                                          \
	(const struct sql_value[]){__VA_ARGS__},                  \
		sizeof((const struct sql_value[]){__VA_ARGS__}) / \
			sizeof(struct sql_value)

/* SQL_RUN - a statement without rows. ERR_DUPLICATE: a unique index refused it; the statement alone was undone, and the
 * write may go on. Any other error sticks: what follows in this write or read gets the same, and it cannot end well.
 * ERR_CORRUPT, ERR_IO, ERR_FULL, ERR_LOCKED: the database; ERR_BUSY: the read took longer than 1 s; ERR_INTERNAL: a
 * fault of the statement, or another constraint than a unique one. SQL_RUN0: without values. */
#define SQL_RUN(db, statement, ...) sql_run(db, statement, SQL_VALUES_(__VA_ARGS__))
#define SQL_RUN0(db, statement)     sql_run(db, statement, NULL, 0)
enum err sql_run(struct db *db, const struct sql_statement *statement,
		 const struct sql_value *values, size_t count) MUST_CHECK;

/* sql_changes - rows that the last SQL_RUN on this connection changed. */
int64_t sql_changes(struct db *db);

/* sql_cut_log - after this group, and once no reader is in the way, the log of changes is cut: nothing of former rows is
 * left in it. */
void sql_cut_log(struct db *db);

struct rows {
	struct db *db;
	void *cursor; /* the driver's */
	enum err err;
};

/* SQL_QUERY - an error shows as no rows, and in rows_end(). */
#define SQL_QUERY(db, statement, rows, ...) \
	sql_query(db, statement, rows, SQL_VALUES_(__VA_ARGS__))
#define SQL_QUERY0(db, statement, rows) sql_query(db, statement, rows, NULL, 0)
void sql_query(struct db *db, const struct sql_statement *statement, struct rows *rows,
	       const struct sql_value *values, size_t count);

/* sql_query_text - a statement put together from constant fragments (filters of a list); found again by its text.
 * Values never go into the text. The text is copied. */
void sql_query_text(struct db *db, const char *text, struct rows *rows,
		    const struct sql_value *values, size_t count);

bool rows_next(struct rows *rows);
enum err rows_end(struct rows *rows) MUST_CHECK;

/* columns of the present row, from 0; NULL reads as 0 or NULL */
bool rows_is_null(const struct rows *rows, unsigned column);
int64_t rows_int(const struct rows *rows, unsigned column);
uint64_t rows_id(const struct rows *rows, unsigned column);
bool rows_bool(const struct rows *rows, unsigned column);
const char *rows_text(const struct rows *rows, unsigned column);
const void *rows_blob(const struct rows *rows, unsigned column, size_t *len_bytes_out);

/* SQL_ONE - the first row of a query, or ERR_NOT_FOUND; the caller reads its columns and calls rows_end. On any error
 * the rows are ended already. */
#define SQL_ONE(db, statement, rows, ...) \
	sql_one(db, statement, rows, SQL_VALUES_(__VA_ARGS__))
enum err sql_one(struct db *db, const struct sql_statement *statement,
		 struct rows *rows, const struct sql_value *values,
		 size_t count) MUST_CHECK;

#endif
