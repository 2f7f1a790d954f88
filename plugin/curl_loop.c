/* curl_loop.c - see curl_loop.h */
#include "plugin/curl_loop.h"

#include <event2/event.h>
#include <stdbool.h>

#include "base/mem.h"

struct transfer {
	struct curl_loop *loop;
	CURL *easy;
	curl_loop_fn *done;
	void *arg;
	struct transfer *next, **prev;
};

struct curl_loop {
	struct event_base *base;
	CURLM *multi;
	struct event *timer; /* libcurl's one time-out */
	struct transfer *transfers;
};

/* One socket that libcurl waits for. */
struct watch {
	struct event *event;
};

/* --- transfers ----------------------------------------------------------- */

static void transfer_unlink(struct transfer *transfer)
{
	*transfer->prev = transfer->next;
	if (transfer->next)
		transfer->next->prev = transfer->prev;
	curl_multi_remove_handle(transfer->loop->multi, transfer->easy);
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, NULL);
	mem_free(transfer);
}

/* What is finished is taken out first, since done may start the next. */
static void reap(struct curl_loop *loop)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(loop->multi, &left))) {
		struct transfer *transfer = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		CURL *easy = transfer->easy;
		CURLcode result = message->data.result;
		curl_loop_fn *done = transfer->done;
		void *arg = transfer->arg;
		transfer_unlink(transfer);
		done(arg, easy, result);
	}
}

void curl_loop_add(struct curl_loop *loop, CURL *easy, curl_loop_fn *done, void *arg)
{
	struct transfer *transfer = MEM_NEW(struct transfer);
	*transfer = (struct transfer){
		loop, easy, done, arg, loop->transfers, &loop->transfers};
	if (transfer->next)
		transfer->next->prev = &transfer->next;
	loop->transfers = transfer;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_multi_add_handle(loop->multi, easy);
}

void curl_loop_remove(struct curl_loop *loop, CURL *easy)
{
	struct transfer *transfer = NULL;
	(void)loop;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	if (transfer)
		transfer_unlink(transfer);
}

/* --- sockets and the timer ----------------------------------------------- */

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct curl_loop *loop = arg;
	int running, mask = (what & EV_READ ? CURL_CSELECT_IN : 0) |
			    (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	curl_multi_socket_action(loop->multi, fd, mask, &running);
	reap(loop);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct curl_loop *loop = arg;
	int running;
	(void)fd, (void)what;
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(loop);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
			void *socket_arg)
{
	struct curl_loop *loop = arg;
	struct watch *watch = socket_arg;
	(void)easy;
	if (watch) {
		event_free(watch->event);
		watch->event = NULL;
	}
	if (what == CURL_POLL_REMOVE) {
		mem_free(watch);
		curl_multi_assign(loop->multi, fd, NULL);
		return 0;
	}
	if (!watch) {
		watch = MEM_NEW(struct watch);
		curl_multi_assign(loop->multi, fd, watch);
	}
	short events = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
			       (what & CURL_POLL_OUT ? EV_WRITE : 0));
	watch->event = event_new(loop->base, fd, events, on_socket, loop);
	event_add(watch->event, NULL);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_loop *loop = arg;
	(void)multi;
	if (timeout_ms < 0) {
		event_del(loop->timer);
		return 0;
	}
	struct timeval wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	event_add(loop->timer, &wait);
	return 0;
}

struct curl_loop *curl_loop_new(struct event_base *base, unsigned connections_kept)
{
	static bool is_ready; /* loop thread only, as everything here */
	if (!is_ready)
		curl_global_init(CURL_GLOBAL_DEFAULT);
	is_ready = true;
	struct curl_loop *loop = MEM_NEW(struct curl_loop);
	loop->base = base;
	loop->multi = curl_multi_init();
	loop->timer = event_new(base, -1, 0, on_timer, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)connections_kept);
	return loop;
}

void curl_loop_free(struct curl_loop **loop)
{
	struct curl_loop *gone = *loop;
	*loop = NULL;
	if (!gone)
		return;
	while (gone->transfers)
		transfer_unlink(gone->transfers);
	curl_multi_cleanup(gone->multi);
	event_free(gone->timer);
	mem_free(gone);
}
