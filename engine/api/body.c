/* body.c - see body.h */
#include "api/body.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "api/problem.h"
#include "base/clock.h"
#include "base/ident.h"
#include "base/utf8.h"

enum { DEPTH_MOST = 32, FIELDS_MOST = 64, SHOWN_NAME_BYTES = 60 };

/* Where we are in the document, up to the root, for the path in a fault. */
struct spot {
	const struct spot *up;
	const char *name; /* NULL: an item of a list */
	size_t index;
};

struct decoding {
	struct arena *arena;
	struct body_fault *fault;
};

typedef bool decoder(struct decoding *d, const struct spot *spot,
		     const struct body_field *field, const json_t *value, void *place);

static bool decode_object(struct decoding *d, const struct spot *spot,
			  const struct body_shape *shape, const json_t *object,
			  void *out);

/* --- faults --- */

/* A name as the client wrote it, cut between characters when it is very long. */
static void add_name(struct buf *buf, const char *name)
{
	size_t len = strlen(name);
	if (len > SHOWN_NAME_BYTES) {
		len = SHOWN_NAME_BYTES;
		while (((unsigned char)name[len] & 0xc0) == 0x80)
			len--;
	}
	buf_add(buf, name, len);
	if (name[len])
		buf_add_str(buf, "…");
}

static void add_path(struct buf *buf, const struct spot *spot)
{
	if (!spot)
		return;
	add_path(buf, spot->up);
	if (!spot->name) {
		buf_printf(buf, "[%zu]", spot->index);
		return;
	}
	if (buf->len)
		buf_add_char(buf, '.');
	add_name(buf, spot->name);
}

