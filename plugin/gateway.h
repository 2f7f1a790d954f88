/* gateway.h - the seam between the engine and an SMS gateway.
 *
 * The engine hands over texts that a person approved, one at a time, and learns exactly one of five outcomes for
 * each. Kannel's sendsms over HTTP (sendsms.h) stands behind it; a native link to bearerbox's smsbox-port would
 * fit, and tests bring one of their own. Nothing above knows which.
 *
 *	unsigned free = gateway_capacity(gw);		mark that many texts as handing over, commit
 *	err = gateway_submit(gw, &text, handed_over, NULL);
 *	…	handed_over(NULL, id, GATEWAY_ACCEPTED, "0: Accepted for delivery")
 *
 * What comes back later, delivery reports and inbound texts, arrives at our HTTP port: callback.h parses it, and
 * the port answers 200 once the engine has committed, which is what lets the gateway forget it. So there is no
 * token to settle here: the answer is the token.
 *
 * Order: texts are started in the order of gateway_submit, but may finish in any; one open text per number is the
 * engine's rule. Time: gateway_submit may be called for all of gateway_capacity at once; the gateway itself spaces
 * them to its rate.
 *
 * Thread: loop thread only. A callback never runs inside the call that asked for it; it may call gateway_submit and
 * gateway_capacity, not gateway_free.
 */
#ifndef HB_PLUGIN_GATEWAY_H
#define HB_PLUGIN_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum gateway_outcome {
	GATEWAY_ACCEPTED, /* taken, on its way to an SMSC */
	GATEWAY_QUEUED,   /* taken, no SMSC online */
	GATEWAY_REFUSED, /* the gateway says no: bad number, no route. A later report may still move it */
	GATEWAY_NOT_TAKEN, /* certainly not taken: may be handed over again, and should be */
	GATEWAY_UNCERTAIN, /* it may have left and the answer did not come: never again by itself */
};

enum { GATEWAY_OUTCOMES = 5 };

/* gateway_outcome_name - "accepted", "queued", "refused", "not_taken", "uncertain". */
const char *gateway_outcome_name(enum gateway_outcome outcome);

struct gateway_text {
	uint64_t id;      /* our message id; comes back in every report */
	const char *to;   /* E.164 with + */
	const char *from; /* sender address, or NULL for the gateway's default */
	const char *smsc; /* smsc-id to route by, or NULL */
	const char *text; /* UTF-8, not empty; the gateway picks GSM-7 or UCS-2 */
	uint32_t
		validity_s; /* the gateway drops it rather than send it later than this; 0: its own default */
};

/* detail - the gateway's words, or what went wrong; borrowed for the call. */
typedef void gateway_outcome_fn(void *arg, uint64_t id, enum gateway_outcome outcome,
				const char *detail);

enum gateway_circuit {
	GATEWAY_CLOSED,  /* all is well */
	GATEWAY_PROBING, /* something went wrong: one text at a time, with back-off, until a complete answer comes */
};

struct gateway_status {
	bool reachable; /* the last attempt, or look, found somebody there */
	bool stopping;
	enum gateway_circuit circuit;
	/* why the circuit is not closed, a sentence with the remedy; "" when it is. Borrowed */
	const char *reason;
	/* "202 0: Accepted for delivery"; "" before the first. Borrowed until the next */
	const char *last_answer;
	int64_t last_answer_mono_ms, last_attempt_mono_ms; /* clock_mono_ms; 0 never */
	int64_t next_try_mono_ms; /* while probing: not before this */
	unsigned in_flight;       /* handed over, no outcome yet */
	unsigned waiting;         /* of those, not started yet because of the rate */
	unsigned connections_most, rate_per_s; /* rate 0: no cap */
	uint64_t started;                      /* texts whose transfer was begun */
	uint64_t outcomes[GATEWAY_OUTCOMES];
};

