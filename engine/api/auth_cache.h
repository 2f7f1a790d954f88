/* auth_cache.h - credentials that were looked up, by the SHA-256 of their secret: a table of fixed size on the loop thread.
 *
 * Four places per bucket; the one used longest ago gives way. Everything is forgotten at once by counting the generation
 * up: what was looked up in an older one is neither found nor kept.
 */
#ifndef HB_API_AUTH_CACHE_H
#define HB_API_AUTH_CACHE_H

#include "core/sign_in.h"

struct auth_cache;

struct auth_entry {
	unsigned char key[SECRET_HASH_BYTES];
	uint64_t generation; /* 0: empty */
	uint64_t used;
	struct actor actor; /* name: the entry's own */
	char *name, *csrf;  /* csrf NULL: a token */
	int64_t expires_at, seen_at;
};

struct auth_cache *auth_cache_new(void);
void auth_cache_free(struct auth_cache **cache);

/* auth_cache_find - borrowed until the next call; NULL: not there. */
struct auth_entry *auth_cache_find(struct auth_cache *cache,
				   const unsigned char key[SECRET_HASH_BYTES]);

/* auth_cache_generation - to be remembered when a look-up starts; auth_cache_add keeps nothing of an older one. */
uint64_t auth_cache_generation(const struct auth_cache *cache);
void auth_cache_add(struct auth_cache *cache,
		    const unsigned char key[SECRET_HASH_BYTES], uint64_t generation,
		    const struct credential_find *found);
void auth_cache_forget(struct auth_cache *cache);

#endif
