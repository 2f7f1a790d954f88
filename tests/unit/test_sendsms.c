/* test_sendsms.c - the sendsms client against a smsbox of strings: outcomes, rate, circuit, requests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fake_smsbox.h"
#include "plugin/sendsms.h"

/* --- every row of the table ---------------------------------------------- */

#define HTTP(status, body, len)                                                   \
	"HTTP/1.1 " status "\r\nContent-Type: text/html\r\nContent-Length: " #len \
	"\r\n\r\n" body

static const struct {
	const char *answer;
	enum fake_manner manner;
	enum gateway_outcome outcome;
	enum gateway_circuit circuit;
	const char *detail;
} answers[] = {
	{HTTP("202 Accepted", "0: Accepted for delivery", 24), ANSWERS,
	 GATEWAY_ACCEPTED, GATEWAY_CLOSED, "202 0: Accepted for delivery"},
	{HTTP("202 Accepted", "Sent.", 5), ANSWERS, GATEWAY_ACCEPTED, GATEWAY_CLOSED,
	 "202 Sent."},
	{HTTP("202 Accepted", "3: Queued for later delivery", 28), ANSWERS,
	 GATEWAY_QUEUED, GATEWAY_CLOSED, "202 3:"},
	{HTTP("400 Bad Request", "Number(s) has/have been denied", 30), ANSWERS,
	 GATEWAY_REFUSED, GATEWAY_CLOSED, "400 Number(s)"},
	{HTTP("400 Bad Request", "", 0), ANSWERS, GATEWAY_REFUSED, GATEWAY_CLOSED,
	 "400"},
	{HTTP("403 Forbidden", "Not routable. Do not try again.", 31), ANSWERS,
	 GATEWAY_REFUSED, GATEWAY_CLOSED, "403 Not routable"},
	{HTTP("403 Forbidden", "Authorization failed for sendsms", 32), ANSWERS,
	 GATEWAY_NOT_TAKEN, GATEWAY_PROBING, "403 Authorization"},
	{HTTP("403 Forbidden", "<html>WAF</html>", 16), ANSWERS, GATEWAY_UNCERTAIN,
	 GATEWAY_PROBING, "403 <html>"},
	{HTTP("401 Unauthorized", "who", 3), ANSWERS, GATEWAY_NOT_TAKEN,
	 GATEWAY_PROBING, "401"},
	{HTTP("404 Not Found", "Unknown request.", 16), ANSWERS, GATEWAY_NOT_TAKEN,
	 GATEWAY_PROBING, "404 Unknown"},
	{"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: "
	 "0\r\n\r\n",
	 ANSWERS, GATEWAY_NOT_TAKEN, GATEWAY_PROBING, "302"},
	{"HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", ANSWERS,
	 GATEWAY_NOT_TAKEN, GATEWAY_PROBING, "307"},
	{HTTP("503 Service Unavailable", "Temporal failure, try again later.", 34),
	 ANSWERS, GATEWAY_NOT_TAKEN, GATEWAY_PROBING, "503 Temporal"},
	{HTTP("503 Service Unavailable", "no upstream", 11), ANSWERS, GATEWAY_UNCERTAIN,
	 GATEWAY_PROBING, "503 no"},
	{HTTP("500 Oops", "", 0), ANSWERS, GATEWAY_UNCERTAIN, GATEWAY_PROBING, "500"},
	{HTTP("200 OK", "0: Accepted for delivery", 24), ANSWERS, GATEWAY_UNCERTAIN,
	 GATEWAY_PROBING, "200 0:"},
	{HTTP("202 Accepted", "what", 4), ANSWERS, GATEWAY_UNCERTAIN, GATEWAY_PROBING,
	 "202 what"},
	{HTTP("202 Accepted", "", 0), ANSWERS, GATEWAY_UNCERTAIN, GATEWAY_PROBING,
	 "202"},
	/* broken on the way */
	{HTTP("202 Accepted", "0: Acc", 24), ANSWERS_AND_CLOSES, GATEWAY_UNCERTAIN,
	 GATEWAY_PROBING, "no answer"},
	{"HTTP/1.1 202 Acc", ANSWERS_AND_CLOSES, GATEWAY_UNCERTAIN, GATEWAY_PROBING,
	 "no answer"},
	{"SSH-2.0-OpenSSH_9.2\r\n", ANSWERS_AND_CLOSES, GATEWAY_UNCERTAIN,
	 GATEWAY_PROBING, "no answer"},
	{"", CLOSES, GATEWAY_UNCERTAIN, GATEWAY_PROBING, "no answer"},
};

