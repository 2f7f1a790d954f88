/* user.c - `handbox user …` and `handbox team …`. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/remote.h"
#include "cli/secret_in.h"
#include "cli/table.h"

static const struct cli_option json_option[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* --- users ------------------------------------------------------------------------------------------------------------------ */

static const struct cli_option add_options[] = {
	{"role", "ROLE", "agent, lead, admin or auditor"},
	{"first-name", "NAME", ""},
	{"last-name", "NAME", ""},
	{"email", "ADDRESS", ""},
	{NULL, NULL, NULL},
};

static void add_member(struct cli *cli, struct json *body, const char *member,
		       const char *option)
{
	const char *value = cli_option(cli, option);
	if (value)
		json_key_str(body, member, value);
}

static void print_secret(const struct json_t *answer)
{
	const char *link = value_text(answer, "login_link");
	if (*link)
		printf("One-time link to set the password, good for 24 hours:\n%s\n",
		       link);
}

static int user_add(struct cli *cli)
{
	char password[SECRET_IN_MOST];
	if (!cli_option(cli, "role"))
		return cli_misuse(cli,
				  "--role is wanted: agent, lead, admin or auditor.");
	if (secret_in_password(cli, password) != CLI_OK)
		return CLI_FAILED;
	struct json *body = api_body(cli);
	json_key_str(body, "login", cli->args[0]);
	add_member(cli, body, "role", "role");
	add_member(cli, body, "first_name", "first-name");
	add_member(cli, body, "last_name", "last-name");
	add_member(cli, body, "email", "email");
	if (*password)
		json_key_str(body, "password", password);
	secret_in_wipe(password);
	const struct json_t *user = api_call(cli, "POST", "/users");
	if (!user)
		return CLI_FAILED;
	printf("%s (%s) is there.\n", value_text(user, "login"),
	       value_text(user, "role"));
	print_secret(user);
	return CLI_OK;
}

