/* word_fold.c - see word_fold.h */
#include "model/word_fold.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}
#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof(ranges[0]), c)

/* What may stand inside a word and is not said: apostrophes, accents on their own, what has no width. */
static const struct range silent[] = {
	{'\'', '\''},     {'`', '`'},       {0xAD, 0xAD},     {0xB4, 0xB4},
	{0x2B9, 0x2BF},   {0x300, 0x36F},   {0x200B, 0x200F}, {0x2018, 0x201B},
	{0x2032, 0x2032}, {0x2060, 0x2064}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
};

/* What is no letter, above ASCII. */
static const struct range signs[] = {
	{0x80, 0xA9},        {0xAB, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},
	{0xF7, 0xF7},        {0x60C, 0x60C},   {0x61B, 0x61B},   {0x61F, 0x61F},
	{0x6D4, 0x6D4},      {0x2000, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x303F},
	{0xD800, 0xF8FF},    {0xFE10, 0xFE6F}, {0xFF00, 0xFF0F}, {0xFF1A, 0xFF20},
	{0xFF3B, 0xFF40},    {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF},
	{0xE0000, 0x10FFFF},
};

/* Small letters and what they are without their accents. */
static const struct {
	uint32_t first, last;
	const char *plain;
} accents[] = {
	{0xE0, 0xE5, "a"},        {0xE6, 0xE6, "ae"},       {0xE7, 0xE7, "c"},
	{0xE8, 0xEB, "e"},        {0xEC, 0xEF, "i"},        {0xF0, 0xF0, "d"},
	{0xF1, 0xF1, "n"},        {0xF2, 0xF6, "o"},        {0xF8, 0xF8, "o"},
	{0xF9, 0xFC, "u"},        {0xFD, 0xFD, "y"},        {0xFE, 0xFE, "th"},
	{0xFF, 0xFF, "y"},        {0xDF, 0xDF, "ss"},       {0xAA, 0xAA, "a"},
	{0xBA, 0xBA, "o"},        {0x100, 0x105, "a"},      {0x106, 0x10D, "c"},
	{0x10E, 0x111, "d"},      {0x112, 0x11B, "e"},      {0x11C, 0x123, "g"},
	{0x124, 0x127, "h"},      {0x128, 0x131, "i"},      {0x134, 0x135, "j"},
	{0x136, 0x138, "k"},      {0x139, 0x142, "l"},      {0x143, 0x14B, "n"},
	{0x14C, 0x151, "o"},      {0x152, 0x153, "oe"},     {0x154, 0x159, "r"},
	{0x15A, 0x161, "s"},      {0x162, 0x167, "t"},      {0x168, 0x173, "u"},
	{0x174, 0x175, "w"},      {0x176, 0x178, "y"},      {0x179, 0x17E, "z"},
	{0x218, 0x219, "s"},      {0x21A, 0x21B, "t"},      {0x1E9E, 0x1E9E, "ss"},
	{0x3AC, 0x3AC, "\u03b1"}, {0x3AD, 0x3AD, "\u03b5"}, {0x3AE, 0x3AE, "\u03b7"},
	{0x3AF, 0x3AF, "\u03b9"}, {0x3CC, 0x3CC, "\u03bf"}, {0x3CD, 0x3CD, "\u03c5"},
	{0x3CE, 0x3CE, "\u03c9"}, {0x451, 0x451, "\u0435"}, {0x439, 0x439, "\u0438"},
};

static bool is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
	return !IS_IN(signs, c);
}

static enum word_end end_of(uint32_t c)
{
	if (c == '\n' || c == '\r' || (c < 0x80 && c && strchr(".!?;:|", (int)c)))
		return WORD_ENDS_SENTENCE;
	if (c < 0x80)
		return c && strchr(",-()[]/", (int)c) ? WORD_ENDS_PART : WORD_GOES_ON;
	switch (c) {
	case 0x2026: /* … */
	case 0x3002: /* 。 */
	case 0xFF01: /* ！ */
	case 0xFF0E: /* ． */
	case 0xFF1F: /* ？ */
	case 0x61F:  /* ؟ */
	case 0xA1:   /* ¡ */
	case 0xBF:   /* ¿ */
		return WORD_ENDS_SENTENCE;
	case 0x2013: /* – */
	case 0x2014: /* — */
	case 0x3001: /* 、 */
	case 0x60C:  /* ، */
		return WORD_ENDS_PART;
	default:
		return WORD_GOES_ON;
	}
}

static void add_letter(struct buf *word, uint32_t c)
{
	for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++)
		if (c >= accents[i].first && c <= accents[i].last) {
			buf_add_str(word, accents[i].plain);
			return;
		}
	utf8_add(word, c);
}

/* Letters of full width are those of ASCII, set apart. */
static uint32_t narrow(uint32_t c)
{
	return c >= 0xFF10 && c <= 0xFF5A && !IS_IN(signs, c) ? c - 0xFEE0 : c;
}

size_t word_fold_text(struct arena *arena, const char *text, size_t len_bytes,
		      struct word_fold *words, size_t most)
{
	const char *at = text, *end = text + len_bytes;
	struct buf word = BUF_EMPTY;
	size_t count = 0;
	for (uint32_t c = 0; c != UTF8_END && count < most;) {
		c = utf8_next(&at, end);
		if (c == UTF8_BAD)
			at++;
		uint32_t letter = c < UTF8_BAD ? utf8_fold(narrow(c)) : ' ';
		if (letter < 0x80 && is_letter(letter)) {
			buf_add_char(&word, (char)letter);
			continue;
		}
		if (IS_IN(silent, letter))
			continue;
		if (is_letter(letter)) {
			add_letter(&word, letter);
			continue;
		}
		if (word.len)
			words[count++] = (struct word_fold){
				arena_strndup(arena, word.data, word.len),
				WORD_GOES_ON};
		buf_clear(&word);
		enum word_end sign = end_of(c);
		if (count && sign > words[count - 1].end)
			words[count - 1].end = sign;
	}
	buf_fini(&word);
	return count;
}
