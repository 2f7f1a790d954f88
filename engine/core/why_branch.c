/* why_branch.c - which way an enrollment took, and did a task lie on another: see why.h */
#include <string.h>

#include "core/plans.h"
#include "core/why_parts.h"
#include "store/task_rows.h"

enum { LINES_MOST = 500 }; /* of the journal */

/* What the journal says of the last visit of the last branch. */
struct way_taken {
	struct asked *asked;
	const char *step_id;
	struct buf asked_for; /* the <when>s that did not hold */
	const char *taken;    /* of the one that did, "": otherwise */
	bool has_taken;
};

static void add_when(struct way_taken *way, const struct journal_row *row)
{
	struct arena *arena = way->asked->arena;
	const char *name = journal_text(arena, row->detail, "when"), *field;
	if (way->has_taken || !way->step_id || strcmp(way->step_id, row->step_id) != 0) {
		buf_clear(&way->asked_for);
		way->step_id = arena_strdup(arena, row->step_id);
		way->has_taken = false;
	}
	if (journal_flag(row->detail, "holds")) {
		way->taken = name;
		return;
	}
	way->taken = "";
	buf_printf(&way->asked_for, " <when>%s%s did not hold: %s.", *name ? " " : "",
		   name, journal_tests(arena, row->detail, &field));
}

static void read_line(void *arg, const struct journal_row *row)
{
	struct way_taken *way = arg;
	if (strcmp(row->kind, "asked") == 0 && row->step_id)
		add_when(way, row);
	else if (strcmp(row->kind, "branched") == 0)
		way->has_taken = true;
}

/* Is there a manual-sms inside a branch, so that another way might have led to a task? */
static bool has_sms_in_branch(const struct plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].kind != STEP_MANUAL_SMS)
			continue;
		for (int at = plan->steps[i].parent; at >= 0; at = plan->steps[at].parent)
			if (plan->steps[at].kind == STEP_BRANCH)
				return true;
	}
	return false;
}

static enum err has_task(struct asked *asked, const struct plan *plan, bool *has_out)
{
	uint64_t id;
	*has_out = false;
	for (size_t i = 0; i < plan->step_count && !*has_out; i++) {
		if (plan->steps[i].kind != STEP_MANUAL_SMS)
			continue;
		enum err err = task_rows_of_step(asked->db, asked->run.id,
						 plan->steps[i].id, &id);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		*has_out = err == ERR_OK;
	}
	return ERR_OK;
}

static enum err is_missed(struct asked *asked, bool *is_out)
{
	struct plan *plan;
	bool has;
	*is_out = false;
	if (asked->run.state != ENROLLMENT_COMPLETED)
		return ERR_OK;
	enum err err = plans_get(asked->core, asked->db, asked->workflow.id,
				 asked->run.version, &plan);
	if (err != ERR_OK)
		return err;
	err = has_task(asked, plan, &has);
	*is_out = err == ERR_OK && !has && has_sms_in_branch(plan);
	plan_unref(&plan);
	return err;
}

static enum err tell(struct way_taken *way, struct answer *answer)
{
	struct asked *asked = way->asked;
	bool is_away;
	enum err err = is_missed(asked, &is_away);
	answer->ok = !is_away;
	answer->detail = arena_printf(
		asked->arena, "At %s it took %s%s.%s", way->step_id,
		*way->taken ? "<when> " : "", *way->taken ? way->taken : "the other way",
		buf_str(&way->asked_for));
	if (is_away)
		answer->fix = arena_printf(
			asked->arena,
			"A task lies on another way of the branch. Change what it asks "
			"for, and enroll again: %s",
			why_enroll_fix(asked));
	return err;
}

enum err why_ask_branch(struct asked *asked, struct answer *answer)
{
	struct way_taken way = {.asked = asked, .asked_for = BUF_EMPTY, .taken = ""};
	answer->detail = "It came to no branch.";
	enum err err = ERR_OK;
	if (asked->has_run)
		err = journal_rows_page(asked->db, asked->run.id, 0, LINES_MOST,
					read_line, &way);
	if (err == ERR_OK && way.step_id)
		err = tell(&way, answer);
	buf_fini(&way.asked_for);
	return err;
}
