/* source.c - see source.h */
#include "workflow/source.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "workflow/parse.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text is always followed by at least nothing: every look-ahead asks here. */
static bool looking_at(const struct source *source, size_t at, const char *word)
{
	size_t len = strlen(word);
	return source->len_bytes - at >= len &&
	       memcmp(source->text + at, word, len) == 0;
}

static size_t skip_behind(const struct source *source, size_t at, const char *word)
{
	const char *found =
		memmem(source->text + at, source->len_bytes - at, word, strlen(word));
	return found ? (size_t)(found - source->text) + strlen(word)
		     : source->len_bytes;
}

/* --- places --- */

struct plan_place source_place(struct source *source, size_t offset)
{
	if (offset > source->len_bytes)
		offset = source->len_bytes;
	if (offset < source->seen_bytes || !source->seen.line) {
		source->seen_bytes = 0;
		source->seen = (struct plan_place){1, 1};
	}
	struct plan_place place = source->seen;
	for (size_t at = source->seen_bytes; at < offset; at++) {
		bool is_inside_char = ((unsigned char)source->text[at] & 0xC0) == 0x80;
		if (source->text[at] == '\n')
			place = (struct plan_place){place.line + 1, 1};
		else if (!is_inside_char)
			place.column++;
	}
	source->seen_bytes = offset;
	source->seen = place;
	return place;
}

size_t source_tag(const struct source *source, size_t offset)
{
	size_t at = offset < source->len_bytes ? offset : source->len_bytes;
	while (at > 0 && source->text[at - 1] != '<')
		at--;
	return at ? at - 1 : 0;
}

/* Behind the name at `at`. */
static size_t skip_name(const struct source *source, size_t at)
{
	while (at < source->len_bytes && !is_blank(source->text[at]) &&
	       !strchr("=/>", source->text[at]))
		at++;
	return at;
}

static size_t skip_blanks(const struct source *source, size_t at)
{
	while (at < source->len_bytes && is_blank(source->text[at]))
		at++;
	return at;
}

/* Behind the = and the quoted value, if they stand at `at`. */
static size_t skip_value(const struct source *source, size_t at)
{
	at = skip_blanks(source, at);
	if (!looking_at(source, at, "="))
		return at;
	at = skip_blanks(source, at + 1);
	if (looking_at(source, at, "\""))
		return skip_behind(source, at + 1, "\"");
	if (looking_at(source, at, "'"))
		return skip_behind(source, at + 1, "'");
	return at;
}

/* The next attribute's name from `at` on, in a tag; the end of the tag when there is
 * none. */
static size_t next_attribute(const struct source *source, size_t at)
{
	at = skip_blanks(source, at);
	while (looking_at(source, at, "/"))
		at = skip_blanks(source, at + 1);
	return at;
}

static bool is_tag_end(const struct source *source, size_t at)
{
	return at >= source->len_bytes || source->text[at] == '>' ||
	       source->text[at] == '<';
}

size_t source_attribute(const struct source *source, size_t tag, const char *name)
{
	size_t at = next_attribute(source, skip_name(source, tag + 1));
	while (!is_tag_end(source, at)) {
		size_t end = skip_name(source, at);
		if (end - at == strlen(name) &&
		    memcmp(source->text + at, name, end - at) == 0)
			return at;
		end = skip_value(source, end);
		at = next_attribute(source, end > at ? end : at + 1);
	}
	return tag;
}

/* --- texts --- */

static size_t behind_tag(const struct source *source, size_t tag)
{
	size_t at = next_attribute(source, skip_name(source, tag + 1));
	while (!is_tag_end(source, at)) {
		size_t end = skip_value(source, skip_name(source, at));
		at = next_attribute(source, end > at ? end : at + 1);
	}
	return at < source->len_bytes ? at + 1 : at;
}

