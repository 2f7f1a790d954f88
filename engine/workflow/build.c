/* build.c - see build.h */
#include "workflow/build.h"

#include <string.h>

#include "workflow/parse.h"

enum { EXCERPT_BYTES = 60 };

void build_init(struct build *build, struct plan *plan, struct source *source,
		struct workflow_report *report)
{
	*build = (struct build){
		.plan = plan,
		.source = source,
		.report = report,
		.steps = ARENA_ARRAY(report->arena, struct step, WORKFLOW_STEPS_MAX),
		.users = ARENA_ARRAY(report->arena, struct plan_user,
				     WORKFLOW_USERS_MAX),
	};
}

void build_fail(struct build *build, struct plan_place place, const char *code,
		const char *fmt, ...)
{
	struct finding_at at = {FINDING_ERROR, place, build->step_id, code};
	va_list args;
	va_start(args, fmt);
	workflow_report_vadd(build->report, at, fmt, args);
	va_end(args);
}

const char *build_excerpt(struct build *build, const char *text)
{
	size_t len = strlen(text);
	if (len <= EXCERPT_BYTES)
		return text;
	len = EXCERPT_BYTES;
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	return arena_printf(build->report->arena, "%.*s…", (int)len, text);
}

static void *arena_copy(struct arena *arena, const void *from, size_t len_bytes)
{
	void *to = arena_alloc(arena, len_bytes);
	return memcpy(to, from, len_bytes);
}

/* --- the head --- */

void build_workflow(struct build *build, struct visit *visit)
{
	build->plan->place = visit->place;
	build->plan->id = visit_text(visit, "id");
	build->plan->name = visit_text(visit, "name");
	build->plan->publish = visit_number(visit, "publish", 0);
}

void build_description(struct build *build, struct visit *visit)
{
	size_t len = strlen(visit->text);
	if (len > WORKFLOW_DESCRIPTION_MAX)
		build_fail(build, visit->place, "text_too_long",
			   "The description has %zu bytes; at most %d are taken.", len,
			   WORKFLOW_DESCRIPTION_MAX);
	else if (len)
		build->plan->description = visit->text;
}

void build_settings(struct build *build, struct visit *visit)
{
	struct plan_settings *settings = &build->plan->settings;
	settings->reentry =
		(enum reentry)visit_number(visit, "reentry", REENTRY_ONE_AT_A_TIME);
	settings->sender = visit_text(visit, "sender");
	settings->smsc = visit_text(visit, "smsc");
}

/* --- steps --- */

static void check_unique(struct build *build, const struct visit *visit, const char *id)
{
	for (size_t i = 0; i < build->step_count; i++) {
		const struct step *other = &build->steps[i];
		if (other->is_id_written && strcmp(other->id, id) == 0) {
			build_fail(build, visit->place, "duplicate_id",
				   "The id \"%s\" belongs to the step of line %u "
				   "already: choose another.",
				   id, other->place.line);
			return;
		}
	}
}

static struct step *step_slot(struct build *build, const struct visit *visit)
{
	if (build->step_count < WORKFLOW_STEPS_MAX)
		return &build->steps[build->step_count];
	if (!build->spare.id) /* said once */
		build_fail(build, visit->place, "too_many_steps",
			   "A workflow has at most %d steps: split it in two.",
			   WORKFLOW_STEPS_MAX);
	return &build->spare;
}

/* Opens a step: the ones that follow belong to it until build_step_end. */
static struct step *step_open(struct build *build, struct visit *visit,
			      enum step_kind kind)
{
	struct step *step = step_slot(build, visit);
	const char *id = visit_text(visit, "id");
	*step = (struct step){
		.kind = kind, .id = id, .is_id_written = id, .place = visit->place};
	if (id)
		check_unique(build, visit, id);
	build->kind_counts[kind]++;
	if (!id)
		step->id = arena_printf(build->plan->arena, "%s#%u",
					step_kind_name(kind), build->kind_counts[kind]);
	if (step != &build->spare)
		build->step_count++;
	build->step = step;
	return step;
}

void build_step_end(struct build *build, struct visit *visit)
{
	(void)visit;
	build->step = NULL;
}

/* Steps run in the order of the text; an end stops there. */
void build_steps_end(struct build *build, struct visit *visit)
{
	(void)visit;
	for (size_t i = 0; i < build->step_count; i++) {
		bool is_last =
			build->steps[i].kind == STEP_END || i + 1 == build->step_count;
		build->steps[i].next = is_last ? PLAN_END : (int)i + 1;
	}
	build->plan->steps = arena_copy(build->plan->arena, build->steps,
					build->step_count * sizeof(struct step));
	build->plan->step_count = build->step_count;
	build->plan->first = build->step_count ? 0 : PLAN_END;
}

void build_assign_user(struct build *build, struct visit *visit)
{
	struct step *step = step_open(build, visit, STEP_ASSIGN_USER);
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
	struct step_assign *assign = &build->step->assign;
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
	struct step_assign *assign = &build->step->assign;
	assign->team = visit_text(visit, "name");
	assign->team_place = visit->place;
	assign->is_pool = visit_number(visit, "pool", 0);
}

void build_assign_user_end(struct build *build, struct visit *visit)
{
	struct step_assign *assign = &build->step->assign;
	assign->users = arena_copy(build->plan->arena, build->users,
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

void build_manual_sms(struct build *build, struct visit *visit)
{
	struct step *step = step_open(build, visit, STEP_MANUAL_SMS);
	step->sms.name = visit_text(visit, "name");
	step->sms.due.ms = visit_number(visit, "due", 0);
	step->sms.expires.ms = visit_number(visit, "expires", 0);
	step->sms.does_wait = visit_number(visit, "wait", 1);
}

void build_message(struct build *build, struct visit *visit)
{
	struct step_sms *sms = &build->step->sms;
	const struct template_error *errors = NULL;
	if (build->step == &build->spare || !*visit->text)
		return; /* refused already; or the user types */
	sms->text = visit->text;
	if (template_compile(build->plan->arena, visit->text, strlen(visit->text),
			     &sms->template, &errors) == ERR_OK)
		return;
	for (const struct template_error *error = errors; error; error = error->next) {
		size_t offset =
			source_text(build->source, visit->tag,
				    visit->text_lead_bytes + error->offset_bytes);
		build_fail(build, source_place(build->source, offset), error->code,
			   "%s", error->message);
	}
}

void build_add_tag(struct build *build, struct visit *visit)
{
	step_open(build, visit, STEP_ADD_TAG)->tag = visit_text(visit, "tag");
}

void build_remove_tag(struct build *build, struct visit *visit)
{
	step_open(build, visit, STEP_REMOVE_TAG)->tag = visit_text(visit, "tag");
}

void build_end(struct build *build, struct visit *visit)
{
	step_open(build, visit, STEP_END);
}
