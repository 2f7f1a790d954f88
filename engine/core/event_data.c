/* event_data.c - see event_data.h */
#include "core/event_data.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimals have no more digits than whoever sent them meant: 0.1 is not 0.10000000000000001. */
enum { DIGITS = 15 };

static const char *text_of(struct arena *arena, const json_t *value)
{
	if (json_is_string(value))
		return arena_strdup(arena, json_string_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (json_is_integer(value))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT,
				    json_integer_value(value));
	return json_is_real(value)
		       ? arena_printf(arena, "%.*g", DIGITS, json_real_value(value))
		       : NULL;
}

void event_data_read(struct event_data *data, struct arena *arena, const char *text)
{
	const char *name;
	json_t *value;
	if (data->is_read)
		return;
	data->is_read = true;
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;
	struct contact_field *fields =
		ARENA_ARRAY(arena, struct contact_field, json_object_size(object) + 1);
	json_object_foreach(object, name, value)
	{
		fields[data->count].name = arena_strdup(arena, name);
		fields[data->count++].value = text_of(arena, value);
	}
	data->fields = fields;
	json_decref(object);
}

const char *event_data_get(const struct event_data *data, const char *field)
{
	const char *name = field + strlen(EVENT_PREFIX);
	for (size_t i = 0; i < data->count; i++)
		if (strcmp(data->fields[i].name, name) == 0)
			return data->fields[i].value;
	return NULL;
}
