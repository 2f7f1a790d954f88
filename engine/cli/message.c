/* message.c - `handbox messages`, `recall`, `resolve` and `evidence`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option list_options[] = {
	{"state", "A,B", "as approved, uncertain or delivered"},
	{"edited", NULL, "that went in place of the text that a task offered"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int messages(struct cli *cli)
{
	const char *path = "/messages?limit=500";
	if (cli_option(cli, "state"))
		path = api_path(cli, "/messages?limit=500&state=%s",
				cli_option(cli, "state"));
	if (cli_has(cli, "edited"))
		path = arena_printf(cli->arena, "%s&edited=true", path);
	struct table *table = table_new(
		cli->arena, (const char *[]){"MESSAGE", "AT", "", "NUMBER", "STATE",
					     "SENT BY", "DETAIL", "TEXT", NULL});
	struct api_pages pages = {.path = path};
	const struct json_t *message;
	while ((message = api_next(cli, &pages))) {
		bool is_in = strcmp(value_text(message, "direction"), "in") == 0;
		table_row(table, (const char *[]){
					 value_text(message, "id"),
					 local_time(cli->arena,
						    value_text(message, "created_at")),
					 is_in ? "<" : ">",
					 value_text(message, is_in ? "from" : "to"),
					 value_text(message, "state"),
					 value_text(message, "sent_by.login"),
					 value_text(message, "detail"),
					 value_text(message, "text"), NULL});
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_option resolve_options[] = {
	{"evidence", "TEXT", "how you know; stands in the ledger"},
	{NULL, NULL, NULL},
};

static int resolve(struct cli *cli)
{
	const char *outcome = cli->args[1];
	if (strcmp(outcome, "sent") != 0 && strcmp(outcome, "not_sent") != 0)
		return cli_misuse(cli, "%s: sent or not_sent is wanted.", outcome);
	if (!cli_option(cli, "evidence"))
		return cli_misuse(cli, "--evidence is wanted: how do you know?");
	struct json *body = api_body(cli);
	json_key_str(body, "outcome", outcome);
	json_key_str(body, "evidence", cli_option(cli, "evidence"));
	const struct json_t *message = api_call(
		cli, "POST", api_path(cli, "/messages/%s/resolve", cli->args[0]));
	if (!message)
		return CLI_FAILED;
	printf("Message %s is %s.\n", cli->args[0], value_text(message, "state"));
	return CLI_OK;
}

static int recall(struct cli *cli)
{
	const struct json_t *message = api_call(
		cli, "POST", api_path(cli, "/messages/%s/recall", cli->args[0]));
	if (!message)
		return CLI_FAILED;
	printf("Message %s is %s: it did not leave.\n", cli->args[0],
	       value_text(message, "state"));
	return CLI_OK;
}

static const struct cli_option evidence_options[] = {
	{"from", "TIME", "not before it, as 2027-01-31T00:00:00Z"},
	{"until", "TIME", "before it"},
	{"json", NULL, "print what the API answers, with the entries of the ledger"},
	{NULL, NULL, NULL},
};

/* What one line of the history says, beside when and what. */
static const char *evidence_detail(const struct json_t *item)
{
	static const char *const members[] = {"message.text", "evidence", "reason",
					      "offered"};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (*value_text(item, members[i]))
			return value_text(item, members[i]);
	return "";
}

static const char *evidence_who(const struct json_t *item)
{
	static const char *const members[] = {"actor", "message.sent_by.login",
					      "to.login"};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (*value_text(item, members[i]))
			return value_text(item, members[i]);
	return "";
}

static int evidence(struct cli *cli)
{
	const char *from = cli_option(cli, "from"), *until = cli_option(cli, "until");
	const char *path = api_path(cli, "/evidence?limit=500&phone=%s", cli->args[0]);
	if (from)
		path = arena_printf(cli->arena, "%s%s", path,
				    api_path(cli, "&from=%s", from));
	if (until)
		path = arena_printf(cli->arena, "%s%s", path,
				    api_path(cli, "&until=%s", until));
	struct table *table =
		table_new(cli->arena, (const char *[]){"AT THE RECIPIENT", "WHAT",
						       "WHO", "STATE", "TEXT", NULL});
	struct api_pages pages = {.path = path};
	const struct json_t *item;
	while ((item = api_next(cli, &pages)))
		table_row(table,
			  (const char *[]){value_text(item, "local_at"),
					   value_text(item, "kind"), evidence_who(item),
					   value_text(item, "message.state"),
					   evidence_detail(item), NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_command rows[] = {
	{"messages", "[--state A,B] [--edited] [--json]",
	 "List texts in and out, the newest first", messages, list_options, 0, 0, 0},
	{"evidence", "PHONE [--from TIME] [--until TIME] [--json]",
	 "Show one number's whole history: consent, texts, what was shown", evidence,
	 evidence_options, 1, 1, 0},
	{"recall", "MESSAGE", "Take an approved text back before Kannel has it", recall,
	 NULL, 1, 1, CLI_PERSON},
	{"resolve", "MESSAGE sent|not_sent --evidence TEXT",
	 "Say what became of an uncertain text", resolve, resolve_options, 2, 2,
	 CLI_PERSON},
};
const struct cli_commands cli_message_commands = {rows, sizeof(rows) / sizeof(rows[0])};
