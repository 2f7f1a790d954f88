/* handler.c - see handler.h */
#include "core/handler.h"

#include "core/contact_parts.h"
#include "core/conversations.h"
#include "core/core.h"
#include "core/people.h"
#include "core/thread.h"
#include "model/rules.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"

enum { RELEASES_MOST = 100 };

static int64_t release_from(struct txn *txn)
{
	return txn_now(txn) + core_policy(txn_context(txn))->reply_release_ms;
}

static bool is_unanswered(const struct contact *contact)
{
	return contact->thread_inbound_id &&
	       contact->thread_inbound_id == contact->thread_head_id;
}

/* As one may answer, so one may say who does. */
static enum err check_may(struct txn *txn, struct handler_set *cmd,
			  const struct contact *contact)
{
	const struct actor *actor = cmd->call.actor;
	const struct task thread = thread_as_task(contact);
	bool in_team = false;
	if (!actor->user_id)
		return ERR_OK;
	enum err err = people_in_team(txn_db(txn), actor, &thread, &in_team);
	if (err != ERR_OK || task_may_act(actor, &thread, in_team) ||
	    thread_is_handled_by(contact, actor))
		return err;
	return call_refuse(&cmd->call, ERR_FORBIDDEN,
			   "The conversation belongs to somebody else; a lead can give "
			   "it to you.");
}

enum err handler_set(struct txn *txn, void *arg)
{
	struct handler_set *cmd = arg;
	struct call *call = &cmd->call;
	struct contact contact;
	struct party party;
	enum err err = contact_find(txn_db(txn), call, cmd->contact_id, &contact);
	if (err == ERR_OK)
		err = thread_check(txn_db(txn), call, txn_context(txn), contact.id);
	if (err == ERR_OK)
		err = check_may(txn, cmd, &contact);
	if (err == ERR_OK)
		err = people_resolve(txn_db(txn), call, &cmd->user, "user", &party);
	if (err == ERR_OK && party.team_id)
		return call_refuse_member(call, ERR_BAD_REQUEST, "user",
					  "A user answers a thread, not a team; null "
					  "gives it to nobody.");
	if (err != ERR_OK)
		return err;
	int64_t until =
		party.user_id && is_unanswered(&contact) ? release_from(txn) : 0;
	err = contact_rows_handled(txn_db(txn), contact.id, party.user_id, until);
	if (until)
		txn_signal(txn, SIGNAL_TIMER);
	return err == ERR_OK ? conversation_answer(txn_db(txn), call, contact.id) : err;
}

/* What somebody is writing an answer in is theirs as long as the lease. */
static enum err release(struct txn *txn, uint64_t contact_id)
{
	struct contact contact;
	struct lease lease;
	enum err err = lease_rows_load(txn_db(txn), contact_id, &lease);
	if (err == ERR_OK && lease.expires_at > txn_now(txn)) {
		err = contact_rows_load_any(txn_db(txn), txn_arena(txn), contact_id,
					    &contact);
		return err == ERR_OK ? contact_rows_handled(txn_db(txn), contact_id,
							    contact.texter_id,
							    lease.expires_at)
				     : err;
	}
	return err == ERR_OK || err == ERR_NOT_FOUND
		       ? contact_rows_handled(txn_db(txn), contact_id, 0, 0)
		       : err;
}

enum err handler_sweep(struct txn *txn, struct handler_sweep *sweep)
{
	uint64_t *ids;
	size_t count;
	enum err err = contact_rows_to_release(
		txn_db(txn), txn_arena(txn), txn_now(txn), RELEASES_MOST, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = release(txn, ids[i]);
	sweep->is_done = count < RELEASES_MOST;
	return err == ERR_OK ? contact_rows_next_release(txn_db(txn), &sweep->next_at)
			     : err;
}
