/* confirm.h - a task that confirms an opt-out: made, looked at, called off. The rule stands in model/confirmation.h.
 *
 *	heard STOP  ->  confirm_make(txn, contact)	with stop-confirmation; one a change of consent, by the schema
 *	opted in    ->  confirm_end(txn, e164)		nothing is left to confirm
 *
 * Thread: any that has a struct db; what takes a txn: the writer.
 */
#ifndef HB_CORE_CONFIRM_H
#define HB_CORE_CONFIRM_H

#include "model/confirmation.h"
#include "model/records.h"
#include "store/store.h"

/* confirm_make - behind the consent_change that opted the contact's number out, when that changed anything. */
enum err confirm_make(struct txn *txn, const struct contact *contact) MUST_CHECK;

/* confirm_end - calls off the one that the number's last opt-out made, before that is taken back. */
enum err confirm_end(struct txn *txn, const char *e164) MUST_CHECK;

/* confirm_look - what the rule wants to know of a task that would send to that number now, but for text_is_untouched,
 * which is true. message: the text that is about to be handed over, NULL: none is. Of another task all is 0. */
enum err confirm_look(struct db *db, struct arena *arena, const struct task *task,
		      const struct number *number, const struct message *message,
		      int64_t now, struct confirmation *confirmation_out) MUST_CHECK;

/* confirm_end_open - a copy was put back: what is open may have gone already. At most limit; how many. */
enum err confirm_end_open(struct txn *txn, size_t limit, int64_t *count_out) MUST_CHECK;

#endif
