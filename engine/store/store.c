/* store.c - opening, closing, and the ways in: see store.h and inner.h */
#include "store/store.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/inner.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "store/why.h"

static const struct {
	enum err err;
	const char *text; /* of the path */
} unready_sentences[] = {
	{ERR_FULL, "the disk of %s is full: make room; writing goes on by itself"},
	{ERR_LOCKED,
	 "another program holds %s locked for writing: end it (fuser names it)"},
	{ERR_IO, "the disk of %s gives errors: see the log, and the disk"},
	{ERR_UNSURE,
	 "the disk of %s failed during a commit: see the log, and the disk"},
	{ERR_CORRUPT,
	 "%s is damaged: stop, and put a backup there with `handbox restore FILE`"},
	{ERR_INTERNAL, "the last commit to %s failed: see the log"},
};

static bool is_postgresql(const char *database)
{
	return strncmp(database, "postgresql:", 11) == 0 ||
	       strncmp(database, "postgres:", 9) == 0;
}

static enum err find_driver(const char *database, const struct db_driver **driver_out,
			    char **why_out)
{
	if (is_postgresql(database))
		return why_fail(why_out, ERR_NOT_BUILT,
				"databases on PostgreSQL are not built yet: set "
				"`database` to the path of a file");
	*driver_out = &sqlite_driver;
	return ERR_OK;
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	if (pthread_create(thread, NULL, run, arg) != 0) {
		log_error("store", "no thread can be started");
		abort();
	}
}

/* Signals are the main thread's. */
static void start_threads(struct store *store)
{
	sigset_t all, former;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	start_thread(&store->writer.thread, writer_main, store);
	for (unsigned i = 0; i < store->config.readers; i++)
		start_thread(&store->readers[i].thread, reader_main,
			     &store->readers[i]);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
}

static enum err connect_all(struct store *store, enum store_open_mode mode,
			    char **why_out)
{
	const struct db_driver *driver = store->driver;
	enum err err =
		driver->connect(store->place, DB_WRITER, &store->writer.db, why_out);
	if (err == ERR_OK)
		err = schema_bring(store->writer.db, &schema_present,
				   driver->path(store->place), mode, why_out);
	if (err == ERR_OK)
		err = writer_start(store, why_out);
	for (unsigned i = 0; err == ERR_OK && i < store->config.readers; i++) {
		store->readers[i].store = store;
		err = driver->connect(store->place, DB_READER, &store->readers[i].db,
				      why_out);
	}
	return err;
}

static void store_free(struct store *store)
{
	for (unsigned i = 0; i < STORE_READERS_MOST; i++)
		if (store->readers[i].db)
			store->driver->close(store->readers[i].db);
	/* The last connection to close folds the log into the database. */
	writer_finish(store);
	if (store->place)
		store->driver->leave(store->place);
	mailbox_free(&store->writes);
	mailbox_free(&store->patient);
	mailbox_free(&store->lazy);
	mailbox_free(&store->reads);
	for (unsigned i = 0; i < ERR_COUNT; i++)
		mem_free(store->why_unready[i]);
	mem_free(store);
}

static struct store *store_new(const struct store_config *config,
			       const struct db_driver *driver)
{
	struct store *store = MEM_NEW(struct store);
	store->config = *config;
	if (!config->readers)
		store->config.readers = STORE_READERS;
	if (!config->queue_max)
		store->config.queue_max = STORE_QUEUE;
	if (!config->clock)
		store->config.clock = &clock_real;
	assert(store->config.readers <= STORE_READERS_MOST &&
	       config->node <= IDENT_NODE_MAX && config->home);
	store->driver = driver;
	store->writes = mailbox_new();
	store->patient = mailbox_new();
	store->lazy = mailbox_new();
	store->reads = mailbox_new();
	return store;
}

static void prepare_sentences(struct store *store)
{
	for (size_t i = 0; i < sizeof(unready_sentences) / sizeof(*unready_sentences);
	     i++) {
		struct buf buf = BUF_EMPTY;
		const char *text = unready_sentences[i].text,
			   *path = strstr(text, "%s");
		buf_add(&buf, text, (size_t)(path - text));
		buf_add_str(&buf, store->driver->path(store->place));
		buf_add_str(&buf, path + 2);
		store->why_unready[unready_sentences[i].err] = buf_take(&buf);
	}
}

enum err store_open(const struct store_config *config, enum store_open_mode mode,
		    struct store **store_out, char **why_out)
{
	const struct db_driver *driver;
	*why_out = NULL;
	enum err err = find_driver(config->database, &driver, why_out);
	if (err != ERR_OK)
		return err;
	struct store *store = store_new(config, driver);
	err = driver->claim(config->database, mode, &store->place, why_out);
	if (err == ERR_OK)
		err = connect_all(store, mode, why_out);
	if (err != ERR_OK) {
		store_free(store);
		return err;
	}
	store->config.database = driver->path(store->place);
	prepare_sentences(store);
	start_threads(store);
	*store_out = store;
	return ERR_OK;
}

