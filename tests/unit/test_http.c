/* test_http.c - the server's behaviour over real sockets: answers, now and later, and who goes when.
 * test_http_wire.c has the form of requests, test_http_limits.c deadlines, limits and listeners, test_http_tls.c TLS. */
#include "http_help.h"

#include <pthread.h>

#include "base/mailbox.h"

#define H         "Host: h\r\n\r\n"
#define GET_X     "GET /x HTTP/1.1\r\n" H
#define GET_LATER "GET /later HTTP/1.1\r\n" H

/* --- answers --- */

static void test_answer_has_its_headers(void **state)
{
	struct rig *rig = rig_new_spec(
		NULL,
		(struct http_listen){.headers = "X-Content-Type-Options: nosniff\r\n"});
	struct answer answer = rig_get(rig, TEXT(GET_X));
	(void)state;
	assert_string_equal(answer_header(&answer, "Content-Type"), "text/plain");
	assert_string_equal(answer_header(&answer, "Content-Length"), "5");
	assert_string_equal(answer_header(&answer, "X-Content-Type-Options"),
			    "nosniff");
	assert_int_equal(strlen(answer_header(&answer, "Date")), 29);
	assert_int_equal(strlen(answer_header(&answer, "X-Request-Id")), 16);
	assert_null(answer_header(&answer, "Connection"));
	buf_fini(&answer.body);
	rig_free(rig);
}

static void extra_handler(struct http_request *req, void *ctx)
{
	(void)ctx;
	http_add_header(req, "Location", "/x\r\nSet-Cookie: forged=1");
	http_add_header(req, "X-B", "b");
	http_close_after(req);
	http_respond(req, http_query(req) ? (unsigned)atoi(http_query(req)) : 201, NULL,
		     NULL);
}

static void test_extra_headers_and_empty_answers(void **state)
{
	struct rig *rig =
		rig_new_spec(NULL, (struct http_listen){.handler = extra_handler});
	struct answer answer = rig_get(rig, TEXT(GET_X));
	(void)state;
	assert_int_equal(answer.status, 201);
	assert_string_equal(answer_header(&answer, "Location"),
			    "/x\?\?Set-Cookie: forged=1");
	assert_string_equal(answer_header(&answer, "X-B"), "b");
	assert_string_equal(answer_header(&answer, "Content-Length"), "0");
	assert_string_equal(answer_header(&answer, "Connection"), "close");
	assert_null(answer_header(&answer, "Content-Type"));
	answer = rig_get(rig, TEXT("GET /x?204 HTTP/1.1\r\n" H));
	assert_int_equal(answer.status, 204);
	assert_null(answer_header(&answer, "Content-Length"));
	rig_free(rig);
}

static void test_head_is_get_without_body(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT("HEAD /zeros/1000 HTTP/1.1\r\n" H));
	struct answer answer = client_read_as(rig, fd, true);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_header(&answer, "Content-Length"), "1000");
	client_send(rig, fd, TEXT(GET_X));
	expect_text(rig, fd, "GET|x"); /* nothing of a body stands before it */
	close(fd);
	rig_free(rig);
}

static void test_large_answer_is_whole(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT("GET /zeros/20000000 HTTP/1.1\r\n" H GET_X));
	struct answer answer = client_read(rig, fd);
	assert_int_equal(answer.body.len, 20000000);
	assert_int_equal(strspn(answer.body.data, "0"), 20000000);
	buf_fini(&answer.body);
	expect_text(rig, fd, "GET|x");
	close(fd);
	rig_free(rig);
}

/* --- later --- */

