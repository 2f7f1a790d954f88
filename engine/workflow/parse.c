/* parse.c - see parse.h */
#include "workflow/parse.h"

#include <sodium.h>

#include "workflow/build.h"
#include "workflow/document.h"
#include "workflow/lint.h"
#include "workflow/source.h"
#include "workflow/walk.h"
#include "workflow/write.h"

static void write_text(struct plan *plan)
{
	struct buf buf = BUF_EMPTY;
	workflow_write(plan, true, &buf);
	plan->xml = arena_strndup(plan->arena, buf_str(&buf), buf.len);
	plan->xml_len_bytes = buf.len;
	buf_fini(&buf);
}

static void write_hash(struct plan *plan)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct buf buf = BUF_EMPTY;
	_Static_assert(PLAN_HASH_LEN == crypto_hash_sha256_BYTES * 2 + 1,
		       "in hexadecimal");
	workflow_write(plan, false, &buf);
	crypto_hash_sha256(hash, (const unsigned char *)buf_str(&buf), buf.len);
	sodium_bin2hex(plan->hash, sizeof(plan->hash), hash, sizeof(hash));
	buf_fini(&buf);
}

/* The plan, when nothing is wrong. */
static struct plan *build_plan(struct source *source, const xmlDoc *doc,
			       const struct workflow_options *options,
			       struct workflow_report *report)
{
	struct plan *plan = plan_new();
	struct build build;
	build_init(&build, plan, source, report);
	workflow_walk(&build, doc);
	if (!report->error_count)
		workflow_lint(plan, options, report);
	if (report->error_count)
		plan_unref(&plan);
	return plan;
}

enum err workflow_parse(const char *xml, size_t len_bytes,
			const struct workflow_options *options, struct plan **plan_out,
			struct workflow_report *report)
{
	struct source source;
	struct plan *plan = NULL;
	xmlDoc *doc = NULL;
	enum err err = source_open(&source, xml, len_bytes, report);
	if (err == ERR_OK)
		err = document_open(&source, report, &doc);
	if (err == ERR_OK) {
		plan = build_plan(&source, doc, options, report);
		document_close(&doc);
		err = plan ? ERR_OK : ERR_INVALID_WORKFLOW;
	}
	if (err == ERR_OK) {
		write_text(plan);
		write_hash(plan);
		*plan_out = plan;
	}
	workflow_report_sort(report);
	return err;
}
