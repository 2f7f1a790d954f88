/* report.h - what is wrong with a workflow, or odd about it: each finding with its place, step, code and a sentence.
 *
 *	struct workflow_report report;
 *	workflow_report_init(&report, arena, "new-lead.xml");
 *	err = workflow_parse(xml, len, NULL, &plan, &report);
 *	workflow_report_print(&report, &buf);	new-lead.xml:9:5: error: … [unknown_attribute]
 *
 * Errors keep a workflow from being saved; warnings never do. At most WORKFLOW_FINDINGS_MAX are kept, the rest is
 * counted. Codes are stable snake_case words that clients may test for.
 *
 * Thread: one at a time; it may move between threads with its arena.
 */
#ifndef HB_WORKFLOW_REPORT_H
#define HB_WORKFLOW_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "workflow/plan.h"

enum { WORKFLOW_FINDINGS_MAX = 100 };

enum finding_severity { FINDING_ERROR, FINDING_WARNING };

struct workflow_finding {
	enum finding_severity severity;
	struct plan_place place;
	const char *step; /* id; NULL: of no step, or the step has none */
	const char *code;
	const char *message; /* what is wrong and how to mend it, a sentence */
};

struct workflow_report {
	struct arena *arena;     /* borrowed; owns the findings */
	const char *source_name; /* borrowed; a file's name, NULL when there is none */
	struct workflow_finding *findings; /* by line, once workflow_report_sort ran */
	size_t count;
	size_t error_count, warning_count; /* of all, also those that found no room */
};

/* workflow_report_init - an empty report; arena and source_name must outlive it. */
void workflow_report_init(struct workflow_report *report, struct arena *arena,
			  const char *source_name);

/* where a finding belongs, for workflow_report_add */
struct finding_at {
	enum finding_severity severity;
	struct plan_place place;
	const char *step;
	const char *code; /* a literal */
};

void workflow_report_add(struct workflow_report *report, struct finding_at at,
			 const char *fmt, ...) PRINTF_LIKE(3, 4);

/* workflow_report_vadd - the same with a list. */
void workflow_report_vadd(struct workflow_report *report, struct finding_at at,
			  const char *fmt, va_list args) PRINTF_LIKE(3, 0);

/* workflow_report_sort - by line and column; findings of one place stay in order. */
void workflow_report_sort(struct workflow_report *report);

/* workflow_report_print - one line each, as compilers write them: "file:line:col: error: message [code]". */
void workflow_report_print(const struct workflow_report *report, struct buf *buf);

/* workflow_report_json - an array of {line?, column?, step, code, message} of one severity: the errors or warnings of
 * the HTTP contract. step is null when there is none. */
void workflow_report_json(const struct workflow_report *report,
			  enum finding_severity severity, struct json *json);

#endif
