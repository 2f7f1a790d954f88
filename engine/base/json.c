/* json.c - see json.h */
#include "base/json.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

void json_init(struct json *json, struct buf *buf)
{
	*json = (struct json){.buf = buf};
}

static void value_begins(struct json *json)
{
	uint64_t bit = UINT64_C(1) << json->depth;
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->depth && (json->has_items & bit))
		buf_add_char(json->buf, ',');
	json->has_items |= bit;
}

static void open_level(struct json *json, char c)
{
	value_begins(json);
	buf_add_char(json->buf, c);
	assert(json->depth < 63);
	json->depth++;
	json->has_items &= ~(UINT64_C(1) << json->depth);
}

static void close_level(struct json *json, char c)
{
	assert(json->depth > 0 && !json->after_key);
	json->depth--;
	buf_add_char(json->buf, c);
}

void json_object(struct json *json)
{
	open_level(json, '{');
}

void json_end_object(struct json *json)
{
	close_level(json, '}');
}

void json_array(struct json *json)
{
	open_level(json, '[');
}

void json_end_array(struct json *json)
{
	close_level(json, ']');
}

/* In one piece: an answer is keys for the most part. */
void json_key(struct json *json, const char *key)
{
	const size_t len = strlen(key);
	const uint64_t bit = UINT64_C(1) << json->depth;
	assert(!json->after_key);
	char *to = buf_reserve(json->buf, len + 4), *at = to;
	if (json->depth && (json->has_items & bit))
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, len);
	memcpy(at + len, "\":", 2);
	buf_commit(json->buf, (size_t)(at - to) + len + 2);
	json->has_items |= bit;
	json->after_key = true;
}

static void add_escape(struct buf *buf, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(buf, "\\\"", 2);
		break;
	case '\\':
		buf_add(buf, "\\\\", 2);
		break;
	case '\n':
		buf_add(buf, "\\n", 2);
		break;
	case '\r':
		buf_add(buf, "\\r", 2);
		break;
	case '\t':
		buf_add(buf, "\\t", 2);
		break;
	default:
		buf_printf(buf, "\\u%04x", c);
	}
}

/* Control characters, quotation mark, backslash and DEL. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

void json_str_len(struct json *json, const char *s, size_t len_bytes)
{
	value_begins(json);
	size_t plain = 0; /* start of the run that needs no escape */
	char *to = buf_reserve(json->buf, len_bytes + 2);
	*to = '"';
	buf_commit(json->buf, 1);
	for (size_t i = 0; i < len_bytes; i++) {
		unsigned char c = (unsigned char)s[i];
		if (is_plain(c))
			continue;
		buf_add(json->buf, s + plain, i - plain);
		add_escape(json->buf, c);
		plain = i + 1;
	}
	buf_add(json->buf, s + plain, len_bytes - plain);
	buf_add_char(json->buf, '"');
}

void json_str(struct json *json, const char *s)
{
	if (s)
		json_str_len(json, s, strlen(s));
	else
		json_null(json);
}

/* Digits by hand: lists write thousands of numbers, and printf is most of their cost. */
static void add_u64(struct buf *buf, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void json_int(struct json *json, int64_t value)
{
	value_begins(json);
	if (value < 0)
		buf_add_char(json->buf, '-');
	add_u64(json->buf, value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value);
}

void json_bool(struct json *json, bool value)
{
	value_begins(json);
	buf_add_str(json->buf, value ? "true" : "false");
}

void json_null(struct json *json)
{
	value_begins(json);
	buf_add(json->buf, "null", 4);
}

void json_id(struct json *json, uint64_t id)
{
	if (!id) {
		json_null(json);
		return;
	}
	value_begins(json);
	buf_add_char(json->buf, '"');
	add_u64(json->buf, id);
	buf_add_char(json->buf, '"');
}

void json_time(struct json *json, int64_t utc_ms)
{
	if (!utc_ms) {
		json_null(json);
		return;
	}
	char text[CLOCK_TEXT_LEN];
	json_str(json, clock_format(utc_ms, text));
}

void json_raw(struct json *json, const char *text, size_t len_bytes)
{
	value_begins(json);
	buf_add(json->buf, text, len_bytes);
}

void json_key_str(struct json *json, const char *key, const char *s)
{
	json_key(json, key);
	json_str(json, s);
}

void json_key_int(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

void json_key_id(struct json *json, const char *key, uint64_t id)
{
	json_key(json, key);
	json_id(json, id);
}

void json_key_time(struct json *json, const char *key, int64_t utc_ms)
{
	json_key(json, key);
	json_time(json, utc_ms);
}

void json_key_null(struct json *json, const char *key)
{
	json_key(json, key);
	json_null(json);
}
