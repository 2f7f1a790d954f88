/* email_rows.h - e-mails of send-email steps and digests, and their places in the outbox (kind 1; the id is the e-mail's). */
#ifndef HB_STORE_EMAIL_ROWS_H
#define HB_STORE_EMAIL_ROWS_H

#include "model/email.h"
#include "store/store.h"

/* email_rows_insert - ERR_DUPLICATE: this visit of this step of this enrollment has made its e-mail already. */
enum err email_rows_insert(struct db *db, const struct email *email) MUST_CHECK;
enum err email_rows_load(struct db *db, struct arena *arena, uint64_t id,
			 struct email *email_out) MUST_CHECK;

/* email_rows_save - state and detail; what was rendered never changes. */
enum err email_rows_save(struct db *db, const struct email *email) MUST_CHECK;

/* email_rows_unsettled - waiting or being sent, made at or before that instant: what a copy that was put back is not sure
 * of. */
enum err email_rows_unsettled(struct db *db, struct arena *arena, int64_t until,
			      size_t limit, uint64_t **ids_out,
			      size_t *count_out) MUST_CHECK;

/* --- outbox ------------------------------------------------------------------------------------------------------- */

enum err email_outbox_add(struct db *db, uint64_t id, int64_t not_before) MUST_CHECK;

/* email_outbox_ready - due now, the longest due first. */
enum err email_outbox_ready(struct db *db, struct arena *arena, int64_t now,
			    size_t limit, uint64_t **ids_out,
			    size_t *count_out) MUST_CHECK;

/* email_outbox_mark - it may leave from now on; one more attempt. email_outbox_unmark - it did not, and waits again. */
enum err email_outbox_mark(struct db *db, uint64_t id, unsigned node,
			   uint32_t epoch) MUST_CHECK;
enum err email_outbox_unmark(struct db *db, uint64_t id, int64_t not_before) MUST_CHECK;
enum err email_outbox_delete(struct db *db, uint64_t id) MUST_CHECK;

/* email_outbox_orphans - marked by a former life of this node. */
enum err email_outbox_orphans(struct db *db, struct arena *arena, unsigned node,
			      uint32_t epoch, size_t limit, uint64_t **ids_out,
			      size_t *count_out) MUST_CHECK;

/* email_outbox_next - when the next of those that wait is due; 0: none waits. */
enum err email_outbox_next(struct db *db, int64_t *at_out) MUST_CHECK;

/* email_outbox_count - waiting and being sent, counted up to 1,000,000. */
enum err email_outbox_count(struct db *db, int64_t *count_out) MUST_CHECK;

#endif
