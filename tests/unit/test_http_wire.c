/* test_http_wire.c - what is taken as a request and what is not, over a real socket: the table of request hygiene.
 *
 * Each row is sent whole and byte by byte, and must come out the same.
 */
#include "http_help.h"

#include "api/http_parse.h"

#define H      "Host: h\r\n"
#define GET_H  "GET /x HTTP/1.1\r\n" H
#define POST_H "POST /echo HTTP/1.1\r\n" H
#define END    "\r\n"

/* --- refused: answered as a problem, closed, never seen by the handler --- */

struct bad {
	const char *name, *text;
	size_t len;
	unsigned status;
	const char *detail; /* part of it */
};

static const struct bad bad_rows[] = {
	/* framing: two programs must not read two requests out of it */
	{"length with sign", TEXT(POST_H "Content-Length: +5\r\n\r\nhello"), 400,
	 "digits only"},
	{"length negative", TEXT(POST_H "Content-Length: -5\r\n\r\nhello"), 400,
	 "digits only"},
	{"length empty", TEXT(POST_H "Content-Length:\r\n\r\nhello"), 400,
	 "digits only"},
	{"length hex", TEXT(POST_H "Content-Length: 0x5\r\n\r\nhello"), 400,
	 "digits only"},
	{"length list", TEXT(POST_H "Content-Length: 5, 5\r\n\r\nhello"), 400,
	 "digits only"},
	{"length with space inside", TEXT(POST_H "Content-Length: 5 5\r\n\r\nhello"),
	 400, "digits only"},
	{"two lengths",
	 TEXT(POST_H "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), 400,
	 "more than one Content-"},
	{"two equal lengths",
	 TEXT(POST_H "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400,
	 "more than one"},
	{"xchunked", TEXT(POST_H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400,
	 "exactly 'chunked'"},
	{"identity", TEXT(POST_H "Transfer-Encoding: identity\r\n\r\n"), 400,
	 "exactly 'chunked'"},
	{"gzip, chunked",
	 TEXT(POST_H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400,
	 "exactly 'chunked'"},
	{"chunked twice",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
		     "chunked\r\n\r\n0\r\n\r\n"),
	 400, "exactly 'chunked'"},
	{"chunked and length",
	 TEXT(POST_H
	      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
	 400, "exclude each other"},
	{"chunked in 1.0",
	 TEXT("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	 400, "needs HTTP/1.1"},
	{"chunk size with sign",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"), 400,
	 "chunked"},
	{"chunk size 0x",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"),
	 400, "chunked"},
	{"chunk size empty",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"), 400,
	 "chunked"},
	{"chunk size long",
	 TEXT(POST_H
	      "Transfer-Encoding: chunked\r\n\r\n0000000005\r\nhello\r\n0\r\n\r\n"),
	 400, "chunked"},
	{"chunk size with space",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"), 400,
	 "chunked"},
	{"chunk without its end",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n"), 400,
	 "chunked"},
	{"chunk with bare LF",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"), 400,
	 "chunked"},
	{"chunk too large",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n100001\r\nhello"), 413, NULL},
	{"chunk near 2^32",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\nffffffff\r\nhello"), 413, NULL},
	{"trailer without name",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n0\r\n: x\r\n\r\n"), 400,
	 "chunked"},
	{"length over the limit", TEXT(POST_H "Content-Length: 1048577\r\n\r\n"), 413,
	 NULL},
	{"length beyond numbers",
	 TEXT(POST_H "Content-Length: 99999999999999999999999\r\n\r\n"), 413, NULL},
	/* headers */
	{"no host", TEXT("GET /x HTTP/1.1\r\n\r\n"), 400, "Host header is missing"},
	{"two hosts", TEXT("GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400,
	 "more than one Host"},
	{"host with path", TEXT("GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400,
	 "not a host name"},
	{"host with user", TEXT("GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400,
	 "not a host name"},
	{"host with bad port", TEXT("GET /x HTTP/1.1\r\nHost: a:http\r\n\r\n"), 400,
	 "not a host name"},
	{"host list", TEXT("GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400,
	 "not a host name"},
	{"host broken v6", TEXT("GET /x HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400,
	 "not a host name"},
	{"space before colon", TEXT("GET /x HTTP/1.1\r\nHost : a\r\n\r\n"), 400,
	 "without space before"},
	{"no colon", TEXT(GET_H "Nonsense\r\n\r\n"), 400, "NAME: VALUE"},
	{"no name", TEXT(GET_H ": x\r\n\r\n"), 400, "NAME: VALUE"},
	{"name with a slash", TEXT(GET_H "A/B: x\r\n\r\n"), 400, "NAME: VALUE"},
	{"folded", TEXT(GET_H "A: x\r\n y\r\n\r\n"), 400, "folded"},
	{"folded at the start", TEXT("GET /x HTTP/1.1\r\n Host: h\r\n\r\n"), 400,
	 "folded"},
	{"NUL in value", TEXT(GET_H "A: x\0y\r\n\r\n"), 400, "NUL"},
	{"NUL in name", TEXT(GET_H "A\0B: x\r\n\r\n"), 400, "NUL"},
	{"NUL in host", TEXT("GET /x HTTP/1.1\r\nHost: a\0b\r\n\r\n"), 400, "NUL"},
	{"control in value", TEXT(GET_H "A: x\001y\r\n\r\n"), 400, "control character"},
	{"DEL in value", TEXT(GET_H "A: x\177y\r\n\r\n"), 400, "control character"},
	{"bare CR in value", TEXT(GET_H "A: x\ry\r\n\r\n"), 400, "carriage return"},
	{"bare LF", TEXT("GET /x HTTP/1.1\nHost: h\n\n"), 400, "CRLF"},
	{"bare LF later", TEXT(GET_H "A: x\nB: y\r\n\r\n"), 400, "CRLF"},
	{"two authorizations",
	 TEXT(GET_H "Authorization: a\r\nAuthorization: b\r\n\r\n"), 400, "repeated"},
	{"two cookies", TEXT(GET_H "Cookie: a=1\r\ncookie: a=2\r\n\r\n"), 400,
	 "repeated"},
	{"two types", TEXT(GET_H "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n"), 400,
	 "repeated"},
	{"two keys", TEXT(GET_H "Idempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n"),
	 400, "repeated"},
	{"two csrf tokens", TEXT(GET_H "X-CSRF-Token: a\r\nX-CSRF-Token: b\r\n\r\n"),
	 400, "repeated"},
	{"expectation", TEXT(GET_H "Expect: something\r\n\r\n"), 417, "100-continue"},
	/* request line */
	{"no version", TEXT("GET /x\r\nHost: h\r\n\r\n"), 400, "METHOD SP TARGET"},
	{"empty line and header", TEXT("\r\n\r\n\r\n\r\n\r\n"), 400, "empty lines"},
	{"two spaces", TEXT("GET  /x HTTP/1.1\r\n" H END), 400, NULL},
	{"space in target", TEXT("GET /x y HTTP/1.1\r\n" H END), 400, NULL},
	{"space at the end", TEXT("GET /x HTTP/1.1 \r\n" H END), 400, "HTTP/1.1"},
	{"tab for space", TEXT("GET\t/x HTTP/1.1\r\n" H END), 400, NULL},
	{"method no token", TEXT("G(T /x HTTP/1.1\r\n" H END), 400, "not a token"},
	{"HTTP/2.0", TEXT("GET /x HTTP/2.0\r\n" H END), 505, "HTTP/1.0 and HTTP/1.1"},
	{"HTTP/0.9", TEXT("GET /x HTTP/0.9\r\n" H END), 505, NULL},
	{"http/1.1", TEXT("GET /x http/1.1\r\n" H END), 400, "HTTP/1.1"},
	{"HTTP/1.x", TEXT("GET /x HTTP/1.x\r\n" H END), 400, "HTTP/1.1"},
	{"HTTP/1.10", TEXT("GET /x HTTP/1.10\r\n" H END), 400, "HTTP/1.1"},
	{"relative", TEXT("GET x HTTP/1.1\r\n" H END), 400, "begins with '/'"},
	{"other scheme", TEXT("GET ftp://h/x HTTP/1.1\r\n" H END), 400,
	 "begins with '/'"},
	{"star of GET", TEXT("GET * HTTP/1.1\r\n" H END), 400, "begins with '/'"},
	{"authority form", TEXT("CONNECT h:80 HTTP/1.1\r\n" H END), 400,
	 "begins with '/'"},
	{"fragment", TEXT("GET /x#y HTTP/1.1\r\n" H END), 400, "percent-encoded"},
	{"raw UTF-8", TEXT("GET /\xc3\xa9 HTTP/1.1\r\n" H END), 400, "percent-encoded"},
	{"NUL in target", TEXT("GET /\0 HTTP/1.1\r\n" H END), 400, "NUL"},
	{"%00", TEXT("GET /a%00b HTTP/1.1\r\n" H END), 400, "control character"},
	{"%0A", TEXT("GET /a%0Ab HTTP/1.1\r\n" H END), 400, "control character"},
	{"% cut", TEXT("GET /a%4 HTTP/1.1\r\n" H END), 400, "two hex digits"},
	{"% at a slash", TEXT("GET /a%4/1 HTTP/1.1\r\n" H END), 400, "two hex digits"},
	{"% no hex", TEXT("GET /a%zz HTTP/1.1\r\n" H END), 400, "two hex digits"},
	{"%FF", TEXT("GET /a%FF HTTP/1.1\r\n" H END), 400, "UTF-8"},
	{"overlong slash", TEXT("GET /a%C0%AF HTTP/1.1\r\n" H END), 400, "UTF-8"},
	{"dot dot", TEXT("GET /a/../b HTTP/1.1\r\n" H END), 400, "'..'"},
	{"dot", TEXT("GET /a/./b HTTP/1.1\r\n" H END), 400, "'..'"},
	{"encoded dots", TEXT("GET /a/%2e%2E/b HTTP/1.1\r\n" H END), 400, "'..'"},
	{"TLS hello", TEXT("\x16\x03\x01\x02\x00\x01\x00\n\r\n"), 400, NULL},
	/* body */
	{"NUL in body", TEXT(POST_H "Content-Length: 5\r\n\r\nhe\0lo"), 400, "NUL"},
	{"NUL in chunk",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n2\r\n\0x\r\n0\r\n\r\n"), 400,
	 "NUL"},
};

static void expect_refusal(struct rig *rig, const struct bad *bad, size_t step)
{
	int fd = rig_dial(rig);
	unsigned asked = rig->asked_count;
	for (size_t at = 0; at < bad->len; at += step)
		client_send(rig, fd, bad->text + at,
			    at + step < bad->len ? step : bad->len - at);
	struct answer answer = client_read(rig, fd);
	const char *body = buf_str(&answer.body);
	if (answer.status != bad->status || (bad->detail && !strstr(body, bad->detail)))
		fail_msg("%s: %u %s", bad->name, answer.status, body);
	assert_string_equal(answer_header(&answer, "Content-Type"),
			    "application/problem+json");
	assert_string_equal(answer_header(&answer, "Connection"), "close");
	assert_string_equal(strstr(body, "\"code\":") ? "a code" : "no code", "a code");
	if (!client_sees_close(rig, fd))
		fail_msg("%s: not closed", bad->name);
	if (rig->asked_count != asked)
		fail_msg("%s: reached the handler", bad->name);
	buf_fini(&answer.body);
	close(fd);
}

static void test_bad_requests_are_refused(void **state)
{
	struct rig *rig = rig_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		expect_refusal(rig, &bad_rows[i], bad_rows[i].len);
		expect_refusal(rig, &bad_rows[i], 1);
	}
	assert_int_equal(http_server_counts(rig->server).refused,
			 2 * sizeof(bad_rows) / sizeof(bad_rows[0]));
	rig_free(rig);
}

/* --- taken --- */

struct good {
	const char *name, *text;
	size_t len;
	const char *body;
	bool closes;
};

static const struct good good_rows[] = {
	{"plain", TEXT(GET_H END), "GET|x", false},
	{"path and query", TEXT("GET /a/b%20c?d=%00&e HTTP/1.1\r\n" H END),
	 "GET|a|b c?d=%00&e", false},
	{"slash in a segment", TEXT("GET /a%2Fb/c HTTP/1.1\r\n" H END), "GET|a/b|c",
	 false},
	{"UTF-8 in a segment", TEXT("GET /%C3%A9 HTTP/1.1\r\n" H END), "GET|\xc3\xa9",
	 false},
	{"empty segments", TEXT("GET //a/ HTTP/1.1\r\n" H END), "GET||a|", false},
	{"dots in a name", TEXT("GET /..a/...%2e HTTP/1.1\r\n" H END), "GET|..a|....",
	 false},
	{"root", TEXT("GET / HTTP/1.1\r\n" H END), "GET|", false},
	{"empty query", TEXT("GET /x? HTTP/1.1\r\n" H END), "GET|x?", false},
	{"absolute form", TEXT("GET http://h:80/x?y HTTP/1.1\r\n" H END), "GET|x?y",
	 false},
	{"absolute form, https", TEXT("GET HTTPS://h/ HTTP/1.1\r\n" H END), "GET|",
	 false},
	{"options star", TEXT("OPTIONS * HTTP/1.1\r\n" H END), "OPTIONS|*", false},
	{"empty line before", TEXT("\r\n\r\n" GET_H END), "GET|x", false},
	{"no host in 1.0", TEXT("GET /x HTTP/1.0\r\n\r\n"), "GET|x", true},
	{"1.0 keep-alive", TEXT("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
	 "GET|x", false},
	{"close", TEXT(GET_H "Connection: close\r\n\r\n"), "GET|x", true},
	{"close in a list", TEXT(GET_H "Connection: foo , CLOSE\r\n\r\n"), "GET|x",
	 true},
	{"close in a second line",
	 TEXT(GET_H "Connection: foo\r\nConnection: close\r\n\r\n"), "GET|x", true},
	{"closed is not close", TEXT(GET_H "Connection: closed\r\n\r\n"), "GET|x",
	 false},
	{"minor version", TEXT("GET /x HTTP/1.9\r\n" H END), "GET|x", false},
	{"host v6", TEXT("GET /x HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), "GET|x",
	 false},
	{"host empty", TEXT("GET /x HTTP/1.1\r\nHost:\r\n\r\n"), "GET|x", false},
	{"spaces around a value", TEXT("GET /x HTTP/1.1\r\nHost: \t h:80 \t\r\n\r\n"),
	 "GET|x", false},
	{"header of bytes over 127", TEXT(GET_H "A: \xe9\r\n\r\n"), "GET|x", false},
	{"other method", TEXT("BREW /x HTTP/1.1\r\n" H END), "OTHER|x", false},
	{"lower case method", TEXT("get /x HTTP/1.1\r\n" H END), "OTHER|x", false},
	{"patch", TEXT("PATCH /x HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n{"),
	 "PATCH|x", false},
	{"delete with body",
	 TEXT("DELETE /x HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}"), "DELETE|x",
	 false},
	{"get with body",
	 TEXT("GET /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}"), "{}", false},
	{"body", TEXT(POST_H "Content-Length: 5\r\n\r\nhello"), "hello", false},
	{"leading zeros", TEXT(POST_H "Content-Length: 0005\r\n\r\nhello"), "hello",
	 false},
	{"no body", TEXT(POST_H END), "", false},
	{"length zero", TEXT(POST_H "Content-Length: 0\r\n\r\n"), "", false},
	{"chunked",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	 "hello", false},
	{"CHUNKED",
	 TEXT(POST_H "transfer-encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	 "hello", false},
	{"chunks",
	 TEXT(POST_H
	      "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n0004\r\nello\r\nA\r\n, "
	      "you\r\n...\r\n000\r\n\r\n"),
	 "hello, you\r\n...", false},
	{"chunk extension",
	 TEXT(POST_H
	      "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0;c\r\n\r\n"),
	 "hello", false},
	{"empty chunked", TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	 "", false},
	{"trailers",
	 TEXT(POST_H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nHost: "
		     "evil\r\nA: b\r\n\r\n"),
	 "hello", false},
};

static void expect_taken(struct rig *rig, const struct good *good, size_t step)
{
	int fd = rig_dial(rig);
	for (size_t at = 0; at < good->len; at += step)
		client_send(rig, fd, good->text + at,
			    at + step < good->len ? step : good->len - at);
	struct answer answer = client_read(rig, fd);
	if (answer.status != 200 || strcmp(buf_str(&answer.body), good->body) != 0)
		fail_msg("%s: %u %s", good->name, answer.status, buf_str(&answer.body));
	buf_fini(&answer.body);
	if (good->closes) {
		assert_string_equal(answer_header(&answer, "Connection"), "close");
		assert_true(client_sees_close(rig, fd));
	} else {
		/* the connection is still in step: another request on it is understood */
		client_send(rig, fd, TEXT("GET /next HTTP/1.1\r\n" H END));
		answer = client_read(rig, fd);
		if (answer.status != 200 ||
		    strcmp(buf_str(&answer.body), "GET|next") != 0)
			fail_msg("%s: out of step afterwards: %s", good->name,
				 buf_str(&answer.body));
		buf_fini(&answer.body);
	}
	close(fd);
}

static void test_good_requests_are_taken(void **state)
{
	struct rig *rig = rig_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++) {
		expect_taken(rig, &good_rows[i], good_rows[i].len);
		expect_taken(rig, &good_rows[i], 1);
	}
	assert_int_equal(http_server_counts(rig->server).refused, 0);
	rig_free(rig);
}

/* --- sizes --- */

static void test_head_is_limited(void **state)
{
	struct rig *rig = rig_new(NULL);
	struct buf text = BUF_EMPTY;
	(void)state;
	buf_add_str(&text, GET_H "A: ");
	while (text.len < 16 * 1024 - 4)
		buf_add_char(&text, 'a');
	buf_add_str(&text, "\r\n\r\n");
	struct answer answer = rig_get(rig, text.data, text.len);
	assert_int_equal(answer.status, 200);
	buf_fini(&answer.body);
	text.len -= 4;
	buf_add_str(&text, "a\r\n\r\n");
	answer = rig_get(rig, text.data, text.len);
	assert_int_equal(answer.status, 431);
	buf_fini(&answer.body);
	buf_fini(&text);
	rig_free(rig);
}

static void expect_body(struct rig *rig, size_t len, bool chunked, unsigned status)
{
	struct buf text = BUF_EMPTY;
	if (chunked)
		buf_printf(&text, POST_H "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
			   len);
	else
		buf_printf(&text, POST_H "Content-Length: %zu\r\n\r\n", len);
	memset(buf_reserve(&text, len), 'b', len);
	buf_commit(&text, len);
	if (chunked)
		buf_add_str(&text, "\r\n0\r\n\r\n");
	struct answer answer = rig_get(rig, text.data, text.len);
	assert_int_equal(answer.status, status);
	if (status == 200)
		assert_int_equal(answer.body.len, len);
	else
		assert_non_null(strstr(buf_str(&answer.body), "too_large"));
	buf_fini(&answer.body);
	buf_fini(&text);
}

static void test_body_is_limited(void **state)
{
	struct rig *rig = rig_new(NULL);
	(void)state;
	expect_body(rig, 1024 * 1024, false, 200);
	expect_body(rig, 1024 * 1024, true, 200);
	expect_body(
		rig, 1024 * 1024 + 1, false,
		413); /* all is sent before the answer is read: it must not be lost */
	expect_body(rig, 1024 * 1024 + 1, true, 413);
	expect_body(rig, 5 * 1024 * 1024, false, 413);
	rig_free(rig);
}

/* close(2) with bytes unread resets the connection: some clients never show the answer then. */
static void test_refused_client_is_not_reset(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	char some[1000];
	ssize_t got;
	(void)state;
	memset(some, 'b', sizeof(some));
	client_send(rig, fd, TEXT(POST_H "Content-Length: 1048577\r\n\r\n"));
	for (int i = 0; i < 1000; i++)
		client_send(rig, fd, some, sizeof(some));
	struct answer answer = client_read(rig, fd);
	assert_int_equal(answer.status, 413);
	buf_fini(&answer.body);
	rig_wait(rig, (got = recv(fd, some, sizeof(some), 0)) >= 0 || errno != EAGAIN);
	assert_int_equal(got, 0);
	client_send(rig, fd, some,
		    sizeof(some)); /* and there is still somebody who takes it */
	assert_int_equal(http_server_counts(rig->server).connections, 1);
	close(fd);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	rig_free(rig);
}

static void test_continue_is_sent_when_waited_for(void **state)
{
	struct rig *rig = rig_new(NULL);
	int fd = rig_dial(rig);
	(void)state;
	client_send(rig, fd,
		    TEXT(POST_H "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
	struct answer answer = client_read(rig, fd);
	assert_int_equal(answer.status, 100);
	client_send(rig, fd, TEXT("hello"));
	answer = client_read(rig, fd);
	assert_int_equal(answer.status, 200);
	assert_string_equal(buf_str(&answer.body), "hello");
	buf_fini(&answer.body);
	close(fd);
	answer = rig_get(
		rig,
		TEXT(POST_H "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n"));
	assert_int_equal(answer.status, 413); /* at once, without asking for it first */
	buf_fini(&answer.body);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_requests_are_refused),
		cmocka_unit_test(test_good_requests_are_taken),
		cmocka_unit_test(test_head_is_limited),
		cmocka_unit_test(test_body_is_limited),
		cmocka_unit_test(test_refused_client_is_not_reset),
		cmocka_unit_test(test_continue_is_sent_when_waited_for),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_wire", tests, NULL, NULL);
}
