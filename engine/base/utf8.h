/* utf8.h - UTF-8 as of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Pure. */
#ifndef HB_BASE_UTF8_H
#define HB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* utf8_next - the code point at *at, which moves behind it. At end or at a broken sequence: UTF8_END, UTF8_BAD,
 * *at stays. */
#define UTF8_END UINT32_C(0xFFFFFFFF)
#define UTF8_BAD UINT32_C(0xFFFFFFFE)
uint32_t utf8_next(const char **at, const char *end);

/* utf8_is_valid - whole and without NUL. */
bool utf8_is_valid(const char *s, size_t len_bytes);

/* utf8_cut - how many bytes stay when a text is cut to so many at most, between characters. */
size_t utf8_cut(const char *text, size_t most_bytes);

void utf8_add(struct buf *buf, uint32_t code_point);

/* utf8_fold - the letter that stands for this one when case does not count (Unicode, one to one: "É" and "é", "Σ", "σ" and
 * "ς", but not "ß" and "ss"); accents count. The same on every machine, whatever its locale. */
uint32_t utf8_fold(uint32_t code_point);

#endif
