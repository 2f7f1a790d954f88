/* pool.c - see pool.h */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"

struct job {
	struct mail mail;     /* first: a mail is its job */
	pool_fn *work, *done; /* work NULL: the thread ends */
	void *arg;
};

struct pool {
	struct mailbox *jobs, *home;
	size_t depth;
	unsigned threads;
	pthread_t thread[8];
};

static void run_done(struct mail *mail)
{
	struct job *job = (struct job *)mail;
	pool_fn *done = job->done;
	void *arg = job->arg;
	mem_free(job);
	done(arg);
}

static void *pool_main(void *arg)
{
	struct pool *pool = arg;
	for (;;) {
		struct job *job = (struct job *)mailbox_wait(pool->jobs, 1);
		if (!job->work) {
			mem_free(job);
			return NULL;
		}
		job->work(job->arg);
		job->mail.run = run_done;
		mailbox_post(pool->home, &job->mail);
	}
}

struct pool *pool_new(unsigned threads, size_t depth, struct mailbox *home)
{
	assert(threads >= 1 && threads <= 8);
	struct pool *pool = MEM_NEW(struct pool);
	pool->jobs = mailbox_new();
	pool->home = home;
	pool->depth = depth;
	sigset_t all, former;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	for (; pool->threads < threads; pool->threads++)
		if (pthread_create(&pool->thread[pool->threads], NULL, pool_main,
				   pool) != 0)
			abort();
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	return pool;
}

void pool_free(struct pool **pool)
{
	if (!*pool)
		return;
	struct pool *p = *pool;
	for (unsigned i = 0; i < p->threads; i++)
		mailbox_post(p->jobs, &MEM_NEW(struct job)->mail);
	for (unsigned i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	mailbox_free(&p->jobs);
	mem_free(p);
	*pool = NULL;
}

enum err pool_run(struct pool *pool, pool_fn *work, pool_fn *done, void *arg)
{
	struct job *job = MEM_NEW(struct job);
	*job = (struct job){.work = work, .done = done, .arg = arg};
	enum err err = mailbox_post_bounded(pool->jobs, &job->mail, pool->depth);
	if (err != ERR_OK)
		mem_free(job);
	return err;
}
