/* reply.h - what a text that comes in does to the enrollments of whoever sent it.
 *
 * A reply is a text of the contact that came after a certain text of ours was handed over: the one of the newest task of
 * the step that a wait-for-reply names. It counts whether the enrollment stands at the wait already or comes there later,
 * and once: the next wait-for-reply looks behind the one that was caught last (enrollment.reply_id). A text that asks to be
 * left alone (consent.h) is nobody's answer.
 *
 * With stop-on-reply any text of the contact ends the enrollment. A task of it that somebody has open, or has drafted a
 * text in, is held and stands free, so that nobody's work is thrown away; the others are cancelled.
 */
#ifndef HB_CORE_REPLY_H
#define HB_CORE_REPLY_H

#include "model/records.h"
#include "store/store.h"

#define REPLY_ENDS "the contact replied" /* end_reason of what stop-on-reply ended */

/* One write looks at so many enrollments, and moves them by so many steps or one turn more; the rest is a job. */
enum { REPLY_LOOKS_MOST = 100, REPLY_STEPS_MOST = 100 };

/* reply_find - the first reply to the step's newest text that this enrollment has not caught yet. ERR_NOT_FOUND: none. */
enum err reply_find(struct txn *txn, const struct enrollment *enrollment,
		    const char *to, uint64_t *message_out) MUST_CHECK;

/* reply_came - the inbound text was stored: the contact's enrollments that it concerns go on, or end. Those that are
 * left over follow on the scheduler's turns. */
enum err reply_came(struct txn *txn, uint64_t contact_id) MUST_CHECK;

/* reply_sweep - one step of those that are left over; run it until is_done. A store_write_fn, for the scheduler. */
struct reply_sweep {
	bool is_done;
};
enum err reply_sweep(struct txn *txn, void *arg) MUST_CHECK;

/* reply_ends - stop-on-reply: the enrollment ends as removed, its tasks as told above. */
enum err reply_ends(struct txn *txn, struct enrollment *enrollment) MUST_CHECK;

#endif
