/* build.h - what each element adds to the plan: the handlers that the table of the language names.
 *
 * While the text is walked, steps are kept in its order, each with the step that holds it and its slot there (which exit,
 * which <when>). What follows what is settled at the end, in link.h.
 *
 * Thread: one build belongs to one thread.
 */
#ifndef HB_WORKFLOW_BUILD_H
#define HB_WORKFLOW_BUILD_H

#include "workflow/language.h"
#include "workflow/parse.h"
#include "workflow/plan.h"
#include "workflow/report.h"
#include "workflow/source.h"

/* Something that names a step, looked up when all are known. */
struct build_ref {
	struct build_ref *next;
	struct plan_place place;
	const char *finder;  /* id of the step it is in; NULL: none */
	const char *element; /* who names it, for messages: "<go-to>" */
	const char *step_id;
	bool is_task; /* only a manual-sms will do */
};

/* A <when> and the branch it belongs to, as index of build->steps. */
struct build_when {
	struct branch_when when;
	int holder;
};

/* An element that holds conditions, while it is open. */
struct build_frame {
	const struct visit *holder;
	size_t start;   /* of its own in build->pending */
	unsigned given; /* right or wrong */
};

struct build {
	struct plan *plan; /* borrowed; all goes into its arena */
	struct source *source;
	struct workflow_report *report;

	struct step *steps; /* room for WORKFLOW_STEPS_MAX */
	int *slots;         /* of each, within its parent */
	size_t step_count;
	bool is_overfull;    /* said once */
	int open;            /* the step that is open; -1: none */
	int slot;            /* where the steps inside of it go */
	const char *step_id; /* for findings, set by the walk; NULL outside, or when the
				step has none */
	struct plan_user *users; /* room for WORKFLOW_USERS_MAX: of the open
				    assign-user, copied too */
	struct build_ref *refs;
	struct build_when *whens; /* room for WORKFLOW_CONDITIONS_MAX */
	size_t when_count;

	const struct condition **tests;   /* all that were compiled, to be released */
	size_t test_count;                /* at most WORKFLOW_CONDITIONS_MAX */
	const struct condition **pending; /* not taken by their holder yet */
	size_t pending_count;
	struct build_frame frames[WORKFLOW_DEPTH_MAX];
	size_t frame_count;

	struct plan_trigger *triggers; /* room for WORKFLOW_TRIGGERS_MAX */
	size_t trigger_count;
	struct hours_window *windows; /* room for HOURS_WINDOWS_MOST */
	size_t window_count;
};

void build_init(struct build *build, struct plan *plan, struct source *source,
		struct workflow_report *report);

/* build_fail - an error at a place, of the step that is open. */
void build_fail(struct build *build, struct plan_place place, const char *code,
		const char *fmt, ...) PRINTF_LIKE(4, 5);

/* build_excerpt - text for a message: cut behind 60 bytes, never inside a character. */
const char *build_excerpt(struct build *build, const char *text);

/* build_has_room - may one more step be opened at this place? Otherwise that is an error, once. */
bool build_has_room(struct build *build, struct plan_place place);

/* build_step - the step that is open. */
struct step *build_step(struct build *build);

/* build_place - of an attribute of the element that is visited. */
struct plan_place build_place(struct build *build, const struct visit *visit,
			      const char *attribute);

/* build_copy - into the plan's arena. */
void *build_copy(struct build *build, const void *from, size_t len_bytes);

/* build_refer - a step is named in an attribute: it must be there when all is read. step_id NULL: nothing to look for. */
void build_refer(struct build *build, const struct visit *visit, const char *attribute,
		 const char *step_id, bool is_task);

visit_fn build_workflow, build_workflow_end, build_description;
visit_fn build_settings, build_settings_end, build_hours;
visit_fn build_trigger, build_trigger_end, build_filter, build_filter_end;
visit_fn build_branch, build_when, build_when_end;
visit_fn build_group, build_group_end, build_condition;
visit_fn build_assign_user, build_assign_user_end, build_user, build_team;
visit_fn build_manual_sms, build_message, build_exit;
visit_fn build_wait_for_reply, build_wait;
visit_fn build_send_email, build_body, build_set_field, build_call_hook;
visit_fn build_add_tag, build_remove_tag, build_go_to, build_end;
visit_fn build_step_end;

/* build_open_step - for the handlers of steps: the ones that follow stand inside of it until build_step_end. */
struct step *build_open_step(struct build *build, struct visit *visit,
			     enum step_kind kind);

/* build_begin_conditions - conditions that follow belong to this element. build_end_conditions - the one that did: NULL when
 * there is none or something was wrong. is_needed: none is an error. */
void build_begin_conditions(struct build *build, const struct visit *visit);
const struct condition *build_end_conditions(struct build *build, bool is_needed);

#endif
