/* fuzz_workflow - any bytes as workflow XML: a report, or a plan that comes back from its own canonical text.
 * Seeds: tests/corpus/workflow, conf/workflows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "workflow/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct arena *arena = arena_new();
	struct workflow_report report;
	struct plan *plan;
	workflow_report_init(&report, arena, "fuzz");
	if (workflow_parse((const char *)data, len_bytes, NULL, &plan, &report) ==
	    ERR_OK) {
		check_comes_back(plan, arena);
		plan_unref(&plan);
	} else if (!report.error_count) {
		abort();
	}
	struct buf buf = BUF_EMPTY;
	workflow_report_print(&report, &buf);
	buf_fini(&buf);
	arena_free(&arena);
	return 0;
}
