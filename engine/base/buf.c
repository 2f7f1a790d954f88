/* buf.c - see buf.h */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_fini(struct buf *buf)
{
	mem_free(buf->data);
	*buf = (struct buf)BUF_EMPTY;
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

char *buf_reserve(struct buf *buf, size_t len_bytes)
{
	size_t need = buf->len + len_bytes + 1;
	if (need > buf->room) {
		size_t room = buf->room ? buf->room : 64;
		while (room < need)
			room *= 2;
		buf->data = mem_realloc(buf->data, room);
		buf->data[buf->len] = '\0'; /* also when nothing comes of it */
		buf->room = room;
	}
	return buf->data + buf->len;
}

void buf_commit(struct buf *buf, size_t len_bytes)
{
	buf->len += len_bytes;
	buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len_bytes)
{
	char *to = buf_reserve(buf, len_bytes);
	if (len_bytes)
		memcpy(to, data, len_bytes);
	buf_commit(buf, len_bytes);
}

void buf_add_str(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	char *to = buf_reserve(buf, 64);
	int len = vsnprintf(to, 65, fmt, args);
	if (len < 0)
		abort(); /* only a broken format string does that */
	if (len > 64)
		vsnprintf(buf_reserve(buf, (size_t)len), (size_t)len + 1, fmt, again);
	va_end(again);
	buf_commit(buf, (size_t)len);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	buf_vprintf(buf, fmt, args);
	va_end(args);
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	buf_reserve(buf, 0)[0] = '\0';
	char *data = buf->data;
	*buf = (struct buf)BUF_EMPTY;
	return data;
}
