/* sqlite_open.c - opening a file, judging what is in it, and SQLite's errors as ours: see sqlite.h */
#include "store/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/why.h"

static void setup(void)
{
	/* Refused (harmlessly) when SQLite runs already, as in a test that used it before. */
	/* Statistics would cost the threads a common lock. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/* What a savepoint goes back to stays in memory. (Spilled at 128 KiB or more it would be written in pieces of as
	 * much, of which the unix VFS writes nothing, and says that the disk is full.) */
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	sqlite_log_setup();
}

void sqlite_setup(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, setup);
}

bool sqlite_is_no_room(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

enum err sqlite_err(sqlite3 *handle, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE ||
				       rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
				       rc == SQLITE_CONSTRAINT_ROWID
			       ? ERR_DUPLICATE
			       : ERR_INTERNAL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return ERR_LOCKED;
	case SQLITE_INTERRUPT:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_NOMEM)
			break;
		return handle && sqlite_is_no_room(sqlite3_system_errno(handle))
			       ? ERR_FULL
			       : ERR_IO;
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERR_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_NOMEM:
		break;
	default:
		return ERR_INTERNAL;
	}
	fprintf(stderr, "handbox: out of memory in the database\n");
	abort();
}

enum err sqlite_open(const char *path, int flags, sqlite3 **handle_out, char **why_out)
{
	sqlite3 *handle = NULL;
	sqlite_setup();
	int rc = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX,
				 SQLITE_LOG_VFS);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(handle, 1);
		sqlite3_busy_timeout(handle, SQLITE_OPEN_WAIT_MS);
		*handle_out = handle;
		return ERR_OK;
	}
	enum err err = sqlite_err(handle, rc);
	int code = handle ? sqlite3_system_errno(handle) : 0;
	sqlite3_close(handle);
	return why_fail(why_out, err,
			"the database %s cannot be opened: %s; see that this user may "
			"read and write it "
			"and its folder",
			path, code ? strerror(code) : sqlite3_errstr(rc));
}

enum err sqlite_get_int(sqlite3 *handle, const char *text, int64_t *value_out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(handle, text, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*value_out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? ERR_INTERNAL : sqlite_err(handle, rc);
}

enum err sqlite_fail(sqlite3 *handle, const char *path, enum err err, char **why_out)
{
	if (err == ERR_CORRUPT)
		return why_fail(why_out, err,
				"%s is not a database, or a damaged one (%s); put a "
				"backup there: "
				"handbox restore FILE",
				path, sqlite3_errmsg(handle));
	if (err == ERR_LOCKED)
		return why_fail(
			why_out, err,
			"%s is locked by another program; end it (fuser %s names it)",
			path, path);
	if (err == ERR_FULL)
		return why_fail(why_out, err,
				"there is no room for %s: the disk is full", path);
	return why_fail(why_out, err,
			"%s cannot be used: %s; see that the disk is sound and that "
			"this user may read and "
			"write the file and its folder",
			path, sqlite3_errmsg(handle));
}

enum err sqlite_version(sqlite3 *handle, const char *path, unsigned *version_out,
			char **why_out)
{
	int64_t application = 0, version = 0, tables = 0;
	enum err err = sqlite_get_int(handle, "PRAGMA application_id", &application);
	if (err == ERR_OK)
		err = sqlite_get_int(handle, "PRAGMA user_version", &version);
	if (err == ERR_OK)
		err = sqlite_get_int(handle, "SELECT count(*) FROM sqlite_schema",
				     &tables);
	if (err != ERR_OK)
		return sqlite_fail(handle, path, err, why_out);
	bool is_empty = application == 0 && version == 0 && tables == 0;
	if (!is_empty && (application != SQLITE_APPLICATION_ID || version < 1))
		return why_fail(why_out, ERR_SCHEMA,
				"%s is a database of another program (application id "
				"%lld); name another file",
				path, (long long)application);
	*version_out = (unsigned)version;
	return ERR_OK;
}
