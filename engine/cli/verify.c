/* verify.c - `handbox verify` and `handbox uncertain`: our record beside Kannel's. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "cli/kannel_log.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "settings.h"

static const struct cli_option verify_options[] = {
	{"head", "C:SEQ:HASH",
	 "a head kept elsewhere: what was cut off or rewritten shows"},
	{"kannel-log", "FILE",
	 "bearerbox's access log: every text of ours in it has a receipt; may be "
	 "repeated"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int say_broken(struct cli *cli, const struct json_t *broken)
{
	const char *message = value_text(broken, "message");
	return cli_fail(cli, "the ledger is broken: %s (chain %lld, entry %lld%s%s)",
			value_text(broken, "what"),
			(long long)value_int(broken, "chain"),
			(long long)value_int(broken, "seq"),
			*message ? ", message " : "", message);
}

static int verify_ledger(struct cli *cli)
{
	json_key_str(api_body(cli), "head", cli_option(cli, "head"));
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){.method = "POST",
						   .path = "/shell/verify",
						   .as_shell = true});
	if (!answer)
		return CLI_FAILED;
	if (!api_is_fine(answer))
		return api_problem(cli, answer);
	if (cli_has(cli, "json"))
		api_print_json(cli);
	if (!value_bool(answer->value, "ok"))
		return say_broken(cli, value_get(answer->value, "broken"));
	if (cli_has(cli, "json"))
		return CLI_OK;
	printf("The ledger holds: %lld entries, %lld sends for %lld texts",
	       (long long)value_int(answer->value, "entries"),
	       (long long)value_int(answer->value, "sends"),
	       (long long)value_int(answer->value, "messages"));
	if (value_int(answer->value, "erased"))
		printf(", %lld of them erased",
		       (long long)value_int(answer->value, "erased"));
	printf(".\n");
	if (*value_text(answer->value, "head"))
		printf("head %s\n", value_text(answer->value, "head"));
	return CLI_OK;
}

/* --- enrollments: each has one reason to be where it is ----------------------------------------------------------------------- */

static void say_wrong(struct cli *cli, const struct json_t *wrong)
{
	for (size_t i = 0; i < value_count(wrong); i++) {
		const struct json_t *one = value_at(wrong, i);
		(void)cli_fail(
			cli,
			"enrollment %s of %s, at step %s: %s. Take it out (DELETE "
			"/api/v1/enrollments/%s) and enroll the contact again.",
			value_text(one, "enrollment"), value_text(one, "workflow"),
			value_text(one, "step"), value_text(one, "says"),
			value_text(one, "enrollment"));
	}
}

static int verify_standing(struct cli *cli)
{
	const char *path = "/shell/standing";
	size_t open = 0, wrong = 0;
	while (path) {
		const struct api_answer *answer = api_try(
			cli, &(struct api_request){
				     .method = "GET", .path = path, .as_shell = true});
		if (!answer)
			return CLI_FAILED;
		if (!api_is_fine(answer))
			return api_problem(cli, answer);
		open += (size_t)value_int(answer->value, "open");
		wrong += value_count(value_get(answer->value, "wrong"));
		say_wrong(cli, value_get(answer->value, "wrong"));
		const char *next = value_text(answer->value, "next");
		path = *next ? api_path(cli, "/shell/standing?after=%s", next) : NULL;
		api_forget(cli);
	}
	if (!cli_has(cli, "json"))
		printf("%zu of %zu enrollments that go on have one reason to be where "
		       "they are.\n",
		       open - wrong, open);
	return wrong ? CLI_FAILED : CLI_OK;
}

/* --- texts that Kannel says it sent for us ------------------------------------------------------------------------------------- */

struct orphans {
	struct cli *cli;
	const char *service; /* SVC of our sendsms user */
	uint64_t last_id;    /* the parts of a text follow one another */
	size_t texts, orphans;
	bool has_failed;
};

/* The name of a sendsms user in the log is its `name`, else its username (gw/urltrans.c:create_onetrans). */
static const char *service_of(struct cli *cli)
{
	const struct settings *settings = cli->settings;
	const char *username = settings->gateway.username;
	const struct conf_group *group = NULL;
	while (username && settings->kannel_file &&
	       (group = kannel_conf_next(settings->kannel_file, "sendsms-user",
					 group))) {
		const char *given = conf_get(group, "username");
		if (given && strcmp(given, username) == 0 && conf_get(group, "name"))
			return conf_get(group, "name");
	}
	return username;
}

static bool is_known(struct orphans *orphans, uint64_t id)
{
	char text[IDENT_TEXT_LEN];
	const struct api_request request = {
		.method = "GET",
		.path = api_path(orphans->cli, "/messages/%s", ident_format(id, text)),
		.as_shell = true};
	const struct api_answer *answer = api_try(orphans->cli, &request);
	bool known = answer && api_is_fine(answer);
	if (answer && !known && answer->status != 404)
		(void)api_problem(orphans->cli, answer);
	orphans->has_failed = !answer || (!known && answer->status != 404);
	api_forget(orphans->cli);
	return known;
}

