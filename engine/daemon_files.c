/* daemon_files.c - see daemon_files.h */
#include "daemon_files.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/zone.h"

enum { AGAIN_MS = 200 /* after people changed: several changes, one reading */ };

void daemon_files_start(struct daemon_files *files)
{
	char *why = NULL;
	if (!files->folder)
		return;
	struct workflow_files *read = workflow_files_new(files->core, files->folder);
	enum err err = workflow_files_read(read, &why);
	if (err == ERR_OK)
		err = workflow_files_apply_now(read, files->store);
	struct workflow_files_counts counts = workflow_files_count(read);
	if (err != ERR_OK)
		log_error("workflows", "%s", why ? why : err_title(err));
	else
		log_info("workflows",
			 "read folder=%s files=%zu saved=%zu published=%zu refused=%zu",
			 files->folder, counts.files, counts.saved, counts.published,
			 counts.refused);
	files->has_refused = counts.refused > 0;
	mem_free(why);
	workflow_files_free(&read);
}

static void reloaded(void *arg, const struct workflow_files_counts *counts,
		     const char *why)
{
	struct daemon_files *files = arg;
	bool again = files->reads_again;
	files->is_reading = files->reads_again = false;
	files->has_refused = counts && counts->refused > 0;
	if (why)
		log_error("workflows", "%s", why);
	else
		log_info("workflows",
			 "read again files=%zu saved=%zu published=%zu refused=%zu",
			 counts->files, counts->saved, counts->published,
			 counts->refused);
	if (again)
		daemon_files_reload(files);
}

void daemon_files_reload(struct daemon_files *files)
{
	const struct workflow_files_reload reload = {.core = files->core,
						     .store = files->store,
						     .pool = files->pool,
						     .folder = files->folder,
						     .done = reloaded,
						     .arg = files};
	if (!files->folder)
		return;
	if (files->is_reading) {
		files->reads_again = true;
		return;
	}
	files->is_reading = workflow_files_reload(&reload) == ERR_OK;
	if (!files->is_reading)
		log_warn("workflows",
			 "cannot be read now, the pool is full; send SIGHUP again");
}

static void read_zones(void *arg)
{
	(void)arg;
	zones_reload();
}

void daemon_files_reload_zones(struct daemon_files *files, pool_fn *done, void *arg)
{
	if (pool_run(files->pool, read_zones, done, arg) != ERR_OK)
		log_warn("zones",
			 "the time zones cannot be read now, the pool is full; "
			 "send SIGHUP again");
}

void daemon_files_people_changed(struct daemon_files *files)
{
	const struct timeval soon = {0, AGAIN_MS * 1000};
	if (files->has_refused)
		event_add(files->timer, &soon);
}

void daemon_files_on_timer(int fd, short what, void *arg)
{
	(void)fd, (void)what;
	daemon_files_reload(arg);
}
