/* drift.h - what has changed for a task since it was made, as its card tells it.
 *
 * When a task is made, drift_keep() keeps what its text was made of: the owner, the number and the tags of the contact, and
 * the fields that the template uses. Replies and other texts, a change of consent and an unpublished workflow are found in
 * their own rows. An untouched text is rendered anew whenever somebody opens the card; a draft is never touched: the card
 * offers the text as made, as it would be now, and the draft, and says whether one must be chosen: when what the draft
 * began with is not what would be offered now.
 *
 * Thread: drift_keep the writer; drift_write any that has a struct db.
 */
#ifndef HB_CORE_DRIFT_H
#define HB_CORE_DRIFT_H

#include "core/card.h"

/* drift_keep - when a task is made, or its text is made anew of another template. */
enum err drift_keep(struct txn *txn, uint64_t task_id, const struct contact *contact,
		    const struct template *template) MUST_CHECK;

/* drift_write - the members drift, versions and late_texts of an open card. */
enum err drift_write(struct db *db, struct arena *arena, const struct card *card,
		     struct json *json) MUST_CHECK;

#endif
