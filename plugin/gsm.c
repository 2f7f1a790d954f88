/* gsm.c - see gsm.h */
#include "plugin/gsm.h"

#include <stdbool.h>

#include "base/utf8.h"

enum { GSM_ESCAPE = 0x1B, REPLACEMENT = 0xFFFD };

/* Ref: 3GPP TS 23.038 6.2.1; the escape itself is no character. */
static const uint16_t basic_table[128] = {
	'@',   0xA3,  '$',   0xA5,  0xE8,  0xE9,  0xF9,  0xEC,  /* 00 */
	0xF2,  0xC7,  '\n',  0xD8,  0xF8,  '\r',  0xC5,  0xE5,  /* 08 */
	0x394, '_',   0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, /* 10 */
	0x3A3, 0x398, 0x39E, 0,     0xC6,  0xE6,  0xDF,  0xC9,  /* 18 */
	' ',   '!',   '"',   '#',   0xA4,  '%',   '&',   '\'',  /* 20 */
	'(',   ')',   '*',   '+',   ',',   '-',   '.',   '/',   /* 28 */
	'0',   '1',   '2',   '3',   '4',   '5',   '6',   '7',   /* 30 */
	'8',   '9',   ':',   ';',   '<',   '=',   '>',   '?',   /* 38 */
	0xA1,  'A',   'B',   'C',   'D',   'E',   'F',   'G',   /* 40 */
	'H',   'I',   'J',   'K',   'L',   'M',   'N',   'O',   /* 48 */
	'P',   'Q',   'R',   'S',   'T',   'U',   'V',   'W',   /* 50 */
	'X',   'Y',   'Z',   0xC4,  0xD6,  0xD1,  0xDC,  0xA7,  /* 58 */
	0xBF,  'a',   'b',   'c',   'd',   'e',   'f',   'g',   /* 60 */
	'h',   'i',   'j',   'k',   'l',   'm',   'n',   'o',   /* 68 */
	'p',   'q',   'r',   's',   't',   'u',   'v',   'w',   /* 70 */
	'x',   'y',   'z',   0xE4,  0xF6,  0xF1,  0xFC,  0xE0,  /* 78 */
};

/* Ref: 3GPP TS 23.038 6.2.1.1 */
static const struct extension {
	uint8_t septet;
	uint16_t code_point;
} extension_table[] = {
	{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
	{0x3C, '['},  {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC},
};

enum { EXTENSIONS = sizeof(extension_table) / sizeof(extension_table[0]) };

/* The septet of a character, with 0x80 set when it stands behind an escape; -1: foreign. */
static int find_septet(uint32_t c)
{
	if (c == 0)
		return -1;
	/* most letters and digits stand where ASCII has them */
	if (c < 128 && basic_table[c] == c)
		return (int)c;
	for (int i = 0; i < EXTENSIONS; i++)
		if (extension_table[i].code_point == c)
			return extension_table[i].septet | 0x80;
	for (int i = 0; i < 128; i++)
		if (basic_table[i] == c)
			return i;
	return -1;
}

unsigned gsm_septets(uint32_t code_point)
{
	int septet = find_septet(code_point);
	return septet < 0 ? 0 : septet & 0x80 ? 2 : 1;
}

const char *gsm_encoding_name(enum gsm_encoding encoding)
{
	return encoding == GSM_7BIT ? "GSM-7" : "UCS-2";
}

/* What one pass over the text finds, for both encodings at once. */
struct tally {
	unsigned septets; /* all, escapes included */
	unsigned parts,
		used; /* GSM-7 in parts of 153: how many, and how full the last one is */
	unsigned utf16;
};

static void count_septets(struct tally *tally, unsigned septets)
{
	tally->septets += septets;
	if (tally->parts == 0 || tally->used + septets > GSM_7BIT_PART) {
		tally->parts++;
		tally->used = 0;
	}
	tally->used += septets;
}

static void note_foreign(struct gsm_segments *out, uint32_t c, size_t at_bytes)
{
	for (unsigned i = 0; i < out->foreign_count; i++)
		if (out->foreign[i].code_point == c)
			return;
	if (out->foreign_count < GSM_FOREIGN_MOST)
		out->foreign[out->foreign_count++] = (struct gsm_foreign){c, at_bytes};
}

static uint32_t next_char(const char **at, const char *end)
{
	uint32_t c = utf8_next(at, end);
	if (c != UTF8_BAD)
		return c;
	(*at)++;
	return REPLACEMENT;
}

static void finish_7bit(struct gsm_segments *out, const struct tally *tally)
{
	out->encoding = GSM_7BIT;
	out->units = tally->septets;
	if (tally->septets <= GSM_7BIT_SINGLE) {
		out->count = tally->septets > 0;
		out->left = GSM_7BIT_SINGLE - tally->septets;
	} else {
		out->count = tally->parts;
		out->left = GSM_7BIT_PART - tally->used;
	}
}

static void finish_ucs2(struct gsm_segments *out, const struct tally *tally)
{
	out->encoding = GSM_UCS2;
	out->units = tally->utf16;
	if (tally->utf16 <= GSM_UCS2_SINGLE) {
		out->count = 1;
		out->left = GSM_UCS2_SINGLE - tally->utf16;
	} else {
		out->count = (tally->utf16 + GSM_UCS2_PART - 1) / GSM_UCS2_PART;
		out->left = out->count * GSM_UCS2_PART - tally->utf16;
	}
}

void gsm_measure(const char *text, size_t len_bytes, struct gsm_segments *segments_out)
{
	const char *at = text, *end = text + len_bytes;
	struct tally tally = {0};
	*segments_out = (struct gsm_segments){0};
	for (;;) {
		size_t at_bytes = (size_t)(at - text);
		uint32_t c = next_char(&at, end);
		if (c == UTF8_END)
			break;
		unsigned septets = gsm_septets(c);
		if (septets)
			count_septets(&tally, septets);
		else
			note_foreign(segments_out, c, at_bytes);
		tally.utf16 += c > 0xFFFF ? 2 : 1;
	}
	if (segments_out->foreign_count)
		finish_ucs2(segments_out, &tally);
	else
		finish_7bit(segments_out, &tally);
}

enum err gsm_encode(const char *text, size_t len_bytes, struct buf *septets_out)
{
	const char *at = text, *end = text + len_bytes;
	uint32_t c;
	while ((c = next_char(&at, end)) != UTF8_END) {
		int septet = find_septet(c);
		if (septet < 0)
			return ERR_INVALID;
		if (septet & 0x80)
			buf_add_char(septets_out, GSM_ESCAPE);
		buf_add_char(septets_out, (char)(septet & 0x7F));
	}
	return ERR_OK;
}

static uint32_t find_extension(unsigned char septet)
{
	for (int i = 0; i < EXTENSIONS; i++)
		if (extension_table[i].septet == septet)
			return extension_table[i].code_point;
	return septet < 128 ? basic_table[septet] : REPLACEMENT;
}

void gsm_decode(const char *septets, size_t len_bytes, struct buf *utf8_out)
{
	bool escaped = false;
	for (size_t i = 0; i < len_bytes; i++) {
		unsigned char septet = (unsigned char)septets[i];
		if (septet == GSM_ESCAPE) {
			/* two in a row are reserved for a further table: a space */
			if (escaped)
				utf8_add(utf8_out, ' ');
			escaped = !escaped;
			continue;
		}
		uint32_t c = septet < 128 ? basic_table[septet] : REPLACEMENT;
		utf8_add(utf8_out, escaped ? find_extension(septet) : c);
		escaped = false;
	}
	if (escaped)
		utf8_add(utf8_out, ' ');
}
