/* password_job.c - see password_job.h */
#include "api/password_job.h"

#include "api/api.h"
#include "api/problem.h"

static void work(void *arg)
{
	struct password_job *job = arg;
	if (job->check_this) {
		job->fits = password_fits(job->against, job->check_this);
		if (!job->fits)
			return;
	}
	if (job->hash_this && !password_hash(job->hash_this, job->hash))
		job->hash[0] = '\0';
}

static void done(void *arg)
{
	struct password_job *job = arg;
	bool is_refused = job->check_this && !job->fits;
	if (job->hash_this && !is_refused && !job->hash[0])
		problem_send(
			job->req, ERR_BUSY,
			"There is not enough memory to hash a password at the moment.");
	else
		job->then(job->arg);
}

void password_job_run(struct password_job *job)
{
	enum err err = pool_run(api_of(job->req)->pool, work, done, job);
	if (err != ERR_OK)
		problem_send(
			job->req, err,
			"Many people are signing in at the same moment; try again.");
}