static bool fails(struct decoding *d, const struct spot *spot, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
static bool fails(struct decoding *d, const struct spot *spot, const char *fmt, ...)
{
	struct buf path = BUF_EMPTY;
	va_list args;
	add_path(&path, spot);
	d->fault->member = arena_strdup(d->arena, buf_str(&path));
	buf_fini(&path);
	va_start(args, fmt);
	d->fault->detail = arena_vprintf(d->arena, fmt, args);
	va_end(args);
	return false;
}

/* --- text --- */

static size_t count_chars(const char *text)
{
	size_t chars = 0;
	for (; *text; text++)
		chars += ((unsigned char)*text & 0xc0) != 0x80;
	return chars;
}

static bool has_control(const char *text, bool is_line)
{
	for (; *text; text++) {
		bool is_space = *text == '\t' || *text == '\n' || *text == '\r';
		if (((unsigned char)*text < ' ' && (is_line || !is_space)) ||
		    *text == 0x7f)
			return true;
	}
	return false;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* A string into the arena; most: characters. */
static bool take_text(struct decoding *d, const struct spot *spot,
		      const struct body_field *field, const json_t *value, int64_t most,
		      const char **text_out)
{
	const char *text = json_string_value(value);
	if (!text)
		return fails(d, spot, "must be a string of at most %lld characters",
			     (long long)most);
	if (count_chars(text) > (size_t)most)
		return fails(d, spot, "has %zu characters; at most %lld are allowed",
			     count_chars(text), (long long)most);
	if (field->flags & BODY_FILLED && is_blank(text))
		return fails(d, spot, "must not be empty");
	if (has_control(text, field->flags & BODY_LINE))
		return fails(d, spot, "must not have control characters%s",
			     field->flags & BODY_LINE ? ", nor more than one line"
						      : "");
	*text_out = arena_strndup(d->arena, text, json_string_length(value));
	return true;
}

/* --- one decoder per kind --- */

static bool decode_str(struct decoding *d, const struct spot *spot,
		       const struct body_field *field, const json_t *value, void *place)
{
	return take_text(d, spot, field, value, field->max, place);
}

static bool decode_id(struct decoding *d, const struct spot *spot,
		      const struct body_field *field, const json_t *value, void *place)
{
	const char *text = json_string_value(value);
	(void)field;
	if (!text || ident_parse(text, place) != ERR_OK)
		return fails(
			d, spot,
			"must be an id: a string of digits, like \"268845211648\"");
	return true;
}

static bool decode_bool(struct decoding *d, const struct spot *spot,
			const struct body_field *field, const json_t *value,
			void *place)
{
	(void)field;
	if (!json_is_boolean(value))
		return fails(d, spot, "must be true or false");
	*(bool *)place = json_is_true(value);
	return true;
}

static bool decode_int(struct decoding *d, const struct spot *spot,
		       const struct body_field *field, const json_t *value, void *place)
{
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < field->min || number > field->max)
		return fails(d, spot, "must be a whole number, %lld to %lld",
			     (long long)field->min, (long long)field->max);
	*(int64_t *)place = number;
	return true;
}

static bool decode_time(struct decoding *d, const struct spot *spot,
			const struct body_field *field, const json_t *value,
			void *place)
{
	const char *text = json_string_value(value);
	(void)field;
	if (!text || clock_parse(text, place) != ERR_OK)
		return fails(d, spot,
			     "must be a time like \"2026-11-23T10:54:32Z\" (RFC 3339)");
	return true;
}

static bool decode_enum(struct decoding *d, const struct spot *spot,
			const struct body_field *field, const json_t *value,
			void *place)
{
	const char *text = json_string_value(value);
	char *known = NULL;
	for (int i = 0; field->names[i]; i++) {
		if (text && strcmp(text, field->names[i]) == 0) {
			*(int *)place = i;
			return true;
		}
		known = known ? arena_printf(d->arena, "%s, \"%s\"", known,
					     field->names[i])
			      : arena_printf(d->arena, "\"%s\"", field->names[i]);
	}
	return fails(d, spot, "must be one of: %s", known ? known : "(nothing)");
}

static bool decode_who(struct decoding *d, const struct spot *spot,
		       const struct body_field *field, const json_t *value, void *place)
{
	struct who *who = place, parsed;
	const char *text = json_string_value(value);
	const char *team = json_string_value(json_object_get(value, "team"));
	(void)field;
	if (text && who_parse(text, &parsed) == ERR_OK &&
	    (parsed.kind == WHO_ID || parsed.kind == WHO_LOGIN)) {
		*who = parsed;
		if (parsed.login)
			who->login = arena_strdup(d->arena, parsed.login);
		return true;
	}
	if (team && json_object_size(value) == 1 &&
	    ident_parse(team, &who->id) == ERR_OK) {
		who->kind = WHO_TEAM;
		return true;
	}
	return fails(d, spot, "must be a user's id or login, or {\"team\": id}");
}

static bool decode_str_list(struct decoding *d, const struct spot *spot,
			    const struct body_field *field, const json_t *value,
			    void *place)
{
	struct body_strs *list = place;
	size_t count = json_array_size(value);
	const char **items = ARENA_ARRAY(d->arena, const char *, count);
	for (size_t i = 0; i < count; i++) {
		struct spot item = {spot, NULL, i};
		if (!take_text(d, &item, field, json_array_get(value, i),
			       field->item_max, &items[i]))
			return false;
	}
	*list = (struct body_strs){items, count};
	return true;
}

static bool decode_id_list(struct decoding *d, const struct spot *spot,
			   const struct body_field *field, const json_t *value,
			   void *place)
{
	struct body_ids *list = place;
	size_t count = json_array_size(value);
	uint64_t *items = ARENA_ARRAY(d->arena, uint64_t, count);
	for (size_t i = 0; i < count; i++) {
		struct spot item = {spot, NULL, i};
		if (!decode_id(d, &item, field, json_array_get(value, i), &items[i]))
			return false;
	}
	*list = (struct body_ids){items, count};
	return true;
}

static bool decode_map(struct decoding *d, const struct spot *spot,
		       const struct body_field *field, const json_t *value, void *place)
{
	struct body_map *map = place;
	struct body_pair *items =
		ARENA_ARRAY(d->arena, struct body_pair, json_object_size(value));
	size_t count = 0;
	json_t *object = (json_t *)(uintptr_t)
		value; /* jansson iterates const objects only through this */
	for (void *iter = json_object_iter(object); iter;
	     iter = json_object_iter_next(object, iter)) {
		struct spot item = {spot, json_object_iter_key(iter), 0};
		const json_t *text = json_object_iter_value(iter);
		struct body_pair *pair = &items[count++];
		pair->name = arena_strdup(d->arena, item.name);
		if (!json_is_null(text) &&
		    !take_text(d, &item, field, text, field->item_max, &pair->value))
			return false;
	}
	*map = (struct body_map){items, count};
	return true;
}

static bool decode_nested(struct decoding *d, const struct spot *spot,
			  const struct body_field *field, const json_t *value,
			  void *place)
{
	void *out = arena_alloc(d->arena, field->shape->size);
	if (!decode_object(d, spot, field->shape, value, out))
		return false;
	*(void **)place = out;
	return true;
}

static bool decode_raw(struct decoding *d, const struct spot *spot,
		       const struct body_field *field, const json_t *value, void *place)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	(void)spot;
	(void)field;
	*(const char **)place = arena_strdup(d->arena, text ? text : "null");
	free(text);
	return true;
}

