/* core.h - what every command can reach besides its transaction: the policy in force and the plans of workflows.
 *
 * One struct core is the context of the store (store.h): txn_context() and snapshot_context() return it.
 */
#ifndef HB_CORE_CORE_H
#define HB_CORE_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/hook_set.h"
#include "model/policy.h"

struct plans;

struct core {
	_Atomic(const struct policy *)
		policy; /* swapped on reload; former ones stay until the end: readers may hold them */
	struct plans *plans; /* plans.h */
	uint32_t node,
		epoch; /* epoch: this life of the process, rises with every start */
	struct hook_set hooks; /* the writer's */
	struct stranded_watch {
		bool are_none; /* certainly */
		int64_t look_at;
	} stranded; /* the writer's: stranded.h */
	struct words_watch {
		bool are_none; /* certainly */
		int64_t next_at;
	} words; /* the writer's: words.h */
	/* the writer's: whose number-zones open tasks follow (openings.h) */
	const struct policy *placed_by;
};

/* core_policy - the policy in force; good for the whole command or read. context: of txn or snapshot. */
static inline const struct policy *core_policy(void *context)
{
	return atomic_load(&((struct core *)context)->policy);
}

#endif
