/* why_place.c - where the enrollment stands, or where and why it ended, before a task came of it: see why.h */
#include <string.h>

#include "core/holds.h"
#include "core/journal.h"
#include "core/migrate.h"
#include "core/plans.h"
#include "core/reply.h"
#include "core/why_parts.h"
#include "core/workflow_parts.h"
#include "model/hold_reason.h"
#include "store/task_rows.h"
#include "workflow/parse.h"
#include "workflow/step.h"
#include "workflow/way.h"

/* --- what is known of the run --- */

bool why_is_meant(const struct asked *asked, const struct step *step)
{
	return step->kind == STEP_MANUAL_SMS &&
	       (!asked->step_id || strcmp(asked->step_id, step->id) == 0);
}

bool why_leads(const struct asked *asked, int from)
{
	const struct plan *plan = asked->run_plan;
	bool is_reached[WORKFLOW_STEPS_MAX] = {false};
	if (!plan)
		return false;
	way_reach(plan, from, NULL, is_reached);
	for (size_t i = 0; i < plan->step_count; i++)
		if (is_reached[i] && why_is_meant(asked, &plan->steps[i]))
			return true;
	return false;
}

bool why_is_ahead(const struct asked *asked)
{
	const struct enrollment *run = &asked->run;
	bool is_held = run->state == ENROLLMENT_HELD && run->held_to;
	const char *at = is_held ? run->held_to : run->step_id;
	return enrollment_state_is_open(run->state) && asked->run_plan && at && *at &&
	       why_leads(asked, plan_find(asked->run_plan, at));
}

