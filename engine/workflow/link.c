/* link.c - see link.h */
#include "workflow/link.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

struct linking {
	struct build *build;
	struct step *steps; /* of the plan, in its order */
	int *order;         /* the plan's order, as indices of build->steps */
	int *places;        /* and back: where a step of build stands in the plan */
	int count;
};

static const struct {
	enum element_id list;
	enum step_kind kind;
	size_t offset;
} exits[] = {
	{EL_ON_SENT, STEP_MANUAL_SMS, offsetof(struct step, sms.exits[SMS_EXIT_SENT])},
	{EL_ON_SKIPPED, STEP_MANUAL_SMS,
	 offsetof(struct step, sms.exits[SMS_EXIT_SKIPPED])},
	{EL_ON_EXPIRED, STEP_MANUAL_SMS,
	 offsetof(struct step, sms.exits[SMS_EXIT_EXPIRED])},
	{EL_ON_FAILED, STEP_MANUAL_SMS,
	 offsetof(struct step, sms.exits[SMS_EXIT_FAILED])},
	{EL_ON_REPLY, STEP_WAIT_FOR_REPLY, offsetof(struct step, reply.on_reply)},
	{EL_ON_TIMEOUT, STEP_WAIT_FOR_REPLY, offsetof(struct step, reply.on_timeout)},
	{EL_OTHERWISE, STEP_BRANCH, offsetof(struct step, branch.otherwise)},
};

enum { EXIT_COUNT = sizeof(exits) / sizeof(exits[0]) };

int *link_exit(struct step *step, enum element_id list)
{
	for (size_t i = 0; i < EXIT_COUNT; i++)
		if (exits[i].list == list && exits[i].kind == step->kind)
			return (int *)((char *)step + exits[i].offset);
	assert(false);
	return NULL;
}

int link_when_slot(size_t number)
{
	return (int)number - WORKFLOW_CONDITIONS_MAX;
}

/* --- order --- */

/* The child of parent that comes after `after` by slot, then by the text; -1: none. after -1: the first. */
static int next_child(const struct build *build, int parent, int after)
{
	int found = -1;
	for (int i = 0; i < (int)build->step_count; i++) {
		if (build->steps[i].parent != parent)
			continue;
		int slot = build->slots[i];
		bool is_behind = after < 0 || slot > build->slots[after] ||
				 (slot == build->slots[after] && i > after);
		if (is_behind && (found < 0 || slot < build->slots[found]))
			found = i;
	}
	return found;
}

static void place_inside(struct linking *linking, int parent)
{
	const struct build *build = linking->build;
	for (int child = next_child(build, parent, -1); child >= 0;
	     child = next_child(build, parent, child)) {
		linking->places[child] = linking->count;
		linking->order[linking->count++] = child;
		place_inside(linking, child);
	}
}

/* --- what follows --- */

static int behind(const struct linking *linking, int parent)
{
	return parent < 0 ? PLAN_END : linking->steps[parent].next;
}

/* Holders stand before what they hold, so theirs is known already. */
static void link_next(struct linking *linking, int at)
{
	const struct build *build = linking->build;
	struct step *step = &linking->steps[at];
	int here = linking->order[at];
	int sibling = next_child(build, build->steps[here].parent, here);
	if (step->kind == STEP_END)
		step->next = PLAN_END;
	else if (sibling >= 0 && build->slots[sibling] == build->slots[here])
		step->next = linking->places[sibling];
	else
		step->next = behind(linking, step->parent);
}

/* The first step of a list; what follows the holder when it is empty. */
static int first_of(const struct linking *linking, int holder, int slot)
{
	const struct build *build = linking->build;
	int parent = linking->order[holder];
	for (int i = 0; i < (int)build->step_count; i++)
		if (build->steps[i].parent == parent && build->slots[i] == slot)
			return linking->places[i];
	return linking->steps[holder].next;
}

static void link_exits(struct linking *linking, int at)
{
	struct step *step = &linking->steps[at];
	for (size_t i = 0; i < EXIT_COUNT; i++) {
		if (exits[i].kind != step->kind)
			continue;
		int *exit = link_exit(step, exits[i].list);
		if (*exit != PLAN_NO_EXIT)
			*exit = first_of(linking, at, (int)exits[i].list);
	}
}

static void link_whens(struct linking *linking, int at)
{
	const struct build *build = linking->build;
	struct step_branch *branch = &linking->steps[at].branch;
	struct branch_when *whens = ARENA_ARRAY(build->plan->arena, struct branch_when,
						build->when_count + 1);
	for (size_t i = 0; i < build->when_count; i++) {
		if (build->whens[i].holder != linking->order[at])
			continue;
		whens[branch->when_count] = build->whens[i].when;
		whens[branch->when_count++].first =
			first_of(linking, at, link_when_slot(i));
	}
	branch->whens = whens;
}

/* --- names --- */

static void make_ids(struct linking *linking)
{
	unsigned counts[STEP_KIND_COUNT] = {0};
	for (int i = 0; i < linking->count; i++) {
		struct step *step = &linking->steps[i];
		counts[step->kind]++;
		if (!step->id)
			step->id = arena_printf(linking->build->plan->arena, "%s#%u",
						step_kind_name(step->kind),
						counts[step->kind]);
	}
}

static void check_refs(struct build *build)
{
	const char *outer_id = build->step_id;
	for (const struct build_ref *ref = build->refs; ref; ref = ref->next) {
		int at = plan_find(build->plan, ref->step_id);
		bool is_task =
			at >= 0 && build->plan->steps[at].kind == STEP_MANUAL_SMS;
		build->step_id = ref->finder;
		if (at < 0)
			build_fail(build, ref->place, "unknown_step",
				   "<%s> names the step \"%s\", and there is no such "
				   "id: name one that stands in this workflow.",
				   ref->element, ref->step_id);
		else if (ref->is_task && !is_task)
			build_fail(build, ref->place, "unknown_step",
				   "<%s> names the step \"%s\", which is a <%s>: name "
				   "a <manual-sms>.",
				   ref->element, ref->step_id,
				   step_kind_name(build->plan->steps[at].kind));
	}
	build->step_id = outer_id;
}

void workflow_link(struct build *build)
{
	struct arena *arena = build->report->arena;
	size_t count = build->step_count;
	struct linking linking = {
		.build = build,
		.steps = ARENA_ARRAY(build->plan->arena, struct step, count + 1),
		.order = ARENA_ARRAY(arena, int, count + 1),
		.places = ARENA_ARRAY(arena, int, count + 1),
	};
	place_inside(&linking, -1);
	assert((size_t)linking.count == count);
	for (int i = 0; i < linking.count; i++) {
		struct step *step = &linking.steps[i];
		*step = build->steps[linking.order[i]];
		if (step->parent >= 0)
			step->parent = linking.places[step->parent];
		link_next(&linking, i);
	}
	for (int i = 0; i < linking.count; i++) {
		link_exits(&linking, i);
		if (linking.steps[i].kind == STEP_BRANCH)
			link_whens(&linking, i);
	}
	make_ids(&linking);
	build->plan->steps = linking.steps;
	build->plan->step_count = count;
	build->plan->first = count ? 0 : PLAN_END;
	check_refs(build);
	for (int i = 0; i < linking.count; i++)
		if (linking.steps[i].kind == STEP_GO_TO &&
		    linking.steps[i].go_to.step_id)
			linking.steps[i].go_to.target =
				plan_find(build->plan, linking.steps[i].go_to.step_id);
}
