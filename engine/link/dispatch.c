/* dispatch.c - see dispatch.h
 *
 *	idle ──wake──► marking ──begin committed──► submitted ──outcomes──► settling ──committed──► idle
 *
 * Marking and settling are independent: one of each may be under way at a time.
 */
#include "link/dispatch.h"

#include <assert.h>
#include <event2/event.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/messages.h"
#include "model/sender.h"

enum { RETRY_MS = 500, OUTCOMES_MOST = 256 };

struct dispatch {
	struct dispatch_config config;
	struct event *retry; /* after a store that was busy or failing */
	struct event *later; /* when an undo window ends, or a sender has room */
	struct sender_pace paces[SENDERS_MOST]; /* of the policy's senders */
	struct handover_room rooms[SENDERS_MOST];
	bool is_recovered, is_marking, is_settling, wants_more, is_stopping;
	unsigned out; /* submitted, no outcome yet */
	struct handover_recover recover;
	struct handover_begin begin;
	/* outcomes that wait to be settled; while settling, the first done.count are in the hands of the writer */
	struct handover_result outcomes[OUTCOMES_MOST];
	size_t outcome_count;
	struct handover_done done;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static void pump(struct dispatch *dispatch);

/* The store hands one pointer to a command and to its done: the dispatch, from which each takes its part. */
static enum err write_begin(struct txn *txn, void *arg)
{
	return handover_begin(txn, &((struct dispatch *)arg)->begin);
}

static enum err write_done(struct txn *txn, void *arg)
{
	return handover_done(txn, &((struct dispatch *)arg)->done);
}

static enum err write_recover(struct txn *txn, void *arg)
{
	return handover_recover(txn, &((struct dispatch *)arg)->recover);
}

static void retry_later(struct dispatch *dispatch)
{
	const struct timeval after = {0, RETRY_MS * 1000};
	event_add(dispatch->retry, &after);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct dispatch *dispatch = arg;
	dispatch->wants_more = true;
	pump(dispatch);
}

/* --- settling ---------------------------------------------------------------------------------------------------------- */

static void settled(void *arg, enum err err)
{
	struct dispatch *dispatch = arg;
	size_t count = dispatch->done.count;
	dispatch->is_settling = false;
	if (err != ERR_OK) {
		log_error("dispatch",
			  "outcomes cannot be written, no more texts are begun "
			  "error=%s waiting=%zu",
			  err_code(err), dispatch->outcome_count);
		retry_later(dispatch);
		return;
	}
	for (size_t i = 0; i < count; i++)
		mem_free((char *)dispatch->outcomes[i].detail);
	dispatch->outcome_count -= count;
	memmove(dispatch->outcomes, dispatch->outcomes + count,
		dispatch->outcome_count * sizeof(dispatch->outcomes[0]));
	dispatch->wants_more = true;
	pump(dispatch);
}

static void settle(struct dispatch *dispatch)
{
	if (dispatch->is_settling || !dispatch->outcome_count ||
	    event_pending(dispatch->retry, EV_TIMEOUT, NULL))
		return;
	dispatch->done =
		(struct handover_done){dispatch->outcomes, dispatch->outcome_count};
	dispatch->is_settling = true;
	if (store_write_patient(dispatch->config.store, write_done, settled,
				dispatch) != ERR_OK) {
		dispatch->is_settling = false;
		retry_later(dispatch);
	}
}

static const enum message_event event_of[GATEWAY_OUTCOMES] = {
	[GATEWAY_ACCEPTED] = MESSAGE_EV_ACCEPTED,
	[GATEWAY_QUEUED] = MESSAGE_EV_QUEUED,
	[GATEWAY_REFUSED] = MESSAGE_EV_REFUSED,
	[GATEWAY_NOT_TAKEN] = MESSAGE_EV_NOT_TAKEN,
	[GATEWAY_UNCERTAIN] = MESSAGE_EV_UNCERTAIN,
};

static void add_outcome(struct dispatch *dispatch, uint64_t id,
			enum gateway_outcome outcome, const char *detail)
{
	assert(dispatch->outcome_count <
	       OUTCOMES_MOST); /* never more than were marked */
	dispatch->outcomes[dispatch->outcome_count++] =
		(struct handover_result){.id = id,
					 .event = event_of[outcome],
					 .detail = mem_strdup(detail ? detail : "")};
	log_debug("dispatch", "handed over id=%llu outcome=%s", (unsigned long long)id,
		  gateway_outcome_name(outcome));
}

static void on_outcome(void *arg, uint64_t id, enum gateway_outcome outcome,
		       const char *detail)
{
	struct dispatch *dispatch = arg;
	FAULT_POINT("gateway_outcome");
	dispatch->out--;
	add_outcome(dispatch, id, outcome, detail);
	pump(dispatch);
}

/* --- the rates of senders ------------------------------------------------------------------------------------------------- */

static const struct policy *policy_of(const struct dispatch *dispatch)
{
	return dispatch->config.policy ? dispatch->config.policy : &policy_default;
}

/* Filled anew for each marking, which reads them on the writer's thread. */
static void fill_rooms(struct dispatch *dispatch)
{
	const struct policy *policy = policy_of(dispatch);
	int64_t now_us = clock_mono_us();
	size_t count = 0;
	for (size_t i = 0; i < policy->sender_count; i++)
		if (policy->senders[i].rate_per_s)
			dispatch->rooms[count++] = (struct handover_room){
				policy->senders[i].number,
				sender_room(&policy->senders[i], &dispatch->paces[i],
					    now_us)};
	dispatch->begin.rooms = dispatch->rooms;
	dispatch->begin.room_count = count;
}

static void take_room(struct dispatch *dispatch, const char *from)
{
	const struct policy *policy = policy_of(dispatch);
	const struct sender *sender = sender_find(policy, from);
	if (sender && sender->rate_per_s)
		sender_take(sender, &dispatch->paces[sender - policy->senders],
			    clock_mono_us());
}

/* The first of the senders without room that has some again. */
static int64_t next_room_ms(const struct dispatch *dispatch)
{
	const struct policy *policy = policy_of(dispatch);
	int64_t now_us = clock_mono_us(), least_us = INT64_MAX;
	for (size_t i = 0; i < policy->sender_count; i++) {
		const struct sender *sender = &policy->senders[i];
		if (!sender->rate_per_s)
			continue;
		int64_t wait_us = sender_next_us(sender, &dispatch->paces[i]) - now_us;
		if (wait_us > 0 && wait_us < least_us)
			least_us = wait_us;
	}
	return least_us == INT64_MAX ? 1 : least_us / 1000 + 1;
}

void dispatch_set_policy(struct dispatch *dispatch, const struct policy *policy)
{
	dispatch->config.policy = policy;
	memset(dispatch->paces, 0, sizeof(dispatch->paces));
	dispatch_wake(dispatch);
}

/* --- marking ----------------------------------------------------------------------------------------------------------- */

static void submit(struct dispatch *dispatch, const struct handover_text *text)
{
	const struct gateway_text out = {.id = text->id,
					 .to = text->to,
					 .from = text->from,
					 .smsc = text->smsc,
					 .text = text->text,
					 .validity_s = text->validity_s};
	enum err err =
		gateway_submit(dispatch->config.gateway, &out, on_outcome, dispatch);
	if (err == ERR_OK)
		dispatch->out++;
	else
		add_outcome(dispatch, text->id,
			    err == ERR_INVALID ? GATEWAY_REFUSED : GATEWAY_NOT_TAKEN,
			    err == ERR_INVALID
				    ? "The text cannot be put into a request."
				    : "The gateway has no place.");
}

/* When time alone lets more of them leave. What the write saw ahead may have come while it was committed. */
static void come_again(struct dispatch *dispatch)
{
	int64_t wait_ms = INT64_MAX, now = clock_now_ms(&clock_real);
	if (dispatch->begin.next_at)
		wait_ms = dispatch->begin.next_at > now
				  ? dispatch->begin.next_at - now + 1
				  : 1;
	if (dispatch->begin.is_paced) {
		int64_t room_ms = next_room_ms(dispatch);
		wait_ms = room_ms < wait_ms ? room_ms : wait_ms;
	}
	if (wait_ms == INT64_MAX)
		return;
	const struct timeval after = {wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(dispatch->later, &after);
}

static void begun(void *arg, enum err err)
{
	struct dispatch *dispatch = arg;
	dispatch->is_marking = false;
	if (err != ERR_OK) {
		log_warn("dispatch", "cannot begin error=%s", err_code(err));
		retry_later(dispatch);
		return;
	}
	FAULT_POINT("dispatch_marked");
	for (size_t i = 0; i < dispatch->begin.count; i++) {
		take_room(dispatch, dispatch->begin.texts[i].from);
		submit(dispatch, &dispatch->begin.texts[i]);
	}
	FAULT_POINT("dispatch_submitted");
	come_again(dispatch);
	dispatch->wants_more |= dispatch->begin.has_more;
	pump(dispatch);
}

static void mark(struct dispatch *dispatch)
{
	unsigned places = gateway_capacity(dispatch->config.gateway);
	size_t room = OUTCOMES_MOST - dispatch->outcome_count - dispatch->out;
	if (places > HANDOVER_MOST)
		places = HANDOVER_MOST;
	if (!places || room < places)
		return; /* the gateway says when it is ready */
	dispatch->wants_more = false;
	dispatch->begin.limit = places;
	fill_rooms(dispatch);
	dispatch->is_marking = true;
	if (store_write(dispatch->config.store, write_begin, begun, dispatch) !=
	    ERR_OK) {
		dispatch->is_marking = false;
		retry_later(dispatch);
	}
}

/* --- recovering -------------------------------------------------------------------------------------------------------- */

static void recovered(void *arg, enum err err);

static void recover(struct dispatch *dispatch)
{
	dispatch->is_marking = true;
	if (store_write(dispatch->config.store, write_recover, recovered, dispatch) !=
	    ERR_OK) {
		dispatch->is_marking = false;
		retry_later(dispatch);
	}
}

static void recovered(void *arg, enum err err)
{
	struct dispatch *dispatch = arg;
	dispatch->is_marking = false;
	if (err != ERR_OK) {
		log_error("dispatch", "cannot recover error=%s", err_code(err));
		retry_later(dispatch);
		return;
	}
	if (dispatch->recover.count)
		log_warn("dispatch",
			 "texts are uncertain after a stop in the middle of their "
			 "hand-over count=%zu",
			 dispatch->recover.count);
	dispatch->is_recovered = !dispatch->recover.count;
	dispatch->wants_more = true;
	pump(dispatch);
}

/* --- the whole --------------------------------------------------------------------------------------------------------- */

static bool is_idle(const struct dispatch *dispatch)
{
	return !dispatch->out && !dispatch->outcome_count && !dispatch->is_marking &&
	       !dispatch->is_settling;
}

static void pump(struct dispatch *dispatch)
{
	settle(dispatch);
	if (dispatch->is_stopping) {
		void (*stopped)(void *) = dispatch->stopped;
		if (is_idle(dispatch) && stopped) {
			dispatch->stopped = NULL;
			stopped(dispatch->stopped_arg);
		}
		return;
	}
	if (dispatch->is_marking || event_pending(dispatch->retry, EV_TIMEOUT, NULL))
		return;
	if (!dispatch->is_recovered)
		recover(dispatch);
	else if (dispatch->wants_more)
		mark(dispatch);
}

struct dispatch *dispatch_new(const struct dispatch_config *config)
{
	struct dispatch *dispatch = MEM_NEW(struct dispatch);
	dispatch->config = *config;
	dispatch->retry = event_new(config->base, -1, 0, on_timer, dispatch);
	dispatch->later = event_new(config->base, -1, 0, on_timer, dispatch);
	pump(dispatch);
	return dispatch;
}

void dispatch_wake(struct dispatch *dispatch)
{
	dispatch->wants_more = true;
	pump(dispatch);
}

static void gateway_stopped(void *arg)
{
	pump(arg);
}

void dispatch_stop(struct dispatch *dispatch, unsigned deadline_ms,
		   void (*stopped)(void *arg), void *arg)
{
	dispatch->is_stopping = true;
	dispatch->stopped = stopped;
	dispatch->stopped_arg = arg;
	gateway_stop(dispatch->config.gateway, deadline_ms, gateway_stopped, dispatch);
}

void dispatch_free(struct dispatch **dispatch)
{
	if (!*dispatch)
		return;
	for (size_t i = 0; i < (*dispatch)->outcome_count; i++)
		mem_free((char *)(*dispatch)->outcomes[i].detail);
	event_free((*dispatch)->retry);
	event_free((*dispatch)->later);
	mem_free(*dispatch);
	*dispatch = NULL;
}
