/* template.c - compiles; see template.h. Rendering is in template_render.c. */
#include "model/template.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/template_parts.h"

/* A name that ends in a dot stands for all NAMEs behind it. */
static const char *const known_fields[] = {
	"contact.first_name",
	"contact.last_name",
	"contact.name",
	"contact.phone",
	"contact.email",
	"contact.country",
	"contact.timezone",
	"contact.owner",
	"contact.created_at",
	"contact.custom.",
	"user.first_name",
	"user.last_name",
	"user.name",
	"user.login",
	"user.email",
	"account.name",
	"event.",
	"reply.text",
};

static const char known_fields_text[] =
	"contact.first_name, contact.last_name, contact.name, contact.phone, "
	"contact.email, contact.country, "
	"contact.timezone, contact.owner, contact.created_at, contact.custom.NAME, "
	"user.first_name, user.last_name, "
	"user.name, user.login, user.email, account.name, event.NAME, reply.text";

struct scan {
	struct arena *arena;
	const char *start, *at, *end;
	struct template *template;
	struct template_part **next_part;
	const struct template_error **first_error;
	struct template_error *last_error;
	unsigned error_count;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool is_name(const char *s)
{
	if (!is_letter(*s))
		return false;
	while (is_name_char(*s))
		s++;
	return !*s;
}

bool template_knows_field(const char *name)
{
	for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++) {
		const char *known = known_fields[i];
		size_t len = strlen(known);
		bool is_prefix = known[len - 1] == '.';
		if (is_prefix ? strncmp(name, known, len) == 0 && is_name(name + len)
			      : strcmp(name, known) == 0)
			return true;
	}
	return false;
}

const char *template_known_fields(void)
{
	return known_fields_text;
}

/* --- errors --- */

static void place(const char *start, const char *at, struct template_error *error)
{
	error->offset_bytes = (size_t)(at - start);
	error->line = 1;
	error->column = 1;
	for (const char *s = start; s < at; s++) {
		bool is_inside_char = ((unsigned char)*s & 0xC0) == 0x80;
		if (*s == '\n') {
			error->line++;
			error->column = 1;
		} else if (!is_inside_char) {
			error->column++;
		}
	}
}

static void PRINTF_LIKE(4, 5)
	fail(struct scan *scan, const char *at, const char *code, const char *fmt, ...)
{
	if (scan->error_count == TEMPLATE_ERRORS_MAX)
		return;
	struct template_error *error = ARENA_NEW(scan->arena, struct template_error);
	place(scan->start, at, error);
	error->code = code;
	va_list args;
	va_start(args, fmt);
	error->message = arena_vprintf(scan->arena, fmt, args);
	va_end(args);
	if (scan->last_error)
		scan->last_error->next = error;
	else
		*scan->first_error = error;
	scan->last_error = error;
	scan->error_count++;
}

/* --- the inside of {{ }} --- */

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at))
		scan->at++;
}

static bool take(struct scan *scan, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
		return false;
	scan->at += len;
	return true;
}

/* NULL when there is no word here. */
static const char *take_word(struct scan *scan)
{
	const char *from = scan->at;
	if (from == scan->end || !is_letter(*from))
		return NULL;
	while (scan->at < scan->end && (is_name_char(*scan->at) || *scan->at == '.'))
		scan->at++;
	return arena_strndup(scan->arena, from, (size_t)(scan->at - from));
}

/* A quoted text; Liquid knows no escapes in it. NULL when there is none here, or no end
 * of it. */
static const char *take_quoted(struct scan *scan)
{
	if (scan->at == scan->end || (*scan->at != '"' && *scan->at != '\''))
		return NULL;
	const char *from = scan->at + 1;
	const char *to = memchr(from, *scan->at, (size_t)(scan->end - from));
	if (!to)
		return NULL;
	scan->at = to + 1;
	return arena_strndup(scan->arena, from, (size_t)(to - from));
}