/* What every gateway needs to know. Strings are copied. */
struct gateway_config {
	const char *url; /* http://127.0.0.1:13013/cgi-bin/sendsms */
	const char *username, *password;
	/* for https: certificates to trust, or NULL for the system's */
	const char *ca_file;
	/* "http://127.0.0.1:13081": base of the reports' address; no "/" at the end */
	const char *callback_url;
	const char *secret; /* last part of the reports' path, letters and digits */
	/* texts in flight at once, 1..64; 0: 12. A third of them wait for a connection */
	unsigned connections;
	unsigned rate_per_s; /* never more starts than this in any second; 0: no cap */
	unsigned timeout_ms; /* for a whole answer; 0: 30,000 */
	unsigned backoff_least_ms, backoff_most_ms; /* 0: 1,000 and 10,000 */
	bool use_post; /* parameters in headers, so that no proxy's log shows the password */
};

struct gateway;

/* What an implementation provides; its own struct begins with a struct gateway. */
struct gateway_ops {
	enum err (*submit)(struct gateway *gw, const struct gateway_text *text,
			   gateway_outcome_fn *outcome, void *arg);
	unsigned (*capacity)(struct gateway *gw);
	void (*status)(struct gateway *gw, struct gateway_status *status_out);
	enum err (*reconfigure)(struct gateway *gw, const struct gateway_config *config,
				char **why_out);
	void (*stop)(struct gateway *gw, unsigned deadline_ms,
		     void (*stopped)(void *arg), void *arg);
	void (*look)(struct gateway *gw);
	void (*free)(struct gateway *gw);
};

struct gateway {
	const struct gateway_ops *ops;
};

/* gateway_submit - hands one text over. The strings are copied. outcome runs exactly once, later. ERR_BUSY: no
 * place (see gateway_capacity), or stopping; nothing was sent and outcome will not run. ERR_INVALID: an empty text
 * or number, or one that cannot be put into a request (a control character in to, from or smsc). */
static inline enum err MUST_CHECK gateway_submit(struct gateway *gw,
						 const struct gateway_text *text,
						 gateway_outcome_fn *outcome, void *arg)
{
	return gw->ops->submit(gw, text, outcome, arg);
}

/* gateway_capacity - how many texts gateway_submit takes now: free places, as far as the rate would start them
 * within a quarter of a second; 1 or 0 while probing; 0 when stopping. After a 0, and after ERR_BUSY, ready is
 * called once when there is room again. */
static inline unsigned gateway_capacity(struct gateway *gw)
{
	return gw->ops->capacity(gw);
}

static inline void gateway_status(struct gateway *gw, struct gateway_status *status_out)
{
	gw->ops->status(gw, status_out);
}

/* gateway_reconfigure - after a reload. What is in flight ends with the old values. ERR_INVALID keeps the old;
 * *why_out (mem_free) is a sentence. A probing circuit tries at once. */
static inline enum err MUST_CHECK gateway_reconfigure(
	struct gateway *gw, const struct gateway_config *config, char **why_out)
{
	return gw->ops->reconfigure(gw, config, why_out);
}

/* gateway_stop - no new texts. Those not started yet come back NOT_TAKEN; those under way have deadline_ms to be
 * answered, then they are abandoned: UNCERTAIN (NOT_TAKEN when nothing left). stopped runs once all outcomes have. */
static inline void gateway_stop(struct gateway *gw, unsigned deadline_ms,
				void (*stopped)(void *arg), void *arg)
{
	gw->ops->stop(gw, deadline_ms, stopped, arg);
}

/* gateway_look - connects and hangs up, without a text, while nothing else is under way: so that the status is true before
 * the first text, and again after Kannel came back to an idle handbox. Never moves the circuit. */
static inline void gateway_look(struct gateway *gw)
{
	if (gw->ops->look)
		gw->ops->look(gw);
}

/* gateway_free - NULL is fine; leaves NULL. Outcomes still out will not run: call gateway_stop first. */
static inline void gateway_free(struct gateway **gw)
{
	if (*gw)
		(*gw)->ops->free(*gw);
	*gw = NULL;
}

#endif
