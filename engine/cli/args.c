/* args.c - see args.h */
#include "cli/args.h"

#include <string.h>

static const struct cli_option global_options[] = {
	{"instance", "NAME",
	 "the instance of that name: " SYSCONFDIR "/handbox/NAME.conf"},
	{"help", NULL, "say what it does"},
	{"version", NULL, "say which version this is"},
	{NULL, NULL, NULL},
};

const struct cli_command *args_all(const struct command_tables *tables, size_t index)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (index < tables->tables[i]->count)
			return &tables->tables[i]->rows[index];
		index -= tables->tables[i]->count;
	}
	return NULL;
}

/* --- the name that was probably meant --------------------------------------------------------------------------------------- */

enum { NAME_MOST = 40 };

/* Levenshtein, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MOST + 1], b_len = strlen(b);
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t above_left = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = above_left + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			above_left = row[j];
			row[j] = best;
		}
	}
	return row[b_len];
}

const char *cli_nearest(const char *given, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t least = strlen(given) / 3 + 2;
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) > NAME_MOST)
			continue;
		size_t d = distance(given, names[i]);
		if (d < least) {
			least = d;
			nearest = names[i];
		}
	}
	return nearest;
}

/* --- commands --------------------------------------------------------------------------------------------------------------- */

static const struct cli_command *find_command(const struct command_tables *tables,
					      const char *name)
{
	const struct cli_command *command;
	for (size_t i = 0; (command = args_all(tables, i)); i++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static bool is_first_word(const struct command_tables *tables, const char *word)
{
	const struct cli_command *command;
	size_t len = strlen(word);
	for (size_t i = 0; (command = args_all(tables, i)); i++)
		if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ')
			return true;
	return false;
}

static const char *nearest_command(const struct cli *cli,
				   const struct command_tables *tables,
				   const char *name)
{
	size_t count = 0, next = 0;
	const struct cli_command *command;
	while (args_all(tables, count))
		count++;
	const char **names = ARENA_ARRAY(cli->arena, const char *, count * 2);
	for (size_t i = 0; (command = args_all(tables, i)); i++) {
		names[next++] = command->name;
		if (!strchr(name, ' '))
			names[next++] = arena_strndup(cli->arena, command->name,
						      strcspn(command->name, " "));
	}
	return cli_nearest(name, names, next);
}

static int unknown_command(const struct cli *cli, const struct command_tables *tables,
			   const char *name)
{
	const char *near = nearest_command(cli, tables, name);
	return near ? cli_misuse(cli, "there is no command %s; did you mean %s?", name,
				 near)
		    : cli_misuse(cli, "there is no command %s.", name);
}

/* --- the walk over argv ------------------------------------------------------------------------------------------------------ */

struct walk {
	struct cli *cli;
	const struct command_tables *tables;
	struct parsed *parsed;
	char **argv;
	int argc, at;
	const char **args;
	struct given *given;
	/* of a command of two words, while the second is awaited */
	const char *first_word;
	bool only_args; /* behind -- */
};

static int unknown_option(const struct walk *walk, const char *name)
{
	const struct cli_option *options =
		walk->cli->command ? walk->cli->command->options : NULL;
	const char *names[64];
	size_t count = 0;
	for (const struct cli_option *o = global_options; o->name; o++)
		names[count++] = o->name;
	for (const struct cli_option *o = options; o && o->name && count < 64; o++)
		names[count++] = o->name;
	const char *near = cli_nearest(name, names, count);
	if (!walk->cli->command)
		return cli_misuse(walk->cli,
				  "there is no option --%s here; options of a command "
				  "stand behind it.",
				  name);
	if (near)
		return cli_misuse(walk->cli,
				  "there is no option --%s; did you mean --%s?", name,
				  near);
	return cli_misuse(walk->cli, "there is no option --%s.", name);
}

static const struct cli_option *find_option(const struct cli_option *options,
					    const char *name)
{
	for (; options && options->name; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

static int take_settings_path(struct walk *walk, const char *path)
{
	if (!path)
		return cli_misuse(walk->cli, "-c wants a file behind it.");
	walk->cli->settings_path = path;
	return CLI_OK;
}

static int take_instance(struct walk *walk, const char *name)
{
	if (!*name || strchr(name, '/') || *name == '.')
		return cli_misuse(
			walk->cli,
			"--instance wants the name of an instance, like sales.");
	walk->cli->settings_path =
		arena_printf(walk->cli->arena, SYSCONFDIR "/handbox/%s.conf", name);
	return CLI_OK;
}

static int take_option(struct walk *walk, const struct cli_option *option,
		       const char *value)
{
	if (strcmp(option->name, "help") == 0)
		walk->parsed->wants_help = true;
	else if (strcmp(option->name, "version") == 0)
		walk->parsed->wants_version = true;
	else if (option == &global_options[0])
		return take_instance(walk, value);
	else
		walk->given[walk->cli->given_count++] = (struct given){option, value};
	return CLI_OK;
}

static int long_option(struct walk *walk, const char *text)
{
	const char *equals = strchr(text, '=');
	const char *name =
		equals ? arena_strndup(walk->cli->arena, text, (size_t)(equals - text))
		       : text;
	const struct cli_option *option = find_option(global_options, name);
	if (!option && walk->cli->command)
		option = find_option(walk->cli->command->options, name);
	if (!option)
		return unknown_option(walk, name);
	if (!option->value && equals)
		return cli_misuse(walk->cli, "--%s takes no value.", name);
	if (!option->value)
		return take_option(walk, option, "");
	if (equals)
		return take_option(walk, option, equals + 1);
	if (walk->at >= walk->argc)
		return cli_misuse(walk->cli, "--%s wants %s behind it.", name,
				  option->value);
	return take_option(walk, option, walk->argv[walk->at++]);
}

static int take_word(struct walk *walk, const char *word)
{
	struct cli *cli = walk->cli;
	if (cli->command) {
		walk->args[cli->arg_count++] = word;
		return CLI_OK;
	}
	const char *name = walk->first_word ? arena_printf(cli->arena, "%s %s",
							   walk->first_word, word)
					    : word;
	cli->command = find_command(walk->tables, name);
	if (cli->command)
		return CLI_OK;
	if (walk->first_word || !is_first_word(walk->tables, word))
		return unknown_command(cli, walk->tables, name);
	walk->first_word = word;
	return CLI_OK;
}

static int take_one(struct walk *walk, const char *text)
{
	if (walk->only_args || text[0] != '-' || text[1] == '\0')
		return take_word(walk, text);
	if (strcmp(text, "--") == 0) {
		walk->only_args = true;
		return CLI_OK;
	}
	if (text[1] == '-')
		return long_option(walk, text + 2);
	if (strcmp(text, "-h") == 0)
		return take_option(walk, find_option(global_options, "help"), "");
	if (strcmp(text, "-c") == 0)
		return take_settings_path(
			walk, walk->at < walk->argc ? walk->argv[walk->at++] : NULL);
	if (text[1] == 'c')
		return take_settings_path(walk, text + 2);
	return cli_misuse(walk->cli, "there is no option %s.", text);
}

/* --- the whole --------------------------------------------------------------------------------------------------------------- */

static int check_counts(const struct cli *cli)
{
	const struct cli_command *command = cli->command;
	if (cli->arg_count < command->least)
		return cli_misuse(cli, "%s wants more arguments.", command->name);
	if (cli->arg_count > command->most)
		return cli_misuse(cli, "%s: %s is one argument too many.",
				  command->name, cli->args[command->most]);
	return CLI_OK;
}

static int missing_command(const struct walk *walk)
{
	struct buf words = BUF_EMPTY;
	const struct cli_command *command;
	if (!walk->first_word)
		return cli_misuse(walk->cli, "a command is wanted.");
	size_t len = strlen(walk->first_word);
	for (size_t i = 0; (command = args_all(walk->tables, i)); i++)
		if (strncmp(command->name, walk->first_word, len) == 0 &&
		    command->name[len] == ' ')
			buf_printf(&words, "%s%s", words.len ? ", " : "",
				   command->name + len + 1);
	int code = cli_misuse(walk->cli, "handbox %s wants one of: %s.",
			      walk->first_word, buf_str(&words));
	buf_fini(&words);
	return code;
}

int args_parse(struct cli *cli, const struct command_tables *tables, int argc,
	       char **argv, struct parsed *parsed_out)
{
	struct walk walk = {.cli = cli,
			    .tables = tables,
			    .parsed = parsed_out,
			    .argv = argv,
			    .argc = argc,
			    .at = 1};
	*parsed_out = (struct parsed){.topic = NULL};
	walk.args = ARENA_ARRAY(cli->arena, const char *, (size_t)argc + 1);
	walk.given = ARENA_ARRAY(cli->arena, struct given, (size_t)argc + 1);
	cli->args = walk.args;
	cli->given = walk.given;
	while (walk.at < argc) {
		int code = take_one(&walk, argv[walk.at++]);
		if (code != CLI_OK)
			return code;
	}
	parsed_out->topic = cli->command ? cli->command->name : walk.first_word;
	if (parsed_out->wants_help || parsed_out->wants_version)
		return CLI_OK;
	return cli->command ? check_counts(cli) : missing_command(&walk);
}
