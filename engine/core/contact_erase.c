/* contact_erase.c - a person is taken out of all that is kept. See contacts.h */
#include "core/contact_parts.h"
#include "core/erased.h"
#include "core/job_parts.h"
#include "core/ledger.h"
#include "core/words.h"
#include "store/erase_rows.h"
#include "store/merge_rows.h"
#include "store/trial_rows.h"
#include "store/trigger_rows.h"

enum { COUNT_MOST = 1000000, DATES_MOST = 200 };

static enum err is_others_too(struct txn *txn, const struct contact *contact,
			      bool *is_out)
{
	uint64_t *ids;
	size_t count;
	enum err err = contact_rows_ids_by_number(txn_db(txn), txn_arena(txn),
						  contact->phone_e164, 2, &ids, &count);
	*is_out = false;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		*is_out |= ids[i] != contact->id;
	return err;
}

static enum err forget_number(struct txn *txn, const struct contact *contact)
{
	bool is_others;
	if (!contact->phone_e164)
		return ERR_OK;
	enum err err = is_others_too(txn, contact, &is_others);
	if (err != ERR_OK)
		return err;
	return is_others
		       ? erase_rows_words(txn_db(txn), contact->phone_e164, contact->id)
		       : erased_forget(txn, contact->phone_e164);
}

/* The row stays, so that what happened still belongs to somebody. */
static enum err blank(struct txn *txn, uint64_t id)
{
	struct contact contact;
	enum err err = contact_rows_load_any(txn_db(txn), txn_arena(txn), id, &contact);
	if (err != ERR_OK)
		return err;
	const struct contact nobody = {
		.id = id,
		.first_name = "",
		.last_name = "",
		.phone = "",
		.phone_reason = "The person was erased.",
		.email = "",
		.country = "",
		.timezone = "",
		.is_test = contact.is_test,
		.updated_at = txn_now(txn),
		.deleted_at = contact.deleted_at ? contact.deleted_at : txn_now(txn)};
	err = trial_rows_clear_tags(txn_db(txn), id);
	if (err == ERR_OK)
		err = trial_rows_clear_fields(txn_db(txn), id);
	if (err == ERR_OK)
		err = merge_rows_forget(txn_db(txn), id);
	return err == ERR_OK ? contact_rows_save(txn_db(txn), &nobody) : err;
}

static enum err enter(struct txn *txn, const struct contact_erase *cmd,
		      const char *subject)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_str(&entry.payload, "reason", cmd->reason);
	return ledger_append(txn, &entry, cmd->call.actor, "erase", subject);
}

static enum err erase_rest(struct txn *txn, struct contact_erase *cmd)
{
	struct bulk bulk = {.expect = -1};
	struct job_progress job = {.kind = JOB_ERASE};
	struct buf lines = BUF_EMPTY;
	enum err err = erase_rows_count(txn_db(txn), cmd->id, COUNT_MOST, &bulk.count);
	if (err != ERR_OK)
		return err;
	job_line_int(&lines, "contact", (int64_t)cmd->id);
	return job_begin(txn, &cmd->call, &bulk, &job, &lines);
}

enum err contact_erase(struct txn *txn, void *arg)
{
	struct contact_erase *cmd = arg;
	struct call *call = &cmd->call;
	struct contact contact;
	const char *subject =
		arena_printf(call->arena, "contact:%llu", (unsigned long long)cmd->id);
	enum err err =
		contact_rows_load_any(txn_db(txn), call->arena, cmd->id, &contact);
	if (err == ERR_NOT_FOUND)
		return call_refuse(call, ERR_NOT_FOUND, "There is no contact %llu.",
				   (unsigned long long)cmd->id);
	if (err == ERR_OK)
		err = contact_take_back(txn, call, cmd->id,
					"The person was erased before the text left.");
	if (err == ERR_OK)
		err = contact_end_all(txn, call, cmd->id, "contact erased");
	if (err == ERR_OK)
		err = forget_number(txn, &contact);
	if (err == ERR_OK)
		err = erase_rows_salts(txn_db(txn), subject);
	if (err == ERR_OK)
		err = blank(txn, cmd->id);
	if (err == ERR_OK)
		err = enter(txn, cmd, subject);
	return err == ERR_OK ? erase_rest(txn, cmd) : err;
}

enum err contact_erase_step(struct txn *txn, struct job_progress *job)
{
	uint64_t id = (uint64_t)job_int(txn_arena(txn), job->args, "contact");
	bool is_done;
	size_t texts;
	enum err err = erase_rows_step(txn_db(txn), txn_arena(txn), id, JOB_ERASE_STEP,
				       &is_done, &texts);
	/* a date in a field may be a birthday */
	if (err == ERR_OK)
		err = date_rows_drop_contact(txn_db(txn), id, DATES_MOST);
	if (err != ERR_OK)
		return err;
	err = words_forget(txn);
	if (err != ERR_OK)
		return err;
	job->done += (int64_t)texts;
	if (is_done)
		job->state = JOB_DONE;
	return ERR_OK;
}
