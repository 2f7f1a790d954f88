/* release.c - see release.h */
#include "core/release.h"

#include "core/advance.h"
#include "core/holds.h"
#include "store/job_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

#define JOB_KIND "release" /* args: the workflow */

enum err release_later(struct txn *txn, const char *workflow_id)
{
	const struct job_row job = {
		.id = txn_id(txn), .kind = JOB_KIND, .args = workflow_id};
	txn_signal(txn, SIGNAL_TIMER);
	return job_rows_add(txn_db(txn), &job, txn_now(txn));
}

enum err release_is_due(struct db *db, struct arena *arena, bool *is_due_out)
{
	struct job_row job;
	enum err err = job_rows_next(db, arena, JOB_KIND, &job);
	*is_due_out = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err release_some(struct txn *txn, const char *workflow_id, bool *is_done)
{
	uint64_t *ids;
	size_t count, i = 0;
	unsigned steps = 0;
	enum err err = enrollment_rows_held_of(txn_db(txn), txn_arena(txn), workflow_id,
					       RELEASE_MOST, &ids, &count);
	for (; err == ERR_OK && i < count && steps < RELEASE_STEPS_MOST; i++) {
		struct enrollment enrollment;
		unsigned more = 0;
		err = enrollment_rows_load(txn_db(txn), txn_arena(txn), ids[i],
					   &enrollment);
		if (err == ERR_OK)
			err = advance_release(txn, &enrollment, &more);
		steps += more + 1;
	}
	*is_done = err == ERR_OK && i == count && count < RELEASE_MOST;
	return err;
}

enum err release_sweep(struct txn *txn, void *arg)
{
	struct release_sweep *sweep = arg;
	struct db *db = txn_db(txn);
	struct job_row job;
	bool is_held, is_done = false;
	*sweep = (struct release_sweep){.is_done = true};
	enum err err = job_rows_next(db, txn_arena(txn), JOB_KIND, &job);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	sweep->is_done = false;
	err = hold_rows_exist(db, HOLD_WORKFLOW, job.args, &is_held);
	if (err == ERR_OK && !is_held)
		err = release_some(txn, job.args, &is_done);
	if (err != ERR_OK)
		return err;
	return is_held || is_done ? job_rows_end(db, job.id, txn_now(txn)) : ERR_OK;
}