static enum err gather_task(struct asked *asked)
{
	const struct plan *plan = asked->run_plan;
	uint64_t newest = 0, id;
	for (size_t i = 0; plan && i < plan->step_count; i++) {
		if (!why_is_meant(asked, &plan->steps[i]))
			continue;
		enum err err = task_rows_of_step(asked->db, asked->run.id,
						 plan->steps[i].id, &id);
		if (err == ERR_OK && id > newest)
			newest = id;
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	return newest ? task_rows_load(asked->db, asked->arena, newest, &asked->task)
		      : ERR_OK;
}

static void find_own_lines(struct asked *asked)
{
	for (size_t i = 0; i < asked->line_count; i++)
		if (strcmp(asked->lines[i].kind, JOURNAL_MIGRATED) == 0)
			asked->own_from = i;
}

enum err why_gather_run(struct asked *asked)
{
	enum err err = plans_get(asked->core, asked->db, asked->workflow.id,
				 asked->run.version, &asked->run_plan);
	if (err == ERR_OK || err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		err = gather_task(asked);
	if (err == ERR_OK)
		err = journal_rows_newest(asked->db, asked->arena, asked->run.id,
					  WHY_LINES_MOST, &asked->lines,
					  &asked->line_count);
	if (err == ERR_OK)
		find_own_lines(asked);
	return err;
}

static const struct step *step_of(const struct asked *asked, const char *step_id)
{
	int at = asked->run_plan && step_id ? plan_find(asked->run_plan, step_id) : -1;
	return at < 0 ? NULL : &asked->run_plan->steps[at];
}

/* --- it goes on --- */

static const char *anew_fix(struct asked *asked, const char *change)
{
	return arena_printf(asked->arena,
			    "%s, publish that, take this enrollment out (DELETE "
			    "/api/v1/enrollments/%s), and enroll again: %s",
			    change, why_id(asked, asked->run.id),
			    why_enroll_fix(asked));
}

static enum err fix_wait(struct asked *asked, const struct step *step,
			 struct answer *answer)
{
	answer->fix = arena_printf(
		asked->arena, "Wait until %s: it goes on by itself. Sooner: %s",
		why_when(asked, asked->run.wake_at),
		anew_fix(asked, arena_printf(asked->arena, "shorten <wait id=\"%s\">",
					     step->id)));
	return ERR_OK;
}

static enum err fix_reply(struct asked *asked, const struct step *step,
			  struct answer *answer)
{
	answer->fix =
		asked->run.wake_at
			? arena_printf(asked->arena,
				       "It goes on when the contact answers %s, and at "
				       "%s without an answer.",
				       step->reply.to,
				       why_when(asked, asked->run.wake_at))
			: arena_printf(asked->arena,
				       "It goes on when the contact answers %s; a "
				       "timeout=\"2d\" in <wait-for-reply id=\"%s\"> "
				       "would end that.",
				       step->reply.to, step->id);
	return ERR_OK;
}

/* It stands at another manual-sms than the one that is meant. */
static enum err fix_task(struct asked *asked, const struct step *step,
			 struct answer *answer)
{
	struct task task;
	uint64_t id;
	enum err err = task_rows_of_step(asked->db, asked->run.id, step->id, &id);
	if (err == ERR_OK)
		err = task_rows_load(asked->db, asked->arena, id, &task);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	answer->detail = arena_printf(asked->arena, "%s Task %s is %s.", answer->detail,
				      why_id(asked, id), task_state_name(task.state));
	answer->fix =
		task.state == TASK_SENT
			? arena_printf(asked->arena,
				       "It goes on when the fate of its text is known: "
				       "see /api/v1/messages/%s.",
				       why_id(asked, task.message_id))
			: arena_printf(asked->arena,
				       "Send, skip or cancel task %s: the enrollment "
				       "goes on then.",
				       why_id(asked, id));
	return ERR_OK;
}

static enum err fix_standing(struct asked *asked, const struct step *step,
			     struct answer *answer)
{
	if (asked->run.state == ENROLLMENT_HELD) {
		answer->fix = arena_printf(asked->arena,
					   "POST /api/v1/workflows/%s/publish: it goes "
					   "on from there.",
					   asked->workflow.id);
		return ERR_OK;
	}
	if (step->kind == STEP_WAIT)
		return fix_wait(asked, step, answer);
	return step->kind == STEP_WAIT_FOR_REPLY ? fix_reply(asked, step, answer)
						 : fix_task(asked, step, answer);
}

/* What will stop it once the wait is over, whatever it waits for. */
static enum err tell_obstacle(struct asked *asked, struct answer *answer)
{
	const struct number *number = &asked->number;
	bool is_held = false;
	if (number->is_opted_out) {
		answer->detail = arena_printf(
			asked->arena,
			"%s The number opted out at %s, so it will end at the manual-sms.",
			answer->detail, why_when(asked, number->consent_at));
		answer->fix = "Only the person behind the number can take that back: a "
			      "person records an opt-in with its evidence.";
		return ERR_OK;
	}
	if (asked->run.state == ENROLLMENT_HELD || asked->run.is_test)
		return ERR_OK;
	enum err err =
		hold_rows_exist(asked->db, HOLD_WORKFLOW, asked->workflow.id, &is_held);
	if (err != ERR_OK || !is_held)
		return err;
	answer->detail = arena_printf(
		asked->arena, "%s Its workflow is unpublished: it will be held then.",
		answer->detail);
	answer->fix =
		arena_printf(asked->arena, "POST /api/v1/workflows/%s/publish. %s",
			     asked->workflow.id, answer->fix);
	return ERR_OK;
}

static enum err tell_standing(struct asked *asked, struct answer *answer)
{
	const struct enrollment *run = &asked->run;
	const struct step *step = step_of(asked, run->step_id);
	answer->detail = arena_printf(asked->arena, "At step %s since %s. %s.",
				      run->step_id ? run->step_id : "",
				      why_when(asked, run->since), run->reason);
	if (asked->task.id || !step)
		return ERR_OK;
	answer->ok = !why_is_ahead(asked);
	if (!answer->ok) {
		enum err err = fix_standing(asked, step, answer);
		return err == ERR_OK ? tell_obstacle(asked, answer) : err;
	}
	answer->detail = arena_printf(asked->arena,
				      "%s No way goes on to a manual-sms from there.",
				      answer->detail);
	return ERR_OK;
}

/* --- it came to the end --- */

/* What of the way it took says why it came to the end: the last of these. */
struct last_turn {
	const struct journal_row *exit; /* of a manual-sms or wait-for-reply */
	const struct step *used_up;     /* a go-to that did not go */
	const struct step *end;         /* an <end/>, as the last step */
};

static struct last_turn last_turn(const struct asked *asked)
{
	struct last_turn turn = {NULL, NULL, NULL};
	for (size_t i = asked->own_from; i < asked->line_count; i++) {
		const struct journal_row *line = &asked->lines[i];
		const struct step *step = step_of(asked, line->step_id);
		if (strcmp(line->kind, "exit_taken") == 0)
			turn.exit = line;
		if (step && step->kind == STEP_GO_TO && strcmp(line->kind, "done") == 0)
			turn.used_up = step;
		if (step && strcmp(line->kind, "completed") != 0)
			turn.end = step->kind == STEP_END ? step : NULL;
	}
	return turn;
}

static const char *after_exit(struct asked *asked, const struct journal_row *line)
{
	return line ? arena_printf(asked->arena, ", after %s took %s", line->step_id,
				   journal_text(asked->arena, line->detail, "exit"))
		    : "";
}

static void tell_early_end(struct asked *asked, struct answer *answer)
{
	struct arena *arena = asked->arena;
	const struct last_turn turn = last_turn(asked);
	const char *at = why_when(asked, asked->run.ended_at);
	const char *exit = after_exit(asked, turn.exit), *change;
	if (turn.used_up) {
		const struct step *step = turn.used_up;
		answer->detail = arena_printf(
			arena,
			"It came to the end at %s: <go-to id=\"%s\"> had been taken "
			"%u times, and goes no further than its max.",
			at, step->id, step->go_to.max);
		change = arena_printf(arena, "raise max=\"%u\" of <go-to id=\"%s\">",
				      step->go_to.max, step->id);
	} else if (turn.end) {
		answer->detail = arena_printf(
			arena,
			"It came to the end at %s by <end/> (line %u)%s, and to no "
			"manual-sms before.",
			at, turn.end->place.line, exit);
		change =
			arena_printf(arena,
				     "take out the <end/> of line %u, or put it behind "
				     "the manual-sms",
				     turn.end->place.line);
	} else {
		answer->detail = arena_printf(
			arena,
			"It came to the end at %s%s, and to no manual-sms before.", at,
			exit);
		change = "put the manual-sms on that way";
	}
	answer->fix =
		arena_printf(arena, "%c%s, publish that, and enroll again: %s",
			     change[0] - 'a' + 'A', change + 1, why_enroll_fix(asked));
}

static bool has_sms(const struct asked *asked)
{
	const struct plan *plan = asked->run_plan;
	for (size_t i = 0; plan && i < plan->step_count; i++)
		if (why_is_meant(asked, &plan->steps[i]))
			return true;
	return false;
}

static enum err tell_completed(struct asked *asked, struct answer *answer)
{
	answer->detail = arena_printf(asked->arena, "It came to the end at %s.",
				      why_when(asked, asked->run.ended_at));
	/* the branch or the task has more to say */
	if (asked->task.id || !has_sms(asked) || why_lost_at(asked))
		return ERR_OK;
	answer->ok = false;
	tell_early_end(asked, answer);
	return ERR_OK;
}

/* --- it ended before --- */

/* Reasons that the engine gives, in the words of people. */
static const struct ending {
	const char *reason, *words, *fix; /* fix NULL: enroll again */
} endings[] = {
	{REPLY_ENDS, "the contact replied, and its settings say stop-on-reply=\"yes\"",
	 "Publish it with stop-on-reply=\"no\" in its settings, and enroll again: "},
	{"opted out", "the number opted out",
	 "Only the person behind the number can take that back: a person records an "
	 "opt-in with its evidence. Then enroll again: "},
	{HOLD_UNPUBLISHED, "the workflow was unpublished, and what was open cancelled",
	 "Publish it, and enroll again: "},
	{MIGRATE_ENDS,
	 "it was to be moved to another version of the workflow, where its step is "
	 "mapped to nothing",
	 NULL},
	{"contact_deleted", "the contact was deleted", NULL},
	{"loop_guard", "it ran 100 steps without a wait",
	 "Put a wait into the loop, publish that, and enroll again: "},
	{"hours_never_open", "the sending hours it waited for never open",
	 "Mend the <hours> of its settings, publish that, and enroll again: "},
	{"version_is_gone", "its version is not there any more", NULL},
	{"version_is_unreadable", "its version cannot be read any more", NULL},
	{"step_is_gone", "its version has no such step", NULL},
	{"internal", "the engine met a fault; the log has the enrollment's id", NULL},
};

static const struct ending *ending_of(const char *reason)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(endings[i].reason, reason) == 0)
			return &endings[i];
	return NULL;
}

