/* contact.c - `handbox contact …`, and contact.h */
#include "cli/contact.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "cli/remote.h"
#include "cli/table.h"

enum {
	ID_DIGITS_LEAST = 16
}; /* ids of this decade have 17 and more; numbers at most 15 */

/* --- finding ---------------------------------------------------------------------------------------------------------------- */

static bool is_id(const char *name)
{
	uint64_t id;
	return strlen(name) >= ID_DIGITS_LEAST && ident_parse(name, &id) == ERR_OK;
}

static const char *say_several(struct cli *cli, const char *name,
			       const struct json_t *items)
{
	(void)cli_fail(cli, "several contacts have %s; name one by its id:", name);
	for (size_t i = 0; i < value_count(items); i++) {
		const struct json_t *contact = value_at(items, i);
		fprintf(stderr, "  %s %s\n", value_text(contact, "id"),
			value_text(contact, "name"));
	}
	return NULL;
}

/* *found_out: NULL when there is none. false: said why. */
static bool find_by(struct cli *cli, const char *path, const char *name,
		    const char **found_out)
{
	const struct json_t *items = value_get(api_get(cli, path), "items");
	*found_out = NULL;
	if (!items)
		return false;
	if (value_count(items) > 1)
		return say_several(cli, name, items) != NULL;
	if (value_count(items) == 1)
		*found_out =
			arena_strdup(cli->arena, value_text(value_at(items, 0), "id"));
	return true;
}

const char *contact_id_of(struct cli *cli, const char *name)
{
	const char *found;
	if (is_id(name))
		return name;
	if (!find_by(cli, api_path(cli, "/contacts?external_id=%s", name), name,
		     &found))
		return NULL;
	if (!found &&
	    !find_by(cli, api_path(cli, "/contacts?phone=%s", name), name, &found))
		return NULL;
	if (!found)
		(void)cli_fail(cli,
			       "there is no contact %s: an id, an external id or a "
			       "number is wanted "
			       "(`handbox contact list` shows them).",
			       name);
	return found;
}

/* --- adding ----------------------------------------------------------------------------------------------------------------- */

