/* digest.h - one e-mail that tells somebody what came into their queue, not one for each task.
 *
 * A user asks for it (PATCH /me {"notices": {"digest": "hourly" or "daily"}}) and gets at most one in that time. It is
 * thought of every DIGEST_LOOK_MS, and made when there is something new: a task made for them, a text in a conversation of
 * theirs that they have not read, a note that names them, a task that has fallen due. Not while they are at work - a session of theirs was used, a
 * card of theirs touched within DIGEST_QUIET_MS - nor off shift. What a lead gives them by hand is no news, nor what belongs
 * to a test. It holds counts and links, no words of texts and no numbers of people.
 *
 * It is put into the outbox of e-mails in the transaction that notes what was told: nothing is told twice, and what the
 * mail server does meanwhile keeps nothing else waiting (mail.h).
 *
 * Thread: writer.
 */
#ifndef HB_CORE_DIGEST_H
#define HB_CORE_DIGEST_H

#include "model/records.h"
#include "store/store.h"

#define DIGEST_LOOK_MS  (15 * MINUTE_MS)
#define DIGEST_QUIET_MS (10 * MINUTE_MS)
#define DIGEST_SOON_MS  DAY_MS /* what is called due soon */

enum {
	DIGEST_MOST = 5,          /* in one write */
	DIGEST_THREADS_MOST = 100 /* conversations counted */
};

/* digest_follow - the user's wish, address or state has changed: from now on as the record says. */
enum err digest_follow(struct txn *txn, const struct user *user) MUST_CHECK;

struct digest_step {
	bool is_done;
	int64_t next_at; /* UTC ms, 0: nobody wants any */
};
enum err digest_step(struct txn *txn, struct digest_step *step) MUST_CHECK;

#endif
