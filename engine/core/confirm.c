/* confirm.c - see confirm.h */
#include "core/confirm.h"

#include <string.h>

#include "core/core.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

/* The person who last texted them, else nobody: who takes from the pool is quickest. */
static enum err last_texter(struct txn *txn, const struct contact *contact,
			    uint64_t *user_out)
{
	struct user user;
	*user_out = 0;
	if (!contact->texter_id)
		return ERR_OK;
	enum err err =
		user_rows_load(txn_db(txn), txn_arena(txn), contact->texter_id, &user);
	if (err == ERR_OK && user.is_active)
		*user_out = user.id;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err confirm_make(struct txn *txn, const struct contact *contact)
{
	struct task task;
	struct consent_row consent;
	const char *text = core_policy(txn_context(txn))->stop_confirmation;
	struct task_make make = {
		.origin = TASK_FROM_OPT_OUT,
		.contact_id = contact->id,
		.name = "Confirm an opt-out",
		.text = text,
		.is_locked = true,
		.is_test = contact->is_test,
	};
	if (!text || !contact->phone_e164)
		return ERR_OK;
	enum err err = consent_rows_last(txn_db(txn), txn_arena(txn),
					 contact->phone_e164, &consent);
	if (err == ERR_OK)
		err = last_texter(txn, contact, &make.assignee.user_id);
	if (err != ERR_OK)
		return err;
	make.consent_id = consent.id;
	make.due_at = make.expires_at = consent.at + CONFIRMATION_MS;
	make.why = make.assignee.user_id
			   ? "The contact opted out by text, which may be confirmed "
			     "once; who last texted them has it."
			   : "The contact opted out by text, which may be confirmed "
			     "once; no active user has texted them, so it is in the "
			     "pool.";
	return task_make(txn, &make, &task);
}

enum err confirm_end(struct txn *txn, const char *e164)
{
	struct consent_row consent;
	struct task task;
	uint64_t id;
	enum err err = consent_rows_last(txn_db(txn), txn_arena(txn), e164, &consent);
	if (err == ERR_OK)
		err = task_rows_of_consent(txn_db(txn), consent.id, &id);
	if (err == ERR_OK)
		err = task_rows_load(txn_db(txn), txn_arena(txn), id, &task);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	return task_call_off(txn, &task, "opted in");
}

/* Its last text decides: once one was handed over, no second is ever approved. */
static enum err was_handed_over(struct db *db, struct arena *arena,
				const struct task *task, const struct message *message,
				bool *was_out)
{
	struct message last;
	*was_out = message && task->message_id != message->id;
	if (message || !task->message_id)
		return ERR_OK;
	enum err err = message_rows_load(db, arena, task->message_id, &last);
	*was_out = err == ERR_OK && last.handed_id;
	return err;
}

enum err confirm_look(struct db *db, struct arena *arena, const struct task *task,
		      const struct number *number, const struct message *message,
		      int64_t now, struct confirmation *confirmation_out)
{
	struct confirmation *c = confirmation_out;
	struct consent_row consent;
	*c = (struct confirmation){.now = now, .text_is_untouched = true};
	if (!task->consent_id || !number->e164)
		return ERR_OK;
	c->task_consent_id = task->consent_id;
	enum err err = consent_rows_last(db, arena, number->e164, &consent);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	c->consent_id = consent.id;
	c->is_opted_out = consent.is_opted_out && number->is_opted_out;
	c->is_own = consent.message_id != 0;
	c->opted_out_at = consent.at;
	if (message)
		c->text_is_untouched = strcmp(message->text, task->text) == 0;
	return was_handed_over(db, arena, task, message, &c->was_handed_over);
}

enum err confirm_end_open(struct txn *txn, size_t limit, int64_t *count_out)
{
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_open_confirmations(txn_db(txn), txn_arena(txn), limit,
						    &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct task task;
		err = task_rows_load(txn_db(txn), txn_arena(txn), ids[i], &task);
		if (err == ERR_OK)
			err = task_call_off(
				txn, &task,
				"this database was put back from a copy, and the text "
				"may have gone after the copy was made");
	}
	*count_out = (int64_t)count;
	return err;
}
