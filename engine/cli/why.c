/* why.c - `handbox why`: why there is no task, why this user has it, why it cannot be sent. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/contact.h"
#include "cli/remote.h"
#include "cli/table.h"

static const struct cli_option why_options[] = {
	{"step", "STEP", "of the task of this manual-sms; without it any will do"},
	{"task", "TASK", "why this task is there, why its user has it, can it be sent"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* --- of a workflow: how far all came -------------------------------------------------------------------------------------- */

static void print_counts(struct cli *cli, const struct json_t *answer)
{
	printf("version %d: %lld entered, %lld completed\n",
	       (int)value_int(answer, "version"),
	       (long long)value_int(answer, "entered"),
	       (long long)value_int(answer, "completed"));
	struct table *table = table_new(
		cli->arena, (const char *[]){"STEP", "KIND", "NAME", "REACHED",
					     "WAITING", "STOPPED", NULL});
	const struct json_t *steps = value_get(answer, "steps");
	for (size_t i = 0; i < value_count(steps); i++) {
		static const char *const members[] = {"reached", "waiting", "stopped"};
		const struct json_t *step = value_at(steps, i);
		const char *numbers[3];
		for (size_t n = 0; n < 3; n++)
			numbers[n] =
				arena_printf(cli->arena, "%lld",
					     (long long)value_int(step, members[n]));
		table_row(table, (const char *[]){value_text(step, "step"),
						  value_text(step, "kind"),
						  value_text(step, "name"), numbers[0],
						  numbers[1], numbers[2], NULL});
	}
	table_print(table);
}

/* --- of a contact: the questions, in order -------------------------------------------------------------------------------- */

/* The names of the checks, as one would ask. */
static const struct {
	const char *check, *question;
} questions[] = {
	{"published", "Does the workflow enroll at all?"},
	{"trigger_seen", "Did anything ask for the contact?"},
	{"filter", "Did the conditions let it in?"},
	{"reentry", "May it enter (again)?"},
	{"enrolled", "Is it in?"},
	{"position", "Is it on its way to a task?"},
	{"branch", "Did it take the way to one?"},
	{"task", "Is the task there?"},
};

static const char *question_of(const struct json_t *check)
{
	const char *name = value_text(check, "check");
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].check, name) == 0)
			return questions[i].question;
	return "";
}

static void print_check(const struct json_t *check)
{
	printf("%-3s  %-12s  %s\n", value_bool(check, "ok") ? "yes" : "NO",
	       value_text(check, "check"), question_of(check));
	print_text("       ", value_text(check, "detail"));
}

/* What comes behind the first no follows from it. */
static void print_checks(const struct json_t *answer)
{
	const struct json_t *checks = value_get(answer, "checks");
	for (size_t i = 0; i < value_count(checks); i++) {
		print_check(value_at(checks, i));
		if (!value_bool(value_at(checks, i), "ok"))
			break;
	}
	if (*value_text(answer, "first_failure.fix")) {
		puts("\nWhat would make it happen:");
		print_text("       ", value_text(answer, "first_failure.fix"));
	}
	if (value_is_there(answer, "task"))
		printf("\nhandbox why --task %s says why its user has the task, and "
		       "whether it can be sent.\n",
		       value_text(answer, "task"));
}

/* --- of a task -------------------------------------------------------------------------------------------------------------- */

static void print_exists(struct cli *cli, const struct json_t *answer)
{
	const struct json_t *exists = value_get(answer, "exists");
	printf("Task %s is %s.\n", value_text(answer, "task"),
	       value_text(answer, "state"));
	print_line("made", local_time(cli->arena, value_text(exists, "at")));
	if (!*value_text(exists, "workflow")) {
		print_line("by", value_text(exists, "because"));
		return;
	}
	print_line("by", arena_printf(cli->arena, "workflow %s, version %d, step %s",
				      value_text(exists, "workflow"),
				      (int)value_int(exists, "workflow_version"),
				      value_text(exists, "step")));
	print_line("visit",
		   arena_printf(cli->arena, "%d", (int)value_int(exists, "visit")));
}

static void print_user(const struct json_t *answer)
{
	const struct json_t *user = value_get(answer, "user");
	const char *login = value_text(user, "assignee.login");
	printf("\n%s%s has it:\n", *login ? "Why " : "Why nobody in particular", login);
	print_text("       ", value_text(user, "detail"));
	if (*value_text(user, "fix")) {
		puts("What would change that:");
		print_text("       ", value_text(user, "fix"));
	}
}

static void print_guards(const struct json_t *answer)
{
	const struct json_t *guards = value_get(answer, "sendable.guards");
	puts(value_bool(answer, "sendable.ok") ? "\nIt can be sent:"
					       : "\nIt cannot be sent:");
	for (size_t i = 0; i < value_count(guards); i++) {
		const struct json_t *guard = value_at(guards, i);
		bool is_ok = value_bool(guard, "ok");
		printf("%-3s  %s\n", is_ok ? "yes" : "NO", value_text(guard, "name"));
		if (*value_text(guard, "detail"))
			print_text("       ", value_text(guard, "detail"));
		if (!is_ok && *value_text(guard, "fix"))
			print_text("       ", value_text(guard, "fix"));
	}
}

static void print_task(struct cli *cli, const struct json_t *answer)
{
	print_exists(cli, answer);
	print_user(answer);
	print_guards(answer);
}

/* --- asking ----------------------------------------------------------------------------------------------------------------- */

static const char *contact_path(struct cli *cli)
{
	const char *contact = contact_id_of(cli, cli->args[1]);
	const char *step = cli_option(cli, "step");
	if (!contact)
		return NULL;
	const char *path =
		api_path(cli, "/why?workflow=%s&contact=%s", cli->args[0], contact);
	return step ? arena_printf(cli->arena, "%s&step=%s", path,
				   api_path(cli, "%s", step))
		    : path;
}

static int why(struct cli *cli)
{
	const char *task = cli_option(cli, "task"), *path;
	if (!task == !cli->arg_count)
		return cli_misuse(cli,
				  "Name a workflow and a contact, or --task TASK.");
	if (!task && cli->arg_count == 1 &&
	    strspn(cli->args[0], "0123456789") == strlen(cli->args[0]))
		task = cli->args[0]; /* no workflow is called so */
	if (task)
		path = api_path(cli, "/tasks/%s/why", task);
	else
		path = cli->arg_count == 2
			       ? contact_path(cli)
			       : api_path(cli, "/why?workflow=%s", cli->args[0]);
	const struct json_t *answer = path ? api_get(cli, path) : NULL;
	if (!answer)
		return CLI_FAILED;
	if (cli_has(cli, "json"))
		api_print_json(cli);
	else if (task)
		print_task(cli, answer);
	else if (cli->arg_count == 2)
		print_checks(answer);
	else
		print_counts(cli, answer);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"why", "WORKFLOW [CONTACT] [--step STEP] | [--task] TASK [--json]",
	 "Say why a contact has no task, or why a task is as it is; or count the steps",
	 why, why_options, 0, 2, 0},
};
const struct cli_commands cli_why_commands = {rows, sizeof(rows) / sizeof(rows[0])};
