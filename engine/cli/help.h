/* help.h - what --help prints, made from the tables of sub-commands. */
#ifndef HB_CLI_HELP_H
#define HB_CLI_HELP_H

#include "cli/args.h"

/* help_print - on stdout. topic: a command's name, the first word of several, or NULL for all. */
void help_print(const struct command_tables *tables, const char *topic);

#endif