static void test_answers(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		fake_open(state);
		fake.answer = answers[i].answer;
		fake.manner = answers[i].manner;
		struct gateway_config config = default_config();
		open_gateway(&config);
		assert_int_equal(submit(7), ERR_OK);
		run_until(&engine.settled, 1);
		if (engine.outcome[7] != answers[i].outcome ||
		    circuit() != answers[i].circuit ||
		    strncmp(engine.detail[7], answers[i].detail,
			    strlen(answers[i].detail)))
			fail_msg("%s: %s \"%s\"", answers[i].answer,
				 gateway_outcome_name(engine.outcome[7]),
				 engine.detail[7]);
		run_for(30);
		if (engine.runs[7] != 1 || fake.request_count != 1)
			fail_msg("%s: %u outcomes, %u requests", answers[i].answer,
				 engine.runs[7], fake.request_count);
		fake_close(state);
	}
}

static void test_endless_answer(void **state)
{
	(void)state;
	struct buf answer = BUF_EMPTY;
	struct gateway_config config = default_config();
	buf_add_str(
		&answer,
		"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n0: Accepted");
	for (int i = 0; i < 2000; i++)
		buf_add_str(&answer, "0123456789");
	fake.answer = buf_str(&answer);
	open_gateway(&config);
	assert_int_equal(submit(1), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(engine.outcome[1], GATEWAY_UNCERTAIN);
	assert_string_equal(engine.detail[1], "no answer: the answer is too long");
	buf_fini(&answer);
}

static void test_silence(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	struct gateway_status status;
	config.timeout_ms = 100;
	fake.manner = IS_SILENT;
	open_gateway(&config);
	assert_int_equal(submit(1), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(engine.outcome[1], GATEWAY_UNCERTAIN);
	gateway_status(engine.gw, &status);
	assert_non_null(strstr(status.reason, "suspended"));
	assert_false(status.reachable);
}

static void test_refused_connection(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	fake_refuse();
	open_gateway(&config);
	assert_int_equal(submit(1), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(engine.outcome[1], GATEWAY_NOT_TAKEN);
	assert_int_equal(circuit(), GATEWAY_PROBING);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	/* time alone brings the next try */
	run_until(&engine.ready_calls, 1);
	assert_int_equal(gateway_capacity(engine.gw), 1);
}

/* What waits for its turn in the rate when another text fails goes back at once: it did not leave. */
static void test_waiting_goes_back(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	struct gateway_status status;
	config.rate_per_s = 10;
	fake_refuse();
	open_gateway(&config);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(submit(i), ERR_OK);
	run_until(&engine.settled, 3);
	gateway_status(engine.gw, &status);
	assert_int_equal(status.started, 1);
	assert_int_equal(status.outcomes[GATEWAY_NOT_TAKEN], 3);
	assert_non_null(strstr(engine.detail[2], "cannot be reached"));
}

/* The trap: libcurl sends a request again, unasked, when a kept-alive connection dies under it. */
static void test_dead_keep_alive(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	fake.manner = CLOSES_SECOND;
	open_gateway(&config);
	assert_int_equal(submit(1), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(engine.outcome[1], GATEWAY_ACCEPTED);
	assert_int_equal(submit(2), ERR_OK);
	run_until(&engine.settled, 2);
	assert_int_equal(engine.outcome[2], GATEWAY_UNCERTAIN);
	run_for(50);
	assert_int_equal(fake.request_count,
			 2); /* three would be a second text on the handset */
	assert_int_equal(fake.requests_of[0], 2);
}

static void test_keep_alive(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	open_gateway(&config);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(submit(i), ERR_OK);
		run_until(&engine.settled, i + 1);
	}
	assert_int_equal(fake.connection_count, 1);
	assert_int_equal(engine.accepted, 20);
}

/* --- capacity, rate, circuit --------------------------------------------- */

enum { PLACES = 12, CONNECTIONS = 8 }; /* the default; a third is taken ahead */

static void test_many(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	struct gateway_status status;
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	open_gateway(&config);
	assert_int_equal(gateway_capacity(engine.gw), PLACES);
	engine.to_submit = 200;
	on_ready(NULL);
	assert_int_equal(engine.submitted, PLACES);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	assert_int_equal(submit(200), ERR_BUSY);
	run_until(&engine.settled, 200);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(engine.runs[i], 1);
	assert_int_equal(engine.accepted, 200);
	assert_int_equal(fake.request_count, 200);
	assert_true(fake.connection_count <= CONNECTIONS);
	gateway_status(engine.gw, &status);
	assert_int_equal(status.outcomes[GATEWAY_ACCEPTED], 200);
	assert_int_equal(status.started, 200);
	assert_int_equal(status.in_flight, 0);
	assert_true(status.reachable);
}

static void check_rate(unsigned rate, unsigned texts)
{
	struct gateway_config config = default_config();
	config.rate_per_s = rate;
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	open_gateway(&config);
	engine.to_submit = texts;
	int64_t began = clock_mono_ms();
	on_ready(NULL);
	run_until(&engine.settled, texts);
	int64_t took = clock_mono_ms() - began;
	/* in no window of a second more than the rate */
	for (unsigned i = 0; i + rate < texts; i++)
		assert_true(fake.arrived_ms[i + rate] - fake.arrived_ms[i] >= 1000);
	/* and not much below it; the machine may be busy */
	assert_true(took < (int64_t)texts * 1000 / rate * 2 + 500);
	assert_int_equal(engine.accepted, texts);
}

static void test_slow_rate(void **state)
{
	(void)state;
	check_rate(20, 30);
}

static void test_fast_rate(void **state)
{
	(void)state;
	check_rate(100, 160);
}

/* With few a second a text is not taken long before it may start: its guards would be stale. */
static void test_rate_capacity(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	config.rate_per_s = 1;
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	open_gateway(&config);
	assert_int_equal(gateway_capacity(engine.gw), 1);
	assert_int_equal(submit(0), ERR_OK);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	run_until(&engine.settled, 1);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	run_until(&engine.ready_calls, 1);
	assert_int_equal(gateway_capacity(engine.gw), 1);
	config.rate_per_s = 20;
	char *why = NULL;
	assert_int_equal(gateway_reconfigure(engine.gw, &config, &why), ERR_OK);
	run_for(60);
	assert_int_equal(gateway_capacity(engine.gw), 5);
}

/* Kannel hangs: those under way become uncertain, then one each time-out; when it answers again, all goes on. */
static void test_circuit(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	config.timeout_ms = 100;
	config.connections = 4;
	config.rate_per_s = 100;
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	fake.unanswered_from = 3;
	open_gateway(&config);
	engine.to_submit = 60;
	on_ready(NULL);
	run_until(&fake.request_count, 9);
	unsigned uncertain = 0, not_taken = 0;
	for (unsigned i = 0; i < 60; i++) {
		uncertain += engine.runs[i] && engine.outcome[i] == GATEWAY_UNCERTAIN;
		not_taken += engine.runs[i] && engine.outcome[i] == GATEWAY_NOT_TAKEN;
	}
	assert_int_equal(circuit(), GATEWAY_PROBING);
	/* 9 came: 2 answered, 4 at once, 3 one at a time, of which the last is out still */
	assert_int_equal(uncertain, 6);
	assert_true(
		not_taken <=
		2 + 1); /* those taken ahead, and the one that waited for its turn */
	fake.unanswered_from = 0;
	run_until(&engine.settled, 60);
	assert_int_equal(circuit(), GATEWAY_CLOSED);
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(engine.runs[i], 1);
}

static void test_back_off(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	fake.answer = HTTP("503 Service Unavailable",
			   "Temporal failure, try again later.", 34);
	open_gateway(&config);
	engine.to_submit = 6;
	assert_int_equal(submit(0), ERR_OK);
	run_until(&engine.settled, 1);
	gateway_capacity(engine.gw);
	run_until(&engine.settled, 6);
	static const int64_t least[] = {20, 40, 80, 80, 80};
	for (unsigned i = 0; i < 5; i++)
		assert_true(fake.arrived_ms[i + 1] - fake.arrived_ms[i] >=
			    least[i] - 1);
	assert_true(fake.arrived_ms[5] - fake.arrived_ms[4] < 160 + 200);
}

/* --- stopping, reloading, refusing --------------------------------------- */

static void test_stop(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	config.rate_per_s = 10;
	config.timeout_ms = 20000;
	fake.manner = IS_SILENT;
	open_gateway(&config);
	engine.to_submit = 3;
	on_ready(NULL);
	assert_int_equal(engine.submitted, 3);
	run_until(&fake.request_count, 1);
	engine.is_inside = true;
	gateway_stop(engine.gw, 50, on_stopped, NULL);
	engine.is_inside = false;
	assert_int_equal(submit(9), ERR_BUSY);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	run_until(&engine.settled, 3);
	while (!engine.has_stopped)
		run_for(5);
	assert_int_equal(engine.outcome[0], GATEWAY_UNCERTAIN);
	assert_int_equal(engine.outcome[2], GATEWAY_NOT_TAKEN);
	assert_int_equal(engine.settled, 3);
}

static void test_stop_idle(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	open_gateway(&config);
	gateway_stop(engine.gw, 10000, on_stopped, NULL);
	assert_false(engine.has_stopped);
	run_for(20);
	assert_true(engine.has_stopped);
}

static void test_free_with_texts_out(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	config.rate_per_s = 10;
	fake.manner = IS_SILENT;
	open_gateway(&config);
	engine.to_submit = 3;
	on_ready(NULL);
	run_until(&fake.request_count, 1);
	gateway_free(&engine.gw);
	assert_null(engine.gw);
	run_for(10);
	assert_int_equal(engine.settled, 0);
}

static void test_reconfigure(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	char *why = NULL;
	fake.answer = HTTP("403 Forbidden", "Authorization failed for sendsms", 32);
	config.backoff_least_ms = 60000;
	open_gateway(&config);
	assert_int_equal(submit(0), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(gateway_capacity(engine.gw), 0);
	config.url = "ftp://127.0.0.1/";
	assert_int_equal(gateway_reconfigure(engine.gw, &config, &why), ERR_INVALID);
	assert_non_null(strstr(why, "http://"));
	mem_free(why);
	/* the remedy is tried at once */
	config = default_config();
	config.password = "right";
	assert_int_equal(gateway_reconfigure(engine.gw, &config, &why), ERR_OK);
	fake.answer = HTTP("202 Accepted", "Sent.", 5);
	assert_int_equal(submit(1), ERR_OK);
	run_until(&engine.settled, 2);
	assert_int_equal(engine.outcome[1], GATEWAY_ACCEPTED);
	assert_non_null(strstr(buf_str(&fake.last), "password=right"));
	assert_int_equal(gateway_capacity(engine.gw), PLACES);
}

static void test_bad_configs(void **state)
{
	(void)state;
	static const struct {
		const char *url, *user, *password, *callback, *secret, *why;
	} cases[] = {
		{"", "u", "p", "http://h", "s", "sendsms-url is missing"},
		{"ftp://h/", "u", "p", "http://h", "s", "http://"},
		{"file:///etc/passwd", "u", "p", "http://h", "s", "http://"},
		{"http://me:pw@h/", "u", "p", "http://h", "s", "holds a user"},
		{"http://h/#x", "u", "p", "http://h", "s", "#"},
		{"http://h:99999/", "u", "p", "http://h", "s", "not a URL"},
		{"http://h/", "", "p", "http://h", "s", "sendsms-username"},
		{"http://h/", "u", NULL, "http://h", "s", "sendsms-password"},
		{"http://h/", "u", "p\r\nX: y", "http://h", "s", "control"},
		{"http://h/", "u", "p", "h:13081", "s", "callback-url"},
		{"http://h/", "u", "p", "http://h/%d", "s", "callback-url"},
		{"http://h/", "u", "p", NULL, "s", "callback-url"},
		{"http://h/", "u", "p", "http://h", "a/b", "kannel-secret"},
		{"http://h/", "u", "p", "http://h", "", "kannel-secret"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gateway_config config = {.url = cases[i].url,
						.username = cases[i].user,
						.password = cases[i].password,
						.callback_url = cases[i].callback,
						.secret = cases[i].secret};
		char *why = NULL;
		assert_int_equal(
			sendsms_new(&config, fake.base, NULL, NULL, &engine.gw, &why),
			ERR_INVALID);
		if (!strstr(why, cases[i].why))
			fail_msg("case %zu gave: %s", i, why);
		mem_free(why);
	}
}

static void test_bad_texts(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	static const struct gateway_text texts[] = {
		{.id = 1, .to = "+351912345678", .text = ""},
		{.id = 1, .to = "+351912345678", .text = NULL},
		{.id = 1, .to = "", .text = "x"},
		{.id = 1, .to = NULL, .text = "x"},
		{.id = 1, .to = "+351912345678 +351912345679", .text = "x"},
		{.id = 1, .to = "+351912345678", .text = "\xff"},
		{.id = 1, .to = "+351912345678", .from = "a\nb", .text = "x"},
		{.id = 1, .to = "+351912345678", .smsc = "a\rb", .text = "x"},
	};
	open_gateway(&config);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(gateway_submit(engine.gw, &texts[i], on_outcome, NULL),
				 ERR_INVALID);
	run_for(10);
	assert_int_equal(engine.settled, 0);
}

/* --- the request --------------------------------------------------------- */

static void send_one(const struct gateway_config *config,
		     const struct gateway_text *text)
{
	fake.answer = HTTP("202 Accepted", "0: Accepted for delivery", 24);
	open_gateway(config);
	assert_int_equal(gateway_submit(engine.gw, text, on_outcome, NULL), ERR_OK);
	run_until(&engine.settled, 1);
	assert_int_equal(engine.outcome[text->id], GATEWAY_ACCEPTED);
}

static void test_get(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	const struct gateway_text text = {.id = 42,
					  .to = "+351912345678",
					  .from = "ACME & Co",
					  .smsc = "SIM",
					  .text = "1 + 1 = 2 €",
					  .validity_s = 3601};
	send_one(&config, &text);
	const char *line =
		"GET "
		"/cgi-bin/"
		"sendsms?username=tester&password=foo%26bar&to=%2B351912345678&from="
		"ACME%20%26%20Co"
		"&smsc=SIM&coding=0&charset=UTF-8&validity=61&dlr-mask=31&dlr-url=http%"
		"3A%2F%2F127.0.0.1%3A13081"
		"%2Fkannel%2Freport%2Fs3cr3t%3Fid%3D42%26status%3D%25d%26event%3D%25I%"
		"26detail%3D%25A%26smsc%3D%25i"
		"&account=42&text=1%20%2B%201%20%3D%202%20%E2%82%AC HTTP/1.1\r\n";
	assert_true(strncmp(buf_str(&fake.last), line, strlen(line)) == 0);
	assert_non_null(strstr(buf_str(&fake.last), "\r\nUser-Agent: handbox/"));
}

static void test_ucs2(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	const struct gateway_text text = {
		.id = 42, .to = "+351912345678", .text = "Привет", .validity_s = 60};
	send_one(&config, &text);
	assert_non_null(
		strstr(buf_str(&fake.last), "&coding=2&charset=UTF-8&validity=1&"));
	assert_null(strstr(buf_str(&fake.last), "from="));
	assert_null(strstr(buf_str(&fake.last), "&smsc="));
}

static void test_post(void **state)
{
	(void)state;
	struct gateway_config config = default_config();
	const struct gateway_text text = {
		.id = 42, .to = "+351912345678", .text = "Привет\nи", .validity_s = 0};
	config.use_post = true;
	send_one(&config, &text);
	const char *got = buf_str(&fake.last);
	assert_true(strncmp(got, "POST /cgi-bin/sendsms HTTP/1.1\r\n", 32) == 0);
	assert_non_null(strstr(got, "\r\nContent-Type: text/plain; charset=UTF-8\r\n"));
	assert_non_null(strstr(got, "\r\nX-Kannel-Password: foo&bar\r\n"));
	assert_non_null(strstr(got, "\r\nX-Kannel-To: +351912345678\r\n"));
	assert_non_null(strstr(got, "\r\nX-Kannel-Coding: 2\r\n"));
	assert_non_null(strstr(
		got, "\r\nX-Kannel-DLR-URL: "
		     "http://127.0.0.1:13081/kannel/report/s3cr3t?id=42&status=%d&"));
	assert_null(strstr(got, "Validity"));
	assert_null(strstr(got, "Expect"));
	assert_non_null(strstr(got, "\r\n\r\nПривет\nи"));
}

#define WITH_FAKE(test) cmocka_unit_test_setup_teardown(test, fake_open, fake_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		WITH_FAKE(test_endless_answer),
		WITH_FAKE(test_silence),
		WITH_FAKE(test_refused_connection),
		WITH_FAKE(test_waiting_goes_back),
		WITH_FAKE(test_dead_keep_alive),
		WITH_FAKE(test_keep_alive),
		WITH_FAKE(test_many),
		WITH_FAKE(test_slow_rate),
		WITH_FAKE(test_fast_rate),
		WITH_FAKE(test_rate_capacity),
		WITH_FAKE(test_circuit),
		WITH_FAKE(test_back_off),
		WITH_FAKE(test_stop),
		WITH_FAKE(test_stop_idle),
		WITH_FAKE(test_free_with_texts_out),
		WITH_FAKE(test_reconfigure),
		WITH_FAKE(test_bad_configs),
		WITH_FAKE(test_bad_texts),
		WITH_FAKE(test_get),
		WITH_FAKE(test_ucs2),
		WITH_FAKE(test_post),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
