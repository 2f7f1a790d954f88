/* event_source.c - `handbox event-source …`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option add_options[] = {
	{"events", "A,B", "names of the events it may tell of; without it: any"},
	{NULL, NULL, NULL},
};

static void add_events(struct cli *cli, struct json *body, const char *events)
{
	static const char between[] = ", ";
	json_key(body, "events");
	json_array(body);
	for (events += strspn(events, between); *events;
	     events += strspn(events, between)) {
		size_t len = strcspn(events, between);
		json_str(body, arena_strndup(cli->arena, events, len));
		events += len;
	}
	json_end_array(body);
}

static int show_secret(const struct json_t *source)
{
	if (!source)
		return CLI_FAILED;
	printf("Event source %s (%s): POST /api/v1/events/NAME?source=%s. Its secret "
	       "is shown this once:\n%s\n",
	       value_text(source, "id"), value_text(source, "name"),
	       value_text(source, "id"), value_text(source, "secret"));
	return CLI_OK;
}

static int source_add(struct cli *cli)
{
	const char *events = cli_option(cli, "events");
	struct json *body = api_body(cli);
	json_key_str(body, "name", cli->args[0]);
	add_events(cli, body, events ? events : "*");
	return show_secret(api_call(cli, "POST", "/event-sources"));
}

static const struct cli_option list_options[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int source_list(struct cli *cli)
{
	struct table *table = table_new(
		cli->arena, (const char *[]){"ID", "NAME", "EVENTS", "LAST USED",
					     "LAST REFUSED", "WHY", NULL});
	struct api_pages pages = {.path = "/event-sources?limit=500"};
	const struct json_t *source;
	while ((source = api_next(cli, &pages))) {
		const struct json_t *events = value_get(source, "events");
		struct buf words = BUF_EMPTY;
		for (size_t i = 0; i < value_count(events); i++)
			buf_printf(&words, "%s%s", i ? "," : "",
				   value_string(value_at(events, i)));
		table_row(table,
			  (const char *[]){
				  value_text(source, "id"), value_text(source, "name"),
				  buf_str(&words),
				  local_time(cli->arena,
					     value_text(source, "last_used_at")),
				  local_time(cli->arena,
					     value_text(source, "last_refused.at")),
				  value_text(source, "last_refused.code"), NULL});
		buf_fini(&words);
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_option rotate_options[] = {
	{"until", "TIME",
	 "how long the former secret is taken too, as 2027-01-31T00:00:00Z; without "
	 "it: "
	 "24 hours"},
	{NULL, NULL, NULL},
};

static int source_rotate(struct cli *cli)
{
	struct json *body = api_body(cli);
	if (cli_option(cli, "until"))
		json_key_str(body, "until", cli_option(cli, "until"));
	return show_secret(api_call(
		cli, "POST", api_path(cli, "/event-sources/%s/rotate", cli->args[0])));
}

static int source_delete(struct cli *cli)
{
	if (!api_call(cli, "DELETE", api_path(cli, "/event-sources/%s", cli->args[0])))
		return CLI_FAILED;
	printf("Event source %s is deleted: what it signs is refused.\n", cli->args[0]);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"event-source add", "NAME [--events A,B]",
	 "Let a system tell of events, signed; its secret is alone on the last line",
	 source_add, add_options, 1, 1, 0},
	{"event-source list", "[--json]",
	 "List who may tell of events, and what was refused last", source_list,
	 list_options, 0, 0, 0},
	{"event-source rotate", "SOURCE [--until TIME]",
	 "Make a new secret; the former one is taken too for a time", source_rotate,
	 rotate_options, 1, 1, 0},
	{"event-source delete", "SOURCE", "Take no more events of it", source_delete,
	 NULL, 1, 1, 0},
};
const struct cli_commands cli_event_source_commands = {rows,
						       sizeof(rows) / sizeof(rows[0])};
