/* thread_rows.c - lists of threads, read marks and notes; words are in thread_search.c. See thread_rows.h
 *
 * One range of an index is walked newest first, and what else is asked is asked of each row here: the walk keeps its order
 * and ends with the page. The threads of several users are as many walks, merged: each tells how far down it has looked,
 * and the page goes no further than the one that looked least far.
 *
 * Everybody's threads have no index. The texts themselves are walked, and each that is the head of its thread stands for it:
 * among the newest most are, and a text that comes in has one page less to write, of some six.
 */
#include "store/thread_rows.h"

#include <stdlib.h>

#include "store/letters_rows.h"
#include "store/thread_parts.h"

#define WALK                                                               \
	"SELECT " THREAD_COLUMNS " FROM contacts c" THREAD_READS           \
	"WHERE c.thread_head_id IS NOT NULL AND c.deleted_at IS NULL AND " \
	"c.thread_head_id < ?2 "
#define NEWEST_FIRST "ORDER BY c.thread_head_id DESC LIMIT ?3"

/* primary key of messages. No contact: a later text is the head */
SQL(THREADS_ALL,
    "SELECT " THREAD_COLUMNS ", m.id FROM messages m LEFT JOIN contacts c ON c.id = "
    "m.contact_id AND c.thread_head_id = m.id AND c.deleted_at IS NULL" THREAD_READS
    "WHERE m.id < ?2 ORDER BY m.id DESC LIMIT ?3");
/* contacts_threads_free */
SQL(THREADS_FREE, WALK "AND c.owner_id IS NULL " NEWEST_FIRST);
/* contacts_threads_of */
SQL(THREADS_OF, WALK "AND coalesce(c.owner_id, c.texter_id, 0) = ?4 " NEWEST_FIRST);
/* contacts_waiting */
SQL(THREADS_WAITING, WALK "AND c.thread_inbound_id = c.thread_head_id AND "
			  "coalesce(c.texter_id, 0) = ?4 " NEWEST_FIRST);
/* primary key */
SQL(THREADS_LETTERED,
    "SELECT " THREAD_COLUMNS " FROM json_each(?4) j CROSS JOIN contacts c" THREAD_READS
    "WHERE c.id = j.value AND c.thread_head_id IS NOT NULL AND c.deleted_at IS NULL "
    "AND c.thread_head_id < ?2 " NEWEST_FIRST);
/* contacts_phone */
SQL(THREADS_NUMBER,
    "SELECT " THREAD_COLUMNS " FROM contacts c" THREAD_READS
    "WHERE c.phone_e164 = ?2 AND c.deleted_at IS NULL AND "
    "c.thread_head_id IS NOT NULL ORDER BY c.thread_head_id DESC LIMIT 200");
/* mentions_unread */
SQL(THREADS_MENTIONED,
    "SELECT " THREAD_COLUMNS ", m.note_id FROM mentions m JOIN contacts c ON c.id = "
    "m.contact_id" THREAD_READS
    "WHERE m.user_id = ?1 AND m.is_unread = 1 AND m.note_id "
    "< ?2 AND c.deleted_at IS NULL ORDER BY m.note_id DESC LIMIT ?3");
/* primary keys */
SQL(THREAD_ONE, "SELECT " THREAD_COLUMNS " FROM contacts c" THREAD_READS
		"WHERE c.id = ?2 AND c.deleted_at IS NULL");
SQL(THREAD_READ,
    "INSERT INTO thread_reads (user_id, contact_id, read_id) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (user_id, contact_id) DO UPDATE SET read_id = excluded.read_id "
    "WHERE excluded.read_id > thread_reads.read_id");
