/* test_ascii_like.c - what stands for a character that no GSM alphabet has */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "model/ascii_like.h"
#include "plugin/gsm.h"

static const struct {
	uint32_t code_point;
	const char *like, *name;
} rows[] = {
	{0x2018, "'", "left single quote"},
	{0x2019, "'", "right single quote"},
	{0x201C, "\"", "left double quote"},
	{0x201D, "\"", "right double quote"},
	{0x2013, "-", "en dash"},
	{0x2014, "-", "em dash"},
	{0x2212, "-", "minus sign"},
	{0x2026, "...", "ellipsis"},
	{0xA0, " ", "no-break space"},
	{0x202F, " ", "narrow no-break space"},
	{0x200B, "", "zero-width space"},
	{0xFEFF, "", "byte order mark"},
	{0x2022, "-", "bullet"},
	{0xE1, "a", NULL},          /* á: the alphabet has à */
	{0xE7, "c", NULL},          /* ç: it has only Ç */
	{0xE3, "a", NULL},          /* ã */
	{0xF3, "o", NULL},          /* ó */
	{0x159, "r", NULL},         /* ř */
	{0x142, "l", NULL},         /* ł */
	{0x153, "oe", NULL},        /* œ */
	{0x1E9E, "\xC3\x9F", NULL}, /* ẞ: it has ß */
	{0x1EBF, "\xC3\xA9", NULL}, /* ế: it has é */
	{0x1EA7, "\xC3\xA0", NULL}, /* ầ: it has à */
	{0xFF21, "A", NULL},        /* Ａ */
	{0x2122, "(TM)", NULL},
	{0x1F600, NULL, NULL}, /* a face */
	{0x4E2D, NULL, NULL},
	{0x0431, NULL, NULL}, /* Cyrillic looks like Latin now and then, and is not */
	{'a', NULL, NULL},
	{0xE9, NULL, NULL}, /* é is in the alphabet */
	{0x20AC, NULL, NULL},
	{0, NULL, NULL},
	{0x110000, NULL, NULL},
	{UINT32_MAX, NULL, NULL},
};

static void assert_same(const char *got, const char *wanted)
{
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_same(ascii_like(rows[i].code_point), rows[i].like);
		assert_same(ascii_like_name(rows[i].code_point), rows[i].name);
	}
}

/* Whatever stands for something lies in the alphabet, a septet a character, and stands for nothing that is there already. */
static void test_all_fit(void **state)
{
	unsigned known = 0;
	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		struct gsm_segments segments;
		const char *like = ascii_like(c);
		if (!like)
			continue;
		known++;
		assert_int_equal(gsm_septets(c), 0);
		gsm_measure(like, strlen(like), &segments);
		assert_int_equal(segments.encoding, GSM_7BIT);
		assert_true(segments.units <= strlen(like));
		assert_true(strlen(like) <= 5);
	}
	assert_true(known > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
