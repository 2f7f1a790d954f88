/* digest.c - see digest.h */
#include "core/digest.h"

#include "base/ident.h"
#include "core/core.h"
#include "core/view.h"
#include "store/digest_rows.h"
#include "store/email_rows.h"
#include "store/mention_rows.h"
#include "store/thread_rows.h"
#include "store/user_rows.h"

struct digest {
	struct txn *txn;
	struct arena *arena;
	const struct policy *policy;
	struct digest_row row;
	struct user user;
	struct digest_tasks tasks;
	size_t unread, fresh; /* conversations; fresh: with a text that was not told */
	int64_t named; /* conversations with a note that was not told and names the user */
};

static int64_t period_ms(enum user_digest digest)
{
	return digest == USER_DIGEST_DAILY ? DAY_MS : HOUR_MS;
}

static bool wants(const struct user *user)
{
	return user->is_active && user->digest != USER_DIGEST_OFF && *user->email;
}

enum err digest_follow(struct txn *txn, const struct user *user)
{
	const struct digest_row row = {user->id, txn_now(txn) + DIGEST_LOOK_MS,
				       txn_id(txn)};
	txn_signal(txn, SIGNAL_TIMER);
	return wants(user) ? digest_rows_put(txn_db(txn), &row)
			   : digest_rows_delete(txn_db(txn), user->id);
}

/* --- what there is to tell ------------------------------------------------------------------------------------------- */

static enum err count_tasks(struct digest *digest)
{
	int64_t now = txn_now(digest->txn);
	const struct digest_window window = {.told_id = digest->row.told_id,
					     .since =
						     ident_time_ms(digest->row.told_id),
					     .now = now,
					     .soon_until = now + DIGEST_SOON_MS};
	return digest_rows_tasks(txn_db(digest->txn), digest->user.id, &window,
				 &digest->tasks);
}

static enum err count_threads(struct digest *digest)
{
	struct thread_page page;
	const struct thread_filter filter = {.whose = CONTACT_OF_USER,
					     .owner_id = digest->user.id,
					     .reader_id = digest->user.id,
					     .unread = 1,
					     .unanswered = -1,
					     .limit = DIGEST_THREADS_MOST};
	enum err err =
		thread_rows_page(txn_db(digest->txn), digest->arena, &filter, &page);
	digest->unread = digest->fresh = 0;
	for (size_t i = 0; err == ERR_OK && i < page.count; i++) {
		digest->unread++;
		digest->fresh += page.rows[i].inbound_id > digest->row.told_id;
	}
	return err;
}

static enum err count_notes(struct digest *digest)
{
	return mention_rows_count(txn_db(digest->txn), digest->user.id,
				  digest->row.told_id, DIGEST_THREADS_MOST,
				  &digest->named);
}

static bool has_news(const struct digest *digest)
{
	return digest->tasks.fresh || digest->tasks.late || digest->fresh ||
	       digest->named;
}

/* --- its words ------------------------------------------------------------------------------------------------------- */

static void add_count(struct buf *buf, const char *before, int64_t count,
		      const char *one, const char *many)
{
	if (count)
		buf_printf(buf, "%s%lld %s", before, (long long)count,
			   count == 1 ? one : many);
}

static const char *subject_of(const struct digest *digest)
{
	struct buf buf = BUF_EMPTY;
	add_count(&buf, ", ", digest->tasks.fresh, "new task", "new tasks");
	add_count(&buf, ", ", (int64_t)digest->fresh, "unread reply", "unread replies");
	add_count(&buf, ", ", digest->named, "note for you", "notes for you");
	add_count(&buf, ", ", digest->tasks.overdue, "task overdue", "tasks overdue");
	const char *subject =
		arena_printf(digest->arena, "handbox: %s", buf_str(&buf) + 2);
	buf_fini(&buf);
	return subject;
}

