/* erase_rows.h - taking a person out of all that is kept: what happened stays, who it was and what was said goes.
 *
 * The hashes of the ledger hold on: numbers and texts are in it as digests, and only the salts that give them a meaning go.
 */
#ifndef HB_STORE_ERASE_ROWS_H
#define HB_STORE_ERASE_ROWS_H

#include "base/mem.h"
#include "store/store.h"

/* erase_rows_step - the next rows of the contact that say something: at most limit texts and tasks each, with their reports,
 * drafts and salts, and at most limit of each other kind. *is_done_out: nothing is left. *texts_out: how many texts. */
enum err erase_rows_step(struct db *db, struct arena *arena, uint64_t contact_id,
			 size_t limit, bool *is_done_out, size_t *texts_out) MUST_CHECK;

/* erase_rows_count - its texts, counting no further than cap. */
enum err erase_rows_count(struct db *db, uint64_t contact_id, int64_t cap,
			  int64_t *count_out) MUST_CHECK;

/* erase_rows_salts - the salts of the ledger's entries about that subject. */
enum err erase_rows_salts(struct db *db, const char *subject) MUST_CHECK;

/* --- numbers ----------------------------------------------------------------------------------------------------- */

struct erased_number {
	const char *hash;
	uint32_t consent_revision;
	int64_t consent_at;
};

/* erase_rows_words - what was said of the consent of a number that others have too, by or through that contact. */
enum err erase_rows_words(struct db *db, const char *e164,
			  uint64_t contact_id) MUST_CHECK;

/* erase_rows_number - the number's own rows go, its history of consent stays under the hash, without words. is_kept: it
 * was opted out, which is remembered. */
enum err erase_rows_number(struct db *db, const char *e164,
			   const struct erased_number *number, bool is_kept) MUST_CHECK;

/* erase_rows_recall - a number of that hash was opted out: its history is the number's again, and the hash is forgotten.
 * ERR_NOT_FOUND. */
enum err erase_rows_recall(struct db *db, const char *e164, const char *hash,
			   struct erased_number *number_out) MUST_CHECK;

#endif
