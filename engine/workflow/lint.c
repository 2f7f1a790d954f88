/* lint.c - see lint.h */
#include "workflow/lint.h"

#include <string.h>

#include "workflow/step.h"
#include "workflow/way.h"

static struct finding_at warn(const struct step *step, const char *code)
{
	return (struct finding_at){FINDING_WARNING, step->place, step->id, code};
}

/* --- the way through the steps --- */

/* Said of the first step of each stretch, not of all in it. */
static void lint_reach(const struct plan *plan, struct workflow_report *report)
{
	bool *is_reached = ARENA_ARRAY(report->arena, bool, plan->step_count + 1);
	way_reach(plan, plan->first, is_reached);
	for (size_t i = 0; i < plan->step_count; i++) {
		bool is_first_of_run = i == 0 || is_reached[i - 1];
		if (!is_reached[i] && is_first_of_run)
			workflow_report_add(report,
					    warn(&plan->steps[i], "unreachable_step"),
					    "No enrollment gets here: an <end>, a "
					    "<go-to> or wait=\"no\" before it leads "
					    "past. Move it up, or take it out.");
	}
}

/* A turn that runs too long is refused when it happens; the author should hear of it
 * before. */
static void lint_turn(const struct plan *plan, struct workflow_report *report)
{
	int count = 0;
	for (int at = plan->first; at != PLAN_END; at = plan->steps[at].next) {
		const struct step *step = &plan->steps[at];
		bool does_wait = step->kind == STEP_MANUAL_SMS && step->sms.does_wait;
		count = does_wait ? 0 : count + 1;
		if (count <= RUN_STEPS_MAX)
			continue;
		workflow_report_add(report, warn(step, "too_many_at_once"),
				    "More than %d steps in a row without one that "
				    "waits: enrollments fail here. Split the workflow.",
				    RUN_STEPS_MAX);
		return;
	}
}

static void lint_assign(const struct plan *plan, struct workflow_report *report)
{
	const struct step *last_sms = NULL, *late_assign = NULL;
	bool is_assigned = false;
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind == STEP_ASSIGN_USER) {
			is_assigned = true;
			late_assign = step;
		}
		if (step->kind != STEP_MANUAL_SMS)
			continue;
		if (!is_assigned)
			workflow_report_add(report, warn(step, "sms_without_assign"),
					    "No <assign-user> stands before this step: "
					    "the task of a contact without an owner is "
					    "made for nobody. Put one above it.");
		last_sms = step;
		late_assign = NULL;
	}
	if (last_sms && late_assign)
		workflow_report_add(report, warn(late_assign, "assign_after_sms"),
				    "This <assign-user> stands behind the last "
				    "<manual-sms> (%s), so no task follows it. Move it "
				    "above that step.",
				    last_sms->id);
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
		workflow_report_add(report, warn(step, "too_many_segments"),
				    "With ordinary values this text takes %u SMS; at "
				    "most %u are sent. Shorten it, or leave out "
				    "letters that no GSM alphabet has.",
				    count, options->segments_max);
}

static void lint_sms(const struct plan *plan, const struct workflow_options *options,
		     struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		if (step->kind != STEP_MANUAL_SMS)
			continue;
		if (!step->sms.expires.ms)
			workflow_report_add(
				report, warn(step, "sms_without_expires"),
				"Its tasks never expire, and the enrollment waits for "
				"ever when nobody takes them. "
				"Add expires=\"3d\", for example.");
		else if (step->sms.due.ms > step->sms.expires.ms)
			workflow_report_add(report, warn(step, "due_after_expires"),
					    "Its tasks expire before they are due. "
					    "Make expires longer than due.");
		lint_segments(step, options, report);
	}
}

