/* test_email.c - e-mails as text: one address and no more, headers that stay one header, lines that fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "link/mail_send.h"
#include "model/email.h"

static void one_address_and_no_more(void **state)
{
	static const struct {
		const char *text;
		bool is_one;
	} rows[] = {
		{"ana@example.com", true},
		{"a.b+tag@mail.example.com", true},
		{"o'neil=x@example.com", true},
		{"root@localhost", true},
		{"x@xn--exmple-cua.com", true},
		{"", false},
		{"ana", false},
		{"@example.com", false},
		{"ana@", false},
		{"ana@@example.com", false},
		{"a@b@c", false},
		{"ana@example.com,ben@example.com", false},
		{"ana@example.com;ben@example.com", false},
		{"ana@example.com ben@example.com", false},
		{"ana@example.com\r\nBcc: ben@example.com", false},
		{"ana@example.com\nRCPT TO:<ben@example.com>", false},
		{"ana@example.com\r", false},
		{"Ana <ana@example.com>", false},
		{"<ana@example.com>", false},
		{"\"ana b\"@example.com", false},
		{"ana(hi)@example.com", false},
		{".ana@example.com", false},
		{"ana.@example.com", false},
		{"a..b@example.com", false},
		{"ana@example..com", false},
		{"ana@.example.com", false},
		{"ana@example.com.", false},
		{"ana@-example.com", false},
		{"ana@example-.com", false},
		{"ana@[127.0.0.1]", false},
		{"ana@exa_mple.com", false},
		{"jos\xC3\xA9@example.com", false},
		{"ana@ex\xC3\xA4mple.com", false},
		{"ana\x7f@example.com", false},
		{"\xE2\x9F\xA6"
		 "contact.email\xE2\x9F\xA7",
		 false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = "untouched";
		if (email_address_is_one(rows[i].text, &why) != rows[i].is_one)
			fail_msg("%s", rows[i].text);
		assert_true(rows[i].is_one == (why == NULL));
	}
	char lengthy[300] = "ana@";
	memset(lengthy + 4, 'x', 60);
	assert_true(email_address_is_one(lengthy, &(const char *){NULL}));
	memset(lengthy + 4, 'x', 64);
	assert_false(email_address_is_one(lengthy, &(const char *){NULL}));
}

static void senders(void **state)
{
	struct arena *arena = arena_new();
	struct email_sender sender;
	const char *why;
	(void)state;
	assert_true(email_sender_parse(arena, "a@b.example", &sender, &why));
	assert_null(sender.name);
	assert_true(email_sender_parse(arena, "Ana, of Acme  <a@b.example>", &sender,
				       &why));
	assert_string_equal(sender.name, "Ana, of Acme");
	assert_string_equal(sender.address, "a@b.example");
	assert_true(email_sender_parse(arena, "<a@b.example>", &sender, &why));
	assert_null(sender.name);
	assert_false(email_sender_parse(arena, "Ana <a@b.example", &sender, &why));
	assert_false(email_sender_parse(arena, "Ana <a@b.example> x", &sender, &why));
	assert_false(email_sender_parse(arena, "Ana", &sender, &why));
	arena_free(&arena);
}

static const struct email_wire plain = {.from = {.address = "box@example.com"},
					.to = "ana@example.org",
					.subject = "Following up",
					.body = "Dear Ana,\nsee you.",
					.message_id = "handbox.7.mail.1@example.com",
					.at = INT64_C(1795400000000)};

static char *written(const struct email_wire *wire)
{
	struct buf out = BUF_EMPTY;
	email_write(wire, &out);
	assert_int_equal(strlen(buf_str(&out)), out.len);
	for (const char *c = buf_str(&out); *c; c++) {
		if (*c == '\n')
			assert_true(c > out.data && c[-1] == '\r');
		if (*c == '\r')
			assert_true(c[1] == '\n');
		assert_true((unsigned char)*c < 0x7f);
	}
	for (const char *line = buf_str(&out); *line;) {
		size_t len = strcspn(line, "\r");
		if (len > 78)
			fail_msg("%.*s", (int)len, line);
		line += len + 2;
	}
	return buf_take(&out);
}

static void a_plain_one(void **state)
{
	char *text = written(&plain);
	(void)state;
	assert_string_equal(text, "Date: Mon, 23 Nov 2026 02:13:20 +0000\r\n"
				  "From: box@example.com\r\n"
				  "To: ana@example.org\r\n"
				  "Subject: Following up\r\n"
				  "Message-ID: <handbox.7.mail.1@example.com>\r\n"
				  "Auto-Submitted: auto-generated\r\n"
				  "MIME-Version: 1.0\r\n"
				  "Content-Type: text/plain; charset=UTF-8\r\n"
				  "Content-Transfer-Encoding: 7bit\r\n"
				  "\r\n"
				  "Dear Ana,\r\nsee you.\r\n");
	mem_free(text);
}

/* The header of that name, unfolded and decoded. */
static char *decoded(const char *text, const char *name)
{
	struct buf out = BUF_EMPTY;
	const char *at = strstr(text, name);
	assert_non_null(at);
	at += strlen(name);
	for (;;) {
		size_t len = strcspn(at, " \r");
		if (strncmp(at, "=?UTF-8?B?", 10) == 0) {
			unsigned char bytes[80];
			size_t count;
			assert_true(len <= 75);
			assert_int_equal(
				sodium_base642bin(bytes, sizeof(bytes), at + 10,
						  len - 12, NULL, &count, NULL,
						  sodium_base64_VARIANT_ORIGINAL),
				0);
			buf_add(&out, bytes, count);
		} else {
			buf_printf(&out, "%s%.*s", out.len ? " " : "", (int)len, at);
		}
		at += len;
		if (at[0] == '\r' && at[2] != ' ')
			return buf_take(&out);
		at += at[0] == '\r' ? 3 : 1;
	}
}

