/* sqlite.c - the SQLite driver: connections, transactions, statements. See driver.h and sqlite.h.
 *
 * What a commit's failure means (WAL, synchronous=FULL unless it is to be synced later): a frame that could not be written breaks the chain of
 * checksums, so a full disk is a certain no. After the frames are written, whether they last is the disk's word: any
 * other I/O error is ERR_UNSURE. A failed fsync may drop what the page cache still shows; building on such a log could
 * lose later commits, therefore mend() moves everything into the database and starts an empty log.
 */
#include "store/sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/why.h"

enum {
	FRAME_BYTES = 4096 + 24, /* a page and its header in the log */
	TEND_BYTES = 8 << 20,    /* are moved beside the writer */
	/* of a log that is to begin anew: the writer moves the rest, … */
	END_BYTES = 48 << 20,
	REST_BYTES = 1 << 19, /* … when it is as little */
	/* … or whatever it is, and waits for readers. The file stays as long: pages that a file has already cost a write
	 * half of what new ones do */
	RESTART_BYTES = 256 << 20,
	RESTART_AGAIN_BYTES = 64 << 20, /* more, when a reader stayed */
	RESTART_WAIT_MS = 200,
	MEND_WAIT_MS = 2000,
	LOG_AGAIN_MS = 10 * 1000,
	PROGRESS_OPS = 1000, /* between two looks at the deadline: some 20 us */
};

/* SQLite (3.40 still) may write frames without checksums, and lose the commit with the process, when a transaction spilled
 * its cache into the log and then went back to a savepoint (sqlite3WalSavepointUndo leaves iReCksum as it was). A group
 * goes back whenever a write is refused, so it does not spill: writes are bounded. */
#define NO_SPILL "PRAGMA cache_spill = OFF"

enum control {
	CONTROL_BEGIN,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_MARK,
	CONTROL_KEEP,
	CONTROL_UNDO,
	CONTROL_COUNT
};

struct sqlite_db {
	struct db db; /* first: a db is its sqlite_db */
	sqlite3 *handle;
	struct sqlite_cache cache;
	sqlite3_stmt *control[CONTROL_COUNT];
	enum db_sync sync;
	enum err logged; /* the last error in the log, and when */
	int64_t logged_mono_ms;
	struct checkpointer *checkpointer; /* the writer's, once there was much to do */
	/* sizes of the log: now, at the last checkpoint, where it is to end, where it must */
	uint64_t log_bytes, tended_bytes, end_at_bytes, restart_at_bytes;
	bool cuts_log; /* whatever its size, and the file with it */
};

static struct sqlite_db *sqlite_of(struct db *db)
{
	return (struct sqlite_db *)db;
}

/* --- errors --- */

/* sqlite3_system_errno() does not know what failed in a COMMIT; the file of the log does. */
static int log_errno(sqlite3 *handle)
{
	sqlite3_file *log = NULL;
	int code = 0;
	if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) ==
		    SQLITE_OK &&
	    log && log->pMethods)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &code);
	return code;
}

/* While a disk is full, each group would add a line to it. */
static bool is_worth_a_line(struct sqlite_db *self, enum err err)
{
	if (err == ERR_OK || err == ERR_DUPLICATE || err == ERR_BUSY)
		return false;
	int64_t now = clock_mono_ms();
	if (err != ERR_INTERNAL && err == self->logged &&
	    now < self->logged_mono_ms + LOG_AGAIN_MS)
		return false;
	self->logged = err;
	self->logged_mono_ms = now;
	return true;
}

/* The one place that knows SQLite's words for it; the layers above pass the error on. */
static enum err failed(struct sqlite_db *self, const char *what, int rc)
{
	enum err err = sqlite_err(self->handle, rc);
	if (is_worth_a_line(self, err))
		log_warn("store", "%s failed: %s (sqlite %d, errno %d)", what,
			 sqlite3_errmsg(self->handle), rc,
			 sqlite3_system_errno(self->handle));
	return err;
}

/* --- connections --- */

static int past_deadline(void *arg)
{
	const struct db *db = arg;
	return db->deadline_mono_ms && clock_mono_ms() > db->deadline_mono_ms;
}

