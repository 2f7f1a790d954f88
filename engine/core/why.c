/* why.c - see why.h: may it enter, and the answer as a whole. Triggers and filter are in why_trigger.c, where it stands in
 * why_place.c, branches in why_branch.c, the task in why_task.c, the counts in why_counts.c */
#include "core/why.h"

#include <string.h>

#include "core/core.h"
#include "core/plans.h"
#include "core/why_counts.h"
#include "core/why_parts.h"
#include "core/workflow_parts.h"
#include "store/contact_rows.h"
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
	bool is_test = asked->has_run && asked->run.is_test;
	return arena_printf(
		asked->arena,
		"POST /api/v1/workflows/%s/enrollments with {\"contacts\": [\"%s\"]%s}.",
		asked->workflow.id, why_id(asked, asked->contact.id),
		is_test ? ", \"test\": true" : "");
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
	if (has_entered && asked->run.is_test) {
		answer->detail =
			arena_printf(asked->arena,
				     "It was a test run, of version %u; that need not "
				     "be published.",
				     asked->run.version);
		return ERR_OK;
	}
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
	answer->fix = arena_printf(asked->arena,
				   "POST /api/v1/workflows/%s/publish; then enroll: %s",
				   w->id, why_enroll_fix(asked));
	return ERR_OK;
}

/* --- has it been in already --- */

/* One enrollment at a time: what was asked for before its task came to be is answered by that task, or by where it waits. */
static void tell_already(struct asked *asked, struct answer *answer)
{
	const char *id = why_id(asked, asked->run.id);
	if (!asked->task.id || asked->refusal.id < asked->task.id ||
	    !enrollment_state_is_open(asked->run.state))
		return;
	answer->ok = false;
	answer->detail = arena_printf(
		asked->arena,
		"Asked for again at %s, but it takes one enrollment of a contact at a "
		"time, and %s goes on (at step %s; its task %s is %s).",
		why_when(asked, asked->refusal.at), id,
		asked->run.step_id ? asked->run.step_id : "its start",
		why_id(asked, asked->task.id), task_state_name(asked->task.state));
	answer->fix = arena_printf(
		asked->arena,
		"Let it end, or end it (DELETE /api/v1/enrollments/%s), and enroll "
		"again: %s Or publish with reentry=\"concurrent\" in its settings.",
		id, why_enroll_fix(asked));
}

static void tell_once(struct asked *asked, struct answer *answer)
{
	answer->ok = false;
	answer->detail = arena_printf(
		asked->arena,
		"It takes a contact once, and this one entered it at %s (enrollment "
		"%s, %s).",
		why_when(asked, asked->run.created_at), why_id(asked, asked->run.id),
		enrollment_state_name(asked->run.state));
	answer->fix = arena_printf(
		asked->arena,
		"Publish it with reentry=\"one-at-a-time\" in its settings, or forget "
		"that one (POST /api/v1/workflows/%s/enrollments/remove with "
		"{\"filter\": {\"contact\": \"%s\"}, \"forget\": true, \"reason\": "
		"\"…\"}); then enroll again: %s",
		asked->workflow.id, why_id(asked, asked->contact.id),
		why_enroll_fix(asked));
}

static void tell_too_many(struct asked *asked, struct answer *answer)
{
	answer->ok = false;
	answer->detail = arena_printf(
		asked->arena,
		"At %s the contact had entered workflows %lld times within an hour, as "
		"often as enrollments-per-hour allows.",
		why_when(asked, asked->refusal.at),
		(long long)core_policy(asked->core)->enrollments_per_hour);
	answer->fix = arena_printf(
		asked->arena,
		"Find out what enrolls it in a loop (GET /api/v1/enrollments?contact=%s); "
		"after an hour, or with a larger enrollments-per-hour in handbox.conf, "
		"enroll again: %s",
		why_id(asked, asked->contact.id), why_enroll_fix(asked));
}

static void tell_too_deep(struct asked *asked, struct answer *answer)
{
	answer->ok = false;
	answer->detail = why_says(asked);
	answer->fix =
		"Workflows call each other in a loop through tags or fields: take "
		"one of the steps out, or put a wait between.";
}

static enum err ask_reentry(struct asked *asked, struct answer *answer)
{
	static const struct {
		const char *outcome;
		void (*tell)(struct asked *asked, struct answer *answer);
	} outcomes[] = {
		{"already_enrolled", tell_already},
		{"once_done", tell_once},
		{"too_many", tell_too_many},
		{"too_deep", tell_too_deep},
	};
	answer->detail = "Nothing of the kind stood in the way.";
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (refused_as(asked, outcomes[i].outcome))
			outcomes[i].tell(asked, answer);
	return ERR_OK;
}

/* --- is it in --- */

static void tell_opted_out(struct asked *asked, struct answer *answer)
{
	const struct number *number = &asked->number;
	if (!number->is_opted_out) {
		answer->detail = arena_printf(
			asked->arena, "The number was opted out at %s; it is not now.",
			why_when(asked, asked->refusal.at));
		return;
	}
	answer->detail = arena_printf(
		asked->arena, "The number %s opted out at %s (%s).", number->e164,
		why_when(asked, number->consent_at),
		number->consent_reason ? number->consent_reason : "no reason kept");
	answer->fix = arena_printf(
		asked->arena,
		"Only the person behind the number can take that back: a person records "
		"an opt-in with its evidence. Then enroll: %s",
		why_enroll_fix(asked));
}

