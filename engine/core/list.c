/* list.c - see list.h */
#include "core/list.h"

#include "base/ident.h"

void list_begin(struct list *list, struct call *call, size_t limit)
{
	*list = (struct list){
		.json = call_json(call), .arena = call->arena, .limit = limit};
	json_object(&list->json);
	json_key(&list->json, "items");
	json_array(&list->json);
}

static bool has_room(struct list *list)
{
	list->has_more = list->count == list->limit;
	list->count += !list->has_more;
	return !list->has_more;
}

/* Only the last cursor of a full page is needed. */
bool list_takes(struct list *list, const char *cursor)
{
	if (!has_room(list))
		return false;
	if (list->count == list->limit)
		list->last = arena_strdup(list->arena, cursor);
	return true;
}

bool list_takes_id(struct list *list, uint64_t id)
{
	char text[IDENT_TEXT_LEN];
	return list_takes(list, ident_format(id, text));
}

void list_end(struct list *list)
{
	json_end_array(&list->json);
	json_key_str(&list->json, "next", list->has_more ? list->last : NULL);
	json_end_object(&list->json);
}

enum err list_bad_cursor(struct call *call)
{
	return call_refuse_member(
		call, ERR_BAD_CURSOR, "cursor",
		"Take the cursor from `next` of the page before, as it is.");
}

enum err list_parse_id(struct call *call, const char *cursor, uint64_t *id_out)
{
	*id_out = 0;
	return cursor && ident_parse(cursor, id_out) != ERR_OK ? list_bad_cursor(call)
							       : ERR_OK;
}
