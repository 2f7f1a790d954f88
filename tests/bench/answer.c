/* answer.c - an HTTP server that says the same to everybody: a sendsms that takes all, or a sink for reports.
 *
 *	answer PORT STATUS [BODY]	on 127.0.0.1, until a signal comes; GET /count tells how many asked
 *	answer 24001 202 "0: Accepted for delivery"
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int status;
static const char *text;
static unsigned long count;

static void on_request(struct evhttp_request *request, void *arg)
{
	struct evbuffer *body = evbuffer_new();
	(void)arg;
	if (strcmp(evhttp_request_get_uri(request), "/count") == 0) {
		evbuffer_add_printf(body, "%lu", count);
		evhttp_send_reply(request, 200, "OK", body);
	} else {
		count++;
		evbuffer_add(body, text, strlen(text));
		evhttp_send_reply(request, status, "OK", body);
	}
	evbuffer_free(body);
}

static void on_signal(evutil_socket_t fd, short what, void *base)
{
	(void)fd, (void)what;
	event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: answer PORT STATUS [BODY]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	status = atoi(argv[2]);
	text = argc > 3 ? argv[3] : "";
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct event *end = evsignal_new(base, SIGTERM, on_signal, base);
	event_add(end, NULL);
	evhttp_set_gencb(http, on_request, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (uint16_t)atoi(argv[1])) != 0) {
		fprintf(stderr, "answer: port %s is not free\n", argv[1]);
		return 1;
	}
	event_base_dispatch(base);
	return 0;
}
