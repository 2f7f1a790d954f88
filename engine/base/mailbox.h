/* mailbox.h - the one thing that threads share: a locked list with an eventfd.
 *
 * A mail is embedded in whatever travels; posting moves it to the reader. The reader polls mailbox_fd() (the loop
 * thread) or blocks in mailbox_wait() (a worker), and takes the whole list under one lock.
 *
 *	mailbox_post(box, &job->mail);			any thread
 *	struct mail *mail = mailbox_take(box);		the reader: the list in the order of posting, NULL when empty
 *
 * Lock order: a mailbox's lock is innermost and never held over a call out.
 */
#ifndef HB_BASE_MAILBOX_H
#define HB_BASE_MAILBOX_H

#include <stddef.h>

#include "base/err.h"

struct mail {
	struct mail *next;
	void (*run)(struct mail *mail); /* what the reader does with it */
};

struct mailbox;

/* mailbox_new - aborts when there is no descriptor left: it happens at start only. */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox **box); /* must be empty */

void mailbox_post(struct mailbox *box, struct mail *mail);

/* mailbox_post_bounded - ERR_BUSY when depth mails wait already; nothing was posted then. */
enum err mailbox_post_bounded(struct mailbox *box, struct mail *mail,
			      size_t depth) MUST_CHECK;

struct mail *mailbox_take(struct mailbox *box);

/* mailbox_take_some - at most count; the rest stays. */
struct mail *mailbox_take_some(struct mailbox *box, size_t count);

/* mailbox_wait - blocks until something is there, then as mailbox_take_some. */
struct mail *mailbox_wait(struct mailbox *box, size_t count);

/* mailbox_run_all - takes what is there and runs each; a mail may free itself. For the loop thread. */
void mailbox_run_all(struct mailbox *box);

int mailbox_fd(const struct mailbox *box); /* readable while mails wait */
size_t mailbox_len(struct mailbox *box);

#endif
