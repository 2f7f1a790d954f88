/* cli.c - see cli.h */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/help.h"
#include "cli/remote.h"
#include "settings.h"

static const struct cli_commands *const all_tables[] = {
	&cli_serve_commands,          &cli_check_commands,
	&cli_doctor_commands,         &cli_workflow_commands,
	&cli_contact_commands,        &cli_import_commands,
	&cli_enroll_commands,         &cli_why_commands,
	&cli_task_commands,           &cli_task_act_commands,
	&cli_message_commands,        &cli_consent_commands,
	&cli_channel_commands,        &cli_verify_commands,
	&cli_user_commands,           &cli_token_commands,
	&cli_kannel_snippet_commands, &cli_copy_commands,
	&cli_thread_commands,         &cli_snippet_commands,
	&cli_event_source_commands,
};

static const struct command_tables tables = {all_tables, sizeof(all_tables) /
								 sizeof(all_tables[0])};

/* --- saying --------------------------------------------------------------------------------------------------------------- */

int cli_fail(const struct cli *cli, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = arena_vprintf(cli->arena, fmt, args);
	va_end(args);
	fflush(stdout);
	fprintf(stderr, "handbox: %s\n", text);
	return CLI_FAILED;
}

int cli_fail_lines(const struct cli *cli, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		(void)cli_fail(cli, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
	return CLI_FAILED;
}

int cli_misuse(const struct cli *cli, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = arena_vprintf(cli->arena, fmt, args);
	va_end(args);
	(void)cli_fail(cli, "%s", text);
	if (cli->command)
		fprintf(stderr, "Usage: handbox %s%s%s\nTry `handbox %s --help`.\n",
			cli->command->name, *cli->command->synopsis ? " " : "",
			cli->command->synopsis, cli->command->name);
	else
		fprintf(stderr, "Try `handbox --help`.\n");
	return CLI_USAGE;
}

/* --- what was given -------------------------------------------------------------------------------------------------------- */

const char *cli_option_at(const struct cli *cli, const char *name, unsigned index)
{
	for (unsigned i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].option->name, name) == 0 && index-- == 0)
			return cli->given[i].value;
	return NULL;
}

const char *cli_option(const struct cli *cli, const char *name)
{
	const char *value = NULL, *next;
	for (unsigned i = 0; (next = cli_option_at(cli, name, i)); i++)
		value = next;
	return value;
}

bool cli_has(const struct cli *cli, const char *name)
{
	return cli_option(cli, name) != NULL;
}

const struct settings *cli_settings(struct cli *cli)
{
	char *why = NULL;
	if (cli->settings)
		return cli->settings;
	enum err err =
		cli->command->traits & CLI_WHOLE_SETTINGS
			? settings_read(cli->settings_path, &cli->settings, &why)
			: settings_read_own(cli->settings_path, &cli->settings, &why);
	if (err == ERR_OK)
		return cli->settings;
	(void)cli_fail_lines(cli, why);
	mem_free(why);
	return NULL;
}

/* --- running --------------------------------------------------------------------------------------------------------------- */

/* A full disk or a closed pipe behind stdout must not look like success. */
static int check_output(const struct cli *cli, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return code == CLI_OK ? cli_fail(cli, "the output could not be written.")
			      : code;
}

static int run_command(struct cli *cli)
{
	const unsigned traits = cli->command->traits;
	const char *token = getenv("HANDBOX_TOKEN");
	if ((traits & CLI_PERSON) && (!token || !*token))
		return cli_fail(cli, "this is the act of a person: put a personal "
				     "token into HANDBOX_TOKEN "
				     "(`handbox token add --kind personal --login YOU "
				     "--scopes read,tasks,send --name "
				     "shell` makes one).");
	if (!(traits & CLI_NO_SETTINGS) && !cli_settings(cli))
		return CLI_FAILED;
	int code = cli->command->run(cli);
	code = check_output(cli, code);
	remote_close(cli);
	return code;
}

int cli_run(int argc, char **argv)
{
	struct cli cli = {.arena = arena_new(),
			  .settings_path = SYSCONFDIR "/handbox/handbox.conf"};
	struct parsed parsed;
	int code = args_parse(&cli, &tables, argc, argv, &parsed);
	if (code == CLI_OK && parsed.wants_version)
		printf("handbox %s\n", PACKAGE_VERSION);
	else if (code == CLI_OK && parsed.wants_help)
		help_print(&tables, parsed.topic);
	else if (code == CLI_OK)
		code = run_command(&cli);
	settings_free(&cli.settings);
	arena_free(&cli.arena);
	return code;
}
