/* handler.h - who is to answer a thread: whoever texted the contact last, or has taken the thread since.
 *
 * A text that comes in is theirs for `reply-release`, also when the contact has another owner; whoever answers ends that.
 * When the time is over without an answer, the thread is its owner's again, or anybody's. A reply that somebody has open
 * keeps it until the lease ends.
 */
#ifndef HB_CORE_HANDLER_H
#define HB_CORE_HANDLER_H

#include "core/call.h"
#include "model/who.h"

/* handler_set - a user takes the thread, is given it, or gives it up (WHO_NOBODY). By a lead, a program, or whoever may
 * answer; ERR_FORBIDDEN. Answers with the conversation (conversations.h). A store_write_fn. */
struct handler_set {
	struct call call;
	uint64_t contact_id;
	struct who user;
};
enum err handler_set(struct txn *txn, void *arg) MUST_CHECK;

/* handler_sweep - threads whose time is over; run it until is_done. */
struct handler_sweep {
	bool is_done;
	int64_t next_at; /* UTC ms when the next time will be over, 0: nobody waits */
};
enum err handler_sweep(struct txn *txn, struct handler_sweep *sweep) MUST_CHECK;

#endif
