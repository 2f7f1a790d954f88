/* sqlite_copy.c - backup, restore, and a look at a file's schema: see store.h
 *
 * A copy is made through SQLite, from one snapshot: that stops nobody in WAL mode, the log only grows meanwhile. It is
 * written under another name, marked, checked, made durable, and only then gets its own, so that a file under that name
 * is always whole.
 */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/meta_rows.h"
#include "store/why.h"

enum { STEP_PAGES = 1024 };

static char *beside(const char *path, const char *suffix)
{
	struct buf buf = BUF_EMPTY;
	buf_printf(&buf, "%s%s", path, suffix);
	return buf_take(&buf);
}

static void remove_beside(const char *path, const char *suffix)
{
	char *name = beside(path, suffix);
	(void)unlink(name);
	mem_free(name);
}

static enum err fail_copy(sqlite3 *handle, const char *path, int rc, char **why_out)
{
	enum err err = sqlite_err(handle, rc);
	return why_fail(why_out, err,
			"%s could not be written: %s; see that there is room and that "
			"the disk is sound",
			path,
			err == ERR_FULL ? "the disk is full" : sqlite3_errstr(rc));
}

static enum err sync_file(const char *path, char **why_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	int failed = errno;
	if (fd >= 0)
		close(fd);
	return rc == 0 ? ERR_OK
		       : why_fail(why_out, ERR_IO, "%s could not be made durable: %s",
				  path, strerror(failed));
}

/* All pages of from, as of one moment, to a new file at path. */
static enum err copy_pages(sqlite3 *from, sqlite3 *to, const char *path, char **why_out)
{
	int64_t ignored;
	int rc = sqlite3_exec(from, "BEGIN", NULL, NULL, NULL);
	if (rc == SQLITE_OK &&
	    sqlite_get_int(from, "SELECT count(*) FROM sqlite_schema", &ignored) !=
		    ERR_OK)
		rc = sqlite3_extended_errcode(from);
	if (rc != SQLITE_OK)
		return why_fail(why_out, sqlite_err(from, rc), "%s cannot be read: %s",
				sqlite3_db_filename(from, "main"),
				sqlite3_errmsg(from));
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	if (!backup)
		return fail_copy(to, path, sqlite3_extended_errcode(to), why_out);
	do
		rc = sqlite3_backup_step(backup, STEP_PAGES);
	while (rc == SQLITE_OK);
	int finish = sqlite3_backup_finish(backup);
	sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
	return rc == SQLITE_DONE && finish == SQLITE_OK
		       ? ERR_OK
		       : fail_copy(to, path, finish ? finish : rc, why_out);
}

