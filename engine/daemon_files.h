/* daemon_files.h - when the folder of workflow files is read: at start, on reload, and again when people changed while
 * some file named one who was not there. One reading after the other: an older one must not end last. The files of time
 * zones, too.
 *
 * A part of struct daemon; its members are set before daemon_files_start. Thread: loop.
 */
#ifndef HB_DAEMON_FILES_H
#define HB_DAEMON_FILES_H

#include "base/pool.h"
#include "core/workflow_files.h"

struct event;

struct daemon_files {
	struct core *core;
	struct store *store;
	struct pool *pool;
	const char *folder; /* NULL: none */
	struct event *timer;
	bool has_refused; /* some may fit once a user or team is there */
	bool is_reading, reads_again;
};

/* daemon_files_start - files that are wrong are reported and left out; they never keep the daemon from starting. */
void daemon_files_start(struct daemon_files *files);
void daemon_files_reload(struct daemon_files *files);

/* daemon_files_reload_zones - those in use are read anew on the pool; done follows on the loop, unless the pool is full. */
void daemon_files_reload_zones(struct daemon_files *files, pool_fn *done, void *arg);

/* daemon_files_people_changed - soon, when it may make a difference: several changes, one reading. */
void daemon_files_people_changed(struct daemon_files *files);

/* daemon_files_on_timer - the callback of timer; arg is the struct daemon_files. */
void daemon_files_on_timer(int fd, short what, void *arg);

#endif
