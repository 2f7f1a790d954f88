/* import.c - `handbox import FILE`: contacts from CSV, one by one through the API. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/files.h"
#include "cli/remote.h"

enum { FILE_BYTES_MOST = 256 * 1024 * 1024 };

static const struct cli_option options[] = {
	{"upsert", "BY",
	 "phone or external_id: change the contact that has it already"},
	{"enroll", "WORKFLOW", "put each of them into this workflow"},
	{"shared", NULL, "other contacts may have the same number"},
	{NULL, NULL, NULL},
};

static const char *const text_columns[] = {
	"phone",       "first_name", "last_name", "email",
	"external_id", "country",    "timezone",  "owner",
};
enum { TEXT_COLUMNS = sizeof(text_columns) / sizeof(text_columns[0]) };

#define CUSTOM "custom."

struct import {
	struct cli *cli;
	struct csv csv;
	const char *columns[CSV_CELLS_MOST];
	size_t column_count;
	const char *file, *path; /* path: of the API */
	size_t saved, failed, enrolled, not_enrolled;
};

/* --- the header row --------------------------------------------------------------------------------------------------------------- */

static bool is_known(const char *column)
{
	if (strcmp(column, "tags") == 0 || strcmp(column, "test") == 0)
		return true;
	if (strncmp(column, CUSTOM, strlen(CUSTOM)) == 0)
		return column[strlen(CUSTOM)] != '\0';
	for (size_t i = 0; i < TEXT_COLUMNS; i++)
		if (strcmp(text_columns[i], column) == 0)
			return true;
	return false;
}

static int unknown_column(struct import *import, const char *column)
{
	const char *near = cli_nearest(column, text_columns, TEXT_COLUMNS);
	return cli_fail(
		import->cli,
		"%s:1: there is no column \"%s\"%s%s%s; known are phone, first_name, "
		"last_name, email, "
		"external_id, country, timezone, owner, tags, test and custom.NAME.",
		import->file, column, near ? " (did you mean " : "", near ? near : "",
		near ? "?)" : "");
}

