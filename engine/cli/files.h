/* files.h - reading and writing whole files, with a sentence when it cannot be done. */
#ifndef HB_CLI_FILES_H
#define HB_CLI_FILES_H

#include "cli/cli.h"

/* file_read - "-" is stdin. CLI_FAILED: said why. The bytes are added to out. */
int file_read(const struct cli *cli, const char *path, size_t most_bytes,
	      struct buf *out);

/* file_write_new - 0600, synced; refuses a path that is there. */
int file_write_new(const struct cli *cli, const char *path, const struct buf *text);

/* path_absolute - as seen from the working folder of this call. */
const char *path_absolute(const struct cli *cli, const char *path);

#endif