/* Whoever took it out stands in the last line. */
static const char *by_whom(struct asked *asked)
{
	const char *by =
		asked->line_count
			? journal_text(asked->arena,
				       asked->lines[asked->line_count - 1].detail, "by")
			: "";
	return *by && !strstr(asked->run.reason, by)
		       ? arena_printf(asked->arena, " (by %s)", by)
		       : "";
}

static enum err tell_ended(struct asked *asked, struct answer *answer)
{
	const struct enrollment *run = &asked->run;
	const char *reason = run->reason ? run->reason : "no reason was kept";
	const struct ending *ending = ending_of(reason);
	bool is_done =
		asked->task.state == TASK_SENT || task_state_is_open(asked->task.state);
	answer->ok = asked->task.id && is_done;
	answer->detail = arena_printf(
		asked->arena, "It ended as %s at %s, at step %s: %s%s.",
		enrollment_state_name(run->state), why_when(asked, run->ended_at),
		run->step_id ? run->step_id : "its start",
		ending ? ending->words : reason, by_whom(asked));
	if (!answer->ok)
		answer->fix = arena_printf(asked->arena, "%s%s",
					   ending && ending->fix ? ending->fix : "",
					   why_enroll_fix(asked));
	return ERR_OK;
}

/* Running enrollments stay on their version, which may not know the step yet, until somebody moves them. */
static enum err tell_other_version(struct asked *asked, struct answer *answer)
{
	answer->ok = false;
	answer->detail = arena_printf(
		asked->arena,
		"It is on version %u, which has no manual-sms %s, and stays on it until "
		"somebody moves it.",
		asked->run.version, asked->step_id);
	answer->fix =
		enrollment_state_is_open(asked->run.state)
			? arena_printf(
				  asked->arena,
				  "Move those who run on it: POST "
				  "/api/v1/workflows/%s/migrate with \"from\": %u, \"to\": "
				  "a version that has it, and \"dry_run\": true to see "
				  "where they go. Or take the enrollment out (DELETE "
				  "/api/v1/enrollments/%s), and enroll again: %s",
				  asked->workflow.id, asked->run.version,
				  why_id(asked, asked->run.id), why_enroll_fix(asked))
			: why_enroll_fix(asked);
	return ERR_OK;
}

enum err why_ask_position(struct asked *asked, struct answer *answer)
{
	enum enrollment_state state = asked->run.state;
	if (!asked->has_run) {
		answer->ok = false;
		answer->detail = "It is nowhere: it is not enrolled.";
		answer->fix = why_enroll_fix(asked);
		return ERR_OK;
	}
	if (asked->step_id && asked->run_plan && !has_sms(asked))
		return tell_other_version(asked, answer);
	if (enrollment_state_is_open(state))
		return tell_standing(asked, answer);
	return state == ENROLLMENT_COMPLETED ? tell_completed(asked, answer)
					     : tell_ended(asked, answer);
}
