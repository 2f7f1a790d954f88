/* json.h - writes JSON (RFC 8259) into a buffer, in one pass, without a tree.
 *
 *	json_object(&json);
 *	json_key_str(&json, "name", task->name);
 *	json_key(&json, "tags"); json_array(&json); … json_end_array(&json);
 *	json_end_object(&json);
 *
 * Commas are put by the writer. Strings are UTF-8 that was checked at the door; control characters are escaped.
 * Nesting is at most 64 deep (asserted: the shape of an answer is ours).
 */
#ifndef HB_BASE_JSON_H
#define HB_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
	struct buf *buf;    /* borrowed */
	uint64_t has_items; /* bit per depth: a comma is due before the next item */
	unsigned depth;
	bool after_key;
};

void json_init(struct json *json, struct buf *buf);

void json_object(struct json *json);
void json_end_object(struct json *json);
void json_array(struct json *json);
void json_end_array(struct json *json);
void json_key(struct json *json, const char *key); /* plain ASCII, written as it is */

/* values: after json_key inside objects, by themselves inside arrays */
void json_str(struct json *json, const char *s); /* NULL writes null */
void json_str_len(struct json *json, const char *s, size_t len_bytes);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
void json_id(struct json *json, uint64_t id); /* a string of digits; 0 writes null */
void json_time(struct json *json,
	       int64_t utc_ms); /* RFC 3339 with milliseconds; 0 writes null */
void json_raw(struct json *json, const char *text,
	      size_t len_bytes); /* JSON made earlier */

void json_key_str(struct json *json, const char *key, const char *s);
void json_key_int(struct json *json, const char *key, int64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_id(struct json *json, const char *key, uint64_t id);
void json_key_time(struct json *json, const char *key, int64_t utc_ms);
void json_key_null(struct json *json, const char *key);

#endif
