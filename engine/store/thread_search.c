/* thread_search.c - words in texts, by FTS5 of SQLite: the table messages_words. See thread_rows.h
 *
 * FTS5 gives its rows in the order of ids, so the newest text that has the words comes first, and a walk ends with the
 * page however many there are. A thread stands where its newest such text does: an older one of the same contact is passed
 * over.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "store/thread_parts.h"

SQL(THREADS_FOUND,
    "SELECT " THREAD_COLUMNS ", m.id FROM messages_words w CROSS JOIN messages m ON "
    "m.id = w.rowid CROSS JOIN contacts c ON c.id = m.contact_id" THREAD_READS
    "WHERE w.messages_words MATCH ?4 AND w.rowid < ?2 AND c.deleted_at IS NULL AND "
    "m.id > c.reset_id ORDER BY w.rowid DESC LIMIT ?3");
/* messages_contact, then the rowid of the words */
SQL(THREAD_HAS_WORDS,
    "SELECT 1 FROM messages n CROSS JOIN messages_words w ON w.rowid = n.id WHERE "
    "n.contact_id = ?1 AND n.id > ?2 AND n.id > (SELECT reset_id FROM contacts WHERE "
    "id = ?1) AND w.messages_words MATCH ?3 LIMIT 1");

/* primary key */
SQL(WORDS_ADD, "INSERT INTO messages_words (rowid, text) SELECT id, text FROM messages "
	       "WHERE id >= ?1");

/* rank < 0: of all segments, which else stay apart */
SQL(WORDS_MERGE,
    "INSERT INTO messages_words (messages_words, rank) VALUES ('merge', ?1)");
SQL(LETTERS_MERGE,
    "INSERT INTO contacts_letters (contacts_letters, rank) VALUES ('merge', ?1)");
SQL(WORDS_CHANGES, "SELECT total_changes()");

enum { WORDS_MOST = 16, BEGUN_BYTES_LEAST = 3 };
#define BLANKS " \t\r\n"

/* FTS5 has a language of its own; in quotation marks it is only text. */
static void add_word(struct buf *words, const char *word, size_t len_bytes)
{
	buf_add_str(words, words->len ? " \"" : "\"");
	for (size_t i = 0; i < len_bytes; i++) {
		if (word[i] == '"')
			buf_add_char(words, '"');
		buf_add_char(words, word[i]);
	}
	buf_add_char(words, '"');
}

static bool has_letters(const char *word, size_t len_bytes)
{
	for (size_t i = 0; i < len_bytes; i++)
		if (isalnum((unsigned char)word[i]) || (unsigned char)word[i] >= 0x80)
			return true;
	return false;
}

const char *thread_rows_words(struct arena *arena, const char *q, bool is_begun)
{
	struct buf words = BUF_EMPTY;
	size_t last_bytes = 0;
	q += strspn(q, BLANKS);
	for (unsigned count = 0; *q && count < WORDS_MOST; count++) {
		size_t len = strcspn(q, BLANKS);
		if (has_letters(q, len))
			add_word(&words, q, last_bytes = len);
		q += len;
		q += strspn(q, BLANKS);
	}
	bool is_fit = is_begun ? last_bytes >= BEGUN_BYTES_LEAST : words.len > 0;
	if (is_begun)
		buf_add_char(&words, '*');
	const char *found = is_fit ? arena_strdup(arena, buf_str(&words)) : NULL;
	buf_fini(&words);
	return found;
}

enum err thread_rows_has_words(struct db *db, const char *words, uint64_t contact_id,
			       uint64_t after_id, bool *has_out)
{
	struct rows rows;
	SQL_QUERY(db, &THREAD_HAS_WORDS, &rows, SQL_ID(contact_id), SQL_INT(after_id),
		  SQL_TEXT(words));
	*has_out = rows_next(&rows);
	return rows_end(&rows);
}

