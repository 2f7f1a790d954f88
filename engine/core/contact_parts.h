/* contact_parts.h - what the files behind contacts.h share. */
#ifndef HB_CORE_CONTACT_PARTS_H
#define HB_CORE_CONTACT_PARTS_H

#include "core/contacts.h"
#include "core/trigger.h"

/* contact_find - contact_rows_load, refused with a sentence when it is not there. */
enum err contact_find(struct db *db, struct call *call, uint64_t id,
		      struct contact *contact_out) MUST_CHECK;

/* contact_answer - the contact as the call's answer, with its revision for the ETag.
 * ERR_NOT_FOUND. */
enum err contact_answer(struct db *db, struct call *call, uint64_t id) MUST_CHECK;

/* contact_end_all - its enrollments are removed, its open tasks cancelled, with the
 * reason. ERR_BAD_STATE when they are too many for one command. */
enum err contact_end_all(struct txn *txn, struct call *call, uint64_t id,
			 const char *reason) MUST_CHECK;

/* contact_take_back - its approved texts leave no more; each makes its task wait for a person again, until
 * contact_end_all. Beyond 100 the hand-over withdraws the rest. */
enum err contact_take_back(struct txn *txn, struct call *call, uint64_t id,
			   const char *detail) MUST_CHECK;

/* contact_put - checks *in, changes the contact (which was loaded in this transaction) and its row; nothing is answered.
 * What is refused is refused before a row is written, but for too many custom fields. Triggers hear of it. */
enum err contact_put(struct txn *txn, struct call *call,
		     const struct trigger_source *source, struct contact *contact,
		     struct contact_in *in) MUST_CHECK;

#endif