SQL(NOTE_INSERT,
    "INSERT INTO notes (id, contact_id, user_id, author, text, created_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
SQL(NOTE_LOAD, "SELECT contact_id, user_id, author, text, created_at FROM notes WHERE "
	       "id = ?1");
/* messages_contact */
SQL(THREAD_UNREAD,
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE contact_id = ?1 AND id > ?2 "
    "AND is_inbound = 1 LIMIT ?3)");

enum column {
	AT_CONTACT,
	AT_HEAD,
	AT_INBOUND,
	AT_OWNER,
	AT_TEST,
	AT_READ,
	AT_USER,
	AT_FIRST_NAME,
	AT_LAST_NAME,
	AT_PHONE,
	AT_E164,
	AT_OWNER_LOGIN,
	AT_OWNER_FIRST_NAME,
	AT_OWNER_LAST_NAME,
	AT_TEXTER,
	AT_RELEASE,
	AT_TEXTER_LOGIN,
	AT_TEXTER_FIRST_NAME,
	AT_TEXTER_LAST_NAME,
};

/* Ids rise with time, so a user's own says what came before the user did: that is not unread. */
struct thread_row thread_row_read(const struct rows *rows, uint64_t reader_id)
{
	uint64_t read = rows_id(rows, AT_READ);
	return (struct thread_row){
		.contact_id = rows_id(rows, AT_CONTACT),
		.head_id = rows_id(rows, AT_HEAD),
		.inbound_id = rows_id(rows, AT_INBOUND),
		.owner_id = rows_id(rows, AT_OWNER),
		.read_id = read > reader_id ? read : reader_id,
		.first_name = rows_text(rows, AT_FIRST_NAME),
		.last_name = rows_text(rows, AT_LAST_NAME),
		.phone_e164 = rows_text(rows, AT_E164),
		.owner_login = rows_text(rows, AT_OWNER_LOGIN),
		.owner_first_name = rows_text(rows, AT_OWNER_FIRST_NAME),
		.owner_last_name = rows_text(rows, AT_OWNER_LAST_NAME),
		.texter_id = rows_id(rows, AT_TEXTER),
		.release_at = rows_int(rows, AT_RELEASE),
		.texter_login = rows_text(rows, AT_TEXTER_LOGIN),
		.texter_first_name = rows_text(rows, AT_TEXTER_FIRST_NAME),
		.texter_last_name = rows_text(rows, AT_TEXTER_LAST_NAME),
	};
}

void thread_row_keep(struct arena *arena, struct thread_row *row)
{
	row->first_name = arena_strdup(arena, row->first_name);
	row->last_name = arena_strdup(arena, row->last_name);
	row->phone_e164 = arena_strdup(arena, row->phone_e164);
	row->owner_login = arena_strdup(arena, row->owner_login);
	row->owner_first_name = arena_strdup(arena, row->owner_first_name);
	row->owner_last_name = arena_strdup(arena, row->owner_last_name);
	row->texter_login = arena_strdup(arena, row->texter_login);
	row->texter_first_name = arena_strdup(arena, row->texter_first_name);
	row->texter_last_name = arena_strdup(arena, row->texter_last_name);
}

bool thread_row_fits(const struct thread_filter *filter, const struct rows *rows,
		     const struct thread_row *row)
{
	return (filter->whose == CONTACT_OF_ANYBODY ||
		row->owner_id ==
			(filter->whose == CONTACT_OF_USER ? filter->owner_id : 0)) &&
	       (filter->unread < 0 || thread_is_unread(row) == (filter->unread > 0)) &&
	       (filter->unanswered < 0 ||
		thread_is_unanswered(row) == (filter->unanswered > 0)) &&
	       (!filter->by_handler || row->texter_id == filter->handler_id) &&
	       rows_bool(rows, AT_TEST) == filter->test &&
	       (!filter->names ||
		search_finds_person(filter->names, rows_text(rows, AT_FIRST_NAME),
				    rows_text(rows, AT_LAST_NAME),
				    rows_text(rows, AT_PHONE),
				    rows_text(rows, AT_E164)));
}

/* What the reader is to answer is theirs to see. */
bool thread_row_is_among(const struct thread_filter *filter, const struct rows *rows)
{
	uint64_t user = rows_id(rows, AT_USER);
	if (filter->reader_id && rows_id(rows, AT_TEXTER) == filter->reader_id &&
	    rows_int(rows, AT_RELEASE))
		return true;
	for (size_t i = 0; i < filter->user_count; i++)
		if (filter->users[i] == user)
			return true;
	return !filter->users;
}

struct walk {
	struct db *db;
	struct arena *arena;
	const struct thread_filter *filter;
	struct thread_row *rows; /* found in all walks so far */
	size_t count;
	/* below this one some walk has not looked; 0: all have seen the end */
	uint64_t floor;
};

/* Which column says how far down the walk has come. */
static int begin(struct walk *walk, const uint64_t *user, size_t scan_most,
		 struct rows *rows)
{
	const struct thread_filter *filter = walk->filter;
	uint64_t before = filter->before_id ? filter->before_id : (uint64_t)INT64_MAX;
	int place = AT_HEAD;
	if (filter->lettered)
		SQL_QUERY(walk->db, &THREADS_LETTERED, rows, SQL_INT(filter->reader_id),
			  SQL_INT(before), SQL_INT(scan_most),
			  SQL_TEXT(filter->lettered));
	else if (filter->by_handler)
		SQL_QUERY(walk->db, &THREADS_WAITING, rows, SQL_INT(filter->reader_id),
			  SQL_INT(before), SQL_INT(scan_most),
			  SQL_INT(filter->handler_id));
	else if (user)
		SQL_QUERY(walk->db, &THREADS_OF, rows, SQL_INT(filter->reader_id),
			  SQL_INT(before), SQL_INT(scan_most), SQL_INT(*user));
	else if (filter->whose == CONTACT_OF_NOBODY)
		SQL_QUERY(walk->db, &THREADS_FREE, rows, SQL_INT(filter->reader_id),
			  SQL_INT(before), SQL_INT(scan_most));
	else {
		SQL_QUERY(walk->db, &THREADS_ALL, rows, SQL_INT(filter->reader_id),
			  SQL_INT(before), SQL_INT(scan_most));
		place = THREAD_COLUMN_COUNT;
	}
	return place;
}

/* Nothing at and below this text is unread: it came before the reader did. */
static bool is_end(const struct thread_filter *filter, uint64_t text_id)
{
	return filter->unread > 0 && text_id <= filter->reader_id;
}

/* user NULL: everybody's. At most one row more than the page holds. */
static enum err walk_one(struct walk *walk, const uint64_t *user, size_t scan_most)
{
	const struct thread_filter *filter = walk->filter;
	size_t first = walk->count, scanned = 0;
	uint64_t last = 0;
	bool is_listed;
	struct rows rows;
	enum err err = ERR_OK;
	int place = begin(walk, user, scan_most, &rows);
	while (err == ERR_OK && walk->count - first <= filter->limit &&
	       rows_next(&rows)) {
		uint64_t at = rows_id(&rows, place);
		if (is_end(filter, at))
			break;
		scanned++;
		last = at;
		struct thread_row row = thread_row_read(&rows, filter->reader_id);
		if (!row.contact_id || !thread_row_fits(filter, &rows, &row) ||
		    (!user && !thread_row_is_among(filter, &rows)))
			continue;
		err = thread_is_listed(walk->db, filter, row.contact_id, &is_listed);
		if (err != ERR_OK || is_listed)
			continue;
		thread_row_keep(walk->arena, &row);
		walk->rows[walk->count++] = row;
	}
	bool is_cut = scanned == scan_most || walk->count - first > filter->limit;
	if (is_cut && last > walk->floor)
		walk->floor = last;
	enum err end = rows_end(&rows);
	return err != ERR_OK ? err : end;
}

static int newest_first(const void *a, const void *b)
{
	uint64_t left = ((const struct thread_row *)a)->head_id,
		 right = ((const struct thread_row *)b)->head_id;
	return (left < right) - (left > right);
}

static void cut(struct walk *walk, struct thread_page *page_out)
{
	size_t count = 0, limit = walk->filter->limit;
	if (walk->count)
		qsort(walk->rows, walk->count, sizeof(*walk->rows), newest_first);
	while (count < walk->count && count < limit &&
	       walk->rows[count].head_id >= walk->floor)
		count++;
	*page_out = (struct thread_page){.rows = walk->rows, .count = count};
	if (count == limit && (count < walk->count || walk->floor))
		page_out->next_before_id = walk->rows[count - 1].head_id;
	else
		page_out->next_before_id = walk->floor;
}

enum err thread_rows_page(struct db *db, struct arena *arena,
			  const struct thread_filter *filter,
			  struct thread_page *page_out)
{
	bool is_one = !filter->users ||
		      ((filter->by_handler || filter->lettered) && filter->user_count);
	size_t walks = is_one ? 1 : filter->user_count;
	size_t scan_most = filter->lettered    ? LETTERS_MOST + 1
			   : filter->scan_most ? filter->scan_most
					       : THREAD_SCAN_MOST;
	struct walk walk = {.db = db,
			    .arena = arena,
			    .filter = filter,
			    .rows = ARENA_ARRAY(arena, struct thread_row,
						walks * (filter->limit + 1) + 1)};
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < walks; i++)
		err = walk_one(&walk, is_one ? NULL : &filter->users[i],
			       scan_most / walks + 1);
	if (err == ERR_OK)
		cut(&walk, page_out);
	return err;
}

