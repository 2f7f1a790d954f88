/* utf8.c - see utf8.h */
#include "base/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

uint32_t utf8_next(const char **at, const char *end)
{
	if (*at >= end)
		return UTF8_END;
	const unsigned char *s = (const unsigned char *)*at;
	uint32_t c = s[0], least;
	unsigned more;
	if (c < 0x80) {
		(*at)++;
		return c;
	}
	if (c >= 0xC2 && c <= 0xDF) {
		more = 1, least = 0x80, c &= 0x1F;
	} else if (c >= 0xE0 && c <= 0xEF) {
		more = 2, least = 0x800, c &= 0x0F;
	} else if (c >= 0xF0 && c <= 0xF4) {
		more = 3, least = 0x10000, c &= 0x07;
	} else {
		return UTF8_BAD;
	}
	if ((size_t)(end - *at) <= more)
		return UTF8_BAD;
	for (unsigned i = 1; i <= more; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return UTF8_BAD;
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return UTF8_BAD;
	*at += more + 1;
	return c;
}

bool utf8_is_valid(const char *s, size_t len_bytes)
{
	const char *end = s + len_bytes;
	uint32_t c;
	while ((c = utf8_next(&s, end)) != UTF8_END)
		if (c == UTF8_BAD || c == 0)
			return false;
	return true;
}

void utf8_add(struct buf *buf, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(buf, (char)c);
	} else if (c < 0x800) {
		buf_add_char(buf, (char)(0xC0 | c >> 6));
		buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		buf_add_char(buf, (char)(0xE0 | c >> 12));
		buf_add_char(buf, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
	} else {
		buf_add_char(buf, (char)(0xF0 | c >> 18));
		buf_add_char(buf, (char)(0x80 | (c >> 12 & 0x3F)));
		buf_add_char(buf, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
	}
}

/* the C.UTF-8 locale maps letters the same way on every machine */
static locale_t letters;

static void letters_open(void)
{
	letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

size_t utf8_cut(const char *text, size_t most_bytes)
{
	size_t len = strnlen(text, most_bytes + 1);
	if (len <= most_bytes)
		return len;
	len = most_bytes;
	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

uint32_t utf8_fold(uint32_t c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	pthread_once(&once, letters_open);
	if (!letters)
		return c;
	/* by way of the capital: two small letters of one capital (σ, ς) are the same */
	return (uint32_t)towlower_l(towupper_l((wint_t)c, letters), letters);
}
