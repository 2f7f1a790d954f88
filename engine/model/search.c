/* search.c - see search.h */
#include "model/search.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { DIGITS_LEAST = 2 };

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len; --i > 0; c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)((0xf00 >> len) | c);
	return len;
}

/* Into room of size bytes, at least 5; what does not fit is left out. false: broken
 * UTF-8. */
static bool fold(const char *text, char *folded, size_t size)
{
	const char *end = text + strlen(text);
	size_t len = 0;
	for (;;) {
		uint32_t c = utf8_next(&text, end);
		if (c == UTF8_BAD)
			return false;
		if (c == UTF8_END || len + 5 > size)
			break;
		len += put_utf8(folded + len, utf8_fold(c));
	}
	folded[len] = '\0';
	return true;
}

/* The digits alone; false: something else than the signs of a number is in it. */
static bool digits_of(const char *text, char *digits, size_t size)
{
	size_t len = 0;
	for (; *text && len + 1 < size; text++) {
		if (*text >= '0' && *text <= '9')
			digits[len++] = *text;
		else if (!strchr(" +-()./", *text))
			return false;
	}
	digits[len] = '\0';
	return true;
}

void search_init(struct search *search_out, struct arena *arena, const char *q)
{
	q += strspn(q, " \t\r\n");
	size_t size = strlen(q) * 2 +
		      5; /* a small letter may take more bytes than its capital */
	char *folded = arena_alloc(arena, size), *digits = arena_alloc(arena, size);
	if (!fold(q, folded, size))
		strcpy(folded, q);
	size_t len = strlen(folded);
	while (len > 0 && strchr(" \t\r\n", folded[len - 1]))
		folded[--len] = '\0';
	bool is_number = digits_of(q, digits, size) && strlen(digits) >= DIGITS_LEAST;
	*search_out =
		(struct search){.folded = folded, .digits = is_number ? digits : NULL};
}

const char *search_fold(struct arena *arena, const char *text)
{
	char folded[SEARCH_TEXT_BYTES];
	return text && fold(text, folded, sizeof(folded)) ? arena_strdup(arena, folded)
							  : NULL;
}

const char *search_digits(struct arena *arena, const char *text)
{
	char digits[SEARCH_TEXT_BYTES];
	return text && digits_of(text, digits, sizeof(digits))
		       ? arena_strdup(arena, digits)
		       : NULL;
}

bool search_finds(const struct search *search, const char *text)
{
	char folded[SEARCH_TEXT_BYTES];
	return text && fold(text, folded, sizeof(folded)) &&
	       strstr(folded, search->folded) != NULL;
}

bool search_finds_number(const struct search *search, const char *text)
{
	char digits[SEARCH_TEXT_BYTES];
	return search->digits && text && digits_of(text, digits, sizeof(digits)) &&
	       strstr(digits, search->digits) != NULL;
}

bool search_finds_person(const struct search *search, const char *first_name,
			 const char *last_name, const char *phone,
			 const char *phone_e164)
{
	char name[SEARCH_TEXT_BYTES];
	int len = snprintf(name, sizeof(name), "%s %s", first_name ? first_name : "",
			   last_name ? last_name : "");
	return (len < (int)sizeof(name) && search_finds(search, name)) ||
	       search_finds(search, phone) || search_finds_number(search, phone_e164) ||
	       search_finds_number(search, phone);
}