static int note_log(void *arg, sqlite3 *handle, const char *name, int frames)
{
	(void)handle;
	(void)name;
	struct sqlite_db *self = arg;
	self->log_bytes = (uint64_t)frames * FRAME_BYTES;
	if (self->log_bytes < self->tended_bytes) { /* the log began anew */
		self->tended_bytes = 0;
		self->end_at_bytes = END_BYTES;
	}
	return SQLITE_OK;
}

static int see_wal(void *arg, int columns, char **values, char **names)
{
	(void)columns;
	(void)names;
	*(bool *)arg = values[0] && strcmp(values[0], "wal") == 0;
	return 0;
}

static enum err set_up(struct sqlite_db *self, const char *path, char **why_out)
{
	static const char *const texts[] = {
		[DB_WRITER] =
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
			"foreign_keys = ON;"
			"PRAGMA wal_autocheckpoint = 0;"
			"PRAGMA secure_delete = ON;" /* an erased person leaves no bytes behind */
		NO_SPILL,
		[DB_READER] = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY",
	};
	static const int cache_kib[] = {[DB_WRITER] = SQLITE_WRITER_CACHE_KIB,
					[DB_READER] = SQLITE_READER_CACHE_KIB};
	char text[96];
	bool is_wal = false;
	snprintf(text, sizeof(text),
		 "PRAGMA cache_size = -%d; PRAGMA journal_size_limit = %d",
		 cache_kib[self->db.role], RESTART_BYTES);
	int rc = sqlite_search_setup(self->handle);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(self->handle, texts[self->db.role], NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(self->handle, text, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(self->handle, "PRAGMA journal_mode", see_wal, &is_wal,
				  NULL);
	if (rc != SQLITE_OK)
		return sqlite_fail(self->handle, path, sqlite_err(self->handle, rc),
				   why_out);
	if (!is_wal)
		return why_fail(why_out, ERR_IO,
				"the disk of %s cannot carry the database's log (a "
				"network disk?); put the "
				"database on a local disk",
				path);
	if (self->db.role == DB_WRITER)
		sqlite3_wal_hook(self->handle, note_log, self);
	else
		sqlite3_progress_handler(self->handle, PROGRESS_OPS, past_deadline,
					 &self->db);
	return ERR_OK;
}

static enum err prepare_controls(struct sqlite_db *self, const char *path,
				 char **why_out)
{
	static const char *const texts[CONTROL_COUNT] = {
		[CONTROL_BEGIN] = "BEGIN IMMEDIATE",
		[CONTROL_COMMIT] = "COMMIT",
		[CONTROL_ROLLBACK] = "ROLLBACK",
		[CONTROL_MARK] = "SAVEPOINT unit",
		[CONTROL_KEEP] = "RELEASE unit",
		[CONTROL_UNDO] = "ROLLBACK TO unit",
	};
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const char *text = i == CONTROL_BEGIN && self->db.role == DB_READER
					   ? "BEGIN"
					   : texts[i];
		int rc = sqlite3_prepare_v3(self->handle, text, -1,
					    SQLITE_PREPARE_PERSISTENT,
					    &self->control[i], NULL);
		if (rc != SQLITE_OK)
			return sqlite_fail(self->handle, path,
					   sqlite_err(self->handle, rc), why_out);
	}
	return ERR_OK;
}

static void sqlite_close(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	checkpointer_free(&self->checkpointer);
	sqlite_cache_fini(&self->cache);
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		sqlite3_finalize(self->control[i]);
	int rc = sqlite3_close(self->handle);
	assert(rc == SQLITE_OK); /* a statement was left open */
	(void)rc;
	mem_free(self);
}

static enum err sqlite_connect(struct db_place *place, enum db_role role,
			       struct db **db_out, char **why_out)
{
	const char *path = sqlite_path(place);
	struct sqlite_db *self = MEM_NEW(struct sqlite_db);
	self->db.driver = &sqlite_driver;
	self->db.role = role;
	self->end_at_bytes = END_BYTES;
	self->restart_at_bytes = RESTART_BYTES;
	int flags = role == DB_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	unsigned version;
	enum err err = sqlite_open(path, flags, &self->handle, why_out);
	if (err ==
	    ERR_OK) /* before anything is changed in what may be another program's */
		err = sqlite_version(self->handle, path, &version, why_out);
	if (err == ERR_OK)
		err = set_up(self, path, why_out);
	if (err == ERR_OK)
		err = prepare_controls(self, path, why_out);
	if (err != ERR_OK) {
		sqlite_close(&self->db);
		return err;
	}
	*db_out = &self->db;
	return ERR_OK;
}

/* --- schema --- */

static enum err sqlite_get_version(struct db *db, unsigned *version_out, char **why_out)
{
	struct sqlite_db *self = sqlite_of(db);
	return sqlite_version(self->handle, sqlite3_db_filename(self->handle, "main"),
			      version_out, why_out);
}

static enum err sqlite_set_version(struct db *db, unsigned version)
{
	char text[96];
	struct sqlite_db *self = sqlite_of(db);
	snprintf(text, sizeof(text),
		 "PRAGMA application_id = %d; PRAGMA user_version = %u",
		 SQLITE_APPLICATION_ID, version);
	return failed(self, "setting the schema version",
		      sqlite3_exec(self->handle, text, NULL, NULL, NULL));
}

/* A step may change more than memory should hold, and takes nothing back in part: it may spill. */
static enum err sqlite_script(struct db *db, const char *text, char **why_out)
{
	struct sqlite_db *self = sqlite_of(db);
	int rc =
		sqlite3_exec(self->handle, "PRAGMA cache_spill = ON", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(self->handle, text, NULL, NULL, NULL);
	enum err err = rc == SQLITE_OK ? ERR_OK
				       : why_fail(why_out, sqlite_err(self->handle, rc),
						  "%s", sqlite3_errmsg(self->handle));
	(void)sqlite3_exec(self->handle, NO_SPILL, NULL, NULL, NULL);
	return err;
}

/* --- transactions --- */

static int control(struct sqlite_db *self, enum control which)
{
	int rc = sqlite3_step(self->control[which]);
	sqlite3_reset(self->control[which]);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool sqlite_in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(sqlite_of(db)->handle);
}

/* The fsync of a later commit carries the frames of the earlier ones, which lie before its own in the log. */
static int set_sync(struct sqlite_db *self, enum db_sync sync)
{
	static const char *const texts[] = {
		[DB_SYNC_NOW] = "PRAGMA synchronous = FULL",
		[DB_SYNC_LATER] = "PRAGMA synchronous = NORMAL",
	};
	if (self->db.role == DB_READER || self->sync == sync)
		return SQLITE_OK;
	self->sync = sync;
	return sqlite3_exec(self->handle, texts[sync], NULL, NULL, NULL);
}

static enum err sqlite_begin(struct db *db, unsigned wait_ms, enum db_sync sync)
{
	struct sqlite_db *self = sqlite_of(db);
	sqlite3_busy_timeout(self->handle, (int)wait_ms);
	int rc = set_sync(self, sync);
	return sqlite_err(self->handle,
			  rc == SQLITE_OK ? control(self, CONTROL_BEGIN) : rc);
}

static enum err sqlite_commit(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	int rc = control(self, CONTROL_COMMIT);
	if (rc == SQLITE_OK)
		return ERR_OK;
	enum err err = failed(self, "commit", rc);
	if ((rc & 0xff) != SQLITE_IOERR)
		return err;
	return rc == SQLITE_IOERR_WRITE && sqlite_is_no_room(log_errno(self->handle))
		       ? ERR_FULL
		       : ERR_UNSURE;
}

static void *sqlite_log(struct db *db)
{
	sqlite3_file *log = NULL;
	int rc = sqlite3_file_control(sqlite_of(db)->handle, "main",
				      SQLITE_FCNTL_JOURNAL_POINTER, &log);
	return rc == SQLITE_OK && log && log->pMethods ? log : NULL;
}

static enum err sqlite_sync(void *log)
{
	int rc = sqlite_log_sync(log);
	if (rc == SQLITE_OK)
		return ERR_OK;
	log_error("store", "the log cannot be synced: %s (sqlite %d)",
		  sqlite3_errstr(rc), rc);
	return ERR_UNSURE;
}

static void sqlite_rollback(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	if (sqlite_in_transaction(db))
		(void)failed(self, "rollback", control(self, CONTROL_ROLLBACK));
}

static enum err sqlite_mark(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	return failed(self, "savepoint", control(self, CONTROL_MARK));
}

static enum err sqlite_keep(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	return failed(self, "release", control(self, CONTROL_KEEP));
}

static enum err sqlite_undo(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	int rc = control(self, CONTROL_UNDO);
	if (rc == SQLITE_OK)
		rc = control(self,
			     CONTROL_KEEP); /* ROLLBACK TO leaves the savepoint open */
	return failed(self, "undoing a write", rc);
}

/* --- statements --- */

static int bind(sqlite3_stmt *stmt, int at, const struct sql_value *value,
		sqlite3_destructor_type lifetime)
{
	switch (value->kind) {
	case SQL_KIND_INT:
		return sqlite3_bind_int64(stmt, at, value->i);
	case SQL_KIND_TEXT:
		return sqlite3_bind_text64(stmt, at, value->p, value->len_bytes,
					   lifetime, SQLITE_UTF8);
	case SQL_KIND_BLOB:
		if (value->len_bytes == 0)
			return sqlite3_bind_zeroblob(
				stmt, at, 0); /* a NULL pointer would make it NULL */
		return sqlite3_bind_blob64(stmt, at, value->p, value->len_bytes,
					   lifetime);
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

static const char *call_name(const struct db_call *call)
{
	return call->statement ? call->statement->name : call->text;
}

/* lifetime: SQLITE_STATIC when the statement is done before the call returns. */
static enum err start(struct sqlite_db *self, const struct db_call *call,
		      sqlite3_destructor_type lifetime,
		      struct sqlite_statement **statement_out)
{
	int rc;
	struct sqlite_statement *statement =
		sqlite_cache_take(&self->cache, self->handle, call, &rc);
	if (!statement)
		return failed(self, call_name(call), rc);
	statement->is_done = false;
	assert(sqlite3_bind_parameter_count(statement->stmt) == (int)call->count);
	for (size_t i = 0; rc == SQLITE_OK && i < call->count; i++)
		rc = bind(statement->stmt, (int)i + 1, &call->values[i], lifetime);
	enum err err = failed(self, call_name(call), rc);
	if (err == ERR_OK && statement->writes)
		err = db_before_write(&self->db);
	if (err != ERR_OK)
		sqlite_cache_give(statement);
	else
		*statement_out = statement;
	return err;
}

static enum err sqlite_run(struct db *db, const struct db_call *call)
{
	struct sqlite_db *self = sqlite_of(db);
	struct sqlite_statement *statement;
	enum err err = start(self, call, SQLITE_STATIC, &statement);
	if (err != ERR_OK)
		return err;
	int rc;
	do
		rc = sqlite3_step(statement->stmt);
	while (rc == SQLITE_ROW);
	err = failed(self, call_name(call), rc);
	sqlite_cache_give(statement);
	return err;
}

static int64_t sqlite_changes(struct db *db)
{
	return sqlite3_changes(sqlite_of(db)->handle);
}

static enum err sqlite_query(struct db *db, const struct db_call *call,
			     void **cursor_out)
{
	struct sqlite_statement *statement;
	enum err err = start(sqlite_of(db), call, SQLITE_TRANSIENT, &statement);
	if (err == ERR_OK)
		*cursor_out = statement;
	return err;
}

static enum err sqlite_next(struct db *db, void *cursor, bool *has_row_out)
{
	struct sqlite_statement *statement = cursor;
	int rc = statement->is_done ? SQLITE_DONE : sqlite3_step(statement->stmt);
	*has_row_out = rc == SQLITE_ROW;
	statement->is_done = rc != SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return ERR_OK;
	return failed(sqlite_of(db),
		      statement->key ? statement->key->name
				     : sqlite3_sql(statement->stmt),
		      rc);
}

static void sqlite_end(struct db *db, void *cursor)
{
	(void)db;
	sqlite_cache_give(cursor);
}

static sqlite3_stmt *stmt_of(const void *cursor)
{
	return ((const struct sqlite_statement *)cursor)->stmt;
}

static bool sqlite_is_null(const void *cursor, unsigned column)
{
	return sqlite3_column_type(stmt_of(cursor), (int)column) == SQLITE_NULL;
}

static int64_t sqlite_integer(const void *cursor, unsigned column)
{
	return sqlite3_column_int64(stmt_of(cursor), (int)column);
}

static const char *sqlite_text(const void *cursor, unsigned column)
{
	return (const char *)sqlite3_column_text(stmt_of(cursor), (int)column);
}

static const void *sqlite_blob(const void *cursor, unsigned column,
			       size_t *len_bytes_out)
{
	const void *blob = sqlite3_column_blob(stmt_of(cursor), (int)column);
	*len_bytes_out = (size_t)sqlite3_column_bytes(stmt_of(cursor), (int)column);
	return blob;
}

/* --- the log --- */

static void checkpoint(struct sqlite_db *self, int mode)
{
	sqlite3_busy_timeout(self->handle, self->cuts_log ? 0 : RESTART_WAIT_MS);
	int rc = sqlite3_wal_checkpoint_v2(self->handle, NULL, mode, NULL, NULL);
	self->tended_bytes = self->log_bytes;
	self->end_at_bytes = self->log_bytes + END_BYTES;
	if (mode != SQLITE_CHECKPOINT_PASSIVE) {
		if (rc == SQLITE_OK)
			self->log_bytes = self->tended_bytes = 0;
		self->cuts_log = self->cuts_log && rc == SQLITE_BUSY;
		self->restart_at_bytes =
			rc == SQLITE_OK ? RESTART_BYTES
					: self->log_bytes + RESTART_AGAIN_BYTES;
	}
	if (rc != SQLITE_OK &&
	    rc != SQLITE_BUSY) /* nothing is lost: the log keeps it for the next time */
		(void)failed(self, "checkpoint", rc);
}

/* Beside the writer, while it may be; the writer moves the rest now and then, so that its next write begins the log
 * anew. A reader in the way lets the log grow, until the writer waits for it. */
static void sqlite_tend(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	uint64_t grown = self->log_bytes - self->tended_bytes;
	bool is_to_end = self->log_bytes >= self->end_at_bytes;
	if (checkpointer_is_busy(self->checkpointer))
		return; /* another would be refused */
	if (self->log_bytes >= self->restart_at_bytes || self->cuts_log) {
		checkpoint(self, self->cuts_log ? SQLITE_CHECKPOINT_TRUNCATE
						: SQLITE_CHECKPOINT_RESTART);
	} else if (grown >= (is_to_end ? REST_BYTES : TEND_BYTES)) {
		self->tended_bytes = self->log_bytes;
		checkpointer_ask(&self->checkpointer,
				 sqlite3_db_filename(self->handle, "main"));
	} else if (is_to_end) {
		checkpoint(self, SQLITE_CHECKPOINT_PASSIVE);
	}
}

static void sqlite_cut_log(struct db *db)
{
	sqlite_of(db)->cuts_log = true;
}

static enum err sqlite_mend(struct db *db)
{
	struct sqlite_db *self = sqlite_of(db);
	sqlite3_busy_timeout(self->handle, MEND_WAIT_MS);
	int rc = sqlite3_wal_checkpoint_v2(self->handle, NULL,
					   SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return failed(self, "checkpoint after an I/O error", rc);
}

const struct db_driver sqlite_driver = {
	.name = "sqlite",
	.claim = sqlite_claim,
	.leave = sqlite_leave,
	.path = sqlite_path,
	.connect = sqlite_connect,
	.close = sqlite_close,
	.get_version = sqlite_get_version,
	.set_version = sqlite_set_version,
	.script = sqlite_script,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.log = sqlite_log,
	.sync = sqlite_sync,
	.in_transaction = sqlite_in_transaction,
	.mark = sqlite_mark,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.run = sqlite_run,
	.changes = sqlite_changes,
	.query = sqlite_query,
	.next = sqlite_next,
	.end = sqlite_end,
	.is_null = sqlite_is_null,
	.integer = sqlite_integer,
	.text = sqlite_text,
	.blob = sqlite_blob,
	.tend = sqlite_tend,
	.cut_log = sqlite_cut_log,
	.mend = sqlite_mend,
	.log_bytes = sqlite_log_bytes,
	.backup = sqlite_backup,
};
