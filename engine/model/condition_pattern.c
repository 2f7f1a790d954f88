/* condition_pattern.c - see condition_pattern.h */
#include "model/condition_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* struct pattern is PCRE2's own; the name keeps its header in this file */
static pcre2_code *code_of(const struct pattern *pattern)
{
	return (pcre2_code *)pattern;
}

/* what one thread needs to match: nothing of it is per pattern, only the whole match is asked for */
struct scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static pthread_key_t scratch_key;

static void scratch_free(void *arg)
{
	struct scratch *scratch = arg;
	pcre2_match_data_free(scratch->data);
	pcre2_match_context_free(scratch->context);
	mem_free(scratch);
}

static void scratch_key_make(void)
{
	if (pthread_key_create(&scratch_key, scratch_free) != 0)
		abort();
}

static struct scratch *scratch_get(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, scratch_key_make);
	struct scratch *scratch = pthread_getspecific(scratch_key);
	if (scratch)
		return scratch;
	scratch = MEM_NEW(struct scratch);
	scratch->data = pcre2_match_data_create(1, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	if (!scratch->data || !scratch->context ||
	    pthread_setspecific(scratch_key, scratch) != 0)
		abort();
	pcre2_set_match_limit(scratch->context, PATTERN_EFFORT_MAX);
	pcre2_set_heap_limit(scratch->context, PATTERN_MEMORY_MAX_KIB);
	return scratch;
}

enum err pattern_compile(struct arena *arena, const char *text,
			 struct pattern **pattern_out, const char **why_out)
{
	size_t len = strlen(text);
	if (len > PATTERN_TEXT_MAX) {
		*why_out = arena_printf(
			arena, "The pattern has %zu bytes; it may have at most %d.",
			len, PATTERN_TEXT_MAX);
		return ERR_SYNTAX;
	}
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)text, len,
			      PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED |
				      PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C,
			      &error, &offset, NULL);
	if (!code) {
		PCRE2_UCHAR said[256];
		pcre2_get_error_message(error, said, sizeof(said));
		size_t character = 1;
		for (size_t i = 0; i < offset; i++)
			character += ((unsigned char)text[i] & 0xC0) != 0x80;
		*why_out = arena_printf(
			arena, "The pattern is wrong at its character %zu: %s.",
			character, (const char *)said);
		return ERR_SYNTAX;
	}
	*pattern_out = (struct pattern *)code;
	return ERR_OK;
}

void pattern_free(struct pattern **pattern)
{
	pcre2_code_free(code_of(*pattern));
	*pattern = NULL;
}

enum pattern_answer pattern_match(const struct pattern *pattern, const char *value)
{
	struct scratch *scratch = scratch_get();
	int count = pcre2_match(code_of(pattern), (PCRE2_SPTR)value, strlen(value), 0,
				0, scratch->data, scratch->context);
	if (count >= 0)
		return PATTERN_YES;
	return count == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TOO_MUCH;
}
