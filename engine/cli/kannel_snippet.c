/* kannel_snippet.c - `handbox kannel-snippet`: what to paste into Kannel's files, or a smsbox of our own. */
#include "cli/cli.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/remote.h"
#include "plugin/kannel_snippet.h"
#include "settings.h"

static const struct cli_option options[] = {
	{"sender", "N", "our number; the default is the key sender"},
	{"own-smsbox", "DIR",
	 "write a second smsbox of our own into DIR, so that no running box is "
	 "touched"},
	{"port", "N", "of its sendsms; the default is 13014"},
	{NULL, NULL, NULL},
};

static const char *make_password(struct cli *cli)
{
	unsigned char random[12];
	char text[sizeof(random) * 2 + 1];
	do {
		randombytes_buf(random, sizeof(random));
		sodium_bin2hex(text, sizeof(text), random, sizeof(random));
	} while (!kannel_snippet_can_hold(text));
	return arena_strdup(cli->arena, text);
}

/* What handbox knows of itself; a user that is not there yet gets a name and a new password. */
static int fill_in(struct cli *cli, struct kannel_snippet *want)
{
	const struct settings *settings = cli->settings;
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){.method = "GET",
						   .path = "/shell/secret",
						   .as_shell = true});
	if (!answer)
		return CLI_FAILED;
	if (!api_is_fine(answer))
		return api_problem(cli, answer);
	*want = (struct kannel_snippet){
		.username = settings->gateway.username ? settings->gateway.username
			    : settings->sendsms_user   ? settings->sendsms_user
						       : "handbox",
		.password = settings->gateway.password ? settings->gateway.password
						       : make_password(cli),
		.sender = cli_option(cli, "sender") ? cli_option(cli, "sender")
						    : settings->sender,
		.more_senders = cli_option(cli, "sender")
					? NULL
					: settings->policy.sender_numbers,
		.callback_url = settings->callback_url,
		.secret = value_text(answer->value, "secret"),
		.max_segments = (unsigned)settings->max_segments,
	};
	const char *const values[] = {want->username, want->password, want->sender,
				      want->callback_url, want->secret};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (values[i] && !kannel_snippet_can_hold(values[i]))
			return cli_fail(cli, "Kannel's files cannot hold a value with "
					     "a line end or the word include; "
					     "choose another user, password, sender or "
					     "callback-url.");
	return CLI_OK;
}

/* --- a smsbox of our own ------------------------------------------------------------------------------------------------------- */

static int write_into(struct cli *cli, const char *folder, const char *name,
		      struct buf *text)
{
	const char *path = arena_printf(cli->arena, "%s/%s", folder, name);
	int code = file_write_new(cli, path, text);
	if (code == CLI_OK)
		printf("# %s is written.\n", path);
	buf_fini(text);
	return code;
}

static int read_port(struct cli *cli, unsigned *port_out)
{
	const char *text = cli_option(cli, "port");
	unsigned port = 0;
	char rest;
	if (text &&
	    (sscanf(text, "%5u%c", &port, &rest) != 1 || port < 1 || port > 65535))
		return cli_misuse(cli, "--port %s: a number from 1 to 65535 is wanted.",
				  text);
	*port_out = port;
	return CLI_OK;
}

static int write_own_smsbox(struct cli *cli, const struct kannel_snippet *want)
{
	const char *folder = path_absolute(cli, cli_option(cli, "own-smsbox"));
	struct kannel_own_smsbox own = {.folder = folder};
	struct buf conf = BUF_EMPTY, unit = BUF_EMPTY, route = BUF_EMPTY;
	int code = read_port(cli, &own.sendsms_port);
	if (code != CLI_OK)
		return code;
	if (mkdir(folder, 0750) < 0 && errno != EEXIST)
		return cli_fail(cli, "%s: it cannot be made: %s.", folder,
				strerror(errno));
	kannel_own_smsbox_write_conf(cli->settings->kannel_file, want, &own, &conf);
	kannel_own_smsbox_write_unit(&own, &unit);
	kannel_own_smsbox_write_route(cli->settings->kannel_file, want, &own, &route);
	code = write_into(cli, folder, "smsbox.conf", &conf);
	if (code == CLI_OK)
		code = write_into(cli, folder, "handbox-smsbox.service", &unit);
	else
		buf_fini(&unit);
	if (code == CLI_OK)
		printf("# smsbox.conf holds a password: give it to the user that "
		       "smsbox runs as.\n%s",
		       buf_str(&route));
	buf_fini(&route);
	return code;
}

static int snippet(struct cli *cli)
{
	struct kannel_snippet want;
	struct buf out = BUF_EMPTY;
	if (fill_in(cli, &want) != CLI_OK)
		return CLI_FAILED;
	if (cli_option(cli, "own-smsbox"))
		return write_own_smsbox(cli, &want);
	kannel_snippet_write(cli->settings->kannel_file, &want, &out);
	fputs(buf_str(&out), stdout);
	buf_fini(&out);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"kannel-snippet", "[--sender N] [--own-smsbox DIR [--port N]]",
	 "What to paste into Kannel's files", snippet, options, 0, 0, 0},
};
const struct cli_commands cli_kannel_snippet_commands = {rows, 1};