/* The JSON type that a kind needs is looked at before its decoder; scalars look for themselves. */
static const struct {
	decoder *decode;
	int type; /* a json_type, or -1 */
	const char *expected;
} kinds[BODY_KIND_COUNT] = {
	[BODY_KIND_STR] = {decode_str, -1, NULL},
	[BODY_KIND_ID] = {decode_id, -1, NULL},
	[BODY_KIND_BOOL] = {decode_bool, -1, NULL},
	[BODY_KIND_INT] = {decode_int, -1, NULL},
	[BODY_KIND_TIME] = {decode_time, -1, NULL},
	[BODY_KIND_ENUM] = {decode_enum, -1, NULL},
	[BODY_KIND_WHO] = {decode_who, -1, NULL},
	[BODY_KIND_STR_LIST] = {decode_str_list, JSON_ARRAY,
				"must be a list of strings"},
	[BODY_KIND_ID_LIST] = {decode_id_list, JSON_ARRAY,
			       "must be a list of ids (strings of digits)"},
	[BODY_KIND_STR_MAP] = {decode_map, JSON_OBJECT,
			       "must be an object whose values are strings"},
	[BODY_KIND_OBJECT] = {decode_nested, JSON_OBJECT, "must be an object"},
	[BODY_KIND_RAW] = {decode_raw, -1, NULL},
	[BODY_KIND_RAW_OBJECT] = {decode_raw, JSON_OBJECT, "must be an object"},
};

/* --- objects --- */

static int field_index(const struct body_field *fields, const char *name)
{
	for (int i = 0; fields[i].name; i++)
		if (strcmp(fields[i].name, name) == 0)
			return i;
	return -1;
}

static bool fails_unknown(struct decoding *d, const struct spot *spot,
			  const struct body_field *fields)
{
	char *known = NULL;
	for (; fields->name; fields++)
		known = known ? arena_printf(d->arena, "%s, %s", known, fields->name)
			      : arena_strdup(d->arena, fields->name);
	return fails(d, spot, "is not known here; known are: %s",
		     known ? known : "(none)");
}

static bool has_size(struct decoding *d, const struct spot *spot,
		     const struct body_field *field, const json_t *value)
{
	bool is_counted = field->kind == BODY_KIND_STR_LIST ||
			  field->kind == BODY_KIND_ID_LIST ||
			  field->kind == BODY_KIND_STR_MAP;
	size_t count =
		json_is_array(value) ? json_array_size(value) : json_object_size(value);
	if (!is_counted)
		return true;
	if (count > (size_t)field->max)
		return fails(d, spot, "has %zu items; at most %lld are allowed", count,
			     (long long)field->max);
	if (!count && field->flags & BODY_FILLED)
		return fails(d, spot, "must not be empty");
	return true;
}

