/* workflow.c - `handbox workflow …`. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/files.h"
#include "cli/job.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "workflow/parse.h"

static const struct cli_option json_option[] = {
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static const char *version_text(struct cli *cli, const struct json_t *workflow,
				const char *member)
{
	int64_t version = value_int(workflow, member);
	return version ? arena_printf(cli->arena, "%lld", (long long)version) : "";
}

static int workflow_list(struct cli *cli)
{
	struct table *table = table_new(
		cli->arena, (const char *[]){"ID", "STATE", "PUBLISHED", "DRAFT",
					     "SOURCE", "NAME", NULL});
	struct api_pages pages = {.path = "/workflows?limit=500"};
	const struct json_t *workflow;
	while ((workflow = api_next(cli, &pages)))
		table_row(table,
			  (const char *[]){
				  value_text(workflow, "id"),
				  value_text(workflow, "state"),
				  version_text(cli, workflow, "published_version"),
				  version_text(cli, workflow, "draft_version"),
				  value_text(workflow, "source"),
				  value_text(workflow, "name"), NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_option get_options[] = {
	{"at", "N", "that version; without it the draft"},
	{NULL, NULL, NULL},
};

static int workflow_get(struct cli *cli)
{
	const char *path = api_path(cli, "/workflows/%s", cli->args[0]);
	if (cli_option(cli, "at"))
		path = arena_printf(cli->arena, "%s?version=%s", path,
				    api_path(cli, "%s", cli_option(cli, "at")));
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){.method = "GET",
						   .path = path,
						   .accept = "application/xml"});
	if (!answer)
		return CLI_FAILED;
	if (!api_is_fine(answer))
		return api_problem(cli, answer);
	fwrite(answer->text, 1, answer->len_bytes, stdout);
	if (answer->len_bytes && answer->text[answer->len_bytes - 1] != '\n')
		putchar('\n');
	return CLI_OK;
}

/* --- putting ---------------------------------------------------------------------------------------------------------------- */

static void print_findings(const char *file, const char *severity,
			   const struct json_t *findings, FILE *to)
{
	for (size_t i = 0; i < value_count(findings); i++) {
		const struct json_t *finding = value_at(findings, i);
		fprintf(to, "%s:%d:%d: %s: %s [%s]\n", file,
			(int)value_int(finding, "line"),
			(int)value_int(finding, "column"), severity,
			value_text(finding, "message"), value_text(finding, "code"));
	}
}

/* The API wants the id in the path: it stands in the XML, and the parser knows where. */
static const char *id_of(struct cli *cli, const char *file, const struct buf *xml)
{
	struct workflow_report report;
	struct plan *plan = NULL;
	struct buf text = BUF_EMPTY;
	const char *id = NULL;
	workflow_report_init(&report, cli->arena, file);
	if (workflow_parse(buf_str(xml), xml->len, NULL, &plan, &report) == ERR_OK) {
		id = arena_strdup(cli->arena, plan->id);
		plan_unref(&plan);
		return id;
	}
	workflow_report_print(&report, &text);
	(void)cli_fail(cli, "%s has errors; nothing was saved.", file);
	fputs(buf_str(&text), stderr);
	buf_fini(&text);
	return NULL;
}

static int put_xml(struct cli *cli, const char *file, const struct buf *xml)
{
	const char *id = id_of(cli, file, xml);
	if (!id)
		return CLI_FAILED;
	const struct api_request request = {.method = "PUT",
					    .path = api_path(cli, "/workflows/%s", id),
					    .type = "application/xml",
					    .data = buf_str(xml),
					    .len_bytes = xml->len};
	const struct api_answer *answer = api_try(cli, &request);
	if (!answer)
		return CLI_FAILED;
	if (answer->status == 422 && value_count(value_get(answer->value, "errors"))) {
		(void)cli_fail(cli, "%s has errors; nothing was saved.", file);
		print_findings(file, "error", value_get(answer->value, "errors"),
			       stderr);
		return CLI_FAILED;
	}
	if (!api_is_fine(answer))
		return api_problem(cli, answer);
	print_findings(file, "warning", value_get(answer->value, "warnings"), stderr);
	printf("%s: version %d is the draft; `handbox workflow publish %s` makes it "
	       "run.\n",
	       id, (int)value_int(answer->value, "draft_version"), id);
	return CLI_OK;
}

