/* writer.c - the writer thread: groups of writes, one commit each. See store.h for the promises.
 *
 * Ids: the mark on disk lies ahead of every id a commit may contain, by RESERVE_MS, so that it is written once in many
 * groups. A start goes on from the mark, never from the clock alone. While ids run ahead of the clock (it went back, or
 * many starts in a row) only RESERVE_LEAST_MS is taken, so that they do not run away. A mark must be on the disk before
 * anybody sees an id that it covers, so a lazy group that comes near it is synced like any other.
 *
 * Fault points (base/fault.h): store_before_commit, store_after_commit; as errors store_commit_full (ERR_FULL),
 * store_commit_io (ERR_UNSURE, not kept), store_commit_io_kept (ERR_UNSURE, kept).
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/inner.h"
#include "store/letters_rows.h"
#include "store/meta_rows.h"
#include "store/thread_rows.h"
#include "store/why.h"

enum {
	ID_TIME_SHIFT = 22,
	RESERVE_MS = 10 * 1000,
	RESERVE_LEAST_MS = 1000,
	NEAR_MS = 100, /* no write takes as many ids as fit into it */
	LEAVING = SIGNAL_OUTBOX | SIGNAL_HOOKS | SIGNAL_MAIL
};

/* What one commit carries. It outlives the store when that is closed before home is run. */
struct group {
	struct mail mail;       /* first */
	struct write_job *jobs; /* linked by their mails, in order */
	bool is_lazy;           /* there is no other job in it than a lazy one */
	void *log; /* to be synced before it goes home; NULL: it need not */
	int64_t now;
	unsigned signals;
	void (*committed)(void *arg, unsigned signals);
	void *committed_arg;
};

struct txn {
	struct store *store;
	struct write_job *job;
	int64_t now;
	unsigned signals;
};

static struct write_job *job_of(struct mail *mail)
{
	return (struct write_job *)mail;
}

/* --- what a write sees --- */

int64_t txn_now(const struct txn *txn)
{
	return txn->now;
}

struct db *txn_db(struct txn *txn)
{
	return txn->store->writer.db;
}

void *txn_context(struct txn *txn)
{
	return txn->store->config.context;
}

unsigned txn_node(const struct txn *txn)
{
	return txn->store->config.node;
}

uint64_t txn_group(const struct txn *txn)
{
	return txn->store->writer.group;
}

bool txn_others_wait(const struct txn *txn)
{
	return mailbox_len(txn->store->writes) || mailbox_len(txn->store->patient);
}

void txn_signal(struct txn *txn, unsigned signals)
{
	txn->signals |= signals;
}

struct arena *txn_arena(struct txn *txn)
{
	if (!txn->job->arena)
		txn->job->arena = arena_new();
	return txn->job->arena;
}

static uint64_t reserve_above(uint64_t id, int64_t now)
{
	uint64_t least = id + ((uint64_t)RESERVE_LEAST_MS << ID_TIME_SHIFT);
	uint64_t ahead = now > IDENT_EPOCH_MS
				 ? (uint64_t)(now - IDENT_EPOCH_MS + RESERVE_MS)
					   << ID_TIME_SHIFT
				 : 0;
	return ahead > least ? ahead : least;
}

uint64_t txn_id(struct txn *txn)
{
	struct writer *writer = &txn->store->writer;
	uint64_t id = ident_next(&writer->ident, txn->now);
	if (id > writer->reserving)
		writer->reserving = reserve_above(id, txn->now);
	if (!writer->first_id)
		writer->first_id = id;
	return id;
}

/* --- the connection --- */

