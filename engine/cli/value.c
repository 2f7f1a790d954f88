/* value.c - see value.h */
#include "cli/value.h"

#include <jansson.h>
#include <string.h>

struct json_t *value_parse(const char *text, size_t len_bytes)
{
	return json_loadb(text, len_bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

void value_free(struct json_t **value)
{
	json_decref(*value);
	*value = NULL;
}

const struct json_t *value_get(const struct json_t *value, const char *path)
{
	while (value && *path) {
		size_t len = strcspn(path, ".");
		char name[64];
		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		value = json_object_get(value, name);
		path += len + (path[len] == '.');
	}
	return value;
}

const char *value_string(const struct json_t *value)
{
	const char *text = json_string_value(value);
	return text ? text : "";
}

const char *value_text(const struct json_t *value, const char *path)
{
	return value_string(value_get(value, path));
}

int64_t value_int(const struct json_t *value, const char *path)
{
	return json_integer_value(value_get(value, path));
}

bool value_bool(const struct json_t *value, const char *path)
{
	return json_is_true(value_get(value, path));
}

bool value_is_there(const struct json_t *value, const char *path)
{
	const struct json_t *found = value_get(value, path);
	return found && !json_is_null(found);
}

size_t value_count(const struct json_t *list)
{
	return json_array_size(list);
}

const struct json_t *value_at(const struct json_t *list, size_t index)
{
	return json_array_get(list, index);
}
