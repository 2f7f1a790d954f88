/* test_http_limits.c - deadlines, limits and listeners, over real sockets */
#include "http_help.h"

#include <sys/resource.h>
#include <sys/stat.h>

#define H         "Host: h\r\n\r\n"
#define GET_X     "GET /x HTTP/1.1\r\n" H
#define GET_LATER "GET /later HTTP/1.1\r\n" H

/* --- deadlines --- */

static const struct http_limits quick = {
	.request_max_ms = 80, .idle_max_ms = 160, .answer_max_ms = 80};

static void test_slow_request_is_cut_off(void **state)
{
	struct rig *rig = rig_new(&quick);
	int head = rig_dial(rig), body = rig_dial(rig), silent = rig_dial(rig);
	int64_t start_ms = clock_mono_ms();
	(void)state;
	client_send(rig, head, TEXT("GET /x HTTP/1.1\r\nHost: "));
	client_send(rig, body,
		    TEXT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: "
			 "10000\r\n\r\n"));
	/* a byte now and then does not help */
	while (http_server_counts(rig->server).timed_out < 2) {
		client_send(rig, head, "a", 1);
		client_send(rig, body, "a", 1);
		poll(NULL, 0, 2);
		assert_true(clock_mono_ms() - start_ms < WAIT_MS);
	}
	struct answer answer = client_read(rig, head);
	assert_int_equal(answer.status, 408);
	assert_string_equal(answer_header(&answer, "Content-Type"), HTTP_PROBLEM);
	buf_fini(&answer.body);
	answer = client_read(rig, body);
	assert_int_equal(answer.status, 408);
	buf_fini(&answer.body);
	assert_true(client_sees_close(rig, silent));
	assert_true(clock_mono_ms() - start_ms >= 80);
	assert_int_equal(rig->asked_count, 0);
	close(head);
	close(body);
	close(silent);
	rig_free(rig);
}

static void test_work_has_no_deadline_and_idle_its_own(void **state)
{
	struct rig *rig = rig_new(&quick);
	int fd = rig_dial(rig), other = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	assert_true(client_sees_close(
		rig, other)); /* a request deadline has passed meanwhile */
	int64_t start_ms = clock_mono_ms();
	answer_held(rig, 0);
	expect_text(rig, fd, "held 0");
	assert_true(client_sees_close(rig, fd));
	assert_true(clock_mono_ms() - start_ms >= 160);
	close(fd);
	close(other);
	rig_free(rig);
}

static void test_client_that_does_not_read_is_dropped(void **state)
{
	struct rig *rig = rig_new(&quick);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT("GET /zeros/50000000 HTTP/1.1\r\n" H));
	rig_wait(rig, rig->asked_count == 1);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	assert_int_equal(http_server_counts(rig->server).timed_out, 1);
	close(fd);
	rig_free(rig);
}

/* The deadline of a request counts from its own first byte, not from the end of the one before. */
static void test_request_after_a_pause_has_its_time(void **state)
{
	struct http_limits limits = {.request_max_ms = 1000, .idle_max_ms = 30000};
	struct rig *rig = rig_new(&limits);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd, TEXT(GET_X));
	expect_text(rig, fd, "GET|x");
	int64_t start_ms = clock_mono_ms();
	rig_wait(rig, clock_mono_ms() - start_ms > 1100);
	client_send(rig, fd, TEXT("GET /x HTTP/1.1\r\n"));
	start_ms = clock_mono_ms();
	rig_wait(rig, clock_mono_ms() - start_ms > 300); /* more than one sweep */
	client_send(rig, fd, TEXT(H));
	expect_text(rig, fd, "GET|x");
	close(fd);
	rig_free(rig);
}

/* --- limits --- */

static void test_thousand_connections(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fds[1000];
	(void)state;
	for (int i = 0; i < 1000; i++) {
		fds[i] = rig_dial(rig);
		client_send(rig, fds[i], TEXT(GET_LATER));
	}
	rig_wait(rig, rig->held_count == 1000);
	assert_int_equal(http_server_counts(rig->server).connections, 1000);
	for (unsigned i = 0; i < 1000; i++)
		if (i % 3 == 0)
			slam(fds[i]);
	for (unsigned i = 0; i < 1000; i++)
		answer_held(rig, i);
	for (unsigned i = 0; i < 1000; i++)
		if (i % 3) {
			struct answer answer = client_read(rig, fds[i]);
			assert_int_equal(answer.status, 200);
			buf_fini(&answer.body);
			close(fds[i]);
		}
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	rig_free(rig);
}