enum err thread_rows_one(struct db *db, struct arena *arena, uint64_t contact_id,
			 uint64_t reader_id, struct thread_row *row_out)
{
	struct rows rows;
	enum err err =
		SQL_ONE(db, &THREAD_ONE, &rows, SQL_INT(reader_id), SQL_ID(contact_id));
	if (err != ERR_OK)
		return err;
	*row_out = thread_row_read(&rows, reader_id);
	thread_row_keep(arena, row_out);
	return rows_end(&rows);
}

enum err thread_rows_of_number(struct db *db, struct arena *arena,
			       const struct thread_filter *filter, const char *e164,
			       struct thread_page *page_out)
{
	struct thread_page page = {
		.rows = ARENA_ARRAY(arena, struct thread_row, filter->limit)};
	struct rows rows;
	bool is_listed;
	enum err err = ERR_OK;
	SQL_QUERY(db, &THREADS_NUMBER, &rows, SQL_INT(filter->reader_id),
		  SQL_TEXT(e164));
	while (err == ERR_OK && page.count < filter->limit && rows_next(&rows)) {
		struct thread_row row = thread_row_read(&rows, filter->reader_id);
		if (!thread_row_is_among(filter, &rows) ||
		    !thread_row_fits(filter, &rows, &row))
			continue;
		err = thread_is_listed(db, filter, row.contact_id, &is_listed);
		if (err != ERR_OK || is_listed)
			continue;
		thread_row_keep(arena, &row);
		page.rows[page.count++] = row;
	}
	enum err end = rows_end(&rows);
	if (err == ERR_OK && end == ERR_OK)
		*page_out = page;
	return err != ERR_OK ? err : end;
}

