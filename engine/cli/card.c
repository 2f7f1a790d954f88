/* card.c - see card.h */
#include "cli/card.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/remote.h"
#include "cli/table.h"

void card_print_texts(struct cli *cli, const struct json_t *messages)
{
	for (size_t i = 0; i < value_count(messages); i++) {
		const struct json_t *message = value_at(messages, i);
		bool is_in = strcmp(value_text(message, "direction"), "in") == 0;
		printf("  %s %s %s\n",
		       local_time(cli->arena, value_text(message, "created_at")),
		       is_in ? "<" : ">", is_in ? "" : value_text(message, "state"));
		print_text("    ", value_text(message, "text"));
	}
}

static void print_guards(const struct json_t *guards)
{
	for (size_t i = 0; i < value_count(guards); i++) {
		const struct json_t *guard = value_at(guards, i);
		bool fails = !value_bool(guard, "ok"),
		     warns = value_bool(guard, "warns");
		if (!fails && !warns)
			continue;
		printf("%s  %s: %s\n", fails ? "NO  " : "warn",
		       value_text(guard, "name"), value_text(guard, "detail"));
		if (*value_text(guard, "fix"))
			printf("      %s\n", value_text(guard, "fix"));
	}
}

static void print_holes(const struct json_t *holes)
{
	for (size_t i = 0; i < value_count(holes); i++)
		printf("hole  {{ %s }} has no value: fill it in\n",
		       value_text(value_at(holes, i), "field"));
}

void card_print_check(const struct json_t *judged)
{
	const struct json_t *segments = value_get(judged, "segments");
	printf("%lld segment%s, %s, %lld units, %lld left\n",
	       (long long)value_int(segments, "count"),
	       value_int(segments, "count") == 1 ? "" : "s",
	       value_text(segments, "encoding"),
	       (long long)value_int(segments, "units"),
	       (long long)value_int(segments, "left"));
	print_holes(value_get(judged, "holes"));
	print_guards(value_get(judged, "guards"));
}

static void print_also(const struct json_t *also)
{
	for (size_t i = 0; i < value_count(also); i++)
		printf("also  task %s of the same number is open\n",
		       value_text(value_at(also, i), "id"));
}

/* What changed since the task was made, and what an edited text does not have of it. */
static void print_drift(const struct json_t *card)
{
	const struct json_t *drift = value_get(card, "drift");
	for (size_t i = 0; i < value_count(drift); i++)
		print_text("since ", value_text(value_at(drift, i), "detail"));
	if (!value_bool(card, "versions.must_choose"))
		return;
	printf("The draft began with another text; what would be offered now:\n");
	print_text("  | ", value_text(card, "versions.now"));
}

void card_print(struct cli *cli, const struct json_t *card)
{
	const struct json_t *task = /* none: a free reply */
		value_is_there(card, "task") ? value_get(card, "task") : NULL;
	const char *e164 = value_text(card, "to");
	if (task)
		print_line("task",
			   arena_printf(cli->arena, "%s %s%s", value_text(task, "id"),
					value_text(task, "name"),
					value_bool(task, "test") ? "  TEST" : ""));
	print_line("to",
		   arena_printf(cli->arena, "%s  %s", value_text(card, "contact.name"),
				*e164 ? e164 : "(no number)"));
	print_line("from", value_text(card, "from"));
	print_line("workflow", value_text(task, "workflow"));
	print_line("assignee", value_text(task, "assignee.login"));
	print_line("due", local_time(cli->arena, value_text(task, "due_at")));
	print_line("expires", local_time(cli->arena, value_text(task, "expires_at")));
	print_line("why", value_text(card, "why"));
	if (value_count(value_get(card, "messages")))
		printf("\n");
	card_print_texts(cli, value_get(card, "messages"));
	printf("\n%s\n", value_bool(card, "locked")  ? "Text (locked):"
			 : value_bool(card, "draft") ? "Text (a draft):"
						     : "Text:");
	print_text("  | ", value_text(card, "text"));
	print_drift(card);
	card_print_check(card);
	print_also(value_get(card, "also"));
	print_line("lease",
		   local_time(cli->arena, value_text(card, "lease.expires_at")));
	print_line("receipt", value_text(card, "receipt"));
}

/* --- opening and sending --- */

const struct cli_option card_send_options[] = {
	{"yes", NULL, "do not ask on the terminal whether to send it"},
	{"take-over", NULL, "though somebody else has it open (leads and admins)"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static bool confirm(void)
{
	char answer[16];
	fputs("\nSend it? [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

/* The card is shown, so that what is sent has been seen; a text of one's own is judged as it stands. */
static int show(struct cli *cli, const struct card_paths *paths,
		const struct json_t *card, const char *text)
{
	if (!cli_has(cli, "json"))
		card_print(cli, card);
	if (strcmp(text, value_text(card, "text")) == 0)
		return CLI_OK;
	json_key_str(api_body(cli), "text", text);
	const struct json_t *judged = api_call(cli, "POST", paths->check);
	if (!judged)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		return CLI_OK;
	printf("\nYour text:\n");
	print_text("  | ", text);
	card_print_check(judged);
	return CLI_OK;
}

const struct json_t *card_open(struct cli *cli, const struct card_paths *paths)
{
	struct json *body = api_body(cli);
	if (cli_has(cli, "take-over"))
		json_key_bool(body, "take_over", true);
	return api_call(cli, "POST", paths->open);
}

int card_send(struct cli *cli, const struct card_paths *paths, const char *text)
{
	bool asks = isatty(STDIN_FILENO) && !cli_has(cli, "yes");
	const struct json_t *card = card_open(cli, paths);
	if (!card)
		return CLI_FAILED;
	if (!text)
		text = value_text(card, "text");
	if (show(cli, paths, card, text) != CLI_OK)
		return CLI_FAILED;
	if (asks && !confirm())
		return cli_fail(cli,
				"nothing was sent; the card stays open for you "
				"(`handbox %s` gives it back).",
				paths->release);
	struct json *body = api_body(cli);
	json_key_str(body, "receipt", value_text(card, "receipt"));
	json_key_str(body, "text", text);
	const struct json_t *answer = api_call(cli, "POST", paths->send);
	if (!answer)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else
		printf("\nApproved: message %s (%s). `handbox messages` says what "
		       "becomes of it.\n",
		       value_text(answer, "message.id"),
		       value_text(answer, "message.state"));
	return CLI_OK;
}
