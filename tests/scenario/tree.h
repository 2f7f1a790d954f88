/* tree.h - JSON to look into. jansson has the same words as base/json.h with another sense, so no file can use both. */
#ifndef HB_TESTS_TREE_H
#define HB_TESTS_TREE_H

#include <stddef.h>

#include "base/mem.h"

struct json_t;

struct json_t *tree_parse(const char *text); /* NULL: no JSON */
void tree_free(struct json_t *tree);

/* tree_at - the value at "assignee.login" or "checks.2.detail", borrowed; NULL: there is none. */
struct json_t *tree_at(struct json_t *tree, const char *path);
size_t tree_count(struct json_t *list);
struct json_t *tree_item(struct json_t *list, size_t index);

/* tree_text - strings as they are, yes and no, none for null and for what is not there, else compact JSON. */
const char *tree_text(struct json_t *value, struct arena *arena);

#endif
