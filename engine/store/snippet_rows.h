/* snippet_rows.h - canned texts with dynamic values, and what tasks took of them. */
#ifndef HB_STORE_SNIPPET_ROWS_H
#define HB_STORE_SNIPPET_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct snippet {
	uint64_t id;
	const char *name; /* of its own */
	const char *text; /* a template that compiles */
	int64_t created_at, updated_at;
	uint64_t updated_by; /* 0: no user */
};

enum err snippet_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct snippet *snippet_out) MUST_CHECK;
enum err snippet_rows_by_name(struct db *db, struct arena *arena, const char *name,
			      struct snippet *snippet_out) MUST_CHECK;

/* snippet_rows_insert, _save - ERR_DUPLICATE: the name is taken. */
enum err snippet_rows_insert(struct db *db, const struct snippet *snippet) MUST_CHECK;
enum err snippet_rows_save(struct db *db, const struct snippet *snippet) MUST_CHECK;
enum err snippet_rows_delete(struct db *db, uint64_t id) MUST_CHECK;

typedef void snippet_fn(void *arg, const struct snippet *snippet);

/* snippet_rows_page - the oldest first, those above after_id; at most limit. */
enum err snippet_rows_page(struct db *db, uint64_t after_id, size_t limit,
			   snippet_fn *each, void *arg) MUST_CHECK;

/* --- the template that a task keeps: of a snippet, which may change or go; of its step in the version it was made with,
 * when it was moved to another --- */

enum err task_template_rows_add(struct db *db, uint64_t task_id,
				const char *text) MUST_CHECK;
enum err task_template_rows_drop(struct db *db, uint64_t task_id) MUST_CHECK;
enum err task_template_rows_load(struct db *db, struct arena *arena, uint64_t task_id,
				 const char **text_out) MUST_CHECK; /* ERR_NOT_FOUND */

#endif