static void test_answer_may_come_later(void **state)
{
	struct rig *rig = rig_new(NULL);
	int slow = rig_dial(rig), quick = rig_dial(rig);
	(void)state;
	client_send(rig, slow, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	assert_int_equal(http_server_counts(rig->server).unanswered, 1);
	client_send(rig, quick, TEXT(GET_X));
	expect_text(rig, quick, "GET|x");
	answer_held(rig, 0);
	expect_text(rig, slow, "held 0");
	assert_int_equal(http_server_counts(rig->server).unanswered, 0);
	close(slow);
	close(quick);
	rig_free(rig);
}

static void test_pipelined_requests_keep_their_order(void **state)
{
	struct rig *rig = rig_new(NULL);
	struct buf text = BUF_EMPTY;
	int fd = rig_dial(rig);
	char expected[32];
	(void)state;
	for (int i = 0; i < 200; i++)
		buf_printf(&text, i == 70 ? GET_LATER : "GET /n%d HTTP/1.1\r\n" H, i);
	client_send(rig, fd, text.data, text.len);
	rig_wait(rig, rig->held_count == 1);
	assert_int_equal(rig->asked_count, 71); /* the one after it waits */
	answer_held(rig, 0);
	assert_int_equal(rig->asked_count,
			 71); /* and is not asked from inside the answer */
	for (int i = 0; i < 200; i++) {
		snprintf(expected, sizeof(expected), i == 70 ? "held 0" : "GET|n%d", i);
		expect_text(rig, fd, expected);
	}
	buf_fini(&text);
	close(fd);
	rig_free(rig);
}

static void test_half_closed_client_gets_its_answers(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT(GET_X GET_LATER GET_X));
	shutdown(fd, SHUT_WR);
	rig_wait(rig, rig->held_count == 1);
	for (int i = 0; i < 5; i++)
		rig_pump(rig);
	answer_held(rig, 0);
	expect_text(rig, fd, "GET|x");
	expect_text(rig, fd, "held 0");
	expect_text(rig, fd, "GET|x");
	assert_true(client_sees_close(rig, fd));
	close(fd);
	rig_free(rig);
}

/* The end of the client comes when a piece of a chunk has been taken and nothing is left to take. */
static void test_cut_bodies_are_dropped(void **state)
{
	static const char *const cut[] = {
		"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
		"chunked\r\n\r\n5\r\nhe",
		"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
		"chunked\r\n\r\n5\r\nhello\r\n",
		"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe",
		"GET /x HTTP/1.1\r\nHost: h\r\n",
		"",
	};
	struct rig *rig = rig_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		int fd = rig_dial(rig);
		client_send(rig, fd, cut[i], strlen(cut[i]));
		rig_wait(rig, http_server_counts(rig->server).connections == 1);
		rig_pump(rig);
		shutdown(fd, SHUT_WR);
		assert_true(client_sees_close(rig, fd));
		rig_wait(rig, http_server_counts(rig->server).connections == 0);
		close(fd);
	}
	assert_int_equal(rig->asked_count, 0);
	rig_free(rig);
}

static void test_client_goes_before_the_answer(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	assert_false(http_is_gone(rig->held[0]));
	slam(fd);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	assert_true(http_is_gone(rig->held[0]));
	assert_int_equal(http_server_counts(rig->server).unanswered, 1);
	assert_string_equal(http_remote(rig->held[0]),
			    "127.0.0.1"); /* all of it is still there */
	assert_string_equal(http_segment(rig->held[0], 0), "later");
	assert_string_equal(http_header(rig->held[0], "hOST"), "h");
	answer_held(rig, 0);
	assert_int_equal(http_server_counts(rig->server).unanswered, 0);
	/* a plain close is only noticed in writing */
	fd = rig_dial(rig);
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 2);
	close(fd);
	answer_held(rig, 1);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	rig_free(rig);
}

static void test_server_goes_before_the_answer(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig), gone = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT(GET_LATER));
	client_send(rig, gone, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 2);
	slam(gone);
	rig_wait(rig, http_server_counts(rig->server).connections == 1);
	http_server_free(&rig->server);
	answer_held(rig, 0);
	answer_held(rig, 1);
	close(fd);
	rig_free(rig);
}

/* The arena is lent to another thread while the client goes: TSan would see the server touch it. */
struct errand {
	struct mail mail;
	struct http_request *req;
	struct mailbox *home;
	const char *text;
	bool is_done;
};

