/* test_seal.c - what is kept for one caller opens with that caller's word and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "core/seal.h"

static void only_the_word_opens(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{}", "{\"secret\":\"hb_x\"}"};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *kept = seal_close(arena, "shell:0 k1", texts[i]);
		assert_string_equal(seal_open(arena, "shell:0 k1", kept), texts[i]);
		assert_null(seal_open(arena, "shell:0 k2", kept));
		assert_string_not_equal(kept,
					seal_close(arena, "shell:0 k1", texts[i]));
		char *changed = arena_strdup(arena, kept);
		changed[strlen(changed) / 2] ^= 1;
		assert_null(seal_open(arena, "shell:0 k1", changed));
		changed[strlen(changed) / 2] = '\0';
		assert_null(seal_open(arena, "shell:0 k1", changed));
	}
	assert_null(seal_open(arena, "shell:0 k1", ""));
	assert_null(seal_open(arena, "shell:0 k1", "{}"));
	assert_string_equal(seal_name(arena, "k1"), seal_name(arena, "k1"));
	assert_string_not_equal(seal_name(arena, "k1"), seal_name(arena, "k2"));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_word_opens),
	};
	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
