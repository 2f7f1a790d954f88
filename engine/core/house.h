/* house.h - forgetting what has become too old, a bounded number of rows at a time: answers kept for Idempotency-Key (a
 * day), ended jobs, parts of texts that came in, the journal and what was not enrolled (retention-journal). The ledger, messages and used receipts are
 * kept. Deliveries of hooks: hook_sweep.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_HOUSE_H
#define HB_CORE_HOUSE_H

#include <stdbool.h>

#include "store/store.h"

/* house_keep - one step; run it until is_done. */
enum { HOUSE_STEP = 200 }; /* rows of each kind */
enum err house_keep(struct txn *txn, bool *is_done_out) MUST_CHECK;

#endif
