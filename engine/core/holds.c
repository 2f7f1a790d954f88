/* holds.c - see holds.h */
#include "core/holds.h"

#include "base/ident.h"
#include "core/release.h"
#include "store/contact_rows.h"
#include "store/job_rows.h"
#include "store/task_rows.h"

#define JOB_KIND "holds" /* args: a workflow or number whose holds changed */

enum err hold_settle(struct txn *txn, uint64_t task_id)
{
	struct task task;
	struct contact contact;
	const char **reasons;
	size_t count;
	enum err err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	if (err == ERR_OK)
		err = contact_rows_load_any(txn_db(txn), txn_arena(txn),
					    task.contact_id, &contact);
	if (err == ERR_OK)
		err = holds_of(txn_db(txn), txn_arena(txn), &task, contact.phone_e164,
			       &reasons, &count);
	if (err != ERR_OK)
		return err;
	enum task_state before = task.state;
	if (!task_next(task.state, count ? TASK_EV_HOLD : TASK_EV_RELEASE, &task.state))
		return ERR_OK;
	if (count)
		task.held_below = before;
	else if (task.held_below == TASK_SNOOZED && task.snoozed_until > txn_now(txn))
		task.state = TASK_SNOOZED;
	txn_signal(txn, SIGNAL_TIMER);
	return task_rows_save(txn_db(txn), &task);
}

static bool is_number(const char *ref)
{
	return ref[0] == '+'; /* no workflow has such an id */
}

/* Brings the next tasks below a hold in line with it; place moves on. */
static enum err settle_some(struct txn *txn, struct hold_place *place,
			    size_t *count_out)
{
	enum hold_scope scope = place->is_number ? HOLD_NUMBER : HOLD_WORKFLOW;
	struct db *db = txn_db(txn);
	uint64_t *ids;
	bool holds;
	enum err err = hold_rows_exist(db, scope, place->ref, &holds);
	if (err == ERR_OK)
		err = holds ? hold_rows_to_hold(db, txn_arena(txn), place,
						HOLD_SWEEP_MOST, &ids, count_out)
			    : hold_rows_to_release(db, txn_arena(txn), place,
						   HOLD_SWEEP_MOST, &ids, count_out);
	for (size_t i = 0; err == ERR_OK && i < *count_out; i++) {
		err = hold_settle(txn, ids[i]);
		place->task_id = ids[i];
	}
	return err;
}

static enum err settle_later(struct txn *txn, const struct hold_place *place)
{
	const struct job_row job = {
		.id = txn_id(txn), .kind = JOB_KIND, .args = place->ref};
	enum err err = job_rows_add(txn_db(txn), &job, txn_now(txn));
	txn_signal(txn, SIGNAL_TIMER);
	return err == ERR_OK && place->task_id
		       ? job_rows_progress(txn_db(txn), job.id, (int64_t)place->task_id)
		       : err;
}

/* The tasks below a changed hold: as many as one transaction takes at once, the others in a job. */
static enum err follow(struct txn *txn, enum hold_scope scope, const char *ref)
{
	uint64_t task_id;
	struct hold_place place = {.ref = ref, .is_number = scope == HOLD_NUMBER};
	size_t count;
	if (scope == HOLD_TASK && ident_parse(ref, &task_id) == ERR_OK)
		return hold_settle(txn, task_id);
	txn_signal(txn, SIGNAL_TIMER);
	if (scope != HOLD_WORKFLOW && scope != HOLD_NUMBER)
		return ERR_OK;
	enum err err = settle_some(txn, &place, &count);
	return err == ERR_OK && count == HOLD_SWEEP_MOST ? settle_later(txn, &place)
							 : err;
}

enum err hold_add(struct txn *txn, enum hold_scope scope, const char *ref,
		  const char *reason)
{
	enum err err = hold_rows_add(txn_db(txn), scope, ref, reason, txn_now(txn));
	return err == ERR_OK ? follow(txn, scope, ref) : err;
}

enum err hold_remove(struct txn *txn, enum hold_scope scope, const char *ref,
		     const char *reason)
{
	enum err err = hold_rows_remove(txn_db(txn), scope, ref, reason);
	if (err == ERR_OK && scope == HOLD_WORKFLOW)
		err = release_later(txn, ref);
	return err == ERR_OK ? follow(txn, scope, ref) : err;
}

enum err holds_of(struct db *db, struct arena *arena, const struct task *task,
		  const char *number, const char ***reasons_out, size_t *count_out)
{
	return hold_rows_reasons(db, arena, task->id, number, task->workflow_id,
				 reasons_out, count_out);
}

enum err hold_sweep(struct txn *txn, void *arg)
{
	struct hold_sweep *sweep = arg;
	struct db *db = txn_db(txn);
	struct job_row job;
	size_t count = 0;
	*sweep = (struct hold_sweep){.is_done = true};
	enum err err = job_rows_next(db, txn_arena(txn), JOB_KIND, &job);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	sweep->is_done = false;
	struct hold_place place = {job.args, is_number(job.args), (uint64_t)job.done};
	err = settle_some(txn, &place, &count);
	if (err != ERR_OK)
		return err;
	return count ? job_rows_progress(db, job.id, (int64_t)place.task_id)
		     : job_rows_end(db, job.id, txn_now(txn));
}
