/* password_job.h - checking and hashing passwords on the slow pool, for a request that waits.
 *
 *	struct password_job *job = ARENA_NEW(http_arena(req), struct password_job);
 *	*job = (struct password_job){.req = req, .hash_this = in.password, .then = add_user, .arg = cmd};
 *	password_job_run(job);			add_user(cmd) runs on the loop, with job->hash
 *
 * When the pool is full or memory short the request is answered (503) and then is not called. Thread: the loop.
 */
#ifndef HB_API_PASSWORD_JOB_H
#define HB_API_PASSWORD_JOB_H

#include "api/http.h"
#include "base/pool.h"
#include "core/secret.h"

struct password_job {
	struct http_request *req;
	const char *check_this; /* NULL: nothing to check */
	const char *against;    /* a hash; "": takes as long, and does not fit */
	/* NULL: nothing to hash; after a check only when that fitted */
	const char *hash_this;
	pool_fn *then;
	void *arg;

	bool fits;
	char hash[PASSWORD_HASH_LEN]; /* "": not made */
};

void password_job_run(struct password_job *job);

#endif
