/* credential_rows.h - what people and programs sign in with: sessions, tokens, one-time links.
 *
 * Secrets never come here: only their SHA-256 as 64 hex digits, by which they are found.
 */
#ifndef HB_STORE_CREDENTIAL_ROWS_H
#define HB_STORE_CREDENTIAL_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/store.h"

/* --- sessions --- */

enum err session_rows_insert(struct db *db, const struct session *session,
			     const char *hash) MUST_CHECK;

/* session_rows_by_hash - also an expired one: the caller compares times. ERR_NOT_FOUND. */
enum err session_rows_by_hash(struct db *db, struct arena *arena, const char *hash,
			      struct session *session_out) MUST_CHECK;
enum err session_rows_set_seen(struct db *db, uint64_t id, int64_t seen_at) MUST_CHECK;
enum err session_rows_delete(struct db *db, uint64_t id) MUST_CHECK;

/* session_rows_end_all - all sessions of a user but one (0: really all), and the one-time links. */
enum err session_rows_end_all(struct db *db, uint64_t user_id,
			      uint64_t but_session_id) MUST_CHECK;

/* session_rows_forget - at most 100 sessions and 100 links that have expired. */
enum err session_rows_forget(struct db *db, int64_t now) MUST_CHECK;

/* --- tokens --- */

enum err token_rows_insert(struct db *db, const struct token *token,
			   const char *hash) MUST_CHECK;
enum err token_rows_load(struct db *db, struct arena *arena, uint64_t id,
			 struct token *token_out) MUST_CHECK;

/* token_rows_by_hash - also an expired or revoked one: the caller looks. ERR_NOT_FOUND. */
enum err token_rows_by_hash(struct db *db, struct arena *arena, const char *hash,
			    struct token *token_out) MUST_CHECK;
enum err token_rows_revoke(struct db *db, uint64_t id, int64_t now) MUST_CHECK;
enum err token_rows_revoke_all(struct db *db, uint64_t user_id, int64_t now) MUST_CHECK;

/* token_rows_page - those that are not revoked, by id, after after_id, at most limit; of one user, or all (0). */
enum err token_rows_page(struct db *db, struct arena *arena, uint64_t user_id,
			 uint64_t after_id, size_t limit, struct token **tokens_out,
			 size_t *count_out) MUST_CHECK;

/* --- one-time links --- */

/* link_rows_replace - the user's only link from now on. */
enum err link_rows_replace(struct db *db, uint64_t user_id, const char *hash,
			   int64_t expires_at) MUST_CHECK;

/* link_rows_take - whose it is; it is gone afterwards. ERR_NOT_FOUND: unknown, used or expired. */
enum err link_rows_take(struct db *db, const char *hash, int64_t now,
			uint64_t *user_id_out) MUST_CHECK;

#endif
