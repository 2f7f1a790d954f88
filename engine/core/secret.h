/* secret.h - secrets that we hand out: made of 32 random bytes, kept as SHA-256 only. Pure. Any thread.
 *
 *	char secret[SECRET_TEXT_LEN], hash[SECRET_HASH_TEXT_LEN];
 *	secret_new("hb_", secret);
 *	secret_hash(secret, hash);		the secret goes to its owner, the hash to the database
 */
#ifndef HB_CORE_SECRET_H
#define HB_CORE_SECRET_H

#include <stdbool.h>

enum {
	SECRET_HASH_BYTES = 32,
	SECRET_HASH_TEXT_LEN = 2 * SECRET_HASH_BYTES + 1,
	SECRET_PREFIX_MOST = 4,
	SECRET_BODY_LEN = 43, /* base64url of 32 bytes, without padding */
	SECRET_TEXT_LEN = SECRET_PREFIX_MOST + SECRET_BODY_LEN + 1,
};

#define SECRET_TOKEN \
	"hb_" /* the prefix of tokens: scanners of leaked secrets find them by it */

/* secret_new - prefix (at most SECRET_PREFIX_MOST bytes) and 43 characters of base64url; returns text. */
const char *secret_new(const char *prefix, char text[SECRET_TEXT_LEN]);

/* secret_is_shaped - prefix and 43 characters of base64url: what is not was never ours. */
bool secret_is_shaped(const char *prefix, const char *text);

/* secret_digest - the 32 bytes; secret_hash - as hex, as the rows want it; returns hash. */
void secret_digest(const char *text, unsigned char digest[SECRET_HASH_BYTES]);
const char *secret_hash(const char *text, char hash[SECRET_HASH_TEXT_LEN]);

/* --- passwords: argon2id, 64 MiB and about 70 ms each: on the slow pool, never on the loop --- */

enum { PASSWORD_HASH_LEN = 128, PASSWORD_LEAST = 8, PASSWORD_MOST = 256 };

/* password_hash - false: not enough memory at the moment. */
bool password_hash(const char *password, char hash[PASSWORD_HASH_LEN]);

/* password_fits - hash NULL or "": takes as long as a real check, and is false. */
bool password_fits(const char *hash, const char *password);

/* password_fault - why this cannot be the password of that login: a sentence, or NULL. */
const char *password_fault(const char *login, const char *password);

#endif
