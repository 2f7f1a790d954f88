/* reader.c - the reader threads: each read in a snapshot of its own. See store.h for the promises. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/inner.h"

struct snapshot {
	struct store *store;
	struct read_job *job;
	struct db *db;
	int64_t now;
};

int64_t snapshot_now(const struct snapshot *snap)
{
	return snap->now;
}

struct db *snapshot_db(struct snapshot *snap)
{
	return snap->db;
}

void *snapshot_context(struct snapshot *snap)
{
	return snap->store->config.context;
}

struct arena *snapshot_arena(struct snapshot *snap)
{
	if (!snap->job->arena)
		snap->job->arena = arena_new();
	return snap->job->arena;
}

static void read_done(struct mail *mail)
{
	struct read_job *job = (struct read_job *)mail;
	job->done(job->arg, job->err);
	arena_free(&job->arena);
	mem_free(job);
}

static enum err open_again(struct reader *reader)
{
	struct store *store = reader->store;
	unsigned generation = atomic_load(&store->generation);
	char *why = NULL;
	if (reader->db && reader->generation == generation)
		return ERR_OK;
	if (reader->db)
		store->driver->close(reader->db);
	reader->db = NULL;
	enum err err =
		store->driver->connect(store->place, DB_READER, &reader->db, &why);
	if (err == ERR_OK)
		reader->generation = generation;
	else
		log_warn("store", "%s", why);
	mem_free(why);
	return err;
}

static enum err run_read(struct reader *reader, struct read_job *job)
{
	struct store *store = reader->store;
	enum err err = open_again(reader);
	if (err != ERR_OK)
		return err;
	struct db *db = reader->db;
	struct snapshot snap = {.store = store,
				.job = job,
				.db = db,
				.now = clock_now_ms(store->config.clock)};
	db->lost = ERR_OK;
	err = store->driver->begin(db, STORE_READER_WAIT_MS, DB_SYNC_NOW);
	if (err != ERR_OK)
		return err;
	db->deadline_mono_ms = clock_mono_ms() + STORE_SNAPSHOT_MS;
	db_unit_begin(db);
	err = db_unit_end(db, job->read(&snap, job->arg));
	db->deadline_mono_ms = 0;
	store->driver->rollback(db); /* only ends the snapshot */
	return err;
}

void *reader_main(void *arg)
{
	struct reader *reader = arg;
	struct store *store = reader->store;
	for (;;) {
		struct read_job *job = (struct read_job *)mailbox_wait(store->reads, 1);
		if (!job->read) {
			mem_free(job);
			break;
		}
		job->err = atomic_load(&store->is_closing) ? ERR_BUSY
							   : run_read(reader, job);
		if (job->err == ERR_IO || job->err == ERR_CORRUPT)
			reader->generation--; /* opens it again before the next read */
		atomic_fetch_add(&store->read_count, 1);
		job->mail.run = read_done;
		mailbox_post(store->config.home, &job->mail);
	}
	if (reader->db)
		store->driver->close(reader->db);
	reader->db = NULL;
	return NULL;
}
