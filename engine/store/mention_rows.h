/* mention_rows.h - whom notes name: for each user and contact the newest such note, and whether it has been read. */
#ifndef HB_STORE_MENTION_ROWS_H
#define HB_STORE_MENTION_ROWS_H

#include "store/store.h"

/* mention_rows_add - the user is named by that note. */
enum err mention_rows_add(struct db *db, uint64_t user_id, uint64_t contact_id,
			  uint64_t note_id) MUST_CHECK;

/* mention_rows_read - the user has read the contact's notes up to that id. */
enum err mention_rows_read(struct db *db, uint64_t user_id, uint64_t contact_id,
			   uint64_t up_to) MUST_CHECK;

/* mention_rows_count - how many contacts have an unread note above that id that names the user, counting no further than
 * cap. */
enum err mention_rows_count(struct db *db, uint64_t user_id, uint64_t after_id,
			    int64_t cap, int64_t *count_out) MUST_CHECK;

/* mention_rows_has - did a note of the contact ever name the user? */
enum err mention_rows_has(struct db *db, uint64_t user_id, uint64_t contact_id,
			  bool *has_out) MUST_CHECK;

#endif
