/* members.h - JSON members without braces around them: what the journal keeps, and what a problem carries beside its code.
 *
 *	struct members members;
 *	struct json *json = members_begin(&members);
 *	json_key_str(json, "tag", tag);
 *	err = journal_add(txn, id, step, "tag_added", members_end(&members, arena));
 */
#ifndef HB_CORE_MEMBERS_H
#define HB_CORE_MEMBERS_H

#include "base/json.h"
#include "base/mem.h"

struct members {
	struct buf buf;
	struct json json;
};

/* members_begin - an open object to write into, until members_end; borrowed. */
struct json *members_begin(struct members *members);

/* members_end - "\"tag\":\"vip\"", in arena; "" when nothing was written. members is spent. */
const char *members_end(struct members *members, struct arena *arena);

/* members_str - one of them: "key": "value", or null. */
const char *members_str(struct arena *arena, const char *key, const char *value);

/* members_text - several of them: members_text(arena, "task", id, "by", login, NULL). A NULL value writes null; the list
 * ends with a NULL key. members_id - an id as the text it is in JSON. */
const char *members_text(struct arena *arena, ...) __attribute__((sentinel));
const char *members_id(struct arena *arena, uint64_t id);

#endif
