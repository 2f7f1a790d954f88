/* sql.c - see sql.h; and the units of driver.h
 *
 * An error of the database sticks to its unit: a function that overlooks it cannot commit half of its work. Only
 * ERR_DUPLICATE is the function's own to handle, for the statement alone was undone.
 */
#include "store/sql.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/driver.h"

struct sql_value sql_text_value(const char *s)
{
	if (!s)
		return SQL_NULL;
	return (struct sql_value){
		.kind = SQL_KIND_TEXT, .p = s, .len_bytes = strlen(s)};
}

void db_unit_begin(struct db *db)
{
	assert(!db->in_unit && db->cursors == 0);
	db->unit_err = ERR_OK;
	db->unit_marked = false;
	db->in_unit = true;
}

enum err db_unit_end(struct db *db, enum err err)
{
	assert(db->in_unit);
	assert(db->cursors == 0); /* somebody left a loop without rows_end() */
	if (db->unit_err != ERR_OK)
		err = db->unit_err;
	if (db->unit_marked && db->lost == ERR_OK) {
		enum err closed =
			err == ERR_OK ? db->driver->keep(db) : db->driver->undo(db);
		if (closed != ERR_OK)
			db->lost = err = closed;
	}
	db->unit_err = ERR_OK;
	db->in_unit = db->unit_marked = false;
	return err;
}

enum err db_before_write(struct db *db)
{
	if (db->role == DB_READER) {
		log_error("store", "a read tried to write");
		return ERR_INTERNAL;
	}
	if (!db->in_unit || db->unit_marked)
		return ERR_OK;
	enum err err = db->driver->mark(db);
	db->unit_marked = err == ERR_OK;
	return err;
}

static enum err usable(const struct db *db)
{
	if (db->lost != ERR_OK)
		return db->lost;
	if (db->unit_err != ERR_OK)
		return db->unit_err;
	if (db->deadline_mono_ms && clock_mono_ms() > db->deadline_mono_ms)
		return ERR_BUSY;
	return ERR_OK;
}

static enum err note(struct db *db, enum err err)
{
	if (err == ERR_OK || err == ERR_DUPLICATE)
		return err;
	if (db->in_unit && db->unit_err == ERR_OK)
		db->unit_err = err;
	if (db->in_unit && db->lost == ERR_OK && !db->driver->in_transaction(db))
		db->lost = err;
	return err;
}

enum err sql_run(struct db *db, const struct sql_statement *statement,
		 const struct sql_value *values, size_t count)
{
	const struct db_call call = {
		.statement = statement, .values = values, .count = count};
	enum err err = usable(db);
	if (err == ERR_OK)
		err = db->driver->run(db, &call);
	return note(db, err);
}

int64_t sql_changes(struct db *db)
{
	return db->driver->changes(db);
}

void sql_cut_log(struct db *db)
{
	db->driver->cut_log(db);
}

static void query(struct db *db, const struct db_call *call, struct rows *rows)
{
	*rows = (struct rows){.db = db, .err = usable(db)};
	if (rows->err == ERR_OK)
		rows->err = db->driver->query(db, call, &rows->cursor);
	if (rows->err == ERR_OK)
		db->cursors++;
	else
		rows->err = note(db, rows->err);
}

void sql_query(struct db *db, const struct sql_statement *statement, struct rows *rows,
	       const struct sql_value *values, size_t count)
{
	const struct db_call call = {
		.statement = statement, .values = values, .count = count};
	query(db, &call, rows);
}

void sql_query_text(struct db *db, const char *text, struct rows *rows,
		    const struct sql_value *values, size_t count)
{
	const struct db_call call = {.text = text, .values = values, .count = count};
	query(db, &call, rows);
}

bool rows_next(struct rows *rows)
{
	bool has_row = false;
	if (rows->err != ERR_OK || !rows->cursor)
		return false;
	rows->err = note(rows->db,
			 rows->db->driver->next(rows->db, rows->cursor, &has_row));
	return rows->err == ERR_OK && has_row;
}

enum err rows_end(struct rows *rows)
{
	if (rows->cursor) {
		rows->db->driver->end(rows->db, rows->cursor);
		rows->db->cursors--;
		rows->cursor = NULL;
	}
	return rows->err;
}

enum err sql_one(struct db *db, const struct sql_statement *statement,
		 struct rows *rows, const struct sql_value *values, size_t count)
{
	sql_query(db, statement, rows, values, count);
	if (rows_next(rows))
		return ERR_OK;
	enum err err = rows_end(rows);
	return err == ERR_OK ? ERR_NOT_FOUND : err;
}

bool rows_is_null(const struct rows *rows, unsigned column)
{
	return rows->db->driver->is_null(rows->cursor, column);
}

int64_t rows_int(const struct rows *rows, unsigned column)
{
	return rows->db->driver->integer(rows->cursor, column);
}

uint64_t rows_id(const struct rows *rows, unsigned column)
{
	return (uint64_t)rows->db->driver->integer(rows->cursor, column);
}

bool rows_bool(const struct rows *rows, unsigned column)
{
	return rows->db->driver->integer(rows->cursor, column) != 0;
}

const char *rows_text(const struct rows *rows, unsigned column)
{
	return rows->db->driver->text(rows->cursor, column);
}

const void *rows_blob(const struct rows *rows, unsigned column, size_t *len_bytes_out)
{
	return rows->db->driver->blob(rows->cursor, column, len_bytes_out);
}
