/* log.c - see log.h */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static _Atomic int log_least = LOG_LEVEL_INFO;
static _Atomic int log_fd = STDERR_FILENO;
static char log_path[4096]; /* set by the main thread only */

static const char *const level_names[] = {"debug", "info ", "warn ", "error"};

void log_set_level(enum log_level level)
{
	atomic_store(&log_least, (int)level);
}

enum err log_parse_level(const char *name, enum log_level *level_out)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(name, names[i]) == 0) {
			*level_out = (enum log_level)i;
			return ERR_OK;
		}
	return ERR_SYNTAX;
}

enum err log_open(const char *path)
{
	int fd = STDERR_FILENO;
	if (path) {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
		if (fd < 0)
			return ERR_IO;
		if (path != log_path)
			snprintf(log_path, sizeof(log_path), "%s", path);
	} else {
		log_path[0] = '\0';
	}
	int former = atomic_load(&log_fd);
	if (fd != STDERR_FILENO && former != STDERR_FILENO) {
		/* the same descriptor number goes on, so that no thread writes to a closed one */
		int moved = dup3(fd, former, O_CLOEXEC);
		close(fd);
		return moved < 0 ? ERR_IO : ERR_OK;
	}
	atomic_store(&log_fd, fd);
	return ERR_OK;
}

enum err log_reopen(void)
{
	return log_path[0] ? log_open(log_path) : ERR_OK;
}

bool log_wants(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&log_least, memory_order_relaxed);
}

/* A line break inside a value would forge a line. */
static void flatten(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = ' ';
}

void log_write(enum log_level level, const char *subsystem, const char *fmt, ...)
{
	if (!log_wants(level))
		return;
	int saved_errno = errno;
	char line[2048], when[CLOCK_TEXT_LEN];
	int head = snprintf(line, sizeof(line),
			    "%s %s %s: ", clock_format(clock_now_ms(&clock_real), when),
			    level_names[level], subsystem);
	size_t len = (size_t)head;
	va_list args;
	va_start(args, fmt);
	int body = vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	va_end(args);
	if (body > 0)
		len += (size_t)body < sizeof(line) - len - 1 ? (size_t)body
							     : sizeof(line) - len - 2;
	flatten(line, len);
	line[len++] = '\n';
	ssize_t written = write(atomic_load(&log_fd), line, len);
	(void)written; /* nowhere to say that the log cannot be written */
	errno = saved_errno;
}

const char *log_mask(const char *personal)
{
	static _Thread_local char ring[4][64];
	static _Thread_local unsigned at;
	if (!personal)
		return "-";
	if (log_wants(LOG_LEVEL_DEBUG))
		return personal;
	char *text = ring[at++ % 4];
	size_t len = strlen(personal);
	if (len < 8)
		snprintf(text, sizeof(ring[0]), "…");
	else
		snprintf(text, sizeof(ring[0]), "%.4s…%s", personal,
			 personal + len - 2);
	return text;
}
