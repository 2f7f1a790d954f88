/* throttle.c - see throttle.h */
#include "api/throttle.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"

enum { BUCKETS = 1024, WAYS = 4 };

struct place {
	uint64_t key; /* 0: empty */
	int64_t since_ms;
	unsigned count;
};

struct throttle {
	unsigned most;
	int64_t window_ms;
	unsigned char hash_key[crypto_shorthash_KEYBYTES];
	struct place places[BUCKETS][WAYS];
};

struct throttle *throttle_new(unsigned most, int64_t window_ms)
{
	struct throttle *throttle = MEM_NEW(struct throttle);
	throttle->most = most;
	throttle->window_ms = window_ms;
	randombytes_buf(throttle->hash_key, sizeof(throttle->hash_key));
	return throttle;
}

void throttle_free(struct throttle **throttle)
{
	mem_free(*throttle);
	*throttle = NULL;
}

static uint64_t hash_of(const struct throttle *throttle, const char *key)
{
	unsigned char bytes[crypto_shorthash_BYTES];
	uint64_t hash;
	crypto_shorthash(bytes, (const unsigned char *)key, strlen(key),
			 throttle->hash_key);
	memcpy(&hash, bytes, sizeof(hash));
	return hash | 1;
}

static struct place *find(struct throttle *throttle, uint64_t hash)
{
	struct place *bucket = throttle->places[(hash >> 1) % BUCKETS];
	for (unsigned i = 0; i < WAYS; i++)
		if (bucket[i].key == hash)
			return &bucket[i];
	return NULL;
}

/* The place of the key, in a window that is not over. */
static struct place *claim(struct throttle *throttle, uint64_t hash, int64_t now_ms)
{
	struct place *bucket = throttle->places[(hash >> 1) % BUCKETS],
		     *place = find(throttle, hash);
	if (!place) {
		place = bucket;
		for (unsigned i = 1; i < WAYS; i++)
			if (!bucket[i].key ||
			    (place->key && bucket[i].since_ms < place->since_ms))
				place = &bucket[i];
		place->key = 0;
	}
	if (!place->key || now_ms - place->since_ms >= throttle->window_ms)
		*place = (struct place){.key = hash, .since_ms = now_ms};
	return place;
}

static bool is_full(const struct throttle *throttle, const struct place *place,
		    int64_t now_ms, unsigned *retry_after_s_out)
{
	int64_t left_ms = place ? place->since_ms + throttle->window_ms - now_ms : 0;
	if (left_ms <= 0 || place->count < throttle->most)
		return false;
	*retry_after_s_out = (unsigned)((left_ms + 999) / 1000);
	return true;
}

bool throttle_is_full(struct throttle *throttle, const char *key, int64_t now_ms,
		      unsigned *retry_after_s_out)
{
	return is_full(throttle, find(throttle, hash_of(throttle, key)), now_ms,
		       retry_after_s_out);
}

bool throttle_take(struct throttle *throttle, const char *key, int64_t now_ms,
		   unsigned *retry_after_s_out)
{
	struct place *place = claim(throttle, hash_of(throttle, key), now_ms);
	if (is_full(throttle, place, now_ms, retry_after_s_out))
		return false;
	place->count++;
	return true;
}

void throttle_clear(struct throttle *throttle, const char *key)
{
	struct place *place = find(throttle, hash_of(throttle, key));
	if (place)
		*place = (struct place){0};
}
