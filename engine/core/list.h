/* list.h - {"items": […], "next": cursor} as an answer. Ask the rows for one more than the limit: that one is not
 * written, it only tells that there is a next page.
 *
 *	list_begin(&list, &cmd->call, cmd->limit);
 *	err = thing_rows_page(db, after, cmd->limit + 1, each, &list);	each: if (list_takes_id(list, row->id)) …
 *	list_end(&list);
 */
#ifndef HB_CORE_LIST_H
#define HB_CORE_LIST_H

#include "core/call.h"

struct list {
	struct json json;
	struct arena *arena;
	size_t limit, count;
	const char *last; /* cursor of the last item written */
	bool has_more;
};

void list_begin(struct list *list, struct call *call, size_t limit);

/* list_takes - may this row be written? cursor is copied: the page behind it begins there. */
bool list_takes(struct list *list, const char *cursor);
bool list_takes_id(struct list *list, uint64_t id);

void list_end(struct list *list);

/* list_bad_cursor - the refusal. list_parse_id - a cursor that is an id; NULL is 0. */
enum err list_bad_cursor(struct call *call) MUST_CHECK;
enum err list_parse_id(struct call *call, const char *cursor,
		       uint64_t *id_out) MUST_CHECK;

#endif
