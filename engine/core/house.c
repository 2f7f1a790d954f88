/* house.c - see house.h */
#include "core/house.h"

#include "base/clock.h"
#include "core/core.h"
#include "core/jobs.h"
#include "store/idempotency_rows.h"
#include "store/job_rows.h"
#include "store/part_rows.h"
#include "store/workflow_rows.h"

enum { PARTS_KEPT_DAYS = 7 }; /* longer than any gateway brings the same again */

struct kind {
	enum err (*forget)(struct db *db, int64_t before, size_t limit,
			   int64_t *count_out);
	int64_t kept_ms;
};

enum err house_keep(struct txn *txn, bool *is_done_out)
{
	const int64_t journal_ms = core_policy(txn_context(txn))->journal_kept_ms;
	const struct kind kinds[] = {
		{idempotency_rows_forget, DAY_MS},
		{job_rows_forget, JOB_KEPT_DAYS * DAY_MS},
		{journal_rows_forget, journal_ms},
		{not_enrolled_rows_forget, journal_ms},
		{part_rows_forget, PARTS_KEPT_DAYS * DAY_MS},
	};
	*is_done_out = true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int64_t count = 0;
		enum err err =
			kinds[i].forget(txn_db(txn), txn_now(txn) - kinds[i].kept_ms,
					HOUSE_STEP, &count);
		if (err != ERR_OK)
			return err;
		*is_done_out &= count < HOUSE_STEP;
	}
	return ERR_OK;
}
