/* sendsms.c - see sendsms.h
 *
 * A text waits (for its turn in the rate), runs (a libcurl transfer), and is settled. One event, the pump, moves
 * texts on and tells the engine when there is room; it runs in a turn of its own, so that no callback runs inside a
 * call.
 */
#include "plugin/sendsms.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "plugin/curl_loop.h"
#include "plugin/look.h"
#include "plugin/sendsms_request.h"

enum {
	ANSWER_MOST_BYTES = 4096,
	AHEAD_US = 250000, /* taken so long before the rate starts them */
	LATE_US = 60000,   /* so much that came late is caught up */
	JITTER_US = 15000, /* so much closer two may come on the way */
};

struct handover {
	struct sendsms *owner;
	struct arena *arena; /* the strings of text */
	struct gateway_text text;
	gateway_outcome_fn *outcome;
	void *arg;
	CURL *easy; /* while running */
	struct curl_slist *headers;
	struct buf answer;
	unsigned asked; /* how often PREREQFUNCTION was called */
	bool is_probe;
	struct handover *next, **prev;
};

struct sendsms {
	struct gateway gateway; /* first: the seam */
	struct event_base *base;
	struct curl_loop *loop; /* made at the first text */
	struct event *pump, *deadline;
	struct sendsms_settings settings;
	void (*ready)(void *arg);
	void *ready_arg;
	bool wants_ready; /* the engine was told 0 */

	struct handover *waiting, **waiting_end;
	struct handover *running;
	unsigned waiting_count, running_count;
	int64_t next_start_us; /* the rate's next free instant */
	/* a ring: the last rate_per_s starts; NULL without a rate */
	int64_t *starts_us;
	unsigned oldest_start;

	enum gateway_circuit circuit;
	bool probe_is_out;
	unsigned backoff_ms;
	int64_t next_try_ms;
	const char *fault;

	struct look look;

	bool stopping;
	void (*stopped)(void *arg);
	void *stopped_arg;

	struct gateway_status counts; /* the parts that only grow or are last seen */
	char last_answer[SENDSMS_DETAIL_MOST];
};

static const char *const no_fault = "";

static struct sendsms *from_gateway(struct gateway *gw)
{
	return (struct sendsms *)gw;
}

static int64_t mono_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void wake(struct sendsms *gw)
{
	event_active(gw->pump, EV_TIMEOUT, 0);
}

/* --- the rate ------------------------------------------------------------
 * Starts are scheduled interval_us apart. A turn of the loop comes late by a millisecond or so, and Kannel at times lets
 * all connections wait for 40 ms; what is late by up to LATE_US is caught up, so that the rate is reached. That no second
 * sees more than the rate is another rule: a start waits until the one so many before it is a second old. */

static int64_t interval_us(const struct sendsms *gw)
{
	unsigned rate = gw->settings.config.rate_per_s;
	return rate ? (1000000 + JITTER_US) / rate : 0;
}

static void count_start(struct sendsms *gw, int64_t now_us)
{
	if (!gw->starts_us)
		return;
	gw->starts_us[gw->oldest_start] = now_us;
	gw->oldest_start = (gw->oldest_start + 1) % gw->settings.config.rate_per_s;
	int64_t late = now_us - LATE_US;
	int64_t paced =
		(gw->next_start_us > late ? gw->next_start_us : late) + interval_us(gw);
	int64_t second_over = gw->starts_us[gw->oldest_start] + 1000000 + JITTER_US;
	gw->next_start_us = paced > second_over ? paced : second_over;
}

static void forget_starts(struct sendsms *gw)
{
	unsigned rate = gw->settings.config.rate_per_s;
	mem_free(gw->starts_us);
	gw->starts_us = rate ? mem_calloc(rate, sizeof(int64_t)) : NULL;
	gw->oldest_start = 0;
	for (unsigned i = 0; i < rate; i++)
		gw->starts_us[i] = INT64_MIN / 2;
}

/* --- capacity ------------------------------------------------------------
 * A third of the texts that are taken wait, so that a connection that becomes free has its next text at once: were it to
 * wait for the engine's next commit, all would wait together, and Kannel's boxes stand still for 40 ms (Nagle). */

