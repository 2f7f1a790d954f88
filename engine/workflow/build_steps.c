/* build_steps.c - the handlers of each kind of step; see build.h */
#include <string.h>

#include "workflow/build.h"
#include "workflow/link.h"
#include "workflow/parse.h"

/* --- assign-user --- */

void build_assign_user(struct build *build, struct visit *visit)
{
	struct step *step = build_open_step(build, visit, STEP_ASSIGN_USER);
	step->assign.only_unassigned = visit_number(visit, "only-unassigned", 0);
	step->assign.users = build->users;
}

static bool user_is_listed(const struct step_assign *assign, const char *login)
{
	for (size_t i = 0; i < assign->user_count; i++)
		if (strcmp(assign->users[i].login, login) == 0)
			return true;
	return false;
}

void build_user(struct build *build, struct visit *visit)
{
	struct step_assign *assign = &build_step(build)->assign;
	const char *login = visit_text(visit, "login");
	if (!login) {
		/* the error is there; an empty list need not be complained about too */
	} else if (user_is_listed(assign, login)) {
		build_fail(build, visit->place, "duplicate_user",
			   "\"%s\" stands in this list twice: give one entry a weight "
			   "instead.",
			   login);
	} else if (assign->user_count == WORKFLOW_USERS_MAX) {
		build_fail(
			build, visit->place, "too_many_users",
			"An assign-user lists at most %d users: make a team of them.",
			WORKFLOW_USERS_MAX);
	} else {
		build->users[assign->user_count++] = (struct plan_user){
			.login = login,
			.weight = (unsigned)visit_number(visit, "weight", 1),
			.place = visit->place,
		};
	}
}

void build_team(struct build *build, struct visit *visit)
{
	struct step_assign *assign = &build_step(build)->assign;
	assign->team = visit_text(visit, "name");
	assign->team_place = visit->place;
	assign->is_pool = visit_number(visit, "pool", 0);
}

void build_assign_user_end(struct build *build, struct visit *visit)
{
	struct step_assign *assign = &build_step(build)->assign;
	assign->users = build_copy(build, build->users,
				   assign->user_count * sizeof(struct plan_user));
	bool has_users = visit->seen & (UINT64_C(1) << EL_USER);
	bool has_team = visit->seen & (UINT64_C(1) << EL_TEAM);
	if (has_users && has_team)
		build_fail(
			build, visit->place, "users_and_team",
			"This assign-user lists users and a team: keep one of them.");
	else if (!has_users && !has_team)
		build_fail(build, visit->place, "empty_user_list",
			   "This assign-user names nobody: put <user login=\"…\"/> or "
			   "<team name=\"…\"/> in it.");
	build_step_end(build, visit);
}

/* --- texts with values in them --- */

/* What is wrong in the text of an element is shown where it stands. */
static const struct template *compile_inside(struct build *build, struct visit *visit)
{
	const struct template *template = NULL;
	const struct template_error *errors = NULL;
	if (template_compile(build->plan->arena, visit->text, strlen(visit->text),
			     &template, &errors) == ERR_OK)
		return template;
	for (const struct template_error *error = errors; error; error = error->next) {
		size_t offset =
			source_text(build->source, visit->tag,
				    visit->text_lead_bytes + error->offset_bytes);
		build_fail(build, source_place(build->source, offset), error->code,
			   "%s", error->message);
	}
	return NULL;
}

/* In an attribute: where the attribute stands. NULL when it is absent or wrong. */
static const struct template *
compile_attribute(struct build *build, const struct visit *visit, const char *name)
{
	const char *text = visit_text(visit, name);
	const struct template *template = NULL;
	const struct template_error *errors = NULL;
	if (!text || template_compile(build->plan->arena, text, strlen(text), &template,
				      &errors) == ERR_OK)
		return template;
	for (const struct template_error *error = errors; error; error = error->next)
		build_fail(build, build_place(build, visit, name), error->code,
			   "In %s=\"…\" of <%s>: %s", name, visit->element->name,
			   error->message);
	return NULL;
}