static const struct template_filter_kind *filter_find(const char *name)
{
	for (size_t i = 0; i < template_filter_kind_count; i++)
		if (strcmp(template_filter_kinds[i].name, name) == 0)
			return &template_filter_kinds[i];
	return NULL;
}

static bool filter_argument_ok(struct scan *scan, const char *from,
			       const struct template_filter_kind *kind,
			       const char *argument, bool has_colon)
{
	if (!kind->argument && has_colon)
		fail(scan, from, "bad_filter",
		     "The filter %s takes nothing behind it: write | %s.", kind->name,
		     kind->name);
	else if (kind->argument && !argument)
		fail(scan, from, "bad_filter",
		     "The filter %s needs a text between quotes: write | %s: %s.",
		     kind->name, kind->name, kind->argument);
	else if (kind->is_date && !template_date_format_is_known(argument))
		fail(scan, from, "bad_date_format",
		     "\"%s\" holds a %% that date does not know. Known: %s.", argument,
		     TEMPLATE_DATE_LETTERS);
	else
		return true;
	return false;
}

/* One filter behind a bar; false when an error was found. */
static bool take_filter(struct scan *scan, struct template_filter **filter_out)
{
	skip_blanks(scan);
	const char *from = scan->at;
	const char *name = take_word(scan);
	if (!name) {
		fail(scan, from, "template_syntax",
		     "A filter is missing behind the bar. Known: default, upcase, "
		     "downcase, capitalize, date.");
		return false;
	}
	const struct template_filter_kind *kind = filter_find(name);
	if (!kind) {
		fail(scan, from, "unknown_filter",
		     "There is no filter \"%.60s\". Known: default, upcase, downcase, "
		     "capitalize, date.",
		     name);
		return false;
	}
	skip_blanks(scan);
	bool has_colon = take(scan, ":");
	skip_blanks(scan);
	const char *argument = has_colon ? take_quoted(scan) : NULL;
	if (!filter_argument_ok(scan, from, kind, argument, has_colon))
		return false;
	struct template_filter *filter = ARENA_NEW(scan->arena, struct template_filter);
	filter->kind = kind;
	filter->argument = argument;
	*filter_out = filter;
	return true;
}

static bool take_filters(struct scan *scan, struct template_part *part)
{
	const struct template_filter **next = &part->filters;
	for (skip_blanks(scan); take(scan, "|"); skip_blanks(scan)) {
		struct template_filter *filter;
		if (!take_filter(scan, &filter))
			return false;
		part->has_default |= filter->kind->is_default;
		*next = filter;
		next = &filter->next;
	}
	return true;
}

static bool take_field(struct scan *scan, struct template_part *part)
{
	skip_blanks(scan);
	const char *from = scan->at;
	part->field = take_word(scan);
	if (!part->field) {
		fail(scan, from, "template_syntax",
		     "The name of a value is expected behind {{, as in {{ "
		     "contact.first_name }}.");
		return false;
	}
	if (!template_knows_field(part->field)) {
		fail(scan, from, "unknown_field",
		     "There is no value \"%.60s\". Known: %s.", part->field,
		     known_fields_text);
		return false;
	}
	return true;
}

static void add_part(struct scan *scan, struct template_part *part)
{
	*scan->next_part = part;
	scan->next_part = &part->next;
}

static void skip_behind(struct scan *scan, const char *word)
{
	const char *to =
		memmem(scan->at, (size_t)(scan->end - scan->at), word, strlen(word));
	scan->at = to ? to + strlen(word) : scan->end;
}

/* Behind "{{": a value up to "}}". After an error the scan goes on behind the next
 * "}}", to find further ones. */