static void test_connections_over_the_limit_are_closed(void **state)
{
	struct rig *rig =
		rig_new_spec(NULL, (struct http_listen){.connections_max = 2});
	int first = rig_dial(rig), second = rig_dial(rig);
	(void)state;
	rig_wait(rig, http_server_counts(rig->server).connections == 2);
	int third = rig_dial(rig);
	assert_true(client_sees_close(rig, third));
	assert_int_equal(http_server_counts(rig->server).turned_away, 1);
	close(third);
	close(first);
	rig_wait(rig, http_server_counts(rig->server).connections == 1);
	third = rig_dial(rig);
	client_send(rig, third, TEXT(GET_X));
	expect_text(rig, third, "GET|x");
	close(second);
	close(third);
	rig_free(rig);
}

static void test_no_descriptors_left(void **state)
{
	struct rig *rig = rig_new(&quick);
	struct rlimit old, low;
	int fd = rig_dial(rig);
	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = (rlim_t)fd + 1; /* not even one for accept(2) */
	setrlimit(RLIMIT_NOFILE, &low);
	for (int i = 0; i < 3; i++)
		rig_pump(rig);
	assert_int_equal(http_server_counts(rig->server).connections, 0);
	setrlimit(RLIMIT_NOFILE, &old);
	client_send(rig, fd, TEXT(GET_X));
	expect_text(rig, fd, "GET|x");
	close(fd);
	rig_free(rig);
}

