/* syncer.h - puts on the disk what was committed, beside the writer, which works on the next group meanwhile.
 *
 *	writer: commit ─► syncer_give ─► syncer thread: one fsync for all that was given ─► home
 *
 * The log is written in order, so what is synced later carries what was committed before, and groups go home in the order
 * in which they were given. After a sync that failed nothing that was committed since is believed either: all that is
 * given then fails, until the writer has taken note with syncer_wait.
 *
 * Thread: the writer, syncer_sync any; home is run by the loop.
 */
#ifndef HB_STORE_SYNCER_H
#define HB_STORE_SYNCER_H

#include <stdatomic.h>

#include "base/mailbox.h"
#include "store/driver.h"

struct syncer;

struct syncer_config {
	const struct db_driver *driver;
	struct mailbox *home;                          /* borrowed */
	void (*fail)(struct mail *mail, enum err err); /* before a mail goes home */
	atomic_ullong *sync_us; /* borrowed: what syncs took is added */
};

/* Starts the thread with the caller's signal mask; free ends it: nothing may be under way. NULL is fine; leaves NULL. */
struct syncer *syncer_new(const struct syncer_config *config);
void syncer_free(struct syncer **syncer);

/* syncer_give - mail goes home when all that was given before has, and, with a log (driver.h), once that is synced.
 * Waits while two others wait. The connection of the log must stay open until syncer_wait. */
void syncer_give(struct syncer *syncer, struct mail *mail, void *log);

/* syncer_wait - until all has gone home; the error of the sync that failed since the last call. */
enum err syncer_wait(struct syncer *syncer) MUST_CHECK;

/* syncer_sync - the caller waits for the disk itself; NULL: there is nothing to sync. */
enum err syncer_sync(struct syncer *syncer, void *log) MUST_CHECK;

bool syncer_has_failed(struct syncer *syncer);

#endif
