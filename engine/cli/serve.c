/* serve.c - `handbox serve`: the daemon in the foreground. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/remote.h"
#include "daemon.h"
#include "settings.h"

static int open_log(const struct cli *cli, const struct settings *settings)
{
	log_set_level((enum log_level)settings->log_level);
	if (log_open(settings->log_file) == ERR_OK)
		return CLI_OK;
	return cli_fail(cli,
			"log-file = %s: it cannot be opened for writing; see that its "
			"folder is there, and whose "
			"it is.",
			settings->log_file);
}

/* A call that is just at work without a daemon is waited for. */
static int start(struct cli *cli, const struct daemon_config *config,
		 struct daemon **daemon_out)
{
	const int64_t until = clock_mono_ms() + TAKE_TURNS_MS;
	for (;;) {
		char *why = NULL;
		enum err err = daemon_new(config, daemon_out, &why);
		if (err == ERR_OK)
			return CLI_OK;
		bool again = remote_takes_turns(cli, err, until);
		if (!again)
			(void)cli_fail_lines(cli, why);
		mem_free(why);
		if (!again)
			return CLI_FAILED;
	}
}

static int serve(struct cli *cli)
{
	struct daemon *daemon = NULL;
	if (open_log(cli, cli->settings) != CLI_OK)
		return CLI_FAILED;
	const char *listen = arena_strdup(cli->arena, cli->settings->listen);
	const char *kannel_listen =
		arena_strdup(cli->arena, cli->settings->kannel_listen);
	const struct daemon_config config = {
		.settings_path = cli->settings_path,
		.settings = &cli->settings,
		.has_doors = true,
		.mode = STORE_SERVE,
		.handles_signals = true,
	};
	if (start(cli, &config, &daemon) != CLI_OK)
		return CLI_FAILED;
	log_info("daemon",
		 "handbox " PACKAGE_VERSION " ready listen=%s kannel-listen=%s", listen,
		 kannel_listen);
	daemon_run(daemon);
	daemon_free(&daemon);
	log_info("daemon", "stopped");
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"serve", "", "Run in the foreground until SIGTERM; log to stderr or log-file",
	 serve, NULL, 0, 0, CLI_WHOLE_SETTINGS | CLI_SERVES},
};
const struct cli_commands cli_serve_commands = {rows, 1};
