/* store.h - the one way to change or read what handbox knows.
 *
 * A write is a function that runs on the writer thread inside an open transaction, together with whatever other writes
 * were waiting (at most STORE_GROUP_MOST): one commit, one fsync, for all of them. Its done callback runs on the loop
 * thread once that commit is on the disk. The group sizes itself: one when idle, hundreds under load; there is no knob.
 * While others wait the writer goes on with them and the disk is waited for beside it: a later write, or a read, may see
 * what nobody has been told of yet, and what a power cut would undo together with all that came after it.
 *
 * A write returns ERR_OK, or a refusal whose reason it left in arg. A refusal or a database error leaves nothing of that
 * write behind and does not touch its neighbours (a savepoint, opened at the first row it writes). When COMMIT itself
 * fails: full or busy, the group is rolled back and all its writes get that error, none is replayed; an I/O error, all
 * get ERR_UNSURE and every connection is opened anew before the next group. A write depends on nothing but the
 * transaction, its arg, txn_now() and txn_id(); none writes more than 1,000 rows: larger work is a job in steps.
 *
 * A read is a function that runs on one of the reader threads, in a snapshot, and cannot write. A read queued after a
 * write's done callback sees that write. No snapshot lives longer than 1 s.
 *
 *	static enum err rename(struct txn *txn, void *arg) { … user_rows_save(txn_db(txn), &user) … }
 *	err = store_write(store, rename, renamed, request);
 *
 * While commits fail the store is not ready: reads go on, writes are answered with the error, and the writer tries by
 * itself every second, so that it is ready again soon after the cause has ended. SIGXFSZ must be ignored (main does):
 * then a file at its size limit is a full disk like any other.
 *
 * Thread: store_write, store_read and all done callbacks: the loop. The functions themselves: writer or reader.
 * Waking: what a write leaves for others to do (an outbox row, a timer) it says with txn_signal(); after the commit the
 * config's committed callback gets the signals of the whole group in one call, before the done callbacks.
 */
#ifndef HB_STORE_STORE_H
#define HB_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "base/mem.h"

enum { STORE_GROUP_MOST = 512, STORE_SCHEMA_VERSION = 1 };

enum store_signal {
	SIGNAL_OUTBOX = 1 << 0, /* there may be a text to hand over */
	SIGNAL_TIMER = 1 << 1,  /* something has a time at which it falls due */
	SIGNAL_AUTH =
		1
		<< 2, /* users, sessions or tokens changed: forget what was cached of them */
	SIGNAL_PEOPLE =
		1
		<< 3, /* a user or team came or came back: what was refused for want of one may fit now */
	SIGNAL_HOOKS = 1 << 4, /* there may be something to tell another system */
	SIGNAL_MAIL = 1 << 5,  /* there may be an e-mail to send */
};

struct store;
struct txn;
struct snapshot;
struct db; /* a connection inside a transaction or snapshot: what the row functions take */

typedef enum err store_write_fn(struct txn *txn, void *arg);
typedef enum err store_read_fn(struct snapshot *snap, void *arg);
typedef void store_done_fn(void *arg, enum err err);

struct store_config {
	/* a path; postgresql://… is refused with a sentence until that driver is built */
	const char *database;
	unsigned node;             /* 0..255: part of every id */
	unsigned readers;          /* threads, 1..16; 0: two */
	unsigned queue_max;        /* writes, and reads, that may wait; 0: 8192 */
	const struct clock *clock; /* borrowed; NULL: clock_real */
	/* borrowed: done callbacks are mailed here; the loop runs it */
	struct mailbox *home;
	void *context; /* borrowed: txn_context(), snapshot_context() */
	void (*committed)(void *arg, unsigned signals); /* loop thread; may be NULL */
	void *committed_arg;
};

enum store_open_mode {
	STORE_SERVE, /* creates a missing database; refuses an older schema, naming `handbox migrate` */
	STORE_MIGRATE, /* brings an older schema up, step by step; keeps a copy first: DATABASE.schema-N */
	STORE_EXISTING, /* never creates */
};

/* store_open - takes the lock beside the database (one writer), opens it, starts the threads.
 * Errors, each with a sentence of what, where and how to mend it in *why_out (the caller's mem_free):
 * ERR_LOCKED another handbox has it · ERR_NOT_FOUND folder or file missing · ERR_SCHEMA older or newer schema ·
 * ERR_CORRUPT · ERR_FULL · ERR_IO read-only disk, rights. *why_out is set on every error. */
enum err store_open(const struct store_config *config, enum store_open_mode mode,
		    struct store **store_out, char **why_out) MUST_CHECK;

