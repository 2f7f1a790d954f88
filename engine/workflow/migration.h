/* migration.h - where the enrollments of one version of a workflow go on in another: decided from the two plans, and from
 * what is said of the steps that are not the same in both.
 *
 * An enrollment stands at a manual-sms that waits, a wait or a wait-for-reply. A step of the same id and kind in the new
 * version is the same step, wherever it stands there, in an exit or a branch too. Every other one is mapped: to a step of
 * its own kind, or to nothing, where the enrollment ends. It is asked of all such steps, whether anybody stands there now
 * or not: enrollments go on while others are moved, so any of them may come there.
 *
 * A manual-sms with wait="no" holds nobody, so it need not be mapped; its open tasks stay on the old version then.
 *
 *	struct migration migration;
 *	workflow_migration(arena, from, to, maps, count, &migration);
 *	if (migration.fault_count)
 *		puts(migration.faults[0].message);	it must not be done
 *	const struct step_move *move = migration_move(&migration, enrollment->step_id);
 *
 * Pure. Thread: any. It lives in the arena, and names the steps of both plans: they must outlive it.
 */
#ifndef HB_WORKFLOW_MIGRATION_H
#define HB_WORKFLOW_MIGRATION_H

#include "workflow/plan.h"

/* What whoever asks says of one step; to NULL: the enrollments end there. */
struct step_mapping {
	const char *from, *to;
};

enum step_fate {
	STEP_SAME,         /* it is there, with its id and kind */
	STEP_MAPPED,       /* somebody said where it goes */
	STEP_VANISHED,     /* no step has its id, and nobody said */
	STEP_CHANGED_KIND, /* its id is another kind of step now, and nobody said */
	STEP_FATE_COUNT
};

/* step_fate_name - "same", "mapped", "vanished", "changed_kind". */
const char *step_fate_name(enum step_fate fate);

struct step_move {
	const struct step *from, *to; /* to NULL: mapped to the end, or nobody said */
	enum step_fate fate;
	bool is_place; /* an enrollment may stand at it */
};

/* Why it cannot be done. code: unmapped (vanished), changed_kind, unknown_step, not_a_place, unknown_target, other_kind,
 * other_reply. message: what is wrong, and how to mend it. */
struct migration_fault {
	const char *step, *code, *message;
};

struct migration {
	const struct plan *from, *to;
	/* of the steps that make people wait, as they stand in the old version */
	const struct step_move *moves;
	size_t move_count;
	const struct migration_fault *faults;
	size_t fault_count;
};

void workflow_migration(struct arena *arena, const struct plan *from,
			const struct plan *to, const struct step_mapping *maps,
			size_t count, struct migration *out);

/* migration_move - what becomes of that step of the old version; NULL: it is none of the kinds that make people wait. */
const struct step_move *migration_move(const struct migration *migration,
				       const char *step_id);

/* migration_ends - do those that stand at it end? Else move->to is where they go, or, NULL, there is a fault. */
bool migration_ends(const struct step_move *move);

/* migration_way - an enrollment has left move->from, and is held before the step `at` of the old version (PLAN_END: at the
 * end): what comes behind move->to by the same way out, be it an exit or straight on. */
int migration_way(const struct step_move *move, int at);

#endif