enum err thread_rows_mentioned(struct db *db, struct arena *arena,
			       const struct thread_filter *filter,
			       struct thread_page *page_out)
{
	struct thread_page page = {
		.rows = ARENA_ARRAY(arena, struct thread_row, filter->limit)};
	size_t scan_most = filter->scan_most ? filter->scan_most : THREAD_SCAN_MOST;
	size_t scanned = 0;
	uint64_t last = 0;
	struct rows rows;
	SQL_QUERY(db, &THREADS_MENTIONED, &rows, SQL_ID(filter->reader_id),
		  SQL_INT(filter->before_id ? filter->before_id : (uint64_t)INT64_MAX),
		  SQL_INT(scan_most));
	while (page.count < filter->limit && rows_next(&rows)) {
		struct thread_row row = thread_row_read(&rows, filter->reader_id);
		scanned++;
		last = row.mention_id = rows_id(&rows, THREAD_COLUMN_COUNT);
		if (!thread_row_fits(filter, &rows, &row))
			continue;
		thread_row_keep(arena, &row);
		page.rows[page.count++] = row;
	}
	if (page.count == filter->limit || scanned == scan_most)
		page.next_before_id = last;
	*page_out = page;
	return rows_end(&rows);
}

enum err thread_rows_unread_count(struct db *db, const struct thread_row *row,
				  int64_t cap, int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &THREAD_UNREAD, &rows, SQL_ID(row->contact_id),
			       SQL_INT(row->read_id), SQL_INT(cap));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err thread_rows_read(struct db *db, uint64_t user_id, uint64_t contact_id,
			  uint64_t message_id)
{
	return SQL_RUN(db, &THREAD_READ, SQL_ID(user_id), SQL_ID(contact_id),
		       SQL_ID(message_id));
}

/* --- notes --- */

enum err note_rows_insert(struct db *db, const struct note *note)
{
	return SQL_RUN(db, &NOTE_INSERT, SQL_ID(note->id), SQL_ID(note->contact_id),
		       SQL_ID(note->user_id), SQL_TEXT(note->author),
		       SQL_TEXT(note->text), SQL_INT(note->created_at));
}

enum err note_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct note *note_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &NOTE_LOAD, &rows, SQL_ID(id));
	if (err != ERR_OK)
		return err;
	*note_out = (struct note){
		.id = id,
		.contact_id = rows_id(&rows, 0),
		.user_id = rows_id(&rows, 1),
		.author = arena_strdup(arena, rows_text(&rows, 2)),
		.text = arena_strdup(arena, rows_text(&rows, 3)),
		.created_at = rows_int(&rows, 4),
	};
	return rows_end(&rows);
}
