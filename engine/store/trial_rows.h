/* trial_rows.h - what test runs leave: texts for the sink, and a test contact's past that is put out of the way. */
#ifndef HB_STORE_TRIAL_ROWS_H
#define HB_STORE_TRIAL_ROWS_H

#include "base/mem.h"
#include "store/store.h"

/* sink_rows_add - in the outbox, but never for the gateway; outbox_rows_delete() takes it away. */
enum err sink_rows_add(struct db *db, uint64_t message_id, const char *number,
		       int64_t not_before) MUST_CHECK;

/* sink_rows_ready - the oldest whose undo window has passed; at most limit. */
enum err sink_rows_ready(struct db *db, struct arena *arena, int64_t now, size_t limit,
			 uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* sink_rows_next - the earliest not_before that lies after now; 0: none. */
enum err sink_rows_next(struct db *db, int64_t now, int64_t *at_out) MUST_CHECK;

/* trial_rows_forget - re-entry counts none of the contact's enrollments any more, and its thread begins behind
 * reset_id. The caller ended what was open. */
enum err trial_rows_forget(struct db *db, uint64_t contact_id,
			   uint64_t reset_id) MUST_CHECK;

/* trial_rows_clear_tags, trial_rows_clear_fields - all of a contact's. */
enum err trial_rows_clear_tags(struct db *db, uint64_t contact_id) MUST_CHECK;
enum err trial_rows_clear_fields(struct db *db, uint64_t contact_id) MUST_CHECK;

/* trial_rows_approved - texts to the contact that a person approved and that have not left; at most limit. */
enum err trial_rows_approved(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t limit, uint64_t **ids_out,
			     size_t *count_out) MUST_CHECK;

/* trial_rows_is_shared - is the number also that of a contact that is no test contact? */
enum err trial_rows_is_shared(struct db *db, const char *e164,
			      bool *shared_out) MUST_CHECK;

#endif
