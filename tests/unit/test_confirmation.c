/* test_confirmation.c - the one text that may go to a number that has opted out: each condition by itself closes the way */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/confirmation.h"

#define AT INT64_C(1800000000000)

static struct confirmation good(void)
{
	return (struct confirmation){.task_consent_id = 7,
				     .consent_id = 7,
				     .is_opted_out = true,
				     .is_own = true,
				     .opted_out_at = AT,
				     .now = AT,
				     .text_is_untouched = true};
}

#define CLOSED(member, value)                               \
	do {                                                \
		struct confirmation closed = good();        \
		closed.member = value;                      \
		assert_false(confirmation_may_go(&closed)); \
	} while (0)

static void test_each_closes(void **state)
{
	const struct confirmation c = good();
	(void)state;
	assert_true(confirmation_may_go(&c));
	CLOSED(task_consent_id, 0);
	CLOSED(task_consent_id, 8);
	CLOSED(consent_id, 0);
	CLOSED(consent_id, 8);
	CLOSED(is_opted_out, false);
	CLOSED(is_own, false);
	CLOSED(text_is_untouched, false);
	CLOSED(was_handed_over, true);
	CLOSED(now, AT - 1);
	CLOSED(now, AT + CONFIRMATION_GO_MS);
	CLOSED(now, INT64_MAX);
}

static void test_nothing_is_no_confirmation(void **state)
{
	const struct confirmation none = {.is_opted_out = true,
					  .is_own = true,
					  .text_is_untouched = true,
					  .opted_out_at = AT,
					  .now = AT};
	(void)state;
	assert_false(confirmation_may_go(&none));
}

static void test_to_the_millisecond(void **state)
{
	struct confirmation c = good();
	(void)state;
	c.now = AT + CONFIRMATION_GO_MS - 1;
	assert_true(confirmation_may_go(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_closes),
		cmocka_unit_test(test_nothing_is_no_confirmation),
		cmocka_unit_test(test_to_the_millisecond),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
