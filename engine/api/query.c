/* query.c - see query.h */
#include "api/query.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/problem.h"
#include "base/clock.h"
#include "base/ident.h"
#include "base/utf8.h"

enum { CURSOR_MOST = 512, PARAMS_MOST = 32 };

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	if (!at)
		return -1;
	return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

char *query_decode(struct arena *arena, const char *text, size_t len_bytes, bool plus)
{
	char *out = arena_alloc(arena, len_bytes + 1), *to = out;
	const char *end = text + len_bytes;
	for (; text < end; text++) {
		if (*text == '+' && plus) {
			*to++ = ' ';
			continue;
		}
		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		if (end - text < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0)
			return NULL;
		*to++ = (char)(hex_value(text[1]) << 4 | hex_value(text[2]));
		text += 2;
	}
	*to = '\0';
	return utf8_is_valid(out, (size_t)(to - out)) ? out : NULL;
}

/* --- one value each; false with the sentence in *why --- */

struct reading {
	struct arena *arena;
	const struct query_into *into;
	const struct query_param *param; /* the present one */
	uint64_t seen;                   /* bit per row */
	const char *why;
};

static bool fails(struct reading *reading, const char *why)
{
	reading->why = why;
	return false;
}

static void *place(const struct reading *reading)
{
	return (char *)reading->into->out + reading->param->offset;
}

static bool read_str(struct reading *reading, const char *value)
{
	size_t chars = 0;
	for (const char *c = value; *c; c++)
		chars += ((unsigned char)*c & 0xc0) != 0x80;
	if (chars > (size_t)reading->param->max)
		return fails(reading, arena_printf(reading->arena,
						   "must have at most %lld characters",
						   (long long)reading->param->max));
	*(const char **)place(reading) = value;
	return true;
}

static bool read_id(struct reading *reading, const char *value)
{
	uint64_t id;
	if (ident_parse(value, &id) != ERR_OK)
		return fails(reading,
			     "must be an id: digits, 1 to 9223372036854775807");
	*(uint64_t *)place(reading) = id;
	return true;
}

static bool read_int(struct reading *reading, const char *value)
{
	const struct query_param *param = reading->param;
	char *end;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	bool is_number = (value[0] == '-' || (value[0] >= '0' && value[0] <= '9')) &&
			 *end == '\0' && !errno;
	if (!is_number || number < param->min || number > param->max)
		return fails(reading,
			     arena_printf(reading->arena,
					  "must be a whole number, %lld to %lld",
					  (long long)param->min,
					  (long long)param->max));
	*(int64_t *)place(reading) = number;
	return true;
}

static bool is_truth(const char *value, bool *truth_out)
{
	static const char *const words[] = {"0", "1", "false", "true"};
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(value, words[i]) == 0) {
			*truth_out = i & 1;
			return true;
		}
	return false;
}

static bool read_bool(struct reading *reading, const char *value)
{
	bool truth;
	if (!is_truth(value, &truth))
		return fails(reading, "must be 1, true, 0 or false");
	*(bool *)place(reading) = truth;
	return true;
}

static bool read_tri(struct reading *reading, const char *value)
{
	bool truth;
	if (!is_truth(value, &truth))
		return fails(reading, "must be 1, true, 0 or false");
	*(int *)place(reading) = truth;
	return true;
}

static bool read_time(struct reading *reading, const char *value)
{
	if (clock_parse(value, (int64_t *)place(reading)) != ERR_OK)
		return fails(reading, "must be a time like 2026-11-23T10:54:32Z (a + "
				      "is sent as %2B)");
	return true;
}

static const char *list_names(struct arena *arena, const char *const *names)
{
	char *text = NULL;
	for (; *names; names++)
		text = text ? arena_printf(arena, "%s, %s", text, *names)
			    : arena_strdup(arena, *names);
	return text ? text : "";
}

static int index_of(const char *const *names, const char *value, size_t len)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == len && memcmp(names[i], value, len) == 0)
			return i;
	return -1;
}

static bool read_enum(struct reading *reading, const char *value)
{
	int index = index_of(reading->param->names, value, strlen(value));
	if (index < 0)
		return fails(reading, arena_printf(reading->arena, "must be one of: %s",
						   list_names(reading->arena,
							      reading->param->names)));
	*(int *)place(reading) = index;
	return true;
}

static bool read_set(struct reading *reading, const char *value)
{
	for (;;) {
		size_t len = strcspn(value, ",");
		int index = index_of(reading->param->names, value, len);
		if (index < 0)
			return fails(
				reading,
				arena_printf(reading->arena,
					     "must be some of, with commas between: %s",
					     list_names(reading->arena,
							reading->param->names)));
		*(uint64_t *)place(reading) |= UINT64_C(1) << index;
		if (!value[len])
			return true;
		value += len + 1;
	}
}

static bool read_who(struct reading *reading, const char *value)
{
	if (who_parse(value, place(reading)) != ERR_OK)
		return fails(reading, "must be a user's id or login, me or none");
	return true;
}

