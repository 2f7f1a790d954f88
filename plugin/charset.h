/* charset.h - the bytes of an inbound text as the text that a person reads.
 *
 *	const struct charset_bytes in = {bytes, len, "UTF-16BE", CHARSET_UCS2};
 *	err = charset_decode(arena, &in, &text, &was_mended);
 *
 * What is no text in its charset becomes U+FFFD, so that a person sees the rest. The parts of a text are joined before
 * they are decoded: a telephone may cut it inside a character.
 *
 * Pure; any thread. Ref: 3GPP TS 23.038; gwlib/charset.c
 */
#ifndef HB_PLUGIN_CHARSET_H
#define HB_PLUGIN_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* Kannel's coding of a text. */
enum charset_coding { CHARSET_7BIT, CHARSET_8BIT, CHARSET_UCS2 };

enum { CHARSET_TEXT_MOST = 32 * 1024 }; /* bytes of a text in UTF-8 */

struct charset_bytes {
	const char *bytes;
	size_t len_bytes;
	/* "" or NULL: Kannel's default for the coding, UTF-8 or UTF-16BE */
	const char *charset;
	enum charset_coding coding;
};

/* charset_decode - valid UTF-8 without NUL, at most CHARSET_TEXT_MOST bytes. *was_mended_out becomes true when something
 * was replaced, and stays as it was otherwise. ERR_NOT_FOUND: nobody here knows that charset. */
enum err charset_decode(struct arena *arena, const struct charset_bytes *in,
			const char **text_out, bool *was_mended_out) MUST_CHECK;

/* charset_clean - the same for bytes that should be UTF-8 already, of at most most bytes. */
const char *charset_clean(struct arena *arena, const char *bytes, size_t len,
			  size_t most, bool *was_mended_out);

#endif