static void take_value(struct scan *scan)
{
	const char *from = scan->at - 2;
	if (!memmem(scan->at, (size_t)(scan->end - scan->at), "}}", 2)) {
		fail(scan, from, "template_unclosed",
		     "{{ opens a value that no }} closes.");
		scan->at = scan->end;
		return;
	}
	struct template_part *part = ARENA_NEW(scan->arena, struct template_part);
	if (!take_field(scan, part) || !take_filters(scan, part)) {
		skip_behind(scan, "}}");
		return;
	}
	const char *at = scan->at;
	if (!take(scan, "}}")) {
		fail(scan, at, "template_syntax",
		     "Only a filter behind a bar, or }}, may follow here: {{ %s | "
		     "default: \"…\" }}.",
		     part->field);
		skip_behind(scan, "}}");
		return;
	}
	add_part(scan, part);
	scan->template->value_count++;
}

/* --- the whole --- */

static void take_text(struct scan *scan)
{
	const char *from = scan->at;
	while (scan->at < scan->end && !(*scan->at == '{' && scan->at + 1 < scan->end &&
					 strchr("{%", scan->at[1])))
		scan->at++;
	if (scan->at == from)
		return;
	struct template_part *part = ARENA_NEW(scan->arena, struct template_part);
	part->len_bytes = (size_t)(scan->at - from);
	part->text = arena_strndup(scan->arena, from, part->len_bytes);
	add_part(scan, part);
}

static void scan_all(struct scan *scan)
{
	while (scan->at < scan->end) {
		take_text(scan);
		if (take(scan, "{{")) {
			take_value(scan);
		} else if (scan->at < scan->end) {
			fail(scan, scan->at, "template_tag",
			     "{%% opens a tag, and tags are not taken here: only "
			     "values, {{ contact.first_name }}.");
			scan->at += 2;
		}
	}
}

static bool check_text(struct scan *scan)
{
	if (scan->end - scan->start > TEMPLATE_TEXT_MAX)
		fail(scan, scan->start, "text_too_long",
		     "The text has %zu bytes; at most %d are taken.",
		     (size_t)(scan->end - scan->start), TEMPLATE_TEXT_MAX);
	else if (!utf8_is_valid(scan->start, (size_t)(scan->end - scan->start)))
		fail(scan, scan->start, "bad_text",
		     "The text is not UTF-8, or holds a NUL.");
	return scan->error_count == 0;
}

static void collect_fields(struct arena *arena, struct template *template)
{
	template->fields = ARENA_ARRAY(arena, const char *, template->value_count);
	for (const struct template_part *part = template->parts; part;
	     part = part->next) {
		size_t i = 0;
		if (!part->field)
			continue;
		while (i < template->field_count &&
		       strcmp(template->fields[i], part->field) != 0)
			i++;
		if (i == template->field_count)
			template->fields[template->field_count++] = part->field;
	}
}

enum err template_compile(struct arena *arena, const char *text, size_t len_bytes,
			  const struct template **template_out,
			  const struct template_error **errors_out)
{
	struct template *template = ARENA_NEW(arena, struct template);
	struct template_part *parts = NULL;
	struct scan scan = {
		.arena = arena,
		.start = text,
		.at = text,
		.end = text + len_bytes,
		.template = template,
		.next_part = &parts,
		.first_error = errors_out,
	};
	if (check_text(&scan))
		scan_all(&scan);
	if (scan.error_count)
		return ERR_SYNTAX;
	template->source = arena_strndup(arena, text, len_bytes);
	template->parts = parts;
	collect_fields(arena, template);
	*template_out = template;
	return ERR_OK;
}

const char *template_source(const struct template *template)
{
	return template->source;
}

bool template_uses(const struct template *template, const char *field_or_prefix)
{
	size_t len = strlen(field_or_prefix);
	bool is_prefix = len && field_or_prefix[len - 1] == '.';
	for (size_t i = 0; i < template->field_count; i++)
		if (is_prefix ? strncmp(template->fields[i], field_or_prefix, len) == 0
			      : strcmp(template->fields[i], field_or_prefix) == 0)
			return true;
	return false;
}

const char *const *template_fields(const struct template *template, size_t *count_out)
{
	*count_out = template->field_count;
	return template->fields;
}
