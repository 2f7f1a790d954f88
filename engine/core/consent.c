/* consent.c - see consent.h */
#include "core/consent.h"

#include "core/advance.h"
#include "core/confirm.h"
#include "core/holds.h"
#include "core/hook_emit.h"
#include "core/ledger.h"
#include "core/task_make.h"
#include "model/hold_reason.h"
#include "store/contact_rows.h"
#include "store/job_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

#define JOB_KIND "opted out" /* args: a number that has open tasks yet */

static const char opted_out[] = "opted out";

static const char *actor_text(struct arena *arena, const struct actor *actor)
{
	if (actor->user_id)
		return actor->name;
	return actor->name ? arena_printf(arena, "%s:%s", actor_kind_name(actor->kind),
					  actor->name)
			   : actor_kind_name(actor->kind);
}

static enum err keep(struct txn *txn, const struct actor *actor,
		     const struct consent_change *change, const struct number *number)
{
	struct consent_row row = {.id = txn_id(txn),
				  .number = number->e164,
				  .revision = number->consent_revision,
				  .is_opted_out = number->is_opted_out,
				  .at = number->consent_at,
				  .contact_id = change->contact_id,
				  .message_id = change->message_id,
				  .actor = actor_text(txn_arena(txn), actor),
				  .reason = change->reason,
				  .evidence = change->evidence};
	enum err err = number_rows_save(txn_db(txn), number);
	return err == ERR_OK ? consent_rows_add(txn_db(txn), &row) : err;
}

static enum err enter(struct txn *txn, const struct actor *actor,
		      const struct consent_change *change, const struct number *number)
{
	struct ledger_entry entry;
	const char *subject =
		change->contact_id
			? arena_printf(txn_arena(txn), "contact:%llu",
				       (unsigned long long)change->contact_id)
			: "number";
	ledger_begin(txn, &entry);
	ledger_private(&entry, "number", number->e164);
	json_key_int(&entry.payload, "consent_revision", number->consent_revision);
	json_key_id(&entry.payload, "message", change->message_id);
	ledger_private(&entry, "reason", change->reason);
	ledger_private(&entry, "evidence", change->evidence);
	return ledger_append(txn, &entry, actor,
			     change->opts_out ? "opt_out" : "opt_in", subject);
}

/* The workflow run whose step waits for this task has nowhere to go; a task that stands free is called off alone. */
static enum err end_task(struct txn *txn, uint64_t task_id)
{
	struct task task;
	struct enrollment enrollment;
	enum err err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	if (err != ERR_OK)
		return err;
	if (!task.enrollment_id || !task.moves_workflow)
		return task_call_off(txn, &task, opted_out);
	err = enrollment_rows_load(txn_db(txn), txn_arena(txn), task.enrollment_id,
				   &enrollment);
	if (err == ERR_OK)
		err = advance_remove(txn, &actor_system, &enrollment, opted_out);
	if (err == ERR_OK)
		err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	return err == ERR_OK ? task_call_off(txn, &task, opted_out) : err;
}

static enum err end_some_tasks(struct txn *txn, const char *e164, bool *is_done_out)
{
	uint64_t *tasks;
	size_t count;
	enum err err = task_rows_open_to_number(txn_db(txn), txn_arena(txn), e164,
						CONSENT_TASKS_MOST, &tasks, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = end_task(txn, tasks[i]);
	*is_done_out = err == ERR_OK && count < CONSENT_TASKS_MOST;
	return err;
}

static enum err end_tasks(struct txn *txn, const char *e164)
{
	bool is_done;
	enum err err = end_some_tasks(txn, e164, &is_done);
	if (err != ERR_OK || is_done)
		return err;
	const struct job_row job = {.id = txn_id(txn), .kind = JOB_KIND, .args = e164};
	txn_signal(txn, SIGNAL_TIMER);
	return job_rows_add(txn_db(txn), &job, txn_now(txn));
}

enum err consent_sweep(struct txn *txn, void *arg)
{
	struct consent_sweep *sweep = arg;
	struct job_row job;
	struct number number;
	bool is_done = true;
	*sweep = (struct consent_sweep){.is_done = true};
	enum err err = job_rows_next(txn_db(txn), txn_arena(txn), JOB_KIND, &job);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	sweep->is_done = false;
	err = number_rows_load(txn_db(txn), txn_arena(txn), job.args, &number);
	if (err == ERR_OK && number.is_opted_out)
		err = end_some_tasks(txn, job.args, &is_done);
	return err == ERR_OK && is_done
		       ? job_rows_end(txn_db(txn), job.id, txn_now(txn))
		       : err;
}

/* --- unclear texts --- */

enum err consent_hold(struct txn *txn, const struct message *message)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	ledger_private(&entry, "number", message->number);
	json_key_id(&entry.payload, "message", message->id);
	ledger_private(&entry, "text", message->text);
	enum err err =
		ledger_append(txn, &entry, &actor_system, "consent_unclear",
			      arena_printf(txn_arena(txn), "contact:%llu",
					   (unsigned long long)message->contact_id));
	return err == ERR_OK ? hold_add(txn, HOLD_NUMBER, message->number, HOLD_UNCLEAR)
			     : err;
}

enum err consent_settle(struct txn *txn, const char *e164, uint64_t up_to_id,
			enum consent_verdict verdict)
{
	bool has_more;
	enum err err = message_rows_settle(txn_db(txn), e164, up_to_id, verdict);
	if (err == ERR_OK)
		err = message_rows_has_unclear(txn_db(txn), e164, &has_more);
	return err == ERR_OK && !has_more
		       ? hold_remove(txn, HOLD_NUMBER, e164, HOLD_UNCLEAR)
		       : err;
}

/* --- changes --- */

enum err consent_change(struct txn *txn, const struct actor *actor,
			const struct consent_change *change, bool *changed_out)
{
	struct number number;
	enum err err =
		number_rows_load(txn_db(txn), txn_arena(txn), change->e164, &number);
	if (err != ERR_OK)
		return err;
	*changed_out = number.is_opted_out != change->opts_out;
	if (!*changed_out)
		return ERR_OK;
	if (!change->opts_out)
		err = confirm_end(txn, change->e164);
	if (err != ERR_OK)
		return err;
	number.is_opted_out = change->opts_out;
	number.consent_revision++;
	number.consent_at = txn_now(txn);
	number.consent_reason = change->reason;
	err = keep(txn, actor, change, &number);
	if (err == ERR_OK)
		err = enter(txn, actor, change, &number);
	if (err == ERR_OK && change->opts_out)
		err = hook_emit_opted_out(txn, change->e164, change->contact_id,
					  change->reason, actor);
	if (err == ERR_OK && change->opts_out)
		err = end_tasks(txn, change->e164);
	/* no question is left of what earlier texts meant */
	if (err == ERR_OK && change->opts_out)
		err = consent_settle(txn, change->e164, INT64_MAX, VERDICT_STOP);
	return err;
}

enum err consent_is_own(struct txn *txn, const char *e164, bool *is_own_out)
{
	struct consent_row last;
	enum err err = consent_rows_last(txn_db(txn), txn_arena(txn), e164, &last);
	*is_own_out = err == ERR_OK && last.is_opted_out && last.message_id;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}
