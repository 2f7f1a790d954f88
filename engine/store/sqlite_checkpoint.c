/* sqlite_checkpoint.c - moving the log into the database beside the writer: see sqlite.h */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/sqlite.h"

struct checkpointer {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock; /* innermost: held over no call out */
	pthread_cond_t changed;
	bool is_busy, is_over;
};

/* SQLite syncs the database only when it has come to the end of the log: the writer would wait for all at once. */
static int sync_database(sqlite3 *handle)
{
	sqlite3_file *file = NULL;
	int rc = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return rc == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : rc;
}

/* Nothing is lost when it fails: the log keeps it for the next time. A reader or the writer in the way is no failure. */
static void checkpoint(sqlite3 *handle, const char *path)
{
	int rc = sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_PASSIVE,
					   NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sync_database(handle);
	if (rc != SQLITE_OK && rc != SQLITE_BUSY)
		log_warn("store",
			 "the log of %s cannot be moved into it: %s (sqlite %d)", path,
			 sqlite3_errmsg(handle), rc);
}

static bool is_asked(struct checkpointer *self)
{
	pthread_mutex_lock(&self->lock);
	self->is_busy = false;
	while (!self->is_over && !self->is_busy)
		pthread_cond_wait(&self->changed, &self->lock);
	bool is_over = self->is_over;
	pthread_mutex_unlock(&self->lock);
	return !is_over;
}

/* A connection knows of the log once it has read something. */
static enum err open_log(const char *path, sqlite3 **handle_out, char **why_out)
{
	unsigned version;
	enum err err = sqlite_open(path, SQLITE_OPEN_READWRITE, handle_out, why_out);
	return err == ERR_OK ? sqlite_version(*handle_out, path, &version, why_out)
			     : err;
}

static void *checkpointer_main(void *arg)
{
	struct checkpointer *self = arg;
	sqlite3 *handle = NULL;
	char *why = NULL;
	enum err err = open_log(self->path, &handle, &why);
	if (err != ERR_OK) /* the writer will move it, later and at once */
		log_warn("store", "the log cannot be moved: %s", why);
	mem_free(why);
	do
		if (err == ERR_OK)
			checkpoint(handle, self->path);
	while (is_asked(self));
	sqlite3_close(handle);
	return NULL;
}

static struct checkpointer *checkpointer_new(const char *path)
{
	struct checkpointer *self = MEM_NEW(struct checkpointer);
	self->path = mem_strdup(path);
	self->is_busy = true;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	if (pthread_create(&self->thread, NULL, checkpointer_main, self) != 0) {
		log_error("store", "no thread can be started");
		abort();
	}
	return self;
}

void checkpointer_ask(struct checkpointer **checkpointer, const char *path)
{
	struct checkpointer *self = *checkpointer;
	if (!self) {
		*checkpointer = checkpointer_new(path);
		return;
	}
	pthread_mutex_lock(&self->lock);
	self->is_busy = true;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
}

bool checkpointer_is_busy(struct checkpointer *self)
{
	if (!self)
		return false;
	pthread_mutex_lock(&self->lock);
	bool is_busy = self->is_busy;
	pthread_mutex_unlock(&self->lock);
	return is_busy;
}

void checkpointer_free(struct checkpointer **checkpointer)
{
	struct checkpointer *self = *checkpointer;
	*checkpointer = NULL;
	if (!self)
		return;
	pthread_mutex_lock(&self->lock);
	self->is_over = true;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	mem_free(self->path);
	mem_free(self);
}
