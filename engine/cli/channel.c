/* channel.c - `handbox channel` and `handbox status`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option channel_options[] = {
	{"reason", "TEXT", "why; stands in the ledger and on every page"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int print_channel(struct cli *cli, const struct json_t *channel)
{
	if (!channel)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	bool is_on = value_bool(channel, "sms_enabled");
	print_line("channel", is_on ? "on" : "OFF: nothing is approved or handed over");
	print_line("reason", value_text(channel, "reason"));
	print_line("by", value_text(channel, "by"));
	print_line("since", local_time(cli->arena, value_text(channel, "at")));
	printf("%lld waiting, %lld being handed over\n",
	       (long long)value_int(channel, "waiting"),
	       (long long)value_int(channel, "handing_over"));
	return CLI_OK;
}

static int channel(struct cli *cli)
{
	if (!cli->arg_count)
		return print_channel(cli, api_get(cli, "/channel"));
	bool is_on = strcmp(cli->args[0], "on") == 0;
	if (!is_on && strcmp(cli->args[0], "off") != 0)
		return cli_misuse(cli, "%s: on or off is wanted.", cli->args[0]);
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	struct json *body = api_body(cli);
	json_key_bool(body, "sms_enabled", is_on);
	json_key_str(body, "reason", cli_option(cli, "reason"));
	return print_channel(cli, api_call(cli, "PUT", "/channel"));
}

/* --- status ----------------------------------------------------------------------------------------------------------------- */

static const struct cli_option json_option[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static void print_kannel(const struct json_t *status)
{
	if (!value_is_there(status, "circuit")) {
		print_line("kannel", "nobody hands over: no daemon runs, or no Kannel "
				     "is configured");
		return;
	}
	printf("kannel    %s, circuit %s",
	       value_bool(status, "reachable") ? "reachable" : "NOT reachable",
	       value_text(status, "circuit"));
	printf(", last answer %s\n", value_is_there(status, "last_answer")
					     ? value_text(status, "last_answer")
					     : "none yet");
	print_line("reason", value_text(status, "reason"));
}

static void print_senders(struct cli *cli, const struct json_t *senders)
{
	for (size_t i = 0; i < value_count(senders); i++) {
		const struct json_t *sender = value_at(senders, i);
		if (value_is_there(sender, "rate"))
			print_line(
				"sender",
				arena_printf(cli->arena,
					     "%s: %lld a second, %lld waiting",
					     value_text(sender, "number"),
					     (long long)value_int(sender, "rate"),
					     (long long)value_int(sender, "waiting")));
	}
}

static void print_counts(const struct json_t *counts)
{
	static const char *const states[] = {"pending", "held", "snoozed"};
	printf("tasks    ");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		printf(" %lld%s %s%s",
		       (long long)value_int(value_get(counts, states[i]), "count"),
		       value_bool(value_get(counts, states[i]), "capped") ? "+" : "",
		       states[i], i < 2 ? "," : "\n");
}

static int status(struct cli *cli)
{
	const struct json_t *kannel = api_get(cli, "/kannel/status");
	if (!kannel)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	const struct json_t *counts = api_get(cli, "/tasks/counts");
	if (!counts)
		return CLI_FAILED;
	print_kannel(kannel);
	print_line("channel", value_bool(kannel, "sms_enabled") ? "on" : "OFF");
	printf("texts     %lld waiting, %lld being handed over, %lld uncertain\n",
	       (long long)value_int(kannel, "outbox"),
	       (long long)value_int(kannel, "handing_over"),
	       (long long)value_int(kannel, "uncertain"));
	print_senders(cli, value_get(kannel, "senders"));
	print_counts(counts);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"channel", "[on|off --reason TEXT] [--json]",
	 "The stop switch: show it, or turn it", channel, channel_options, 0, 1, 0},
	{"status", "[--json]", "How Kannel is doing, and what waits where", status,
	 json_option, 0, 0, 0},
};
const struct cli_commands cli_channel_commands = {rows, sizeof(rows) / sizeof(rows[0])};
