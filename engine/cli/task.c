/* task.c - `handbox tasks`, `next`, `open`, `send`: the main job from a shell. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/card.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "cli/task_pick.h"

/* --- listing ---------------------------------------------------------------------------------------------------------------- */

static const struct cli_option list_options[] = {
	{"state", "A,B",
	 "pending held snoozed sent skipped expired cancelled; the default is pending"},
	TASK_PICK_OPTIONS,
	{"assignee", "LOGIN",
	 "of this user, me or none; with HANDBOX_TOKEN the default is me"},
	TASK_ORDER_OPTION,
	{"all", NULL, "whatever the state, whoever the assignee"},
	{"test", NULL, "those of test runs, and only they"},
	{"count", NULL, "how many, and how many of them could go now"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* NULL: said why. is_person: the default is what is theirs. */
static const char *list_path(struct cli *cli, const char *path, bool is_person)
{
	const bool is_all = cli_has(cli, "all") || cli_has(cli, "count");
	const struct task_pick *pick = task_pick_read(cli);
	if (!pick)
		return NULL;
	path = task_pick_query(cli, pick, path);
	if (!is_all && !cli_has(cli, "state"))
		path = arena_printf(cli->arena, "%s&state=pending", path);
	if (is_person && !cli_has(cli, "assignee"))
		path = arena_printf(cli->arena, "%s&assignee=me", path);
	if (cli_has(cli, "test"))
		path = arena_printf(cli->arena, "%s&test=1", path);
	return path;
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

/* How the pending ones divide. */
static void print_shares(const struct json_t *counts)
{
	static const struct {
		const char *name, *means;
	} shares[] = {
		{"eligible", "could go now"},
		{"opens_later", "wait for sending hours"},
		{"leased", "open before somebody"},
		{"blocked", "blocked; their cards say why"},
	};
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		printf("  %6lld %s\n", (long long)value_int(counts, shares[i].name),
		       shares[i].means);
}

static int counts(struct cli *cli, const char *path)
{
	static const char *const states[] = {"pending", "held",    "snoozed",  "sent",
					     "skipped", "expired", "cancelled"};
	const struct json_t *answer = api_get(cli, path);
	if (!answer)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct json_t *count = value_get(answer, states[i]);
		if (!count)
			continue;
		printf("%-10s%6lld%s\n", states[i],
		       (long long)value_int(count, "count"),
		       value_bool(count, "capped") ? " or more" : "");
		if (strcmp(states[i], "pending") == 0)
			print_shares(answer);
	}
	return CLI_OK;
}

static int tasks(struct cli *cli)
{
	int person =
		cli_option(cli, "assignee") || cli_has(cli, "all") ? 0 : is_person(cli);
	if (person < 0)
		return CLI_FAILED;
	const bool counts_only = cli_has(cli, "count");
	const char *path = list_path(
		cli, counts_only ? "/tasks/counts?limit=1" : "/tasks?limit=500",
		person > 0);
	if (!path)
		return CLI_FAILED;
	if (counts_only)
		return counts(cli, path);
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

static const struct cli_option next_options[] = {
	TASK_PICK_OPTIONS,
	{"assignee", "LOGIN",
	 "of this user, me or none; yours and the pool's otherwise"},
	TASK_ORDER_OPTION,
	{"after", "TASK", "what comes behind it"},
	{"resume", NULL, "one that is open for you already counts too"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* Why there is no more to do, as far as counts tell. */
static int say_none_left(struct cli *cli, const struct task_pick *pick)
{
	const char *opens_at;
	const struct json_t *answer =
		api_get(cli, task_pick_query(cli, pick, "/tasks/counts?state=pending"));
	if (!answer)
		return CLI_FAILED;
	opens_at = local_time(cli->arena, value_text(answer, "next_open_at"));
	printf("Nothing is left to send now: %lld wait for sending hours%s%s, %lld are "
	       "open before somebody, %lld are blocked.\n",
	       (long long)value_int(answer, "opens_later"), *opens_at ? " from " : "",
	       opens_at, (long long)value_int(answer, "leased"),
	       (long long)value_int(answer, "blocked"));
	return CLI_OK;
}

static int task_next(struct cli *cli)
{
	const struct task_pick *pick = task_pick_read(cli);
	if (!pick)
		return CLI_FAILED;
	struct json *body = api_body(cli);
	task_pick_write(pick, body);
	if (cli_option(cli, "after"))
		json_key_str(body, "after", cli_option(cli, "after"));
	if (cli_has(cli, "resume"))
		json_key_bool(body, "resume", true);
	const struct json_t *card = api_call(cli, "POST", "/tasks/next");
	if (!card)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else if (!value_is_there(card, "task"))
		return say_none_left(cli, pick);
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

static const struct cli_command rows[] = {
	{"tasks", "[--state A,B] [--workflow W] [--assignee LOGIN] … [--all] [--count]",
	 "List tasks, what is due first", tasks, list_options, 0, 0, 0},
	{"next", "[--workflow W] [--assignee LOGIN] … [--after TASK] [--json]",
	 "Open the next task that could go now: let's start", task_next, next_options,
	 0, 0, CLI_PERSON | CLI_WHOLE_SETTINGS},
	{"open", "TASK [--take-over] [--json]",
	 "Open a task for yourself: the card, with its text and guards", task_open,
	 open_options, 1, 1, CLI_PERSON | CLI_WHOLE_SETTINGS},
	{"send", "TASK [TEXT] [--yes]",
	 "Open a task, show it, and send its text, or yours", task_send,
	 card_send_options, 1, 2, CLI_PERSON | CLI_WHOLE_SETTINGS},
};
const struct cli_commands cli_task_commands = {rows, sizeof(rows) / sizeof(rows[0])};
