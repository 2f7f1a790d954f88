/* settings_values.c - the value of each kind of key. See settings_parts.h */
#include "settings_parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api/http.h"
#include "api/kannel_api.h"
#include "base/mem.h"
#include "link/hook_guard.h"
#include "model/duration.h"
#include "settings_limits.h"

void settings_complain(struct settings_reader *reader, const struct conf_place *place,
		       const char *fmt, ...)
{
	va_list args;
	if (reader->why.len)
		buf_add_char(&reader->why, '\n');
	if (place)
		buf_printf(&reader->why, "%s:%u: ", place->file, place->line);
	else
		buf_printf(&reader->why, "%s: ", reader->settings->path);
	va_start(args, fmt);
	buf_vprintf(&reader->why, fmt, args);
	va_end(args);
}

/* --- values: each reads text into the struct; false: complained --------------------------------------------------------- */

static bool read_int(struct settings_reader *reader, const struct settings_row *key,
		     const char *text, const struct conf_place *place)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	if (*end || end == text || value < key->least || value > key->most) {
		settings_complain(
			reader, place,
			"%s = %s: a whole number from %lld to %lld is wanted.",
			key->name, text, (long long)key->least, (long long)key->most);
		return false;
	}
	*(int64_t *)((char *)reader->settings + key->offset) = value;
	return true;
}

static void read_rate(struct settings_reader *reader, const struct settings_row *key,
		      const char *text, const struct conf_place *place)
{
	if (strcmp(text, "none") == 0)
		*(int64_t *)((char *)reader->settings + key->offset) = 0;
	else
		(void)read_int(reader, key, text, place);
}

static void read_duration(struct settings_reader *reader,
			  const struct settings_row *key, const char *text,
			  const struct conf_place *place)
{
	int64_t ms;
	bool is_working;
	if (duration_parse(text, &ms, &is_working) != ERR_OK || is_working ||
	    ms < key->least)
		settings_complain(
			reader, place,
			"%s = %s: a duration like 90s, 15m, 4h, 2d is wanted%s.",
			key->name, text, key->least > 1000 ? ", at least 60s" : "");
	else
		*(int64_t *)((char *)reader->settings + key->offset) = ms;
}

static void read_list(struct settings_reader *reader, const struct settings_row *key,
		      const char *text)
{
	static const char between[] = " \t,;";
	struct arena *arena = reader->settings->arena;
	const char **items = ARENA_ARRAY(arena, const char *, strlen(text) / 2 + 2);
	size_t count = 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between);
		items[count++] = arena_strndup(arena, text, len);
		text += len;
	}
	*(const char *const **)((char *)reader->settings + key->offset) = items;
}

static void check_each(struct settings_reader *reader, const struct settings_row *key,
		       const struct conf_place *place, bool (*is_valid)(const char *),
		       const char *wanted)
{
	const char *const *items =
		*(const char *const **)((char *)reader->settings + key->offset);
	for (; *items; items++)
		if (!is_valid(*items))
			settings_complain(reader, place, "%s: %s is none of %s.",
					  key->name, *items, wanted);
}

static void read_text(struct settings_reader *reader, const struct settings_row *key,
		      const char *text, const struct conf_place *place)
{
	if (!*text)
		settings_complain(
			reader, place,
			"%s is empty; leave the line out, or give it a value.",
			key->name);
	else if (key->kind == KIND_ADDRESS && !http_address_is_valid(text))
		settings_complain(
			reader, place,
			"%s = %s: 127.0.0.1:13080, [::1]:13080 or /a/socket is wanted.",
			key->name, text);
	else if (key->kind == KIND_PEER &&
		 (strchr(text, '/') || !kannel_rule_is_valid(text)))
		settings_complain(reader, place,
				  "%s = %s: one address like 192.0.2.1 is wanted.",
				  key->name, text);
	else
		*(const char **)((char *)reader->settings + key->offset) =
			arena_strdup(reader->settings->arena, text);
}

static void read_word(struct settings_reader *reader, const struct settings_row *key,
		      const char *text, const struct conf_place *place)
{
	struct buf known = BUF_EMPTY;
	for (int i = 0; key->words[i]; i++) {
		if (strcmp(key->words[i], text) == 0) {
			*(int *)((char *)reader->settings + key->offset) = i;
			buf_fini(&known);
			return;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", key->words[i]);
	}
	settings_complain(reader, place, "%s = %s: one of %s is wanted.", key->name,
			  text, buf_str(&known));
	buf_fini(&known);
}

static void read_limit(struct settings_reader *reader, const struct settings_row *key,
		       const char *text, const struct conf_place *place)
{
	struct arena *arena = reader->settings->arena;
	void *at = (char *)reader->settings + key->offset;
	const char *why = key->kind == KIND_HOURS ? settings_hours(arena, text, at)
			  : key->kind == KIND_CAP ? settings_cap(arena, text, at)
						  : settings_forbidden(arena, text, at);
	if (why)
		settings_complain(reader, place, "%s = %s: %s.", key->name, text, why);
}

void settings_read_value(struct settings_reader *reader, const struct settings_row *key,
			 const char *text, const struct conf_place *place)
{
	switch (key->kind) {
	case KIND_TEXT:
	case KIND_ADDRESS:
	case KIND_PEER:
		read_text(reader, key, text, place);
		break;
	case KIND_INT:
		(void)read_int(reader, key, text, place);
		break;
	case KIND_RATE:
		read_rate(reader, key, text, place);
		break;
	case KIND_DURATION:
		read_duration(reader, key, text, place);
		break;
	case KIND_LIST:
		read_list(reader, key, text);
		break;
	case KIND_PEERS:
		read_list(reader, key, text);
		check_each(reader, key, place, kannel_rule_is_valid,
			   "192.0.2.1, 192.0.2.0/24, 2001:db8::/32");
		break;
	case KIND_HOSTS:
		read_list(reader, key, text);
		check_each(reader, key, place, hook_allow_is_valid,
			   "crm.local, crm.local:8080, 192.0.2.1, [2001:db8::1]:8080");
		break;
	case KIND_WORD:
		read_word(reader, key, text, place);
		break;
	case KIND_HOURS:
	case KIND_CAP:
	case KIND_FORBIDDEN:
		read_limit(reader, key, text, place);
		break;
	}
}