static const struct cli_option add_options[] = {
	{"phone", "NUMBER", "as +351912345678, or as dialled in default-region"},
	{"first-name", "NAME", ""},
	{"last-name", "NAME", ""},
	{"email", "ADDRESS", ""},
	{"external-id", "ID", "its id elsewhere"},
	{"country", "CC", ""},
	{"timezone", "ZONE", "as Europe/Lisbon"},
	{"owner", "LOGIN", "who looks after it"},
	{"tag", "TAG", "may be given several times"},
	{"custom", "NAME=VALUE", "may be given several times"},
	{"test", NULL, "a contact for trying things out"},
	{"upsert", "BY", "phone or external_id: change the one that has it already"},
	{"shared", NULL, "another contact may have the same number"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static const struct {
	const char *member, *option;
} text_members[] = {
	{"phone", "phone"},         {"first_name", "first-name"},
	{"last_name", "last-name"}, {"email", "email"},
	{"country", "country"},     {"external_id", "external-id"},
	{"timezone", "timezone"},   {"owner", "owner"},
};

static int add_custom(struct cli *cli, struct json *body)
{
	const char *pair;
	if (!cli_option(cli, "custom"))
		return CLI_OK;
	json_key(body, "custom");
	json_object(body);
	for (unsigned i = 0; (pair = cli_option_at(cli, "custom", i)); i++) {
		const char *equals = strchr(pair, '=');
		if (!equals || equals == pair)
			return cli_misuse(cli, "--custom %s: NAME=VALUE is wanted.",
					  pair);
		api_pair(body, pair, (size_t)(equals - pair), equals + 1);
	}
	json_end_object(body);
	return CLI_OK;
}

static void add_tags(struct cli *cli, struct json *body)
{
	const char *tag;
	if (!cli_option(cli, "tag"))
		return;
	json_key(body, "tags");
	json_array(body);
	for (unsigned i = 0; (tag = cli_option_at(cli, "tag", i)); i++)
		json_str(body, tag);
	json_end_array(body);
}

static const char *add_path(struct cli *cli)
{
	const char *upsert = cli_option(cli, "upsert");
	if (upsert && cli_has(cli, "shared"))
		return api_path(cli, "/contacts?upsert=%s&shared=1", upsert);
	if (upsert)
		return api_path(cli, "/contacts?upsert=%s", upsert);
	return cli_has(cli, "shared") ? "/contacts?shared=1" : "/contacts";
}

static int contact_add(struct cli *cli)
{
	struct json *body = api_body(cli);
	for (size_t i = 0; i < sizeof(text_members) / sizeof(text_members[0]); i++)
		if (cli_option(cli, text_members[i].option))
			json_key_str(body, text_members[i].member,
				     cli_option(cli, text_members[i].option));
	add_tags(cli, body);
	if (cli_has(cli, "test"))
		json_key_bool(body, "test", true);
	int code = add_custom(cli, body);
	if (code != CLI_OK)
		return code;
	const struct json_t *contact = api_call(cli, "POST", add_path(cli));
	if (!contact)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	const struct json_t *warnings = value_get(contact, "warnings");
	for (size_t i = 0; i < value_count(warnings); i++)
		fprintf(stderr, "warning: %s\n",
			value_text(value_at(warnings, i), "detail"));
	printf("%s\n", value_text(contact, "id"));
	return CLI_OK;
}

/* --- listing ---------------------------------------------------------------------------------------------------------------- */

static const struct cli_option list_options[] = {
	{"q", "TEXT", "part of a name, number or address"},
	{"tag", "TAG", "with this tag"},
	{"owner", "LOGIN", "of this user, or none"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int contact_list(struct cli *cli)
{
	static const char *const filters[] = {"q", "tag", "owner"};
	const char *path = "/contacts?limit=500";
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (cli_option(cli, filters[i]))
			path = arena_printf(
				cli->arena, "%s&%s=%s", path, filters[i],
				api_path(cli, "%s", cli_option(cli, filters[i])));
	struct table *table =
		table_new(cli->arena, (const char *[]){"ID", "NUMBER", "CHECK", "NAME",
						       "OWNER", "EXTERNAL", NULL});
	struct api_pages pages = {.path = path};
	const struct json_t *contact;
	while ((contact = api_next(cli, &pages))) {
		const char *e164 = value_text(contact, "phone_e164");
		const char *check =
			value_bool(contact, "opted_out")
				? "opted out"
				: value_text(contact, "phone_check.verdict");
		table_row(table,
			  (const char *[]){value_text(contact, "id"),
					   *e164 ? e164 : value_text(contact, "phone"),
					   check, value_text(contact, "name"),
					   value_text(contact, "owner.login"),
					   value_text(contact, "external_id"), NULL});
	}
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

/* --- a test contact begins anew ----------------------------------------------------------------------------------------------- */

static const struct cli_option reset_options[] = {
	{"owner", NULL, "nobody owns it any more"},
	{"tags", NULL, "its tags go too"},
	{"custom", NULL, "its custom fields go too"},
	{NULL, NULL, NULL},
};

static int contact_reset(struct cli *cli)
{
	const char *id = contact_id_of(cli, cli->args[0]);
	if (!id)
		return CLI_FAILED;
	struct json *body = api_body(cli);
	for (const struct cli_option *o = reset_options; o->name; o++)
		if (cli_has(cli, o->name))
			json_key_bool(body, o->name, true);
	const struct json_t *contact =
		api_call(cli, "POST", api_path(cli, "/contacts/%s/reset", id));
	if (!contact)
		return CLI_FAILED;
	printf("%s is as if it had never been in a workflow.\n", id);
	return CLI_OK;
}

/* --- two contacts are one person ---------------------------------------------------------------------------------------------- */

static const struct cli_option merge_options[] = {
	{"reason", "TEXT", "stands in the ledger: no names in it"},
	{"dry-run", NULL, "only say what would be"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int contact_merge(struct cli *cli)
{
	const char *id = contact_id_of(cli, cli->args[0]);
	const char *into = id ? contact_id_of(cli, cli->args[1]) : NULL;
	if (!into)
		return CLI_FAILED;
	struct json *body = api_body(cli);
	json_key_str(body, "into", into);
	json_key_str(body, "reason", cli_option(cli, "reason"));
	json_key_bool(body, "dry_run", cli_has(cli, "dry-run"));
	const struct json_t *merged =
		api_call(cli, "POST", api_path(cli, "/contacts/%s/merge", id));
	if (!merged)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	printf("%s %s merged into %s: %" PRId64 " texts, %" PRId64 " notes, %" PRId64
	       " tasks, %" PRId64 " enrollments; had twice: %" PRId64 " tasks, %" PRId64
	       " enrollments.\n",
	       id, cli_has(cli, "dry-run") ? "would be" : "was", into,
	       value_int(merged, "moved.messages"), value_int(merged, "moved.notes"),
	       value_int(merged, "moved.tasks"), value_int(merged, "moved.enrollments"),
	       value_int(merged, "cancelled_tasks"),
	       value_int(merged, "removed_enrollments"));
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"contact add", "[--phone NUMBER] [--first-name NAME] …",
	 "Add a contact; prints its id", contact_add, add_options, 0, 0, 0},
	{"contact list", "[--q TEXT] [--tag TAG] [--owner LOGIN] [--json]",
	 "List contacts", contact_list, list_options, 0, 0, 0},
	{"contact merge", "CONTACT INTO [--reason TEXT] [--dry-run] [--json]",
	 "Make two contacts one, where they are one person", contact_merge,
	 merge_options, 2, 2, 0},
	{"contact reset", "CONTACT [--owner] [--tags] [--custom]",
	 "Begin anew with a test contact", contact_reset, reset_options, 1, 1,
	 CLI_PERSON},
};
const struct cli_commands cli_contact_commands = {rows, sizeof(rows) / sizeof(rows[0])};
