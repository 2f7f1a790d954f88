/* mem.h - memory: heap calls that do not fail, and arenas.
 *
 * Out of memory aborts the process: what was acknowledged is on disk, a supervisor starts it again. Sizes that a peer
 * decides are checked against a limit before they get here.
 *
 * An arena belongs to one request or one command and is freed with it in one go, so that nothing inside needs an owner:
 *
 *	struct arena *arena = arena_new();
 *	char *name = arena_printf(arena, "%s %s", first, last);
 *	arena_free(&arena);
 *
 * Thread: an arena is used by one thread at a time; it may move between threads with its request.
 */
#ifndef HB_BASE_MEM_H
#define HB_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"

void *mem_alloc(size_t len_bytes);
void *mem_calloc(size_t count, size_t len_bytes);
void *mem_realloc(void *ptr, size_t len_bytes);
char *mem_strdup(const char *s);
void mem_free(void *ptr);

/* mem_trim - gives back what only starting has used: free heap, and pages of program and libraries that loading them
 * touched (symbols, constructors). Of some 17 MiB of libraries a running daemon needs a third. Thread: any. */
void mem_trim(void);

/* mem_keep - from now on each thread keeps up to 8 MiB of what it freed: what the next request needs. To hand it back after
 * each one, as libc does above 128 KiB, stops all threads for a moment. Thread: any. */
void mem_keep(void);

/* MEM_NEW - a zeroed struct on the heap; mem_free frees it. */
#define MEM_NEW(type) ((type *)mem_calloc(1, sizeof(type)))

struct arena;

struct arena *arena_new(void);

/* arena_free - frees the arena and all that came from it; leaves NULL. NULL is fine. */
void arena_free(struct arena **arena);

/* arena_alloc - aligned for any type, not zeroed; lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t len_bytes);

/* arena_calloc - the same, zeroed. */
void *arena_calloc(struct arena *arena, size_t len_bytes);

/* arena_strdup, arena_strndup - a copy; NULL gives NULL. strndup copies len_bytes bytes and adds the NUL. */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t len_bytes);

char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
	PRINTF_LIKE(2, 0);

#define ARENA_NEW(arena, type) ((type *)arena_calloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) \
	((type *)arena_calloc((arena), sizeof(type) * (count)))

/* arena_used - bytes handed out, for tests and statistics. */
size_t arena_used(const struct arena *arena);

#endif
