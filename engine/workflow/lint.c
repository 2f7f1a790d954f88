/* lint.c - see lint.h */
#include "workflow/lint_parts.h"

#include <string.h>

struct finding_at lint_warn(const struct step *step, const char *code)
{
	return (struct finding_at){FINDING_WARNING, step->place, step->id, code};
}

/* --- triggers --- */

/* What no trigger of this kind can know; NULL: it can. kind TRIGGER_KIND_COUNT: the filter of them all. */
static const char *field_gap(const struct plan *plan, const char *field,
			     enum trigger_kind kind)
{
	static const struct {
		const char *prefix;
		enum trigger_kind kind; /* which knows it; TRIGGER_KIND_COUNT: none */
		const char *why;
	} rows[] = {
		{"user.", TRIGGER_KIND_COUNT, "nobody has opened a card yet"},
		{"task.", TRIGGER_KIND_COUNT, "no task has been made yet"},
		{"reply.", TRIGGER_MESSAGE_RECEIVED,
		 "only <message-received> brings a text"},
		{"event.", TRIGGER_EVENT, "only <event> brings data"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strncmp(field, rows[i].prefix, strlen(rows[i].prefix)) != 0)
			continue;
		bool is_known = kind == rows[i].kind && kind != TRIGGER_KIND_COUNT;
		for (size_t k = 0; k < plan->trigger_count; k++)
			is_known |= kind == TRIGGER_KIND_COUNT &&
				    plan->triggers[k].kind == rows[i].kind;
		return is_known ? NULL : rows[i].why;
	}
	return NULL;
}

static void lint_trigger_fields(const struct plan *plan,
				const struct condition *condition,
				enum trigger_kind kind, struct plan_place place,
				struct workflow_report *report)
{
	for (size_t i = 0; condition && i < condition->child_count; i++)
		lint_trigger_fields(plan, condition->children[i], kind, place, report);
	if (!condition || condition->kind != CONDITION_TEST)
		return;
	const char *why = field_gap(plan, condition->field, kind);
	struct finding_at at = {FINDING_WARNING, place, NULL, "field_always_empty"};
	if (why)
		workflow_report_add(report, at,
				    "%s is always empty here, since %s: ask in a "
				    "<branch> instead, or take it out.",
				    condition->field, why);
}

static void lint_triggers(const struct plan *plan, struct workflow_report *report)
{
	struct finding_at at = {FINDING_WARNING, plan->place, NULL, "no_trigger"};
	if (!plan->trigger_count)
		workflow_report_add(report, at,
				    "No trigger: nobody is enrolled but by hand or "
				    "through the API. Add <triggers>, if that is not "
				    "what you mean.");
	for (size_t i = 0; i < plan->trigger_count; i++)
		lint_trigger_fields(plan, plan->triggers[i].condition,
				    plan->triggers[i].kind, plan->triggers[i].place,
				    report);
	lint_trigger_fields(plan, plan->filter, TRIGGER_KIND_COUNT, plan->filter_place,
			    report);
}

/* --- texts --- */

/* A value of ordinary length in place of the ones that are not known yet. */
static const char *sample_value(void *arg, const char *field)
{
	(void)arg, (void)field;
	return "Example";
}

static void lint_segments(const struct step *step,
			  const struct workflow_options *options,
			  struct workflow_report *report)
{
	if (!options || !options->count_segments || !options->segments_max ||
	    !step->sms.template)
		return;
	const struct template_values values = {.lookup = sample_value};
	struct template_rendered rendered;
	template_render(step->sms.template, &values, report->arena, &rendered);
	unsigned count = options->count_segments(rendered.text, rendered.len_bytes);
	if (count > options->segments_max)
		workflow_report_add(report, lint_warn(step, "too_many_segments"),
				    "With ordinary values this text takes %u SMS; at "
				    "most %u are sent. Shorten it, or leave out "
				    "letters that no GSM alphabet has.",
				    count, options->segments_max);
}

/* --- manual-sms --- */

static void lint_exits(const struct step *step, struct workflow_report *report)
{
	const struct step_sms *sms = &step->sms;
	bool has_exit = false;
	for (int i = 0; i < SMS_EXIT_COUNT; i++)
		has_exit |= sms->exits[i] != PLAN_NO_EXIT;
	if (has_exit && !sms->does_wait)
		workflow_report_add(
			report, lint_warn(step, "exit_never_taken"),
			"With wait=\"no\" the enrollment goes on at once, so "
			"no exit of this step is ever taken. Take wait=\"no\" "
			"out, or the exits.");
	else if (sms->exits[SMS_EXIT_EXPIRED] != PLAN_NO_EXIT && !sms->expires.ms)
		workflow_report_add(
			report, lint_warn(step, "exit_never_taken"),
			"Without expires= its tasks never expire, so "
			"<on-expired> is never taken. Add expires=\"3d\", for "
			"example.");
}

/* Nobody could send anything. */
static void lint_locked(const struct step *step, struct workflow_report *report)
{
	const struct step_sms *sms = &step->sms;
	struct finding_at at = lint_warn(step, "locked_without_message");
	at.severity = FINDING_ERROR;
	if (sms->is_locked && !sms->text && !sms->snippet)
		workflow_report_add(report, at,
				    "The text is locked, but there is none: write a "
				    "<message>, or take locked=\"yes\" out so that the "
				    "user types.");
}

static void lint_sms(const struct plan *plan, const struct workflow_options *options,
		     struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_MANUAL_SMS)
			continue;
		const struct step_sms *sms = &step->sms;
		lint_locked(step, report);
		if (!sms->expires.ms)
			workflow_report_add(
				report, lint_warn(step, "sms_without_expires"),
				"Its tasks never expire%s. Add expires=\"3d\", for "
				"example.",
				sms->does_wait ? ", and the enrollment waits for ever "
						 "when nobody takes them"
					       : "");
		else if (sms->due.ms > sms->expires.ms &&
			 sms->due.is_working == sms->expires.is_working)
			workflow_report_add(report,
					    lint_warn(step, "due_after_expires"),
					    "Its tasks expire before they are due. "
					    "Make expires longer than due.");
		lint_exits(step, report);
		lint_segments(step, options, report);
	}
}

static void lint_email(const struct plan *plan, const struct workflow_options *options,
		       struct workflow_report *report)
{
	for (size_t i = 0; options && options->lacks_mail && i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_SEND_EMAIL)
			workflow_report_add(
				report,
				lint_warn(&plan->steps[i], "email_without_server"),
				"No mail server is configured, so this e-mail is not "
				"sent. Set smtp-url and mail-from in handbox.conf.");
}

void workflow_lint(const struct plan *plan, const struct workflow_options *options,
		   struct workflow_report *report)
{
	if (!plan->step_count) {
		struct finding_at at = {FINDING_WARNING, plan->place, NULL,
					"empty_workflow"};
		workflow_report_add(report, at,
				    "The workflow has no steps: enrolling in it does "
				    "nothing. Add some.");
		return;
	}
	lint_triggers(plan, report);
	lint_reach(plan, report);
	lint_loops(plan, report);
	lint_turn(plan, report);
	lint_assign(plan, report);
	lint_replies(plan, report);
	lint_sms(plan, options, report);
	lint_email(plan, options, report);
}
