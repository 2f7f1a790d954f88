/* journal.h - why an enrollment went where it went: one line per thing that happened or did not, with the values seen. */
#ifndef HB_CORE_JOURNAL_H
#define HB_CORE_JOURNAL_H

#include "store/store.h"

/* The enrollment goes on in another version of its workflow; detail: {from, to, step, to_step, by, reason}. */
#define JOURNAL_MIGRATED "migrated"

/* journal_add - kind: a stable snake_case word ("assigned", "task_created", "guard_refused"); detail: JSON members
 * without braces, "" for none. Nothing is written when enrollment_id is 0: a task without a workflow has its own history
 * in the ledger. */
enum err journal_add(struct txn *txn, uint64_t enrollment_id, const char *step_id,
		     const char *kind, const char *detail) MUST_CHECK;

#endif