static void subjects(void **state)
{
	static const struct {
		const char *subject, *expected;
	} rows[] = {
		{"Olá, até amanhã", "Olá, até amanhã"},
		{"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"},
		{"hello\r\nBcc: evil@example.com", "hello Bcc: evil@example.com"},
		{"hello\nX: y\tz", "hello X: y z"},
		{"olá\r\nBcc: evil@example.com", "olá Bcc: evil@example.com"},
		{"=?UTF-8?B?aGFja2Vk?=", "=?UTF-8?B?aGFja2Vk?="},
		{"a word and another and a third and a fourth and then some more to "
		 "make it longer than one line",
		 "a word and another and a third and a fourth and then some more to "
		 "make it longer than one line"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct email_wire wire = plain;
		wire.subject = rows[i].subject;
		char *text = written(&wire), *subject = decoded(text, "Subject: ");
		assert_string_equal(subject, rows[i].expected);
		assert_null(strstr(text, "\nBcc:"));
		assert_null(strstr(text, "\nX:"));
		mem_free(subject);
		mem_free(text);
	}
}

static void names_of_senders(void **state)
{
	static const char *const names[] = {"Acme", "Acme Support", "Müller & Söhne",
					    "Acme, Inc.", "a\r\nBcc: x@y.z"};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct email_wire wire = plain;
		wire.from.name = names[i];
		char *text = written(&wire), *from = decoded(text, "From: ");
		char *end = strstr(from, "<box@example.com>");
		assert_non_null(end);
		assert_null(strstr(text, "\nBcc:"));
		if (i < 4)
			assert_true(strncmp(from, names[i], strlen(names[i])) == 0);
		assert_null(memchr(
			strstr(text, "From: "), ',',
			(size_t)(strstr(text, "To: ") - strstr(text, "From: "))));
		mem_free(from);
		mem_free(text);
	}
}

