/* letters_rows.c - see letters_rows.h */
#include "store/letters_rows.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "store/sql.h"

SQL(LETTERS_FIND,
    "SELECT rowid FROM contacts_letters WHERE contacts_letters MATCH ?1 LIMIT ?2");

/* few rows, and the primary key */
SQL(LETTERS_RENAMED,
    "SELECT r.id, c.first_name, c.last_name, c.phone, c.phone_e164, c.email, "
    "c.external_id FROM contacts_renamed r LEFT JOIN contacts c ON c.id = r.id AND "
    "c.deleted_at IS NULL");
SQL(LETTERS_REMOVE, "DELETE FROM contacts_letters WHERE rowid = ?1");
SQL(LETTERS_ADD, "INSERT INTO contacts_letters (rowid, text) VALUES (?1, ?2)");
SQL(LETTERS_TAKEN, "DELETE FROM contacts_renamed");

enum { GRAM_LETTERS = 3, GRAMS_MOST = 32 };

/* --- looking for it --- */

/* FTS5 has a language of its own; in quotation marks it is only text. */
static void add_gram(struct buf *query, const char *gram, size_t len_bytes)
{
	buf_add_char(query, '"');
	for (size_t i = 0; i < len_bytes; i++) {
		if (gram[i] == '"')
			buf_add_char(query, '"');
		buf_add_char(query, gram[i]);
	}
	buf_add_str(query, "\" ");
}

static const char *behind(const char *at, size_t letters)
{
	const char *end = at + strlen(at);
	while (letters-- && at)
		at = utf8_next(&at, end) < UTF8_BAD ? at : NULL;
	return at;
}

/* All threes of letters in it, each of which must be there; false: there is none. */
static bool add_grams(struct buf *query, const char *text)
{
	const char *end = behind(text, GRAM_LETTERS);
	if (!end)
		return false;
	buf_add_char(query, '(');
	for (unsigned count = 0; end && count < GRAMS_MOST; count++) {
		add_gram(query, text, (size_t)(end - text));
		text = behind(text, 1);
		end = behind(end, 1);
	}
	buf_add_char(query, ')');
	return true;
}

/* NULL: the index cannot tell. */
static const char *query_of(struct arena *arena, const struct search *search)
{
	struct buf query = BUF_EMPTY;
	bool is_fit = add_grams(&query, search->folded);
	if (is_fit && search->digits && strcmp(search->digits, search->folded) != 0) {
		buf_add_str(&query, " OR ");
		is_fit = add_grams(&query, search->digits);
	}
	const char *text = is_fit ? arena_strdup(arena, buf_str(&query)) : NULL;
	buf_fini(&query);
	return text;
}

enum err letters_rows_find(struct db *db, struct arena *arena,
			   const struct search *search, size_t most,
			   const char **ids_out)
{
	const char *query = query_of(arena, search);
	struct buf ids = BUF_EMPTY;
	struct rows rows;
	size_t count = 0;
	*ids_out = NULL;
	if (!query)
		return ERR_OK;
	SQL_QUERY(db, &LETTERS_FIND, &rows, SQL_TEXT(query), SQL_INT(most + 1));
	while (count <= most && rows_next(&rows))
		buf_printf(&ids, "%s%" PRIu64, count++ ? "," : "[", rows_id(&rows, 0));
	enum err err = rows_end(&rows);
	buf_add_str(&ids, count ? "]" : "[]");
	if (err == ERR_OK && count <= most)
		*ids_out = arena_strdup(arena, buf_str(&ids));
	buf_fini(&ids);
	return err;
}

/* --- taking it in --- */

static void add_line(struct buf *text, const char *line)
{
	if (!line || !*line || (text->len && strstr(buf_str(text), line)))
		return;
	if (text->len)
		buf_add_char(text, '\n');
	buf_add_str(text, line);
}

/* What search_finds and search_finds_number look at, as they look at it. */
static const char *letters_of(struct arena *arena, const struct rows *rows)
{
	struct buf text = BUF_EMPTY;
	const char *lines[] = {
		arena_printf(arena, "%s %s", rows_text(rows, 1), rows_text(rows, 2)),
		rows_text(rows, 3), rows_text(rows, 5), rows_text(rows, 6)};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		add_line(&text, search_fold(arena, lines[i]));
	add_line(&text, search_digits(arena, rows_text(rows, 4)));
	add_line(&text, search_digits(arena, rows_text(rows, 3)));
	const char *letters = arena_strdup(arena, buf_str(&text));
	buf_fini(&text);
	return letters;
}

enum err letters_rows_take_in(struct db *db)
{
	struct rows rows;
	struct arena *arena = NULL;
	enum err err = ERR_OK;
	bool is_any = false;
	SQL_QUERY0(db, &LETTERS_RENAMED, &rows);
	while (err == ERR_OK && rows_next(&rows)) {
		uint64_t id = rows_id(&rows, 0);
		is_any = true;
		if (!arena)
			arena = arena_new();
		err = SQL_RUN(db, &LETTERS_REMOVE, SQL_ID(id));
		if (err == ERR_OK && !rows_is_null(&rows, 1))
			err = SQL_RUN(db, &LETTERS_ADD, SQL_ID(id),
				      SQL_TEXT(letters_of(arena, &rows)));
	}
	arena_free(&arena);
	enum err end = rows_end(&rows);
	if (err == ERR_OK)
		err = end;
	return err == ERR_OK && is_any ? SQL_RUN0(db, &LETTERS_TAKEN) : err;
}
