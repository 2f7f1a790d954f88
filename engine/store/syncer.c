/* syncer.c - see syncer.h */
#include "store/syncer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { WAIT_MOST = 2 };

struct syncer {
	struct syncer_config config;
	pthread_t thread;
	pthread_mutex_t lock; /* innermost: held over no call out; of all below */
	pthread_cond_t changed;
	struct mail *first, **end;
	unsigned count;
	void *log; /* of those that wait; NULL: none wants to be synced */
	bool is_busy, is_over;
	enum err err;
};

static void send_home(struct syncer *self, struct mail *mails, enum err err)
{
	for (struct mail *mail = mails, *next; mail; mail = next) {
		next = mail->next;
		if (err != ERR_OK)
			self->config.fail(mail, err);
		mailbox_post(self->config.home, mail);
	}
}

enum err syncer_sync(struct syncer *self, void *log)
{
	if (!log)
		return ERR_OK;
	int64_t began_us = clock_mono_us();
	enum err err = self->config.driver->sync(log);
	atomic_fetch_add(self->config.sync_us,
			 (unsigned long long)(clock_mono_us() - began_us));
	return err;
}

/* What waits, and whether it is to be synced; NULL at the end. */
static struct mail *take(struct syncer *self, void **log_out, enum err *err_out)
{
	pthread_mutex_lock(&self->lock);
	while (!self->first && !self->is_over)
		pthread_cond_wait(&self->changed, &self->lock);
	struct mail *mails = self->first;
	*log_out = self->log;
	*err_out = self->err;
	self->first = NULL;
	self->end = &self->first;
	self->count = 0;
	self->log = NULL;
	self->is_busy = mails != NULL;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	return mails;
}

static void end(struct syncer *self, enum err err)
{
	pthread_mutex_lock(&self->lock);
	self->is_busy = false;
	self->err = err;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
}

static void *syncer_main(void *arg)
{
	struct syncer *self = arg;
	struct mail *mails;
	void *log;
	enum err err;
	while ((mails = take(self, &log, &err))) {
		if (err == ERR_OK)
			err = syncer_sync(self, log);
		send_home(self, mails, err);
		end(self, err);
	}
	return NULL;
}

struct syncer *syncer_new(const struct syncer_config *config)
{
	struct syncer *self = MEM_NEW(struct syncer);
	self->config = *config;
	self->end = &self->first;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	if (pthread_create(&self->thread, NULL, syncer_main, self) != 0) {
		log_error("store", "no thread can be started");
		abort();
	}
	return self;
}

void syncer_free(struct syncer **syncer)
{
	struct syncer *self = *syncer;
	*syncer = NULL;
	if (!self)
		return;
	pthread_mutex_lock(&self->lock);
	assert(!self->first && !self->is_busy);
	self->is_over = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	mem_free(self);
}

void syncer_give(struct syncer *self, struct mail *mail, void *log)
{
	mail->next = NULL;
	pthread_mutex_lock(&self->lock);
	while (self->count == WAIT_MOST)
		pthread_cond_wait(&self->changed, &self->lock);
	*self->end = mail;
	self->end = &mail->next;
	self->count++;
	if (log)
		self->log = log;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
}

enum err syncer_wait(struct syncer *self)
{
	pthread_mutex_lock(&self->lock);
	while (self->first || self->is_busy)
		pthread_cond_wait(&self->changed, &self->lock);
	enum err err = self->err;
	self->err = ERR_OK;
	pthread_mutex_unlock(&self->lock);
	return err;
}

bool syncer_has_failed(struct syncer *self)
{
	pthread_mutex_lock(&self->lock);
	bool has_failed = self->err != ERR_OK;
	pthread_mutex_unlock(&self->lock);
	return has_failed;
}