void store_close(struct store **store)
{
	struct store *s = *store;
	if (!s)
		return;
	atomic_store(&s->is_closing, true);
	mailbox_post(s->writes, &MEM_NEW(struct write_job)->mail);
	for (unsigned i = 0; i < s->config.readers; i++)
		mailbox_post(s->reads, &MEM_NEW(struct read_job)->mail);
	pthread_join(s->writer.thread, NULL);
	for (unsigned i = 0; i < s->config.readers; i++)
		pthread_join(s->readers[i].thread, NULL);
	store_free(s);
	*store = NULL;
}

static enum err post_write(struct store *store, struct mailbox *box,
			   const struct write_job *asked)
{
	struct write_job *job = MEM_NEW(struct write_job);
	*job = *asked;
	enum err err = mailbox_post_bounded(box, &job->mail, store->config.queue_max);
	if (err != ERR_OK)
		mem_free(job);
	return err;
}

enum err store_write(struct store *store, store_write_fn *write, store_done_fn *done,
		     void *arg)
{
	const struct write_job job = {.write = write, .done = done, .arg = arg};
	return post_write(store, store->writes, &job);
}

enum err store_write_patient(struct store *store, store_write_fn *write,
			     store_done_fn *done, void *arg)
{
	const struct write_job job = {.write = write, .done = done, .arg = arg};
	return post_write(store, store->patient, &job);
}

enum err store_write_lazy(struct store *store, store_write_fn *write,
			  store_done_fn *done, void *arg)
{
	const struct write_job job = {.write = write, .done = done, .arg = arg};
	return post_write(store, store->lazy, &job);
}

enum err store_read(struct store *store, store_read_fn *read, store_done_fn *done,
		    void *arg)
{
	struct read_job *job = MEM_NEW(struct read_job);
	job->read = read;
	job->done = done;
	job->arg = arg;
	enum err err =
		mailbox_post_bounded(store->reads, &job->mail, store->config.queue_max);
	if (err != ERR_OK)
		mem_free(job);
	return err;
}

/* --- waited for --- */

struct waiting {
	store_write_fn *write;
	store_read_fn *read;
	void *arg;
	bool is_done;
	enum err err;
};

static enum err waiting_write(struct txn *txn, void *arg)
{
	struct waiting *waiting = arg;
	return waiting->write(txn, waiting->arg);
}

static enum err waiting_read(struct snapshot *snap, void *arg)
{
	struct waiting *waiting = arg;
	return waiting->read(snap, waiting->arg);
}

static void waiting_done(void *arg, enum err err)
{
	struct waiting *waiting = arg;
	waiting->err = err;
	waiting->is_done = true;
}

static enum err wait_at_home(struct store *store, struct waiting *waiting)
{
	struct pollfd pfd = {.fd = mailbox_fd(store->config.home), .events = POLLIN};
	while (!waiting->is_done) {
		poll(&pfd, 1, -1);
		mailbox_run_all(store->config.home);
	}
	return waiting->err;
}

enum err store_write_now(struct store *store, store_write_fn *write, void *arg)
{
	struct waiting waiting = {.write = write, .arg = arg};
	enum err err = store_write(store, waiting_write, waiting_done, &waiting);
	return err == ERR_OK ? wait_at_home(store, &waiting) : err;
}

enum err store_read_now(struct store *store, store_read_fn *read, void *arg)
{
	struct waiting waiting = {.read = read, .arg = arg};
	enum err err = store_read(store, waiting_read, waiting_done, &waiting);
	return err == ERR_OK ? wait_at_home(store, &waiting) : err;
}

/* --- about it --- */

bool store_is_ready(struct store *store, const char **why_out)
{
	enum err err = (enum err)atomic_load(&store->unready);
	if (err != ERR_OK && why_out)
		*why_out = store->why_unready[err] ? store->why_unready[err]
						   : err_title(err);
	return err == ERR_OK;
}

void store_get_stats(struct store *store, struct store_stats *stats_out)
{
	*stats_out = (struct store_stats){
		.groups = atomic_load(&store->groups),
		.writes = atomic_load(&store->write_count),
		.reads = atomic_load(&store->read_count),
		.refusals = atomic_load(&store->refusals),
		.commit_errors = atomic_load(&store->commit_errors),
		.writes_waiting = (uint32_t)(mailbox_len(store->writes) +
					     mailbox_len(store->patient) +
					     mailbox_len(store->lazy)),
		.reads_waiting = (uint32_t)mailbox_len(store->reads),
		.wal_bytes = store->driver->log_bytes(store->place),
		.commit_us_total = atomic_load(&store->commit_us),
	};
}

enum err store_backup(struct store *store, const char *path, char **why_out)
{
	*why_out = NULL;
	return store->driver->backup(store->driver->path(store->place), path,
				     clock_now_ms(store->config.clock), why_out);
}

enum err store_restore(const char *backup, const char *database, char **why_out)
{
	const struct db_driver *driver;
	*why_out = NULL;
	enum err err = find_driver(database, &driver, why_out);
	return err == ERR_OK ? sqlite_restore(backup, database, why_out) : err;
}

enum err store_schema_of(const char *database, unsigned *version_out, char **why_out)
{
	const struct db_driver *driver;
	*why_out = NULL;
	enum err err = find_driver(database, &driver, why_out);
	return err == ERR_OK ? sqlite_schema_of(database, version_out, why_out) : err;
}
