/* charset.c - see charset.h */
#include "plugin/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "plugin/gsm.h"

const char *charset_clean(struct arena *arena, const char *bytes, size_t len,
			  size_t most, bool *was_mended_out)
{
	const char *at = bytes, *end = bytes + len;
	struct buf buf = BUF_EMPTY;
	for (;;) {
		uint32_t c = utf8_next(&at, end);
		if (c == UTF8_END || buf.len + 4 > most)
			break;
		if (c == UTF8_BAD)
			at++;
		if (c == UTF8_BAD || c == 0) {
			*was_mended_out = true;
			c = 0xFFFD;
		}
		utf8_add(&buf, c);
	}
	const char *text = arena_strndup(arena, buf_str(&buf), buf.len);
	buf_fini(&buf);
	return text;
}

/* Kannel's words for charsets that iconv calls otherwise. */
static const char *iconv_name(const char *charset)
{
	static const char *const names[][2] = {
		{"UCS-2", "UTF-16BE"},    {"UCS-2BE", "UTF-16BE"},
		{"UTF-16", "UTF-16BE"},   {"WIN-1252", "WINDOWS-1252"},
		{"LATIN1", "ISO-8859-1"}, {"LATIN-1", "ISO-8859-1"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(charset, names[i][0]) == 0)
			return names[i][1];
	return charset;
}

static bool is_gsm(const char *charset)
{
	static const char *const names[] = {"GSM",       "GSM-7",     "GSM0338",
					    "GSM-03.38", "GSM 03.38", "7-BIT"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(charset, names[i]) == 0)
			return true;
	return false;
}

/* bytes → UTF-8; a byte that is no text there becomes U+FFFD, so that a person sees the rest. */
static void convert(iconv_t cd, size_t unit_bytes, const char *bytes, size_t len,
		    struct buf *text, bool *was_mended_out)
{
	char *from = (char *)bytes; /* iconv's prototype; it does not write there */
	while (len > 0 && text->len < CHARSET_TEXT_MOST) {
		size_t room = 256;
		char *to = buf_reserve(text, room), *start = to;
		size_t rc = iconv(cd, &from, &len, &to, &room);
		buf_commit(text, (size_t)(to - start));
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		/* a wrong unit is skipped whole, half a one at the end too */
		size_t skip = len < unit_bytes ? len : unit_bytes;
		*was_mended_out = true;
		utf8_add(text, 0xFFFD);
		iconv(cd, NULL, NULL, NULL, NULL);
		from += skip;
		len -= skip;
	}
}

static const char *charset_of(const struct charset_bytes *in)
{
	if (in->charset && in->charset[0])
		return in->charset;
	return in->coding == CHARSET_UCS2 ? "UTF-16BE" : "UTF-8";
}

static bool is_utf8(const char *charset)
{
	return strcasecmp(charset, "UTF-8") == 0 || strcasecmp(charset, "UTF8") == 0;
}

/* A charset is a short word; iconv gives // a meaning. */
static enum err convert_by_name(const struct charset_bytes *in, const char *charset,
				struct buf *text, bool *was_mended_out)
{
	const char *name = iconv_name(charset);
	iconv_t cd = strchr(charset, '/') ? (iconv_t)-1 : iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return ERR_NOT_FOUND;
	size_t unit_bytes = strncasecmp(name, "UTF-16", 6) == 0 ? 2 : 1;
	convert(cd, unit_bytes, in->bytes, in->len_bytes, text, was_mended_out);
	iconv_close(cd);
	return ERR_OK;
}

enum err charset_decode(struct arena *arena, const struct charset_bytes *in,
			const char **text_out, bool *was_mended_out)
{
	const char *charset = charset_of(in);
	struct buf text = BUF_EMPTY;
	enum err err = ERR_OK;
	if (is_gsm(charset))
		gsm_decode(in->bytes, in->len_bytes, &text);
	else if (is_utf8(charset))
		buf_add(&text, in->bytes, in->len_bytes);
	else
		err = convert_by_name(in, charset, &text, was_mended_out);
	if (err == ERR_OK)
		*text_out = charset_clean(arena, buf_str(&text), text.len,
					  CHARSET_TEXT_MOST, was_mended_out);
	buf_fini(&text);
	return err;
}
