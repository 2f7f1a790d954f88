/* erased.h - numbers of people who were erased. What is left of one is a hash with a key of this instance's own, and only
 * when it was opted out: should the number come back, with a new contact or a text of its own, it is opted out still.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_ERASED_H
#define HB_CORE_ERASED_H

#include "model/records.h"
#include "store/store.h"

/* erased_forget - nobody has the number any more: it goes, but for its opt-out. */
enum err erased_forget(struct txn *txn, const char *e164) MUST_CHECK;

/* erased_recall - a contact comes to have that number. */
enum err erased_recall(struct txn *txn, const char *e164) MUST_CHECK;

#endif
