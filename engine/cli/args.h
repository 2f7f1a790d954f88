/* args.h - the command line, taken apart by the tables of sub-commands.
 *
 *	handbox [-c FILE | --instance NAME] COMMAND [ARGUMENT | --option [=]VALUE]… [--]
 *
 * Options may stand anywhere behind the command, -c and --instance also before it; behind -- everything is an argument.
 */
#ifndef HB_CLI_ARGS_H
#define HB_CLI_ARGS_H

#include "cli/cli.h"

struct command_tables {
	const struct cli_commands *const *tables;
	size_t count;
};

struct parsed {
	bool wants_help, wants_version;
	const char *topic; /* of the help: a command, or its first word; NULL: all */
};

/* args_parse - fills in command, arguments, options and settings_path. CLI_OK, or CLI_USAGE when it has been said what is
 * wrong. */
int args_parse(struct cli *cli, const struct command_tables *tables, int argc,
	       char **argv, struct parsed *parsed_out);

/* args_all - every command, one after the other; NULL behind the last. */
const struct cli_command *args_all(const struct command_tables *tables, size_t index);

#endif
