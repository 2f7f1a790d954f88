/* workflow_folder.c - see workflow_folder.h */
#include "core/workflow_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "new-lead.xml", but not ".new-lead.xml.swp" nor what an editor leaves beside it. */
static int is_workflow(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > 4 &&
	       strcmp(entry->d_name + len - 4, ".xml") == 0;
}

static void refuse(struct workflow_file *file, const char *code, const char *message)
{
	const struct finding_at at = {FINDING_ERROR, {1, 1}, NULL, code};
	workflow_report_add(&file->report, at, "%s", message);
	plan_unref(&file->plan);
}

/* The whole file, at most one byte over the limit: the parser then says that it is too large. */
static enum err read_file(struct workflow_file *file, struct buf *text)
{
	struct stat st;
	ssize_t got = 0;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ERR_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return ERR_IO;
	}
	while (text->len <= WORKFLOW_BYTES_MAX) {
		got = read(fd, buf_reserve(text, 65536), 65536);
		if (got <= 0)
			break;
		buf_commit(text, (size_t)got);
	}
	int reason = errno;
	close(fd);
	errno = reason;
	return got < 0 ? ERR_IO : ERR_OK;
}

static void parse_file(struct workflow_file *file,
		       const struct workflow_options *options)
{
	struct buf text = BUF_EMPTY;
	if (read_file(file, &text) != ERR_OK) {
		char *message =
			arena_printf(file->report.arena, "The file cannot be read: %s.",
				     strerror(errno));
		refuse(file, "unreadable", message);
	} else if (workflow_parse(buf_str(&text), text.len, options, &file->plan,
				  &file->report) != ERR_OK) {
		file->plan = NULL;
	}
	buf_fini(&text);
}

static void name_twin(struct workflow_file *file, const struct workflow_file *other)
{
	const struct finding_at at = {FINDING_ERROR, {1, 1}, NULL, "duplicate_id"};
	workflow_report_add(&file->report, at,
			    "The id \"%s\" stands in %s too: neither is applied. Give "
			    "one another id.",
			    file->plan->id, other->path);
}

/* Which of the two is meant cannot be told, so neither is applied. */
static void refuse_twins(struct workflow_folder *folder)
{
	bool *is_twin = ARENA_ARRAY(folder->arena, bool, folder->count);
	for (size_t i = 0; i < folder->count; i++) {
		struct workflow_file *a = &folder->files[i];
		for (size_t k = i + 1; k < folder->count && a->plan; k++) {
			struct workflow_file *b = &folder->files[k];
			if (!b->plan || strcmp(a->plan->id, b->plan->id) != 0)
				continue;
			name_twin(a, b);
			name_twin(b, a);
			is_twin[i] = is_twin[k] = true;
		}
	}
	for (size_t i = 0; i < folder->count; i++)
		if (is_twin[i])
			plan_unref(&folder->files[i].plan);
}

static enum err fail(const struct workflow_folder *folder, char **why_out)
{
	struct buf why = BUF_EMPTY;
	enum err err = errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
	buf_printf(&why,
		   "The folder of workflows, %s, cannot be read: %s. Make it, or "
		   "correct `workflows` in handbox.conf.",
		   folder->path, strerror(errno));
	*why_out = buf_take(&why);
	return err;
}

enum err workflow_folder_read(struct workflow_folder *folder,
			      const struct workflow_options *options, char **why_out)
{
	struct dirent **entries;
	int count = scandir(folder->path, &entries, is_workflow, alphasort);
	if (count < 0)
		return fail(folder, why_out);
	folder->files = ARENA_ARRAY(folder->arena, struct workflow_file, (size_t)count);
	for (int i = 0; i < count; i++) {
		if (folder->count < WORKFLOW_FOLDER_MOST) {
			struct workflow_file *file = &folder->files[folder->count++];
			file->path = arena_printf(folder->arena, "%s/%s", folder->path,
						  entries[i]->d_name);
			workflow_report_init(&file->report, folder->arena, file->path);
			parse_file(file, options);
		}
		free(entries[i]);
	}
	free(entries);
	refuse_twins(folder);
	if (count <= WORKFLOW_FOLDER_MOST)
		return ERR_OK;
	errno = E2BIG;
	return fail(folder, why_out);
}