/* --- manual-sms and wait-for-reply --- */

void build_manual_sms(struct build *build, struct visit *visit)
{
	struct step_sms *sms = &build_open_step(build, visit, STEP_MANUAL_SMS)->sms;
	sms->name = visit_text(visit, "name");
	sms->due = value_span(visit_text(visit, "due"));
	sms->expires = value_span(visit_text(visit, "expires"));
	sms->does_wait = visit_number(visit, "wait", 1);
	sms->follows_owner = visit_number(visit, "follow-owner", 0);
	sms->is_locked = visit_number(visit, "locked", 0);
	sms->priority = (unsigned)visit_number(visit, "priority", 0);
	for (int i = 0; i < SMS_EXIT_COUNT; i++)
		sms->exits[i] = PLAN_NO_EXIT;
}

void build_message(struct build *build, struct visit *visit)
{
	struct step_sms *sms = &build_step(build)->sms;
	sms->snippet = visit_text(visit, "snippet");
	sms->snippet_place = build_place(build, visit, "snippet");
	if (sms->snippet && *visit->text)
		build_fail(build, visit->place, "text_and_snippet",
			   "This message has a text and names a snippet: keep one of "
			   "them.");
	if (sms->snippet || !*visit->text)
		return; /* the snippet's text comes with the task; without one the user types */
	sms->text = visit->text;
	sms->template = compile_inside(build, visit);
}

void build_wait_for_reply(struct build *build, struct visit *visit)
{
	struct step_reply *reply =
		&build_open_step(build, visit, STEP_WAIT_FOR_REPLY)->reply;
	reply->to = visit_text(visit, "to");
	reply->to_place = build_place(build, visit, "to");
	reply->timeout = value_span(visit_text(visit, "timeout"));
	reply->on_reply = PLAN_NO_EXIT;
	reply->on_timeout = PLAN_NO_EXIT;
	build_refer(build, visit, "to", reply->to, true);
}

/* The steps inside follow; link.c finds the first of them by the slot. */
void build_exit(struct build *build, struct visit *visit)
{
	struct step *step = build_step(build);
	build->slot = (int)visit->id;
	*link_exit(step, visit->id) = 0;
}

/* --- branch --- */

void build_branch(struct build *build, struct visit *visit)
{
	struct step *step = build_open_step(build, visit, STEP_BRANCH);
	step->branch.otherwise = PLAN_NO_EXIT;
}

/* The slot is the number of the <when>, so it is known again when it closes. */
void build_when(struct build *build, struct visit *visit)
{
	build_begin_conditions(build, visit);
	if (build_step(build)->branch.otherwise != PLAN_NO_EXIT)
		build_fail(
			build, visit->place, "misplaced_element",
			"This <when> stands behind <otherwise>, which is taken when no "
			"<when> holds: move it above.");
	if (build->when_count == WORKFLOW_CONDITIONS_MAX) {
		build_fail(build, visit->place, "too_many_conditions",
			   "A workflow has at most %d <when>: split it in two.",
			   WORKFLOW_CONDITIONS_MAX);
		build->when_count--; /* the plan is thrown away anyway */
	}
	build->slot = link_when_slot(build->when_count);
	build->whens[build->when_count++] = (struct build_when){
		.when = {.name = visit_text(visit, "name"), .place = visit->place},
		.holder = build->open,
	};
}

void build_when_end(struct build *build, struct visit *visit)
{
	(void)visit;
	for (size_t i = 0; i < build->when_count; i++)
		if (link_when_slot(i) == build->slot)
			build->whens[i].when.condition =
				build_end_conditions(build, true);
}

/* --- wait --- */

static unsigned count_given(const struct visit *visit, const char *const *names)
{
	unsigned count = 0;
	for (; *names; names++)
		count += visit_is_given(visit, *names);
	return count;
}

