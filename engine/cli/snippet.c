/* snippet.c - `handbox snippet …`: canned texts with dynamic values. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/contact.h"
#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option list_options[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int snippet_list(struct cli *cli)
{
	struct table *table =
		table_new(cli->arena, (const char *[]){"NAME", "TEXT", NULL});
	struct api_pages pages = {.path = "/snippets?limit=500"};
	const struct json_t *snippet;
	while ((snippet = api_next(cli, &pages)))
		table_row(table, (const char *[]){value_text(snippet, "name"),
						  value_text(snippet, "text"), NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

/* *id_out: NULL when there is none. false: said why it could not be asked. */
static bool find(struct cli *cli, const char *name, const char **id_out)
{
	struct api_pages pages = {.path = "/snippets?limit=500"};
	const struct json_t *snippet;
	*id_out = NULL;
	while (!*id_out && (snippet = api_next(cli, &pages)))
		if (strcmp(value_text(snippet, "name"), name) == 0)
			*id_out = arena_strdup(cli->arena, value_text(snippet, "id"));
	return !pages.failed;
}

/* NULL: said why. */
static const char *id_of(struct cli *cli, const char *name)
{
	const char *id;
	if (!find(cli, name, &id))
		return NULL;
	if (!id)
		(void)cli_fail(cli,
			       "there is no snippet %s; `handbox snippet list` shows "
			       "them.",
			       name);
	return id;
}

static const struct cli_option show_options[] = {
	{"contact", "CONTACT", "with the values of this contact"},
	{NULL, NULL, NULL},
};

static int snippet_show(struct cli *cli)
{
	const char *contact = cli_option(cli, "contact"),
		   *id = id_of(cli, cli->args[0]);
	if (!id || (contact && !(contact = contact_id_of(cli, contact))))
		return CLI_FAILED;
	const char *path = api_path(cli, "/snippets/%s", id);
	if (contact)
		path = arena_printf(cli->arena, "%s%s", path,
				    api_path(cli, "?contact=%s", contact));
	const struct json_t *snippet = api_get(cli, path);
	if (!snippet)
		return CLI_FAILED;
	printf("%s\n", value_text(snippet, contact ? "rendered.text" : "text"));
	return CLI_OK;
}

static int snippet_set(struct cli *cli)
{
	const char *id;
	if (!find(cli, cli->args[0], &id))
		return CLI_FAILED;
	struct json *body = api_body(cli);
	json_key_str(body, "text", cli->args[1]);
	if (!id)
		json_key_str(body, "name", cli->args[0]);
	const struct json_t *snippet =
		api_call(cli, id ? "PATCH" : "POST",
			 id ? api_path(cli, "/snippets/%s", id) : "/snippets");
	if (!snippet)
		return CLI_FAILED;
	printf("Snippet %s is kept.\n", cli->args[0]);
	return CLI_OK;
}

static int snippet_delete(struct cli *cli)
{
	const char *id = id_of(cli, cli->args[0]);
	if (!id || !api_call(cli, "DELETE", api_path(cli, "/snippets/%s", id)))
		return CLI_FAILED;
	printf("Snippet %s is gone.\n", cli->args[0]);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"snippet list", "[--json]", "List canned texts", snippet_list, list_options, 0,
	 0, 0},
	{"snippet show", "NAME [--contact CONTACT]",
	 "Print a canned text, as it is or as it would read for a contact",
	 snippet_show, show_options, 1, 1, 0},
	{"snippet set", "NAME TEXT", "Keep a canned text, new or instead of the former",
	 snippet_set, NULL, 2, 2, 0},
	{"snippet delete", "NAME", "Delete a canned text", snippet_delete, NULL, 1, 1,
	 0},
};
const struct cli_commands cli_snippet_commands = {rows, sizeof(rows) / sizeof(rows[0])};