static int workflow_put(struct cli *cli)
{
	int code = CLI_OK;
	for (unsigned i = 0; i < cli->arg_count; i++) {
		struct buf xml = BUF_EMPTY;
		if (file_read(cli, cli->args[i], WORKFLOW_BYTES_MAX, &xml) != CLI_OK ||
		    put_xml(cli, cli->args[i], &xml) != CLI_OK)
			code = CLI_FAILED;
		buf_fini(&xml);
	}
	return code;
}

/* --- publishing --------------------------------------------------------------------------------------------------------------- */

static const struct cli_option publish_options[] = {
	{"at", "N", "that version; without it the draft"},
	{"note", "TEXT", "kept with the version"},
	{NULL, NULL, NULL},
};

/* Those who are in it stay on their version: nobody is surprised who knows it, and what to do. */
static void say_who_stays(struct cli *cli, int published)
{
	const struct json_t *versions = value_get(
		api_get(cli, api_path(cli, "/workflows/%s/versions", cli->args[0])),
		"items");
	for (size_t i = 0; i < value_count(versions); i++) {
		const struct json_t *version = value_at(versions, i);
		const int number = (int)value_int(version, "version");
		const long long running = value_int(version, "running");
		if (running && number != published)
			printf("%lld go on by version %d; `handbox workflow migrate %s "
			       "--from %d --to %d --dry-run` says where they could "
			       "go.\n",
			       running, number, cli->args[0], number, published);
	}
}

static int workflow_publish(struct cli *cli)
{
	const char *version = cli_option(cli, "at"), *note = cli_option(cli, "note");
	struct json *body = api_body(cli);
	if (version && (strspn(version, "0123456789") != strlen(version) ||
			strlen(version) > 9 || !*version))
		return cli_misuse(cli, "--at %s: the number of a version is wanted.",
				  version);
	if (version) {
		json_key(body, "version");
		json_raw(body, version, strlen(version));
	}
	if (note)
		json_key_str(body, "note", note);
	const struct json_t *workflow = api_call(
		cli, "POST", api_path(cli, "/workflows/%s/publish", cli->args[0]));
	if (!workflow)
		return CLI_FAILED;
	print_findings(cli->args[0], "warning", value_get(workflow, "warnings"),
		       stderr);
	const int published = (int)value_int(workflow, "published_version");
	printf("%s: version %d is published.\n", cli->args[0], published);
	say_who_stays(cli, published);
	return CLI_OK;
}

static const struct cli_option unpublish_options[] = {
	{"pending-tasks", "WHAT", "hold (the default), keep or cancel what waits"},
	{NULL, NULL, NULL},
};

static int workflow_unpublish(struct cli *cli)
{
	struct json *body = api_body(cli);
	if (cli_option(cli, "pending-tasks"))
		json_key_str(body, "pending_tasks", cli_option(cli, "pending-tasks"));
	if (!api_call(cli, "POST",
		      api_path(cli, "/workflows/%s/unpublish", cli->args[0])))
		return CLI_FAILED;
	printf("%s is unpublished: nobody is enrolled any more.\n", cli->args[0]);
	return CLI_OK;
}

