/* snippets.h - canned texts with dynamic values: for workflows (<message snippet="NAME"/>) and for whoever writes.
 *
 * The values are checked when a snippet is saved, and filled in by the rules of all texts (template.h): what is empty
 * leaves a marked hole, and a text with a hole is not sent. A task takes the text when it is made; a later change of the
 * snippet does not reach it.
 *
 * A snippet in answers: {id, name, text, updated_by, created_at, updated_at}; for a contact also rendered {text, holes,
 * segments}. Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_SNIPPETS_H
#define HB_CORE_SNIPPETS_H

#include "core/call.h"

enum { SNIPPET_NAME_CHARS = 120, SNIPPET_TEXT_CHARS = 2000 };

/* snippet_put - id 0: a new one, 201. NULL members stay as they are. ERR_DUPLICATE: the name is taken; ERR_INVALID: a
 * value that is none, named. */
struct snippet_put {
	struct call call;
	uint64_t id;
	const char *name, *text;
};
enum err snippet_put(struct txn *txn, void *arg) MUST_CHECK;

struct snippet_delete {
	struct call call;
	uint64_t id;
};
enum err snippet_delete(struct txn *txn, void *arg) MUST_CHECK;

/* snippet_get - contact_id 0: as it is written. Values of user.* are the caller's. */
struct snippet_get {
	struct call call;
	uint64_t id, contact_id;
};
enum err snippet_get(struct snapshot *snap, void *arg) MUST_CHECK;

/* snippet_list - the oldest first. */
struct snippet_list {
	struct call call;
	const char *cursor;
	size_t limit;
};
enum err snippet_list(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
