/* sender.h - the numbers that texts go out from: which of them a text takes, and how fast each may go. Pure.
 *
 * Ours are `sender` and every `group = sender` of handbox.conf. A text takes, the first that is there:
 *
 *	1. the sender of its workflow
 *	2. the number that the thread goes over, when it is one of ours (sticky-sender)
 *	3. `sender`
 *
 * A sender may have a rate of its own beside that of the gateway: a token bucket that holds a twentieth of a second's texts,
 * at least one, and refills so that no second sees more than the rate.
 *
 *	room = sender_room(&sender, &pace, now_us);
 *	sender_take(&sender, &pace, now_us);		for each text that goes
 *	at_us = sender_next_us(&sender, &pace);		when there is room again
 */
#ifndef HB_MODEL_SENDER_H
#define HB_MODEL_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/policy.h"

enum { SENDERS_MOST = 64 };

struct sender {
	const char *number;  /* digits, or a name */
	const char *smsc;    /* to route by; NULL: the instance's */
	unsigned rate_per_s; /* 0: only the gateway's */
};

/* sender_find - one of the policy's groups, NULL: none has this number. "12345", "+12345" and "0012345" are one. */
const struct sender *sender_find(const struct policy *policy, const char *number);

/* sender_paced - the number of the group when that has a rate, as the outbox keeps it; else NULL. */
const char *sender_paced(const struct policy *policy, const char *number);

/* sender_choose - from and smsc of a text. wanted: what its workflow says, NULL each when it says nothing; thread: our
 * number in the thread's last text, NULL when there is none. Borrowed from the arguments. */
struct sender_choice {
	const char *number, *smsc; /* NULL: the gateway's default */
};
struct sender_choice sender_choose(const struct policy *policy,
				   const struct sender_choice *wanted,
				   const char *thread);

/* sender_is_sticky - whether a thread can change anything: only then its last text needs to be looked up. */
bool sender_is_sticky(const struct policy *policy);

struct sender_pace {
	int64_t next_us; /* when the next text would be due, were they sent evenly; 0 at first */
};

/* Of a sender with a rate. now_us: of one monotonic clock. */
unsigned sender_room(const struct sender *sender, const struct sender_pace *pace,
		     int64_t now_us);
void sender_take(const struct sender *sender, struct sender_pace *pace, int64_t now_us);
int64_t sender_next_us(const struct sender *sender, const struct sender_pace *pace);

#endif
