/* workflow_files.c - see workflow_files.h; reading the folder is in workflow_folder.c */
#include "core/workflow_files.h"

#include <string.h>

#include "base/log.h"
#include "core/workflow_folder.h"
#include "core/workflow_parts.h"
#include "store/workflow_rows.h"

struct workflow_files {
	struct core *core;
	struct workflow_folder folder;
	struct workflow_files_counts counts;
	struct buf report;
};

struct workflow_files *workflow_files_new(struct core *core, const char *folder)
{
	struct workflow_files *files = MEM_NEW(struct workflow_files);
	files->core = core;
	files->folder.arena = arena_new();
	files->folder.path = arena_strdup(files->folder.arena, folder);
	return files;
}

void workflow_files_free(struct workflow_files **files)
{
	if (!*files)
		return;
	for (size_t i = 0; i < (*files)->folder.count; i++)
		plan_unref(&(*files)->folder.files[i].plan);
	arena_free(&(*files)->folder.arena);
	buf_fini(&(*files)->report);
	mem_free(*files);
	*files = NULL;
}

enum err workflow_files_read(struct workflow_files *files, char **why_out)
{
	struct workflow_options options;
	workflow_parse_options(files->core, &options);
	return workflow_folder_read(&files->folder, &options, why_out);
}

struct workflow_files_counts workflow_files_count(const struct workflow_files *files)
{
	return files->counts;
}

const char *workflow_files_report(const struct workflow_files *files)
{
	return buf_str(&files->report);
}

/* --- one file: a write of its own --- */

static enum err refuse_file(struct workflow_file *file, const char *code,
			    const char *message)
{
	const struct finding_at at = {FINDING_ERROR, {1, 1}, NULL, code};
	workflow_report_add(&file->report, at, "%s", message);
	return ERR_INVALID_WORKFLOW;
}

static void remark(struct workflow_file *file, const char *code, const char *message)
{
	const struct finding_at at = {FINDING_WARNING, {1, 1}, NULL, code};
	workflow_report_add(&file->report, at, "%s", message);
}

static enum err publish_file(struct txn *txn, struct workflow_file *file,
			     struct workflow *workflow)
{
	const char *hash = file->plan->hash;
	if (!file->plan->publish ||
	    (workflow->file_hash && strcmp(workflow->file_hash, hash) == 0))
		return ERR_OK;
	if (workflow->state == WORKFLOW_UNPUBLISHED) {
		remark(file, "unpublished_by_hand",
		       "Saved, but not published: it was unpublished by hand, and "
		       "stays so until it is published by hand.");
		return ERR_OK;
	}
	workflow->file_hash = hash;
	file->is_published = true;
	return workflow_make_public(txn, &actor_system, workflow,
				    workflow->draft_version, "From its file");
}

/* The path may change without the content: a renamed file is the same workflow. */
static enum err follow_path(struct txn *txn, const struct workflow_file *file,
			    struct workflow *workflow)
{
	if (workflow->file_path && strcmp(workflow->file_path, file->path) == 0)
		return ERR_OK;
	workflow->file_path = file->path;
	workflow->revision++;
	return workflow_rows_save(txn_db(txn), workflow);
}

static enum err apply_file(struct txn *txn, void *arg)
{
	struct workflow_file *file = arg;
	struct workflow workflow = {0};
	enum err err = workflow_check_names(txn_db(txn), file->plan, &file->report);
	if (err == ERR_OK && file->report.error_count)
		return ERR_INVALID_WORKFLOW;
	if (err == ERR_OK)
		err = workflow_rows_load(txn_db(txn), txn_arena(txn), file->plan->id,
					 &workflow);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	if (workflow.id && workflow.source == WORKFLOW_FROM_API)
		return refuse_file(
			file, "not_file_managed",
			"The workflow of this id belongs to the API: it was adopted or "
			"made there. The file is "
			"ignored; delete the workflow, or take the file away.");
	if (!workflow.id) {
		workflow.source = WORKFLOW_FROM_FILE;
		workflow.file_path = file->path;
	} else {
		err = follow_path(txn, file, &workflow);
	}
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		err = workflow_put(txn, &actor_system, file->plan, &workflow,
				   &file->is_saved);
	return err == ERR_OK ? publish_file(txn, file, &workflow) : err;
}