void build_wait(struct build *build, struct visit *visit)
{
	static const char *const ways[] = {"for", "until", "until-field", "until-hours",
					   NULL};
	struct step_wait *wait = &build_open_step(build, visit, STEP_WAIT)->wait;
	const char *until = visit_text(visit, "until");
	wait->span = value_span(visit_text(visit, "for"));
	wait->field = visit_text(visit, "until-field");
	wait->offset_ms = visit_number(visit, "offset", 0);
	wait->kind = until                                   ? WAIT_UNTIL
		     : wait->field                           ? WAIT_UNTIL_FIELD
		     : visit_number(visit, "until-hours", 0) ? WAIT_UNTIL_HOURS
							     : WAIT_FOR;
	if (until && !value_wall_parse(until, &wait->wall))
		wait->wall = (struct wall){0};
	if (count_given(visit, ways) != 1)
		build_fail(build, visit->place, "bad_wait",
			   "A <wait> needs exactly one of for=\"2d\", "
			   "until=\"2027-01-05T09:00\", "
			   "until-field=\"contact.custom.NAME\" "
			   "and until-hours=\"yes\".");
	else if (visit_is_given(visit, "offset") &&
		 !visit_is_given(visit, "until-field"))
		build_fail(build, build_place(build, visit, "offset"), "bad_wait",
			   "offset goes with until-field only: take it out, or wait "
			   "until a field's day.");
}

/* --- the world outside --- */

void build_send_email(struct build *build, struct visit *visit)
{
	struct step_email *email =
		&build_open_step(build, visit, STEP_SEND_EMAIL)->email;
	email->to_text = visit_text(visit, "to");
	email->to = compile_attribute(build, visit, "to");
	email->subject_text = visit_text(visit, "subject");
	email->subject = compile_attribute(build, visit, "subject");
}

void build_body(struct build *build, struct visit *visit)
{
	struct step_email *email = &build_step(build)->email;
	if (!*visit->text)
		build_fail(build, visit->place, "empty_text",
			   "The e-mail has no text: write it into <body>.");
	email->body_text = visit->text;
	email->body = compile_inside(build, visit);
}

void build_call_hook(struct build *build, struct visit *visit)
{
	struct step_hook *hook = &build_open_step(build, visit, STEP_CALL_HOOK)->hook;
	bool has_hook = visit_is_given(visit, "hook");
	hook->hook = visit_text(visit, "hook");
	hook->url = visit_text(visit, "url");
	hook->event = visit_text(visit, "event");
	hook->place = has_hook ? build_place(build, visit, "hook") : visit->place;
	if (has_hook == visit_is_given(visit, "url"))
		build_fail(
			build, visit->place, "bad_hook",
			"A <call-hook> needs one of hook=\"NAME\" (a registered hook) "
			"and url=\"https://…\".");
}

/* --- contacts --- */

void build_set_field(struct build *build, struct visit *visit)
{
	struct step_set_field *set =
		&build_open_step(build, visit, STEP_SET_FIELD)->set_field;
	set->field = visit_text(visit, "field");
	set->value_text = visit_text(visit, "value");
	set->value = compile_attribute(build, visit, "value");
}

void build_add_tag(struct build *build, struct visit *visit)
{
	build_open_step(build, visit, STEP_ADD_TAG)->tag = visit_text(visit, "tag");
}

void build_remove_tag(struct build *build, struct visit *visit)
{
	build_open_step(build, visit, STEP_REMOVE_TAG)->tag = visit_text(visit, "tag");
}

/* --- the way --- */

void build_go_to(struct build *build, struct visit *visit)
{
	struct step_go_to *go_to = &build_open_step(build, visit, STEP_GO_TO)->go_to;
	go_to->step_id = visit_text(visit, "step");
	go_to->target = PLAN_END;
	go_to->max = (unsigned)visit_number(visit, "max", 0);
	build_refer(build, visit, "step", go_to->step_id, false);
}

void build_end(struct build *build, struct visit *visit)
{
	build_open_step(build, visit, STEP_END);
}
