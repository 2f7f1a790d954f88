/* writing.c - see writing.h */
#include "workflow/writing.h"

#include <string.h>

#include "model/duration.h"

/* What would not come back as it is: markup, and blanks that the reader folds. In texts
 * only CR is folded. */
static const char *escape_of(char c, bool is_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return is_attribute ? "&quot;" : NULL;
	case '\n':
		return is_attribute ? "&#10;" : NULL;
	case '\t':
		return is_attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void put_escaped(struct writing *writing, const char *text, bool is_attribute)
{
	for (const char *at = text; *at; at++) {
		const char *escape = escape_of(*at, is_attribute);
		if (escape)
			buf_add_str(writing->buf, escape);
		else
			buf_add_char(writing->buf, *at);
	}
}

/* --- tags: put_open, attributes, then put_close, put_inside … put_end, or put_text ---
 */

void put_open(struct writing *writing, const char *name)
{
	for (unsigned i = 0; i < writing->depth; i++)
		buf_add_str(writing->buf, "  ");
	buf_printf(writing->buf, "<%s", name);
}

/* Nothing when text is NULL. */
void put_attribute(struct writing *writing, const char *name, const char *text)
{
	if (!text)
		return;
	buf_printf(writing->buf, " %s=\"", name);
	put_escaped(writing, text, true);
	buf_add_char(writing->buf, '"');
}

void put_span(struct writing *writing, const char *name, struct plan_span span)
{
	char text[DURATION_TEXT_LEN + sizeof(" working")];
	if (!span.ms)
		return;
	duration_format(span.ms, text);
	put_attribute(writing, name, strcat(text, span.is_working ? " working" : ""));
}

void put_offset(struct writing *writing, int64_t ms)
{
	char text[DURATION_TEXT_LEN + 1] = "-";
	if (!ms)
		return;
	duration_format(ms < 0 ? -ms : ms, text + 1);
	put_attribute(writing, "offset", ms < 0 ? text : text + 1);
}

void put_close(struct writing *writing)
{
	buf_add_str(writing->buf, "/>\n");
}

void put_inside(struct writing *writing)
{
	buf_add_str(writing->buf, ">\n");
	writing->depth++;
}

void put_end(struct writing *writing, const char *name)
{
	writing->depth--;
	put_open(writing, "/");
	buf_printf(writing->buf, "%s>\n", name);
}

void put_text(struct writing *writing, const char *name, const char *text)
{
	put_open(writing, name);
	buf_add_char(writing->buf, '>');
	put_escaped(writing, text, false);
	buf_printf(writing->buf, "</%s>\n", name);
}