/* The transaction is through, one way or the other. */
static void note_file(struct workflow_files *files, struct workflow_file *file,
		      enum err err)
{
	size_t from = files->report.len;
	workflow_report_sort(&file->report);
	workflow_report_print(&file->report, &files->report);
	files->counts.files++;
	files->counts.refused += err != ERR_OK;
	files->counts.saved += err == ERR_OK && file->is_saved;
	files->counts.published += err == ERR_OK && file->is_published;
	for (const char *line = buf_str(&files->report) + from; *line;) {
		int len = (int)strcspn(line, "\n");
		log_warn("workflow", "%.*s", len, line);
		line += len + (line[len] == '\n');
	}
	if (err != ERR_OK && err != ERR_INVALID_WORKFLOW)
		log_error("workflow", "%s was not applied: %s", file->path,
			  err_title(err));
	else if (err == ERR_OK && (file->is_saved || file->is_published))
		log_info("workflow", "%s: %s%s", file->path,
			 file->is_saved ? "saved" : "unchanged",
			 file->is_published ? ", published" : "");
}

/* --- files that are gone --- */

static void check_is_there(void *arg, const struct workflow *workflow)
{
	const struct workflow_files *files = arg;
	if (workflow->source != WORKFLOW_FROM_FILE)
		return;
	for (size_t i = 0; i < files->folder.count; i++)
		if (strcmp(files->folder.files[i].path, workflow->file_path) == 0)
			return;
	log_warn("workflow",
		 "%s is gone; its workflow %s stays as it is. Adopt it, or unpublish "
		 "it.",
		 workflow->file_path, workflow->id);
}

static enum err find_gone(struct snapshot *snap, void *arg)
{
	return workflow_rows_page(snapshot_db(snap), NULL, SIZE_MAX >> 1,
				  check_is_there, arg);
}

/* --- all of them, waited for --- */

enum err workflow_files_apply_now(struct workflow_files *files, struct store *store)
{
	for (size_t i = 0; i < files->folder.count; i++) {
		struct workflow_file *file = &files->folder.files[i];
		enum err err = file->plan ? store_write_now(store, apply_file, file)
					  : ERR_INVALID_WORKFLOW;
		note_file(files, file, err);
		if (err != ERR_OK && err_status(err) >= 500)
			return err;
	}
	return store_read_now(store, find_gone, files);
}

/* --- all of them, on the loop: one step after the other --- */

struct reload {
	struct workflow_files_reload in;
	struct workflow_files *files;
	size_t at;
	enum err err;
	char *why;
};

static void reload_end(struct reload *reload)
{
	const char *why = reload->why;
	if (!why && reload->err != ERR_OK)
		why = err_title(reload->err);
	reload->in.done(reload->in.arg, &reload->files->counts, why);
	workflow_files_free(&reload->files);
	mem_free(reload->why);
	mem_free(reload);
}

static void reload_gone_done(void *arg, enum err err)
{
	struct reload *reload = arg;
	reload->err = err;
	reload_end(reload);
}

static enum err reload_gone(struct snapshot *snap, void *arg)
{
	struct reload *reload = arg;
	return find_gone(snap, reload->files);
}

static void reload_next(struct reload *reload);

static void reload_file_done(void *arg, enum err err)
{
	struct reload *reload = arg;
	note_file(reload->files, &reload->files->folder.files[reload->at++], err);
	reload_next(reload);
}

static enum err apply_at(struct txn *txn, void *arg)
{
	struct reload *reload = arg;
	return apply_file(txn, &reload->files->folder.files[reload->at]);
}

static void reload_next(struct reload *reload)
{
	struct workflow_folder *folder = &reload->files->folder;
	for (; reload->at < folder->count && !folder->files[reload->at].plan;
	     reload->at++)
		note_file(reload->files, &folder->files[reload->at],
			  ERR_INVALID_WORKFLOW);
	if (reload->at < folder->count)
		reload->err = store_write(reload->in.store, apply_at, reload_file_done,
					  reload);
	else
		reload->err = store_read(reload->in.store, reload_gone,
					 reload_gone_done, reload);
	if (reload->err != ERR_OK)
		reload_end(reload);
}

static void reload_read(void *arg)
{
	struct reload *reload = arg;
	reload->err = workflow_files_read(reload->files, &reload->why);
}

static void reload_read_done(void *arg)
{
	struct reload *reload = arg;
	if (reload->err != ERR_OK)
		reload_end(reload);
	else
		reload_next(reload);
}

enum err workflow_files_reload(const struct workflow_files_reload *in)
{
	struct reload *reload = MEM_NEW(struct reload);
	reload->in = *in;
	reload->files = workflow_files_new(in->core, in->folder);
	enum err err = pool_run(in->pool, reload_read, reload_read_done, reload);
	if (err != ERR_OK) {
		workflow_files_free(&reload->files);
		mem_free(reload);
	}
	return err;
}