enum err thread_is_listed(struct db *db, const struct thread_filter *filter,
			  uint64_t contact_id, bool *is_out)
{
	*is_out = false;
	return filter->listed ? thread_rows_has_words(db, filter->listed, contact_id, 0,
						      is_out)
			      : ERR_OK;
}

static bool is_on_page(const struct thread_page *page, uint64_t contact_id)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->rows[i].contact_id == contact_id)
			return true;
	return false;
}

enum err thread_rows_found(struct db *db, struct arena *arena,
			   const struct thread_filter *filter,
			   struct thread_page *page_out)
{
	size_t scan_most = filter->scan_most ? filter->scan_most : THREAD_SCAN_MOST,
	       scanned = 0;
	struct thread_page page = {
		.rows = ARENA_ARRAY(arena, struct thread_row, filter->limit)};
	struct rows rows;
	uint64_t last = 0;
	enum err err = ERR_OK;
	SQL_QUERY(db, &THREADS_FOUND, &rows, SQL_INT(filter->reader_id),
		  SQL_INT(filter->before_id ? filter->before_id : (uint64_t)INT64_MAX),
		  SQL_INT(scan_most), SQL_TEXT(filter->text));
	while (err == ERR_OK && rows_next(&rows)) {
		struct thread_row row = thread_row_read(&rows, filter->reader_id);
		bool is_older;
		row.found_id = rows_id(&rows, THREAD_COLUMN_COUNT);
		if (page.count == filter->limit) {
			page.next_before_id = last;
			break;
		}
		scanned++;
		last = row.found_id;
		if (!thread_row_is_among(filter, &rows) ||
		    !thread_row_fits(filter, &rows, &row))
			continue;
		is_older = is_on_page(&page, row.contact_id);
		if (!is_older && filter->before_id) /* or on one before */
			err = thread_rows_has_words(db, filter->text, row.contact_id,
						    filter->before_id - 1, &is_older);
		if (err == ERR_OK && !is_older)
			err = thread_is_listed(db, filter, row.contact_id, &is_older);
		if (err != ERR_OK || is_older)
			continue;
		thread_row_keep(arena, &row);
		page.rows[page.count++] = row;
	}
	if (scanned == scan_most && !page.next_before_id)
		page.next_before_id = last;
	enum err end = rows_end(&rows);
	if (err == ERR_OK && end == ERR_OK)
		*page_out = page;
	return err != ERR_OK ? err : end;
}

enum err thread_rows_index_words(struct db *db, uint64_t first_id)
{
	return SQL_RUN(db, &WORDS_ADD, SQL_ID(first_id));
}

static enum err all_changes(struct db *db, int64_t *count_out)
{
	struct rows rows;
	SQL_QUERY0(db, &WORDS_CHANGES, &rows);
	*count_out = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows);
}

/* FTS5 tells that it is through by changing nothing but the row that asked. */
static enum err merge(struct db *db, const struct sql_statement *statement,
		      int64_t pages, bool *is_through_out)
{
	int64_t before, after;
	enum err err = all_changes(db, &before);
	if (err == ERR_OK)
		err = SQL_RUN(db, statement, SQL_INT(pages));
	if (err == ERR_OK)
		err = all_changes(db, &after);
	*is_through_out = err == ERR_OK && after - before < 2;
	return err;
}

enum err thread_rows_merge_words(struct db *db, unsigned pages, bool is_first,
				 bool *is_through_out)
{
	int64_t most = is_first ? -(int64_t)pages : (int64_t)pages;
	bool are_words_through, are_letters_through = false;
	enum err err = merge(db, &WORDS_MERGE, most, &are_words_through);
	if (err == ERR_OK)
		err = merge(db, &LETTERS_MERGE, most, &are_letters_through);
	if (err != ERR_OK)
		return err;
	*is_through_out = are_words_through && are_letters_through;
	if (*is_through_out)
		sql_cut_log(db);
	return ERR_OK;
}
