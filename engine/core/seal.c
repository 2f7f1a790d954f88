/* seal.c - see seal.h */
#include "core/seal.h"

#include <sodium.h>
#include <string.h>

enum {
	NAME_BYTES = 32,
	NONCE_BYTES = crypto_secretbox_NONCEBYTES,
	MORE_BYTES = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
	FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

/* One digest names the row, another one opens it. */
static void digest(const char *purpose, const char *word, unsigned char *out,
		   size_t len)
{
	crypto_generichash(out, len, (const unsigned char *)word, strlen(word),
			   (const unsigned char *)purpose, strlen(purpose));
}

const char *seal_name(struct arena *arena, const char *word)
{
	unsigned char name[NAME_BYTES];
	size_t hex_len = sizeof(name) * 2 + 1;
	digest("handbox seal name", word, name, sizeof(name));
	return sodium_bin2hex(arena_alloc(arena, hex_len), hex_len, name, sizeof(name));
}

const char *seal_close(struct arena *arena, const char *word, const char *text)
{
	unsigned char key[crypto_secretbox_KEYBYTES];
	size_t len = strlen(text), box_len = len + MORE_BYTES;
	unsigned char *box = arena_alloc(arena, box_len);
	size_t form_len = sodium_base64_encoded_len(box_len, FORM);
	digest("handbox seal key", word, key, sizeof(key));
	randombytes_buf(box, NONCE_BYTES);
	crypto_secretbox_easy(box + NONCE_BYTES, (const unsigned char *)text, len, box,
			      key);
	sodium_memzero(key, sizeof(key));
	return sodium_bin2base64(arena_alloc(arena, form_len), form_len, box, box_len,
				 FORM);
}

const char *seal_open(struct arena *arena, const char *word, const char *sealed)
{
	unsigned char key[crypto_secretbox_KEYBYTES];
	size_t len = strlen(sealed), box_len;
	unsigned char *box = arena_alloc(arena, len + 1);
	if (sodium_base642bin(box, len, sealed, len, NULL, &box_len, NULL, FORM) != 0 ||
	    box_len < MORE_BYTES)
		return NULL;
	char *text = arena_alloc(arena, box_len - MORE_BYTES + 1);
	digest("handbox seal key", word, key, sizeof(key));
	int is_false =
		crypto_secretbox_open_easy((unsigned char *)text, box + NONCE_BYTES,
					   box_len - NONCE_BYTES, box, key);
	sodium_memzero(key, sizeof(key));
	text[box_len - MORE_BYTES] = '\0';
	return is_false ? NULL : text;
}
