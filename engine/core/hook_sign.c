/* hook_sign.c - see hook_sign.h */
#include "core/hook_sign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX_LEN = sizeof(HOOK_SECRET_PREFIX) - 1 };

const char *hook_secret_new(char text[HOOK_SECRET_LEN])
{
	unsigned char key[HOOK_KEY_MADE];
	randombytes_buf(key, sizeof(key));
	memcpy(text, HOOK_SECRET_PREFIX, PREFIX_LEN);
	sodium_bin2base64(text + PREFIX_LEN, HOOK_SECRET_LEN - PREFIX_LEN, key,
			  sizeof(key), sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(key, sizeof(key));
	return text;
}

static bool decode(const char *text, unsigned char key[HOOK_KEY_MOST], size_t *len_out)
{
	const char *end = NULL;
	if (strncmp(text, HOOK_SECRET_PREFIX, PREFIX_LEN) != 0)
		return false;
	text += PREFIX_LEN;
	return sodium_base642bin(key, HOOK_KEY_MOST, text, strlen(text), NULL, len_out,
				 &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       !*end && *len_out >= HOOK_KEY_LEAST;
}

bool hook_secret_is_valid(const char *text)
{
	unsigned char key[HOOK_KEY_MOST];
	size_t len;
	bool is_valid = decode(text, key, &len);
	sodium_memzero(key, sizeof(key));
	return is_valid;
}

bool hook_sign(const char *secret, const struct hook_signed *what,
	       char signature[HOOK_SIGNATURE_LEN])
{
	crypto_auth_hmacsha256_state state;
	unsigned char key[HOOK_KEY_MOST], mac[crypto_auth_hmacsha256_BYTES];
	char at[32];
	size_t len;
	if (!decode(secret, key, &len))
		return false;
	int at_len = snprintf(at, sizeof(at), ".%lld.", (long long)what->at_s);
	crypto_auth_hmacsha256_init(&state, key, len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)what->id,
				      strlen(what->id));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)at,
				      (unsigned long long)at_len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)what->body,
				      what->body_len_bytes);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(key, sizeof(key));
	memcpy(signature, "v1,", 3);
	sodium_bin2base64(signature + 3, HOOK_SIGNATURE_LEN - 3, mac, sizeof(mac),
			  sodium_base64_VARIANT_ORIGINAL);
	return true;
}

bool hook_signature_fits(const char *secret, const struct hook_signed *what,
			 const char *header)
{
	char wanted[HOOK_SIGNATURE_LEN];
	bool fits = false;
	if (!hook_sign(secret, what, wanted))
		return false;
	for (header += strspn(header, " "); *header; header += strspn(header, " ")) {
		size_t len = strcspn(header, " ");
		if (len == HOOK_SIGNATURE_LEN - 1 &&
		    sodium_memcmp(header, wanted, len) == 0)
			fits = true;
		header += len;
	}
	return fits;
}