static unsigned places(const struct sendsms *gw)
{
	return gw->settings.config.connections;
}

static bool has_connection(const struct sendsms *gw)
{
	unsigned held =
		gw->starts_us ? 0 : places(gw) / 3; /* a rate makes texts wait anyway */
	return gw->running_count < places(gw) - held;
}

/* How many more texts the rate would start within AHEAD_US, counting those that wait already. */
static unsigned rate_room(const struct sendsms *gw, int64_t now_us)
{
	int64_t interval = interval_us(gw), horizon = now_us + AHEAD_US;
	if (interval == 0)
		return places(gw);
	int64_t from = gw->next_start_us > now_us ? gw->next_start_us : now_us;
	if (from > horizon)
		return 0;
	int64_t room = (horizon - from) / interval + 1 - gw->waiting_count;
	return room > 0 ? (unsigned)room : 0;
}

static unsigned capacity_at(const struct sendsms *gw, int64_t now_us)
{
	unsigned busy = gw->waiting_count + gw->running_count, most = places(gw);
	if (gw->stopping || busy >= most)
		return 0;
	unsigned room = rate_room(gw, now_us);
	if (room > most - busy)
		room = most - busy;
	if (gw->circuit == GATEWAY_CLOSED || room == 0)
		return room;
	return !gw->probe_is_out && now_us / 1000 >= gw->next_try_ms;
}

/* What the engine is asked for. While enough texts wait for a connection, more are taken several at a time: each time
 * costs the engine a commit. */
static unsigned wanted_at(const struct sendsms *gw, int64_t now_us)
{
	bool has_enough = !gw->starts_us && !has_connection(gw) &&
			  gw->waiting_count > places(gw) / 6;
	return has_enough ? 0 : capacity_at(gw, now_us);
}

static unsigned sendsms_capacity(struct gateway *gateway)
{
	struct sendsms *gw = from_gateway(gateway);
	unsigned capacity = wanted_at(gw, mono_us());
	if (capacity == 0 && !gw->wants_ready) {
		gw->wants_ready = true;
		wake(gw);
	}
	return capacity;
}

/* --- the circuit --------------------------------------------------------- */

static void close_circuit(struct sendsms *gw)
{
	if (gw->circuit == GATEWAY_PROBING)
		log_info("gateway", "Kannel answers again");
	gw->circuit = GATEWAY_CLOSED;
	gw->fault = no_fault;
	gw->backoff_ms = 0;
	gw->next_try_ms = 0;
}

/* Only a failed probe makes the pause longer: a dozen texts that fail together are one failure. */
static void open_circuit(struct sendsms *gw, const char *fault, bool was_probe)
{
	const struct gateway_config *config = &gw->settings.config;
	if (gw->circuit == GATEWAY_CLOSED)
		gw->backoff_ms = config->backoff_least_ms;
	else if (was_probe)
		gw->backoff_ms = gw->backoff_ms * 2 < config->backoff_most_ms
					 ? gw->backoff_ms * 2
					 : config->backoff_most_ms;
	else
		return;
	if (gw->circuit == GATEWAY_CLOSED || gw->fault != fault)
		log_warn("gateway", "one text at a time: %s", fault);
	gw->circuit = GATEWAY_PROBING;
	gw->fault = fault;
	gw->next_try_ms = clock_mono_ms() + gw->backoff_ms;
}

/* --- settling ------------------------------------------------------------ */

static void unlink_handover(struct handover *handover)
{
	*handover->prev = handover->next;
	if (handover->next)
		handover->next->prev = handover->prev;
}

static void handover_free(struct handover *handover)
{
	curl_easy_cleanup(handover->easy);
	curl_slist_free_all(handover->headers);
	buf_fini(&handover->answer);
	arena_free(&handover->arena);
	mem_free(handover);
}

