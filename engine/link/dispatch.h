/* dispatch.h - from the outbox to the gateway and back: the only code that hands a text over.
 *
 * It asks the store to mark as many texts as the gateway has free places (handover_begin), submits those that were marked,
 * and settles their outcomes (handover_done), several at once when they come together. It keeps nothing of its own that a
 * restart would miss: what is marked and not settled is found by handover_recover.
 *
 * An outcome that cannot be committed stays in memory, is tried again, and stops new marks until it is.
 *
 *	dispatch = dispatch_new(&config);	at start: recovers, then begins
 *	dispatch_wake(dispatch);		SIGNAL_OUTBOX, and the gateway's ready
 *	dispatch_stop(dispatch, …);		no new marks; done once all outcomes are settled
 *
 * Thread: loop.
 */
#ifndef HB_LINK_DISPATCH_H
#define HB_LINK_DISPATCH_H

#include "base/err.h"
#include "model/policy.h"
#include "plugin/gateway.h"
#include "store/store.h"

struct dispatch;
struct event_base;

struct dispatch_config {
	struct event_base *base;
	struct store *store;
	struct gateway *gateway;
	/* its senders are kept to their rates; NULL: there are none */
	const struct policy *policy;
};

struct dispatch *dispatch_new(const struct dispatch_config *config);
void dispatch_wake(struct dispatch *dispatch);

/* dispatch_set_policy - after a reload. Former policies live on. */
void dispatch_set_policy(struct dispatch *dispatch, const struct policy *policy);

/* dispatch_stop - stops the gateway too (deadline_ms for its answers); stopped is called once nothing is under way. */
void dispatch_stop(struct dispatch *dispatch, unsigned deadline_ms,
		   void (*stopped)(void *arg), void *arg);
void dispatch_free(
	struct dispatch **dispatch); /* after stopped, or when nothing was ever begun */

#endif
