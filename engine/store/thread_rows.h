/* thread_rows.h - conversations: one thread per contact with its last text, who has read how far, and notes.
 *
 * The head of a thread stands with its contact (contact_rows_texted, contact_rows_heard), so that a list walks an index in
 * its order, or the texts themselves, and no page counts or sorts texts. Whose a thread is: core/thread.h.
 */
#ifndef HB_STORE_THREAD_ROWS_H
#define HB_STORE_THREAD_ROWS_H

#include "base/mem.h"
#include "model/search.h"
#include "store/contact_rows.h"
#include "store/store.h"

struct thread_filter {
	const uint64_t *users; /* whose threads, 0: nobody's; NULL: everybody's */
	size_t user_count;
	enum contact_whose whose; /* of the contact */
	uint64_t owner_id;        /* CONTACT_OF_USER */
	int unread;               /* 1, 0; -1: both */
	int unanswered;           /* 1, 0; -1: both */
	bool by_handler;          /* only those that wait for an answer by … */
	uint64_t handler_id;      /* … that user, 0: nobody */
	uint64_t reader_id;       /* whose read marks; 0: of one who has read nothing */
	bool test;                /* test contacts, else the others */
	const struct search *names; /* part of the name or number; NULL: any */
	const char *lettered; /* who may have it (letters_rows.h); NULL: anybody */
	/* thread_rows_found: words of the texts, as thread_rows_words made them */
	const char *text;
	/* such words too: threads that have them stand elsewhere; NULL: none */
	const char *listed;
	uint64_t before_id; /* below this head, or text; 0: from the newest */
	size_t limit;
	size_t scan_most; /* rows looked at; 0: THREAD_SCAN_MOST */
};

/* As in contact_rows.h: a page may be short, or empty, before the last one. */
enum { THREAD_SCAN_MOST = 5000 };

struct thread_row {
	uint64_t contact_id, head_id;
	uint64_t inbound_id; /* the last text in; 0: none */
	uint64_t owner_id;
	uint64_t read_id;  /* how far the reader has read */
	uint64_t found_id; /* the newest text that has the words */
	const char *first_name, *last_name, *phone_e164;
	const char *owner_login, *owner_first_name,
		*owner_last_name; /* NULL: nobody's */
	uint64_t mention_id; /* thread_rows_mentioned: the note that names the reader */
	uint64_t texter_id;  /* who is to answer (core/handler.h) */
	int64_t release_at;
	const char *texter_login, *texter_first_name,
		*texter_last_name; /* NULL: nobody */
};

struct thread_page {
	struct thread_row *rows;
	size_t count;
	uint64_t next_before_id; /* 0: this is all */
};

/* thread_is_unread - a text came in after what was read. */
static inline bool thread_is_unread(const struct thread_row *row)
{
	return row->inbound_id > row->read_id;
}

/* thread_is_unanswered - the last text is theirs. */
static inline bool thread_is_unanswered(const struct thread_row *row)
{
	return row->inbound_id && row->inbound_id == row->head_id;
}

/* thread_rows_page - newest head first; names may narrow it. */
enum err thread_rows_page(struct db *db, struct arena *arena,
			  const struct thread_filter *filter,
			  struct thread_page *page_out) MUST_CHECK;

/* thread_rows_one - ERR_NOT_FOUND: there is no such contact. head_id 0: nobody has texted. */
enum err thread_rows_one(struct db *db, struct arena *arena, uint64_t contact_id,
			 uint64_t reader_id, struct thread_row *row_out) MUST_CHECK;

/* thread_rows_of_number - the threads of those who have that number, at most limit; the filter's other wishes hold. */
enum err thread_rows_of_number(struct db *db, struct arena *arena,
			       const struct thread_filter *filter, const char *e164,
			       struct thread_page *page_out) MUST_CHECK;

/* thread_rows_mentioned - those with a note that names the reader, who has not read it; the newest such note first.
 * before_id and next_before_id are notes. They are the reader's to see, whosever they are. */
enum err thread_rows_mentioned(struct db *db, struct arena *arena,
			       const struct thread_filter *filter,
			       struct thread_page *page_out) MUST_CHECK;

/* thread_rows_unread_count - the texts that came in after read_id, counting no further than cap. */
enum err thread_rows_unread_count(struct db *db, const struct thread_row *row,
				  int64_t cap, int64_t *count_out) MUST_CHECK;

/* thread_rows_read - that user has read up to that text; it never goes back. */
enum err thread_rows_read(struct db *db, uint64_t user_id, uint64_t contact_id,
			  uint64_t message_id) MUST_CHECK;

/* --- words in texts: each database has its own index --------------------------------------------------------------- */

/* thread_rows_index_words - takes in the texts from first_id on. For the writer, once before each commit: FTS5 writes what
 * it has gathered at the end of each savepoint, so that a text by itself costs it as much as a hundred. */
enum err thread_rows_index_words(struct db *db, uint64_t first_id) MUST_CHECK;

/* thread_rows_merge_words - brings the whole index together, and that of the letters of contacts (letters_rows.h), so that
 * nothing is left in them of what changed before the first call: is_first, then again until is_through. Each writes as many
 * pages of both, or a few more. */
enum err thread_rows_merge_words(struct db *db, unsigned pages, bool is_first,
				 bool *is_through_out) MUST_CHECK;

/* thread_rows_words - what a person typed, as the index takes it: all the words. is_begun: the last one may be only begun,
 * which costs time in proportion to the texts that have such a word. NULL: there is no word in it, or the last one has too
 * few letters for a beginning. */
const char *thread_rows_words(struct arena *arena, const char *q, bool is_begun);

/* thread_rows_found - threads with a text that has all the words, the newest such text first; each thread once. before_id
 * and next_before_id are texts. filter->text must be there. */
enum err thread_rows_found(struct db *db, struct arena *arena,
			   const struct thread_filter *filter,
			   struct thread_page *page_out) MUST_CHECK;

/* thread_rows_has_words - does the contact have such a text above that id? */
enum err thread_rows_has_words(struct db *db, const char *words, uint64_t contact_id,
			       uint64_t after_id, bool *has_out) MUST_CHECK;

/* --- notes: what users tell each other. A table of its own, so that nothing that sends can meet one ----------------- */

struct note {
	uint64_t id, contact_id;
	uint64_t user_id;   /* 0: a program wrote it */
	const char *author; /* login, or the token's name */
	const char *text;
	int64_t created_at;
};

enum err note_rows_insert(struct db *db, const struct note *note) MUST_CHECK;
enum err note_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct note *note_out) MUST_CHECK;

#endif
