/* contact_acts.c - what is done to a contact as a whole: tags one by one, consent,
 * deletion. See contacts.h */
#include <string.h>

#include "core/advance.h"
#include "core/consent.h"
#include "core/contact_parts.h"
#include "core/task_make.h"
#include "store/trigger_rows.h"
#include "store/workflow_rows.h"

/* --- tags --- */

static enum err tell(struct txn *txn, const struct contact_tag *cmd, const char *tag,
		     bool is_added)
{
	const struct trigger_source source = {.actor = cmd->call.actor};
	enum err err = trigger_tag(txn, &source, cmd->id, tag, is_added);
	return err == ERR_OK ? trigger_settle(txn) : err;
}

enum err contact_tag(struct txn *txn, void *arg)
{
	struct contact_tag *cmd = arg;
	struct contact contact;
	const char *tag, **tags;
	size_t count;
	bool added;
	enum err err = contact_check_tag(&cmd->call, cmd->tag, "tag", &tag);
	if (err == ERR_OK)
		err = contact_find(txn_db(txn), &cmd->call, cmd->id, &contact);
	if (err == ERR_OK)
		err = contact_rows_add_tag(txn_db(txn), cmd->id, tag, txn_now(txn),
					   &added);
	if (err == ERR_OK)
		err = contact_rows_tags(txn_db(txn), cmd->call.arena, cmd->id, &tags,
					&count);
	if (err == ERR_OK && added && count > CONTACT_TAGS_MOST)
		return call_refuse_member(
			&cmd->call, ERR_INVALID, "tag",
			"A contact has at most %d tags; remove one first.",
			CONTACT_TAGS_MOST);
	return err == ERR_OK && added ? tell(txn, cmd, tag, true) : err;
}

enum err contact_untag(struct txn *txn, void *arg)
{
	struct contact_tag *cmd = arg;
	struct contact contact;
	const char *tag;
	bool removed = false;
	enum err err = contact_check_tag(&cmd->call, cmd->tag, "tag", &tag);
	if (err == ERR_OK)
		err = contact_find(txn_db(txn), &cmd->call, cmd->id, &contact);
	if (err == ERR_OK)
		err = contact_rows_remove_tag(txn_db(txn), cmd->id, tag, &removed);
	return err == ERR_OK && removed ? tell(txn, cmd, tag, false) : err;
}

/* --- consent --- */

static enum err load_number(struct txn *txn, struct contact_consent *cmd,
			    struct contact *contact_out)
{
	enum err err = contact_find(txn_db(txn), &cmd->call, cmd->id, contact_out);
	if (err == ERR_OK && !contact_out->phone_e164)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "Consent belongs to a telephone number, and this "
				   "contact has none that can be one. Correct "
				   "the phone first, or set sms_enabled to false.");
	return err;
}

static enum err change_consent(struct txn *txn, struct contact_consent *cmd,
			       bool opts_out, bool *changed_out)
{
	struct contact contact;
	enum err err = load_number(txn, cmd, &contact);
	if (err != ERR_OK)
		return err;
	const struct consent_change change = {.e164 = contact.phone_e164,
					      .opts_out = opts_out,
					      .reason = cmd->reason ? cmd->reason : "",
					      .evidence = cmd->evidence,
					      .contact_id = contact.id};
	return consent_change(txn, cmd->call.actor, &change, changed_out);
}

enum err contact_opt_out(struct txn *txn, void *arg)
{
	struct contact_consent *cmd = arg;
	bool changed;
	enum err err = change_consent(txn, cmd, true, &changed);
	return err == ERR_OK ? contact_answer(txn_db(txn), &cmd->call, cmd->id) : err;
}

enum err contact_opt_in(struct txn *txn, void *arg)
{
	struct contact_consent *cmd = arg;
	bool changed;
	if (!actor_is_person(cmd->call.actor))
		return call_refuse(&cmd->call, ERR_HUMAN_REQUIRED,
				   "Only a person may lift an opt-out, from a session "
				   "or with a token that may send.");
	if (!cmd->evidence || !cmd->evidence[strspn(cmd->evidence, " \t\r\n")])
		return call_refuse_member(
			&cmd->call, ERR_INVALID, "evidence",
			"Say where and when the person agreed to be texted again.");
	enum err err = change_consent(txn, cmd, false, &changed);
	if (err == ERR_OK && !changed)
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "This number is not opted out, so there is nothing "
				   "to lift; nothing was recorded.");
	return err == ERR_OK ? contact_answer(txn_db(txn), &cmd->call, cmd->id) : err;
}

/* --- deletion --- */

enum { RUNS_MOST = 200, DATES_MOST = 200 };

enum err contact_end_all(struct txn *txn, struct call *call, uint64_t id,
			 const char *reason)
{
	uint64_t *runs;
	size_t count;
	bool more = false;
	enum err err = enrollment_rows_open_of_contact(txn_db(txn), call->arena, id,
						       RUNS_MOST + 1, &runs, &count);
	if (err == ERR_OK && count > RUNS_MOST)
		return call_refuse(call, ERR_BAD_STATE,
				   "The contact is in more than %d workflows at once; "
				   "remove it from some first.",
				   RUNS_MOST);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct enrollment run;
		err = enrollment_rows_load(txn_db(txn), call->arena, runs[i], &run);
		if (err == ERR_OK)
			err = advance_remove(txn, call->actor, &run, reason);
	}
	if (err == ERR_OK)
		err = task_cancel_open(txn, 0, id, reason, &more);
	if (err == ERR_OK && more)
		return call_refuse(call, ERR_BAD_STATE,
				   "The contact has too many open tasks to cancel at "
				   "once; cancel some first.");
	return err;
}

enum err contact_delete(struct txn *txn, void *arg)
{
	struct contact_delete *cmd = arg;
	struct contact contact;
	enum err err = contact_find(txn_db(txn), &cmd->call, cmd->id, &contact);
	if (err == ERR_OK)
		err = contact_end_all(txn, &cmd->call, cmd->id, "contact deleted");
	if (err != ERR_OK)
		return err;
	contact.deleted_at = contact.updated_at = txn_now(txn);
	err = contact_rows_save(txn_db(txn), &contact);
	/* what is left over goes when it falls due */
	return err == ERR_OK
		       ? date_rows_drop_contact(txn_db(txn), contact.id, DATES_MOST)
		       : err;
}
