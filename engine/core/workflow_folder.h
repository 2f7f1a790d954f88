/* workflow_folder.h - the files of a folder, read and parsed; for workflow_files.c only. */
#ifndef HB_CORE_WORKFLOW_FOLDER_H
#define HB_CORE_WORKFLOW_FOLDER_H

#include <stdbool.h>

#include "workflow/parse.h"

struct workflow_file {
	const char *path;
	struct plan *plan; /* NULL: refused, the report says why */
	struct workflow_report report;
	bool is_saved, is_published; /* by workflow_files.c */
};

struct workflow_folder {
	struct arena *arena; /* owns everything below but the plans */
	const char *path;
	struct workflow_file *files;
	size_t count;
};

enum { WORKFLOW_FOLDER_MOST = 1000 }; /* files */

/* workflow_folder_read - fills files, in the order of names. Errors as workflow_files_read. */
enum err workflow_folder_read(struct workflow_folder *folder,
			      const struct workflow_options *options,
			      char **why_out) MUST_CHECK;

#endif