static int workflow_versions(struct cli *cli)
{
	struct table *table = table_new(
		cli->arena, (const char *[]){"VERSION", "MADE", "BY", "PUBLISHED",
					     "RUNNING", "NOTE", NULL});
	struct api_pages pages = {
		.path = api_path(cli, "/workflows/%s/versions", cli->args[0])};
	const struct json_t *version;
	while ((version = api_next(cli, &pages)))
		table_row(table,
			  (const char *[]){
				  version_text(cli, version, "version"),
				  local_time(cli->arena,
					     value_text(version, "created_at")),
				  value_text(version, "created_by.login"),
				  local_time(cli->arena,
					     value_text(version, "published_at")),
				  version_text(cli, version, "running"),
				  value_text(version, "note"), NULL});
	table_print(table);
	return pages.failed ? CLI_FAILED : CLI_OK;
}

static const struct cli_option diff_options[] = {
	{"from", "N", "that version; without it the published one"},
	{"to", "N", "that version; without it the draft"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

static int workflow_diff(struct cli *cli)
{
	static const char *const names[] = {"from", "to"};
	const char *path = api_path(cli, "/workflows/%s/diff", cli->args[0]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (cli_option(cli, names[i]))
			path = arena_printf(
				cli->arena, "%s%c%s=%s", path,
				strchr(path, '?') ? '&' : '?', names[i],
				api_path(cli, "%s", cli_option(cli, names[i])));
	const struct json_t *diff = api_get(cli, path);
	if (!diff)
		return CLI_FAILED;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		return CLI_OK;
	}
	const struct json_t *changes = value_get(diff, "changes");
	for (size_t i = 0; i < value_count(changes); i++)
		printf("%s\n", value_text(value_at(changes, i), "text"));
	printf("%s\n", value_text(diff, "summary"));
	return CLI_OK;
}

/* --- migrating --------------------------------------------------------------------------------------------------------------- */

static const struct cli_option migrate_options[] = {
	{"from", "N", "the version they run on"},
	{"to", "N", "the version they shall run on"},
	{"map", "OLD=NEW",
	 "a step that is not the same in both; OLD= ends those who stand there"},
	{"refresh", NULL,
	 "texts that nobody has opened or drafted become the new ones"},
	{"reason", "TEXT", "kept in the journal"},
	{"dry-run", NULL, "only say who would be moved, and where"},
	{"expect", "N", "only when they are so many"},
	{"json", NULL, "print what the API answers"},
	{NULL, NULL, NULL},
};

/* A number given by an option, as a member. */
static int add_number(struct cli *cli, struct json *body, const char *name)
{
	const char *text = cli_option(cli, name);
	if (text &&
	    (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 9))
		return cli_misuse(cli, "--%s %s: a whole number is wanted.", name,
				  text);
	if (text) {
		json_key(body, name);
		json_raw(body, text, strlen(text));
	}
	return CLI_OK;
}

static int add_map(struct cli *cli, struct json *body)
{
	const char *pair;
	json_key(body, "map");
	json_object(body);
	for (unsigned i = 0; (pair = cli_option_at(cli, "map", i)); i++) {
		const char *equals = strchr(pair, '=');
		if (!equals || equals == pair)
			return cli_misuse(cli,
					  "--map %s: OLD=NEW is wanted, or OLD= to end "
					  "those who stand there.",
					  pair);
		api_pair(body, pair, (size_t)(equals - pair),
			 equals[1] ? equals + 1 : NULL);
	}
	json_end_object(body);
	return CLI_OK;
}

/* Exit 1 when it could not be done like this. */
static int print_preview(struct cli *cli, const struct json_t *preview)
{
	struct table *table =
		table_new(cli->arena, (const char *[]){"STEP", "ENROLLMENTS", "GO TO",
						       "KIND", NULL});
	const struct json_t *steps = value_get(preview, "steps"),
			    *faults = value_get(preview, "unmapped");
	for (size_t i = 0; i < value_count(steps); i++) {
		const struct json_t *step = value_at(steps, i);
		const char *to = value_text(step, "to"),
			   *kind = value_text(step, "kind");
		bool ends = !*to && strcmp(kind, "mapped") == 0;
		table_row(table,
			  (const char *[]){value_text(step, "step"),
					   arena_printf(cli->arena, "%lld",
							(long long)value_int(
								step, "enrollments")),
					   ends ? "(the end)" : to, kind, NULL});
	}
	table_print(table);
	printf("%lld found, with %lld open tasks; nothing was done.\n",
	       (long long)value_int(preview, "count"),
	       (long long)value_int(preview, "tasks"));
	for (size_t i = 0; i < value_count(faults); i++)
		fprintf(stderr, "  %s [%s]\n",
			value_text(value_at(faults, i), "message"),
			value_text(value_at(faults, i), "code"));
	return value_count(faults) ? CLI_FAILED : CLI_OK;
}

static int workflow_migrate(struct cli *cli)
{
	static const char *const numbers[] = {"from", "to", "expect"};
	static const char *const outcomes[] = {"migrated", "removed", "left", NULL};
	struct json *body = api_body(cli);
	int code = CLI_OK;
	if (!cli_option(cli, "from") || !cli_option(cli, "to"))
		return cli_misuse(cli,
				  "--from N and --to N are wanted; `handbox workflow "
				  "versions %s` lists them.",
				  cli->args[0]);
	for (size_t i = 0; code == CLI_OK && i < sizeof(numbers) / sizeof(numbers[0]);
	     i++)
		code = add_number(cli, body, numbers[i]);
	if (code == CLI_OK)
		code = add_map(cli, body);
	if (code != CLI_OK)
		return code;
	if (cli_option(cli, "reason"))
		json_key_str(body, "reason", cli_option(cli, "reason"));
	json_key_bool(body, "refresh", cli_has(cli, "refresh"));
	json_key_bool(body, "dry_run", cli_has(cli, "dry-run"));
	const struct json_t *answer = api_call(
		cli, "POST", api_path(cli, "/workflows/%s/migrate", cli->args[0]));
	if (!answer)
		return CLI_FAILED;
	if (!cli_has(cli, "dry-run"))
		return job_follow(cli, answer, outcomes);
	if (!cli_has(cli, "json"))
		return print_preview(cli, answer);
	api_print_json(cli);
	return CLI_OK;
}

static int workflow_adopt(struct cli *cli)
{
	if (!api_call(cli, "POST", api_path(cli, "/workflows/%s/adopt", cli->args[0])))
		return CLI_FAILED;
	printf("%s belongs to the API now; its file is ignored.\n", cli->args[0]);
	return CLI_OK;
}

static const struct cli_command rows[] = {
	{"workflow list", "[--json]", "List the workflows", workflow_list, json_option,
	 0, 0, 0},
	{"workflow get", "WORKFLOW [--at N]", "Print a workflow's XML", workflow_get,
	 get_options, 1, 1, 0},
	{"workflow put", "FILE.xml…", "Save workflows as drafts", workflow_put, NULL, 1,
	 CLI_ANY, 0},
	{"workflow publish", "WORKFLOW [--at N] [--note TEXT]",
	 "Let it enroll contacts", workflow_publish, publish_options, 1, 1, 0},
	{"workflow unpublish", "WORKFLOW [--pending-tasks hold|keep|cancel]",
	 "Stop it from enrolling", workflow_unpublish, unpublish_options, 1, 1, 0},
	{"workflow diff", "WORKFLOW [--from N] [--to N] [--json]",
	 "Say what differs between two versions", workflow_diff, diff_options, 1, 1, 0},
	{"workflow migrate",
	 "WORKFLOW --from N --to N [--map OLD=NEW]… [--refresh] [--dry-run]",
	 "Move those who are in it to another version", workflow_migrate,
	 migrate_options, 1, 1, 0},
	{"workflow adopt", "WORKFLOW", "Take a workflow from its file into the API",
	 workflow_adopt, NULL, 1, 1, 0},
	{"workflow versions", "WORKFLOW [--json]", "List the versions of a workflow",
	 workflow_versions, json_option, 1, 1, 0},
};
const struct cli_commands cli_workflow_commands = {rows,
						   sizeof(rows) / sizeof(rows[0])};
