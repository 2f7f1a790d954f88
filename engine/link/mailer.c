/* mailer.c - see mailer.h
 *
 * A slot is a line to the server and what it is busy with:
 *
 *	free ──begun──► busy (on a thread) ──finished──► its outcome waits to be settled, and it is free again
 *
 * Marking and settling are independent, one of each at a time, as in dispatch.c.
 */
#include "link/mailer.h"

#include <assert.h>
#include <event2/event.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"

enum {
	STORE_RETRY_MS = 500,
	PAUSE_LEAST_MS = 2000,
	PAUSE_MOST_MS = 5 * 60 * 1000,
	LOOK_AGAIN_MS = 60 * 1000, /* the clock may be set meanwhile */
	OUTCOMES_MOST = 4 * MAILER_LINES,
};

struct slot {
	struct mailer *mailer;
	struct mail_line *line; /* NULL: no connection */
	bool is_busy, keeps_line;
	uint64_t id;
	struct mail_order order;
	char *from, *to;
};

struct mailer {
	struct event_base *base;
	struct store *store;
	struct mailbox *home;
	struct pool *pool; /* NULL before the first e-mail */
	struct mail_settings *settings;
	struct event *again, *retry, *deadline;
	bool is_recovered, is_marking, is_settling, wants_more, is_stopping;
	atomic_bool is_off; /* threads give up */
	int64_t pause_ms;   /* 0: the server can be used */
	struct slot slots[MAILER_LINES];
	struct mail_recover recover;
	struct mail_begin begin;
	struct mail_result outcomes[OUTCOMES_MOST];
	size_t outcome_count;
	struct mail_done done;
	struct mail_counts counts;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static void pump(struct mailer *mailer);

static void add_timer(struct event *event, int64_t wait_ms)
{
	if (wait_ms < 0)
		wait_ms = 0;
	const struct timeval after = {wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(event, &after);
}

static unsigned busy_slots(const struct mailer *mailer)
{
	unsigned busy = 0;
	for (unsigned i = 0; i < MAILER_LINES; i++)
		busy += mailer->slots[i].is_busy;
	return busy;
}

/* --- settling -------------------------------------------------------------------------------------------------------- */

static enum err write_done(struct txn *txn, void *arg)
{
	return mail_done(txn, &((struct mailer *)arg)->done);
}

static void settled(void *arg, enum err err)
{
	struct mailer *mailer = arg;
	size_t count = mailer->done.count;
	mailer->is_settling = false;
	if (err != ERR_OK) {
		log_error("mailer",
			  "outcomes cannot be written, no more e-mails are begun "
			  "error=%s waiting=%zu",
			  err_code(err), mailer->outcome_count);
		add_timer(mailer->retry, STORE_RETRY_MS);
		return;
	}
	for (size_t i = 0; i < count; i++)
		mem_free((char *)mailer->outcomes[i].detail);
	mailer->outcome_count -= count;
	memmove(mailer->outcomes, mailer->outcomes + count,
		mailer->outcome_count * sizeof(mailer->outcomes[0]));
	mailer->wants_more = true;
	pump(mailer);
}

static void settle(struct mailer *mailer)
{
	if (mailer->is_settling || !mailer->outcome_count ||
	    event_pending(mailer->retry, EV_TIMEOUT, NULL))
		return;
	mailer->done = (struct mail_done){mailer->outcomes, mailer->outcome_count};
	mailer->is_settling = true;
	if (store_write_patient(mailer->store, write_done, settled, mailer) != ERR_OK) {
		mailer->is_settling = false;
		add_timer(mailer->retry, STORE_RETRY_MS);
	}
}

/* --- the server ------------------------------------------------------------------------------------------------------ */

static void server_fails(struct mailer *mailer, const char *detail)
{
	if (event_pending(mailer->again, EV_TIMEOUT, NULL) && mailer->pause_ms)
		return; /* another one under way failed with it */
	if (!mailer->pause_ms)
		log_warn("mailer", "the mail server cannot be used detail=\"%s\"",
			 detail);
	mailer->pause_ms = mailer->pause_ms ? 2 * mailer->pause_ms : PAUSE_LEAST_MS;
	if (mailer->pause_ms > PAUSE_MOST_MS)
		mailer->pause_ms = PAUSE_MOST_MS;
	mailer->counts.is_reachable = false;
	add_timer(mailer->again, mailer->pause_ms);
}

static void server_works(struct mailer *mailer)
{
	if (mailer->pause_ms)
		log_info("mailer", "the mail server takes e-mails again");
	mailer->pause_ms = 0;
	mailer->counts.is_reachable = true;
}

/* --- sending: on_send and on_hang_up run on a thread of the pool ------------------------------------------------------------------ */

static void on_send(void *arg)
{
	struct slot *slot = arg;
	if (!slot->line)
		slot->line = mail_line_new();
	mail_line_send(slot->line, &slot->order);
	FAULT_POINT("mail_answered");
	if (!slot->keeps_line)
		mail_line_free(&slot->line);
}

static void on_hang_up(void *arg)
{
	mail_line_free(&((struct slot *)arg)->line);
}

static void hung_up(void *arg)
{
	struct slot *slot = arg;
	slot->is_busy = false;
	pump(slot->mailer);
}

static void add_outcome(struct mailer *mailer, uint64_t id, enum mail_outcome outcome,
			const char *detail)
{
	assert(mailer->outcome_count <
	       OUTCOMES_MOST); /* begun only where there is room */
	mailer->outcomes[mailer->outcome_count++] =
		(struct mail_result){id, outcome, mem_strdup(detail)};
	mailer->counts.outcomes[outcome]++;
	log_debug("mailer", "e-mail ended id=%llu outcome=%s", (unsigned long long)id,
		  mail_outcome_name(outcome));
	if (outcome == MAIL_NO_SERVER)
		server_fails(mailer, detail);
	else
		server_works(mailer);
}

static void sent(void *arg)
{
	struct slot *slot = arg;
	struct mailer *mailer = slot->mailer;
	add_outcome(mailer, slot->id, slot->order.outcome, slot->order.detail);
	mail_settings_unref(&slot->order.settings);
	buf_fini(&slot->order.wire);
	mem_free(slot->from);
	mem_free(slot->to);
	slot->is_busy = false;
	pump(mailer);
}

static void run(struct slot *slot, pool_fn *work, pool_fn *done)
{
	struct mailer *mailer = slot->mailer;
	if (!mailer->pool)
		mailer->pool = pool_new(MAILER_LINES, MAILER_LINES, mailer->home);
	slot->is_busy = true;
	enum err err = pool_run(mailer->pool, work, done, slot);
	assert(err == ERR_OK); /* a slot has one job, and the pool room for each */
	(void)err;
}

static void fill_order(struct slot *slot, const struct email *email,
		       const struct email_sender *sender)
{
	struct mailer *mailer = slot->mailer;
	const struct email_wire wire = {.from = *sender,
					.to = email->recipient,
					.subject = email->subject,
					.body = email->body,
					.message_id = email->message_id,
					.at = email->created_at};
	slot->id = email->id;
	slot->keeps_line = mailer->begin.has_more;
	slot->from = mem_strdup(sender->address);
	slot->to = mem_strdup(email->recipient);
	slot->order = (struct mail_order){
		.settings = mail_settings_ref(mailer->settings),
		.wire = BUF_EMPTY,
		.from = slot->from,
		.to = slot->to,
		.is_off = &mailer->is_off,
	};
	email_write(&wire, &slot->order.wire);
}

/* The sender is the one of now. When it was taken out of the configuration meanwhile, mail_begin says so the next time. */
static void send_one(struct mailer *mailer, const struct email *email)
{
	const struct mail_config *config = mail_settings_of(mailer->settings);
	struct arena *arena = arena_new();
	struct email_sender sender;
	const char *why;
	if (!config->url || !email_sender_parse(arena, config->from, &sender, &why)) {
		add_outcome(mailer, email->id, MAIL_NO_SERVER,
			    "No mail server is configured.");
		arena_free(&arena);
		return;
	}
	struct slot *slot = mailer->slots;
	while (slot->is_busy)
		slot++;
	assert(slot < mailer->slots + MAILER_LINES);
	fill_order(slot, email, &sender);
	arena_free(&arena);
	run(slot, on_send, sent);
}

/* --- marking --------------------------------------------------------------------------------------------------------- */

static enum err write_begin(struct txn *txn, void *arg)
{
	return mail_begin(txn, &((struct mailer *)arg)->begin);
}

static void begun(void *arg, enum err err)
{
	struct mailer *mailer = arg;
	const struct mail_begin *begin = &mailer->begin;
	mailer->is_marking = false;
	if (err != ERR_OK) {
		log_warn("mailer", "cannot begin error=%s", err_code(err));
		add_timer(mailer->retry, STORE_RETRY_MS);
		return;
	}
	if (begin->count)
		FAULT_POINT("mail_marked");
	for (size_t i = 0; i < begin->count; i++)
		send_one(mailer, &begin->emails[i]);
	mailer->wants_more |= begin->has_more;
	if (begin->next_at && !(mailer->pause_ms && begin->count)) {
		int64_t wait_ms = begin->next_at - clock_now_ms(&clock_real) + 1;
		add_timer(mailer->again,
			  wait_ms < LOOK_AGAIN_MS ? wait_ms : LOOK_AGAIN_MS);
	}
	pump(mailer);
}

static void mark(struct mailer *mailer)
{
	unsigned busy = busy_slots(mailer);
	unsigned most = mailer->pause_ms ? 1 : MAILER_LINES;
	if (busy >= most || mailer->outcome_count + most > OUTCOMES_MOST)
		return; /* the end of one calls again */
	mailer->wants_more = false;
	mailer->begin.limit = most - busy;
	mailer->is_marking = true;
	if (store_write(mailer->store, write_begin, begun, mailer) != ERR_OK) {
		mailer->is_marking = false;
		mailer->wants_more = true;
		add_timer(mailer->retry, STORE_RETRY_MS);
	}
}

/* --- recovering ------------------------------------------------------------------------------------------------------ */

static enum err write_recover(struct txn *txn, void *arg)
{
	return mail_recover(txn, &((struct mailer *)arg)->recover);
}

static void recovered(void *arg, enum err err)
{
	struct mailer *mailer = arg;
	mailer->is_marking = false;
	if (err != ERR_OK) {
		log_error("mailer", "cannot recover error=%s", err_code(err));
		add_timer(mailer->retry, STORE_RETRY_MS);
		return;
	}
	if (mailer->recover.count)
		log_warn("mailer",
			 "it is not sure whether e-mails left before a stop in the "
			 "middle of sending them count=%zu",
			 mailer->recover.count);
	mailer->is_recovered = !mailer->recover.count;
	mailer->wants_more = true;
	pump(mailer);
}

static void recover(struct mailer *mailer)
{
	mailer->is_marking = true;
	if (store_write(mailer->store, write_recover, recovered, mailer) != ERR_OK) {
		mailer->is_marking = false;
		add_timer(mailer->retry, STORE_RETRY_MS);
	}
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

/* Nothing waits: connections that were kept for more are closed. */
static void close_lines(struct mailer *mailer)
{
	for (unsigned i = 0; i < MAILER_LINES; i++) {
		struct slot *slot = &mailer->slots[i];
		if (!slot->is_busy && slot->line)
			run(slot, on_hang_up, hung_up);
	}
}

static bool is_idle(const struct mailer *mailer)
{
	return !busy_slots(mailer) && !mailer->outcome_count && !mailer->is_marking &&
	       !mailer->is_settling;
}

static void pump(struct mailer *mailer)
{
	if (!mailer->store)
		return; /* mailer_free */
	settle(mailer);
	if (mailer->is_stopping) {
		void (*stopped)(void *) = mailer->stopped;
		close_lines(mailer);
		if (is_idle(mailer) && stopped) {
			mailer->stopped = NULL;
			stopped(mailer->stopped_arg);
		}
		return;
	}
	if (mailer->is_marking || event_pending(mailer->retry, EV_TIMEOUT, NULL))
		return;
	if (!mailer->is_recovered)
		recover(mailer);
	else if (mailer->wants_more &&
		 !(mailer->pause_ms && event_pending(mailer->again, EV_TIMEOUT, NULL)))
		mark(mailer);
	else if (!mailer->begin.has_more)
		close_lines(mailer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	mailer_wake(arg);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	atomic_store(&((struct mailer *)arg)->is_off, true);
}

struct mailer *mailer_new(const struct mailer_config *config)
{
	struct mailer *mailer = MEM_NEW(struct mailer);
	mailer->base = config->base;
	mailer->store = config->store;
	mailer->home = config->home;
	mailer->settings = mail_settings_new(config->mail);
	mailer->again = event_new(config->base, -1, 0, on_timer, mailer);
	mailer->retry = event_new(config->base, -1, 0, on_timer, mailer);
	mailer->deadline = event_new(config->base, -1, 0, on_deadline, mailer);
	mailer->counts.is_reachable = true;
	for (unsigned i = 0; i < MAILER_LINES; i++)
		mailer->slots[i].mailer = mailer;
	pump(mailer);
	return mailer;
}

void mailer_configure(struct mailer *mailer, const struct mail_config *mail)
{
	mail_settings_unref(&mailer->settings);
	mailer->settings = mail_settings_new(mail);
	event_del(mailer->again); /* the new server may be a better one */
	mailer_wake(mailer);
}

void mailer_wake(struct mailer *mailer)
{
	mailer->wants_more = true;
	pump(mailer);
}

const struct mail_counts *mailer_counts(const struct mailer *mailer)
{
	return &mailer->counts;
}

void mailer_stop(struct mailer *mailer, unsigned deadline_ms,
		 void (*stopped)(void *arg), void *arg)
{
	mailer->is_stopping = true;
	mailer->stopped = stopped;
	mailer->stopped_arg = arg;
	event_del(mailer->again);
	add_timer(mailer->deadline, deadline_ms / 2);
	pump(mailer);
}

void mailer_free(struct mailer **mailer_ptr)
{
	struct mailer *mailer = *mailer_ptr;
	if (!mailer)
		return;
	atomic_store(&mailer->is_off, true);
	mailer->store = NULL;
	pool_free(&mailer->pool);
	mailbox_run_all(mailer->home);
	for (unsigned i = 0; i < MAILER_LINES; i++)
		mail_line_free(&mailer->slots[i].line);
	for (size_t i = 0; i < mailer->outcome_count; i++)
		mem_free((char *)mailer->outcomes[i].detail);
	mail_settings_unref(&mailer->settings);
	event_free(mailer->again);
	event_free(mailer->retry);
	event_free(mailer->deadline);
	mem_free(mailer);
	*mailer_ptr = NULL;
}
