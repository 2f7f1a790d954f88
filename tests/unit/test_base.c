/* test_base.c - the ground: arenas, buffers, JSON, time, ids, UTF-8, mailboxes, the pool */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/utf8.h"

static void arena_hands_out_apart(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char *all[400];
	for (size_t i = 0; i < 400; i++) {
		size_t len = i * 61 % 5000 + (i % 50 == 0 ? 40000 : 1);
		all[i] = arena_alloc(arena, len);
		assert_int_equal((uintptr_t)all[i] % 16, 0);
		memset(all[i], (int)i, len);
	}
	for (size_t i = 0; i < 400; i++) {
		size_t len = i * 61 % 5000 + (i % 50 == 0 ? 40000 : 1);
		assert_int_equal((unsigned char)all[i][0], (unsigned char)i);
		assert_int_equal((unsigned char)all[i][len - 1], (unsigned char)i);
	}
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	assert_null(arena_strdup(arena, NULL));
	arena_free(&arena);
	assert_null(arena);
	arena_free(&arena);
}

static void buf_grows(void **state)
{
	(void)state;
	struct buf buf = BUF_EMPTY;
	assert_string_equal(buf_str(&buf), "");
	memset(buf_reserve(&buf, 200), 'x', 200);
	buf_fini(&buf);
	buf_reserve(&buf, 100);
	assert_string_equal(buf_str(&buf), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%d,", i);
	assert_int_equal(buf.len, strlen(buf.data));
	assert_memory_equal(buf.data + buf.len - 8, "998,999,", 8);
	char long_text[500];
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	buf_clear(&buf);
	buf_printf(&buf, "<%s>", long_text);
	assert_int_equal(buf.len, 501);
	char *taken = buf_take(&buf);
	assert_int_equal(taken[500], '>');
	mem_free(taken);
	assert_int_equal(buf.len, 0);
	buf_fini(&buf);
}

static void json_is_json(void **state)
{
	(void)state;
	struct buf buf = BUF_EMPTY;
	struct json json;
	json_init(&json, &buf);
	json_object(&json);
	json_key_str(&json, "text", "a\"b\\c\n\x01\x7f é");
	json_key_str(&json, "nothing", NULL);
	json_key_id(&json, "id", UINT64_C(9223372036854775807));
	json_key_id(&json, "no_id", 0);
	json_key_int(&json, "least", INT64_MIN);
	json_key_time(&json, "at", INT64_C(1577836800001));
	json_key(&json, "list");
	json_array(&json);
	json_int(&json, 1);
	json_object(&json);
	json_end_object(&json);
	json_bool(&json, false);
	json_array(&json);
	json_end_array(&json);
	json_end_array(&json);
	json_end_object(&json);
	assert_string_equal(
		buf_str(&buf),
		"{\"text\":\"a\\\"b\\\\c\\n\\u0001\\u007f é\",\"nothing\":null,"
		"\"id\":\"9223372036854775807\",\"no_id\":null,\"least\":-9223372036854775808,"
		"\"at\":\"2020-01-01T00:00:00.001Z\",\"list\":[1,{},false,[]]}");
	buf_fini(&buf);
}

static void times_read_and_write(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T10:54:32.001Z", INT64_C(1795431272001)},
		{"2026-11-23t11:54:32.0019+01:00", INT64_C(1795431272001)},
		{"2024-02-29T23:59:59.5-00:30", INT64_C(1709252999500)},
		{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
		{"2023-02-29T00:00:00Z", -1},
		{"2026-11-23", -1},
		{"2026-11-23T10:54Z", -1},
		{"2026-11-23T10:54:32", -1},
		{"2026-13-01T00:00:00Z", -1},
		{"2026-11-23T24:00:00Z", -1},
		{"2026-11-23T10:54:32.Z", -1},
		{"2026-11-23T10:54:32Zx", -1},
		{"2026-11-23T10:54:32+24:00", -1},
		{"", -1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ms = -2;
		enum err err = clock_parse(cases[i].text, &ms);
		if (cases[i].ms < 0) {
			assert_int_equal(err, ERR_SYNTAX);
			assert_int_equal(ms, -2);
		} else {
			assert_int_equal(err, ERR_OK);
			assert_int_equal(ms, cases[i].ms);
		}
	}
	char text[CLOCK_TEXT_LEN];
	for (int64_t day = -700000; day < 2900000;
	     day += 37) { /* 0054 to 9909: every century's leap days */
		int64_t ms = day * DAY_MS + 12345678, back;
		clock_format(ms, text);
		assert_int_equal(clock_parse(text, &back), ERR_OK);
		assert_int_equal(back, ms);
	}
}

static void ids_only_rise(void **state)
{
	(void)state;
	struct ident ident;
	int64_t now = IDENT_EPOCH_MS + 1000;
	ident_init(&ident, 3, 0);
	uint64_t last = 0;
	for (int i = 0; i < 50000;
	     i++) { /* more than one millisecond holds, and the clock goes back now and then */
		uint64_t id = ident_next(&ident, now - (i % 7 == 0 ? 500 : 0));
		assert_true(id > last);
		last = id;
	}
	assert_int_equal(last >> 14 & 255, 3);
	struct ident after;
	ident_init(&after, 0, last); /* another life, its clock behind */
	assert_true(ident_next(&after, now - 100000) > last);
	uint64_t id;
	assert_int_equal(ident_parse("0", &id), ERR_SYNTAX);
	assert_int_equal(ident_parse("", &id), ERR_SYNTAX);
	assert_int_equal(ident_parse("12x", &id), ERR_SYNTAX);
	assert_int_equal(ident_parse("9223372036854775808", &id), ERR_SYNTAX);
	assert_int_equal(ident_parse("9223372036854775807", &id), ERR_OK);
	assert_true(id == INT64_MAX);
}

static void utf8_is_strict(void **state)
{
	(void)state;
	static const char *const bad[] = {"\xC0\x80",
					  "\xC1\xBF",
					  "\xE0\x9F\xBF",
					  "\xED\xA0\x80",
					  "\xF4\x90\x80\x80",
					  "\xF8\x88\x80",
					  "\x80",
					  "\xE2\x82",
					  "a\xFF",
					  "\xF0\x8F\xBF\xBF"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
	assert_false(utf8_is_valid("a\0b", 3));
	struct buf buf = BUF_EMPTY;
	for (uint32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97)
		if (c < 0xD800 || c > 0xDFFF)
			utf8_add(&buf, c);
	assert_true(utf8_is_valid(buf.data, buf.len));
	const char *at = buf.data;
	for (uint32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97)
		if (c < 0xD800 || c > 0xDFFF)
			assert_int_equal(utf8_next(&at, buf.data + buf.len), c);
	assert_int_equal(utf8_next(&at, buf.data + buf.len), UTF8_END);
	buf_fini(&buf);
}

static void utf8_is_cut_between_characters(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t most, stays;
	} rows[] = {{"", 5, 0},         {"abc", 3, 3},        {"abcd", 3, 3},
		    {"ab\u00e9", 4, 4}, {"ab\u00e9", 3, 2},   {"\u20ac", 2, 0},
		    {"\u20acx", 3, 3},  {"a\U0001f600", 4, 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_cut(rows[i].text, rows[i].most), rows[i].stays);
}

struct letter {
	struct mail mail;
	int number;
};

enum { LETTERS = 5000 };

static void *post_letters(void *arg)
{
	struct mailbox *box = arg;
	for (int i = 0; i < LETTERS; i++) {
		struct letter *letter = MEM_NEW(struct letter);
		letter->number = i;
		mailbox_post(box, &letter->mail);
	}
	return NULL;
}

static void letters_arrive_in_order(void **state)
{
	(void)state;
	struct mailbox *box = mailbox_new();
	pthread_t thread;
	pthread_create(&thread, NULL, post_letters, box);
	for (int expected = 0; expected < LETTERS;) {
		struct mail *mail = mailbox_wait(box, 7);
		while (mail) {
			struct letter *letter = (struct letter *)mail;
			mail = mail->next;
			assert_int_equal(letter->number, expected++);
			mem_free(letter);
		}
	}
	pthread_join(thread, NULL);
	struct pollfd pfd = {.fd = mailbox_fd(box), .events = POLLIN};
	assert_int_equal(poll(&pfd, 1, 0), 0);
	struct letter one, two;
	assert_int_equal(mailbox_post_bounded(box, &one.mail, 1), ERR_OK);
	assert_int_equal(mailbox_post_bounded(box, &two.mail, 1), ERR_BUSY);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	assert_ptr_equal(mailbox_take(box), &one.mail);
	assert_null(mailbox_take(box));
	mailbox_free(&box);
}

struct sum {
	int in, out, done;
};

static void work(void *arg)
{
	struct sum *sum = arg;
	sum->out = sum->in * 2;
}

static void done(void *arg)
{
	((struct sum *)arg)->done = 1;
}

static void pool_works_and_comes_home(void **state)
{
	(void)state;
	struct mailbox *home = mailbox_new();
	struct pool *pool = pool_new(2, 100, home);
	struct sum sums[100];
	for (int i = 0; i < 100; i++) {
		sums[i] = (struct sum){.in = i};
		assert_int_equal(pool_run(pool, work, done, &sums[i]), ERR_OK);
	}
	pool_free(&pool);
	mailbox_run_all(home);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(sums[i].out, 2 * i);
		assert_int_equal(sums[i].done, 1);
	}
	mailbox_free(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_hands_out_apart),
		cmocka_unit_test(buf_grows),
		cmocka_unit_test(json_is_json),
		cmocka_unit_test(times_read_and_write),
		cmocka_unit_test(ids_only_rise),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(utf8_is_cut_between_characters),
		cmocka_unit_test(letters_arrive_in_order),
		cmocka_unit_test(pool_works_and_comes_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
