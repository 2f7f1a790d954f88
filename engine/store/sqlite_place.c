/* sqlite_place.c - the database file and the lock beside it: see sqlite.h
 *
 * The lock is flock(2) on DATABASE.lock: it belongs to the open file, so a second store in this process is refused
 * like one in another, and it goes with the process however that ends. The file itself stays: removing it would let
 * two processes lock two files of one name.
 */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/why.h"

struct db_place {
	char *path, *wal_path;
	int lock_fd;
};

static char *join(const char *a, const char *b)
{
	struct buf buf = BUF_EMPTY;
	buf_printf(&buf, "%s%s", a, b);
	return buf_take(&buf);
}

/* The folder of a path, in the caller's buffer; dirname(3) may change what it is given. */
static const char *folder_of(const char *path, char room[PATH_MAX])
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(room, PATH_MAX, "%s", dirname(copy));
	return room;
}

static enum err fail_folder(const char *folder, char **why_out)
{
	switch (errno) {
	case ENOENT:
		return why_fail(
			why_out, ERR_NOT_FOUND,
			"the folder %s is missing; create it: install -d -m 0700 %s",
			folder, folder);
	case ENOTDIR:
		return why_fail(
			why_out, ERR_NOT_FOUND,
			"%s is not a folder; name another path for the database",
			folder);
	default:
		return why_fail(why_out, ERR_IO, "the folder %s cannot be reached: %s",
				folder, strerror(errno));
	}
}

enum err sqlite_resolve(const char *database, char **path_out, char **why_out)
{
	char folder[PATH_MAX], real[PATH_MAX], copy[PATH_MAX];
	if (!*database || database[strlen(database) - 1] == '/' ||
	    strlen(database) > PATH_MAX - 32)
		return why_fail(why_out, ERR_INVALID,
				"\"%s\" is not the path of a database file", database);
	if (realpath(database, real)) {
		*path_out = mem_strdup(real);
		return ERR_OK;
	}
	if (!realpath(folder_of(database, folder), real))
		return fail_folder(folder, why_out);
	snprintf(copy, sizeof(copy), "%s", database);
	struct buf buf = BUF_EMPTY;
	buf_printf(&buf, "%s/%s", strcmp(real, "/") == 0 ? "" : real, basename(copy));
	*path_out = buf_take(&buf);
	return ERR_OK;
}

static enum err fail_open(const char *path, char **why_out)
{
	char folder[PATH_MAX];
	switch (errno) {
	case EROFS:
		return why_fail(why_out, ERR_IO,
				"the disk of %s is read-only; mount it for writing",
				path);
	case EACCES:
	case EPERM:
		return why_fail(why_out, ERR_IO,
				"user %u may not write %s; give the folder %s and the "
				"files in it to this user, or run "
				"as theirs",
				(unsigned)geteuid(), path, folder_of(path, folder));
	case ENOSPC:
	case EDQUOT:
		return why_fail(why_out, ERR_FULL,
				"there is no room for %s: the disk is full", path);
	case EISDIR:
		return why_fail(why_out, ERR_IO,
				"%s is a folder, not a file; name a file in it", path);
	case ENOENT:
	case ENOTDIR:
		return fail_folder(folder_of(path, folder), why_out);
	default:
		return why_fail(why_out, ERR_IO, "%s cannot be opened: %s", path,
				strerror(errno));
	}
}

/* What root makes in somebody's folder must be that somebody's, or their daemon cannot open it later. */
static void give_to_owner_of_folder(int fd, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;
	if (geteuid() == 0 && stat(folder_of(path, folder), &st) == 0 &&
	    fchown(fd, st.st_uid, st.st_gid) != 0)
		return; /* a disk without owners */
}

