/* sqlite_log.c - the log's frames, gathered: see sqlite.h
 *
 * SQLite writes each frame of its log with two calls, 24 bytes and a page, at places that are no multiple of anything the
 * kernel likes: that is a third of what a commit of some hundred pages costs. Here they are put together and go out in
 * long writes: before the log is read, synchronised, cut or measured, when the buffer is full, when a write does not
 * continue the one before, and at a commit, of which SQLite's readers may hear as soon as its last frame is written.
 *
 * The kernel tells of a page that it could not write only once: the first fsync of the file hears of it, be it for a
 * checkpoint, and the next one finds nothing amiss. So here they go one by one, and the log that failed once stays failed
 * until it is opened anew.
 *
 * Ref: "The Write-Ahead Log File" (sqlite.org/fileformat2.html#walformat); wal.c, walWriteOneFrame.
 */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "store/sqlite.h"

enum {
	BUFFER_BYTES =
		31 * (24 + 4096), /* the unix VFS takes less than 128 KiB at once */
	FRAME_HEADER_BYTES = 24,
	COMMIT_OFFSET = 4, /* in it: 4 bytes, not 0 in the last frame of a commit */
};

struct log_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
	unsigned char *bytes;
	sqlite3_int64 at; /* of the first byte in the file */
	int len;
	bool is_ending; /* what is written now belongs to the last frame of a commit */
	pthread_mutex_t sync_lock;
	int sync_rc; /* of the first sync that failed; 0: none */
};

static sqlite3_vfs log_vfs, *real_vfs;

#define REAL(file)              (((struct log_file *)(file))->real)
#define CALL(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

/* What cannot be written is lost for good: SQLite hears of it before it tells anybody of the commit. */
static int flush(struct log_file *file)
{
	int len = file->len;
	file->len = 0;
	return len ? CALL(file, xWrite, file->bytes, len, file->at) : SQLITE_OK;
}

static int log_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	static const unsigned char no_commit[4];
	struct log_file *file = (struct log_file *)f;
	int rc = SQLITE_OK;
	if (len == FRAME_HEADER_BYTES)
		file->is_ending = memcmp((const unsigned char *)bytes + COMMIT_OFFSET,
					 no_commit, sizeof(no_commit)) != 0;
	if (file->len && (at != file->at + file->len || len > BUFFER_BYTES - file->len))
		rc = flush(file);
	if (rc == SQLITE_OK && len > BUFFER_BYTES)
		return CALL(file, xWrite, bytes, len, at);
	if (rc != SQLITE_OK)
		return rc;
	if (!file->bytes)
		file->bytes = mem_alloc(BUFFER_BYTES);
	if (!file->len)
		file->at = at;
	memcpy(file->bytes + file->len, bytes, (size_t)len);
	file->len += len;
	return file->is_ending ? flush(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *f, void *bytes, int len, sqlite3_int64 at)
{
	int rc = flush((struct log_file *)f);
	return rc == SQLITE_OK ? CALL(f, xRead, bytes, len, at) : rc;
}

static int log_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = flush((struct log_file *)f);
	return rc == SQLITE_OK ? CALL(f, xTruncate, size) : rc;
}

/* A commit has written all of its frames out, and what has come since waits for another one: so nothing of what its
 * connection writes meanwhile is touched. */
int sqlite_log_sync(sqlite3_file *log)
{
	struct log_file *file = (struct log_file *)log;
	pthread_mutex_lock(&file->sync_lock);
	int rc = file->sync_rc;
	if (rc == SQLITE_OK)
		rc = file->sync_rc = CALL(file, xSync, SQLITE_SYNC_NORMAL);
	pthread_mutex_unlock(&file->sync_lock);
	return rc;
}

static int log_sync(sqlite3_file *f, int flags)
{
	(void)flags;
	int rc = flush((struct log_file *)f);
	return rc == SQLITE_OK ? sqlite_log_sync(f) : rc;
}

static int log_size(sqlite3_file *f, sqlite3_int64 *size)
{
	int rc = flush((struct log_file *)f);
	return rc == SQLITE_OK ? CALL(f, xFileSize, size) : rc;
}

/* Frames of a transaction that was never committed may be left: nobody will miss them. */
static int log_close(sqlite3_file *f)
{
	mem_free(((struct log_file *)f)->bytes);
	pthread_mutex_destroy(&((struct log_file *)f)->sync_lock);
	return CALL(f, xClose);
}

static int log_lock(sqlite3_file *f, int level)
{
	return CALL(f, xLock, level);
}

static int log_unlock(sqlite3_file *f, int level)
{
	return CALL(f, xUnlock, level);
}

static int log_is_reserved(sqlite3_file *f, int *is_out)
{
	return CALL(f, xCheckReservedLock, is_out);
}

static int log_control(sqlite3_file *f, int op, void *arg)
{
	return CALL(f, xFileControl, op, arg);
}

static int log_sector_size(sqlite3_file *f)
{
	return CALL(f, xSectorSize);
}

static int log_traits(sqlite3_file *f)
{
	return CALL(f, xDeviceCharacteristics);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_is_reserved,
	.xFileControl = log_control,
	.xSectorSize = log_sector_size,
	.xDeviceCharacteristics = log_traits,
};

/* Files other than a log are the real one's own, without anything in between. */
static int log_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
		    int *flags_out)
{
	(void)vfs;
	if (!(flags & SQLITE_OPEN_WAL))
		return real_vfs->xOpen(real_vfs, name, f, flags, flags_out);
	struct log_file *file = (struct log_file *)f;
	*file = (struct log_file){.real = (sqlite3_file *)(file + 1)};
	int rc = real_vfs->xOpen(real_vfs, name, file->real, flags, flags_out);
	if (file->real->pMethods) {
		file->base.pMethods = &log_methods;
		pthread_mutex_init(&file->sync_lock, NULL);
	}
	return rc;
}

void sqlite_log_setup(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	log_vfs = *real_vfs;
	log_vfs.zName = SQLITE_LOG_VFS;
	log_vfs.pNext = NULL;
	log_vfs.szOsFile = (int)sizeof(struct log_file) + real_vfs->szOsFile;
	log_vfs.xOpen = log_open;
	(void)sqlite3_vfs_register(&log_vfs, 0);
}