/* Takes the handover, already unlinked. */
static void settle(struct handover *handover, enum gateway_outcome outcome,
		   const char *detail)
{
	struct sendsms *gw = handover->owner;
	uint64_t id = handover->text.id;
	gateway_outcome_fn *callback = handover->outcome;
	void *arg = handover->arg;
	gw->counts.outcomes[outcome]++;
	log_debug("gateway", "settled id=%llu outcome=%s detail=\"%s\"",
		  (unsigned long long)id, gateway_outcome_name(outcome), detail);
	handover_free(handover);
	callback(arg, id, outcome, detail);
}

/* What has not started goes back: it certainly did not leave. */
static void return_waiting(struct sendsms *gw, const char *why)
{
	struct handover *handover = gw->waiting;
	gw->waiting = NULL;
	gw->waiting_end = &gw->waiting;
	gw->waiting_count = 0;
	while (handover) {
		struct handover *next = handover->next;
		if (handover->is_probe)
			gw->probe_is_out = false;
		settle(handover, GATEWAY_NOT_TAKEN, why);
		handover = next;
	}
}

static void note_result(struct sendsms *gw, const struct handover *handover,
			const struct sendsms_verdict *verdict, bool is_answer)
{
	gw->counts.reachable = is_answer;
	if (is_answer)
		gw->counts.last_answer_mono_ms = clock_mono_ms();
	if (handover->is_probe)
		gw->probe_is_out = false;
	if (verdict->fault)
		open_circuit(gw, verdict->fault, handover->is_probe);
	else
		close_circuit(gw);
}

static void on_done(void *arg, CURL *easy, CURLcode result)
{
	struct handover *handover = arg;
	struct sendsms *gw = handover->owner;
	struct sendsms_verdict verdict;
	char detail[SENDSMS_DETAIL_MOST];
	long status = 0;
	unlink_handover(handover);
	gw->running_count--;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	bool is_answer = result == CURLE_OK && handover->asked == 1;
	if (is_answer) {
		verdict = sendsms_judge_answer(status, buf_str(&handover->answer));
		sendsms_tell_answer(detail, status, buf_str(&handover->answer));
		memcpy(gw->last_answer, detail, sizeof(detail));
	} else {
		verdict = sendsms_judge_failure(result, handover->asked > 0);
		sendsms_tell_failure(detail, result, handover->asked > 1,
				     handover->answer.len >= ANSWER_MOST_BYTES);
	}
	note_result(gw, handover, &verdict, is_answer);
	if (verdict.note)
		sendsms_tell_note(detail, verdict.note);
	settle(handover, verdict.outcome, detail);
	if (verdict.fault)
		return_waiting(gw, verdict.fault);
	wake(gw);
}

/* --- transfers ----------------------------------------------------------- */

static size_t on_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct handover *handover = arg;
	if (handover->answer.len + size * count > ANSWER_MOST_BYTES) {
		handover->answer.len = ANSWER_MOST_BYTES;
		return 0;
	}
	buf_add(&handover->answer, data, size * count);
	return size * count;
}

/* See sendsms.h: from here on the request may be on the wire. */
static int on_prereq(void *arg, char *peer_ip, char *own_ip, int peer_port,
		     int own_port)
{
	struct handover *handover = arg;
	(void)peer_ip, (void)own_ip, (void)peer_port, (void)own_port;
	return ++handover->asked == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static void need_loop(struct sendsms *gw)
{
	if (!gw->loop)
		gw->loop = curl_loop_new(gw->base, SENDSMS_CONNECTIONS_MOST);
}

static void start(struct sendsms *gw, struct handover *handover)
{
	need_loop(gw);
	CURL *easy = handover->easy = curl_easy_init();
	sendsms_request_fill(&gw->settings, &handover->text, easy, &handover->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, handover);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, handover);
	handover->next = gw->running;
	handover->prev = &gw->running;
	if (handover->next)
		handover->next->prev = &handover->next;
	gw->running = handover;
	gw->running_count++;
	gw->counts.started++;
	gw->counts.last_attempt_mono_ms = clock_mono_ms();
	FAULT_POINT("gateway_start");
	curl_loop_add(gw->loop, easy, on_done, handover);
}

static struct handover *take_waiting(struct sendsms *gw)
{
	struct handover *handover = gw->waiting;
	gw->waiting = handover->next;
	if (!gw->waiting)
		gw->waiting_end = &gw->waiting;
	gw->waiting_count--;
	return handover;
}

