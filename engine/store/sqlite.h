/* sqlite.h - what the files of the SQLite driver share: sqlite.c (connections, transactions), sqlite_open.c (opening,
 * errors), sqlite_cache.c (statements), sqlite_log.c (how the log is written), sqlite_checkpoint.c (the log beside the
 * writer), sqlite_place.c (the file and its lock), sqlite_copy.c (backup, restore).
 *
 * The database is one file in WAL mode, marked with our application_id, the schema version in user_version. Beside it
 * lie DATABASE-wal and DATABASE-shm (SQLite's) and DATABASE.lock (ours).
 *
 * POSIX locks are lost when a process closes any descriptor of the file: nothing here opens the database but through
 * SQLite once a connection of this process has it open.
 */
#ifndef HB_STORE_SQLITE_H
#define HB_STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/driver.h"

enum {
	SQLITE_APPLICATION_ID = 0x68626f78,  /* "hbox" */
	SQLITE_WRITER_CACHE_KIB = 64 * 1024, /* at most; filled as pages are used */
	SQLITE_READER_CACHE_KIB = 8 * 1024,
	SQLITE_OPEN_WAIT_MS = 2000,
};

/* --- sqlite_open.c --- */

/* sqlite_err - a result code (extended) as ours. Out of memory aborts. */
enum err sqlite_err(sqlite3 *handle, int rc);

/* sqlite_is_no_room - an errno that says the disk (or a quota, or the file's limit) is full. */
bool sqlite_is_no_room(int code);

/* sqlite_fail - the sentence for err, which handle gave for the database at path. Returns err. */
enum err sqlite_fail(sqlite3 *handle, const char *path, enum err err,
		     char **why_out) MUST_CHECK;

/* sqlite_setup - once per process, before SQLite is first used. */
void sqlite_setup(void);

/* sqlite_open - a plain connection with extended codes, for sqlite_open_flags; errors have a sentence. */
enum err sqlite_open(const char *path, int flags, sqlite3 **handle_out,
		     char **why_out) MUST_CHECK;

/* sqlite_get_int - the one integer a statement gives, such as PRAGMA user_version. */
enum err sqlite_get_int(sqlite3 *handle, const char *text,
			int64_t *value_out) MUST_CHECK;

/* sqlite_version - checks that the database is ours and gives its schema version; 0: empty. ERR_SCHEMA: another
 * program's; ERR_CORRUPT: not a database. */
enum err sqlite_version(sqlite3 *handle, const char *path, unsigned *version_out,
			char **why_out) MUST_CHECK;

/* --- sqlite_log.c: the log's frames go out together --- */
#define SQLITE_LOG_VFS "handbox"

/* sqlite_log_setup - makes that VFS known, around the one SQLite would use. */
void sqlite_log_setup(void);

/* sqlite_log_sync - what was committed to this log is on the disk then. Any thread, while the connection is open. */
int sqlite_log_sync(sqlite3_file *log);

/* --- sqlite_search.c: search_finds(q, text), search_finds_person(q, first name, last name, phone, E.164) ---
 * sqlite_search_setup - makes them known to a connection; SQLite's code. */
int sqlite_search_setup(sqlite3 *handle);

/* --- sqlite_cache.c: prepared statements --- */
struct sqlite_statement {
	sqlite3_stmt *stmt;
	const struct sql_statement *key; /* NULL: found by its text */
	uint64_t hash;
	struct sqlite_statement *next;          /* in its bucket */
	struct sqlite_statement *older, *newer; /* by text: order of last use */
	bool is_cached, is_busy, writes;
	bool is_done; /* all rows were read: another step would begin anew */
};

enum { SQLITE_BUCKETS = 256, SQLITE_TEXTS_MOST = 256 };

/* Statements by address stay for the life of the connection: there are as many as the source has. Those by text are
 * put together at run time: the SQLITE_TEXTS_MOST last used stay. */
struct sqlite_cache {
	struct sqlite_statement *buckets[SQLITE_BUCKETS];
	struct sqlite_statement *oldest, *newest;
	unsigned texts;
};

/* sqlite_cache_take - the statement, prepared and not in use; one that is in use already gets a twin. rc_out: SQLite's
 * code. NULL on failure. Give it back with sqlite_cache_give. */
struct sqlite_statement *sqlite_cache_take(struct sqlite_cache *cache, sqlite3 *handle,
					   const struct db_call *call, int *rc_out);
void sqlite_cache_give(struct sqlite_statement *statement);
void sqlite_cache_fini(struct sqlite_cache *cache);

/* --- sqlite_checkpoint.c ---
 * A thread with a connection of its own, so that the writer does not stand still for it. It cannot end a log that grows
 * meanwhile: the writer moves the rest. Thread: the writer's. */
struct checkpointer;

/* checkpointer_ask - once more; it must not be busy. The first time starts the thread, which the caller's signals spare. */
void checkpointer_ask(struct checkpointer **checkpointer, const char *path);
bool checkpointer_is_busy(struct checkpointer *checkpointer); /* NULL: no */
void checkpointer_free(struct checkpointer **checkpointer);   /* waits for it */

/* --- sqlite_place.c --- */
enum err sqlite_claim(const char *database, enum store_open_mode mode,
		      struct db_place **place_out, char **why_out) MUST_CHECK;
void sqlite_leave(struct db_place *place);
const char *sqlite_path(const struct db_place *place);
uint64_t sqlite_log_bytes(const struct db_place *place);

/* sqlite_lock - takes DATABASE.lock; *fd_out is closed to give it back. */
enum err sqlite_lock(const char *database, int *fd_out, char **why_out) MUST_CHECK;

/* sqlite_resolve - the path without links, also of a file that is not there yet; the caller's mem_free. */
enum err sqlite_resolve(const char *database, char **path_out,
			char **why_out) MUST_CHECK;

/* sqlite_create - an empty file, 0600, owned as its folder when we are root. ERR_EXISTS: it is there. */
enum err sqlite_create(const char *path, char **why_out) MUST_CHECK;

/* sqlite_sync_folder - makes the names in the folder of path durable. */
enum err sqlite_sync_folder(const char *path, char **why_out) MUST_CHECK;

/* --- sqlite_copy.c --- */
enum err sqlite_backup(const char *database, const char *path, int64_t marked_at_utc_ms,
		       char **why_out) MUST_CHECK;
enum err sqlite_restore(const char *backup, const char *database,
			char **why_out) MUST_CHECK;
enum err sqlite_schema_of(const char *database, unsigned *version_out,
			  char **why_out) MUST_CHECK;

#endif