static int read_header(struct import *import)
{
	struct csv *csv = &import->csv;
	if (!csv_next(csv))
		return cli_fail(
			import->cli, "%s: %s", import->file,
			csv->fault ? csv->fault
				   : "It is empty; a header row names the columns.");
	for (size_t i = 0; i < csv->count; i++) {
		if (!is_known(csv->cells[i]))
			return unknown_column(import, csv->cells[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(import->columns[j], csv->cells[i]) == 0)
				return cli_fail(import->cli,
						"%s:1: the column %s is there twice.",
						import->file, csv->cells[i]);
		import->columns[i] = arena_strdup(import->cli->arena, csv->cells[i]);
	}
	import->column_count = csv->count;
	return CLI_OK;
}

/* --- one row ------------------------------------------------------------------------------------------------------------------------ */

static void add_tags(struct import *import, struct json *body, const char *tags)
{
	json_key(body, "tags");
	json_array(body);
	for (tags += strspn(tags, "; "); *tags; tags += strspn(tags, "; ")) {
		size_t len = strcspn(tags, ";");
		size_t kept = len;
		while (kept && tags[kept - 1] == ' ')
			kept--;
		json_str(body, arena_strndup(import->csv.arena, tags, kept));
		tags += len;
	}
	json_end_array(body);
}

static void add_custom(const struct import *import, struct json *body)
{
	bool is_begun = false;
	for (size_t i = 0; i < import->csv.count; i++) {
		const char *column = import->columns[i];
		if (strncmp(column, CUSTOM, strlen(CUSTOM)) != 0 ||
		    !*import->csv.cells[i])
			continue;
		if (!is_begun) {
			json_key(body, "custom");
			json_object(body);
			is_begun = true;
		}
		column += strlen(CUSTOM);
		api_pair(body, column, strlen(column), import->csv.cells[i]);
	}
	if (is_begun)
		json_end_object(body);
}

static bool is_yes(const char *text)
{
	return strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 ||
	       strcmp(text, "1") == 0;
}

/* An empty cell says nothing: with --upsert what is there stays. */
static void add_row(struct import *import)
{
	struct json *body = api_body(import->cli);
	for (size_t i = 0; i < import->csv.count; i++) {
		const char *column = import->columns[i], *cell = import->csv.cells[i];
		if (!*cell || strncmp(column, CUSTOM, strlen(CUSTOM)) == 0)
			continue;
		if (strcmp(column, "tags") == 0)
			add_tags(import, body, cell);
		else if (strcmp(column, "test") == 0)
			json_key_bool(body, "test", is_yes(cell));
		else
			json_key_str(body, column, cell);
	}
	add_custom(import, body);
}

static void say_row(struct import *import, const struct api_answer *answer)
{
	const char *member = value_text(answer->value, "member"),
		   *existing = value_text(answer->value, "existing");
	(void)cli_fail(import->cli, "%s:%u: %s%s%s%s%s", import->file, import->csv.line,
		       member, *member ? ": " : "", value_text(answer->value, "detail"),
		       *existing ? " It is contact " : "", existing);
}

static void enroll(struct import *import, const char *contact)
{
	struct cli *cli = import->cli;
	const char *workflow = cli_option(cli, "enroll");
	struct json *body = api_body(cli);
	json_key(body, "contacts");
	json_array(body);
	json_str(body, contact);
	json_end_array(body);
	const struct api_answer *answer = api_try(
		cli,
		&(struct api_request){
			.method = "POST",
			.path = api_path(cli, "/workflows/%s/enrollments", workflow)});
	const char *outcome =
		answer ? value_text(value_at(value_get(answer->value, "results"), 0),
				    "outcome")
		       : "not asked";
	if (strcmp(outcome, "enrolled") == 0) {
		import->enrolled++;
		return;
	}
	import->not_enrolled++;
	if (answer && !api_is_fine(answer))
		say_row(import, answer);
	else
		(void)cli_fail(cli, "%s:%u: saved, but not enrolled: %s.", import->file,
			       import->csv.line, outcome);
}

/* What is kept all the same, but will not do as it is: a number that cannot be one. */
static void say_warnings(struct import *import, const struct json_t *warnings)
{
	for (size_t i = 0; i < value_count(warnings); i++)
		(void)cli_fail(import->cli, "%s:%u: warning: %s", import->file,
			       import->csv.line,
			       value_text(value_at(warnings, i), "detail"));
}

/* false: no answer at all, which the next rows would not get either. */
static bool save_row(struct import *import)
{
	struct cli *cli = import->cli;
	if (import->csv.count > import->column_count) {
		import->failed++;
		(void)cli_fail(cli, "%s:%u: the row has %zu columns, the header %zu.",
			       import->file, import->csv.line, import->csv.count,
			       import->column_count);
		return true;
	}
	add_row(import);
	const struct api_answer *answer = api_try(
		cli, &(struct api_request){.method = "POST", .path = import->path});
	if (!answer)
		return false;
	if (api_is_fine(answer)) {
		import->saved++;
		say_warnings(import, value_get(answer->value, "warnings"));
		if (cli_option(cli, "enroll"))
			enroll(import, value_text(answer->value, "id"));
	} else {
		import->failed++;
		say_row(import, answer);
	}
	api_forget(cli);
	return true;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------ */

static int run_rows(struct import *import)
{
	bool fine = true;
	if (read_header(import) != CLI_OK)
		return CLI_FAILED;
	while (fine && csv_next(&import->csv))
		fine = save_row(import);
	if (import->csv.fault) {
		import->failed++;
		(void)cli_fail(import->cli, "%s:%u: %s What follows is not read.",
			       import->file, import->csv.line, import->csv.fault);
	}
	printf("%zu contacts saved, %zu rows failed", import->saved, import->failed);
	if (cli_option(import->cli, "enroll"))
		printf(", %zu enrolled, %zu not", import->enrolled,
		       import->not_enrolled);
	printf(".\n");
	return fine && !import->failed && !import->not_enrolled ? CLI_OK : CLI_FAILED;
}

static int import_file(struct cli *cli)
{
	struct import import = {.cli = cli, .file = cli->args[0]};
	const char *upsert = cli_option(cli, "upsert");
	struct buf text = BUF_EMPTY;
	import.path = upsert ? api_path(cli, "/contacts?import=1&upsert=%s", upsert)
			     : "/contacts?import=1";
	if (cli_has(cli, "shared"))
		import.path = arena_printf(cli->arena, "%s&shared=1", import.path);
	int code = file_read(cli, import.file, FILE_BYTES_MOST, &text);
	if (code == CLI_OK) {
		csv_init(&import.csv, buf_str(&text), text.len);
		code = run_rows(&import);
		csv_fini(&import.csv);
	}
	buf_fini(&text);
	return code;
}

static const struct cli_command rows[] = {
	{"import", "FILE [--upsert phone|external_id] [--enroll WORKFLOW] [--shared]",
	 "Contacts from CSV with a header row: phone, first_name, …, tags, custom.NAME",
	 import_file, options, 1, 1, 0},
};
const struct cli_commands cli_import_commands = {rows, 1};