static const char *body_of(const struct digest *digest)
{
	const struct user *user = &digest->user;
	struct buf buf = BUF_EMPTY;
	buf_printf(&buf, "Hello %s,\n\nnew since the last e-mail like this:\n",
		   person_name(digest->arena, user->first_name, "", user->login));
	add_count(&buf, "\n  ", digest->tasks.fresh, "task for you", "tasks for you");
	add_count(&buf, "\n  ", digest->tasks.late, "task that has fallen due",
		  "tasks that have fallen due");
	add_count(&buf, "\n  ", (int64_t)digest->fresh,
		  "conversation of yours with an unread reply",
		  "conversations of yours with unread replies");
	add_count(&buf, "\n  ", digest->named,
		  "conversation with a note that names you",
		  "conversations with notes that name you");
	buf_printf(&buf, "\n\nWaiting for you in all: %s%lld open",
		   digest->tasks.open == DIGEST_TASKS_MOST ? "at least " : "",
		   (long long)digest->tasks.open);
	add_count(&buf, ", ", digest->tasks.overdue, "overdue", "overdue");
	add_count(&buf, ", ", digest->tasks.soon, "due within a day",
		  "due within a day");
	add_count(&buf, "; ", (int64_t)digest->unread, "unread conversation",
		  "unread conversations");
	buf_printf(
		&buf,
		".\n\nManual Actions: %s/manual-actions\nConversations: "
		"%s/conversations\n\nYou asked for this at most once %s, and get none "
		"while you are at work in\nhandbox or off shift. Your notices are set "
		"in your profile.\n",
		digest->policy->public_url, digest->policy->public_url,
		user->digest == USER_DIGEST_DAILY ? "a day" : "an hour");
	const char *body = arena_strdup(digest->arena, buf_str(&buf));
	buf_fini(&buf);
	return body;
}

static enum err put(struct digest *digest)
{
	struct txn *txn = digest->txn;
	struct email_sender sender;
	const char *why;
	struct email email = {.id = txn_id(txn),
			      .user_id = digest->user.id,
			      .recipient = digest->user.email,
			      .subject = subject_of(digest),
			      .body = body_of(digest),
			      .state = EMAIL_WAITING,
			      .created_at = txn_now(txn),
			      .state_at = txn_now(txn)};
	if (!email_sender_parse(digest->arena, digest->policy->mail_from, &sender,
				&why))
		return ERR_OK;
	email.message_id = email_message_id(digest->arena, &email, &sender);
	enum err err = email_rows_insert(txn_db(txn), &email);
	if (err == ERR_OK)
		err = email_outbox_add(txn_db(txn), email.id, email.created_at);
	txn_signal(txn, SIGNAL_MAIL);
	digest->row.told_id = email.id;
	return err;
}

/* --- one user --------------------------------------------------------------------------------------------------------- */

/* How long until the next thought of it; a mail is made when it is the time. */
static enum err think(struct digest *digest, int64_t *wait_ms_out)
{
	struct db *db = txn_db(digest->txn);
	bool is_at_work;
	*wait_ms_out = DIGEST_LOOK_MS;
	if (!digest->policy->mail_from || !digest->user.is_on_shift)
		return ERR_OK;
	enum err err = digest_rows_is_at_work(db, digest->user.id,
					      txn_now(digest->txn) - DIGEST_QUIET_MS,
					      &is_at_work);
	if (err == ERR_OK && is_at_work) {
		*wait_ms_out = DIGEST_QUIET_MS;
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = count_tasks(digest);
	if (err == ERR_OK)
		err = count_threads(digest);
	if (err == ERR_OK)
		err = count_notes(digest);
	if (err != ERR_OK || !has_news(digest))
		return err;
	*wait_ms_out = period_ms(digest->user.digest);
	return put(digest);
}

static enum err think_of(struct txn *txn, const struct digest_row *row)
{
	struct digest digest = {.txn = txn,
				.arena = txn_arena(txn),
				.policy = core_policy(txn_context(txn)),
				.row = *row};
	int64_t wait_ms;
	enum err err =
		user_rows_load(txn_db(txn), digest.arena, row->user_id, &digest.user);
	if (err != ERR_OK)
		return err;
	if (!wants(&digest.user))
		return digest_rows_delete(txn_db(txn), row->user_id);
	err = think(&digest, &wait_ms);
	digest.row.due_at = txn_now(txn) + wait_ms;
	return err == ERR_OK ? digest_rows_put(txn_db(txn), &digest.row) : err;
}

enum err digest_step(struct txn *txn, struct digest_step *step)
{
	struct digest_row row;
	*step = (struct digest_step){.is_done = true};
	for (unsigned i = 0; i <= DIGEST_MOST; i++) {
		enum err err = digest_rows_first(txn_db(txn), &row);
		if (err != ERR_OK)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		step->next_at = row.due_at;
		step->is_done = row.due_at > txn_now(txn);
		if (step->is_done || i == DIGEST_MOST)
			return ERR_OK;
		err = think_of(txn, &row);
		if (err != ERR_OK)
			return err;
		step->next_at = 0;
	}
	return ERR_OK;
}
