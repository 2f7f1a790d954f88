/* parse.h - workflow XML to a plan, or to a report that says all that is wrong.
 *
 *	workflow_report_init(&report, arena, "new-lead.xml");
 *	err = workflow_parse(xml, len, NULL, &plan, &report);
 *	if (err == ERR_OK) { … plan_unref(&plan); }
 *
 * Three passes: libxml2 reads the text (well-formed? no DOCTYPE, no entities but the five of XML, no network); a walk
 * over the tree checks every element and attribute against the table of the language (language.h) and builds the plan;
 * the lint looks at the whole (lint.h). Nothing is skipped in silence: what the language does not know is an error.
 *
 * The text is UTF-8. Comments are dropped; other whitespace than that inside texts does not count. A message or
 * description is taken without the blanks around it.
 *
 * Who checks names of users, teams, hooks and snippets: workflow_lint_names, where the database is at hand.
 *
 * Thread: any, several at once; pure. libxml2 prints nothing.
 */
#ifndef HB_WORKFLOW_PARSE_H
#define HB_WORKFLOW_PARSE_H

#include <stddef.h>

#include "base/err.h"
#include "workflow/plan.h"
#include "workflow/report.h"

enum {
	WORKFLOW_BYTES_MAX = 1024 * 1024,
	WORKFLOW_STEPS_MAX = 500,
	WORKFLOW_DEPTH_MAX = 32,
	WORKFLOW_ATTRIBUTES_MAX = 64,   /* of one element */
	WORKFLOW_USERS_MAX = 200,       /* of one assign-user */
	WORKFLOW_CONDITIONS_MAX = 1000, /* in all */
	WORKFLOW_TRIGGERS_MAX = 100,
	WORKFLOW_DESCRIPTION_MAX = 4096, /* bytes */
};

struct workflow_options {
	/* SMS segments of a text; NULL: their number is not linted. gsm.h can tell. */
	unsigned (*count_segments)(const char *text, size_t len_bytes);
	unsigned segments_max; /* above it: warning too_many_segments; 0: no limit */
	bool lacks_mail; /* no mail server is configured: warning email_without_server */
};

/* workflow_parse - options may be NULL. ERR_OK: *plan_out has one owner, the caller; the report may hold warnings.
 * ERR_INVALID_WORKFLOW: the report holds at least one error. The report is sorted either way. */
enum err workflow_parse(const char *xml, size_t len_bytes,
			const struct workflow_options *options, struct plan **plan_out,
			struct workflow_report *report) MUST_CHECK;

#endif
