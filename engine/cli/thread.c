/* thread.c - `handbox conversations`, `thread`, `note`, `reply`: who wrote what, and answering. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/card.h"
#include "cli/contact.h"
#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option list_options[] = {
	{"handler", "LOGIN", "waiting for an answer by this user, or by none"},
	{"unread", NULL,
	 "only those with a text in that you have not read (HANDBOX_TOKEN)"},
	{"owner", "LOGIN", "of contacts of this user, me or none"},
	{"q", "TEXT", "with these words in a text, or this part of a name or number"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static const char *filtered(struct cli *cli, const char *path, const char *name)
{
	const char *value = cli_option(cli, name);
	return value ? arena_printf(cli->arena, "%s&%s=%s", path, name,
				    api_path(cli, "%s", value))
		     : path;
}

static int conversations(struct cli *cli)
{
	const char *path = filtered(cli, "/conversations?limit=100", "owner");
	path = filtered(cli, path, "handler");
	path = filtered(cli, path, "q");
	if (cli_has(cli, "unread"))
		path = arena_printf(cli->arena, "%s&unread=true", path);
	struct table *table = table_new(
		cli->arena, (const char *[]){"CONTACT", "AT", "NEW", "NAME", "NUMBER",
					     "OWNER", "", "LAST TEXT", NULL});
	struct api_pages pages = {.path = path};
	const struct json_t *item;
	while ((item = api_next(cli, &pages))) {
		long long count = value_int(item, "unread_count");
		bool is_in =
			strcmp(value_text(item, "last_message.direction"), "in") == 0;
		table_row(
			table,
			(const char *[]){
				value_text(item, "contact.id"),
				local_time(cli->arena,
					   value_text(item, "last_message.created_at")),
				count ? arena_printf(cli->arena, "%lld", count) : "",
				value_text(item, "contact.name"),
				value_text(item, "contact.phone_e164"),
				value_text(item, "owner.login"), is_in ? "<" : ">",
				value_text(item, "last_message.text"), NULL});
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_option thread_options[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static void print_note(struct cli *cli, const struct json_t *note)
{
	printf("  %s # %s\n", local_time(cli->arena, value_text(note, "created_at")),
	       value_text(note, "author"));
	print_text("    ", value_text(note, "text"));
}

/* What a text in was taken for, when it says something of texts to come. */
static void print_consent(const struct json_t *message)
{
	const char *consent = value_text(message, "consent"),
		   *verdict = value_text(message, "verdict");
	if (!*consent)
		return;
	if (*verdict)
		printf("    ^ unclear; somebody said: %s\n", verdict);
	else if (strcmp(consent, "unclear") == 0)
		printf("    ^ unclear whether it asks to stop; the number is on hold "
		       "until `handbox classify %s stop|not_stop`\n",
		       value_text(message, "id"));
	else
		printf("    ^ %s\n", consent);
}

static void print_text_of(struct cli *cli, const struct json_t *message)
{
	const char *at = local_time(cli->arena, value_text(message, "created_at"));
	const char *workflow = value_text(message, "workflow");
	if (strcmp(value_text(message, "direction"), "in") == 0)
		printf("  %s <\n", at);
	else
		printf("  %s > %s %s%s%s\n", at, value_text(message, "state"),
		       value_text(message, "sent_by.login"), *workflow ? " " : "",
		       workflow);
	print_text("    ", value_text(message, "text"));
	print_consent(message);
}

/* The newest first, as the lists are; what is neither a text nor a note stands in --json only. */
static int thread(struct cli *cli)
{
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	struct api_pages pages = {
		.path = api_path(cli, "/contacts/%s/timeline?limit=200", id)};
	const struct json_t *entry;
	while ((entry = api_next(cli, &pages))) {
		if (value_is_there(entry, "message"))
			print_text_of(cli, value_get(entry, "message"));
		if (value_is_there(entry, "note"))
			print_note(cli, value_get(entry, "note"));
	}
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static int note(struct cli *cli)
{
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	json_key_str(api_body(cli), "text", cli->args[1]);
	const struct json_t *made =
		api_call(cli, "POST", api_path(cli, "/contacts/%s/notes", id));
	if (!made)
		return CLI_FAILED;
	printf("Note %s is kept.\n", value_text(made, "id"));
	return CLI_OK;
}

static const struct cli_option reply_options[] = {
	{"yes", NULL, "do not ask on the terminal whether to send it"},
	{"take-over", NULL, "though somebody else has it open (leads and admins)"},
	{"release", NULL, "send nothing, give the card back; a draft stays"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int give_back(struct cli *cli, const char *id)
{
	if (!api_call(cli, "POST", api_path(cli, "/contacts/%s/compose/release", id)))
		return CLI_FAILED;
	printf("The card is given back.\n");
	return CLI_OK;
}

static int reply(struct cli *cli)
{
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	if (cli_has(cli, "release"))
		return give_back(cli, id);
	const struct card_paths paths = {
		.open = api_path(cli, "/contacts/%s/compose", id),
		.check = api_path(cli, "/contacts/%s/compose/check", id),
		.send = api_path(cli, "/contacts/%s/messages", id),
		.release = arena_printf(cli->arena, "reply %s --release", id)};
	return card_send(cli, &paths, cli->arg_count > 1 ? cli->args[1] : NULL);
}

static const struct cli_command rows[] = {
	{"conversations",
	 "[--unread] [--owner LOGIN] [--handler LOGIN] [--q TEXT] [--json]",
	 "List threads, the newest first", conversations, list_options, 0, 0, 0},
	{"thread", "CONTACT [--json]",
	 "Show the texts and notes of a contact, the newest first", thread,
	 thread_options, 1, 1, 0},
	{"note", "CONTACT TEXT", "Leave a note for colleagues, which is never sent",
	 note, NULL, 2, 2, 0},
	{"reply", "CONTACT [TEXT] [--yes] [--take-over] [--release]",
	 "Open a card for a free reply, show it, and send your text, or the draft",
	 reply, reply_options, 1, 2, CLI_PERSON | CLI_WHOLE_SETTINGS},
};
const struct cli_commands cli_thread_commands = {rows, sizeof(rows) / sizeof(rows[0])};