enum err writer_start(struct store *store, char **why_out)
{
	struct writer *writer = &store->writer;
	struct arena *arena = arena_new();
	const char *path = store->driver->path(store->place);
	char *text = NULL;
	uint64_t mark = 0;
	db_unit_begin(writer->db);
	enum err err = meta_rows_get(writer->db, arena, META_ID_HIGH_WATER, &text);
	if (db_unit_end(writer->db, ERR_OK) != ERR_OK)
		err = why_fail(why_out, err, "%s cannot be read: %s", path,
			       err_title(err));
	else if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	else if (ident_parse(text, &mark) != ERR_OK)
		err = why_fail(why_out, ERR_CORRUPT,
			       "%s: the value of %s in table meta is not an id: %s; "
			       "put a backup "
			       "there: handbox restore FILE",
			       path, META_ID_HIGH_WATER, text);
	arena_free(&arena);
	if (err != ERR_OK)
		return err;
	writer->reserved = writer->reserving = mark;
	ident_init(&writer->ident, store->config.node, mark);
	return ERR_OK;
}

static enum err write_mark(struct writer *writer, uint64_t mark)
{
	char text[IDENT_TEXT_LEN];
	return meta_rows_set(writer->db, META_ID_HIGH_WATER, ident_format(mark, text));
}

void writer_finish(struct store *store)
{
	struct writer *writer = &store->writer;
	if (!writer->db)
		return;
	/* Not needed for safety: the next start just need not run ahead of the clock. */
	uint64_t last = writer->ident.last_ms << ID_TIME_SHIFT |
			((UINT64_C(1) << ID_TIME_SHIFT) - 1);
	writer->db->lost = ERR_OK;
	if (last < writer->reserved &&
	    store->driver->begin(writer->db, STORE_UNREADY_WAIT_MS, DB_SYNC_NOW) ==
		    ERR_OK &&
	    (write_mark(writer, last) != ERR_OK ||
	     store->driver->commit(writer->db) != ERR_OK))
		store->driver->rollback(writer->db);
	store->driver->close(writer->db);
	writer->db = NULL;
}

/* After an I/O error nothing that a connection remembers is believed: all are opened anew. */
static enum err open_again(struct store *store)
{
	struct writer *writer = &store->writer;
	char *why = NULL;
	if (writer->db)
		return ERR_OK;
	enum err err =
		store->driver->connect(store->place, DB_WRITER, &writer->db, &why);
	if (err == ERR_OK)
		err = store->driver->mend(writer->db);
	if (err != ERR_OK && writer->db) {
		store->driver->close(writer->db);
		writer->db = NULL;
	}
	if (why && atomic_load(&store->unready) != (int)err)
		log_warn("store", "%s", why);
	mem_free(why);
	return err;
}

static void note_outcome(struct store *store, enum err err)
{
	int former = atomic_exchange(&store->unready, err);
	if (err != ERR_OK)
		atomic_fetch_add(&store->commit_errors, 1);
	if (err != ERR_OK && former != (int)err)
		log_error("store", "not ready for writing err=%s: %s", err_code(err),
			  err_title(err));
	if (err == ERR_OK && former != ERR_OK)
		log_info("store", "ready for writing again");
	if (err != ERR_UNSURE && err != ERR_IO && err != ERR_CORRUPT)
		return;
	if (store->writer.db)
		store->driver->close(store->writer.db);
	store->writer.db = NULL;
	atomic_fetch_add(&store->generation, 1);
}

/* --- a group --- */

static void group_done(struct mail *mail)
{
	struct group *group = (struct group *)mail;
	if (group->signals && group->committed)
		group->committed(group->committed_arg, group->signals);
	for (struct write_job *job = group->jobs, *next; job; job = next) {
		next = job_of(job->mail.next);
		job->done(job->arg, job->err);
		arena_free(&job->arena);
		mem_free(job);
	}
	mem_free(group);
}

static void run_job(struct store *store, struct group *group, struct write_job *job)
{
	struct txn txn = {.store = store, .job = job, .now = group->now};
	db_unit_begin(store->writer.db);
	job->err = db_unit_end(store->writer.db, job->write(&txn, job->arg));
	if (job->err == ERR_OK)
		group->signals |= txn.signals;
	else
		atomic_fetch_add(&store->refusals, 1);
}

