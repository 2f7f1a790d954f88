/* check.c - `handbox check` and `handbox check-conf`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/files.h"
#include "cli/remote.h"
#include "plugin/gsm.h"
#include "settings.h"
#include "workflow/lint.h"
#include "workflow/parse.h"

static const struct cli_option check_options[] = {
	{"with-db", NULL, "look up users and teams too: needs a configuration"},
	{NULL, NULL, NULL},
};

/* --- names that only a database knows ------------------------------------------------------------------------------------------ */

struct known_names {
	struct cli *cli;
	const struct json_t **users, **teams; /* NULL-terminated */
};

static const struct json_t **all_of(struct cli *cli, const char *path)
{
	struct api_pages pages = {.path = path};
	size_t count = 0, room = 64;
	const struct json_t **items = ARENA_ARRAY(cli->arena, const struct json_t *,
						  room + 1),
			    *item;
	while ((item = api_next(cli, &pages))) {
		if (count == room) {
			const struct json_t **more = ARENA_ARRAY(
				cli->arena, const struct json_t *, 2 * room + 1);
			memcpy(more, items, count * sizeof(*items));
			items = more;
			room *= 2;
		}
		items[count++] = item;
	}
	return pages.failed ? NULL : items;
}

static const struct json_t *named(const struct json_t **items, const char *member,
				  const char *name)
{
	for (; *items; items++)
		if (strcmp(value_text(*items, member), name) == 0)
			return *items;
	return NULL;
}

static enum name_state user_state(void *arg, const char *login)
{
	const struct known_names *names = arg;
	const struct json_t *user = named(names->users, "login", login);
	return !user                        ? NAME_UNKNOWN
	       : value_bool(user, "active") ? NAME_ACTIVE
					    : NAME_INACTIVE;
}

static enum name_state team_state(void *arg, const char *name)
{
	const struct known_names *names = arg;
	const struct json_t *team = named(names->teams, "name", name);
	const struct json_t *members = value_get(team, "members");
	for (size_t i = 0; i < value_count(members); i++)
		if (user_state(arg, value_text(value_at(members, i), "login")) ==
		    NAME_ACTIVE)
			return NAME_ACTIVE;
	return team ? NAME_INACTIVE : NAME_UNKNOWN;
}

static int load_names(struct cli *cli, struct known_names *names)
{
	names->users = all_of(cli, "/users?limit=500");
	names->teams = names->users ? all_of(cli, "/teams?limit=500") : NULL;
	return names->teams ? CLI_OK : CLI_FAILED;
}

/* --- one file --------------------------------------------------------------------------------------------------------------------- */

static unsigned count_segments(const char *text, size_t len_bytes)
{
	struct gsm_segments segments;
	gsm_measure(text, len_bytes, &segments);
	return segments.count;
}

static int check_file(struct cli *cli, const char *file,
		      const struct workflow_names *names)
{
	const struct workflow_options options = {.count_segments = count_segments,
						 .segments_max = 3};
	struct workflow_report report;
	struct plan *plan = NULL;
	struct buf xml = BUF_EMPTY, text = BUF_EMPTY;
	if (file_read(cli, file, WORKFLOW_BYTES_MAX, &xml) != CLI_OK) {
		buf_fini(&xml);
		return CLI_FAILED;
	}
	workflow_report_init(&report, cli->arena, file);
	if (workflow_parse(buf_str(&xml), xml.len, &options, &plan, &report) ==
	    ERR_OK) {
		if (names)
			workflow_lint_names(plan, names, &report);
		workflow_report_sort(&report);
		plan_unref(&plan);
	}
	workflow_report_print(&report, &text);
	fputs(buf_str(&text), stdout);
	buf_fini(&text);
	buf_fini(&xml);
	return report.error_count ? CLI_FAILED : CLI_OK;
}

static int check(struct cli *cli)
{
	struct known_names known = {.cli = cli};
	const struct workflow_names names = {
		.user = user_state, .team = team_state, .arg = &known};
	bool with_db = cli_has(cli, "with-db");
	int code = CLI_OK;
	if (with_db && load_names(cli, &known) != CLI_OK)
		return CLI_FAILED;
	for (unsigned i = 0; i < cli->arg_count; i++)
		if (check_file(cli, cli->args[i], with_db ? &names : NULL) != CLI_OK)
			code = CLI_FAILED;
	return code;
}

static int check_conf(struct cli *cli)
{
	printf("%s is in order.\n", cli->settings_path);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"check", "FILE.xml… [--with-db]",
	 "Check workflows: file:line:col: error|warning: message", check, check_options,
	 1, CLI_ANY, CLI_NO_SETTINGS},
	{"check-conf", "", "Check handbox.conf alone", check_conf, NULL, 0, 0,
	 CLI_WHOLE_SETTINGS},
};
const struct cli_commands cli_check_commands = {rows, sizeof(rows) / sizeof(rows[0])};
