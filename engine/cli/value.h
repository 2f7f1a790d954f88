/* value.h - reading what the API answered: members by path, never a crash for one that is absent.
 *
 *	value_text(task, "contact.name")	"" when it is absent or null
 *	value_get(card, "messages"), value_at(…, 0)
 *
 * The struct json_t is jansson's; the writer of base/json.h has other names for the same words, so that no file can use
 * both. Values live as long as the answer they came with (remote.h).
 */
#ifndef HB_CLI_VALUE_H
#define HB_CLI_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

/* value_parse - NULL: no JSON. value_free: NULL is fine; leaves NULL. */
struct json_t *value_parse(const char *text, size_t len_bytes);
void value_free(struct json_t **value);

/* value_get - the member at "a.b.c"; NULL when one of them is absent. value may be NULL. */
const struct json_t *value_get(const struct json_t *value, const char *path);

const char *value_text(const struct json_t *value,
		       const char *path); /* of a string, else "" */
int64_t value_int(const struct json_t *value,
		  const char *path); /* of a number, else 0 */
bool value_bool(const struct json_t *value, const char *path);
bool value_is_there(const struct json_t *value, const char *path); /* and not null */

/* value_count, value_at - of a list, or of an element; no list has no elements. */
size_t value_count(const struct json_t *list);
const struct json_t *value_at(const struct json_t *list, size_t index);
const char *value_string(const struct json_t *value); /* a string itself, else "" */

#endif
