/* mailbox.c - see mailbox.h
 *
 * The eventfd is written only when the list turns from empty to not empty, and drained by the take that empties it:
 * under load neither side makes a system call per mail.
 */
#include "base/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct mailbox {
	pthread_mutex_t lock;
	struct mail *head, **tail;
	size_t len;
	int fd;
};

struct mailbox *mailbox_new(void)
{
	struct mailbox *box = MEM_NEW(struct mailbox);
	pthread_mutex_init(&box->lock, NULL);
	box->tail = &box->head;
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd < 0) {
		perror("handbox: eventfd");
		abort();
	}
	return box;
}

void mailbox_free(struct mailbox **box)
{
	if (!*box)
		return;
	assert(!(*box)->head);
	close((*box)->fd);
	pthread_mutex_destroy(&(*box)->lock);
	mem_free(*box);
	*box = NULL;
}

static void ring(struct mailbox *box)
{
	uint64_t one = 1;
	while (write(box->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void unring(struct mailbox *box)
{
	uint64_t count;
	while (read(box->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

enum err mailbox_post_bounded(struct mailbox *box, struct mail *mail, size_t depth)
{
	mail->next = NULL;
	pthread_mutex_lock(&box->lock);
	if (box->len >= depth) {
		pthread_mutex_unlock(&box->lock);
		return ERR_BUSY;
	}
	if (!box->head)
		ring(box);
	*box->tail = mail;
	box->tail = &mail->next;
	box->len++;
	pthread_mutex_unlock(&box->lock);
	return ERR_OK;
}

void mailbox_post(struct mailbox *box, struct mail *mail)
{
	enum err err = mailbox_post_bounded(box, mail, SIZE_MAX);
	assert(err == ERR_OK);
	(void)err;
}

struct mail *mailbox_take_some(struct mailbox *box, size_t count)
{
	pthread_mutex_lock(&box->lock);
	struct mail *first = box->head, **link = &box->head;
	while (*link && count) {
		link = &(*link)->next;
		box->len--;
		count--;
	}
	box->head = *link;
	if (first && link != &box->head)
		*link = NULL;
	if (!box->head) {
		box->tail = &box->head;
		if (first)
			unring(box);
	}
	pthread_mutex_unlock(&box->lock);
	return first;
}

struct mail *mailbox_take(struct mailbox *box)
{
	return mailbox_take_some(box, SIZE_MAX);
}

struct mail *mailbox_wait(struct mailbox *box, size_t count)
{
	for (;;) {
		struct mail *first = mailbox_take_some(box, count);
		if (first)
			return first;
		struct pollfd pfd = {.fd = box->fd, .events = POLLIN};
		poll(&pfd, 1, -1);
	}
}

void mailbox_run_all(struct mailbox *box)
{
	struct mail *mail = mailbox_take(box);
	while (mail) {
		struct mail *next = mail->next;
		mail->run(mail);
		mail = next;
	}
}

int mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}

size_t mailbox_len(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	size_t len = box->len;
	pthread_mutex_unlock(&box->lock);
	return len;
}
