/* build.c - the head of a workflow and what all steps share; see build.h */
#include "workflow/build.h"

#include <assert.h>
#include <string.h>

#include "workflow/link.h"
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
		.slots = ARENA_ARRAY(report->arena, int, WORKFLOW_STEPS_MAX),
		.open = -1,
		.users = ARENA_ARRAY(report->arena, struct plan_user,
				     WORKFLOW_USERS_MAX),
		.whens = ARENA_ARRAY(report->arena, struct build_when,
				     WORKFLOW_CONDITIONS_MAX),
		.tests = ARENA_ARRAY(report->arena, const struct condition *,
				     WORKFLOW_CONDITIONS_MAX),
		.pending = ARENA_ARRAY(report->arena, const struct condition *,
				       WORKFLOW_CONDITIONS_MAX),
		.triggers = ARENA_ARRAY(report->arena, struct plan_trigger,
					WORKFLOW_TRIGGERS_MAX),
		.windows = ARENA_ARRAY(report->arena, struct hours_window,
				       HOURS_WINDOWS_MOST),
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

struct plan_place build_place(struct build *build, const struct visit *visit,
			      const char *attribute)
{
	return source_place(build->source,
			    source_attribute(build->source, visit->tag, attribute));
}

void *build_copy(struct build *build, const void *from, size_t len_bytes)
{
	void *to = arena_alloc(build->plan->arena, len_bytes);
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

void build_workflow_end(struct build *build, struct visit *visit)
{
	(void)visit;
	build->plan->triggers =
		build_copy(build, build->triggers,
			   build->trigger_count * sizeof(*build->triggers));
	build->plan->trigger_count = build->trigger_count;
	/* The plan owns them from here on, also when it is thrown away. */
	build->plan->tests = build_copy(build, build->tests,
					build->test_count * sizeof(*build->tests));
	build->plan->test_count = build->test_count;
	workflow_link(build);
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
	settings->stop_on_reply = visit_number(visit, "stop-on-reply", 0);
	settings->sender = visit_text(visit, "sender");
	settings->smsc = visit_text(visit, "smsc");
}

void build_settings_end(struct build *build, struct visit *visit)
{
	(void)visit;
	if (!build->window_count)
		return;
	struct hours *hours = ARENA_NEW(build->plan->arena, struct hours);
	hours->windows = build_copy(build, build->windows,
				    build->window_count * sizeof(*build->windows));
	hours->count = build->window_count;
	build->plan->settings.hours = hours;
}

void build_hours(struct build *build, struct visit *visit)
{
	if (build->window_count == HOURS_WINDOWS_MOST) {
		build_fail(build, visit->place, "too_many_hours",
			   "The settings have at most %d <hours>: join some.",
			   HOURS_WINDOWS_MOST);
		return;
	}
	struct hours_window *window = &build->windows[build->window_count++];
	const char *zone = visit_text(visit, "timezone");
	*window = (struct hours_window){
		.days = (unsigned)visit_number(visit, "days", 0),
		.from = (int)visit_number(visit, "from", -1),
		.to = (int)visit_number(visit, "to", -1),
		.zone = zone && strcmp(zone, VALUE_ZONE_CONTACT) != 0 ? zone_find(zone)
								      : NULL,
	};
	if (window->from == window->to && window->from >= 0)
		build_fail(build, visit->place, "hours_never_open",
			   "These hours end when they begin, so nothing would ever be "
			   "sent: make to= later than from=, or write from=\"00:00\" "
			   "to=\"24:00\" for the whole day.");
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

bool build_has_room(struct build *build, struct plan_place place)
{
	if (build->step_count < WORKFLOW_STEPS_MAX)
		return true;
	if (!build->is_overfull)
		build_fail(build, place, "too_many_steps",
			   "A workflow has at most %d steps: split it in two.",
			   WORKFLOW_STEPS_MAX);
	build->is_overfull = true;
	return false;
}

struct step *build_step(struct build *build)
{
	assert(build->open >= 0);
	return &build->steps[build->open];
}

struct step *build_open_step(struct build *build, struct visit *visit,
			     enum step_kind kind)
{
	assert(build->step_count < WORKFLOW_STEPS_MAX);
	struct step *step = &build->steps[build->step_count];
	const char *id = visit_text(visit, "id");
	*step = (struct step){.kind = kind,
			      .id = id,
			      .is_id_written = id,
			      .place = visit->place,
			      .parent = build->open};
	if (id)
		check_unique(build, visit, id);
	build->slots[build->step_count] = build->slot;
	build->open = (int)build->step_count++;
	build->slot = 0;
	return step;
}

void build_step_end(struct build *build, struct visit *visit)
{
	(void)visit;
	int closed = build->open;
	build->open = build->steps[closed].parent;
	build->slot = build->slots[closed];
}

void build_refer(struct build *build, const struct visit *visit, const char *attribute,
		 const char *step_id, bool is_task)
{
	if (!step_id)
		return;
	struct build_ref *ref = ARENA_NEW(build->report->arena, struct build_ref);
	*ref = (struct build_ref){.next = build->refs,
				  .place = build_place(build, visit, attribute),
				  .finder = build->step_id,
				  .element = visit->element->name,
				  .step_id = step_id,
				  .is_task = is_task};
	build->refs = ref;
}
