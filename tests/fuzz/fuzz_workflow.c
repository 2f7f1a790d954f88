/* fuzz_workflow - any bytes as workflow XML, and as choices of which a workflow is made (workflow_random.h): a report, or
 * a plan that comes back from its own canonical text. Seeds: tests/corpus/workflow, conf/workflows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "workflow/parse.h"

#include "tests/fuzz/workflow_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes);

/* Whoever runs the plan relies on it. */
static void check_steps(const struct plan *plan)
{
	int count = (int)plan->step_count;
	for (int i = 0; i < count; i++) {
		const struct step *step = &plan->steps[i];
		bool is_ahead = step->next == PLAN_END ||
				(step->next > i && step->next < count);
		if (!is_ahead || step->parent >= i || step->parent < -1 || !step->id)
			abort();
	}
}

static void check_comes_back(const struct plan *plan, struct arena *arena)
{
	struct workflow_report report;
	struct plan *again;
	workflow_report_init(&report, arena, NULL);
	if (workflow_parse(plan->xml, plan->xml_len_bytes, NULL, &again, &report) !=
	    ERR_OK)
		abort();
	if (strcmp(plan->xml, again->xml) != 0 || strcmp(plan->hash, again->hash) != 0)
		abort();
	plan_unref(&again);
}

static void try(const char *xml, size_t len_bytes)
{
	struct arena *arena = arena_new();
	struct workflow_report report;
	struct plan *plan;
	workflow_report_init(&report, arena, "fuzz");
	if (workflow_parse(xml, len_bytes, NULL, &plan, &report) == ERR_OK) {
		check_steps(plan);
		check_comes_back(plan, arena);
		plan_unref(&plan);
	} else if (!report.error_count) {
		abort();
	}
	struct buf buf = BUF_EMPTY;
	workflow_report_print(&report, &buf);
	buf_fini(&buf);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	try((const char *)data, len_bytes);
	struct buf xml = BUF_EMPTY;
	workflow_random(data, len_bytes, &xml);
	try(buf_str(&xml), xml.len);
	buf_fini(&xml);
	return 0;
}
