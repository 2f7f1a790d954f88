/* task.c - `handbox tasks`, `open`, `send`, `skip`, `release`: the main job from a shell. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/card.h"
#include "cli/remote.h"
#include "cli/table.h"

/* --- listing ---------------------------------------------------------------------------------------------------------------- */

static const struct cli_option list_options[] = {
	{"state", "A,B",
	 "pending held snoozed sent skipped expired cancelled; the default is pending"},
	{"workflow", "WORKFLOW", "of this workflow"},
	{"assignee", "LOGIN",
	 "of this user, me or none; with HANDBOX_TOKEN the default is me"},
	{"all", NULL, "whatever the state, whoever the assignee"},
	{"test", NULL, "those of test runs, and only they"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static const char *filtered(struct cli *cli, const char *path, const char *name,
			    const char *otherwise)
{
	const char *value = cli_option(cli, name);
	if (!value && !cli_has(cli, "all"))
		value = otherwise;
	return value ? arena_printf(cli->arena, "%s&%s=%s", path, name,
				    api_path(cli, "%s", value))
		     : path;
}

/* 1: a person's token; 0: the shell or a service token; -1: said why it could not be asked. */
static int is_person(struct cli *cli)
{
	const char *token = getenv("HANDBOX_TOKEN");
	if (!token || !*token)
		return 0;
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){.method = "GET", .path = "/me"});
	return answer ? api_is_fine(answer) : -1;
}

static int tasks(struct cli *cli)
{
	int person =
		cli_option(cli, "assignee") || cli_has(cli, "all") ? 0 : is_person(cli);
	if (person < 0)
		return CLI_FAILED;
	const char *path = filtered(cli, "/tasks?limit=500", "state", "pending");
	path = filtered(cli, path, "assignee", person ? "me" : NULL);
	path = filtered(cli, path, "workflow", NULL);
	if (cli_has(cli, "test"))
		path = arena_printf(cli->arena, "%s&test=1", path);
	struct table *table =
		table_new(cli->arena,
			  (const char *[]){"TASK", "STATE", "DUE", "CONTACT", "NUMBER",
					   "ASSIGNEE", "WORKFLOW", "NAME", NULL});
	struct api_pages pages = {.path = path};
	const struct json_t *task;
	while ((task = api_next(cli, &pages)))
		table_row(table,
			  (const char *[]){
				  value_text(task, "id"), value_text(task, "state"),
				  local_time(cli->arena, value_text(task, "due_at")),
				  value_text(task, "contact.name"),
				  value_text(task, "contact.phone_e164"),
				  value_text(task, "assignee.login"),
				  value_text(task, "workflow"),
				  value_text(task, "name"), NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

/* --- opening ---------------------------------------------------------------------------------------------------------------- */

static const struct cli_option open_options[] = {
	{"take-over", NULL, "though somebody else has it open (leads and admins)"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static struct card_paths paths_of(struct cli *cli)
{
	return (struct card_paths){
		.open = api_path(cli, "/tasks/%s/open", cli->args[0]),
		.check = api_path(cli, "/tasks/%s/check", cli->args[0]),
		.send = api_path(cli, "/tasks/%s/send", cli->args[0]),
		.release = arena_printf(cli->arena, "release %s", cli->args[0])};
}

static int task_open(struct cli *cli)
{
	const struct card_paths paths = paths_of(cli);
	const struct json_t *card = card_open(cli, &paths);
	if (!card)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else
		card_print(cli, card);
	return CLI_OK;
}

/* --- sending ---------------------------------------------------------------------------------------------------------------- */

static int task_send(struct cli *cli)
{
	const struct card_paths paths = paths_of(cli);
	return card_send(cli, &paths, cli->arg_count > 1 ? cli->args[1] : NULL);
}

/* --- other acts ------------------------------------------------------------------------------------------------------------- */

static const struct cli_option reason_options[] = {
	{"reason", "TEXT", "kept with the task"},
	{NULL, NULL, NULL},
};

static int act(struct cli *cli, const char *path, const char *done)
{
	struct json *body = api_body(cli);
	if (cli_option(cli, "reason"))
		json_key_str(body, "reason", cli_option(cli, "reason"));
	if (cli_option(cli, "until"))
		json_key_str(body, "until", cli_option(cli, "until"));
	const struct json_t *task = api_call(cli, "POST", path);
	if (!task)
		return CLI_FAILED;
	printf("Task %s is %s (%s).\n", cli->args[0], done, value_text(task, "state"));
	return CLI_OK;
}

static int task_skip(struct cli *cli)
{
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	return act(cli, api_path(cli, "/tasks/%s/skip", cli->args[0]), "skipped");
}

static const struct cli_option snooze_options[] = {
	{"until", "TIME", "2027-01-05T09:00:00Z, or hours: the recipient's open then"},
	{"reason", "TEXT", "kept with the task"},
	{NULL, NULL, NULL},
};

static int task_snooze(struct cli *cli)
{
	if (!cli_option(cli, "until"))
		return cli_misuse(cli, "--until is wanted: a time, or hours.");
	return act(cli, api_path(cli, "/tasks/%s/snooze", cli->args[0]), "put off");
}

static int task_release(struct cli *cli)
{
	return act(cli, api_path(cli, "/tasks/%s/release", cli->args[0]), "given back");
}

static const struct cli_command rows[] = {
	{"tasks", "[--state A,B] [--workflow W] [--assignee LOGIN] [--all] [--json]",
	 "List tasks, what is due first", tasks, list_options, 0, 0, 0},
	{"open", "TASK [--take-over] [--json]",
	 "Open a task for yourself: the card, with its text and guards", task_open,
	 open_options, 1, 1, CLI_PERSON | CLI_WHOLE_SETTINGS},
	{"send", "TASK [TEXT] [--yes]",
	 "Open a task, show it, and send its text, or yours", task_send,
	 card_send_options, 1, 2, CLI_PERSON | CLI_WHOLE_SETTINGS},
	{"skip", "TASK --reason TEXT", "Leave a task undone, for good", task_skip,
	 reason_options, 1, 1, 0},
	{"snooze", "TASK --until TIME|hours [--reason TEXT]",
	 "Put a task off, until a time or until its recipient's sending hours open",
	 task_snooze, snooze_options, 1, 1, 0},
	{"release", "TASK", "Give an opened task back", task_release, NULL, 1, 1, 0},
};
const struct cli_commands cli_task_commands = {rows, sizeof(rows) / sizeof(rows[0])};