/* The mark stays what it is when the source was a copy already. */
static enum err mark_copy(sqlite3 *copy, const char *path, int64_t at_utc_ms,
			  char **why_out)
{
	sqlite3_stmt *stmt = NULL;
	char text[32];
	snprintf(text, sizeof(text), "%lld", (long long)at_utc_ms);
	/* one file, without a log beside it; whoever serves it later turns the log on again */
	int rc = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(
			copy, "INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)",
			-1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, META_RESTORED_COPY, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? ERR_OK : fail_copy(copy, path, rc, why_out);
}

static int see_ok(void *arg, int columns, char **values, char **names)
{
	(void)columns;
	(void)names;
	char **said = arg;
	if (!*said)
		*said = mem_strdup(values[0] ? values[0] : "");
	return 0;
}

static enum err check_copy(sqlite3 *copy, const char *from, char **why_out)
{
	char *said = NULL;
	enum err err = ERR_OK;
	int rc = sqlite3_exec(copy, "PRAGMA quick_check(1)", see_ok, &said, NULL);
	if (rc != SQLITE_OK || !said || strcmp(said, "ok") != 0)
		err = why_fail(why_out, ERR_CORRUPT,
			       "%s is damaged (%s); take another copy", from,
			       said ? said : sqlite3_errmsg(copy));
	mem_free(said);
	return err;
}

/* A marked, checked, durable copy of from at path, which is an empty file. */
static enum err make_copy(sqlite3 *from, const char *path, int64_t at_utc_ms,
			  char **why_out)
{
	sqlite3 *copy = NULL;
	enum err err = sqlite_open(path, SQLITE_OPEN_READWRITE, &copy, why_out);
	if (err != ERR_OK)
		return err;
	/* a copy that is broken off is thrown away; one fsync at the end does for all */
	(void)sqlite3_exec(copy, "PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF",
			   NULL, NULL, NULL);
	err = copy_pages(from, copy, path, why_out);
	if (err == ERR_OK)
		err = mark_copy(copy, path, at_utc_ms, why_out);
	if (err == ERR_OK)
		err = check_copy(copy, sqlite3_db_filename(from, "main"), why_out);
	sqlite3_close(copy);
	return err == ERR_OK ? sync_file(path, why_out) : err;
}

/* Opens a file to copy from: ours, and of a schema that this program can use or bring up. */
static enum err open_source(const char *path, sqlite3 **handle_out, char **why_out)
{
	unsigned version = 0;
	sqlite3 *handle = NULL;
	if (access(path, F_OK) != 0)
		return why_fail(why_out, ERR_NOT_FOUND, "%s: %s", path,
				strerror(errno));
	enum err err = sqlite_open(path, SQLITE_OPEN_READONLY, &handle, why_out);
	if (err != ERR_OK)
		return err;
	err = sqlite_version(handle, path, &version, why_out);
	if (err == ERR_OK && version == 0)
		err = why_fail(why_out, ERR_SCHEMA,
			       "%s is empty, not a database of handbox", path);
	if (err == ERR_OK && version > STORE_SCHEMA_VERSION)
		err = why_fail(why_out, ERR_SCHEMA,
			       "%s has schema %u, this handbox knows up to %u: install "
			       "the newer handbox",
			       path, version, (unsigned)STORE_SCHEMA_VERSION);
	if (err == ERR_OK)
		*handle_out = handle;
	else
		sqlite3_close(handle);
	return err;
}

static enum err rename_to(const char *from, const char *to, char **why_out)
{
	if (rename(from, to) == 0)
		return sqlite_sync_folder(to, why_out);
	return why_fail(why_out, ERR_IO, "%s could not be renamed to %s: %s", from, to,
			strerror(errno));
}

enum err sqlite_backup(const char *database, const char *path, int64_t marked_at_utc_ms,
		       char **why_out)
{
	sqlite3 *from = NULL;
	char *partial = beside(path, ".partial");
	/* the empty file keeps the name for us; what lies under .partial is of a backup that was broken off */
	enum err err = sqlite_create(path, why_out);
	if (err != ERR_OK) {
		mem_free(partial);
		return err;
	}
	remove_beside(partial, "-journal");
	(void)unlink(partial);
	err = sqlite_create(partial, why_out);
	if (err == ERR_OK)
		err = open_source(database, &from, why_out);
	if (err == ERR_OK)
		err = make_copy(from, partial, marked_at_utc_ms, why_out);
	sqlite3_close(from);
	if (err == ERR_OK)
		err = rename_to(partial, path, why_out);
	if (err != ERR_OK) {
		remove_beside(partial, "-journal");
		(void)unlink(partial);
		(void)unlink(path);
	}
	mem_free(partial);
	return err;
}

/* --- restore --- */

/* A log that stayed behind goes with what it belongs to: beside another database it would be taken for that one's. */
static enum err move_log(const char *database, const char *kept, char **why_out)
{
	char *wal = beside(database, "-wal"), *kept_wal = beside(kept, "-wal");
	enum err err = ERR_OK;
	if (rename(wal, kept_wal) != 0 && errno != ENOENT)
		err = why_fail(why_out, ERR_IO, "%s could not be moved away: %s", wal,
			       strerror(errno));
	remove_beside(database, "-shm");
	mem_free(wal);
	mem_free(kept_wal);
	return err;
}

/* Folds the log of what was there into it, so that the file alone is all of it. A damaged one is left as it is. */
static enum err fold_log(const char *database, char **why_out)
{
	sqlite3 *handle = NULL;
	int rc = SQLITE_NOTADB;
	if (sqlite_open(database, SQLITE_OPEN_READWRITE, &handle, NULL) == ERR_OK) {
		sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		rc = sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", NULL, NULL,
				  NULL) &
		     0xff;
		sqlite3_close(handle);
	}
	if (rc == SQLITE_OK || rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return ERR_OK;
	if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return why_fail(
			why_out, ERR_LOCKED,
			"%s is in use by another program; end it (fuser names it)",
			database);
	return why_fail(why_out, ERR_IO,
			"%s could not be read to be kept: %s; move it away by hand, "
			"with its -wal",
			database, sqlite3_errstr(rc));
}

/* A second name for what is there, so that a stop at any moment leaves a database under the first. */
static enum err keep_former(const char *database, char **why_out)
{
	char *kept = beside(database, ".before-restore");
	bool is_there = access(database, F_OK) == 0;
	enum err err = ERR_OK;
	if (access(kept, F_OK) == 0)
		err = why_fail(
			why_out, ERR_EXISTS,
			"%s is there from an earlier restore: move it away first",
			kept);
	if (err == ERR_OK && is_there)
		err = fold_log(database, why_out);
	if (err == ERR_OK)
		err = move_log(database, kept, why_out);
	if (err == ERR_OK && is_there && link(database, kept) != 0 &&
	    rename(database, kept) != 0)
		err = why_fail(why_out, ERR_IO, "%s could not be kept as %s: %s",
			       database, kept, strerror(errno));
	if (err == ERR_OK)
		err = sqlite_sync_folder(database, why_out);
	mem_free(kept);
	return err;
}

static enum err restore_locked(const char *backup, const char *path, char **why_out)
{
	sqlite3 *from = NULL;
	char *temp = beside(path, ".restoring");
	remove_beside(temp, "-journal");
	(void)unlink(temp);
	enum err err = open_source(backup, &from, why_out);
	if (err == ERR_OK)
		err = sqlite_create(temp, why_out);
	if (err == ERR_OK)
		err = make_copy(from, temp, clock_now_ms(&clock_real), why_out);
	sqlite3_close(from);
	if (err == ERR_OK)
		err = keep_former(path, why_out);
	if (err == ERR_OK)
		err = rename_to(temp, path, why_out);
	if (err != ERR_OK)
		(void)unlink(temp);
	mem_free(temp);
	return err;
}

enum err sqlite_restore(const char *backup, const char *database, char **why_out)
{
	char *path = NULL;
	int lock = -1;
	enum err err = sqlite_resolve(database, &path, why_out);
	if (err == ERR_OK)
		err = sqlite_lock(path, &lock, why_out);
	if (err == ERR_OK)
		err = restore_locked(backup, path, why_out);
	if (lock >= 0)
		close(lock);
	mem_free(path);
	return err;
}

enum err sqlite_schema_of(const char *database, unsigned *version_out, char **why_out)
{
	sqlite3 *handle = NULL;
	if (access(database, F_OK) != 0 && errno == ENOENT) {
		*version_out = 0;
		return ERR_OK;
	}
	enum err err = sqlite_open(database, SQLITE_OPEN_READONLY, &handle, why_out);
	if (err == ERR_OK)
		err = sqlite_version(handle, database, version_out, why_out);
	sqlite3_close(handle);
	return err;
}
