/* mailer.h - from the outbox to the mail server and back: what dispatch.h is for texts, for e-mails.
 *
 * It marks as many e-mails as it has free lines (mail_begin), gives each to a thread of its own (mail_send.h says why), and
 * settles what came of them (mail_done). While the server cannot be used at all, one e-mail at a time is tried, later and
 * later (2 s to 5 min); a single e-mail that the server wants later has its own time in the outbox.
 *
 * Nothing of libcurl and no thread is there before the first e-mail is due; a connection is closed as soon as nothing waits.
 *
 *	mailer = mailer_new(&config);		settles what a former life left, then looks whether something is due
 *	mailer_wake(mailer);			SIGNAL_MAIL
 *	mailer_stop(mailer, …);			no new ones; what is under way may end
 *
 * Thread: loop.
 */
#ifndef HB_LINK_MAILER_H
#define HB_LINK_MAILER_H

#include "base/mailbox.h"
#include "link/mail_send.h"
#include "store/store.h"

enum { MAILER_LINES = 4 /* connections at once */ };

struct mailer;
struct event_base;

/* all borrowed */
struct mailer_config {
	struct event_base *base;
	struct store *store;
	struct mailbox *home;           /* where threads report to: the loop runs it */
	const struct mail_config *mail; /* copied; its url NULL: no server */
};

struct mailer *mailer_new(const struct mailer_config *config);

/* mailer_configure - another server or sender from the next e-mail on. */
void mailer_configure(struct mailer *mailer, const struct mail_config *mail);
void mailer_wake(struct mailer *mailer);

/* mailer_counts - for /metrics; borrowed, lives as long as the mailer. */
const struct mail_counts *mailer_counts(const struct mailer *mailer);

/* mailer_stop - e-mails under way get half of deadline_ms to end, then are given up within a second: what certainly did not
 * leave waits for the next start. stopped is called once all is settled. */
void mailer_stop(struct mailer *mailer, unsigned deadline_ms,
		 void (*stopped)(void *arg), void *arg);

/* mailer_free - after stopped; waits for its threads, which may be saying QUIT. NULL is fine. */
void mailer_free(struct mailer **mailer);

#endif
