/* standing.h - every enrollment that has not ended has exactly one reason to be where it is: the task of its manual-sms, the
 * clock, a reply, or the hold on its workflow. One that has none stands for ever; one that has two moves twice.
 *
 * Nothing that works makes such a one. `handbox verify` looks for them all the same, and so do tests after every act.
 *
 *	struct standing look = {.call = …};		a store_read_fn; again with after_id = next_id until that is 0
 */
#ifndef HB_CORE_STANDING_H
#define HB_CORE_STANDING_H

#include "core/call.h"

enum { STANDING_LOOKS_MOST = 500 }; /* enrollments of one read, ended ones too */

/* standing_check - {open, wrong: [{enrollment, workflow, step, says}], next: an id or null}: of those behind after_id. */
struct standing {
	struct call call;
	uint64_t after_id;
	uint64_t next_id; /* 0: that was all */
	unsigned open, wrong;
};
enum err standing_check(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
