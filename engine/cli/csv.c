/* csv.c - see csv.h */
#include "cli/csv.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void csv_init(struct csv *csv, const char *text, size_t len_bytes)
{
	*csv = (struct csv){
		.at = text, .end = text + len_bytes, .next_line = 1, .separator = ','};
	if (len_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		csv->at += 3;
	if (!utf8_is_valid(csv->at, (size_t)(csv->end - csv->at)))
		csv->fault = "The file is not UTF-8; save it as that.";
	const char *line_end = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
	size_t first = (size_t)((line_end ? line_end : csv->end) - csv->at);
	if (!memchr(csv->at, ',', first) && memchr(csv->at, ';', first))
		csv->separator = ';';
}

void csv_fini(struct csv *csv)
{
	arena_free(&csv->arena);
}

static bool is_line_end(const struct csv *csv)
{
	return *csv->at == '\n' ||
	       (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n');
}

static bool quoted(struct csv *csv, struct buf *cell)
{
	for (csv->at++; csv->at < csv->end; csv->at++) {
		if (*csv->at == '\n')
			csv->next_line++;
		if (*csv->at != '"') {
			buf_add_char(cell, *csv->at);
		} else if (csv->at + 1 < csv->end && csv->at[1] == '"') {
			buf_add_char(cell, '"');
			csv->at++;
		} else {
			csv->at++;
			return true;
		}
	}
	csv->fault = "A quote is opened and never closed.";
	return false;
}

static const char *trimmed(struct arena *arena, const struct buf *cell)
{
	const char *text = buf_str(cell);
	size_t len = cell->len;
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return arena_strndup(arena, text, len);
}

static bool take_cell(struct csv *csv)
{
	struct buf cell = BUF_EMPTY;
	bool fine = true;
	while (csv->at < csv->end && *csv->at == ' ')
		csv->at++;
	if (csv->at < csv->end && *csv->at == '"')
		fine = quoted(csv, &cell);
	while (fine && csv->at < csv->end && *csv->at != csv->separator &&
	       !is_line_end(csv))
		buf_add_char(&cell, *csv->at++);
	if (fine && csv->count == CSV_CELLS_MOST) {
		csv->fault = "The row has too many columns.";
		fine = false;
	}
	if (fine)
		csv->cells[csv->count++] = trimmed(csv->arena, &cell);
	buf_fini(&cell);
	return fine;
}

static bool take_row(struct csv *csv)
{
	arena_free(&csv->arena);
	csv->arena = arena_new();
	csv->count = 0;
	csv->line = csv->next_line;
	while (take_cell(csv)) {
		if (csv->at >= csv->end)
			return true;
		if (is_line_end(csv)) {
			csv->at += *csv->at == '\r' ? 2 : 1;
			csv->next_line++;
			return true;
		}
		csv->at++; /* the separator */
	}
	return false;
}

bool csv_next(struct csv *csv)
{
	while (!csv->fault && csv->at < csv->end && take_row(csv))
		if (csv->count > 1 || *csv->cells[0])
			return true;
	return false;
}