static enum err fail_locked(int fd, const char *database, char **why_out)
{
	char pid[32] = "";
	ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
	pid[len > 0 ? len : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	return why_fail(why_out, ERR_LOCKED,
			"the database %s is in use by another handbox (process %s): "
			"let that one do it, or stop it first",
			database, *pid ? pid : "unknown");
}

enum err sqlite_lock(const char *database, int *fd_out, char **why_out)
{
	enum err err = ERR_OK;
	char *path = join(database, ".lock"), pid[32];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err = fail_open(path, why_out);
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		err = errno == EWOULDBLOCK ? fail_locked(fd, database, why_out)
					   : fail_open(path, why_out);
		close(fd);
	} else {
		give_to_owner_of_folder(fd, path);
		int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
		/* for people only: the lock holds without it, also on a full disk */
		if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)len, 0) != len)
			errno = 0;
		*fd_out = fd;
	}
	mem_free(path);
	return err;
}

enum err sqlite_create(const char *path, char **why_out)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return why_fail(why_out, ERR_EXISTS,
				"%s is there already; name another, or move it away",
				path);
	if (fd < 0)
		return fail_open(path, why_out);
	give_to_owner_of_folder(fd, path);
	close(fd);
	return ERR_OK;
}

enum err sqlite_sync_folder(const char *path, char **why_out)
{
	char folder[PATH_MAX];
	int fd = open(folder_of(path, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_folder(folder, why_out);
	int rc = fsync(fd);
	int failed = errno;
	close(fd);
	if (rc != 0 &&
	    failed != EINVAL) /* EINVAL: a file system that keeps names by itself */
		return why_fail(why_out, ERR_IO,
				"the folder %s cannot be made durable: %s", folder,
				strerror(failed));
	return ERR_OK;
}

/* A database that is missing is made; one that is there is looked at before SQLite opens it. */
static enum err find_file(const char *path, char **why_out)
{
	struct stat st;
	if (stat(path, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return ERR_OK;
		return why_fail(why_out, ERR_IO,
				"%s is %s, not a database file; name a file", path,
				S_ISDIR(st.st_mode) ? "a folder" : "something else");
	}
	if (errno != ENOENT)
		return fail_open(path, why_out);
	char *wal = join(path, "-wal");
	enum err err = ERR_OK;
	if (access(wal, F_OK) == 0)
		err = why_fail(why_out, ERR_CORRUPT,
			       "%s is missing, but its log %s is there: bring the "
			       "database back to its place, or move the log away",
			       path, wal);
	mem_free(wal);
	if (err != ERR_OK)
		return err;
	err = sqlite_create(path, why_out);
	return err == ERR_OK ? sqlite_sync_folder(path, why_out) : err;
}

/* Before the lock, which would be left lying about. */
static enum err find_existing(const char *path, enum store_open_mode mode,
			      char **why_out)
{
	if (mode == STORE_SERVE || access(path, F_OK) == 0 || errno != ENOENT)
		return ERR_OK;
	return why_fail(why_out, ERR_NOT_FOUND,
			"there is no database %s; `handbox serve` makes one, `handbox "
			"restore` puts a backup there",
			path);
}

enum err sqlite_claim(const char *database, enum store_open_mode mode,
		      struct db_place **place_out, char **why_out)
{
	char *path = NULL;
	int fd = -1;
	sqlite_setup();
	enum err err = sqlite_resolve(database, &path, why_out);
	if (err == ERR_OK)
		err = find_existing(path, mode, why_out);
	if (err == ERR_OK)
		err = sqlite_lock(path, &fd, why_out);
	if (err == ERR_OK)
		err = find_file(path, why_out);
	if (err != ERR_OK) {
		if (fd >= 0)
			close(fd);
		mem_free(path);
		return err;
	}
	struct db_place *place = MEM_NEW(struct db_place);
	place->path = path;
	place->wal_path = join(path, "-wal");
	place->lock_fd = fd;
	*place_out = place;
	return ERR_OK;
}

void sqlite_leave(struct db_place *place)
{
	close(place->lock_fd);
	mem_free(place->wal_path);
	mem_free(place->path);
	mem_free(place);
}

const char *sqlite_path(const struct db_place *place)
{
	return place->path;
}

uint64_t sqlite_log_bytes(const struct db_place *place)
{
	struct stat st;
	return stat(place->wal_path, &st) == 0 ? (uint64_t)st.st_size : 0;
}
