/* mem.c - see mem.h
 *
 * An arena is a list of chunks, newest first; each is filled from its start. The first is small because most requests
 * are; later ones double up to 64 KiB. Larger wishes get a chunk of their own.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_FIRST_BYTES = 2048,
	ARENA_MOST_BYTES = 64 * 1024,
	ARENA_ALIGN = 16,
};

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(16) unsigned char data[];
};

struct arena {
	struct chunk *head;
	size_t used, next_size;
};

static void die_oom(size_t len_bytes)
{
	fprintf(stderr, "handbox: out of memory (%zu bytes asked for)\n", len_bytes);
	abort();
}

void *mem_alloc(size_t len_bytes)
{
	void *ptr = malloc(len_bytes ? len_bytes : 1);
	if (!ptr)
		die_oom(len_bytes);
	return ptr;
}

void *mem_calloc(size_t count, size_t len_bytes)
{
	void *ptr = calloc(count ? count : 1, len_bytes ? len_bytes : 1);
	if (!ptr)
		die_oom(count * len_bytes);
	return ptr;
}

void *mem_realloc(void *ptr, size_t len_bytes)
{
	void *moved = realloc(ptr, len_bytes ? len_bytes : 1);
	if (!moved)
		die_oom(len_bytes);
	return moved;
}

char *mem_strdup(const char *s)
{
	size_t len = strlen(s) + 1;
	return memcpy(mem_alloc(len), s, len);
}

void mem_free(void *ptr)
{
	free(ptr);
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk = mem_alloc(sizeof(*chunk) + size);
	chunk->next = NULL;
	chunk->size = size;
	chunk->used = 0;
	return chunk;
}

struct arena *arena_new(void)
{
	struct chunk *chunk = chunk_new(ARENA_FIRST_BYTES);
	struct arena *arena =
		(struct arena *)
			chunk->data; /* the arena lives in its own first chunk */
	chunk->used = (sizeof(*arena) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	arena->head = chunk;
	arena->used = 0;
	arena->next_size = ARENA_FIRST_BYTES * 2;
	return arena;
}

void arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	struct chunk *chunk = (*arena)->head;
	*arena = NULL;
	while (chunk) {
		struct chunk *next = chunk->next;
		free(chunk);
		chunk = next;
	}
}

/* A large wish gets a chunk of its own behind the current one, which goes on being filled. */
static void *alloc_apart(struct arena *arena, size_t len)
{
	struct chunk *chunk = chunk_new(len);
	chunk->used = len;
	chunk->next = arena->head->next;
	arena->head->next = chunk;
	return chunk->data;
}

void *arena_alloc(struct arena *arena, size_t len_bytes)
{
	if (len_bytes > SIZE_MAX / 2)
		die_oom(len_bytes);
	size_t len = (len_bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	struct chunk *chunk = arena->head;
	arena->used += len;
	if (chunk->size - chunk->used < len) {
		if (len > ARENA_MOST_BYTES / 4)
			return alloc_apart(arena, len);
		while (arena->next_size < len)
			arena->next_size *= 2;
		chunk = chunk_new(arena->next_size);
		chunk->next = arena->head;
		arena->head = chunk;
		if (arena->next_size < ARENA_MOST_BYTES)
			arena->next_size *= 2;
	}
	void *ptr = chunk->data + chunk->used;
	chunk->used += len;
	return ptr;
}

void *arena_calloc(struct arena *arena, size_t len_bytes)
{
	return memset(arena_alloc(arena, len_bytes), 0, len_bytes);
}

char *arena_strndup(struct arena *arena, const char *s, size_t len_bytes)
{
	if (!s)
		return NULL;
	char *copy = arena_alloc(arena, len_bytes + 1);
	memcpy(copy, s, len_bytes);
	copy[len_bytes] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	if (len < 0)
		abort(); /* only a broken format string does that */
	char *text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *text = arena_vprintf(arena, fmt, args);
	va_end(args);
	return text;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
