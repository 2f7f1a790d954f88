/* consent.c - see consent.h */
#include "core/consent.h"

#include "core/advance.h"
#include "core/hook_emit.h"
#include "core/ledger.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

/* Beyond these a task stays; the guard against opted-out numbers stops it anyway. */
enum { SHARERS_MOST = 50, TASKS_MOST = 100 };

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

/* The workflow run whose step waits for this task has nowhere to go. */
static enum err end_run(struct txn *txn, const struct actor *actor, uint64_t task_id)
{
	struct task task;
	struct enrollment enrollment;
	enum err err = task_rows_load(txn_db(txn), txn_arena(txn), task_id, &task);
	if (err != ERR_OK || !task.enrollment_id || !task.moves_workflow)
		return err;
	err = enrollment_rows_load(txn_db(txn), txn_arena(txn), task.enrollment_id,
				   &enrollment);
	if (err == ERR_OK && enrollment_state_is_open(enrollment.state))
		err = advance_remove(txn, actor, &enrollment, opted_out);
	return err;
}

static enum err end_tasks(struct txn *txn, const struct actor *actor,
			  uint64_t contact_id)
{
	uint64_t *tasks;
	size_t count;
	bool more;
	enum err err = task_rows_open_of(txn_db(txn), txn_arena(txn), 0, contact_id,
					 TASKS_MOST, &tasks, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = end_run(txn, actor, tasks[i]);
	return err == ERR_OK ? task_cancel_open(txn, 0, contact_id, opted_out, &more)
			     : err;
}

static enum err end_tasks_of_number(struct txn *txn, const struct actor *actor,
				    const char *e164)
{
	uint64_t *contacts;
	size_t count;
	enum err err = contact_rows_ids_by_number(txn_db(txn), txn_arena(txn), e164,
						  SHARERS_MOST, &contacts, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = end_tasks(txn, actor, contacts[i]);
	return err;
}

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
		err = end_tasks_of_number(txn, actor, change->e164);
	return err;
}
