/* test_sender.c - which number a text goes out from, and how fast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/sender.h"

static const struct sender ours[] = {
	{"222", "two", 0},
	{"+333", NULL, 5},
	{"SHOP", "shop", 0},
};
static const struct policy sticky = {.sender = "111",
				     .smsc = "one",
				     .senders = ours,
				     .sender_count = 3,
				     .is_sender_sticky = true};
static const struct policy loose = {
	.sender = "111", .smsc = "one", .senders = ours, .sender_count = 3};
static const struct policy single = {.sender = "111", .is_sender_sticky = true};
static const struct policy none = {
	.is_sender_sticky = true, .senders = ours, .sender_count = 1};

static void the_first_that_is_there(void **state)
{
	(void)state;
	static const struct {
		const struct policy *policy;
		struct sender_choice wanted;
		const char *thread, *number, *smsc;
	} rows[] = {
		/* the workflow's, whatever the thread */
		{&sticky, {"999", "nine"}, "222", "999", "nine"},
		{&sticky, {"999", NULL}, "222", "999", "one"},
		{&sticky, {"222", NULL}, NULL, "222", "two"},
		{&sticky, {"+222", "nine"}, NULL, "+222", "nine"},
		/* the thread's, as the configuration writes it */
		{&sticky, {NULL, NULL}, "222", "222", "two"},
		{&sticky, {NULL, NULL}, "333", "+333", "one"},
		{&sticky, {NULL, NULL}, "00333", "+333", "one"},
		{&sticky, {NULL, NULL}, "SHOP", "SHOP", "shop"},
		{&sticky, {NULL, "nine"}, "222", "222", "nine"},
		{&sticky, {NULL, NULL}, "+111", "111", "one"},
		/* not one of ours any more, no thread, not wanted */
		{&sticky, {NULL, NULL}, "444", "111", "one"},
		{&sticky, {NULL, NULL}, NULL, "111", "one"},
		{&loose, {NULL, NULL}, "222", "111", "one"},
		{&single, {NULL, NULL}, "222", "111", NULL},
		{&none, {NULL, NULL}, NULL, NULL, NULL},
		{&none, {NULL, NULL}, "222", "222", "two"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sender_choice is =
			sender_choose(rows[i].policy, &rows[i].wanted, rows[i].thread);
		if (rows[i].number)
			assert_string_equal(is.number, rows[i].number);
		else
			assert_null(is.number);
		if (rows[i].smsc)
			assert_string_equal(is.smsc, rows[i].smsc);
		else
			assert_null(is.smsc);
	}
	assert_true(sender_is_sticky(&sticky));
	assert_false(sender_is_sticky(&loose));
	assert_false(sender_is_sticky(&single));
	assert_string_equal(sender_paced(&sticky, "333"), "+333");
	assert_null(sender_paced(&sticky, "222"));
	assert_null(sender_paced(&sticky, NULL));
}

/* Takes all there is room for, looking again every step_us, for three seconds: no second sees more than the rate. */
static void paced(unsigned rate, int64_t step_us)
{
	enum { MOST = 200000 };
	static int64_t at[MOST];
	const struct sender sender = {"1", NULL, rate};
	struct sender_pace pace = {0};
	size_t count = 0, first = 0;
	for (int64_t now = 5000000; now < 8000000; now += step_us)
		for (unsigned room = sender_room(&sender, &pace, now); room; room--) {
			sender_take(&sender, &pace, now);
			at[count++] = now;
			while (at[first] <= now - 1000000)
				first++;
			assert_true(count - first <= rate);
		}
	assert_true(step_us > 5000 || count >= 3 * rate * 9 / 10);
}

static void no_second_sees_more_than_the_rate(void **state)
{
	(void)state;
	static const unsigned rates[] = {1, 2, 5, 19, 20, 21, 100, 500, 10000};
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		paced(rates[i], 100);
		paced(rates[i], 5000);
		paced(rates[i], 33333); /* a loop that comes late */
	}
}

static void room_comes_when_it_was_said(void **state)
{
	(void)state;
	const struct sender sender = {"1", NULL, 40};
	struct sender_pace pace = {0};
	int64_t now = 1000000;
	assert_int_equal(sender_room(&sender, &pace, now), 3);
	for (unsigned i = 0; i < 3; i++)
		sender_take(&sender, &pace, now);
	assert_int_equal(sender_room(&sender, &pace, now), 0);
	int64_t next = sender_next_us(&sender, &pace);
	assert_true(next > now);
	assert_int_equal(sender_room(&sender, &pace, next - 1), 0);
	assert_int_equal(sender_room(&sender, &pace, next), 1);
	assert_int_equal(sender_room(&sender, &pace, next + 10000000),
			 3); /* it does not save up */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_is_there),
		cmocka_unit_test(no_second_sees_more_than_the_rate),
		cmocka_unit_test(room_comes_when_it_was_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
