/* token.c - `handbox token …`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option add_options[] = {
	{"name", "NAME", "what it is for; stands in the ledger"},
	{"kind", "KIND", "service: a program's own; personal: acts as a user"},
	{"login", "LOGIN", "whose personal token it is"},
	{"scopes", "A,B",
	 "of read contacts workflows enroll tasks admin, and send for a person"},
	{"expires", "TIME", "as 2027-01-31T00:00:00Z; without it: never"},
	{NULL, NULL, NULL},
};

static void add_scopes(struct cli *cli, struct json *body, const char *scopes)
{
	static const char between[] = ", ";
	json_key(body, "scopes");
	json_array(body);
	for (scopes += strspn(scopes, between); *scopes;
	     scopes += strspn(scopes, between)) {
		size_t len = strcspn(scopes, between);
		json_str(body, arena_strndup(cli->arena, scopes, len));
		scopes += len;
	}
	json_end_array(body);
}

static int token_add(struct cli *cli)
{
	static const char *const wanted[] = {"name", "kind", "scopes"};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!cli_option(cli, wanted[i]))
			return cli_misuse(cli, "--%s is wanted.", wanted[i]);
	if (strcmp(cli_option(cli, "kind"), "personal") == 0 &&
	    !cli_option(cli, "login"))
		return cli_misuse(
			cli, "--login is wanted: a personal token belongs to a user.");
	struct json *body = api_body(cli);
	json_key_str(body, "kind", cli_option(cli, "kind"));
	json_key_str(body, "name", cli_option(cli, "name"));
	add_scopes(cli, body, cli_option(cli, "scopes"));
	if (cli_option(cli, "login"))
		json_key_str(body, "user", cli_option(cli, "login"));
	if (cli_option(cli, "expires"))
		json_key_str(body, "expires_at", cli_option(cli, "expires"));
	const struct json_t *token = api_call(cli, "POST", "/tokens");
	if (!token)
		return CLI_FAILED;
	printf("Token %s (%s). Its secret is shown this once:\n%s\n",
	       value_text(token, "id"), value_text(token, "name"),
	       value_text(token, "secret"));
	return CLI_OK;
}

static const struct cli_option list_options[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int token_list(struct cli *cli)
{
	struct table *table = table_new(
		cli->arena, (const char *[]){"ID", "KIND", "NAME", "USER", "SCOPES",
					     "MADE", "EXPIRES", NULL});
	struct api_pages pages = {.path = "/tokens?limit=500"};
	const struct json_t *token;
	while ((token = api_next(cli, &pages))) {
		const struct json_t *scopes = value_get(token, "scopes");
		struct buf words = BUF_EMPTY;
		for (size_t i = 0; i < value_count(scopes); i++)
			buf_printf(&words, "%s%s", i ? "," : "",
				   value_string(value_at(scopes, i)));
		table_row(
			table,
			(const char *[]){
				value_text(token, "id"), value_text(token, "kind"),
				value_text(token, "name"),
				value_text(token, "user.login"), buf_str(&words),
				local_time(cli->arena, value_text(token, "created_at")),
				local_time(cli->arena, value_text(token, "expires_at")),
				NULL});
		buf_fini(&words);
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static int token_revoke(struct cli *cli)
{
	if (!api_call(cli, "DELETE", api_path(cli, "/tokens/%s", cli->args[0])))
		return CLI_FAILED;
	printf("Token %s is revoked.\n", cli->args[0]);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"token add",
	 "--name NAME --kind service|personal [--login LOGIN] --scopes A,B [--expires "
	 "TIME]",
	 "Make a token; its secret is alone on the last line", token_add, add_options,
	 0, 0, 0},
	{"token list", "[--json]", "List the tokens that are not revoked", token_list,
	 list_options, 0, 0, 0},
	{"token revoke", "TOKEN", "End a token", token_revoke, NULL, 1, 1, 0},
};
const struct cli_commands cli_token_commands = {rows, sizeof(rows) / sizeof(rows[0])};
