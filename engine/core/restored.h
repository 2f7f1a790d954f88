/* restored.h - a database put back from a copy: what it does not know may have happened.
 *
 * A copy is marked as one (META_RESTORED_COPY, the UTC ms of its making) and hands nothing over while it is. Texts that
 * were unfinished in it may have left since: they become uncertain, and are never handed over by themselves. Receipts,
 * leases, sessions and one-time links of before are void. `handbox restore` settles at once; `handbox resume --restored`
 * settles again (the copy may have been put there by hand) and then takes the mark away.
 *
 *	struct restored_settle settle = {0};
 *	while (err == ERR_OK && !settle.is_done)
 *		err = store_write_now(store, restored_settle, &settle);
 *
 * What people do on the copy after it was made is newer than the mark and is left alone.
 */
#ifndef HB_CORE_RESTORED_H
#define HB_CORE_RESTORED_H

#include "core/call.h"

/* restored_settle - one step; done at once when the database is no copy. A store_write_fn. */
struct restored_settle {
	bool is_copy, is_done;
	int64_t messages, emails, receipts, leases, sessions; /* so far */
};
enum err restored_settle(struct txn *txn, void *arg) MUST_CHECK;

/* restored_resume - this copy is the one that counts from now on; in the ledger. ERR_BAD_STATE: it is no copy. */
struct restored_resume {
	struct call call;
};
enum err restored_resume(struct txn *txn, void *arg) MUST_CHECK;

/* restored_get - {"restored_copy": time or null}. A store_read_fn; arg: struct call. */
enum err restored_get(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
