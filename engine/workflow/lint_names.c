/* lint_names.c - users, teams, hooks and snippets: see lint.h */
#include "workflow/lint.h"

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

static void lint_snippet(const struct naming *naming)
{
	const struct step_sms *sms = &naming->step->sms;
	const struct workflow_names *names = naming->names;
	if (sms->snippet && names->snippet &&
	    names->snippet(names->arg, sms->snippet) == NAME_UNKNOWN)
		workflow_report_add(naming->report,
				    name_at(naming, FINDING_ERROR, sms->snippet_place,
					    "unknown_snippet"),
				    "There is no snippet \"%s\": add it, or name "
				    "another.",
				    sms->snippet);
}

void workflow_lint_names(const struct plan *plan, const struct workflow_names *names,
			 struct workflow_report *report)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct naming naming = {names, report, &plan->steps[i]};
		if (plan->steps[i].kind == STEP_CALL_HOOK)
			lint_hook(&naming);
		if (plan->steps[i].kind == STEP_MANUAL_SMS)
			lint_snippet(&naming);
		if (plan->steps[i].kind != STEP_ASSIGN_USER)
			continue;
		if (plan->steps[i].assign.team)
			lint_team(&naming);
		else
			lint_users(&naming);
	}
	workflow_report_sort(report);
}
