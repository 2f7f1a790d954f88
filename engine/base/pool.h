/* pool.h - a few threads for slow, pure work: password hashing, XML, phone numbers in bulk.
 *
 * A job runs on a pool thread, then its done runs on the thread that reads home (the loop). The pool is bounded, so
 * that logins or uploads cannot pile up memory.
 */
#ifndef HB_BASE_POOL_H
#define HB_BASE_POOL_H

#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"

struct pool;

typedef void pool_fn(void *arg);

/* pool_new - threads 1..8; at most depth jobs wait. home is borrowed and outlives the pool. */
struct pool *pool_new(unsigned threads, size_t depth, struct mailbox *home);

/* pool_free - finishes what waits, joins the threads; their done calls are posted to home, and still to be run. */
void pool_free(struct pool **pool);

/* pool_run - ERR_BUSY when depth jobs wait; neither function will be called then. arg is the caller's. Thread: loop. */
enum err pool_run(struct pool *pool, pool_fn *work, pool_fn *done,
		  void *arg) MUST_CHECK;

#endif
