/* table.c - see table.h */
#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { COLUMNS_MOST = 12, LABEL_COLUMN = 10 };

struct line {
	const char *cells[COLUMNS_MOST];
	struct line *next;
};

struct table {
	struct arena *arena;
	size_t columns, widths[COLUMNS_MOST];
	struct line *first, **last;
};

/* What moves a terminal's cursor or worse: C0, DEL, C1, and the marks that turn the direction of writing around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static const char *clean(struct arena *arena, const char *text, size_t *width_out)
{
	struct buf out = BUF_EMPTY;
	const char *at = text, *end = text + strlen(text);
	uint32_t c;
	*width_out = 0;
	while ((c = utf8_next(&at, end)) != UTF8_END) {
		if (c == UTF8_BAD)
			at++;
		utf8_add(&out, c == UTF8_BAD ? '?' : is_control(c) ? ' ' : c);
		(*width_out)++;
	}
	const char *copy = arena_strdup(arena, buf_str(&out));
	buf_fini(&out);
	return copy;
}

struct table *table_new(struct arena *arena, const char *const *heads)
{
	struct table *table = ARENA_NEW(arena, struct table);
	table->arena = arena;
	table->last = &table->first;
	while (heads[table->columns] && table->columns < COLUMNS_MOST)
		table->columns++;
	table_row(table, heads);
	return table;
}

void table_row(struct table *table, const char *const *cells)
{
	struct line *line = ARENA_NEW(table->arena, struct line);
	for (size_t i = 0; i < table->columns; i++) {
		size_t width;
		line->cells[i] = clean(table->arena,
				       cells[i] && *cells[i] ? cells[i] : "-", &width);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	*table->last = line;
	table->last = &line->next;
}

static size_t width_of(const char *text)
{
	size_t width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void table_print(const struct table *table)
{
	if (!table->first->next)
		return; /* heads alone say nothing */
	for (const struct line *line = table->first; line; line = line->next)
		for (size_t i = 0; i < table->columns; i++) {
			bool is_last = i + 1 == table->columns;
			int pad = is_last ? 0
					  : (int)(table->widths[i] -
						  width_of(line->cells[i])) +
						    2;
			printf("%s%*s%s", line->cells[i], pad, "", is_last ? "\n" : "");
		}
}

void print_text(const char *indent, const char *text)
{
	const char *at = text, *end = text + strlen(text);
	struct buf out = BUF_EMPTY;
	uint32_t c;
	buf_add_str(&out, indent);
	while ((c = utf8_next(&at, end)) != UTF8_END) {
		if (c == UTF8_BAD)
			at++;
		if (c == '\n')
			buf_printf(&out, "\n%s", indent);
		else if (c == '\t' || (c != UTF8_BAD && !is_control(c)))
			utf8_add(&out, c);
	}
	puts(buf_str(&out));
	buf_fini(&out);
}

void print_line(const char *label, const char *text)
{
	if (!*text)
		return;
	char padded[32];
	snprintf(padded, sizeof(padded), "%-*s", LABEL_COLUMN, label);
	print_text(padded, text);
}

const char *local_time(struct arena *arena, const char *text)
{
	int64_t at_ms;
	struct tm tm;
	char out[32];
	if (!*text || clock_parse(text, &at_ms) != ERR_OK)
		return text;
	time_t at = (time_t)(at_ms / 1000);
	if (!localtime_r(&at, &tm) ||
	    !strftime(out, sizeof(out), "%Y-%m-%d %H:%M", &tm))
		return text;
	return arena_strdup(arena, out);
}
