/* fake_smsbox.c - see fake_smsbox.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "fake_smsbox.h"
#include "plugin/sendsms.h"

struct fake fake;
struct engine engine;

/* --- the fake ------------------------------------------------------------ */

static unsigned number_of(const struct bufferevent *connection)
{
	for (unsigned i = 0; i < fake.connection_count; i++)
		if (fake.connections[i] == connection)
			return i;
	abort();
}

static void drop(unsigned number)
{
	if (fake.connections[number])
		bufferevent_free(fake.connections[number]);
	fake.connections[number] = NULL;
}

static void serve(unsigned number)
{
	unsigned nth = ++fake.requests_of[number];
	bool answers = fake.manner == ANSWERS || fake.manner == ANSWERS_AND_CLOSES ||
		       (fake.manner == CLOSES_SECOND && nth == 1);
	bool closes =
		fake.manner == CLOSES || (fake.manner == CLOSES_SECOND && nth == 2);
	fake.arrived_ms[fake.request_count++ % TEXTS_MOST] = clock_mono_ms();
	if (fake.unanswered_from && fake.request_count >= fake.unanswered_from)
		answers = closes = false;
	if (answers)
		bufferevent_write(fake.connections[number], fake.answer,
				  strlen(fake.answer));
	if (closes)
		drop(number);
}

/* A request is over at its empty line; none of ours here has a body unless it says its length. */
static void on_request(struct bufferevent *connection, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(connection);
	unsigned number = number_of(connection);
	(void)arg;
	while (fake.connections[number]) {
		struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
		if (end.pos < 0)
			return;
		size_t len = (size_t)end.pos + 4, have = evbuffer_get_length(input);
		buf_clear(&fake.last);
		buf_add(&fake.last, evbuffer_pullup(input, -1), have);
		const char *said = strstr(buf_str(&fake.last), "Content-Length: ");
		if (said)
			len += (size_t)atoi(said + 16);
		if (have < len)
			return;
		evbuffer_drain(input, len);
		serve(number);
	}
}

static void on_event(struct bufferevent *connection, short what, void *arg)
{
	(void)arg, (void)what;
	drop(number_of(connection));
}

static void on_written(struct bufferevent *connection, void *arg)
{
	(void)arg;
	unsigned number = number_of(connection);
	if (fake.manner == ANSWERS_AND_CLOSES && fake.requests_of[number])
		drop(number);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *address, int len, void *arg)
{
	(void)listener, (void)address, (void)len, (void)arg;
	assert_true(fake.connection_count < TEXTS_MOST);
	struct bufferevent *connection =
		bufferevent_socket_new(fake.base, fd, BEV_OPT_CLOSE_ON_FREE);
	fake.connections[fake.connection_count++] = connection;
	bufferevent_setcb(connection, on_request, on_written, on_event, NULL);
	bufferevent_enable(connection, EV_READ | EV_WRITE);
}

int fake_open(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	memset(&fake, 0, sizeof(fake));
	memset(&engine, 0, sizeof(engine));
	fake.base = event_base_new();
	fake.listener = evconnlistener_new_bind(
		fake.base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE, 64,
		(struct sockaddr *)&address, sizeof(address));
	getsockname(evconnlistener_get_fd(fake.listener), (struct sockaddr *)&address,
		    &len);
	fake.port = ntohs(address.sin_port);
	return 0;
}

int fake_close(void **state)
{
	(void)state;
	gateway_free(&engine.gw);
	for (unsigned i = 0; i < fake.connection_count; i++)
		drop(i);
	if (fake.listener)
		evconnlistener_free(fake.listener);
	event_base_free(fake.base);
	buf_fini(&fake.last);
	return 0;
}

/* --- the engine's side --------------------------------------------------- */

void on_outcome(void *arg, uint64_t id, enum gateway_outcome outcome,
		const char *detail)
{
	(void)arg;
	assert_false(engine.is_inside);
	assert_true(id < TEXTS_MOST);
	engine.runs[id]++;
	engine.outcome[id] = outcome;
	snprintf(engine.detail[id], sizeof(engine.detail[id]), "%s", detail);
	engine.settled++;
	engine.accepted += outcome == GATEWAY_ACCEPTED;
}

enum err submit(uint64_t id)
{
	const struct gateway_text text = {.id = id,
					  .to = "+351912345678",
					  .from = "13013",
					  .text = "Hello",
					  .validity_s = 3601};
	engine.is_inside = true;
	enum err err = gateway_submit(engine.gw, &text, on_outcome, NULL);
	engine.is_inside = false;
	engine.submitted += err == ERR_OK;
	return err;
}

void on_ready(void *arg)
{
	(void)arg;
	assert_false(engine.is_inside);
	engine.ready_calls++;
	while (engine.submitted < engine.to_submit && gateway_capacity(engine.gw))
		assert_int_equal(submit(engine.submitted), ERR_OK);
}

void on_stopped(void *arg)
{
	(void)arg;
	assert_false(engine.is_inside);
	engine.has_stopped = true;
}

struct gateway_config default_config(void)
{
	static char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/cgi-bin/sendsms", fake.port);
	return (struct gateway_config){
		.url = url,
		.username = "tester",
		.password = "foo&bar",
		.callback_url = "http://127.0.0.1:13081",
		.secret = "s3cr3t",
		.timeout_ms = 2000,
		.backoff_least_ms = 20,
		.backoff_most_ms = 80,
	};
}

void open_gateway(const struct gateway_config *config)
{
	char *why = NULL;
	if (sendsms_new(config, fake.base, on_ready, NULL, &engine.gw, &why) != ERR_OK)
		fail_msg("%s", why);
}

/* Turns the loop until a number is reached; fails the test after WAIT_MS. */
void run_until(const unsigned *value, unsigned least)
{
	int64_t give_up = clock_mono_ms() + WAIT_MS;
	struct timeval tick = {0, 20000};
	while (*value < least) {
		if (clock_mono_ms() > give_up)
			fail_msg("waited for %u, got %u", least, *value);
		event_base_loopexit(fake.base, &tick);
		event_base_loop(fake.base, EVLOOP_ONCE);
	}
}

void run_for(int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	while (clock_mono_ms() < until) {
		struct timeval wait = {0, 1000 * (until - clock_mono_ms())};
		event_base_loopexit(fake.base, &wait);
		event_base_loop(fake.base, EVLOOP_NO_EXIT_ON_EMPTY);
	}
}

void fake_refuse(void)
{
	evconnlistener_free(fake.listener);
	fake.listener = NULL;
}

enum gateway_circuit circuit(void)
{
	struct gateway_status status;
	gateway_status(engine.gw, &status);
	return status.circuit;
}
