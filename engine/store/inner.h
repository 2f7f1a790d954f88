/* inner.h - the store from inside: what store.c, writer.c and reader.c share.
 *
 *	loop		store_write ─► writes ─► writer thread: group ──────────► home ─► committed, done, done …
 *	  store_write_patient ─► patient ─┤                  └► syncer ─┘
 *	     store_write_lazy ─► lazy ────┘
 *			store_read  ─► reads  ─► reader threads       ─► home ─► done
 *
 * Four mailboxes lead in, home leads out; the rest of struct store is either set before the threads start, or atomic, or
 * one thread's own, as marked.
 */
#ifndef HB_STORE_INNER_H
#define HB_STORE_INNER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ident.h"
#include "store/driver.h"
#include "store/store.h"
#include "store/syncer.h"

enum {
	STORE_READERS_MOST = 16,
	STORE_READERS = 2,
	STORE_QUEUE = 8192,
	STORE_WAIT_MS = 2000, /* a group waits that long for a foreign writer … */
	STORE_UNREADY_WAIT_MS =
		100, /* … and that long while the last one waited in vain */
	STORE_PROBE_MS =
		1000, /* while not ready, and nothing to write: how often the writer tries by itself */
	STORE_READER_WAIT_MS = 250,
	STORE_PATIENCE_MS = 5, /* so long a patient write waits for company, … */
	STORE_COMPANY = 16,    /* … unless it has that much */
	STORE_SNAPSHOT_MS = 1000,
};

struct reader {
	struct store *store;
	/* the reader thread's; NULL after an error, until it is opened again */
	struct db *db;
	pthread_t thread;
	unsigned generation; /* of the connection */
};

/* The writer thread's own, once it runs. */
struct writer {
	struct db *db; /* NULL after an I/O error, until it is opened again */
	pthread_t thread;
	struct ident ident;
	uint64_t group; /* counts what was begun */
	/* the high-water mark on disk: no id above it was given out by what was committed */
	uint64_t reserved;
	uint64_t reserving; /* the one this group will leave there */
	uint64_t first_id;  /* given out in this group; 0: none yet */
	bool put_off;       /* a lazy write waited while the last group ran */
	struct syncer *syncer;
};

struct store {
	struct store_config config; /* with the defaults filled in */
	const struct db_driver *driver;
	struct db_place *place;
	struct mailbox *writes, *patient, *lazy, *reads;
	struct writer writer;
	struct reader readers[STORE_READERS_MOST];
	atomic_bool is_closing; /* no more reads begin */
	atomic_uint generation; /* rises when all connections are to be opened anew */
	atomic_int unready;     /* enum err of the last group; ERR_OK: ready */
	char *why_unready
		[ERR_COUNT]; /* those errors that have a sentence of their own */
	atomic_ullong groups, write_count, read_count, refusals, commit_errors,
		commit_us;
};

/* A thread that finds a mail without run ends. */
void *writer_main(void *store);
void *reader_main(void *reader);

/* writer_start - reads the high-water mark. Thread: the opening one, before writer_main. */
enum err writer_start(struct store *store, char **why_out) MUST_CHECK;

/* writer_finish - writes the exact high-water mark and closes the connection: after the threads ended. */
void writer_finish(struct store *store);

struct write_job {
	struct mail mail;      /* first: a mail is its job */
	store_write_fn *write; /* NULL: end */
	store_done_fn *done;
	void *arg;
	struct arena *arena; /* NULL until asked for */
	enum err err;
};

struct read_job {
	struct mail mail;    /* first */
	store_read_fn *read; /* NULL: end */
	store_done_fn *done;
	void *arg;
	struct arena *arena;
	enum err err;
};

#endif