static int user_list(struct cli *cli)
{
	struct table *table =
		table_new(cli->arena, (const char *[]){"LOGIN", "ROLE", "NAME", "EMAIL",
						       "ACTIVE", "SHIFT", NULL});
	struct api_pages pages = {.path = "/users?limit=500"};
	const struct json_t *user;
	while ((user = api_next(cli, &pages)))
		table_row(table,
			  (const char *[]){
				  value_text(user, "login"), value_text(user, "role"),
				  value_text(user, "name"), value_text(user, "email"),
				  value_bool(user, "active") ? "yes" : "no",
				  value_bool(user, "on_shift") ? "on" : "off", NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static int user_password(struct cli *cli)
{
	char password[SECRET_IN_MOST];
	if (secret_in_password(cli, password) != CLI_OK)
		return CLI_FAILED;
	json_key_str(api_body(cli), "password", *password ? password : NULL);
	secret_in_wipe(password);
	const struct json_t *user =
		api_call(cli, "PATCH", api_path(cli, "/users/%s", cli->args[0]));
	if (!user)
		return CLI_FAILED;
	if (!value_is_there(user, "login_link"))
		printf("The password of %s is changed; all sessions of theirs have "
		       "ended.\n",
		       cli->args[0]);
	print_secret(user);
	return CLI_OK;
}

static const struct cli_option set_options[] = {
	{"capacity", "N", "open tasks that assign-user gives at most, or none"},
	{"shift", "on|off", "whether assign-user gives any"},
	{NULL, NULL, NULL},
};

/* false: it is no number, as the API would say of itself. */
static bool add_capacity(struct json *body, const char *capacity)
{
	char *end;
	if (!capacity)
		return true;
	if (strcmp(capacity, "none") == 0) {
		json_key_null(body, "capacity");
		return true;
	}
	json_key_int(body, "capacity", strtoll(capacity, &end, 10));
	return end != capacity && !*end;
}

static int user_set(struct cli *cli)
{
	const char *capacity = cli_option(cli, "capacity"),
		   *shift = cli_option(cli, "shift");
	struct json *body = api_body(cli);
	if (!capacity && !shift)
		return cli_misuse(cli, "Say what to set: --capacity or --shift.");
	if (!add_capacity(body, capacity))
		return cli_misuse(cli, "--capacity is a number, or none.");
	if (shift && strcmp(shift, "on") != 0 && strcmp(shift, "off") != 0)
		return cli_misuse(cli, "--shift is on or off.");
	if (shift)
		json_key_bool(body, "on_shift", strcmp(shift, "on") == 0);
	const struct json_t *user =
		api_call(cli, "PATCH", api_path(cli, "/users/%s", cli->args[0]));
	if (!user)
		return CLI_FAILED;
	printf("%s is %s shift, with room for %s open tasks.\n",
	       value_text(user, "login"), value_bool(user, "on_shift") ? "on" : "off",
	       value_is_there(user, "capacity") ? value_text(user, "capacity")
						: "any number of");
	return CLI_OK;
}

static const struct cli_option deactivate_options[] = {
	{"reassign-to", "LOGIN",
	 "who gets the open tasks; without it they wait for anybody"},
	{"reassign-to-team", "TEAM", "whose pool gets them: the team's id"},
	{NULL, NULL, NULL},
};

static int user_deactivate(struct cli *cli)
{
	const char *heir = cli_option(cli, "reassign-to"),
		   *team = cli_option(cli, "reassign-to-team");
	struct json *body = api_body(cli);
	if (heir && team)
		return cli_misuse(cli, "Open tasks go to one user, or to one team.");
	if (team) {
		json_key(body, "reassign_to");
		json_object(body);
		json_key_str(body, "team", team);
		json_end_object(body);
		heir = arena_printf(cli->arena, "the pool of team %s", team);
	} else {
		json_key_str(body, "reassign_to", heir);
	}
	const struct json_t *answer = api_call(
		cli, "POST", api_path(cli, "/users/%s/deactivate", cli->args[0]));
	if (!answer)
		return CLI_FAILED;
	printf("%s is inactive: no session, token or open card is left. Open tasks go "
	       "to %s%s.\n",
	       cli->args[0], heir ? heir : "anybody",
	       value_is_there(answer, "job") ? ", the rest of them in the background"
					     : "");
	return CLI_OK;
}

/* --- teams ------------------------------------------------------------------------------------------------------------------ */

static int team_add(struct cli *cli)
{
	struct json *body = api_body(cli);
	json_key_str(body, "name", cli->args[0]);
	json_key(body, "members");
	json_array(body);
	for (unsigned i = 1; i < cli->arg_count; i++)
		json_str(body, cli->args[i]);
	json_end_array(body);
	const struct json_t *team = api_call(cli, "POST", "/teams");
	if (!team)
		return CLI_FAILED;
	printf("Team %s is there, with %zu members.\n", value_text(team, "name"),
	       value_count(value_get(team, "members")));
	return CLI_OK;
}

static int team_list(struct cli *cli)
{
	struct table *table =
		table_new(cli->arena, (const char *[]){"ID", "NAME", "MEMBERS", NULL});
	struct api_pages pages = {.path = "/teams?limit=500"};
	const struct json_t *team;
	while ((team = api_next(cli, &pages))) {
		const struct json_t *members = value_get(team, "members");
		struct buf logins = BUF_EMPTY;
		for (size_t i = 0; i < value_count(members); i++)
			buf_printf(&logins, "%s%s", i ? ", " : "",
				   value_text(value_at(members, i), "login"));
		table_row(table, (const char *[]){value_text(team, "id"),
						  value_text(team, "name"),
						  buf_str(&logins), NULL});
		buf_fini(&logins);
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_command rows[] = {
	{"user add",
	 "LOGIN --role ROLE [--first-name NAME] [--last-name NAME] [--email ADDRESS]",
	 "Add a user; the password comes on stdin, else a one-time link is printed",
	 user_add, add_options, 1, 1, 0},
	{"user list", "[--json]", "List the users", user_list, json_option, 0, 0, 0},
	{"user password", "LOGIN", "Set a password from stdin, or make a one-time link",
	 user_password, NULL, 1, 1, 0},
	{"user set", "LOGIN [--capacity N|none] [--shift on|off]",
	 "Say how many open tasks assign-user may give somebody", user_set, set_options,
	 1, 1, 0},
	{"user deactivate", "LOGIN [--reassign-to LOGIN | --reassign-to-team TEAM]",
	 "Let somebody leave: ends sessions, tokens and open cards", user_deactivate,
	 deactivate_options, 1, 1, 0},
	{"team add", "NAME LOGIN…", "Add a team", team_add, NULL, 1, CLI_ANY, 0},
	{"team list", "[--json]", "List the teams", team_list, json_option, 0, 0, 0},
};
const struct cli_commands cli_user_commands = {rows, sizeof(rows) / sizeof(rows[0])};
