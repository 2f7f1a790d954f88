/* bulk.c - see bulk.h */
#include "cli/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/job.h"

static bool is_number(const char *text)
{
	return *text && strlen(text) <= 9 && strspn(text, "0123456789") == strlen(text);
}

int bulk_check_expect(struct cli *cli)
{
	const char *expect = cli_option(cli, "expect");
	return expect && !is_number(expect)
		       ? cli_misuse(cli, "--expect %s: a whole number is wanted.",
				    expect)
		       : CLI_OK;
}

void bulk_add_filter(struct cli *cli, struct json *body, const char *const *names)
{
	json_key(body, "filter");
	json_object(body);
	for (; *names; names++)
		if (cli_option(cli, *names))
			json_key_str(body, *names, cli_option(cli, *names));
	json_end_object(body);
}

void bulk_add_count(struct cli *cli, struct json *body)
{
	if (cli_has(cli, "dry-run"))
		json_key_bool(body, "dry_run", true);
	if (cli_option(cli, "expect"))
		json_key_int(body, "expect",
			     strtol(cli_option(cli, "expect"), NULL, 10));
}

int bulk_send(struct cli *cli, const char *path, const char *const *outcomes)
{
	const struct json_t *answer = api_call(cli, "POST", path);
	if (!answer)
		return CLI_FAILED;
	if (!cli_has(cli, "dry-run"))
		return job_follow(cli, answer, outcomes);
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else
		printf("%lld found; nothing was done.\n",
		       (long long)value_int(answer, "count"));
	return CLI_OK;
}