/* --- the pump ------------------------------------------------------------ */

static void sleep_until(struct sendsms *gw, int64_t at_us, int64_t now_us)
{
	int64_t wait_us = at_us > now_us ? at_us - now_us : 0;
	struct timeval wait = {wait_us / 1000000, wait_us % 1000000};
	event_add(gw->pump, &wait);
}

/* When time alone brings the next step; 0 when something else must happen first. */
static int64_t next_step_us(const struct sendsms *gw)
{
	if (gw->waiting)
		return has_connection(gw) ? gw->next_start_us : 0;
	if (!gw->wants_ready || !has_connection(gw) || gw->probe_is_out)
		return 0;
	int64_t rate_us = gw->next_start_us - AHEAD_US, try_us = gw->next_try_ms * 1000;
	return rate_us > try_us ? rate_us : try_us;
}

static void finish_stop(struct sendsms *gw)
{
	return_waiting(gw, "handbox is stopping");
	if (gw->running_count || !gw->stopped)
		return;
	void (*stopped)(void *arg) = gw->stopped;
	gw->stopped = NULL;
	event_del(gw->deadline);
	stopped(gw->stopped_arg);
}

static void on_pump(evutil_socket_t fd, short what, void *arg)
{
	struct sendsms *gw = arg;
	(void)fd, (void)what;
	if (gw->stopping) {
		finish_stop(gw);
		return;
	}
	int64_t now_us = mono_us();
	while (gw->waiting && has_connection(gw) && gw->next_start_us <= now_us) {
		count_start(gw, now_us);
		start(gw, take_waiting(gw));
	}
	if (gw->wants_ready && wanted_at(gw, now_us)) {
		gw->wants_ready = false;
		if (gw->ready)
			gw->ready(gw->ready_arg);
	}
	int64_t next_us = next_step_us(gw);
	if (next_us)
		sleep_until(gw, next_us, mono_us());
}

/* --- the seam ------------------------------------------------------------ */

static struct handover *handover_new(struct sendsms *gw,
				     const struct gateway_text *text)
{
	struct handover *handover = MEM_NEW(struct handover);
	struct arena *arena = handover->arena = arena_new();
	handover->owner = gw;
	handover->text = *text;
	handover->text.to = arena_strdup(arena, text->to);
	handover->text.from = arena_strdup(arena, text->from);
	handover->text.smsc = arena_strdup(arena, text->smsc);
	handover->text.text = arena_strdup(arena, text->text);
	return handover;
}

static enum err sendsms_submit(struct gateway *gateway, const struct gateway_text *text,
			       gateway_outcome_fn *outcome, void *arg)
{
	struct sendsms *gw = from_gateway(gateway);
	if (!sendsms_text_is_sendable(text))
		return ERR_INVALID;
	if (capacity_at(gw, mono_us()) == 0)
		return ERR_BUSY;
	struct handover *handover = handover_new(gw, text);
	handover->outcome = outcome;
	handover->arg = arg;
	handover->is_probe = gw->circuit == GATEWAY_PROBING;
	gw->probe_is_out |= handover->is_probe;
	*gw->waiting_end = handover;
	gw->waiting_end = &handover->next;
	gw->waiting_count++;
	wake(gw);
	return ERR_OK;
}

static void sendsms_status(struct gateway *gateway, struct gateway_status *status_out)
{
	const struct sendsms *gw = from_gateway(gateway);
	*status_out = gw->counts;
	status_out->stopping = gw->stopping;
	status_out->circuit = gw->circuit;
	status_out->reason = gw->fault;
	status_out->last_answer = gw->last_answer;
	status_out->next_try_mono_ms = gw->next_try_ms;
	status_out->in_flight = gw->waiting_count + gw->running_count;
	status_out->waiting = gw->waiting_count;
	status_out->connections_most = gw->settings.config.connections;
	status_out->rate_per_s = gw->settings.config.rate_per_s;
}

