/* why_branch.c - which way an enrollment took, and did a task lie on another: see why.h */
#include <string.h>

#include "core/why_parts.h"
#include "workflow/step.h"

/* One visit of a branch, as the journal has it: a line for each <when> that was asked, then the one that says branched. */
struct branching {
	const struct journal_row *first;
	size_t asked; /* <when>s */
	bool holds;   /* the last of them */
};

/* The visit that ended with this line. */
static struct branching visit_before(const struct asked *asked, size_t at)
{
	struct branching visit = {&asked->lines[at], 0, false};
	while (at-- && strcmp(asked->lines[at].kind, "asked") == 0 &&
	       strcmp(asked->lines[at].step_id, visit.first->step_id) == 0) {
		visit.first = &asked->lines[at];
		if (!visit.asked++)
			visit.holds = journal_flag(visit.first->detail, "holds");
	}
	return visit;
}

static const struct step *branch_of(const struct asked *asked,
				    const struct journal_row *line)
{
	int at = asked->run_plan && strcmp(line->kind, "branched") == 0
			 ? plan_find(asked->run_plan, line->step_id)
			 : -1;
	const struct step *step = at < 0 ? NULL : &asked->run_plan->steps[at];
	return step && step->kind == STEP_BRANCH ? step : NULL;
}

/* The first <when> not taken that leads to the manual-sms, or when_count for otherwise; more: none of them does. */
static size_t other_way(const struct asked *asked, const struct step *step,
			const struct branching *visit)
{
	const struct step_branch *branch = &step->branch;
	size_t taken = visit->holds ? visit->asked - 1 : branch->when_count, i;
	if (why_leads(asked, taken < branch->when_count
				     ? branch->whens[taken].first
				     : step_exit(step, branch->otherwise)))
		return branch->when_count + 1;
	for (i = 0; i < branch->when_count; i++)
		if (i != taken && why_leads(asked, branch->whens[i].first))
			return i;
	return i + !why_leads(asked, step_exit(step, branch->otherwise));
}

const struct journal_row *why_lost_at(const struct asked *asked)
{
	for (size_t i = asked->line_count; !asked->task.id && i-- > asked->own_from;) {
		const struct step *step = branch_of(asked, &asked->lines[i]);
		struct branching visit = visit_before(asked, i);
		if (step && other_way(asked, step, &visit) <= step->branch.when_count)
			return &asked->lines[i];
	}
	return NULL;
}

/* --- in words --- */

static const char *name_of_way(struct asked *asked, const struct step *step, size_t way)
{
	if (way >= step->branch.when_count)
		return step->branch.otherwise == PLAN_NO_EXIT ? "none of its ways"
							      : "<otherwise>";
	const struct branch_when *when = &step->branch.whens[way];
	return when->name ? arena_printf(asked->arena, "<when name=\"%s\">", when->name)
			  : arena_printf(asked->arena, "the <when> of line %u",
					 when->place.line);
}

static const char *asked_for(struct asked *asked, const struct step *step,
			     const struct branching *visit)
{
	struct buf text = BUF_EMPTY;
	for (size_t i = 0; i < visit->asked && i < step->branch.when_count; i++)
		buf_printf(&text, " %s %s: %s.", name_of_way(asked, step, i),
			   i + 1 == visit->asked && visit->holds ? "held"
								 : "did not hold",
			   journal_tests(asked->arena, visit->first[i].detail));
	const char *copy = arena_strdup(asked->arena, buf_str(&text));
	buf_fini(&text);
	return copy;
}

/* The smallest change: the test that kept the contact off the way to the task, or off the one it took instead. */
static const char *fix_way(struct asked *asked, const struct step *step,
			   const struct branching *visit, size_t way)
{
	bool was_asked = way < visit->asked;
	const char *change =
		was_asked ? why_change(asked, visit->first[way].detail)
			  : arena_printf(asked->arena,
					 "Change what %s asks for, so that it does "
					 "not hold",
					 name_of_way(asked, step, visit->asked - 1));
	return arena_printf(asked->arena,
			    "A task lies on %s of branch %s. %s; then enroll again: %s",
			    name_of_way(asked, step, way), step->id, change,
			    why_enroll_fix(asked));
}

static const struct journal_row *last_branching(const struct asked *asked)
{
	for (size_t i = asked->line_count; i-- > asked->own_from;)
		if (branch_of(asked, &asked->lines[i]))
			return &asked->lines[i];
	return NULL;
}

enum err why_ask_branch(struct asked *asked, struct answer *answer)
{
	const struct journal_row *lost =
		asked->has_run && !why_is_ahead(asked) ? why_lost_at(asked) : NULL;
	const struct journal_row *line = lost ? lost : last_branching(asked);
	answer->detail = "It came to no branch.";
	if (!line)
		return ERR_OK;
	const struct step *step = branch_of(asked, line);
	struct branching visit = visit_before(asked, (size_t)(line - asked->lines));
	size_t taken = visit.holds ? visit.asked - 1 : step->branch.when_count;
	answer->ok = !lost;
	answer->detail =
		arena_printf(asked->arena, "At branch %s it took %s at %s.%s", step->id,
			     name_of_way(asked, step, taken), why_when(asked, line->at),
			     asked_for(asked, step, &visit));
	if (lost)
		answer->fix =
			fix_way(asked, step, &visit, other_way(asked, step, &visit));
	return ERR_OK;
}
