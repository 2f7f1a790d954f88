/* fake_smsbox.h - a smsbox of strings and an engine that counts, on one loop, for the tests of the sendsms client
 *
 * The fake reads requests off plain sockets and answers each with what the case says; it keeps what it read. Its answers
 * and those of the gateway run in the test's own thread: run_until() and run_for() turn the loop.
 */
#ifndef HB_TESTS_FAKE_SMSBOX_H
#define HB_TESTS_FAKE_SMSBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "plugin/gateway.h"

struct event_base;
struct evconnlistener;
struct bufferevent;

enum { TEXTS_MOST = 256, WAIT_MS = 5000 };

enum fake_manner {
	ANSWERS, /* with answer, and goes on listening */
	ANSWERS_AND_CLOSES,
	CLOSES, /* reads the request, says nothing */
	CLOSES_SECOND, /* answers the first request of a connection, reads the second and closes */
	IS_SILENT,
};

struct fake {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *connections[TEXTS_MOST];
	unsigned requests_of[TEXTS_MOST];
	unsigned connection_count, request_count;
	/* requests from this one on get no answer; 0: all do */
	unsigned unanswered_from;
	enum fake_manner manner;
	const char *answer;
	uint16_t port;
	int64_t arrived_ms[TEXTS_MOST];
	struct buf last;
};

extern struct fake fake;

struct engine {
	struct gateway *gw;
	unsigned settled, ready_calls, accepted;
	unsigned runs[TEXTS_MOST]; /* how often the outcome of text i came */
	enum gateway_outcome outcome[TEXTS_MOST];
	char detail[TEXTS_MOST][256];
	unsigned to_submit; /* ready submits until so many are out */
	unsigned submitted;
	bool is_inside; /* a call of ours is on the stack */
	bool has_stopped;
};

extern struct engine engine;

/* setup and teardown of a cmocka test: a listening fake, an engine without a gateway */
int fake_open(void **state);
int fake_close(void **state);

/* fake_refuse - nobody listens any more. */
void fake_refuse(void);

/* default_config - for a gateway to the fake, with short times. */
struct gateway_config default_config(void);
void open_gateway(const struct gateway_config *config);

enum err submit(uint64_t id);
void on_outcome(void *arg, uint64_t id, enum gateway_outcome outcome,
		const char *detail);
void on_ready(void *arg);
void on_stopped(void *arg);

/* run_until - turns the loop until *value reaches least; fails the test after WAIT_MS. */
void run_until(const unsigned *value, unsigned least);
void run_for(int64_t ms);

enum gateway_circuit circuit(void);

#endif
