/* assign.h - the step assign-user: whose the contact is from now on, and why.
 *
 *	const struct assign in = {.workflow_id = "new-lead", .step = step, .contact = &contact};
 *	err = assign_run(txn, &in, &done);
 *	journal: done.members; task: done.line
 *
 * One user, several in rotation (smooth and weighted: model/rules.h), the active members of a team in rotation, or a
 * team's pool. only-unassigned leaves an active owner alone and does not advance the rotation. Who is inactive, off
 * shift or has as many open tasks as fit (the user's capacity) is passed over, and named with the cause. When nobody is left nobody is assigned: the contact keeps the owner
 * it has, and the task of the manual-sms behind lands in the pool, with a warning, until somebody is (stranded.h).
 *
 * The rotation is kept per (workflow, step, user), read and written in the transaction that assigns: it survives
 * restarts and new versions, and no two runs take the same turn.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_ASSIGN_H
#define HB_CORE_ASSIGN_H

#include "model/records.h"
#include "store/store.h"
#include "workflow/plan.h"

struct assign {
	const char *workflow_id;
	const struct step *step; /* STEP_ASSIGN_USER */
	struct contact *contact; /* owner_id is changed, in its row too */
};

/* assign_rotation - whose turns are counted: the workflow's; a test takes nobody's turn, no workflow has such an id. */
const char *assign_rotation(struct arena *arena, const char *workflow_id, bool is_test);

struct assigned {
	const char *step_id;
	/* for people: step, rule, credits before and after, who was passed over. In the txn's arena */
	const char *line;
	const char *members; /* the same for the journal: JSON members without braces */
	bool is_nobody;      /* nobody was available */
};

enum err assign_run(struct txn *txn, const struct assign *assign,
		    struct assigned *assigned_out) MUST_CHECK;

/* assign_pool_of - whose pool a task of that manual-sms waits in when nobody has it: of the team that the assign-user
 * before it names. team_id 0: everybody's. */
struct step_pool {
	uint64_t team_id;
	bool is_meant; /* pool="yes": nobody is to be assigned */
};
enum err assign_pool_of(struct txn *txn, const struct plan *plan,
			const struct step *sms, struct step_pool *pool_out) MUST_CHECK;

#endif
