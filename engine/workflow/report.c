/* report.c - see report.h */
#include "workflow/report.h"

#include <stdlib.h>
#include <string.h>

void workflow_report_init(struct workflow_report *report, struct arena *arena,
			  const char *source_name)
{
	*report = (struct workflow_report){
		.arena = arena,
		.source_name = source_name,
		.findings = ARENA_ARRAY(arena, struct workflow_finding,
					WORKFLOW_FINDINGS_MAX),
	};
}

/* What finds no room is counted and not written out: a hostile text may have a hundred thousand errors. */
void workflow_report_vadd(struct workflow_report *report, struct finding_at at,
			  const char *fmt, va_list args)
{
	if (at.severity == FINDING_ERROR)
		report->error_count++;
	else
		report->warning_count++;
	if (report->count == WORKFLOW_FINDINGS_MAX)
		return;
	report->findings[report->count++] = (struct workflow_finding){
		.severity = at.severity,
		.place = at.place,
		.step = arena_strdup(report->arena, at.step),
		.code = at.code,
		.message = arena_vprintf(report->arena, fmt, args),
	};
}

void workflow_report_add(struct workflow_report *report, struct finding_at at,
			 const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	workflow_report_vadd(report, at, fmt, args);
	va_end(args);
}

static int compare(const struct workflow_finding *a, const struct workflow_finding *b)
{
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return 0;
}

/* By insertion: stable, and there are a hundred at most. */
void workflow_report_sort(struct workflow_report *report)
{
	for (size_t i = 1; i < report->count; i++) {
		struct workflow_finding finding = report->findings[i];
		size_t to = i;
		for (; to > 0 && compare(&finding, &report->findings[to - 1]) < 0; to--)
			report->findings[to] = report->findings[to - 1];
		report->findings[to] = finding;
	}
}

void workflow_report_print(const struct workflow_report *report, struct buf *buf)
{
	const char *name = report->source_name ? report->source_name : "workflow";
	for (size_t i = 0; i < report->count; i++) {
		const struct workflow_finding *finding = &report->findings[i];
		buf_add_str(buf, name);
		if (finding->place.line)
			buf_printf(buf, ":%u", finding->place.line);
		if (finding->place.line && finding->place.column)
			buf_printf(buf, ":%u", finding->place.column);
		buf_printf(buf, ": %s: ",
			   finding->severity == FINDING_ERROR ? "error" : "warning");
		if (finding->step)
			buf_printf(buf, "step %s: ", finding->step);
		buf_printf(buf, "%s [%s]\n", finding->message, finding->code);
	}
	size_t all = report->error_count + report->warning_count;
	if (all > report->count)
		buf_printf(buf, "%s: %zu more are not shown\n", name,
			   all - report->count);
}

void workflow_report_json(const struct workflow_report *report,
			  enum finding_severity severity, struct json *json)
{
	json_array(json);
	for (size_t i = 0; i < report->count; i++) {
		const struct workflow_finding *finding = &report->findings[i];
		if (finding->severity != severity)
			continue;
		json_object(json);
		if (finding->place.line)
			json_key_int(json, "line", finding->place.line);
		if (finding->place.column)
			json_key_int(json, "column", finding->place.column);
		json_key_str(json, "step", finding->step);
		json_key_str(json, "code", finding->code);
		json_key_str(json, "message", finding->message);
		json_end_object(json);
	}
	json_end_array(json);
}
