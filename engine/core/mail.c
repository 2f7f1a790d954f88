/* mail.c - see mail.h */
#include "core/mail.h"

#include "base/fault.h"
#include "base/log.h"
#include "core/channel.h"
#include "core/core.h"
#include "core/journal.h"
#include "core/mail_step.h"
#include "core/members.h"
#include "store/contact_rows.h"
#include "store/email_rows.h"
#include "store/user_rows.h"

enum { RETRY_LEAST_MS = 5 * 1000, RETRY_DOUBLINGS = 20 };
#define RETRY_MOST_MS HOUR_MS

const char *mail_outcome_name(enum mail_outcome outcome)
{
	static const char *const names[] = {"taken", "unsure", "deferred", "no_server",
					    "refused"};
	return names[outcome];
}

int64_t mail_retry_ms(uint32_t attempts)
{
	uint32_t doublings = attempts > RETRY_DOUBLINGS ? RETRY_DOUBLINGS
			     : attempts                 ? attempts - 1
							: 0;
	int64_t wait = (int64_t)RETRY_LEAST_MS << doublings;
	return wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS;
}

/* --- the journal ----------------------------------------------------------------------------------------------------- */

/* What a line tells beside who and what. */
struct mail_note {
	const char *kind, *reason, *detail, *fix; /* the last three may be NULL */
	int64_t next_at;                          /* 0: no further attempt */
};

static enum err note(struct txn *txn, const struct email *email,
		     const struct mail_note *what)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_id(json, "email", email->id);
	json_key_str(json, "to", email->recipient);
	if (what->reason)
		json_key_str(json, "reason", what->reason);
	json_key_str(json, "detail", what->detail);
	if (what->fix)
		json_key_str(json, "fix", what->fix);
	if (email->attempts)
		json_key_int(json, "attempts", email->attempts);
	if (what->next_at)
		json_key_time(json, "next_at", what->next_at);
	return journal_add(txn, email->enrollment_id, email->step_id, what->kind,
			   members_end(&members, txn_arena(txn)));
}

/* --- beginning ------------------------------------------------------------------------------------------------------- */

/* It ends here: out of the outbox, with its last line. */
static enum err end(struct txn *txn, struct email *email, enum email_event event,
		    const struct mail_note *what)
{
	enum err err = email_outbox_delete(txn_db(txn), email->id);
	if (err != ERR_OK || !email_next(email->state, event, &email->state))
		return err;
	email->detail = what->detail;
	email->state_at = txn_now(txn);
	err = email_rows_save(txn_db(txn), email);
	return err == ERR_OK ? note(txn, email, what) : err;
}

/* The contact, or the user whose digest it is. */
static enum err recipient_is_gone(struct txn *txn, const struct email *email,
				  bool *is_gone_out)
{
	struct contact contact = {.deleted_at = 0};
	struct user user = {.is_active = true};
	enum err err = email->user_id
			       ? user_rows_load(txn_db(txn), txn_arena(txn),
						email->user_id, &user)
			       : contact_rows_load_any(txn_db(txn), txn_arena(txn),
						       email->contact_id, &contact);
	*is_gone_out = contact.deleted_at || !user.is_active;
	return err;
}

/* Why it may not leave any more; kind NULL: it may. */
static enum err find_obstacle(struct txn *txn, const struct email *email,
			      struct mail_note *obstacle)
{
	const struct policy *policy = core_policy(txn_context(txn));
	bool is_gone;
	*obstacle = (struct mail_note){.kind = NULL};
	enum err err = recipient_is_gone(txn, email, &is_gone);
	if (err != ERR_OK)
		return err;
	if (is_gone)
		*obstacle = (struct mail_note){
			.kind = "email_failed",
			.reason = "contact_deleted",
			.detail = "The contact was deleted before the e-mail left."};
	else if (!policy->mail_from)
		*obstacle = (struct mail_note){.kind = "email_failed",
					       .reason = "no_mail_server",
					       .detail = MAIL_NOT_CONFIGURED,
					       .fix = MAIL_CONFIGURE};
	else if (txn_now(txn) >= email->created_at + policy->mail_validity_ms)
		*obstacle = (struct mail_note){
			.kind = "email_failed",
			.reason = "too_old",
			.detail = email->detail ? email->detail
						: "It could not be sent for as long as "
						  "mail-validity allows.",
			.fix = "See that the mail server takes e-mails: `handbox "
			       "doctor` tries it."};
	return ERR_OK;
}

static enum err begin_one(struct txn *txn, uint64_t id, struct mail_begin *begin)
{
	struct email email;
	struct mail_note obstacle;
	struct core *core = txn_context(txn);
	enum err err = email_rows_load(txn_db(txn), txn_arena(txn), id, &email);
	if (err == ERR_OK)
		err = find_obstacle(txn, &email, &obstacle);
	if (err != ERR_OK)
		return err;
	if (obstacle.kind)
		return end(txn, &email, EMAIL_EV_FAIL, &obstacle);
	if (!email_next(email.state, EMAIL_EV_BEGIN, &email.state)) {
		log_error("mail", "in the outbox but %s id=%llu",
			  email_state_name(email.state), (unsigned long long)id);
		return email_outbox_delete(txn_db(txn), id);
	}
	email.state_at = txn_now(txn);
	email.attempts++;
	begin->emails[begin->count++] = email;
	err = email_rows_save(txn_db(txn), &email);
	return err == ERR_OK
		       ? email_outbox_mark(txn_db(txn), id, core->node, core->epoch)
		       : err;
}

