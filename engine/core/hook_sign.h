/* hook_sign.h - secrets and signatures of what other systems are told, and of what they tell. Pure.
 *
 *	char secret[HOOK_SECRET_LEN], signature[HOOK_SIGNATURE_LEN];
 *	hook_secret_new(secret);				"whsec_" and 32 bytes in base64
 *	if (hook_sign(secret, &signed_, signature)) …		"v1,…"
 *	if (hook_signature_fits(secret, &signed_, header)) …	one of "v1,… v1,…" is of this secret
 *
 * Signed is "ID.TIMESTAMP.BODY", so that none of them can be exchanged; a receiver refuses a timestamp that is too old.
 *
 * Ref: standardwebhooks.com, "Signature scheme", "Symmetric"
 */
#ifndef HB_CORE_HOOK_SIGN_H
#define HB_CORE_HOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_SECRET_PREFIX "whsec_"

enum {
	HOOK_KEY_LEAST = 24, /* bytes behind the prefix, decoded */
	HOOK_KEY_MOST = 64,
	HOOK_KEY_MADE = 32,
	HOOK_SECRET_LEN = 6 + 44 + 1, /* of one that is made */
	HOOK_SIGNATURE_LEN = 3 + 44 + 1,
};

/* hook_secret_new - returns text. */
const char *hook_secret_new(char text[HOOK_SECRET_LEN]);

/* hook_secret_is_valid - the prefix and 24 to 64 bytes in base64. */
bool hook_secret_is_valid(const char *text);

struct hook_signed {
	const char *id; /* webhook-id */
	int64_t at_s;   /* webhook-timestamp: seconds since 1970 */
	const char *body;
	size_t body_len_bytes;
};

/* hook_sign - "v1," and the HMAC-SHA256 in base64. false: the secret is none. */
bool hook_sign(const char *secret, const struct hook_signed *what,
	       char signature[HOOK_SIGNATURE_LEN]);

/* hook_signature_fits - header: signatures with blanks between; those of other versions than v1 are passed over. Takes as
 * long for a wrong one as for a right one. Says nothing of the timestamp. */
bool hook_signature_fits(const char *secret, const struct hook_signed *what,
			 const char *header);

#endif
