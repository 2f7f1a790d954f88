/* enroll.c - `handbox enroll` and `handbox unenroll`. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bulk.h"
#include "cli/contact.h"
#include "cli/remote.h"
#include "cli/table.h"

enum { PART_MOST = 500 };

static bool is_enrolled(const struct json_t *result)
{
	return strcmp(value_text(result, "outcome"), "enrolled") == 0;
}

static const struct cli_option enroll_options[] = {
	{"test", NULL, "a test run: the draft, on contacts marked test"},
	{"compress", "N",
	 "with --test: waits pass N times as fast; 3600: an hour as a second"},
	{"tag", "TAG", "instead of contacts: all with this tag"},
	{"q", "TEXT", "all with this in a name, number or address"},
	{"owner", "LOGIN", "all of this user, or none"},
	{"dry-run", NULL, "only count them"},
	{"expect", "N", "only when they are so many"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static const struct cli_option unenroll_options[] = {
	{"tag", "TAG", "contacts with this tag"},
	{"step", "STEP", "who stands there"},
	{"reason", "TEXT", "kept with each"},
	{"forget", NULL, "re-entry does not count them any more"},
	{"dry-run", NULL, "only count them"},
	{"expect", "N", "only when they are so many; needed when nothing else is said"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* What of the answer is worth exit status 1: nothing came of it for somebody. */
static int print_results(struct cli *cli, const struct json_t *results)
{
	int code = CLI_OK;
	for (size_t i = 0; i < value_count(results); i++) {
		const struct json_t *result = value_at(results, i);
		if (!is_enrolled(result))
			code = CLI_FAILED;
		if (!cli_has(cli, "json"))
			printf("%s  %s\n", value_text(result, "contact"),
			       value_text(result, "outcome"));
	}
	fflush(stdout); /* the hint stands below what it is about */
	if (code != CLI_OK && !cli_has(cli, "json"))
		fprintf(stderr,
			"`handbox why %s CONTACT` says more of those that are not "
			"enrolled.\n",
			cli->args[0]);
	return code;
}

static void add_test(struct cli *cli, struct json *body)
{
	const char *compress = cli_option(cli, "compress");
	if (cli_has(cli, "test"))
		json_key_bool(body, "test", true);
	if (compress)
		json_key_int(body, "compress", strtol(compress, NULL, 10));
}

static int enroll_part(struct cli *cli, const char *const *ids, unsigned count)
{
	struct json *body = api_body(cli);
	json_key(body, "contacts");
	json_array(body);
	for (unsigned i = 0; i < count; i++)
		json_str(body, ids[i]);
	json_end_array(body);
	add_test(cli, body);
	const struct json_t *answer = api_call(
		cli, "POST", api_path(cli, "/workflows/%s/enrollments", cli->args[0]));
	if (!answer)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	return print_results(cli, value_get(answer, "results"));
}

/* --- all that a filter finds: a job ----------------------------------------------------------------------------------------- */

static int enroll_filter(struct cli *cli)
{
	static const char *const filters[] = {"tag", "q", "owner", NULL};
	static const char *const outcomes[] = {
		"enrolled",        "already_enrolled", "once_done",
		"opted_out",       "not_published",    "not_test_contact",
		"unknown_contact", "too_many",         NULL};
	if (bulk_check_expect(cli) != CLI_OK)
		return CLI_USAGE;
	if (!cli_option(cli, "tag") && !cli_option(cli, "q") &&
	    !cli_option(cli, "owner") && !cli_option(cli, "expect"))
		return cli_misuse(cli, "whom? Name contacts, or --tag, --q, --owner.");
	struct json *body = api_body(cli);
	bulk_add_filter(cli, body, filters);
	bulk_add_count(cli, body);
	add_test(cli, body);
	return bulk_send(cli, api_path(cli, "/workflows/%s/enrollments", cli->args[0]),
			 outcomes);
}

static int unenroll(struct cli *cli)
{
	static const char *const filters[] = {"tag", "step", NULL};
	static const char *const outcomes[] = {"removed", "forgotten", NULL};
	if (bulk_check_expect(cli) != CLI_OK)
		return CLI_USAGE;
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli,
				  "--reason TEXT is wanted: it is kept with each.");
	struct json *body = api_body(cli);
	bulk_add_filter(cli, body, filters);
	bulk_add_count(cli, body);
	json_key_str(body, "reason", cli_option(cli, "reason"));
	if (cli_has(cli, "forget"))
		json_key_bool(body, "forget", true);
	return bulk_send(
		cli, api_path(cli, "/workflows/%s/enrollments/remove", cli->args[0]),
		outcomes);
}

static int enroll(struct cli *cli)
{
	if (cli->arg_count == 1)
		return enroll_filter(cli);
	unsigned count = cli->arg_count - 1;
	const char **ids = ARENA_ARRAY(cli->arena, const char *, count);
	int code = CLI_OK;
	const char *compress = cli_option(cli, "compress");
	if (compress && (strspn(compress, "0123456789") != strlen(compress) ||
			 !*compress || strlen(compress) > 9))
		return cli_misuse(cli, "--compress %s: a whole number is wanted.",
				  compress);
	for (unsigned i = 0; i < count; i++) {
		ids[i] = contact_id_of(cli, cli->args[i + 1]);
		if (!ids[i])
			return CLI_FAILED;
	}
	for (unsigned at = 0; at < count; at += PART_MOST)
		if (enroll_part(cli, ids + at,
				count - at < PART_MOST ? count - at : PART_MOST) !=
		    CLI_OK)
			code = CLI_FAILED;
	return code;
}

static const struct cli_command rows[] = {
	{"enroll", "WORKFLOW [CONTACT…] [--tag TAG] [--test [--compress N]] [--json]",
	 "Put contacts (ids, external ids, numbers) into a workflow", enroll,
	 enroll_options, 1, CLI_ANY, 0},
	{"unenroll", "WORKFLOW --reason TEXT [--tag TAG] [--step STEP] [--forget]",
	 "Take contacts out of a workflow", unenroll, unenroll_options, 1, 1, 0},
};
const struct cli_commands cli_enroll_commands = {rows, sizeof(rows) / sizeof(rows[0])};