/* How many bytes the reference at `at` ("&…;") stands for. */
static size_t reference_bytes(const struct source *source, size_t at)
{
	if (!looking_at(source, at, "&#"))
		return 1; /* the five names of XML are all one byte */
	bool is_hex = looking_at(source, at, "&#x");
	unsigned long c =
		strtoul(source->text + at + (is_hex ? 3 : 2), NULL, is_hex ? 16 : 10);
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* One unit of a text: how far it reaches in the source, and how many bytes it gives. */
struct unit {
	size_t end, bytes;
};

static struct unit next_unit(const struct source *source, size_t at, bool *is_cdata)
{
	if (*is_cdata && looking_at(source, at, "]]>")) {
		*is_cdata = false;
		return (struct unit){at + 3, 0};
	}
	if (looking_at(source, at, "\r\n"))
		return (struct unit){at + 2, 1};
	if (*is_cdata)
		return (struct unit){at + 1, 1};
	if (looking_at(source, at, "<![CDATA[")) {
		*is_cdata = true;
		return (struct unit){at + 9, 0};
	}
	if (looking_at(source, at, "<!--"))
		return (struct unit){skip_behind(source, at + 4, "-->"), 0};
	if (looking_at(source, at, "&"))
		return (struct unit){skip_behind(source, at, ";"),
				     reference_bytes(source, at)};
	return (struct unit){at + 1, 1};
}

size_t source_text(const struct source *source, size_t tag, size_t count)
{
	size_t at = behind_tag(source, tag);
	bool is_cdata = false;
	while (at < source->len_bytes) {
		struct unit unit = next_unit(source, at, &is_cdata);
		if (unit.bytes > count)
			break;
		count -= unit.bytes;
		at = unit.end;
	}
	return at;
}

/* --- what must be refused before it is read --- */

static void refuse(struct source *source, struct workflow_report *report, size_t offset,
		   const char *code, const char *message)
{
	struct finding_at at = {FINDING_ERROR, source_place(source, offset), NULL,
				code};
	workflow_report_add(report, at, "%s", message);
}

static size_t first_bad_byte(const struct source *source)
{
	const char *at = source->text, *end = at + source->len_bytes;
	uint32_t c;
	do {
		c = utf8_next(&at, end);
	} while (c != UTF8_END && c != UTF8_BAD && c != 0);
	if (c == 0)
		at--;
	return (size_t)(at - source->text);
}

/* <?xml version="1.0" encoding="UTF-8"?>: only that encoding, or none. */
static bool encoding_is_utf8(const struct source *source)
{
	if (!looking_at(source, 0, "<?xml") || source->len_bytes < 6 ||
	    !is_blank(source->text[5]))
		return true;
	size_t end = skip_behind(source, 0, "?>");
	const char *found = memmem(source->text, end, "encoding", 8);
	if (!found)
		return true;
	size_t at = skip_blanks(source, (size_t)(found - source->text) + 8);
	if (!looking_at(source, at, "="))
		return true; /* not well-formed: libxml2 says so */
	at = skip_blanks(source, at + 1);
	if (at >= source->len_bytes)
		return true;
	const char *word = source->text + at + 1;
	size_t left = source->len_bytes - at - 1;
	return (left > 5 && strncasecmp(word, "utf-8", 5) == 0 &&
		word[5] == source->text[at]) ||
	       (left > 8 && strncasecmp(word, "us-ascii", 8) == 0);
}

static bool has_too_many_attributes(const struct source *source, size_t tag,
				    size_t *end_out)
{
	unsigned count = 0;
	size_t at = next_attribute(source, skip_name(source, tag + 1));
	for (; !is_tag_end(source, at) && count <= WORKFLOW_ATTRIBUTES_MAX; count++) {
		size_t end = skip_value(source, skip_name(source, at));
		at = next_attribute(source, end > at ? end : at + 1);
	}
	*end_out = at;
	return count > WORKFLOW_ATTRIBUTES_MAX;
}

/* The "<" of the first such element; len_bytes when there is none. */
static size_t too_many_attributes(const struct source *source)
{
	for (size_t at = 0; at < source->len_bytes;) {
		if (looking_at(source, at, "<!--")) {
			at = skip_behind(source, at + 4, "-->");
		} else if (looking_at(source, at, "<![CDATA[")) {
			at = skip_behind(source, at + 9, "]]>");
		} else if (looking_at(source, at, "<?")) {
			at = skip_behind(source, at + 2, "?>");
		} else if (looking_at(source, at,
				      "<!")) { /* a DOCTYPE is refused later */
			at += 2;
		} else if (source->text[at] == '<') {
			size_t end;
			if (has_too_many_attributes(source, at, &end))
				return at;
			at = end > at ? end : at + 1;
		} else {
			at++;
		}
	}
	return source->len_bytes;
}

static void skip_byte_order_mark(struct source *source)
{
	if (looking_at(source, 0, "\xEF\xBB\xBF")) {
		source->text += 3;
		source->len_bytes -= 3;
	}
}

enum err source_open(struct source *source, const char *text, size_t len_bytes,
		     struct workflow_report *report)
{
	*source = (struct source){.text = text, .len_bytes = len_bytes};
	skip_byte_order_mark(source);
	if (source->len_bytes > WORKFLOW_BYTES_MAX) {
		refuse(source, report, 0, "too_large",
		       "A workflow has at most 1 MiB: split it.");
		return ERR_INVALID_WORKFLOW;
	}
	size_t bad = first_bad_byte(source);
	if (bad < source->len_bytes)
		refuse(source, report, bad, "bad_encoding",
		       "Here the text is not UTF-8: save the file in that encoding.");
	else if (source->len_bytes == 0)
		refuse(source, report, 0, "not_well_formed",
		       "The text is empty: a <workflow> element is expected.");
	else if (!encoding_is_utf8(source))
		refuse(source, report, 0, "bad_encoding",
		       "Only UTF-8 is read: save the file in it, with "
		       "encoding=\"UTF-8\" or without encoding.");
	else if ((bad = too_many_attributes(source)) < source->len_bytes)
		refuse(source, report, bad, "too_many_attributes",
		       "This element has more than 64 attributes; none of the language "
		       "has as many.");
	else
		return ERR_OK;
	return ERR_INVALID_WORKFLOW;
}
