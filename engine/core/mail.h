/* mail.h - the way of an e-mail from the outbox to the mail server: the commands of the mailer (link/mailer.h).
 *
 * mail_begin marks, durably, before a byte leaves; mail_done settles what came of it, and the journal of its enrollment
 * tells. An e-mail leaves at most once: when nobody can know whether the server took it - the answer to the final dot did
 * not come, or handbox was killed meanwhile - it counts as taken, is journaled as email_unsure and never sent again. The
 * same visit has the same Message-ID in any case.
 *
 *	email_sent      the server took it: its words
 *	email_deferred  the first attempt did not succeed; it is tried again, up to mail-validity
 *	email_unsure    may have been taken; counts as taken
 *	email_failed    for good: reason, detail and what to do
 *
 * Digests (digest.h) go the same way; they have no journal, what went wrong stands in the log.
 *
 * The stop switch (channel off) and a copy that was put back keep e-mails waiting too. What becomes of an e-mail never
 * moves its workflow: the enrollment has gone on long before.
 *
 * All are store_write_fn. Thread: a writer.
 */
#ifndef HB_CORE_MAIL_H
#define HB_CORE_MAIL_H

#include "model/email.h"
#include "store/store.h"

enum { MAIL_MOST = 8, MAIL_RECOVER_MOST = 100 };

/* mail_begin - marks up to limit e-mails that are due. What has waited too long, or may not leave any more, fails
 * instead. Strings live in the write's arena. */
struct mail_begin {
	size_t limit; /* 1..MAIL_MOST */
	struct email emails[MAIL_MOST];
	size_t count;
	bool has_more;   /* more may be due already */
	int64_t next_at; /* when the next is due, 0: none waits */
};
enum err mail_begin(struct txn *txn, void *arg) MUST_CHECK;

enum mail_outcome {
	MAIL_TAKEN,    /* by the server: 250 to the final dot */
	MAIL_UNSURE,   /* the whole message left, its answer did not come */
	MAIL_DEFERRED, /* the server wants this one later: 4xx */
	MAIL_NO_SERVER, /* not taken, and no fault of this e-mail: no connection, no TLS, no login */
	MAIL_REFUSED, /* the server does not want this one: 5xx */
	MAIL_OUTCOMES
};
const char *mail_outcome_name(enum mail_outcome outcome);

struct mail_result {
	uint64_t id;
	enum mail_outcome outcome;
	const char *detail; /* the server's words, or what went wrong */
};

/* mail_done - the outcome of some. */
struct mail_done {
	const struct mail_result *results;
	size_t count;
};
enum err mail_done(struct txn *txn, void *arg) MUST_CHECK;

/* mail_recover - what a former life of this node had marked is unsure; run it until count is 0. */
struct mail_recover {
	size_t count;
};
enum err mail_recover(struct txn *txn, void *arg) MUST_CHECK;

/* mail_settle_copy - a copy was put back: e-mails that waited when it was made are unsure. Some at a time; *count_out:
 * how many, 0 = no more. */
enum err mail_settle_copy(struct txn *txn, int64_t made_at,
			  int64_t *count_out) MUST_CHECK;

/* mail_retry_ms - how long one that was deferred waits, after so many attempts: 5 s, twice as long each time, at most an
 * hour. Pure. */
int64_t mail_retry_ms(uint32_t attempts);

/* for /metrics: what the mailer counted since the start. Loop thread. */
struct mail_counts {
	uint64_t outcomes[MAIL_OUTCOMES];
	bool is_reachable; /* as far as the last attempt tells */
};

#endif
