/* letters_rows.h - any part of a contact's name, number, address or external id, by an index of all threes of letters: FTS5's
 * trigrams, detail=none. Each database has its own.
 *
 *	search_init(&search, arena, "garcí");
 *	letters_rows_find(db, arena, &search, 1000, &ids)	─► "[17,24]", NULL
 *
 * The index knows who may have the text; whoever asks looks at each (search_finds). When so many may have it that looking at
 * them is more than walking a list in its order, the list is walked: what is frequent is soon found there.
 */
#ifndef HB_STORE_LETTERS_ROWS_H
#define HB_STORE_LETTERS_ROWS_H

#include "base/mem.h"
#include "model/search.h"
#include "store/store.h"

/* As many as are looked at in the time of a page or two. */
enum { LETTERS_MOST = 1000 };

/* letters_rows_find - a JSON array of the ids of all contacts that may have it. NULL: these are more than most, or the text
 * is too short for the index. */
enum err letters_rows_find(struct db *db, struct arena *arena,
			   const struct search *search, size_t most,
			   const char **ids_out) MUST_CHECK;

/* letters_rows_take_in - those that were named otherwise since the last time, also by a statement that knows nothing of this.
 * For the writer, once before each commit, as FTS5 writes what it has gathered at the end of each savepoint. */
enum err letters_rows_take_in(struct db *db) MUST_CHECK;

#endif
