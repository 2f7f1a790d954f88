/* members.c - see members.h */
#include "core/members.h"

#include <stdarg.h>

struct json *members_begin(struct members *members)
{
	members->buf = (struct buf)BUF_EMPTY;
	json_init(&members->json, &members->buf);
	json_object(&members->json);
	return &members->json;
}

const char *members_end(struct members *members, struct arena *arena)
{
	json_end_object(&members->json);
	const char *text =
		arena_strndup(arena, members->buf.data + 1, members->buf.len - 2);
	buf_fini(&members->buf);
	return text;
}

const char *members_str(struct arena *arena, const char *key, const char *value)
{
	struct members members;
	json_key_str(members_begin(&members), key, value);
	return members_end(&members, arena);
}

const char *members_text(struct arena *arena, ...)
{
	struct members members;
	struct json *json = members_begin(&members);
	va_list args;
	va_start(args, arena);
	for (const char *key; (key = va_arg(args, const char *)) != NULL;)
		json_key_str(json, key, va_arg(args, const char *));
	va_end(args);
	return members_end(&members, arena);
}

const char *members_id(struct arena *arena, uint64_t id)
{
	return arena_printf(arena, "%llu", (unsigned long long)id);
}
