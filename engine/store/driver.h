/* driver.h - what a database must be able to do to carry handbox, and what the layers above share of a connection.
 *
 * sql.c turns sql.h into calls of this table; writer.c and reader.c steer transactions through it; a driver (sqlite.c,
 * later pgsql.c) implements it. A driver embeds struct db as its first member.
 *
 *	place		where the database lies, and our claim on it: resolved path and lock; one per open store
 *	  db		a connection to it, writer or reader, used by one thread at a time
 *	    unit	one write inside the writer's transaction: a savepoint, opened at the first row it writes
 *	      cursor	one statement at work
 *
 * Constraints must be immediate: a deferred one would fail the COMMIT, and with it the neighbours.
 *
 * Thread: a db and all below it belong to one thread at a time; a place is read by all.
 */
#ifndef HB_STORE_DRIVER_H
#define HB_STORE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql.h"
#include "store/store.h"

enum db_role { DB_WRITER, DB_READER };

/* When a commit is on the disk: when it returns, or with the next one that is. A power cut may undo the latter, whole and
 * together with all that were committed after it; the end of the process does not. */
enum db_sync { DB_SYNC_NOW, DB_SYNC_LATER };

struct db_driver;
struct db_place;

struct db {
	const struct db_driver *driver;
	enum db_role role;
	/* a database error that the unit cannot swallow: it will be undone */
	enum err unit_err;
	/* the database undid the whole transaction by itself, by this error */
	enum err lost;
	bool in_unit, unit_marked; /* marked: its savepoint is open */
	unsigned cursors;          /* open ones */
	int64_t deadline_mono_ms; /* reader: statements are broken off after it; 0: never */
};

/* A statement to run: by its address, or, when that is NULL, by its text. */
struct db_call {
	const struct sql_statement *statement;
	const char *text;
	const struct sql_value *values;
	size_t count;
};

struct db_driver {
	const char *name;

	/* The place: takes the lock, makes a missing database when mode allows. Errors as store_open. */
	enum err (*claim)(const char *database, enum store_open_mode mode,
			  struct db_place **place_out, char **why_out);
	void (*leave)(struct db_place *place); /* gives the lock back */
	const char *(*path)(const struct db_place *place);

	enum err (*connect)(struct db_place *place, enum db_role role,
			    struct db **db_out, char **why_out);
	void (*close)(struct db *db); /* no transaction open */

	/* Schema: version 0 and ours: nothing in it yet. script runs many statements, without values. */
	enum err (*get_version)(struct db *db, unsigned *version_out, char **why_out);
	enum err (*set_version)(struct db *db, unsigned version);
	enum err (*script)(struct db *db, const char *text, char **why_out);

	/* Transactions. begin waits at most wait_ms for a foreign writer: ERR_LOCKED; sync is heeded on a writer. commit: ERR_FULL, ERR_LOCKED: the
	 * transaction is still there or gone, rollback settles both; ERR_UNSURE: it may have been kept. */
	enum err (*begin)(struct db *db, unsigned wait_ms, enum db_sync sync);
	enum err (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	/* log: of the writer, for sync; valid until close. NULL: nothing was ever committed. */
	void *(*log)(struct db *db);
	/* sync: puts on the disk what was committed with DB_SYNC_LATER. Any thread, also while the writer goes on; errors as
	 * commit's. */
	enum err (*sync)(void *log);
	bool (*in_transaction)(struct db *db);
	enum err (*mark)(struct db *db); /* opens the savepoint of a unit */
	enum err (*keep)(struct db *db); /* the unit stays */
	enum err (*undo)(struct db *db); /* the unit leaves nothing */

	/* Statements. Before the first one that writes, the driver calls db_before_write(). */
	enum err (*run)(struct db *db, const struct db_call *call);
	int64_t (*changes)(struct db *db);
	enum err (*query)(struct db *db, const struct db_call *call, void **cursor_out);
	enum err (*next)(struct db *db, void *cursor, bool *has_row_out);
	void (*end)(struct db *db, void *cursor);
	bool (*is_null)(const void *cursor, unsigned column);
	int64_t (*integer)(const void *cursor, unsigned column);
	const char *(*text)(const void *cursor, unsigned column);
	const void *(*blob)(const void *cursor, unsigned column, size_t *len_bytes_out);

	/* Housekeeping by the writer between groups. mend: after ERR_UNSURE, on a fresh
	 * connection: makes what the database holds now durable before anything is built on it. */
	void (*tend)(struct db *db);
	void (*cut_log)(struct db *db); /* the next tend does, or one after it */
	enum err (*mend)(struct db *db);
	uint64_t (*log_bytes)(const struct db_place *place);

	/* A copy of a running database; marked_at: the value of meta key restored_copy. Own connection, any thread. */
	enum err (*backup)(const char *database, const char *path,
			   int64_t marked_at_utc_ms, char **why_out);
};

extern const struct db_driver sqlite_driver;

/* db_unit_begin, db_unit_end - around one write (or read). end takes the function's result, keeps or undoes what was
 * written, and returns what the unit came to: a database error that the function swallowed is not. */
void db_unit_begin(struct db *db);
enum err db_unit_end(struct db *db, enum err err) MUST_CHECK;

/* db_before_write - for drivers: opens the savepoint when it is the unit's first; refuses on a reader. */
enum err db_before_write(struct db *db) MUST_CHECK;

#endif
