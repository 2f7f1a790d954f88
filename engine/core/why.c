/* why.c - see why.h; triggers and filter are in why_trigger.c, branches in why_branch.c, the counts in why_counts.c */
#include "core/why.h"

#include <string.h>

#include "core/plans.h"
#include "core/why_counts.h"
#include "core/why_parts.h"
#include "core/workflow_parts.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"

const char *why_when(struct asked *asked, int64_t at)
{
	char text[CLOCK_TEXT_LEN];
	return arena_strdup(asked->arena, clock_format(at, text));
}

const char *why_id(struct asked *asked, uint64_t id)
{
	return arena_printf(asked->arena, "%llu", (unsigned long long)id);
}

const char *why_says(struct asked *asked)
{
	return journal_text(asked->arena, asked->refusal.detail, "says");
}

const char *why_enroll_fix(struct asked *asked)
{
	return arena_printf(
		asked->arena,
		"POST /api/v1/workflows/%s/enrollments with {\"contacts\": [\"%s\"]}.",
		asked->workflow.id, why_id(asked, asked->contact.id));
}

/* After the enrollment that is there began, or ended. In the same millisecond ids tell, which rise; but one that found it
 * still running came before its end. */
bool why_was_refused(const struct asked *asked)
{
	const struct enrollment *run = &asked->run;
	int64_t last = run->ended_at ? run->ended_at : run->created_at;
	if (!asked->has_refusal || !asked->has_run)
		return asked->has_refusal;
	if (asked->refusal.at != last)
		return asked->refusal.at > last;
	return asked->refusal.id > run->id &&
	       (!run->ended_at ||
		strcmp(asked->refusal.outcome, "already_enrolled") != 0);
}

static bool refused_as(const struct asked *asked, const char *outcome)
{
	return why_was_refused(asked) && strcmp(asked->refusal.outcome, outcome) == 0;
}

/* --- the questions --- */

static enum err ask_published(struct asked *asked, struct answer *answer)
{
	const struct workflow *w = &asked->workflow;
	bool has_entered = asked->has_run && !why_was_refused(asked);
	answer->ok = w->state == WORKFLOW_PUBLISHED || has_entered;
	if (w->state != WORKFLOW_PUBLISHED && has_entered) {
		answer->detail =
			"It was unpublished since; the contact had entered before.";
		return ERR_OK;
	}
	if (answer->ok) {
		answer->detail = arena_printf(asked->arena, "Version %u is published.",
					      w->published_version);
		return ERR_OK;
	}
	answer->detail = w->state == WORKFLOW_DRAFT
				 ? "It is a draft: only published workflows enroll."
				 : "It was unpublished, so it enrolls nobody.";
	answer->fix =
		arena_printf(asked->arena, "POST /api/v1/workflows/%s/publish.", w->id);
	return ERR_OK;
}

static enum err ask_reentry(struct asked *asked, struct answer *answer)
{
	bool is_in = asked->has_run && enrollment_state_is_open(asked->run.state);
	answer->detail = "Nothing of the kind stood in the way.";
	if (is_in || !why_was_refused(asked))
		return ERR_OK;
	if (refused_as(asked, "once_done")) {
		answer->ok = false;
		answer->detail = arena_printf(
			asked->arena,
			"It takes a contact once, and this one entered it at %s.",
			why_when(asked, asked->run.created_at));
		answer->fix = "Use another workflow, or publish it with "
			      "reentry=\"one-at-a-time\" in its settings.";
	} else if (refused_as(asked, "too_many")) {
		answer->ok = false;
		answer->detail = "The contact was enrolled too often within an hour, "
				 "in all workflows together.";
		answer->fix =
			"Find out what enrolls it in a loop; then enroll it again.";
	} else if (refused_as(asked, "too_deep")) {
		answer->ok = false;
		answer->detail = why_says(asked);
		answer->fix = "Workflows call each other in a loop through tags or "
			      "fields: take one of the steps out, or put a wait "
			      "between.";
	}
	return ERR_OK;
}