static bool decode_member(struct decoding *d, const struct spot *spot,
			  const struct body_field *field, const json_t *value,
			  void *place)
{
	assert(field->kind > BODY_KIND_END && field->kind < BODY_KIND_COUNT);
	int type = kinds[field->kind].type;
	if (json_is_null(value) && field->kind != BODY_KIND_RAW) {
		if (field->flags & BODY_NULL)
			return true;
		return fails(d, spot, "must not be null");
	}
	if (type >= 0 && (int)json_typeof(value) != type)
		return fails(d, spot, "%s", kinds[field->kind].expected);
	return has_size(d, spot, field, value) &&
	       kinds[field->kind].decode(d, spot, field, value, place);
}

static bool are_all_there(struct decoding *d, const struct spot *spot,
			  const struct body_field *fields, uint64_t given)
{
	for (int i = 0; fields[i].name; i++) {
		struct spot member = {spot, fields[i].name, 0};
		if (fields[i].flags & BODY_REQUIRED && !(given >> i & 1))
			return fails(d, &member, "is required");
	}
	return true;
}

static void preset(const struct body_shape *shape, void *out)
{
	memset(out, 0, shape->size);
	if (shape->preset)
		shape->preset(out);
}

static bool decode_object(struct decoding *d, const struct spot *spot,
			  const struct body_shape *shape, const json_t *object,
			  void *out)
{
	struct body_seen seen = {.fields = shape->fields};
	json_t *members = (json_t *)(uintptr_t)object;
	preset(shape, out);
	for (void *iter = json_object_iter(members); iter;
	     iter = json_object_iter_next(members, iter)) {
		struct spot member = {spot, json_object_iter_key(iter), 0};
		const json_t *value = json_object_iter_value(iter);
		int index = field_index(shape->fields, member.name);
		if (index < 0)
			return fails_unknown(d, &member, shape->fields);
		assert(index < FIELDS_MOST);
		const struct body_field *field = &shape->fields[index];
		seen.given |= UINT64_C(1) << index;
		if (json_is_null(value))
			seen.null |= UINT64_C(1) << index;
		if (!decode_member(d, &member, field, value,
				   (char *)out + field->offset))
			return false;
	}
	if (shape->seen != BODY_NO_SEEN)
		memcpy((char *)out + shape->seen, &seen, sizeof(seen));
	return are_all_there(d, spot, shape->fields, seen.given);
}

/* --- the document --- */

/* jansson would go down to 2,048; nobody means that. */
static bool is_too_deep(const char *text, size_t len)
{
	unsigned depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '[' || text[i] == '{') {
			if (++depth > DEPTH_MOST)
				return true;
		} else if ((text[i] == ']' || text[i] == '}') && depth) {
			depth--;
		}
	}
	return false;
}

/* jansson says: duplicate object key near '"name"' */
static bool fails_duplicate(struct decoding *d, const json_error_t *error)
{
	static const char before[] = "near '\"";
	const char *near = strstr(error->text, before);
	const char *name = near ? near + strlen(before) : "";
	const char *end = strrchr(name, '"');
	struct spot spot = {.name = NULL};
	if (!end || end == name || !utf8_is_valid(name, (size_t)(end - name)))
		return fails(d, NULL, "has a member twice: line %d, column %d",
			     error->line, error->column);
	spot.name = arena_strndup(d->arena, name, (size_t)(end - name));
	return fails(d, &spot, "is there twice: line %d, column %d", error->line,
		     error->column);
}

