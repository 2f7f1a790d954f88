/* test_gsm.c - the alphabet in both directions, and segments to the character */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "plugin/gsm.h"

/* "a160" = 160 times a; "^2" two escapes; parts are put together in order. Keys: a plain, e extension (^), u é-like
 * foreign letter (U+0101), p a character outside the BMP. */
static void build(const char *recipe, struct buf *text)
{
	while (*recipe) {
		char what = *recipe++;
		unsigned count = 0;
		for (; *recipe >= '0' && *recipe <= '9'; recipe++)
			count = count * 10 + (unsigned)(*recipe - '0');
		for (unsigned i = 0; i < count; i++)
			utf8_add(text, what == 'a'   ? 'a'
				       : what == 'e' ? '^'
				       : what == 'u' ? 0x101
						     : 0x1F600);
	}
}

static const struct {
	const char *recipe;
	enum gsm_encoding encoding;
	unsigned count, units, left;
} lengths[] = {
	{"", GSM_7BIT, 0, 0, 160},
	{"a1", GSM_7BIT, 1, 1, 159},
	{"a160", GSM_7BIT, 1, 160, 0},
	{"a161", GSM_7BIT, 2, 161, 145},
	{"a306", GSM_7BIT, 2, 306, 0},
	{"a307", GSM_7BIT, 3, 307, 152},
	{"e80", GSM_7BIT, 1, 160, 0},
	{"e81", GSM_7BIT, 2, 162,
	 143}, /* 76 pairs in 153, one septet lost; 5 pairs follow */
	{"a152e1a153", GSM_7BIT, 3, 307, 151}, /* the pair does not fit behind 152 */
	{"a151e1a153", GSM_7BIT, 2, 306, 0},
	{"a159e1", GSM_7BIT, 2, 161, 145},
	{"a158e1", GSM_7BIT, 1, 160, 0},
	{"a152e1a151", GSM_7BIT, 2, 305, 0},
	{"u1", GSM_UCS2, 1, 1, 69},
	{"u70", GSM_UCS2, 1, 70, 0},
	{"u71", GSM_UCS2, 2, 71, 63},
	{"u134", GSM_UCS2, 2, 134, 0},
	{"u135", GSM_UCS2, 3, 135, 66},
	{"p35", GSM_UCS2, 1, 70, 0},
	{"p36", GSM_UCS2, 2, 72, 62},
	{"p67", GSM_UCS2, 2, 134, 0}, /* Kannel cuts by octets, through the pair */
	{"a66p1a67", GSM_UCS2, 3, 135, 66},
	{"e70u1", GSM_UCS2, 2, 71, 63}, /* extension characters are one unit in UCS-2 */
};

static void test_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf text = BUF_EMPTY;
		struct gsm_segments got;
		build(lengths[i].recipe, &text);
		gsm_measure(buf_str(&text), text.len, &got);
		if (got.encoding != lengths[i].encoding ||
		    got.count != lengths[i].count || got.units != lengths[i].units ||
		    got.left != lengths[i].left)
			fail_msg("%s: %s %u segments, %u units, %u left",
				 lengths[i].recipe, gsm_encoding_name(got.encoding),
				 got.count, got.units, got.left);
		buf_fini(&text);
	}
}

/* A greedy split of septets, done anew and plainly: the oracle for every mix of plain and extension characters. */
static unsigned split_plainly(const unsigned char *sizes, unsigned count)
{
	unsigned total = 0, parts = 1, used = 0;
	for (unsigned i = 0; i < count; i++)
		total += sizes[i];
	if (total <= 160)
		return count > 0;
	for (unsigned i = 0; i < count; i++) {
		if (used + sizes[i] > 153)
			parts++, used = 0;
		used += sizes[i];
	}
	return parts;
}

static void test_mixes(void **state)
{
	unsigned seed = 7;
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct buf text = BUF_EMPTY;
		struct gsm_segments got;
		unsigned char sizes[700];
		unsigned count = 130 + round % 500;
		for (unsigned i = 0; i < count; i++) {
			seed = seed * 1103515245 + 12345;
			sizes[i] = (seed >> 16) % 5 == 0 ? 2 : 1;
			buf_add_char(&text, sizes[i] == 2 ? '{' : 'x');
		}
		gsm_measure(buf_str(&text), text.len, &got);
		assert_int_equal(got.count, split_plainly(sizes, count));
		buf_fini(&text);
	}
}

static void test_alphabet_both_ways(void **state)
{
	(void)state;
	unsigned found = 0, extended = 0;
	for (uint32_t c = 1; c < 0x3000; c++) {
		struct buf text = BUF_EMPTY, septets = BUF_EMPTY, back = BUF_EMPTY;
		unsigned size = gsm_septets(c);
		utf8_add(&text, c);
		enum err err = gsm_encode(buf_str(&text), text.len, &septets);
		assert_int_equal(err, size ? ERR_OK : ERR_INVALID);
		assert_int_equal(septets.len, size);
		gsm_decode(buf_str(&septets), septets.len, &back);
		if (size)
			assert_string_equal(buf_str(&back), buf_str(&text));
		found += size > 0;
		extended += size == 2;
		buf_fini(&text), buf_fini(&septets), buf_fini(&back);
	}
	assert_int_equal(found, 127 + 10);
	assert_int_equal(extended, 10);
}

static void test_foreign(void **state)
{
	(void)state;
	/* capital C with cedilla is in the alphabet, the small one is not; typographic quotes are not */
	const char *text = "Ç “ça” ç €";
	struct gsm_segments got;
	gsm_measure(text, strlen(text), &got);
	assert_int_equal(got.encoding, GSM_UCS2);
	assert_int_equal(got.foreign_count, 3);
	assert_int_equal(got.foreign[0].code_point, 0x201C);
	assert_int_equal(got.foreign[0].at_bytes, 3);
	assert_int_equal(got.foreign[1].code_point, 0xE7);
	assert_int_equal(got.foreign[1].at_bytes, 6);
	assert_int_equal(got.foreign[2].code_point, 0x201D);

	struct buf many = BUF_EMPTY;
	for (uint32_t c = 0x400; c < 0x450; c++)
		utf8_add(&many, c);
	gsm_measure(buf_str(&many), many.len, &got);
	assert_int_equal(got.foreign_count, GSM_FOREIGN_MOST);
	assert_int_equal(got.units, 0x50);
	buf_fini(&many);
}

static void test_decode_oddities(void **state)
{
	(void)state;
	static const struct {
		const char *septets;
		size_t len;
		const char *text;
	} cases[] = {
		{"\x1b", 1, " "},
		{"\x1b\x1b", 2, " "},
		{"\x1b"
		 "A",
		 2, "A"},
		{"\x1b"
		 "e",
		 2, "€"},
		{"\0\x11", 2, "@_"},
		{"\xff", 1, "\xEF\xBF\xBD"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = BUF_EMPTY;
		gsm_decode(cases[i].septets, cases[i].len, &text);
		assert_string_equal(buf_str(&text), cases[i].text);
		buf_fini(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_mixes),
		cmocka_unit_test(test_alphabet_both_ways),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_decode_oddities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
