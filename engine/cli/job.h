/* job.h - work that handbox does in steps (GET /jobs/{id}), as a call sees it. */
#ifndef HB_CLI_JOB_H
#define HB_CLI_JOB_H

#include "cli/remote.h"

/* job_follow - waits until the job is through, and prints what became of it: of its results those named, in that order, the
 * last name NULL; with --json the job. Without a daemon it is worked off in this very call. The exit code. */
int job_follow(struct cli *cli, const struct json_t *job, const char *const *outcomes);

#endif