static enum err ask_enrolled(struct asked *asked, struct answer *answer)
{
	answer->ok = asked->has_run && !(why_was_refused(asked) &&
					 !enrollment_state_is_open(asked->run.state));
	if (answer->ok) {
		answer->detail = arena_printf(
			asked->arena, "Enrollment %s, on version %u, since %s.",
			why_id(asked, asked->run.id), asked->run.version,
			why_when(asked, asked->run.created_at));
		return ERR_OK;
	}
	answer->fix = why_enroll_fix(asked);
	if (!asked->has_refusal) {
		answer->detail = "It never was.";
	} else if (refused_as(asked, "opted_out") && asked->number.is_opted_out) {
		answer->detail = arena_printf(
			asked->arena, "The number opted out (%s).",
			asked->number.consent_reason ? asked->number.consent_reason
						     : "no reason kept");
		answer->fix = "Only the person can change that: a person records an "
			      "opt-in with its evidence.";
	} else {
		answer->detail = arena_printf(
			asked->arena, "The last attempt, at %s, ended as %s.",
			why_when(asked, asked->refusal.at), asked->refusal.outcome);
	}
	return ERR_OK;
}

static enum err ask_position(struct asked *asked, struct answer *answer)
{
	const struct enrollment *run = &asked->run;
	const char *step = run->step_id ? run->step_id : "its start";
	answer->ok = asked->has_run && run->state != ENROLLMENT_FAILED &&
		     run->state != ENROLLMENT_REMOVED;
	if (!asked->has_run)
		answer->detail = "It is nowhere: it is not enrolled.";
	else if (run->state == ENROLLMENT_COMPLETED)
		answer->detail = arena_printf(asked->arena, "It came to the end at %s.",
					      why_when(asked, run->ended_at));
	else if (!answer->ok)
		answer->detail = arena_printf(
			asked->arena, "It ended as %s at %s, at step %s: %s.",
			enrollment_state_name(run->state), why_when(asked, run->ended_at),
			step, run->reason);
	else
		answer->detail =
			arena_printf(asked->arena, "At step %s since %s. %s.", step,
				     why_when(asked, run->since), run->reason);
	if (!answer->ok)
		answer->fix = why_enroll_fix(asked);
	return ERR_OK;
}

/* --- the task --- */