static bool read_cursor(struct reading *reading, const char *value)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~=";
	size_t len = strlen(value);
	if (len == 0 || len > CURSOR_MOST || strspn(value, allowed) != len)
		return fails(reading,
			     "must be the \"next\" of an earlier answer, unchanged");
	*(const char **)place(reading) = value;
	return true;
}

static bool (*const readers[QUERY_KIND_COUNT])(struct reading *, const char *) = {
	[QUERY_KIND_STR] = read_str,   [QUERY_KIND_ID] = read_id,
	[QUERY_KIND_INT] = read_int,   [QUERY_KIND_BOOL] = read_bool,
	[QUERY_KIND_TRI] = read_tri,   [QUERY_KIND_TIME] = read_time,
	[QUERY_KIND_ENUM] = read_enum, [QUERY_KIND_SET] = read_set,
	[QUERY_KIND_WHO] = read_who,   [QUERY_KIND_CURSOR] = read_cursor,
};

/* --- the whole --- */

static void preset(const struct query_into *into)
{
	char *base = memset(into->out, 0, into->size);
	for (const struct query_param *param = into->params; param->name; param++) {
		assert(param->offset < into->size);
		if (param->kind == QUERY_KIND_INT)
			*(int64_t *)(void *)(base + param->offset) = param->init;
		else if (param->kind == QUERY_KIND_ENUM)
			*(int *)(void *)(base + param->offset) = (int)param->init;
		else if (param->kind == QUERY_KIND_TRI)
			*(int *)(void *)(base + param->offset) = -1;
	}
}

static const struct query_param *param_named(const struct query_param *params,
					     const char *name)
{
	for (; params->name; params++)
		if (strcmp(params->name, name) == 0)
			return params;
	return NULL;
}

static const char *list_known(struct arena *arena, const struct query_param *params)
{
	const char *names[PARAMS_MOST + 1];
	size_t count = 0;
	for (; params->name; params++) {
		assert(count < PARAMS_MOST);
		names[count++] = params->name;
	}
	names[count] = NULL;
	if (!count)
		return "is not known here; this path takes no parameters";
	return arena_printf(arena, "is not known here; known are: %s",
			    list_names(arena, names));
}

static enum err fault_at(struct query_fault *fault, const char *name,
			 const char *detail)
{
	*fault = (struct query_fault){name, detail};
	return ERR_BAD_REQUEST;
}

/* One NAME=VALUE; NULL is what could not be decoded. */
static enum err read_pair(struct reading *reading, const char *name, const char *value,
			  struct query_fault *fault)
{
	const struct query_param *params = reading->into->params;
	const struct query_param *param = name ? param_named(params, name) : NULL;
	if (!name || !value)
		return fault_at(fault, name ? name : "",
				"has a broken %XX, a NUL, or is not UTF-8");
	if (!param)
		return fault_at(fault, name, list_known(reading->arena, params));
	uint64_t bit = UINT64_C(1) << (param - params);
	if (reading->seen & bit && param->kind != QUERY_KIND_SET)
		return fault_at(fault, name, "is given more than once");
	reading->seen |= bit;
	reading->param = param;
	if (readers[param->kind](reading, value))
		return ERR_OK;
	fault_at(fault, name, reading->why);
	return param->kind == QUERY_KIND_CURSOR ? ERR_BAD_CURSOR : ERR_BAD_REQUEST;
}

enum err query_parse(struct arena *arena, const char *query,
		     const struct query_into *into, struct query_fault *fault)
{
	struct reading reading = {.arena = arena, .into = into};
	preset(into);
	while (query && *query) {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "&=");
		const char *value = name_len < len ? query + name_len + 1 : query + len;
		size_t value_len = (size_t)(query + len - value);
		if (len) {
			enum err err = read_pair(
				&reading, query_decode(arena, query, name_len, true),
				query_decode(arena, value, value_len, true), fault);
			if (err != ERR_OK)
				return err;
		}
		query += len + (query[len] == '&');
	}
	return ERR_OK;
}

bool query_read(struct http_request *req, const struct query_param *params, void *out,
		size_t size)
{
	struct arena *arena = http_arena(req);
	const struct query_into into = {params, out, size};
	struct query_fault fault;
	enum err err = query_parse(arena, http_query(req), &into, &fault);
	if (err == ERR_OK)
		return true;
	problem_send_all(
		req, &(struct problem){
			     .err = err,
			     .member = fault.name,
			     .detail = arena_printf(arena, "The parameter \"%s\" %s",
						    fault.name, fault.detail),
		     });
	return false;
}

bool query_none(struct http_request *req)
{
	static const struct query_param none[] = {QUERY_END};
	char nothing;
	return query_read(req, none, &nothing, sizeof(nothing));
}

const char *query_phone(struct arena *arena, const char *phone)
{
	return phone && phone[0] == ' ' ? arena_printf(arena, "+%s", phone + 1) : phone;
}
