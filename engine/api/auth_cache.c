/* auth_cache.c - see auth_cache.h */
#include "api/auth_cache.h"

#include <string.h>

enum { BUCKETS = 1024, WAYS = 4 };

struct auth_cache {
	uint64_t generation, uses;
	struct auth_entry entries[BUCKETS][WAYS];
};

struct auth_cache *auth_cache_new(void)
{
	struct auth_cache *cache = MEM_NEW(struct auth_cache);
	cache->generation = 1;
	return cache;
}

static void entry_clear(struct auth_entry *entry)
{
	mem_free(entry->name);
	mem_free(entry->csrf);
	*entry = (struct auth_entry){0};
}

void auth_cache_free(struct auth_cache **cache)
{
	if (!*cache)
		return;
	for (size_t i = 0; i < BUCKETS * WAYS; i++)
		entry_clear(&(*cache)->entries[i / WAYS][i % WAYS]);
	mem_free(*cache);
	*cache = NULL;
}

/* The key is a hash already: any of its bits do. */
static struct auth_entry *bucket_of(struct auth_cache *cache, const unsigned char *key)
{
	return cache->entries[(key[0] | key[1] << 8) % BUCKETS];
}

struct auth_entry *auth_cache_find(struct auth_cache *cache,
				   const unsigned char key[SECRET_HASH_BYTES])
{
	struct auth_entry *bucket = bucket_of(cache, key);
	for (unsigned i = 0; i < WAYS; i++)
		if (bucket[i].generation == cache->generation &&
		    memcmp(bucket[i].key, key, SECRET_HASH_BYTES) == 0) {
			bucket[i].used = ++cache->uses;
			return &bucket[i];
		}
	return NULL;
}

uint64_t auth_cache_generation(const struct auth_cache *cache)
{
	return cache->generation;
}

void auth_cache_add(struct auth_cache *cache,
		    const unsigned char key[SECRET_HASH_BYTES], uint64_t generation,
		    const struct credential_find *found)
{
	struct auth_entry *bucket = bucket_of(cache, key), *place = bucket;
	if (generation != cache->generation)
		return;
	for (unsigned i = 1; i < WAYS; i++)
		if (bucket[i].used < place->used)
			place = &bucket[i];
	struct auth_entry *there =
		auth_cache_find(cache, key); /* two look-ups at the same time */
	if (there)
		place = there;
	entry_clear(place);
	memcpy(place->key, key, SECRET_HASH_BYTES);
	place->generation = generation;
	place->used = ++cache->uses;
	place->name = mem_strdup(found->actor.name);
	place->csrf = found->csrf ? mem_strdup(found->csrf) : NULL;
	place->actor = found->actor;
	place->actor.name = place->name;
	place->expires_at = found->expires_at;
	place->seen_at = found->seen_at;
}

void auth_cache_forget(struct auth_cache *cache)
{
	cache->generation++;
}