static enum err newest_task(struct asked *asked, const struct plan *plan,
			    uint64_t *id_out)
{
	*id_out = 0;
	for (size_t i = 0; i < plan->step_count; i++) {
		uint64_t id;
		if (plan->steps[i].kind != STEP_MANUAL_SMS)
			continue;
		enum err err = task_rows_of_step(asked->db, asked->run.id,
						 plan->steps[i].id, &id);
		if (err == ERR_OK && id > *id_out)
			*id_out = id;
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_OK;
}

static enum err describe_task(struct asked *asked, uint64_t id, struct answer *answer)
{
	struct task task;
	struct user user = {.login = "nobody: it is in the pool"};
	enum err err = task_rows_load(asked->db, asked->arena, id, &task);
	if (err == ERR_OK && task.assignee_id)
		err = user_rows_load(asked->db, asked->arena, task.assignee_id, &user);
	if (err != ERR_OK)
		return err;
	answer->detail =
		arena_printf(asked->arena, "Task %s (%s) is %s, for %s. %s.",
			     why_id(asked, id), task.name, task_state_name(task.state),
			     user.login, task.why ? task.why : "");
	return ERR_OK;
}

static enum err ask_task(struct asked *asked, struct answer *answer)
{
	struct plan *plan;
	uint64_t id = 0;
	bool has_sms = false;
	answer->ok = false;
	answer->detail = "There is none: the contact is not enrolled.";
	if (!asked->has_run)
		return ERR_OK;
	enum err err = plans_get(asked->core, asked->db, asked->workflow.id,
				 asked->run.version, &plan);
	if (err != ERR_OK)
		return err;
	err = newest_task(asked, plan, &id);
	for (size_t i = 0; i < plan->step_count; i++)
		has_sms = has_sms || plan->steps[i].kind == STEP_MANUAL_SMS;
	plan_unref(&plan);
	answer->ok = id != 0;
	if (err == ERR_OK && id)
		return describe_task(asked, id, answer);
	answer->detail =
		has_sms ? "The enrollment came to no manual-sms step: see its position."
			: "The workflow has no manual-sms step, so it makes no tasks.";
	answer->fix = has_sms ? "See the journal of the enrollment."
			      : "Add a <manual-sms> step, and publish.";
	return err;
}

/* --- asking --- */

static const struct question {
	const char *name;
	enum err (*ask)(struct asked *asked, struct answer *answer);
} questions[] = {
	{"published", ask_published}, {"trigger_seen", why_ask_trigger},
	{"filter", why_ask_filter},   {"reentry", ask_reentry},
	{"enrolled", ask_enrolled},   {"position", ask_position},
	{"branch", why_ask_branch},   {"task", ask_task},
};

enum { QUESTION_COUNT = sizeof(questions) / sizeof(questions[0]) };

static void write_check(struct json *json, const char *name,
			const struct answer *answer)
{
	json_object(json);
	json_key_str(json, "check", name);
	json_key_bool(json, "ok", answer->ok);
	json_key_str(json, "detail", answer->detail);
	json_key_str(json, "fix", answer->fix);
	json_end_object(json);
}

/* The plan by which the workflow listens. One that cannot be read answers nothing. */
static enum err gather_plan(struct asked *asked)
{
	const struct workflow *workflow = &asked->workflow;
	enum err err = plans_get(asked->core, asked->db, workflow->id,
				 workflow->published_version
					 ? workflow->published_version
					 : workflow->draft_version,
				 &asked->plan);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

static enum err gather(struct asked *asked, struct why_workflow *cmd)
{
	enum err err = contact_rows_load(asked->db, asked->arena, cmd->contact_id,
					 &asked->contact);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(&cmd->call, ERR_NOT_FOUND, "contact",
					  "There is no such contact.");
	if (err == ERR_OK && asked->contact.phone_e164)
		err = number_rows_load(asked->db, asked->arena,
				       asked->contact.phone_e164, &asked->number);
	if (err != ERR_OK)
		return err;
	err = enrollment_rows_latest(asked->db, asked->arena, asked->workflow.id,
				     cmd->contact_id, false, &asked->run);
	asked->has_run = err == ERR_OK;
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		err = not_enrolled_rows_last(asked->db, asked->arena,
					     asked->workflow.id, cmd->contact_id,
					     &asked->refusal);
	asked->has_refusal = err == ERR_OK;
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		err = gather_plan(asked);
	return err;
}

static enum err answer_checks(struct asked *asked, struct why_workflow *cmd)
{
	struct answer answers[QUESTION_COUNT];
	size_t first_bad = QUESTION_COUNT;
	struct json json = call_json(&cmd->call);
	for (size_t i = 0; i < QUESTION_COUNT; i++) {
		answers[i] = (struct answer){.ok = true, .detail = "", .fix = ""};
		enum err err = questions[i].ask(asked, &answers[i]);
		if (err != ERR_OK)
			return err;
		if (!answers[i].ok && first_bad == QUESTION_COUNT)
			first_bad = i;
	}
	json_object(&json);
	json_key_str(&json, "workflow", asked->workflow.id);
	json_key_id(&json, "contact", cmd->contact_id);
	json_key(&json, "checks");
	json_array(&json);
	for (size_t i = 0; i < QUESTION_COUNT; i++)
		write_check(&json, questions[i].name, &answers[i]);
	json_end_array(&json);
	json_key(&json, "first_failure");
	if (first_bad < QUESTION_COUNT)
		write_check(&json, questions[first_bad].name, &answers[first_bad]);
	else
		json_null(&json);
	json_end_object(&json);
	return ERR_OK;
}

enum err why_workflow(struct snapshot *snap, void *arg)
{
	struct why_workflow *cmd = arg;
	struct asked asked = {.db = snapshot_db(snap),
			      .arena = cmd->call.arena,
			      .core = snapshot_context(snap)};
	enum err err =
		workflow_find(asked.db, &cmd->call, cmd->workflow_id, &asked.workflow);
	if (err == ERR_OK && !cmd->contact_id)
		return why_counts(asked.db, asked.core, &cmd->call, &asked.workflow);
	if (err == ERR_OK)
		err = gather(&asked, cmd);
	if (err == ERR_OK)
		err = answer_checks(&asked, cmd);
	plan_unref(&asked.plan);
	return err;
}