static void lint_email(const struct plan *plan, const struct workflow_options *options,
		       struct workflow_report *report)
{
	for (size_t i = 0; options && options->lacks_mail && i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_SEND_EMAIL)
			workflow_report_add(
				report, warn(&plan->steps[i], "email_without_server"),
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
	lint_reach(plan, report);
	lint_turn(plan, report);
	lint_assign(plan, report);
	lint_sms(plan, options, report);
	lint_email(plan, options, report);
}

/* --- names --- */

struct naming {
	const struct workflow_names *names;
	struct workflow_report *report;
	const struct step *step;
};

static struct finding_at name_at(const struct naming *naming,
				 enum finding_severity severity,
				 struct plan_place place, const char *code)
{
	return (struct finding_at){severity, place, naming->step->id, code};
}

static void lint_team(const struct naming *naming)
{
	const struct step_assign *assign = &naming->step->assign;
	if (!naming->names->team)
		return;
	enum name_state state = naming->names->team(naming->names->arg, assign->team);
	if (state == NAME_UNKNOWN)
		workflow_report_add(
			naming->report,
			name_at(naming, FINDING_ERROR, assign->team_place,
				"unknown_team"),
			"There is no team \"%s\": make it, or name another.",
			assign->team);
	else if (state == NAME_INACTIVE)
		workflow_report_add(naming->report,
				    name_at(naming, FINDING_WARNING, assign->team_place,
					    "inactive_team"),
				    "The team \"%s\" has no active member: tasks will "
				    "be assigned to nobody.",
				    assign->team);
}

static void lint_users(const struct naming *naming)
{
	const struct step_assign *assign = &naming->step->assign;
	enum name_state *states = ARENA_ARRAY(naming->report->arena, enum name_state,
					      assign->user_count + 1);
	size_t active_count = 0;
	if (!naming->names->user)
		return;
	for (size_t i = 0; i < assign->user_count; i++) {
		states[i] =
			naming->names->user(naming->names->arg, assign->users[i].login);
		active_count += states[i] == NAME_ACTIVE;
	}
	for (size_t i = 0; i < assign->user_count; i++) {
		const struct plan_user *user = &assign->users[i];
		if (states[i] == NAME_UNKNOWN)
			workflow_report_add(
				naming->report,
				name_at(naming, FINDING_ERROR, user->place,
					"unknown_user"),
				"There is no user \"%s\": add them, or name another.",
				user->login);
		else if (states[i] == NAME_INACTIVE && active_count)
			workflow_report_add(
				naming->report,
				name_at(naming, FINDING_WARNING, user->place,
					"inactive_user"),
				"The user \"%s\" is inactive and will be passed over.",
				user->login);
		else if (states[i] == NAME_INACTIVE)
			workflow_report_add(naming->report,
					    name_at(naming, FINDING_ERROR, user->place,
						    "inactive_user"),
					    "The user \"%s\" is inactive, and nobody "
					    "active is in this list: name somebody "
					    "else.",
					    user->login);
	}
}

static void lint_hook(const struct naming *naming)
{
	const struct step_hook *hook = &naming->step->hook;
	const struct workflow_names *names = naming->names;
	const char *fault =
		hook->url && names->url_fault ? names->url_fault(hook->url) : NULL;
	enum name_state state = hook->hook && names->hook
					? names->hook(names->arg, hook->hook)
					: NAME_ACTIVE;
	if (fault)
		workflow_report_add(
			naming->report,
			name_at(naming, FINDING_ERROR, hook->place, "bad_url"),
			"\"%s\" cannot be called. %s", hook->url, fault);
	else if (state == NAME_UNKNOWN)
		workflow_report_add(
			naming->report,
			name_at(naming, FINDING_ERROR, hook->place, "unknown_hook"),
			"There is no hook \"%s\": register it, or name another.",
			hook->hook);
	else if (state == NAME_INACTIVE)
		workflow_report_add(
			naming->report,
			name_at(naming, FINDING_WARNING, hook->place, "disabled_hook"),
			"The hook \"%s\" is disabled and will not be called.",
			hook->hook);
}

void workflow_lint_names(const struct plan *plan, const struct workflow_names *names,
			 struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct naming naming = {names, report, &plan->steps[i]};
		if (plan->steps[i].kind == STEP_CALL_HOOK)
			lint_hook(&naming);
		if (plan->steps[i].kind != STEP_ASSIGN_USER)
			continue;
		if (plan->steps[i].assign.team)
			lint_team(&naming);
		else
			lint_users(&naming);
	}
	workflow_report_sort(report);
}
