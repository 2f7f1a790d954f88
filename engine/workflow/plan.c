/* plan.c - see plan.h */
#include "workflow/plan.h"

#include <assert.h>
#include <string.h>

static const char *const kind_names[] = {
	[STEP_ASSIGN_USER] = "assign-user",
	[STEP_MANUAL_SMS] = "manual-sms",
	[STEP_WAIT_FOR_REPLY] = "wait-for-reply",
	[STEP_WAIT] = "wait",
	[STEP_BRANCH] = "branch",
	[STEP_SEND_EMAIL] = "send-email",
	[STEP_ADD_TAG] = "add-tag",
	[STEP_REMOVE_TAG] = "remove-tag",
	[STEP_SET_FIELD] = "set-field",
	[STEP_CALL_HOOK] = "call-hook",
	[STEP_GO_TO] = "go-to",
	[STEP_END] = "end",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == STEP_KIND_COUNT,
	       "a name per kind");

static const char *const reentry_names[] = {
	[REENTRY_ONE_AT_A_TIME] = "one-at-a-time",
	[REENTRY_ONCE] = "once",
	[REENTRY_CONCURRENT] = "concurrent",
};
_Static_assert(sizeof(reentry_names) / sizeof(reentry_names[0]) == REENTRY_COUNT,
	       "a name per reentry");

struct plan *plan_new(void)
{
	struct arena *arena = arena_new();
	struct plan *plan = ARENA_NEW(arena, struct plan);
	plan->arena = arena;
	plan->first = PLAN_END;
	atomic_init(&plan->refs, 1);
	return plan;
}

struct plan *plan_ref(struct plan *plan)
{
	unsigned before =
		atomic_fetch_add_explicit(&plan->refs, 1, memory_order_relaxed);
	assert(before > 0);
	return plan;
}

/* Compiled patterns are not in the arena. All tests are released one by one: a plan that is thrown away half-made has some
 * that no trigger and no branch holds yet. */
static void release_conditions(const struct plan *plan)
{
	for (size_t i = 0; i < plan->test_count; i++)
		condition_release(plan->tests[i]);
}

void plan_unref(struct plan **plan)
{
	struct plan *gone = *plan;
	*plan = NULL;
	if (!gone)
		return;
	/* What other threads read from the plan happened before it goes. */
	unsigned before =
		atomic_fetch_sub_explicit(&gone->refs, 1, memory_order_acq_rel);
	assert(before > 0);
	if (before > 1)
		return;
	release_conditions(gone);
	struct arena *arena = gone->arena; /* the plan lives in it */
	arena_free(&arena);
}

int plan_find(const struct plan *plan, const char *step_id)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (strcmp(plan->steps[i].id, step_id) == 0)
			return (int)i;
	return -1;
}

const char *step_kind_name(enum step_kind kind)
{
	assert(kind < STEP_KIND_COUNT);
	return kind_names[kind];
}

const char *reentry_name(enum reentry reentry)
{
	assert(reentry < REENTRY_COUNT);
	return reentry_names[reentry];
}

bool plan_id_is_valid(const char *id)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strlen(id);
	return len >= 1 && len <= PLAN_ID_MAX && strchr(letters, id[0]) &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567"
			  "89-_") == len;
}