static enum err sendsms_reconfigure(struct gateway *gateway,
				    const struct gateway_config *config, char **why_out)
{
	struct sendsms *gw = from_gateway(gateway);
	struct sendsms_settings settings;
	enum err err = sendsms_settings_init(&settings, config, why_out);
	if (err != ERR_OK)
		return err;
	bool is_same_rate =
		settings.config.rate_per_s == gw->settings.config.rate_per_s;
	sendsms_settings_fini(&gw->settings);
	gw->settings = settings;
	if (!is_same_rate)
		forget_starts(gw);
	gw->next_start_us = mono_us() + interval_us(gw);
	if (gw->circuit == GATEWAY_PROBING) {
		gw->backoff_ms = gw->settings.config.backoff_least_ms;
		gw->next_try_ms = clock_mono_ms();
	}
	wake(gw);
	return ERR_OK;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct sendsms *gw = arg;
	(void)fd, (void)what;
	while (gw->running) {
		struct handover *handover = gw->running;
		unlink_handover(handover);
		gw->running_count--;
		curl_loop_remove(gw->loop, handover->easy);
		settle(handover,
		       handover->asked ? GATEWAY_UNCERTAIN : GATEWAY_NOT_TAKEN,
		       "no answer: handbox stopped waiting for it");
	}
	wake(gw);
}

static void looked(void *arg, bool is_there)
{
	struct sendsms *gw = arg;
	if (gw->circuit == GATEWAY_CLOSED)
		gw->counts.reachable = is_there;
}

static void sendsms_look(struct gateway *gateway)
{
	struct sendsms *gw = from_gateway(gateway);
	if (gw->look.easy || gw->stopping || gw->waiting_count || gw->running_count)
		return;
	need_loop(gw);
	look_start(&gw->look, gw->loop, gw->settings.config.url);
}

static void sendsms_stop(struct gateway *gateway, unsigned deadline_ms,
			 void (*stopped)(void *arg), void *arg)
{
	struct sendsms *gw = from_gateway(gateway);
	struct timeval wait = {deadline_ms / 1000, deadline_ms % 1000 * 1000};
	gw->stopping = true;
	gw->stopped = stopped;
	gw->stopped_arg = arg;
	event_add(gw->deadline, &wait);
	wake(gw);
}

static void sendsms_free(struct gateway *gateway)
{
	struct sendsms *gw = from_gateway(gateway);
	while (gw->waiting)
		handover_free(take_waiting(gw));
	while (gw->running) {
		struct handover *handover = gw->running;
		unlink_handover(handover);
		curl_loop_remove(gw->loop, handover->easy);
		handover_free(handover);
	}
	look_drop(&gw->look, gw->loop);
	curl_loop_free(&gw->loop);
	event_free(gw->pump);
	event_free(gw->deadline);
	sendsms_settings_fini(&gw->settings);
	mem_free(gw->starts_us);
	mem_free(gw);
}

static const struct gateway_ops sendsms_ops = {
	.submit = sendsms_submit,
	.capacity = sendsms_capacity,
	.status = sendsms_status,
	.reconfigure = sendsms_reconfigure,
	.stop = sendsms_stop,
	.look = sendsms_look,
	.free = sendsms_free,
};

enum err sendsms_new(const struct gateway_config *config, struct event_base *base,
		     void (*ready)(void *arg), void *arg, struct gateway **gw_out,
		     char **why_out)
{
	struct sendsms_settings settings;
	enum err err = sendsms_settings_init(&settings, config, why_out);
	if (err != ERR_OK)
		return err;
	struct sendsms *gw = MEM_NEW(struct sendsms);
	gw->gateway.ops = &sendsms_ops;
	gw->base = base;
	gw->settings = settings;
	forget_starts(gw);
	gw->ready = ready;
	gw->ready_arg = arg;
	gw->waiting_end = &gw->waiting;
	gw->fault = no_fault;
	gw->pump = event_new(base, -1, 0, on_pump, gw);
	gw->deadline = event_new(base, -1, 0, on_deadline, gw);
	gw->look.looked = looked;
	gw->look.arg = gw;
	*gw_out = &gw->gateway;
	return ERR_OK;
}
