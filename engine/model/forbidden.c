/* forbidden.c - see forbidden.h. Text and phrases become words between single blanks: " free money ". */
#include "model/forbidden.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/word_fold.h"

struct phrase {
	const char *written, *folded;
};

struct forbidden {
	struct phrase *phrases;
	size_t count;
};

/* " " when there is no word in it. */
static const char *fold(struct arena *arena, const char *text, size_t len)
{
	struct word_fold *words = ARENA_ARRAY(arena, struct word_fold, len / 2 + 1);
	size_t count = word_fold_text(arena, text, len, words, len / 2 + 1);
	struct buf buf = BUF_EMPTY;
	buf_add_char(&buf, ' ');
	for (size_t i = 0; i < count; i++)
		buf_printf(&buf, "%s ", words[i].text);
	const char *folded = arena_strdup(arena, buf_str(&buf));
	buf_fini(&buf);
	return folded;
}

static const char *read_line(struct arena *arena, struct forbidden *list,
			     const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	while (len && strchr(" \t", *line))
		line++, len--;
	if (!len || *line == '#')
		return NULL;
	if (!utf8_is_valid(line, len))
		return "is not UTF-8";
	if (list->count == FORBIDDEN_MOST)
		return arena_printf(arena, "is one too many: at most %d are kept",
				    FORBIDDEN_MOST);
	const char *folded = fold(arena, line, len);
	if (!folded[1])
		return "has neither letter nor digit";
	list->phrases[list->count++] =
		(struct phrase){arena_strndup(arena, line, len), folded};
	return NULL;
}

enum err forbidden_parse(struct arena *arena, const char *text, size_t len_bytes,
			 const struct forbidden **list_out, const char **why_out)
{
	struct forbidden *list = ARENA_NEW(arena, struct forbidden);
	const char *end = text + len_bytes;
	list->phrases = ARENA_ARRAY(arena, struct phrase, FORBIDDEN_MOST);
	for (unsigned number = 1; text < end; number++) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		if (!line_end)
			line_end = end;
		const char *why =
			read_line(arena, list, text, (size_t)(line_end - text));
		if (why) {
			*why_out = arena_printf(arena, "line %u %s", number, why);
			return ERR_SYNTAX;
		}
		text = line_end + 1;
	}
	*list_out = list;
	return ERR_OK;
}

const char *forbidden_find(const struct forbidden *list, struct arena *arena,
			   const char *text)
{
	if (!list || !list->count)
		return NULL;
	const char *folded = fold(arena, text, strlen(text));
	for (size_t i = 0; i < list->count; i++)
		if (strstr(folded, list->phrases[i].folded))
			return list->phrases[i].written;
	return NULL;
}
