/* journal.c - see journal.h */
#include "core/journal.h"

#include "store/workflow_rows.h"

enum err journal_add(struct txn *txn, uint64_t enrollment_id, const char *step_id,
		     const char *kind, const char *detail)
{
	if (!enrollment_id)
		return ERR_OK;
	return journal_rows_add(txn_db(txn), txn_id(txn), enrollment_id, txn_now(txn),
				step_id, kind,
				arena_printf(txn_arena(txn), "{%s}", detail));
}
