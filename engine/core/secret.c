/* secret.c - see secret.h */
#include "core/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

_Static_assert((int)PASSWORD_HASH_LEN == (int)crypto_pwhash_STRBYTES,
	       "argon2id of libsodium");

const char *secret_new(const char *prefix, char text[SECRET_TEXT_LEN])
{
	unsigned char bytes[32];
	size_t prefix_len = strlen(prefix);
	assert(prefix_len <= SECRET_PREFIX_MOST);
	randombytes_buf(bytes, sizeof(bytes));
	memcpy(text, prefix, prefix_len);
	sodium_bin2base64(text + prefix_len, SECRET_BODY_LEN + 1, bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
	return text;
}

bool secret_is_shaped(const char *prefix, const char *text)
{
	static const char body[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t prefix_len = strlen(prefix), len = strlen(text);
	return len == prefix_len + SECRET_BODY_LEN &&
	       strncmp(text, prefix, prefix_len) == 0 &&
	       strspn(text + prefix_len, body) == SECRET_BODY_LEN;
}

void secret_digest(const char *text, unsigned char digest[SECRET_HASH_BYTES])
{
	crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
}

const char *secret_hash(const char *text, char hash[SECRET_HASH_TEXT_LEN])
{
	unsigned char digest[SECRET_HASH_BYTES];
	secret_digest(text, digest);
	return sodium_bin2hex(hash, SECRET_HASH_TEXT_LEN, digest, sizeof(digest));
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_LEN])
{
	return crypto_pwhash_str(hash, password, strlen(password),
				 crypto_pwhash_OPSLIMIT_INTERACTIVE,
				 crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool password_fits(const char *hash, const char *password)
{
	/* of 32 random bytes that nobody kept */
	static const char dummy[] =
		"$argon2id$v=19$m=65536,t=2,p=1$URpjMC0WTdUeMBsNCFKTUw"
		"$tRdHBqcbjM7LnuEghQTwg2hdZ6e5ra1rqlHUdPSaElY";
	bool is_real = hash && *hash;
	bool fits = crypto_pwhash_str_verify(is_real ? hash : dummy, password,
					     strlen(password)) == 0;
	return is_real && fits;
}

const char *password_fault(const char *login, const char *password)
{
	size_t characters = 0;
	for (const char *at = password, *end = password + strlen(password); at < end;
	     characters++)
		(void)utf8_next(&at, end);
	if (characters < PASSWORD_LEAST)
		return "A password has at least 8 characters; longer is better.";
	if (characters > PASSWORD_MOST)
		return "A password has at most 256 characters.";
	if (strcmp(login, password) == 0)
		return "The password must not be the login.";
	return NULL;
}
