/* api_once.c - see api_once.h */
#include "api/api_once.h"

#include <sodium.h>
#include <string.h>

#include "api/condition.h"

/* Two requests under one key are the same when path, query and body are. */
static const char *hash_request(struct http_request *req)
{
	crypto_hash_sha256_state state;
	unsigned char hash[crypto_hash_sha256_BYTES];
	size_t hex_len = sizeof(hash) * 2 + 1;
	const char *path = http_raw_path(req),
		   *query = http_query(req) ? http_query(req) : "";
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)path,
				  strlen(path) + 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)query,
				  strlen(query) + 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)http_body(req),
				  http_body_len(req));
	crypto_hash_sha256_final(&state, hash);
	return sodium_bin2hex(arena_alloc(http_arena(req), hex_len), hex_len, hash,
			      sizeof(hash));
}

bool api_once(struct http_request *req, struct call *call, store_write_fn **write)
{
	if (!call->idempotency_key && !condition_key(req, &call->idempotency_key))
		return false;
	if (!call->idempotency_key)
		return true;
	call->request_hash = hash_request(req);
	call->inner = *write;
	*write = call_idempotent;
	return true;
}
