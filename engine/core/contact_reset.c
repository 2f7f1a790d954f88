/* contact_reset.c - a test contact begins anew: see contacts.h */
#include "core/consent.h"
#include "core/contact_parts.h"
#include "core/ledger.h"
#include "core/messages.h"
#include "store/trial_rows.h"

enum { TEXTS_MOST = 100 };

static const char reason[] = "test contact reset";

/* Whoever shares the number asked for nothing: their opt-out is not ours to lift. */
static enum err lift_opt_out(struct txn *txn, struct contact_reset *cmd,
			     const struct contact *contact)
{
	const struct consent_change change = {.e164 = contact->phone_e164,
					      .reason = reason,
					      .evidence = "test contact",
					      .contact_id = contact->id};
	struct number number;
	bool is_shared, is_changed;
	if (!contact->phone_e164)
		return ERR_OK;
	enum err err = number_rows_load(txn_db(txn), cmd->call.arena,
					contact->phone_e164, &number);
	if (err != ERR_OK || !number.is_opted_out)
		return err;
	err = trial_rows_is_shared(txn_db(txn), contact->phone_e164, &is_shared);
	if (err == ERR_OK && is_shared)
		return call_refuse(
			&cmd->call, ERR_BAD_STATE,
			"%s is opted out, and it is also the number of a contact that "
			"is "
			"no test contact, so a reset does not lift that. POST "
			"/api/v1/contacts/%llu/opt-in with evidence first, or give the "
			"test contact another number.",
			contact->phone_e164, (unsigned long long)contact->id);
	return err == ERR_OK
		       ? consent_change(txn, cmd->call.actor, &change, &is_changed)
		       : err;
}

enum err contact_take_back(struct txn *txn, struct call *call, uint64_t id,
			   const char *detail)
{
	uint64_t *ids;
	size_t count;
	enum err err = trial_rows_approved(txn_db(txn), call->arena, id, TEXTS_MOST,
					   &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct message message;
		err = message_rows_load(txn_db(txn), call->arena, ids[i], &message);
		if (err == ERR_OK)
			err = message_withdraw(txn, call->actor, &message, "recalled",
					       detail);
	}
	return err;
}

/* Steps may have changed the contact while its enrollments ended: it is loaded anew. */
static enum err clear(struct txn *txn, struct contact_reset *cmd)
{
	struct contact contact;
	enum err err = contact_find(txn_db(txn), &cmd->call, cmd->id, &contact);
	if (err == ERR_OK && cmd->tags)
		err = trial_rows_clear_tags(txn_db(txn), cmd->id);
	if (err == ERR_OK && cmd->custom)
		err = trial_rows_clear_fields(txn_db(txn), cmd->id);
	if (err != ERR_OK)
		return err;
	if (cmd->owner)
		contact.owner_id = 0;
	contact.updated_at = txn_now(txn);
	err = contact_rows_save(txn_db(txn), &contact);
	return err == ERR_OK ? trial_rows_forget(txn_db(txn), cmd->id, txn_id(txn))
			     : err;
}

enum err contact_reset(struct txn *txn, void *arg)
{
	struct contact_reset *cmd = arg;
	struct call *call = &cmd->call;
	struct contact contact;
	enum err err = contact_find(txn_db(txn), call, cmd->id, &contact);
	if (err == ERR_OK && !contact.is_test)
		return call_refuse(call, ERR_BAD_STATE,
				   "Only a contact marked test is reset; this one has "
				   "\"test\": false.");
	if (err == ERR_OK)
		err = lift_opt_out(txn, cmd, &contact);
	if (err == ERR_OK)
		err = contact_take_back(
			txn, call, cmd->id,
			"The test contact was reset before the text left.");
	if (err == ERR_OK)
		err = contact_end_all(txn, call, cmd->id, reason);
	if (err == ERR_OK)
		err = clear(txn, cmd);
	if (err == ERR_OK)
		err = ledger_note(txn, call->actor, "contact_reset",
				  arena_printf(call->arena, "contact:%llu",
					       (unsigned long long)cmd->id),
				  NULL);
	return err == ERR_OK ? contact_answer(txn_db(txn), call, cmd->id) : err;
}
