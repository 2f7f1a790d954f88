/* task_acts.c - `handbox skip`, `snooze`, `reassign` and the other acts on a task, and `bulk`: on many. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bulk.h"
#include "cli/remote.h"
#include "cli/task_pick.h"

/* --- on one ------------------------------------------------------------------------------------------------------------------ */

static const struct cli_option reason_options[] = {
	{"reason", "TEXT", "kept with the task"},
	{NULL, NULL, NULL},
};

static void add_text(struct cli *cli, struct json *body, const char *name)
{
	if (cli_option(cli, name))
		json_key_str(body, name, cli_option(cli, name));
}

/* Sends the body begun; done: what the task is now. */
static int act(struct cli *cli, const char *path, const char *done)
{
	const struct json_t *task = api_call(cli, "POST", path);
	if (!task)
		return CLI_FAILED;
	const char *state = value_text(task, "state");
	if (strcmp(done, state) == 0)
		printf("Task %s is %s.\n", cli->args[0], done);
	else
		printf("Task %s is %s (%s).\n", cli->args[0], done, state);
	return CLI_OK;
}

/* With the reason, and the time, that were given. */
static int act_with_reason(struct cli *cli, const char *path, const char *done)
{
	struct json *body = api_body(cli);
	add_text(cli, body, "reason");
	add_text(cli, body, "until");
	return act(cli, path, done);
}

static int task_skip(struct cli *cli)
{
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	return act_with_reason(cli, api_path(cli, "/tasks/%s/skip", cli->args[0]),
			       "skipped");
}

