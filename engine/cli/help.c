/* help.c - see help.h */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMN = 22, OPTION_COLUMN = 26 };

static const char about_all[] =
	"Every call takes -c FILE or --instance NAME, --help and --version.\n"
	"HANDBOX_TOKEN: the personal token that open, send, reply, skip, release and resolve "
	"act with.\n"
	"Exit status: 0 done, 1 failed or refused, 2 wrong usage. See handbox(8) and "
	"handbox.conf(5).\n";

static bool is_within(const struct cli_command *command, const char *topic)
{
	size_t len = topic ? strlen(topic) : 0;
	return !topic || (strncmp(command->name, topic, len) == 0 &&
			  (command->name[len] == ' ' || !command->name[len]));
}

static void print_list(const struct command_tables *tables, const char *topic)
{
	const struct cli_command *command;
	for (size_t i = 0; (command = args_all(tables, i)); i++)
		if (is_within(command, topic))
			printf("  %-*s %s\n", NAME_COLUMN, command->name,
			       command->help);
}

static void print_options(const struct cli_command *command)
{
	for (const struct cli_option *o = command->options; o && o->name; o++) {
		char text[64];
		snprintf(text, sizeof(text), "--%s%s%s", o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		printf("  %-*s %s\n", OPTION_COLUMN, text, o->help);
	}
}

static void print_one(const struct cli_command *command)
{
	printf("Usage: handbox %s%s%s\n\n%s.\n", command->name,
	       *command->synopsis ? " " : "", command->synopsis, command->help);
	if (command->options) {
		printf("\n");
		print_options(command);
	}
	printf("\n%s", about_all);
}

void help_print(const struct command_tables *tables, const char *topic)
{
	const struct cli_command *command;
	for (size_t i = 0; topic && (command = args_all(tables, i)); i++)
		if (strcmp(command->name, topic) == 0) {
			print_one(command);
			return;
		}
	printf("handbox %s - keeps a person between a workflow and the "
	       "handset\n\nUsage: handbox %s%sCOMMAND …\n\n",
	       PACKAGE_VERSION, topic ? topic : "", topic ? " " : "");
	print_list(tables, topic);
	printf("\n`handbox COMMAND --help` says more. %s", about_all);
}