static enum err commit(struct store *store, struct group *group, enum db_sync sync)
{
	struct writer *writer = &store->writer;
	bool moves_mark = writer->reserving > writer->reserved;
	enum err err = ERR_OK;
	if (moves_mark)
		err = write_mark(writer, writer->reserving);
	if (err == ERR_OK && writer->first_id)
		err = thread_rows_index_words(writer->db, writer->first_id);
	if (err == ERR_OK)
		err = letters_rows_take_in(writer->db);
	if (err != ERR_OK)
		return err;
	FAULT_POINT("store_before_commit");
	if (FAULT_ERROR("store_commit_full"))
		return ERR_FULL;
	if (FAULT_ERROR("store_commit_io"))
		return ERR_UNSURE;
	int64_t began_us = clock_mono_us();
	err = store->driver->commit(writer->db);
	atomic_fetch_add(&store->commit_us,
			 (unsigned long long)(clock_mono_us() - began_us));
	if (err == ERR_OK && sync == DB_SYNC_LATER && moves_mark)
		err = syncer_sync(writer->syncer, store->driver->log(writer->db));
	else if (err == ERR_OK && sync == DB_SYNC_LATER &&
		 (!group->is_lazy || group->signals & LEAVING))
		group->log = store->driver->log(writer->db);
	FAULT_POINT("store_after_commit");
	if (err == ERR_OK && FAULT_ERROR("store_commit_io_kept"))
		return ERR_UNSURE;
	if (err == ERR_OK)
		writer->reserved = writer->reserving;
	return err;
}

static bool is_near_mark(const struct writer *writer, int64_t now)
{
	uint64_t last_ms = ident_least(now) >> ID_TIME_SHIFT;
	if (last_ms < writer->ident.last_ms)
		last_ms = writer->ident.last_ms;
	return (last_ms + NEAR_MS) << ID_TIME_SHIFT > writer->reserved;
}

static enum err run_group(struct store *store, struct group *group)
{
	struct writer *writer = &store->writer;
	bool was_ready = atomic_load(&store->unready) == ERR_OK;
	enum err err = open_again(store);
	if (err != ERR_OK)
		return err;
	struct db *db = writer->db;
	db->lost = ERR_OK;
	writer->group++;
	writer->first_id = 0;
	writer->reserving =
		group->jobs ? writer->reserved
			    : writer->reserved + 1; /* a probe must write something */
	group->now = clock_now_ms(store->config.clock);
	enum db_sync sync = was_ready && !is_near_mark(writer, group->now)
				    ? DB_SYNC_LATER
				    : DB_SYNC_NOW;
	err = store->driver->begin(
		db, was_ready ? STORE_WAIT_MS : STORE_UNREADY_WAIT_MS, sync);
	for (struct write_job *job = group->jobs; job && err == ERR_OK;
	     job = job_of(job->mail.next)) {
		run_job(store, group, job);
		err = db->lost;
	}
	if (err == ERR_OK)
		err = commit(store, group, sync);
	if (err != ERR_OK)
		store->driver->rollback(db);
	return err;
}

/* What a refused write saw may have been a neighbour's that is gone now: nobody keeps a result of its own. */
static void fail_group(struct group *group, enum err err)
{
	group->signals = 0;
	for (struct write_job *job = group->jobs; job; job = job_of(job->mail.next))
		job->err = err;
}

/* Takes the mail that ends the thread off the list, which is the last one. */
static struct group *group_new(struct store *store, struct mail *mails,
			       bool *is_end_out)
{
	struct group *group = MEM_NEW(struct group);
	struct write_job **link = &group->jobs;
	group->mail.run = group_done;
	group->committed = store->config.committed;
	group->committed_arg = store->config.committed_arg;
	group->jobs = job_of(mails);
	while (*link && (*link)->write)
		link = (struct write_job **)&(*link)->mail.next;
	*is_end_out |= *link != NULL;
	mem_free(*link);
	*link = NULL;
	return group;
}

/* --- the thread --- */

static struct mail **end_of(struct mail **link, size_t *count)
{
	for (; *link; link = &(*link)->next)
		++*count;
	return link;
}

/* The patient first, so that the mail that ends the thread stays the last one; at most half of a group, so that they
 * keep nobody out. */