static void bodies(void **state)
{
	static const struct {
		const char *body;
		const char *lines; /* as they arrive */
	} rows[] = {
		{"a\nb\n", "a\r\nb\r\n"},
		{"a\r\nb", "a\r\nb\r\n"},
		{"a\rb", "a\r\nb\r\n"},
		{".\n..\n.x", ".\r\n..\r\n.x\r\n"},
		{"\n\nx", "\r\n\r\nx\r\n"},
		{"", ""},
		{"Olá Inês,\naté já €", "Olá Inês,\r\naté já €\r\n"},
		{"012345678901234567890123456789012345678901234567890123456789012345678"
		 "9012345678901234567890123456789",
		 "012345678901234567890123456789012345678901234567890123456789012345678"
		 "9012345678901234567890123456789\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct email_wire wire = plain;
		wire.body = rows[i].body;
		char *text = written(&wire), *body = strstr(text, "\r\n\r\n") + 4;
		if (strstr(text, "Encoding: base64")) {
			unsigned char bytes[400];
			size_t count;
			assert_int_equal(
				sodium_base642bin(bytes, sizeof(bytes), body,
						  strlen(body), "\r\n", &count, NULL,
						  sodium_base64_VARIANT_ORIGINAL),
				0);
			assert_int_equal(count, strlen(rows[i].lines));
			assert_memory_equal(bytes, rows[i].lines, count);
		} else {
			assert_non_null(strstr(text, "Encoding: 7bit"));
			assert_string_equal(body, rows[i].lines);
		}
		mem_free(text);
	}
}

static void the_states(void **state)
{
	static const char *const expected[EMAIL_STATE_COUNT] = {
		/* begin taken unsure defer fail */
		[EMAIL_WAITING] = "1.3.4", [EMAIL_SENDING] = ".2304",
		[EMAIL_SENT] = ".....",    [EMAIL_UNSURE] = ".....",
		[EMAIL_FAILED] = ".....",  [EMAIL_TEST] = ".....",
	};
	(void)state;
	for (int s = 0; s < EMAIL_STATE_COUNT; s++)
		for (int e = 0; e < EMAIL_EVENT_COUNT; e++) {
			enum email_state next = EMAIL_STATE_COUNT;
			bool moves = email_next((enum email_state)s,
						(enum email_event)e, &next);
			assert_int_equal(expected[s][e], moves ? '0' + (int)next : '.');
		}
}

/* CURLcodes by number: 0 OK, 7 could not connect, 8 weird reply, 28 time-out, 42 aborted, 52 nothing, 55 send, 56 receive,
 * 64 no TLS, 67 login. */
static void what_an_ending_means(void **state)
{
	static const struct {
		struct mail_ending ending;
		enum mail_outcome outcome;
	} rows[] = {
		{{0, 250, true, true}, MAIL_TAKEN},
		{{7, 0, false, false}, MAIL_NO_SERVER},
		{{8, 421, false, false}, MAIL_NO_SERVER},
		{{8, 554, false, false},
		 MAIL_NO_SERVER}, /* a greeting: no fault of this e-mail */
		{{64, 220, false, false}, MAIL_NO_SERVER},
		{{67, 535, false, false}, MAIL_NO_SERVER},
		{{55, 530, true, false}, MAIL_NO_SERVER},
		{{55, 550, true, false}, MAIL_REFUSED},
		{{55, 450, true, false}, MAIL_DEFERRED},
		{{55, 421, true, false}, MAIL_NO_SERVER},
		{{56, 250, true, false}, MAIL_NO_SERVER},
		{{56, 354, true, false},
		 MAIL_NO_SERVER}, /* in the middle of the message */
		{{55, 354, true, true},
		 MAIL_NO_SERVER}, /* the dot could not be written */
		{{56, 354, true, true}, MAIL_UNSURE},
		{{28, 354, true, true}, MAIL_UNSURE},
		{{42, 354, true, true}, MAIL_UNSURE},
		{{8, 354, true, true}, MAIL_UNSURE},
		{{8, 451, true, true}, MAIL_DEFERRED},
		{{8, 554, true, true}, MAIL_REFUSED},
		{{8, 421, true, true}, MAIL_NO_SERVER}, /* said no, and is leaving */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (mail_judge(&rows[i].ending) != rows[i].outcome)
			fail_msg("row %zu is %s", i,
				 mail_outcome_name(mail_judge(&rows[i].ending)));
}

static void configurations(void **state)
{
	static const struct {
		struct mail_config config;
		const char *fault; /* a part of it; NULL: none */
	} rows[] = {
		{{.url = NULL}, NULL},
		{{.url = "smtp://127.0.0.1:25", .from = "a@b.c"}, NULL},
		{{.url = "smtp://[::1]:25", .from = "a@b.c"}, NULL},
		{{.url = "smtps://mail.example.com",
		  .from = "Ana <a@b.c>",
		  .user = "u",
		  .password = "p"},
		 NULL},
		{{.url = "smtp://127.0.0.1",
		  .from = "a@b.c",
		  .user = "u",
		  .password = "p"},
		 NULL},
		{{.url = "smtp://mail.example.com",
		  .from = "a@b.c",
		  .tls = MAIL_TLS_OFF},
		 NULL},
		{{.url = "smtp://mail.example.com",
		  .from = "a@b.c",
		  .user = "u",
		  .password = "p",
		  .tls = MAIL_TLS_OFF},
		 "show smtp-password"},
		{{.url = "smtp://localhost.evil.example",
		  .from = "a@b.c",
		  .user = "u",
		  .password = "p",
		  .tls = MAIL_TLS_OFF},
		 "show smtp-password"},
		{{.url = "smtp://127.0.0.1"}, "come together"},
		{{.from = "a@b.c"}, "come together"},
		{{.url = "smtp://u:p@mail.example.com", .from = "a@b.c"}, "smtp-user"},
		{{.url = "http://mail.example.com", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://a b", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://a:", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://a:25/x", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://a:123456", .from = "a@b.c"}, "is wanted"},
		{{.url = "smtp://a", .from = "Ana"}, "mail-from = Ana"},
		{{.url = "smtp://a", .from = "a@b.c", .user = "u"}, "come together"},
		{{.url = "smtp://a", .from = "a@b.c", .password = "p"},
		 "come together"},
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *fault = mail_config_fault(arena, &rows[i].config);
		if (!fault != !rows[i].fault ||
		    (fault && !strstr(fault, rows[i].fault)))
			fail_msg("row %zu: %s", i, fault ? fault : "no fault");
	}
	arena_free(&arena);
}

static void waiting_longer_each_time(void **state)
{
	(void)state;
	assert_int_equal(mail_retry_ms(1), 5 * SECOND_MS);
	assert_int_equal(mail_retry_ms(2), 10 * SECOND_MS);
	assert_int_equal(mail_retry_ms(10), 2560 * SECOND_MS);
	assert_int_equal(mail_retry_ms(11), HOUR_MS);
	assert_int_equal(mail_retry_ms(UINT32_MAX), HOUR_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_and_no_more),
		cmocka_unit_test(senders),
		cmocka_unit_test(a_plain_one),
		cmocka_unit_test(subjects),
		cmocka_unit_test(names_of_senders),
		cmocka_unit_test(bodies),
		cmocka_unit_test(the_states),
		cmocka_unit_test(what_an_ending_means),
		cmocka_unit_test(configurations),
		cmocka_unit_test(waiting_longer_each_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