/* store_close - finishes the writes that are queued, stops the threads, checkpoints, gives the lock back. Reads that have
 * not begun get ERR_BUSY: nothing is lost with them, and slow ones in a row would hold up the stop. Done callbacks of what
 * was queued are mailed to home: run it once more afterwards. NULL is fine; leaves NULL. */
void store_close(struct store **store);

/* ERR_BUSY when queue_max writes (reads) wait: the caller answers 503 with Retry-After; done will not be called.
 * arg is the caller's, and must stay until done. */
enum err store_write(struct store *store, store_write_fn *write, store_done_fn *done,
		     void *arg) MUST_CHECK;
enum err store_read(struct store *store, store_read_fn *read, store_done_fn *done,
		    void *arg) MUST_CHECK;

/* store_write_patient - the same as store_write, for what no person waits for: it goes with the next group that somebody
 * else causes, or by itself 5 ms later. Reports come by thousands, one a request: a commit for each would take the disk
 * from Kannel, which keeps its queue there. Patient writes keep their order among themselves, not among the others. */
enum err store_write_patient(struct store *store, store_write_fn *write,
			     store_done_fn *done, void *arg) MUST_CHECK;

/* store_write_lazy - the same as store_write, for what the clock brings by thousands and nobody asked for: one alone in a
 * group while no other write waits, put off for no more than one group, and its commit does not wait for the disk. A power
 * cut may undo it, as if it had not come yet. When it signals something that may leave, it is on the disk before that is told.
 * Keep it short: who asks for something meanwhile waits for it. */
enum err store_write_lazy(struct store *store, store_write_fn *write,
			  store_done_fn *done, void *arg) MUST_CHECK;

/* store_write_now, store_read_now - the same, waited for: at start, in commands of the shell and in tests, before or
 * without a loop. Thread: the one that reads home. */
enum err store_write_now(struct store *store, store_write_fn *write,
			 void *arg) MUST_CHECK;
enum err store_read_now(struct store *store, store_read_fn *read, void *arg) MUST_CHECK;

/* store_is_ready - false while the last commit failed: for /readyz. *why_out: a sentence, borrowed, any thread. */
bool store_is_ready(struct store *store, const char **why_out);

struct store_stats {
	uint64_t groups, writes, reads, refusals, commit_errors;
	uint32_t writes_waiting, reads_waiting;
	uint64_t wal_bytes;
	uint64_t commit_us_total; /* microseconds in COMMIT */
};
void store_get_stats(struct store *store, struct store_stats *stats_out);

/* store_backup - a consistent, checked copy into a new file (0600), marked as one (meta key `restored_copy`: UTC ms),
 * while everything goes on: only the log grows meanwhile. Blocks: run it on a pool thread or in the shell. ERR_EXISTS:
 * path is there. */
enum err store_backup(struct store *store, const char *path, char **why_out) MUST_CHECK;

/* store_restore - puts a copy of a backup file at the place of database, which must not be in use; keeps what was there
 * as PATH.before-restore. The result is marked as a copy, whatever the backup was. Without an open store.
 * ERR_LOCKED in use · ERR_NOT_FOUND no such backup · ERR_SCHEMA not ours, or of a newer handbox · ERR_CORRUPT damaged ·
 * ERR_EXISTS PATH.before-restore is there from an earlier one. */
enum err store_restore(const char *backup, const char *database,
		       char **why_out) MUST_CHECK;

/* store_schema_of - the schema version of a database file, for `migrate --plan`; 0: none yet. */
enum err store_schema_of(const char *database, unsigned *version_out,
			 char **why_out) MUST_CHECK;

/* --- inside a write (writer thread) --- */
int64_t txn_now(const struct txn *txn); /* UTC ms: one instant for the whole group */
uint64_t txn_id(struct txn *txn);       /* a new id, above all earlier ones */
struct arena *
txn_arena(struct txn *txn); /* lives until done has returned: results may stand in it */
struct db *txn_db(struct txn *txn);
void *txn_context(struct txn *txn);
void txn_signal(struct txn *txn, unsigned signals);
unsigned txn_node(const struct txn *txn);

/* txn_group - the database's transaction that this write is part of: another number for each, also after one that was
 * rolled back. What is read in a group that changed nothing of it before is committed, and may be kept. From 1. */
uint64_t txn_group(const struct txn *txn);

/* txn_others_wait - somebody else wants to write: what may be cut short ends soon. */
bool txn_others_wait(const struct txn *txn);

/* --- inside a read (a reader thread) --- */
int64_t snapshot_now(const struct snapshot *snap);
struct arena *snapshot_arena(struct snapshot *snap); /* lives until done has returned */
struct db *snapshot_db(struct snapshot *snap);
void *snapshot_context(struct snapshot *snap);

#endif
