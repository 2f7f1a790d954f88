/* job.c - see job.h */
#include "cli/job.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 50 };

static void print(const struct json_t *job, const char *const *outcomes)
{
	printf("%s: %lld of %lld", value_text(job, "state"),
	       (long long)value_int(job, "done"), (long long)value_int(job, "total"));
	const struct json_t *results = value_get(job, "results");
	for (; *outcomes; outcomes++)
		if (value_is_there(results, *outcomes))
			printf(", %s %lld", *outcomes,
			       (long long)value_int(results, *outcomes));
	printf("%s%s\n", *value_text(job, "detail") ? ": " : "",
	       value_text(job, "detail"));
}

int job_follow(struct cli *cli, const struct json_t *job, const char *const *outcomes)
{
	const char *id = arena_strdup(cli->arena, value_text(job, "id"));
	while (job && strcmp(value_text(job, "state"), "running") == 0) {
		const struct timespec look = {0, LOOK_MS * 1000000L};
		nanosleep(&look, NULL);
		job = api_get(cli, api_path(cli, "/jobs/%s", id));
	}
	if (!job)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else
		print(job, outcomes);
	return strcmp(value_text(job, "state"), "done") == 0 ? CLI_OK : CLI_FAILED;
}
