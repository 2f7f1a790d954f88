/* tree.c - see tree.h */
#include "tree.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct json_t *tree_parse(const char *text)
{
	return json_loads(text, JSON_DECODE_ANY, NULL);
}

void tree_free(struct json_t *tree)
{
	json_decref(tree);
}

struct json_t *tree_at(struct json_t *tree, const char *path)
{
	char key[128];
	while (tree && *path) {
		size_t len = strcspn(path, ".");
		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		tree = json_is_array(tree)
			       ? json_array_get(tree, strtoul(key, NULL, 10))
			       : json_object_get(tree, key);
		path += len + (path[len] == '.');
	}
	return tree;
}

size_t tree_count(struct json_t *list)
{
	return json_array_size(list);
}

struct json_t *tree_item(struct json_t *list, size_t index)
{
	return json_array_get(list, index);
}

const char *tree_text(struct json_t *value, struct arena *arena)
{
	if (!value || json_is_null(value))
		return "none";
	if (json_is_string(value))
		return arena_strdup(arena, json_string_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? "yes" : "no";
	char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	const char *kept = arena_strdup(arena, dump);
	free(dump);
	return kept;
}
