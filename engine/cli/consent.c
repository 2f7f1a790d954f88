/* consent.c - `handbox opt-out`, `opt-in`, `classify`: what a number's people want, as a person heard it. */
#include "cli/cli.h"

#include <stdio.h>

#include "cli/contact.h"
#include "cli/remote.h"

static void print_consent(const struct json_t *contact)
{
	printf("%s %s is %s.\n", value_text(contact, "name"),
	       value_text(contact, "phone_e164"),
	       value_bool(contact, "opted_out") ? "opted out: no text goes there"
						: "not opted out");
}

/* Sends the body begun. */
static int act(struct cli *cli, const char *path)
{
	const struct json_t *contact = api_call(cli, "POST", path);
	if (!contact)
		return CLI_FAILED;
	print_consent(contact);
	return CLI_OK;
}

static const struct cli_option out_options[] = {
	{"reason", "TEXT", "who asked, and how; stands in the ledger"},
	{NULL, NULL, NULL},
};

static int opt_out(struct cli *cli)
{
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	json_key_str(api_body(cli), "reason", cli_option(cli, "reason"));
	return act(cli, api_path(cli, "/contacts/%s/opt-out", id));
}

static const struct cli_option in_options[] = {
	{"evidence", "TEXT", "what shows that they want texts again"},
	{"reason", "TEXT", "stands in the ledger too"},
	{NULL, NULL, NULL},
};

static int opt_in(struct cli *cli)
{
	if (!cli_option(cli, "evidence"))
		return cli_misuse(cli,
				  "--evidence is wanted: what shows that they want "
				  "texts again.");
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	struct json *body = api_body(cli);
	json_key_str(body, "evidence", cli_option(cli, "evidence"));
	if (cli_option(cli, "reason"))
		json_key_str(body, "reason", cli_option(cli, "reason"));
	return act(cli, api_path(cli, "/contacts/%s/opt-in", id));
}

static int classify(struct cli *cli)
{
	const struct json_t *message =
		api_get(cli, api_path(cli, "/messages/%s", cli->args[0]));
	if (!message)
		return CLI_FAILED;
	const char *path = api_path(cli, "/contacts/%s/consent",
				    value_text(message, "contact.id"));
	struct json *body = api_body(cli);
	json_key_str(body, "inbound", cli->args[0]);
	json_key_str(body, "verdict", cli->args[1]);
	return act(cli, path);
}

static const struct cli_command rows[] = {
	{"opt-out", "CONTACT --reason TEXT",
	 "No more texts to a contact's number: they asked a person", opt_out,
	 out_options, 1, 1, 0},
	{"opt-in", "CONTACT --evidence TEXT [--reason TEXT]",
	 "Take an opt-out back: they want texts again", opt_in, in_options, 1, 1,
	 CLI_PERSON},
	{"classify", "MESSAGE stop|not_stop",
	 "Say whether an unclear text asks to stop; until then its number is on hold",
	 classify, NULL, 2, 2, CLI_PERSON},
};
const struct cli_commands cli_consent_commands = {rows, sizeof(rows) / sizeof(rows[0])};
