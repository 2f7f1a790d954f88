/* sqlite_cache.c - prepared statements of one connection: see sqlite.h */
#include "store/sqlite.h"

#include <string.h>

#include "base/mem.h"

static uint64_t hash_address(const void *key)
{
	return ((uint64_t)(uintptr_t)key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}

static uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t hash_call(const struct db_call *call)
{
	return call->statement ? hash_address(call->statement) : hash_text(call->text);
}

static bool is_same(const struct sqlite_statement *statement,
		    const struct db_call *call, uint64_t hash)
{
	if (statement->hash != hash || statement->key != call->statement)
		return false;
	return statement->key || strcmp(sqlite3_sql(statement->stmt), call->text) == 0;
}

static void unlink_text(struct sqlite_cache *cache, struct sqlite_statement *statement)
{
	*(statement->older ? &statement->older->newer : &cache->oldest) =
		statement->newer;
	*(statement->newer ? &statement->newer->older : &cache->newest) =
		statement->older;
	statement->older = statement->newer = NULL;
	cache->texts--;
}

static void link_text(struct sqlite_cache *cache, struct sqlite_statement *statement)
{
	statement->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = statement;
	cache->newest = statement;
	cache->texts++;
}

static void statement_free(struct sqlite_statement *statement)
{
	sqlite3_finalize(statement->stmt);
	mem_free(statement);
}

static void unlink_bucket(struct sqlite_cache *cache,
			  struct sqlite_statement *statement)
{
	struct sqlite_statement **link =
		&cache->buckets[statement->hash % SQLITE_BUCKETS];
	while (*link != statement)
		link = &(*link)->next;
	*link = statement->next;
}

/* The one in use cannot be the oldest unless a read holds SQLITE_TEXTS_MOST cursors; then the cache grows for a while. */
static void drop_oldest(struct sqlite_cache *cache)
{
	struct sqlite_statement *oldest = cache->oldest;
	if (cache->texts <= SQLITE_TEXTS_MOST || oldest->is_busy)
		return;
	unlink_text(cache, oldest);
	unlink_bucket(cache, oldest);
	statement_free(oldest);
}

static struct sqlite_statement *statement_new(sqlite3 *handle,
					      const struct db_call *call, int *rc_out)
{
	const char *text = call->statement ? call->statement->text : call->text;
	sqlite3_stmt *stmt = NULL;
	*rc_out = sqlite3_prepare_v3(handle, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
				     NULL);
	if (*rc_out != SQLITE_OK)
		return NULL;
	struct sqlite_statement *statement = MEM_NEW(struct sqlite_statement);
	statement->stmt = stmt;
	statement->key = call->statement;
	statement->writes = !sqlite3_stmt_readonly(stmt);
	statement->is_busy = true;
	return statement;
}

struct sqlite_statement *sqlite_cache_take(struct sqlite_cache *cache, sqlite3 *handle,
					   const struct db_call *call, int *rc_out)
{
	uint64_t hash = hash_call(call);
	struct sqlite_statement **bucket = &cache->buckets[hash % SQLITE_BUCKETS],
				*found = *bucket;
	*rc_out = SQLITE_OK;
	while (found && !is_same(found, call, hash))
		found = found->next;
	if (found && found->is_busy)
		return statement_new(handle, call, rc_out);
	if (found) {
		found->is_busy = true;
		if (!found->key) {
			unlink_text(cache, found);
			link_text(cache, found);
		}
		return found;
	}
	found = statement_new(handle, call, rc_out);
	if (!found)
		return NULL;
	found->hash = hash;
	found->is_cached = true;
	found->next = *bucket;
	*bucket = found;
	if (!found->key) {
		link_text(cache, found);
		drop_oldest(cache);
	}
	return found;
}

void sqlite_cache_give(struct sqlite_statement *statement)
{
	if (!statement->is_cached) {
		statement_free(statement);
		return;
	}
	sqlite3_reset(statement->stmt);
	statement->is_busy = false;
}

void sqlite_cache_fini(struct sqlite_cache *cache)
{
	for (unsigned i = 0; i < SQLITE_BUCKETS; i++) {
		while (cache->buckets[i]) {
			struct sqlite_statement *statement = cache->buckets[i];
			cache->buckets[i] = statement->next;
			statement_free(statement);
		}
	}
	*cache = (struct sqlite_cache){.texts = 0};
}