enum err mail_begin(struct txn *txn, void *arg)
{
	struct mail_begin *begin = arg;
	uint64_t *ids;
	size_t count;
	bool is_stopped;
	begin->count = 0;
	begin->has_more = false;
	begin->next_at = 0;
	enum err err = channel_is_stopped(txn, &is_stopped);
	if (err != ERR_OK || is_stopped)
		return err;
	err = email_outbox_ready(txn_db(txn), txn_arena(txn), txn_now(txn),
				 begin->limit, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = begin_one(txn, ids[i], begin);
	if (err == ERR_OK)
		err = email_outbox_next(txn_db(txn), &begin->next_at);
	begin->has_more = begin->next_at && begin->next_at <= txn_now(txn);
	return err;
}

/* --- settling -------------------------------------------------------------------------------------------------------- */

static const struct mail_end {
	enum email_event event;
	const char *kind, *reason, *fix;
} ends[] = {
	[MAIL_TAKEN] = {EMAIL_EV_TAKEN, "email_sent"},
	[MAIL_UNSURE] = {EMAIL_EV_UNSURE, "email_unsure", "answer_lost",
			 "It counts as sent and is not sent again; ask the recipient "
			 "when it matters."},
	[MAIL_REFUSED] = {EMAIL_EV_FAIL, "email_failed", "refused_by_server",
			  "See what the mail server says of this address or sender."},
};

/* It waits again, no longer than it may: then mail_begin ends it. */
static enum err defer(struct txn *txn, struct email *email,
		      const struct mail_result *result)
{
	const struct policy *policy = core_policy(txn_context(txn));
	int64_t now = txn_now(txn), next_at = now;
	int64_t until = email->created_at + policy->mail_validity_ms;
	if (result->outcome == MAIL_DEFERRED)
		next_at += mail_retry_ms(email->attempts);
	if (next_at > until)
		next_at = until;
	enum err err = email_outbox_unmark(txn_db(txn), email->id, next_at);
	if (err != ERR_OK || !email_next(email->state, EMAIL_EV_DEFER, &email->state))
		return err;
	email->state_at = now;
	email->detail = result->detail;
	err = email_rows_save(txn_db(txn), email);
	const struct mail_note what = {
		.kind = "email_deferred", .detail = result->detail, .next_at = next_at};
	return err == ERR_OK && email->attempts == 1 ? note(txn, email, &what) : err;
}

static enum err settle(struct txn *txn, const struct mail_result *result)
{
	struct email email;
	enum err err = email_rows_load(txn_db(txn), txn_arena(txn), result->id, &email);
	if (err != ERR_OK)
		return err;
	txn_signal(txn, SIGNAL_MAIL);
	if (result->outcome == MAIL_DEFERRED || result->outcome == MAIL_NO_SERVER)
		return defer(txn, &email, result);
	const struct mail_end *how = &ends[result->outcome];
	return end(txn, &email, how->event,
		   &(struct mail_note){.kind = how->kind,
				       .reason = how->reason,
				       .detail = result->detail,
				       .fix = how->fix});
}

enum err mail_done(struct txn *txn, void *arg)
{
	const struct mail_done *done = arg;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < done->count; i++)
		err = settle(txn, &done->results[i]);
	FAULT_POINT("mail_done");
	return err;
}

static enum err make_unsure(struct txn *txn, const uint64_t *ids, size_t count,
			    const char *detail)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = settle(txn, &(struct mail_result){ids[i], MAIL_UNSURE, detail});
	return err;
}

enum err mail_recover(struct txn *txn, void *arg)
{
	struct mail_recover *recover = arg;
	const struct core *core = txn_context(txn);
	uint64_t *ids;
	enum err err = email_outbox_orphans(txn_db(txn), txn_arena(txn), core->node,
					    core->epoch, MAIL_RECOVER_MOST, &ids,
					    &recover->count);
	return err == ERR_OK ? make_unsure(txn, ids, recover->count,
					   "handbox stopped while the e-mail was being "
					   "sent; it may have left.")
			     : err;
}

enum err mail_settle_copy(struct txn *txn, int64_t made_at, int64_t *count_out)
{
	uint64_t *ids;
	size_t count;
	enum err err = email_rows_unsettled(txn_db(txn), txn_arena(txn), made_at,
					    MAIL_RECOVER_MOST, &ids, &count);
	if (err == ERR_OK)
		err = make_unsure(txn, ids, count,
				  "This database was put back from a copy: the e-mail "
				  "may have left after the copy was made.");
	*count_out = err == ERR_OK ? (int64_t)count : 0;
	return err;
}
