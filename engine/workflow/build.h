/* build.h - what each element adds to the plan: the handlers that the table of the language names.
 *
 * Thread: one build belongs to one thread.
 */
#ifndef HB_WORKFLOW_BUILD_H
#define HB_WORKFLOW_BUILD_H

#include "workflow/language.h"
#include "workflow/plan.h"
#include "workflow/report.h"
#include "workflow/source.h"

struct build {
	struct plan *plan; /* borrowed; all goes into its arena */
	struct source *source;
	struct workflow_report *report;
	struct step *steps; /* room for WORKFLOW_STEPS_MAX; the plan gets a copy of the
			       right size */
	size_t step_count;
	struct step spare;   /* takes what has no room any more */
	struct step *step;   /* the one that is open; NULL outside */
	const char *step_id; /* for findings, set by the walk; NULL outside, or when the
				step has none */
	struct plan_user *users; /* room for WORKFLOW_USERS_MAX: of the open
				    assign-user, copied too */
	unsigned kind_counts[STEP_KIND_COUNT];
};

void build_init(struct build *build, struct plan *plan, struct source *source,
		struct workflow_report *report);

/* build_fail - an error at a place, of the step that is open. */
void build_fail(struct build *build, struct plan_place place, const char *code,
		const char *fmt, ...) PRINTF_LIKE(4, 5);

/* build_excerpt - text for a message: cut behind 60 bytes, never inside a character. */
const char *build_excerpt(struct build *build, const char *text);

visit_fn build_workflow, build_description, build_settings;
visit_fn build_steps_end;
visit_fn build_assign_user, build_assign_user_end, build_user, build_team;
visit_fn build_manual_sms, build_message;
visit_fn build_add_tag, build_remove_tag, build_end;
visit_fn build_step_end;

#endif