static bool look_at_line(void *arg, const struct kannel_log_line *line)
{
	struct orphans *orphans = arg;
	uint64_t id = 0;
	if (strcmp(line->event, "Sent SMS") != 0 ||
	    strcmp(line->service, orphans->service) != 0)
		return true;
	bool has_id = ident_parse(line->account, &id) == ERR_OK;
	if (has_id && id == orphans->last_id)
		return true;
	orphans->texts++;
	orphans->last_id = id;
	if (has_id && is_known(orphans, id))
		return true;
	if (orphans->has_failed)
		return false;
	orphans->orphans++;
	(void)cli_fail(orphans->cli,
		       "%s: a text left through %s as %s%s without a receipt of ours.",
		       line->at, *line->smsc ? line->smsc : "Kannel", orphans->service,
		       has_id ? arena_printf(orphans->cli->arena, ", account %s,",
					     line->account)
			      : "");
	return true;
}

static int verify_log(struct cli *cli)
{
	struct orphans orphans = {.cli = cli, .service = service_of(cli)};
	const char *path;
	if (!orphans.service)
		return cli_fail(cli, "it is not known which sendsms user is ours: set "
				     "kannel-conf or sendsms-username.");
	for (unsigned i = 0; (path = cli_option_at(cli, "kannel-log", i)); i++)
		if (kannel_log_read(cli, path, look_at_line, &orphans) != CLI_OK)
			return CLI_FAILED;
	if (orphans.orphans)
		return cli_fail(
			cli,
			"%zu of %zu texts that Kannel sent for %s have no receipt.",
			orphans.orphans, orphans.texts, orphans.service);
	if (!cli_has(cli, "json"))
		printf("Every one of %zu texts that Kannel sent for %s has its "
		       "receipt.\n",
		       orphans.texts, orphans.service);
	return CLI_OK;
}

static int verify(struct cli *cli)
{
	int code = verify_ledger(cli);
	if (verify_standing(cli) != CLI_OK)
		code = CLI_FAILED;
	if (cli_option(cli, "kannel-log") && verify_log(cli) != CLI_OK)
		code = CLI_FAILED;
	return code;
}

/* --- uncertain ----------------------------------------------------------------------------------------------------------------- */

static const struct cli_option uncertain_options[] = {
	{"kannel-log", "FILE", "bearerbox's access log; may be repeated"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

struct doubt {
	const struct json_t *message;
	const char *says; /* of the log; NULL: nothing */
	struct doubt *next;
};

struct doubts {
	struct arena *arena;
	struct doubt *first, **last;
};

static bool note_line(void *arg, const struct kannel_log_line *line)
{
	struct doubts *doubts = arg;
	if (!*line->account)
		return true;
	for (struct doubt *doubt = doubts->first; doubt; doubt = doubt->next)
		if (strcmp(value_text(doubt->message, "id"), line->account) == 0)
			doubt->says = arena_printf(
				doubts->arena, "%s %s%s%s", line->at, line->event,
				*line->smsc ? " through " : "", line->smsc);
	return true;
}

static void print_doubts(struct cli *cli, const struct doubts *doubts)
{
	bool has_log = cli_option(cli, "kannel-log") != NULL;
	struct table *table = table_new(
		cli->arena, (const char *[]){"MESSAGE", "APPROVED", "NUMBER", "TASK",
					     "SENT BY", "KANNEL'S LOG", NULL});
	for (const struct doubt *doubt = doubts->first; doubt; doubt = doubt->next)
		table_row(table,
			  (const char *[]){
				  value_text(doubt->message, "id"),
				  local_time(cli->arena,
					     value_text(doubt->message, "created_at")),
				  value_text(doubt->message, "to"),
				  value_text(doubt->message, "task"),
				  value_text(doubt->message, "sent_by.login"),
				  doubt->says ? doubt->says
				  : has_log   ? "not in it"
					      : "not asked",
				  NULL});
	table_print(table);
	if (!doubts->first)
		printf("No text is uncertain.\n");
	else
		printf("\nOnce you know: handbox resolve MESSAGE sent|not_sent "
		       "--evidence TEXT\n");
}

static int uncertain(struct cli *cli)
{
	struct doubts doubts = {.arena = cli->arena, .last = &doubts.first};
	struct api_pages pages = {.path = "/messages?limit=500&state=uncertain"};
	const struct json_t *message;
	const char *path;
	while ((message = api_next(cli, &pages))) {
		struct doubt *doubt = ARENA_NEW(cli->arena, struct doubt);
		doubt->message = message;
		*doubts.last = doubt;
		doubts.last = &doubt->next;
	}
	if (pages.failed)
		return CLI_FAILED;
	for (unsigned i = 0; (path = cli_option_at(cli, "kannel-log", i)); i++)
		if (kannel_log_read(cli, path, note_line, &doubts) != CLI_OK)
			return CLI_FAILED;
	if (!cli_has(cli, "json"))
		print_doubts(cli, &doubts);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"uncertain", "[--kannel-log FILE] [--json]",
	 "List texts that may or may not have left, and what Kannel says", uncertain,
	 uncertain_options, 0, 0, CLI_EXISTING},
	{"verify", "[--head C:SEQ:HASH] [--kannel-log FILE] [--json]",
	 "Check the ledger against the texts, and that every enrollment can go on",
	 verify, verify_options, 0, 0, CLI_EXISTING},
};
const struct cli_commands cli_verify_commands = {rows, sizeof(rows) / sizeof(rows[0])};
