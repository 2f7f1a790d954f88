/* lint.h - what is odd about a plan as a whole, and what only a database can tell.
 *
 * Thread: any; pure.
 */
#ifndef HB_WORKFLOW_LINT_H
#define HB_WORKFLOW_LINT_H

#include "workflow/parse.h"
#include "workflow/plan.h"
#include "workflow/report.h"

enum name_state {
	NAME_UNKNOWN,
	NAME_INACTIVE, /* a deactivated user; a team without an active member; a disabled hook */
	NAME_ACTIVE,
};

/* what the caller's database knows. A NULL function: that kind of name is not checked. */
struct workflow_names {
	enum name_state (*user)(void *arg, const char *login);
	enum name_state (*team)(void *arg, const char *name);
	void *arg;
	enum name_state (*hook)(void *arg, const char *name);
	const char *(*url_fault)(const char *url); /* a sentence, or NULL */
	enum name_state (*snippet)(void *arg, const char *name);
};

/* workflow_lint - what is odd or wrong in the shape of a plan; workflow_parse calls it. options may be NULL. Warnings:
 * empty_workflow no_trigger field_always_empty unreachable_step loop_may_not_wait too_many_at_once sms_without_assign
 * assign_after_sms sms_without_expires due_after_expires exit_never_taken reply_without_timeout reply_before_sms
 * too_many_segments email_without_server. Errors: endless_loop. */
void workflow_lint(const struct plan *plan, const struct workflow_options *options,
		   struct workflow_report *report);

/* workflow_lint_names - users, teams, hooks and snippets. Errors: unknown_user, unknown_team, inactive_user (nobody else is left to
 * assign to), unknown_hook, bad_url, unknown_snippet. Warnings: inactive_user (one among several), inactive_team, disabled_hook. At save and
 * again before publish. */
void workflow_lint_names(const struct plan *plan, const struct workflow_names *names,
			 struct workflow_report *report);

#endif
