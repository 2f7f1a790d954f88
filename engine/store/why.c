/* why.c - see why.h */
#include "store/why.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/mem.h"

enum err why_fail(char **why_out, enum err err, const char *fmt, ...)
{
	if (!why_out)
		return err;
	/* the former sentence may be among the arguments: it goes last */
	struct buf buf = BUF_EMPTY;
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&buf, fmt, args);
	va_end(args);
	mem_free(*why_out);
	*why_out = buf_take(&buf);
	return err;
}
