/* bulk.h - acts on all that a filter finds, as a call asks for them: --dry-run and --expect, and the job that follows. */
#ifndef HB_CLI_BULK_H
#define HB_CLI_BULK_H

#include "cli/remote.h"

/* bulk_check_expect - CLI_USAGE when --expect is no number: said so. */
int bulk_check_expect(struct cli *cli);

/* bulk_add_filter - the member "filter", with those of the options that were given. The last name is NULL. */
void bulk_add_filter(struct cli *cli, struct json *body, const char *const *names);

/* bulk_add_count - dry_run and expect, where they were given. */
void bulk_add_count(struct cli *cli, struct json *body);

/* bulk_send - sends the body begun; prints the count, or follows the job (outcomes: see job_follow). The exit code. */
int bulk_send(struct cli *cli, const char *path, const char *const *outcomes);

#endif
