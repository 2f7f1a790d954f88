/* status.h - how much waits where: for the status page, metrics and the shell. */
#ifndef HB_CORE_STATUS_H
#define HB_CORE_STATUS_H

#include "model/sender.h"
#include "store/store.h"

/* gateway_counts - a store_read_fn; arg is the struct. uncertain and of_sender count no further than 10,000. */
struct gateway_counts {
	int64_t waiting, handing_over, uncertain, emails_waiting;
	bool channel_enabled;
	const struct policy *policy; /* whose senders of_sender is about */
	/* waiting, of those with a rate of their own */
	int64_t of_sender[SENDERS_MOST];
};
enum err gateway_counts(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