static struct mail *take_writes(struct store *store, bool *is_lazy_out)
{
	size_t count = 0;
	struct mail *first = mailbox_take_some(store->patient, STORE_GROUP_MOST / 2),
		    **end = end_of(&first, &count);
	bool others_wait = count || mailbox_len(store->writes);
	if (!others_wait || store->writer.put_off) {
		*end = mailbox_take_some(store->lazy, 1);
		*is_lazy_out = *end && !others_wait;
		end = end_of(end, &count);
	}
	store->writer.put_off = mailbox_len(store->lazy) > 0;
	if (!*is_lazy_out)
		*end = mailbox_take_some(store->writes, STORE_GROUP_MOST - count);
	return first;
}

static struct group *wait_for_writes(struct store *store, bool *is_end_out)
{
	struct pollfd pfds[] = {
		{.fd = mailbox_fd(store->writes), .events = POLLIN},
		{.fd = mailbox_fd(store->lazy), .events = POLLIN},
		{.fd = mailbox_fd(store->patient), .events = POLLIN},
	};
	bool is_ready = atomic_load(&store->unready) == ERR_OK, is_lazy = false;
	poll(pfds, 3, is_ready ? -1 : STORE_PROBE_MS);
	for (unsigned ms = 0;
	     ms < STORE_PATIENCE_MS && pfds[2].revents && !pfds[0].revents &&
	     !pfds[1].revents && mailbox_len(store->patient) < STORE_COMPANY;
	     ms++)
		poll(pfds, 2, 1);
	struct group *group =
		group_new(store, take_writes(store, &is_lazy), is_end_out);
	group->is_lazy = is_lazy;
	return group;
}

static void account(struct store *store, const struct group *group)
{
	unsigned count = 0;
	for (const struct write_job *job = group->jobs; job;
	     job = job_of(job->mail.next))
		count++;
	atomic_fetch_add(&store->write_count, count);
	if (count)
		atomic_fetch_add(&store->groups, 1);
}

static bool is_waited_for(struct store *store)
{
	return mailbox_len(store->writes) || mailbox_len(store->patient) ||
	       mailbox_len(store->lazy);
}

static void fail_mail(struct mail *mail, enum err err)
{
	fail_group((struct group *)mail, err);
}

/* While others wait, the disk is waited for beside them. What was given to the syncer before goes home before, and when
 * that has failed nothing that came after it is believed. Whoever hears of a failure finds the store not ready. */
static void end_group(struct store *store, struct group *group, enum err err)
{
	struct syncer *syncer = store->writer.syncer;
	bool is_probe = !group->jobs;
	if (err == ERR_OK && !is_probe && is_waited_for(store) &&
	    !syncer_has_failed(syncer)) {
		note_outcome(store, ERR_OK);
		syncer_give(syncer, &group->mail, group->log);
		return;
	}
	enum err before = syncer_wait(syncer);
	if (before != ERR_OK)
		err = before;
	if (err == ERR_OK)
		err = syncer_sync(syncer, group->log);
	note_outcome(store, err);
	if (is_probe) {
		mem_free(group);
		return;
	}
	if (err != ERR_OK)
		fail_group(group, err);
	mailbox_post(store->config.home, &group->mail);
}

void *writer_main(void *arg)
{
	struct store *store = arg;
	const struct syncer_config config = {.driver = store->driver,
					     .home = store->config.home,
					     .fail = fail_mail,
					     .sync_us = &store->commit_us};
	bool is_end = false;
	store->writer.syncer = syncer_new(&config);
	while (!is_end || mailbox_len(store->patient) || mailbox_len(store->lazy)) {
		struct group *group = wait_for_writes(store, &is_end);
		if (!group->jobs && is_end) {
			mem_free(group);
			break;
		}
		enum err err = run_group(store, group);
		account(store, group);
		end_group(store, group, err);
		if (store->writer.db)
			store->driver->tend(store->writer.db);
	}
	if (syncer_wait(store->writer.syncer) != ERR_OK)
		note_outcome(store, ERR_UNSURE);
	syncer_free(&store->writer.syncer);
	return NULL;
}
