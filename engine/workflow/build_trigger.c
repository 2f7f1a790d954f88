/* build_trigger.c - the handlers of triggers and their filter; see build.h */
#include "workflow/build.h"

enum { DATE_AT_MINUTE = 9 * 60 };

/* per enum trigger_kind: the attribute that names what it is about */
static const char *const name_attributes[TRIGGER_KIND_COUNT] = {
	NULL, "tag", "tag", "field", "keyword", "name", "field",
};

void build_trigger(struct build *build, struct visit *visit)
{
	build_begin_conditions(build, visit);
	if (build->trigger_count == WORKFLOW_TRIGGERS_MAX) {
		build_fail(build, visit->place, "too_many_triggers",
			   "A workflow has at most %d triggers: split it in two.",
			   WORKFLOW_TRIGGERS_MAX);
		build->trigger_count--; /* the plan is thrown away anyway */
	}
	enum trigger_kind kind = (enum trigger_kind)(visit->id - EL_CONTACT_CREATED);
	const char *name = name_attributes[kind];
	struct plan_trigger *trigger = &build->triggers[build->trigger_count++];
	*trigger = (struct plan_trigger){
		.kind = kind,
		.name = name ? visit_text(visit, name) : NULL,
		.place = visit->place,
	};
	if (kind == TRIGGER_CONTACT_CREATED)
		trigger->imports = visit_number(visit, "imports", 0);
	if (kind != TRIGGER_DATE)
		return;
	trigger->offset_ms = visit_number(visit, "offset", 0);
	trigger->at_minute = (int)visit_number(visit, "at", DATE_AT_MINUTE);
}

void build_trigger_end(struct build *build, struct visit *visit)
{
	(void)visit;
	build->triggers[build->trigger_count - 1].condition =
		build_end_conditions(build, false);
}

void build_filter(struct build *build, struct visit *visit)
{
	build->plan->filter_place = visit->place;
	build_begin_conditions(build, visit);
}

void build_filter_end(struct build *build, struct visit *visit)
{
	(void)visit;
	build->plan->filter = build_end_conditions(build, true);
}