static void errand_done(struct mail *mail)
{
	struct errand *errand = (struct errand *)mail;
	errand->is_done = true;
	http_respond_text(errand->req, 200, "text/plain", errand->text);
}

static void *errand_run(void *arg)
{
	struct errand *errand = arg;
	for (int i = 0; i < 2000; i++)
		errand->text = arena_printf(http_arena(errand->req), "%d from %s", i,
					    http_remote(errand->req));
	errand->mail.run = errand_done;
	mailbox_post(errand->home, &errand->mail);
	return NULL;
}

static void test_arena_may_be_lent_to_a_thread(void **state)
{
	struct rig *rig = rig_new(NULL);
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct errand errand = {.home = mailbox_new()};
		pthread_t thread;
		int fd = rig_dial(rig);
		client_send(rig, fd, TEXT(GET_LATER));
		rig_wait(rig, rig->held_count == i + 1);
		errand.req = rig->held[i];
		pthread_create(&thread, NULL, errand_run, &errand);
		if (i % 2)
			slam(fd);
		rig_wait(rig, (mailbox_run_all(errand.home), errand.is_done));
		pthread_join(thread, NULL);
		mailbox_free(&errand.home);
		if (i % 2 == 0) {
			expect_text(rig, fd, "1999 from 127.0.0.1");
			close(fd);
		}
	}
	rig_free(rig);
}

static void note_answer(const struct http_request *req, unsigned status, size_t len,
			void *ctx)
{
	struct buf *log = ctx;
	buf_printf(log, "%s %u %zu;", http_raw_path(req) ? http_raw_path(req) : "-",
		   status, len);
}

static void test_observer_is_told(void **state)
{
	struct rig *rig = rig_new(NULL);
	struct buf log = BUF_EMPTY;
	(void)state;
	http_server_on_answer(rig->server, note_answer, &log);
	struct answer answer = rig_get(rig, TEXT(GET_X));
	buf_fini(&answer.body);
	int fd = rig_dial(rig);
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	slam(fd);
	rig_wait(rig, http_is_gone(rig->held[0]));
	answer_held(rig, 0);
	assert_string_equal(buf_str(&log), "/x 200 5;/later 0 6;");
	buf_clear(&log);
	answer = rig_get(rig, TEXT("nonsense\r\n\r\n"));
	assert_memory_equal(buf_str(&log), "- 400 ", 6);
	buf_fini(&answer.body);
	buf_fini(&log);
	rig_free(rig);
}

/* --- stopping --- */

static void test_stop_answers_what_is_in_work(void **state)
{
	struct rig *rig = rig_new(NULL);
	int busy = rig_dial(rig), idle = rig_dial(rig);
	(void)state;
	client_send(rig, busy, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1 &&
			      http_server_counts(rig->server).connections == 2);
	http_server_stop(rig->server);
	assert_true(client_sees_close(rig, idle));
	assert_int_equal(http_server_counts(rig->server).unanswered, 1);
	answer_held(rig, 0);
	struct answer answer = client_read(rig, busy);
	assert_string_equal(answer_header(&answer, "Connection"), "close");
	assert_string_equal(buf_str(&answer.body), "held 0");
	assert_true(client_sees_close(rig, busy));
	buf_fini(&answer.body);
	close(busy);
	close(idle);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_has_its_headers),
		cmocka_unit_test(test_extra_headers_and_empty_answers),
		cmocka_unit_test(test_head_is_get_without_body),
		cmocka_unit_test(test_large_answer_is_whole),
		cmocka_unit_test(test_answer_may_come_later),
		cmocka_unit_test(test_pipelined_requests_keep_their_order),
		cmocka_unit_test(test_half_closed_client_gets_its_answers),
		cmocka_unit_test(test_cut_bodies_are_dropped),
		cmocka_unit_test(test_client_goes_before_the_answer),
		cmocka_unit_test(test_server_goes_before_the_answer),
		cmocka_unit_test(test_arena_may_be_lent_to_a_thread),
		cmocka_unit_test(test_observer_is_told),
		cmocka_unit_test(test_stop_answers_what_is_in_work),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