static void tell_not_test(struct asked *asked, struct answer *answer)
{
	answer->detail = arena_printf(
		asked->arena,
		"At %s a test run was asked for, and the contact is not marked test.",
		why_when(asked, asked->refusal.at));
	answer->fix = arena_printf(
		asked->arena,
		"PATCH /api/v1/contacts/%s with {\"test\": true} for test runs; to mean "
		"it: %s",
		why_id(asked, asked->contact.id), why_enroll_fix(asked));
}

static void tell_refused(struct asked *asked, struct answer *answer)
{
	if (refused_as(asked, "opted_out"))
		tell_opted_out(asked, answer);
	else if (refused_as(asked, "not_test_contact"))
		tell_not_test(asked, answer);
	else if (refused_as(asked, "not_published"))
		answer->detail = arena_printf(
			asked->arena,
			"It was asked for at %s, before it was published; what lies "
			"back enrolls nobody.",
			why_when(asked, asked->refusal.at));
	else
		answer->detail = arena_printf(
			asked->arena, "The last attempt, at %s, ended as %s.",
			why_when(asked, asked->refusal.at), asked->refusal.outcome);
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
	if (!asked->has_refusal)
		answer->detail = "It never was.";
	else
		tell_refused(asked, answer);
	return ERR_OK;
}

/* --- asking --- */

static const struct question {
	const char *name;
	why_fn *ask;
} questions[] = {
	{"published", ask_published}, {"trigger_seen", why_ask_trigger},
	{"filter", why_ask_filter},   {"reentry", ask_reentry},
	{"enrolled", ask_enrolled},   {"position", why_ask_position},
	{"branch", why_ask_branch},   {"task", why_ask_task},
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
	enum err err =
		plans_get(asked->core, asked->db, workflow->id,
			  workflow->published_version ? workflow->published_version
						      : workflow->draft_version,
			  &asked->plan);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

/* One that was deleted is in no workflow, and comes into none; when that was is all that is left to say. */
static enum err gather_contact(struct asked *asked, struct why_workflow *cmd)
{
	enum err err = contact_rows_load_any(asked->db, asked->arena, cmd->contact_id,
					     &asked->contact);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(&cmd->call, ERR_NOT_FOUND, "contact",
					  "There is no contact %s.",
					  why_id(asked, cmd->contact_id));
	if (err == ERR_OK && asked->contact.deleted_at)
		return call_refuse_member(
			&cmd->call, ERR_NOT_FOUND, "contact",
			"The contact %s was deleted at %s, which ended its enrollments. "
			"Make it anew: POST /api/v1/contacts.",
			why_id(asked, cmd->contact_id),
			why_when(asked, asked->contact.deleted_at));
	return err;
}

/* Of a contact marked test, test runs are what one asks about, when the last one was one. */
static enum err gather_latest(struct asked *asked)
{
	struct enrollment *run = &asked->run, tried = {.id = 0};
	enum err err =
		enrollment_rows_latest(asked->db, asked->arena, asked->workflow.id,
				       asked->contact.id, false, run);
	asked->has_run = err == ERR_OK;
	if (asked->contact.is_test && (err == ERR_OK || err == ERR_NOT_FOUND))
		err = enrollment_rows_latest(asked->db, asked->arena,
					     asked->workflow.id, asked->contact.id,
					     true, &tried);
	if (err == ERR_OK && tried.id && (!asked->has_run || tried.id > run->id)) {
		*run = tried;
		asked->has_run = true;
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool has_step(const struct plan *plan, const char *step_id)
{
	int at = plan ? plan_find(plan, step_id) : -1;
	return at >= 0 && plan->steps[at].kind == STEP_MANUAL_SMS;
}

static enum err check_step(struct asked *asked, struct why_workflow *cmd)
{
	if (!asked->step_id || has_step(asked->plan, asked->step_id) ||
	    has_step(asked->run_plan, asked->step_id))
		return ERR_OK;
	return call_refuse_member(&cmd->call, ERR_NOT_FOUND, "step",
				  "The workflow has no manual-sms %s.", asked->step_id);
}

static enum err gather(struct asked *asked, struct why_workflow *cmd)
{
	enum err err = gather_contact(asked, cmd);
	if (err == ERR_OK && asked->contact.phone_e164)
		err = number_rows_load(asked->db, asked->arena,
				       asked->contact.phone_e164, &asked->number);
	if (err != ERR_OK)
		return err;
	err = gather_latest(asked);
	if (err == ERR_OK)
		err = not_enrolled_rows_last(asked->db, asked->arena,
					     asked->workflow.id, cmd->contact_id,
					     &asked->refusal);
	asked->has_refusal = err == ERR_OK;
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		err = gather_plan(asked);
	if (err == ERR_OK && asked->has_run)
		err = why_gather_run(asked);
	return err == ERR_OK ? check_step(asked, cmd) : err;
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
	json_key_id(&json, "enrollment", asked->run.id);
	json_key_id(&json, "task", asked->task.id);
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
			      .step_id = cmd->step_id,
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
	plan_unref(&asked.run_plan);
	return err;
}