static bool fails_syntax(struct decoding *d, const json_error_t *error)
{
	char *text = arena_strdup(d->arena, error->text);
	if (!utf8_is_valid(
		    text,
		    strlen(text))) /* it quotes the input, perhaps cut inside a character */
		for (char *c = text; *c; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
	return fails(d, NULL, "is not valid JSON: line %d, column %d: %s", error->line,
		     error->column, text);
}

static bool decode_text(struct decoding *d, const char *text, size_t len,
			const struct body_shape *shape, void *out)
{
	json_error_t error;
	if (!len) {
		struct spot *root = NULL;
		preset(shape, out);
		if (shape->seen != BODY_NO_SEEN)
			((struct body_seen *)(void *)((char *)out + shape->seen))
				->fields = shape->fields;
		return are_all_there(d, root, shape->fields, 0);
	}
	if (memchr(text, '\0', len))
		return fails(d, NULL, "has a NUL byte");
	if (is_too_deep(text, len))
		return fails(d, NULL, "is nested more than %d deep", DEPTH_MOST);
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root && json_error_code(&error) == json_error_duplicate_key)
		return fails_duplicate(d, &error);
	if (!root)
		return fails_syntax(d, &error);
	bool fine = json_is_object(root) ? decode_object(d, NULL, shape, root, out)
					 : fails(d, NULL, "must be a JSON object, {…}");
	json_decref(root);
	return fine;
}

enum err body_parse(struct arena *arena, const char *text, size_t len_bytes,
		    const struct body_shape *shape, void *out, struct body_fault *fault)
{
	struct decoding d = {arena, fault};
	return decode_text(&d, text, len_bytes, shape, out) ? ERR_OK : ERR_BAD_REQUEST;
}

/* --- requests --- */

/* The parameters of a media type: charset, if any, must be utf-8. */
static bool is_utf8_charset(const char *params)
{
	while (*params) {
		params += strspn(params, "; \t");
		size_t len = strcspn(params, ";");
		if (len >= 8 && strncasecmp(params, "charset=", 8) == 0) {
			const char *value = params + 8;
			size_t quote = *value == '"';
			return strncasecmp(value + quote, "utf-8", 5) == 0 &&
			       (!quote || value[6] == '"') &&
			       strchr("; \t", value[5 + 2 * quote]);
		}
		params += len;
	}
	return true;
}

bool body_has_type(const struct http_request *req, const char *media_type)
{
	const char *type = http_header(req, "Content-Type");
	size_t len = strlen(media_type);
	if (!type || strncasecmp(type, media_type, len) != 0 ||
	    !strchr("; \t", type[len]))
		return false;
	return is_utf8_charset(type + len);
}

bool body_read(struct http_request *req, const struct body_shape *shape, void *out)
{
	struct body_fault fault;
	struct problem problem = {.err = ERR_BAD_REQUEST};
	struct arena *arena = http_arena(req);
	size_t len = http_body_len(req);
	if ((len || http_header(req, "Content-Type")) &&
	    !body_has_type(req, HTTP_JSON)) {
		problem_send(
			req, ERR_MEDIA_TYPE,
			"Send the body as Content-Type: application/json, in UTF-8");
		return false;
	}
	if (body_parse(arena, http_body(req), len, shape, out, &fault) == ERR_OK)
		return true;
	problem.member = *fault.member ? fault.member : NULL;
	problem.detail = *fault.member
				 ? arena_printf(arena, "The member \"%s\" %s",
						fault.member, fault.detail)
				 : arena_printf(arena, "The body %s", fault.detail);
	problem_send_all(req, &problem);
	return false;
}

static int bit_of(const struct body_seen *seen, const char *name)
{
	int index = field_index(seen->fields, name);
	assert(index >= 0);
	return index;
}

bool body_given(const struct body_seen *seen, const char *name)
{
	return seen->given >> bit_of(seen, name) & 1;
}

bool body_is_null(const struct body_seen *seen, const char *name)
{
	return seen->null >> bit_of(seen, name) & 1;
}