/* What a client sends while its request is in work waits in its socket, not in our memory. */
static void test_flood_is_not_buffered(void **state)
{
	char path[] = "/tmp/hb_http_XXXXXX", socket_path[64];
	assert_non_null(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	struct rig *rig =
		rig_new_spec(NULL, (struct http_listen){.address = socket_path});
	int fd = dial_unix(socket_path);
	char junk[4096];
	size_t sent = 0;
	(void)state;
	memset(junk, 'j', sizeof(junk));
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	for (int stuck = 0; stuck < 20;) {
		ssize_t part = send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
		stuck = part < 0 ? stuck + 1 : 0;
		sent += part > 0 ? (size_t)part : 0;
		rig_pump(rig);
	}
	assert_in_range(sent, 64 * 1024,
			1024 * 1024); /* the socket's own buffer and 64 KiB */
	answer_held(rig, 0);
	expect_text(rig, fd, "held 0");
	struct answer answer = client_read(rig, fd);
	assert_int_equal(answer.status, 431);
	buf_fini(&answer.body);
	close(fd);
	rig_free(rig);
	assert_int_equal(rmdir(path), 0); /* the socket was taken away */
}

/* What was held back is read when its turn comes. */
static void test_paused_reading_goes_on(void **state)
{
	enum { COUNT = 20000 };
	struct rig *rig = rig_new(NULL);
	struct buf text = BUF_EMPTY;
	int fd = rig_dial(rig);
	size_t at = 0;
	(void)state;
	client_send(rig, fd, TEXT(GET_LATER));
	rig_wait(rig, rig->held_count == 1);
	for (int i = 0; i < COUNT; i++)
		buf_add_str(&text, GET_X);
	for (int stuck = 0; stuck < 20 && at < text.len;) {
		ssize_t sent = send(fd, text.data + at, text.len - at, MSG_NOSIGNAL);
		stuck = sent < 0 ? stuck + 1 : 0;
		at += sent > 0 ? (size_t)sent : 0;
		rig_pump(rig);
	}
	assert_true(at > 200 * 1024);
	answer_held(rig, 0);
	expect_text(rig, fd, "held 0");
	for (size_t i = 0; i < at / (sizeof(GET_X) - 1); i++)
		expect_text(rig, fd, "GET|x");
	buf_fini(&text);
	close(fd);
	rig_free(rig);
}

/* --- listeners --- */

static void test_unix_socket_tells_who(void **state)
{
	char path[] = "/tmp/hb_http_XXXXXX", socket_path[64], expected[64];
	struct stat st;
	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	mode_t old = umask(0077);
	struct rig *rig =
		rig_new_spec(NULL, (struct http_listen){.address = socket_path});
	umask(old);
	assert_int_equal(stat(socket_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	int fd = dial_unix(socket_path);
	client_send(rig, fd, TEXT("GET /who HTTP/1.1\r\n" H));
	snprintf(expected, sizeof(expected), "unix 1 %d", (int)getuid());
	expect_text(rig, fd, expected);
	close(fd);
	fd = -1;
	rig_free(rig);
	rig = rig_new(NULL);
	fd = rig_dial(rig);
	client_send(rig, fd, TEXT("GET /who HTTP/1.1\r\n" H));
	expect_text(rig, fd, "127.0.0.1 0 -1");
	close(fd);
	rig_free(rig);
	rmdir(path);
}

static void expect_no_listen(struct rig *rig, struct http_listen spec, const char *part)
{
	struct buf why = BUF_EMPTY;
	spec.key = "listen";
	spec.handler = rig_handle;
	enum err err = http_server_listen(rig->server, &spec, &why, NULL);
	if (err == ERR_OK || !strstr(buf_str(&why), part))
		fail_msg("%s: %s", spec.address, buf_str(&why));
	buf_fini(&why);
}

static void test_bind_errors_are_sentences(void **state)
{
	struct rig *rig = rig_new(NULL);
	char taken[64], path[] = "/tmp/hb_http_XXXXXX", file[64], sock[64],
			longest[200];
	(void)state;
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", rig->port);
	expect_no_listen(
		rig, (struct http_listen){.address = taken},
		"is in use by another program: stop that one, or change `listen`");
	expect_no_listen(rig, (struct http_listen){.address = "192.0.2.1:1"},
			 "is not an address of this machine");
	static const char *const broken[] = {"",
					     "80",
					     "127.0.0.1",
					     "127.0.0.1:",
					     "127.0.0.1:65536",
					     "localhost:80",
					     "127.0.0.1:-1",
					     "[::1]",
					     "::1:80",
					     "[x]:80",
					     "127.0.0.1:0x50"};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		expect_no_listen(rig, (struct http_listen){.address = broken[i]},
				 "give it as 127.0.0.1:13080");
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	expect_no_listen(rig, (struct http_listen){.address = longest}, "107 bytes");
	expect_no_listen(rig, (struct http_listen){.address = "/nonexistent/s"},
			 "folder that does not exist");
	assert_non_null(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/file", path);
	snprintf(sock, sizeof(sock), "%s/sock", path);
	fclose(fopen(file, "w"));
	expect_no_listen(rig, (struct http_listen){.address = file}, "is not a socket");
	/* a living socket is left alone, a dead one replaced */
	struct rig *other = rig_new_spec(NULL, (struct http_listen){.address = sock});
	expect_no_listen(rig, (struct http_listen){.address = sock},
			 "in use by another program");
	rig_free(other);
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	strcpy(at.sun_path, sock);
	assert_int_equal(bind(dead, (struct sockaddr *)(void *)&at, sizeof(at)), 0);
	close(dead);
	rig_free(rig_new_spec(NULL, (struct http_listen){.address = sock}));
	unlink(file);
	assert_int_equal(rmdir(path), 0);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_request_is_cut_off),
		cmocka_unit_test(test_work_has_no_deadline_and_idle_its_own),
		cmocka_unit_test(test_client_that_does_not_read_is_dropped),
		cmocka_unit_test(test_thousand_connections),
		cmocka_unit_test(test_connections_over_the_limit_are_closed),
		cmocka_unit_test(test_no_descriptors_left),
		cmocka_unit_test(test_flood_is_not_buffered),
		cmocka_unit_test(test_paused_reading_goes_on),
		cmocka_unit_test(test_request_after_a_pause_has_its_time),
		cmocka_unit_test(test_unix_socket_tells_who),
		cmocka_unit_test(test_bind_errors_are_sentences),
	};
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max; /* both ends of a thousand connections */
	setrlimit(RLIMIT_NOFILE, &files);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_limits", tests, NULL, NULL);
}
