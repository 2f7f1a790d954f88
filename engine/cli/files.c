/* files.c - see files.h */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int file_read(const struct cli *cli, const char *path, size_t most_bytes,
	      struct buf *out)
{
	enum { STEP = 64 * 1024 };
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 && out->len <= most_bytes) {
		n = read(fd, buf_reserve(out, STEP), STEP);
		if (n > 0)
			buf_commit(out, (size_t)n);
	}
	int error = errno;
	if (fd >= 0 && !is_stdin)
		close(fd);
	if (n < 0)
		return cli_fail(cli, "%s: it cannot be read: %s.", path,
				strerror(error));
	if (out->len > most_bytes)
		return cli_fail(cli, "%s: it is larger than %zu bytes.", path,
				most_bytes);
	return CLI_OK;
}

int file_write_new(const struct cli *cli, const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t done = 0;
	ssize_t n = 0;
	if (fd < 0)
		return cli_fail(cli, "%s: it cannot be made: %s.", path,
				strerror(errno));
	while (n >= 0 && done < text->len) {
		n = write(fd, text->data + done, text->len - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (n >= 0 && fsync(fd) < 0)
		n = -1;
	int error = errno;
	if (close(fd) < 0 || n < 0) {
		(void)unlink(path);
		return cli_fail(cli, "%s: it cannot be written: %s.", path,
				strerror(error));
	}
	return CLI_OK;
}

const char *path_absolute(const struct cli *cli, const char *path)
{
	char folder[4096];
	if (*path == '/' || !getcwd(folder, sizeof(folder)))
		return path;
	return arena_printf(cli->arena, "%s/%s", folder, path);
}
