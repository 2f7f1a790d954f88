/* store_disk.h - a disk that fails when told to: an SQLite VFS around the real one. Each test program includes it once.
 *
 *	disk_install();					before SQLite is used
 *	disk_fail((struct disk_fault){.op = DISK_SYNC, .suffix = "-wal", .nth = 1, .code = EIO});
 *	…
 *	disk_heal();
 *
 * What fails answers as SQLite's unix VFS does: a full disk is SQLITE_FULL, anything else SQLITE_IOERR with errno kept.
 */
#ifndef HB_TESTS_STORE_DISK_H
#define HB_TESTS_STORE_DISK_H

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum disk_op { DISK_WRITE = 1, DISK_SYNC = 2, DISK_TRUNCATE = 4, DISK_READ = 8 };

struct disk_fault {
	unsigned op;        /* one or more */
	const char *suffix; /* of the file's name; NULL: any */
	unsigned nth;       /* fails from the nth on … */
	bool once;          /* … or only then */
	int code;           /* errno */
	const atomic_bool
		*holds; /* while it is true they wait first; NULL: they do not */
};

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static struct disk_fault disk_armed;
static unsigned disk_passed; /* operations that matched */
static int disk_errno;
static sqlite3_vfs *disk_real, disk_vfs;

struct disk_file {
	sqlite3_file base;
	char name[256];
	sqlite3_file *real; /* behind this struct */
};

static void disk_fail(struct disk_fault fault)
{
	pthread_mutex_lock(&disk_lock);
	disk_armed = fault;
	disk_passed = 0;
	pthread_mutex_unlock(&disk_lock);
}

/* disk_heal - how often the fault could have struck since. */
static unsigned disk_heal(void)
{
	pthread_mutex_lock(&disk_lock);
	unsigned passed = disk_passed;
	disk_armed = (struct disk_fault){.op = 0};
	pthread_mutex_unlock(&disk_lock);
	return passed;
}

static bool disk_ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = suffix ? strlen(suffix) : 0;
	return len >= tail && (!suffix || strcmp(name + len - tail, suffix) == 0);
}

static int disk_pass(const struct disk_file *file, enum disk_op op, int io_code)
{
	int rc = SQLITE_OK;
	pthread_mutex_lock(&disk_lock);
	while (disk_armed.holds && (disk_armed.op & op) &&
	       disk_ends_with(file->name, disk_armed.suffix) &&
	       atomic_load(disk_armed.holds)) {
		pthread_mutex_unlock(&disk_lock);
		usleep(200);
		pthread_mutex_lock(&disk_lock);
	}
	if ((disk_armed.op & op) && disk_ends_with(file->name, disk_armed.suffix)) {
		disk_passed++;
		bool strikes = disk_armed.once ? disk_passed == disk_armed.nth
					       : disk_passed >= disk_armed.nth;
		if (strikes) {
			disk_errno = disk_armed.code;
			rc = disk_armed.code == ENOSPC && op == DISK_WRITE ? SQLITE_FULL
									   : io_code;
		}
	}
	pthread_mutex_unlock(&disk_lock);
	return rc;
}

#define DISK_REAL(file) (((struct disk_file *)(file))->real)
#define DISK_CALL(file, method, ...) \
	DISK_REAL(file)->pMethods->method(DISK_REAL(file), ##__VA_ARGS__)

static int disk_close(sqlite3_file *f)
{
	return DISK_CALL(f, xClose);
}

static int disk_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	int rc = disk_pass((struct disk_file *)f, DISK_READ, SQLITE_IOERR_READ);
	return rc ? rc : DISK_CALL(f, xRead, p, n, at);
}

static int disk_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = disk_pass((struct disk_file *)f, DISK_WRITE, SQLITE_IOERR_WRITE);
	return rc ? rc : DISK_CALL(f, xWrite, p, n, at);
}

static int disk_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = disk_pass((struct disk_file *)f, DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE);
	return rc ? rc : DISK_CALL(f, xTruncate, size);
}

static int disk_sync(sqlite3_file *f, int flags)
{
	int rc = disk_pass((struct disk_file *)f, DISK_SYNC, SQLITE_IOERR_FSYNC);
	return rc ? rc : DISK_CALL(f, xSync, flags);
}

static int disk_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return DISK_CALL(f, xFileSize, size);
}

static int disk_lock_file(sqlite3_file *f, int level)
{
	return DISK_CALL(f, xLock, level);
}

static int disk_unlock(sqlite3_file *f, int level)
{
	return DISK_CALL(f, xUnlock, level);
}

static int disk_check(sqlite3_file *f, int *out)
{
	return DISK_CALL(f, xCheckReservedLock, out);
}

static int disk_control(sqlite3_file *f, int op, void *arg)
{
	return DISK_CALL(f, xFileControl, op, arg);
}

static int disk_sector(sqlite3_file *f)
{
	return DISK_CALL(f, xSectorSize);
}

static int disk_traits(sqlite3_file *f)
{
	return DISK_CALL(f, xDeviceCharacteristics);
}

static int disk_shm_map(sqlite3_file *f, int region, int size, int extend,
			void volatile **out)
{
	return DISK_CALL(f, xShmMap, region, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return DISK_CALL(f, xShmLock, offset, n, flags);
}

static void disk_shm_barrier(sqlite3_file *f)
{
	DISK_CALL(f, xShmBarrier);
}

static int disk_shm_unmap(sqlite3_file *f, int remove)
{
	return DISK_CALL(f, xShmUnmap, remove);
}

static const sqlite3_io_methods disk_methods = {
	.iVersion = 2,
	.xClose = disk_close,
	.xRead = disk_read,
	.xWrite = disk_write,
	.xTruncate = disk_truncate,
	.xSync = disk_sync,
	.xFileSize = disk_size,
	.xLock = disk_lock_file,
	.xUnlock = disk_unlock,
	.xCheckReservedLock = disk_check,
	.xFileControl = disk_control,
	.xSectorSize = disk_sector,
	.xDeviceCharacteristics = disk_traits,
	.xShmMap = disk_shm_map,
	.xShmLock = disk_shm_lock,
	.xShmBarrier = disk_shm_barrier,
	.xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
		     int *flags_out)
{
	(void)vfs;
	struct disk_file *file = (struct disk_file *)f;
	*file = (struct disk_file){.real = (sqlite3_file *)(file + 1)};
	if (name)
		strncpy(file->name, name, sizeof(file->name) - 1);
	int rc = disk_real->xOpen(disk_real, name, file->real, flags, flags_out);
	if (file->real->pMethods)
		file->base.pMethods = &disk_methods;
	return rc;
}

static int disk_last_error(sqlite3_vfs *vfs, int n, char *text)
{
	(void)vfs;
	(void)n;
	(void)text;
	return disk_errno;
}

static void disk_install(void)
{
	disk_real = sqlite3_vfs_find(NULL);
	disk_vfs = *disk_real;
	disk_vfs.zName = "disk";
	disk_vfs.szOsFile = (int)sizeof(struct disk_file) + disk_real->szOsFile;
	disk_vfs.xOpen = disk_open;
	disk_vfs.xGetLastError = disk_last_error;
	sqlite3_vfs_register(&disk_vfs, 1);
}

#endif
