/* workflow_files.h - the folder of workflow files: read at start and on SIGHUP.
 *
 *	struct workflow_files *files = workflow_files_new(core, folder);
 *	workflow_files_read(files);				any thread: no database; it parses
 *	err = workflow_files_apply_now(files, store);		at start, before the loop runs
 *	log: workflow_files_summary(files)
 *	workflow_files_free(&files);
 *
 * or, while everything goes on: workflow_files_reload(&reload).
 *
 * Each *.xml is the draft source of one workflow. What is wrong with a file is logged with file, line and column,
 * keeps that file from being applied, and never touches another file nor what runs. One id in two files: both are
 * refused and named. publish="yes" publishes when the content differs from what was published from a file last, unless
 * the workflow was unpublished by hand: that sticks until a publish by hand. A file that names an unknown user is
 * refused now and tried again at the next reload. Of a workflow that was adopted or made through the API the file is
 * ignored, with a warning. A file that is gone changes nothing; its workflow is named in a warning.
 *
 * Every file is a write of its own, so that no reload makes others wait for long.
 */
#ifndef HB_CORE_WORKFLOW_FILES_H
#define HB_CORE_WORKFLOW_FILES_H

#include <stddef.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "store/store.h"

struct workflow_files;

/* workflow_files_new - folder is copied. */
struct workflow_files *workflow_files_new(struct core *core, const char *folder);
void workflow_files_free(struct workflow_files **files); /* NULL is fine; leaves NULL */

/* workflow_files_read - reads and parses all of them, in the order of their names. Faults of single files are kept and
 * logged. ERR_NOT_FOUND, ERR_IO: the folder cannot be read; *why_out is a sentence (the caller's mem_free). */
enum err workflow_files_read(struct workflow_files *files, char **why_out) MUST_CHECK;

/* workflow_files_apply_now - brings the database in line, and waits for it. The error is the database's; what was
 * applied before stays. Thread: the one that reads the store's home, at start or in a command of the shell. */
enum err workflow_files_apply_now(struct workflow_files *files,
				  struct store *store) MUST_CHECK;

struct workflow_files_counts {
	size_t files, saved, published, refused;
};
struct workflow_files_counts workflow_files_count(const struct workflow_files *files);

/* workflow_files_report - all findings, one line each ("file:line:col: error: …"); borrowed. */
const char *workflow_files_report(const struct workflow_files *files);

/* workflow_files_reload - read on a pool thread, then one write after the other; done runs on the loop when all is
 * through (why: NULL, or what went wrong with the folder or the database; the findings are logged). A reload that is
 * asked for while one runs is up to the caller to wait for. ERR_BUSY: the pool is full, nothing happened. Thread:
 * loop. */
struct workflow_files_reload {
	struct core *core;
	struct store *store;
	struct pool *pool;
	const char *folder;
	void (*done)(void *arg, const struct workflow_files_counts *counts,
		     const char *why);
	void *arg;
};
enum err workflow_files_reload(const struct workflow_files_reload *reload) MUST_CHECK;

#endif
