/* build_condition.c - the handlers of conditions and their groups; see build.h
 *
 * Each element that may hold conditions is a frame on a stack; a condition waits in build->pending until its holder closes
 * and takes it.
 */
#include "workflow/build.h"

#include <assert.h>
#include <string.h>

void build_begin_conditions(struct build *build, const struct visit *visit)
{
	assert(build->frame_count < WORKFLOW_DEPTH_MAX);
	build->frames[build->frame_count++] =
		(struct build_frame){.holder = visit, .start = build->pending_count};
}

static struct build_frame *top(struct build *build)
{
	assert(build->frame_count);
	return &build->frames[build->frame_count - 1];
}

/* One more element stands in the frame that is open. */
static void count_given(struct build *build, const struct visit *visit)
{
	struct build_frame *frame = top(build);
	bool is_behind_steps = frame->holder->seen & (UINT64_C(1) << EL_STEPS);
	frame->given++;
	if (is_behind_steps)
		build_fail(build, visit->place, "misplaced_element",
			   "The condition of a <when> stands before its <steps>: move "
			   "it up.");
}

/* Never full: each is a test of its own, or a group that took at least one away. */
static void add_pending(struct build *build, const struct condition *condition)
{
	assert(build->pending_count < WORKFLOW_CONDITIONS_MAX);
	build->pending[build->pending_count++] = condition;
}

const struct condition *build_end_conditions(struct build *build, bool is_needed)
{
	const struct build_frame frame = *top(build);
	const struct visit *holder = frame.holder;
	size_t count = build->pending_count - frame.start;
	build->frame_count--;
	build->pending_count = frame.start;
	if (frame.given > 1)
		build_fail(build, holder->place, "several_conditions",
			   "<%s> holds one condition: put these %u into <all> (each "
			   "must hold) or <any> (one must).",
			   holder->element->name, frame.given);
	else if (!frame.given && is_needed)
		build_fail(build, holder->place, "missing_condition",
			   "<%s> needs a condition: put <condition field=\"…\" "
			   "is=\"…\"/>, "
			   "<all>, <any> or <not> in it.",
			   holder->element->name);
	return count ? build->pending[frame.start] : NULL;
}

void build_group(struct build *build, struct visit *visit)
{
	count_given(build, visit);
	build_begin_conditions(build, visit);
}

static enum condition_kind group_kind(enum element_id id)
{
	return id == EL_ALL   ? CONDITION_ALL
	       : id == EL_ANY ? CONDITION_ANY
			      : CONDITION_NOT;
}

void build_group_end(struct build *build, struct visit *visit)
{
	const struct build_frame frame = *top(build);
	const struct condition *const *children = &build->pending[frame.start];
	size_t count = build->pending_count - frame.start;
	if (visit->id == EL_NOT) {
		const struct condition *one = build_end_conditions(build, true);
		if (one)
			add_pending(build, condition_group(build->plan->arena,
							   CONDITION_NOT, &one, 1));
		return;
	}
	const struct condition *group =
		count ? condition_group(build->plan->arena, group_kind(visit->id),
					children, count)
		      : NULL;
	build->frame_count--;
	build->pending_count = frame.start;
	if (group)
		add_pending(build, group);
	if (!frame.given)
		build_fail(build, visit->place, "missing_condition",
			   "<%s> is empty: put conditions in it, or take it out.",
			   visit->element->name);
}

/* --- one test --- */

/* The operator that is written; CONDITION_OP_COUNT: none or several, which is said. */
static enum condition_op find_op(struct build *build, const struct visit *visit)
{
	enum condition_op found = CONDITION_OP_COUNT;
	unsigned count = 0;
	for (int op = 0; op < CONDITION_OP_COUNT; op++) {
		if (!visit_is_given(visit, condition_op_name((enum condition_op)op)))
			continue;
		found = (enum condition_op)op;
		count++;
	}
	if (count == 1)
		return found;
	struct buf known = BUF_EMPTY;
	for (int op = 0; op < CONDITION_OP_COUNT; op++)
		buf_printf(&known, "%s%s", op ? ", " : "",
			   condition_op_name((enum condition_op)op));
	build_fail(build, visit->place, "bad_condition",
		   "A <condition> compares its field in exactly one way, here are %u: "
		   "give one of %s. Several questions are several conditions in <all> "
		   "or <any>.",
		   count, buf_str(&known));
	buf_fini(&known);
	return CONDITION_OP_COUNT;
}

/* task.ID.outcome: the ID; NULL: another field. */
static const char *task_of(struct build *build, const char *field)
{
	static const char before[] = "task.", behind[] = ".outcome";
	size_t len = strlen(field);
	if (strncmp(field, before, strlen(before)) != 0 ||
	    len <= strlen(before) + strlen(behind))
		return NULL;
	return arena_strndup(build->report->arena, field + strlen(before),
			     len - strlen(before) - strlen(behind));
}

void build_condition(struct build *build, struct visit *visit)
{
	count_given(build, visit);
	if (build->test_count == WORKFLOW_CONDITIONS_MAX) {
		build_fail(build, visit->place, "too_many_conditions",
			   "A workflow has at most %d conditions: split it in two.",
			   WORKFLOW_CONDITIONS_MAX);
		return;
	}
	enum condition_op op = find_op(build, visit);
	const char *field = visit_text(visit, "field");
	if (op == CONDITION_OP_COUNT || !field)
		return;
	build_refer(build, visit, "field", task_of(build, field), true);
	const char *op_name = condition_op_name(op), *why = NULL;
	const char *value = visit_text(visit, op_name);
	const struct condition *test = NULL;
	if (!value)
		return; /* wrong, and said */
	if (condition_compile(build->plan->arena, field, op, value, &test, &why) !=
	    ERR_OK) {
		build_fail(build, build_place(build, visit, op_name), "bad_condition",
			   "%s", why);
		return;
	}
	build->tests[build->test_count++] = test;
	add_pending(build, test);
}
