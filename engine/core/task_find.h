/* task_find.h - what lists, `next` and the peek share: filters made of what the caller wrote, and the first that fits. */
#ifndef HB_CORE_TASK_FIND_H
#define HB_CORE_TASK_FIND_H

#include "core/tasks.h"
#include "model/policy.h"

/* task_filter_resolve - puts the assignee into the filter. */
enum err task_filter_resolve(struct db *db, struct call *call,
			     const struct who *assignee,
			     struct task_filter *filter) MUST_CHECK;

/* task_filter_see - narrows it to what the actor may see, by role and `agents-see`. */
void task_filter_see(const struct call *call, const struct policy *policy,
		     struct task_filter *filter);

/* task_filter_for_acting - narrows it to what the actor may send: leads all, agents their own and the pool. */
void task_filter_for_acting(const struct call *call, struct task_filter *filter);

/* task_filter_limits - sets the filter's now, the frequency cap and who has just written. */
void task_filter_limits(const struct policy *policy, int64_t now,
			struct task_filter *filter);

struct task_find {
	const struct task_filter *filter;
	const struct policy *policy;
	int64_t now;
	uint64_t after_id;
	bool resume;
};

/* task_find_next - the first eligible one; *id_out 0: none is left. */
enum err task_find_next(struct db *db, struct call *call, const struct task_find *find,
			uint64_t *id_out) MUST_CHECK;

#endif