static int task_cancel(struct cli *cli)
{
	if (!cli_option(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	return act_with_reason(cli, api_path(cli, "/tasks/%s/cancel", cli->args[0]),
			       "cancelled");
}

static int task_reopen(struct cli *cli)
{
	return act_with_reason(cli, api_path(cli, "/tasks/%s/reopen", cli->args[0]),
			       "open again");
}

static int task_wake(struct cli *cli)
{
	return act_with_reason(cli, api_path(cli, "/tasks/%s/resume", cli->args[0]),
			       "back");
}

static int task_release(struct cli *cli)
{
	return act_with_reason(cli, api_path(cli, "/tasks/%s/release", cli->args[0]),
			       "given back");
}

static const struct cli_option snooze_options[] = {
	{"until", "TIME", "2027-01-05T09:00:00Z, or hours: the recipient's open then"},
	{"reason", "TEXT", "kept with the task"},
	{NULL, NULL, NULL},
};

static int task_snooze(struct cli *cli)
{
	if (!cli_option(cli, "until"))
		return cli_misuse(cli, "--until is wanted: a time, or hours.");
	return act_with_reason(cli, api_path(cli, "/tasks/%s/snooze", cli->args[0]),
			       "put off");
}

static const struct cli_option reassign_options[] = {
	{"to", "LOGIN", "this user's from now on; none: in the pool"},
	{"to-team", "ID", "in this team's pool"},
	{"reason", "TEXT", "kept with the task"},
	{NULL, NULL, NULL},
};

/* CLI_USAGE: said that it is not clear to whom. */
static int add_assignee(struct cli *cli, struct json *body)
{
	const char *login = cli_option(cli, "to"), *team = cli_option(cli, "to-team");
	if (!login == !team)
		return cli_misuse(cli,
				  "to whom? --to LOGIN, --to none or --to-team ID.");
	json_key(body, "assignee");
	if (team) {
		json_object(body);
		json_key_str(body, "team", team);
		json_end_object(body);
	} else {
		json_str(body, strcmp(login, "none") == 0 ? NULL : login);
	}
	return CLI_OK;
}

static int task_reassign(struct cli *cli)
{
	struct json *body = api_body(cli);
	int code = add_assignee(cli, body);
	if (code != CLI_OK)
		return code;
	add_text(cli, body, "reason");
	const struct json_t *task = api_call(
		cli, "POST", api_path(cli, "/tasks/%s/reassign", cli->args[0]));
	if (!task)
		return CLI_FAILED;
	const char *login = value_text(task, "assignee.login");
	printf("Task %s is %s%s.\n", cli->args[0], *login ? "now for " : "in the pool",
	       login);
	return CLI_OK;
}

static const struct cli_option change_options[] = {
	{"due", "TIME", "as 2027-01-05T09:00:00Z, or none"},
	{"expires", "TIME", "or none; a task that expires is never sent"},
	{"priority", "N", "0 to 9; the higher ones come first"},
	{NULL, NULL, NULL},
};

static void add_time(struct cli *cli, struct json *body, const char *name)
{
	const char *at = cli_option(cli, name);
	if (at)
		json_key_str(body, name, strcmp(at, "none") == 0 ? NULL : at);
}

static int task_change(struct cli *cli)
{
	const char *priority = cli_option(cli, "priority");
	if (!priority && !cli_has(cli, "due") && !cli_has(cli, "expires"))
		return cli_misuse(cli, "--due, --expires or --priority is wanted.");
	if (priority && (strspn(priority, "0123456789") != 1 || priority[1]))
		return cli_misuse(cli, "--priority %s: a number from 0 to 9 is wanted.",
				  priority);
	struct json *body = api_body(cli);
	add_time(cli, body, "due");
	add_time(cli, body, "expires");
	if (priority)
		json_key_int(body, "priority", strtol(priority, NULL, 10));
	const struct json_t *task =
		api_call(cli, "PATCH", api_path(cli, "/tasks/%s", cli->args[0]));
	if (!task)
		return CLI_FAILED;
	printf("Task %s is changed.\n", cli->args[0]);
	return CLI_OK;
}

/* --- on many ----------------------------------------------------------------------------------------------------------------- */

static const struct cli_option bulk_options[] = {
	TASK_PICK_OPTIONS,
	{"assignee", "LOGIN", "of this user, me or none"},
	{"state", "A,B", "pending held snoozed; without it all three"},
	{"reason", "TEXT", "kept with each; wanted by skip and cancel"},
	{"until", "TIME", "of snooze: 2027-01-05T09:00:00Z, or hours"},
	{"to", "LOGIN", "of reassign: this user's from now on; none: in the pool"},
	{"to-team", "ID", "of reassign: in this team's pool"},
	{"dry-run", NULL, "only count them"},
	{"expect", "N", "only when they are so many; needed when no filter is given"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};
/* Which tasks: those named, or all that the filter finds. */
static int add_tasks(struct cli *cli, const struct task_pick *pick, struct json *body)
{
	const bool is_filtered = !task_pick_is_empty(pick);
	if (cli->arg_count > 1 && is_filtered)
		return cli_misuse(cli,
				  "name tasks, or say which by a filter; not both.");
	if (cli->arg_count == 1) {
		if (!is_filtered && !cli_has(cli, "expect") && !cli_has(cli, "dry-run"))
			return cli_misuse(cli, "which? Name tasks, or --workflow, "
					       "--assignee, … or --expect N.");
		task_pick_write(pick, body);
		return CLI_OK;
	}
	json_key(body, "ids");
	json_array(body);
	for (unsigned i = 1; i < cli->arg_count; i++)
		json_str(body, cli->args[i]);
	json_end_array(body);
	return CLI_OK;
}

static int add_action(struct cli *cli, struct json *body, const char *action)
{
	const bool ends = strcmp(action, "skip") == 0 || strcmp(action, "cancel") == 0;
	if (ends && !cli_has(cli, "reason"))
		return cli_misuse(cli, "--reason is wanted.");
	if (strcmp(action, "snooze") == 0 && !cli_has(cli, "until"))
		return cli_misuse(cli, "--until is wanted: a time, or hours.");
	json_key_str(body, "action", action);
	add_text(cli, body, "reason");
	add_text(cli, body, "until");
	return strcmp(action, "reassign") == 0 ? add_assignee(cli, body) : CLI_OK;
}

static int bulk(struct cli *cli)
{
	static const char *const outcomes[] = {"skipped", "reassigned", "cancelled",
					       "snoozed", "left_out",   NULL};
	const struct task_pick *pick = task_pick_read(cli);
	if (!pick)
		return CLI_FAILED;
	int code = bulk_check_expect(cli);
	struct json *body = api_body(cli);
	if (code == CLI_OK)
		code = add_action(cli, body, cli->args[0]);
	if (code == CLI_OK)
		code = add_tasks(cli, pick, body);
	if (code != CLI_OK)
		return code;
	bulk_add_count(cli, body);
	return bulk_send(cli, "/tasks/bulk", outcomes);
}

static const struct cli_command rows[] = {
	{"skip", "TASK --reason TEXT", "Leave a task undone, for good", task_skip,
	 reason_options, 1, 1, 0},
	{"snooze", "TASK --until TIME|hours [--reason TEXT]",
	 "Put a task off, until a time or until its recipient's sending hours open",
	 task_snooze, snooze_options, 1, 1, 0},
	{"wake", "TASK", "Bring back a task that was put off, or is on hold", task_wake,
	 reason_options, 1, 1, 0},
	{"release", "TASK", "Give an opened task back", task_release, NULL, 1, 1, 0},
	{"reassign", "TASK --to LOGIN|none | --to-team ID [--reason TEXT]",
	 "Give a task to somebody else", task_reassign, reassign_options, 1, 1, 0},
	{"change", "TASK [--due TIME] [--expires TIME] [--priority N]",
	 "Say when a task is due, when it expires, how urgent it is", task_change,
	 change_options, 1, 1, 0},
	{"cancel", "TASK --reason TEXT", "Take a task back, for good", task_cancel,
	 reason_options, 1, 1, 0},
	{"reopen", "TASK [--reason TEXT]", "Open a task again that has ended",
	 task_reopen, reason_options, 1, 1, 0},
	{"bulk", "skip|reassign|cancel|snooze [TASK…] [--workflow W] … [--dry-run]",
	 "Skip, reassign, cancel or snooze many tasks", bulk, bulk_options, 1, CLI_ANY,
	 0},
};
const struct cli_commands cli_task_act_commands = {rows,
						   sizeof(rows) / sizeof(rows[0])};
