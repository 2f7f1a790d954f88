/* copy.c - `handbox backup`, `restore`, `resume` and `migrate`: the database as a whole. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/remote.h"
#include "settings.h"
#include "store/store.h"

/* What only the shell on this machine may do goes without HANDBOX_TOKEN. */
static const struct json_t *shell_call(struct cli *cli, const char *path)
{
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){
				     .method = "POST", .path = path, .as_shell = true});
	if (!answer)
		return NULL;
	if (api_is_fine(answer) && answer->value)
		return answer->value;
	(void)api_problem(cli, answer);
	return NULL;
}

static int backup(struct cli *cli)
{
	json_key_str(api_body(cli), "path", path_absolute(cli, cli->args[0]));
	if (!shell_call(cli, "/shell/backup"))
		return CLI_FAILED;
	printf("%s is a whole copy, checked. `handbox restore %s` puts it back.\n",
	       cli->args[0], cli->args[0]);
	return CLI_OK;
}

/* --- restore ---------------------------------------------------------------------------------------------------------------- */

static int refuse_while_served(struct cli *cli, const char *what)
{
	const char *why;
	if (remote_is_served(cli, &why))
		return cli_fail(cli, "handbox runs on %s; stop it first, then %s.",
				cli->settings->database, what);
	return why ? cli_fail(cli, "%s", why) : CLI_OK;
}

static int restore(struct cli *cli)
{
	const char *database = cli->settings->database;
	char *why = NULL;
	if (refuse_while_served(cli, "restore") != CLI_OK)
		return CLI_FAILED;
	if (store_restore(cli->args[0], database, &why) != ERR_OK) {
		(void)cli_fail_lines(cli, why);
		mem_free(why);
		return CLI_FAILED;
	}
	const struct json_t *settled = shell_call(cli, "/shell/settle-restored");
	if (!settled)
		return cli_fail(cli,
				"%s is put back, but what was unfinished in it is not "
				"settled yet; `handbox resume "
				"--restored` does that too.",
				database);
	const char *former = arena_printf(cli->arena, "%s.before-restore", database);
	printf("%s is put back from %s.\n", database, cli->args[0]);
	if (access(former, F_OK) == 0)
		printf("What was there is kept as %s.\n", former);
	printf("Unfinished texts that are uncertain now: %lld. They may have left "
	       "after the copy was made: `handbox uncertain`.\n"
	       "Open cards, sessions and one-time links of then are void.\n"
	       "Nothing is handed to Kannel until `handbox resume --restored`.\n",
	       (long long)value_int(settled, "messages"));
	return CLI_OK;
}

static const struct cli_option resume_options[] = {
	{"restored", NULL, "this copy is the one that counts: hand over again"},
	{NULL, NULL, NULL},
};

static int resume(struct cli *cli)
{
	if (!cli_has(cli, "restored"))
		return cli_misuse(cli, "--restored is wanted: say that you mean it.");
	(void)api_body(cli);
	if (!shell_call(cli, "/shell/resume-restored"))
		return CLI_FAILED;
	printf("Texts are handed over again. What was unfinished in the copy stays "
	       "uncertain: `handbox uncertain`.\n");
	return CLI_OK;
}

/* --- migrate ---------------------------------------------------------------------------------------------------------------- */

static const struct cli_option migrate_options[] = {
	{"plan", NULL, "only say what would be done"},
	{NULL, NULL, NULL},
};

static int migrate_now(struct cli *cli, unsigned version)
{
	if (refuse_while_served(cli, "migrate") != CLI_OK || !api_get(cli, "/channel"))
		return CLI_FAILED;
	printf("%s is at schema %d now; the copy of before is %s.schema-%u.\n",
	       cli->settings->database, STORE_SCHEMA_VERSION, cli->settings->database,
	       version);
	return CLI_OK;
}

static int migrate(struct cli *cli)
{
	const char *database = cli->settings->database;
	unsigned version;
	char *why = NULL;
	if (store_schema_of(database, &version, &why) != ERR_OK) {
		(void)cli_fail_lines(cli, why);
		mem_free(why);
		return CLI_FAILED;
	}
	if (version > STORE_SCHEMA_VERSION)
		return cli_fail(cli,
				"%s has schema %u, of a newer handbox; this one knows "
				"%d. Install the newer one.",
				database, version, STORE_SCHEMA_VERSION);
	if (version == STORE_SCHEMA_VERSION) {
		printf("%s is at schema %u: there is nothing to do.\n", database,
		       version);
		return CLI_OK;
	}
	if (!cli_has(cli, "plan"))
		return migrate_now(cli, version);
	printf("%s is at schema %u; this handbox wants %d. Steps %u to %d, after a "
	       "copy to %s.schema-%u.\n",
	       database, version, STORE_SCHEMA_VERSION, version + 1,
	       STORE_SCHEMA_VERSION, database, version);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"backup", "FILE",
	 "Copy the database into a new file, while everything goes on", backup, NULL, 1,
	 1, CLI_EXISTING},
	{"restore", "FILE", "Put a backup in the database's place", restore, NULL, 1, 1,
	 CLI_EXISTING},
	{"resume", "--restored", "Let a restored copy hand texts over again", resume,
	 resume_options, 0, 0, CLI_EXISTING},
	{"migrate", "[--plan]",
	 "Bring the database to this version's schema, after a copy", migrate,
	 migrate_options, 0, 0, CLI_EXISTING | CLI_MIGRATES},
};
const struct cli_commands cli_copy_commands = {rows, sizeof(rows) / sizeof(rows[0])};
