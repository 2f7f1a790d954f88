/* reply.c - see reply.h */
#include "core/reply.h"

#include "base/ident.h"
#include "core/advance.h"
#include "core/holds.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/task_make.h"
#include "model/hold_reason.h"
#include "store/job_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

#define JOB_KIND "replies" /* args: the contact; done: the enrollment looked at last */

/* --- which text is a reply --- */

/* What never went to the gateway, or came back from it, nobody can have answered. */
static bool may_have_arrived(const struct message *message)
{
	return message->handed_id && message->state != MESSAGE_APPROVED &&
	       message->state != MESSAGE_REFUSED && message->state != MESSAGE_WITHDRAWN;
}

enum err reply_find(struct txn *txn, const struct enrollment *enrollment,
		    const char *to, uint64_t *message_out)
{
	struct task task;
	struct message message;
	uint64_t task_id;
	struct db *db = txn_db(txn);
	enum err err = task_rows_of_step(db, enrollment->id, to, &task_id);
	if (err == ERR_OK)
		err = task_rows_load(db, txn_arena(txn), task_id, &task);
	if (err == ERR_OK && !task.message_id)
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = message_rows_load(db, txn_arena(txn), task.message_id, &message);
	if (err != ERR_OK)
		return err;
	if (!may_have_arrived(&message))
		return ERR_NOT_FOUND;
	uint64_t after = message.handed_id;
	if (enrollment->reply_id > after)
		after = enrollment->reply_id;
	return message_rows_reply_after(db, enrollment->contact_id, after, message_out);
}

/* --- stop-on-reply --- */

static enum err is_worked_on(struct txn *txn, uint64_t task_id, bool *is_out)
{
	struct lease lease;
	struct draft draft;
	enum err err = lease_rows_load(txn_db(txn), task_id, &lease);
	*is_out = err == ERR_OK && lease.expires_at > txn_now(txn);
	if (*is_out || (err != ERR_OK && err != ERR_NOT_FOUND))
		return err;
	err = draft_rows_load(txn_db(txn), txn_arena(txn), task_id, &draft);
	*is_out = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err set_free(struct txn *txn, struct task *task)
{
	char ref[IDENT_TEXT_LEN];
	enum err err = task_rows_exit_taken(txn_db(txn), task);
	if (err == ERR_OK)
		err = hold_add(txn, HOLD_TASK, ident_format(task->id, ref),
			       HOLD_REPLIED);
	if (err != ERR_OK)
		return err;
	return journal_add(txn, task->enrollment_id, task->step_id, "task_held",
			   members_text(txn_arena(txn), "task",
					members_id(txn_arena(txn), task->id), "reason",
					HOLD_REPLIED, NULL));
}

enum err reply_ends(struct txn *txn, struct enrollment *enrollment)
{
	enum { TASKS_MOST = 100 };
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_open_of(txn_db(txn), txn_arena(txn), enrollment->id, 0,
					 TASKS_MOST, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct task task;
		bool is_worked = false;
		err = task_rows_load(txn_db(txn), txn_arena(txn), ids[i], &task);
		if (err == ERR_OK)
			err = is_worked_on(txn, task.id, &is_worked);
		if (err == ERR_OK)
			err = is_worked ? set_free(txn, &task)
					: task_call_off(txn, &task, REPLY_ENDS);
	}
	return err == ERR_OK ? advance_leave(txn, enrollment, REPLY_ENDS) : err;
}

/* --- a text came in --- */

/* Moves the contact's enrollments behind after, until the write is large enough; *after: the last one looked at. */
static enum err move_some(struct txn *txn, uint64_t contact_id, uint64_t *after,
			  bool *is_done_out)
{
	const struct enrollment_place place = {contact_id, *after};
	uint64_t *ids;
	size_t count;
	unsigned steps = 0;
	enum err err = enrollment_rows_open_behind(txn_db(txn), txn_arena(txn), &place,
						   REPLY_LOOKS_MOST, &ids, &count);
	*is_done_out = err == ERR_OK && count < REPLY_LOOKS_MOST;
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct enrollment enrollment;
		unsigned more = 0;
		if (steps >= REPLY_STEPS_MOST) {
			*is_done_out = false;
			break;
		}
		err = enrollment_rows_load(txn_db(txn), txn_arena(txn), ids[i],
					   &enrollment);
		if (err == ERR_OK)
			err = advance_reply(txn, &enrollment, &more);
		steps += more;
		*after = ids[i];
	}
	return err;
}

enum err reply_came(struct txn *txn, uint64_t contact_id)
{
	uint64_t after = 0;
	bool is_done;
	char ref[IDENT_TEXT_LEN];
	enum err err = move_some(txn, contact_id, &after, &is_done);
	if (err != ERR_OK || is_done)
		return err;
	const struct job_row job = {.id = txn_id(txn),
				    .kind = JOB_KIND,
				    .args = ident_format(contact_id, ref)};
	err = job_rows_add(txn_db(txn), &job, txn_now(txn));
	if (err == ERR_OK)
		err = job_rows_progress(txn_db(txn), job.id, (int64_t)after);
	txn_signal(txn, SIGNAL_TIMER);
	return err;
}

enum err reply_sweep(struct txn *txn, void *arg)
{
	struct reply_sweep *sweep = arg;
	struct db *db = txn_db(txn);
	struct job_row job;
	uint64_t contact_id;
	bool is_done;
	*sweep = (struct reply_sweep){.is_done = true};
	enum err err = job_rows_next(db, txn_arena(txn), JOB_KIND, &job);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	uint64_t after = (uint64_t)job.done;
	sweep->is_done = false;
	err = ident_parse(job.args, &contact_id);
	if (err == ERR_OK)
		err = move_some(txn, contact_id, &after, &is_done);
	if (err != ERR_OK)
		return err;
	return is_done ? job_rows_end(db, job.id, txn_now(txn))
		       : job_rows_progress(db, job.id, (int64_t)after);
}
