/* buf.h - a growing run of bytes, always followed by a NUL that does not count.
 *
 *	struct buf buf = BUF_EMPTY;
 *	buf_printf(&buf, "%d tasks", n);
 *	puts(buf_str(&buf));
 *	buf_fini(&buf);
 *
 * Thread: one at a time; it may move between threads with its owner.
 */
#ifndef HB_BASE_BUF_H
#define HB_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"

struct buf {
	char *data; /* NULL until something is added */
	size_t len, room;
};

#define BUF_EMPTY          \
	{                  \
		NULL, 0, 0 \
	}

void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */

void buf_add(struct buf *buf, const void *data, size_t len_bytes);
void buf_add_str(struct buf *buf, const char *s);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *buf, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* buf_reserve - room for len_bytes more; returns where they go. buf_commit counts those that were written. */
char *buf_reserve(struct buf *buf, size_t len_bytes);
void buf_commit(struct buf *buf, size_t len_bytes);

/* Here, since answers are written a sign at a time. */
static inline void buf_add_char(struct buf *buf, char c)
{
	if (buf->len + 2 > buf->room)
		(void)buf_reserve(buf, 1);
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
}

/* buf_str - the text, NUL-terminated, borrowed; "" when empty. */
const char *buf_str(const struct buf *buf);

/* buf_take - the text moves to the caller (mem_free); the buffer is empty afterwards. Never NULL. */
char *buf_take(struct buf *buf);

#endif
