/* cli.h - the calls of the program: one table of sub-commands, one way to talk to handbox.
 *
 * A sub-command is a row: its name, what it takes, a line of help, its options, the function. Parsing, --help, hints and
 * exit codes are the same for all.
 *
 *	static int user_list(struct cli *cli)
 *	{
 *		struct table *table = table_new(cli->arena, (const char *[]){"LOGIN", "ROLE", NULL});
 *		struct api_pages pages = {.path = "/users"};
 *		const struct json_t *user;
 *		while ((user = api_next(cli, &pages)))
 *			table_row(table, (const char *[]){value_text(user, "login"), value_text(user, "role"), NULL});
 *		table_print(table);
 *		return pages.failed ? CLI_FAILED : CLI_OK;
 *	}
 *
 * Whatever a sub-command does goes through the HTTP API (remote.h), with a daemon running or without: one way in,
 * whoever asks. Only what must work without a database (check, check-conf) or in its place (restore) does not.
 *
 * What goes wrong is said once, on stderr, as "handbox: sentence", by whoever finds it; the function returns CLI_FAILED.
 * Everything that a call allocates lives in cli->arena and cli_run frees it. Thread: one.
 */
#ifndef HB_CLI_CLI_H
#define HB_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum cli_exit { CLI_OK, CLI_FAILED, CLI_USAGE };

struct cli;
struct remote;
struct settings;

struct cli_option {
	const char *name;  /* without the dashes; NULL ends the table */
	const char *value; /* what stands for its value in the help; NULL: a switch */
	const char *help;
};

enum cli_trait {
	CLI_PERSON = 1 << 0,      /* needs HANDBOX_TOKEN: it is the act of a person */
	CLI_NO_SETTINGS = 1 << 1, /* reads no handbox.conf, or by itself */
	CLI_WHOLE_SETTINGS =
		1 << 2, /* what Kannel's files say matters, and must be in order */
	CLI_EXISTING = 1 << 3, /* makes no database where there is none */
	CLI_MIGRATES = 1 << 4, /* brings an older schema up */
	CLI_SERVES =
		1
		<< 5, /* is the daemon: another daemon is an error, not a turn to wait for */
};

struct cli_command {
	const char *name;                 /* one word, or two: "user add" */
	const char *synopsis;             /* what follows the name in the usage line */
	const char *help;                 /* a line */
	int (*run)(struct cli *cli);      /* an exit code */
	const struct cli_option *options; /* NULL: none of its own */
	unsigned least, most;             /* arguments */
	unsigned traits;
};

enum { CLI_ANY = 1000000 };

struct cli_commands {
	const struct cli_command *rows;
	size_t count;
};

/* What main was called with, taken apart. */
struct given {
	const struct cli_option *option;
	const char *value; /* "" of a switch */
};

struct cli {
	struct arena *arena;
	const struct cli_command *command; /* NULL until it is known */
	const char *settings_path;
	const char *const *args;
	unsigned arg_count;
	const struct given *given;
	unsigned given_count;
	struct settings *settings; /* cli_settings() */
	struct remote *remote;     /* remote.h */
};

/* cli_run - the whole program; the exit code. */
int cli_run(int argc, char **argv);

/* cli_option - the value given last, NULL when it was not; cli_has - of a switch. cli_option_at - for options that may be
 * given several times: the n-th, from 0. */
const char *cli_option(const struct cli *cli, const char *name);
bool cli_has(const struct cli *cli, const char *name);
const char *cli_option_at(const struct cli *cli, const char *name, unsigned index);

/* cli_settings - reads handbox.conf once, as the command's traits ask; NULL: it has been said what is wrong. */
const struct settings *cli_settings(struct cli *cli);

/* cli_fail - "handbox: sentence" on stderr; returns CLI_FAILED. cli_misuse - the same with a hint on the usage; returns
 * CLI_USAGE. cli_fail_lines - a sentence of several lines, each with the name before it. */
int cli_fail(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
int cli_fail_lines(const struct cli *cli, const char *text);
int cli_misuse(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* cli_nearest - the name in the list that was probably meant, NULL when none is near. */
const char *cli_nearest(const char *given, const char *const *names, size_t count);

extern const struct cli_commands cli_serve_commands, cli_check_commands,
	cli_doctor_commands, cli_user_commands, cli_token_commands,
	cli_workflow_commands, cli_contact_commands, cli_import_commands,
	cli_enroll_commands, cli_why_commands, cli_task_commands, cli_task_act_commands,
	cli_message_commands, cli_consent_commands, cli_channel_commands,
	cli_verify_commands, cli_kannel_snippet_commands, cli_snippet_commands,
	cli_copy_commands, cli_thread_commands, cli_event_source_commands;

#endif
