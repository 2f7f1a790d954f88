/* consent_words.c - see consent_words.h */
#include "model/consent_words.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/word_fold.h"

enum {
	PHRASE_MOST = 12,  /* words of a phrase */
	WORDS_MOST = 256,  /* of a text; what is longer than that says nothing whole */
	GAP_MOST = 4,      /* words that "..." may stand for */
	SPELLED_MOST = 16, /* letters of a word that was spelled out */
	TEXT_BYTES_MOST = 8192, /* more of a text is not looked at */
};

enum kind { KIND_STOP, KIND_START, KIND_HELP, KIND_COURTESY, KIND_UNCLEAR, KIND_COUNT };

static const char *const headings[KIND_COUNT] = {
	[KIND_STOP] = "stop",         [KIND_START] = "start",     [KIND_HELP] = "help",
	[KIND_COURTESY] = "courtesy", [KIND_UNCLEAR] = "unclear",
};

static const char *const said_names[CONSENT_SAID_COUNT] = {
	[CONSENT_STOP] = "stop",
	[CONSENT_START] = "start",
	[CONSENT_HELP] = "help",
	[CONSENT_UNCLEAR] = "unclear",
};

struct phrase {
	const char *words[PHRASE_MOST]; /* "..." and "text*" as they are written */
	size_t count;
};

struct phrases {
	struct phrase *items;
	size_t count, room;
};

struct consent_words {
	struct arena *arena;
	struct phrases of[KIND_COUNT];
};

const char *consent_said_name(enum consent_said said)
{
	return said_names[said];
}

struct consent_words *consent_words_new(void)
{
	struct consent_words *words = MEM_NEW(struct consent_words);
	words->arena = arena_new();
	return words;
}

void consent_words_free(struct consent_words **words)
{
	if (!*words)
		return;
	for (unsigned i = 0; i < KIND_COUNT; i++)
		mem_free((*words)->of[i].items);
	arena_free(&(*words)->arena);
	mem_free(*words);
	*words = NULL;
}

size_t consent_words_count(const struct consent_words *words, enum consent_said said)
{
	static const enum kind kinds[CONSENT_SAID_COUNT] = {
		[CONSENT_NOTHING] = KIND_COURTESY, [CONSENT_STOP] = KIND_STOP,
		[CONSENT_START] = KIND_START,      [CONSENT_HELP] = KIND_HELP,
		[CONSENT_UNCLEAR] = KIND_UNCLEAR,
	};
	return words->of[kinds[said]].count;
}

/* --- files --- */

struct file {
	struct consent_words *words;
	int kind; /* enum kind; -1: before the first heading */
	unsigned line;
	struct buf *why;
};

static enum err complain(const struct file *file, const char *what)
{
	buf_printf(file->why, "line %u: %s", file->line, what);
	return ERR_SYNTAX;
}

static struct phrase *phrase_new(struct phrases *phrases)
{
	if (phrases->count == phrases->room) {
		phrases->room = phrases->room ? phrases->room * 2 : 64;
		phrases->items = mem_realloc(phrases->items,
					     phrases->room * sizeof(struct phrase));
	}
	struct phrase *phrase = &phrases->items[phrases->count++];
	*phrase = (struct phrase){.count = 0};
	return phrase;
}

/* One blank-separated piece of a pattern: "...", or what folds to one word, with or without a star. */
static bool add_piece(struct file *file, struct phrase *phrase, const char *at,
		      size_t len)
{
	struct arena *arena = file->words->arena;
	struct word_fold words[PHRASE_MOST];
	bool has_star = len > 1 && at[len - 1] == '*';
	if (len == 3 && memcmp(at, "...", 3) == 0) {
		if (phrase->count == PHRASE_MOST)
			return false;
		phrase->words[phrase->count++] = "...";
		return true;
	}
	size_t count = word_fold_text(arena, at, len, words, PHRASE_MOST);
	for (size_t i = 0; i < count; i++) {
		if (phrase->count == PHRASE_MOST)
			return false;
		phrase->words[phrase->count++] =
			has_star && i + 1 == count
				? arena_printf(arena, "%s*", words[i].text)
				: words[i].text;
	}
	return true;
}

static enum err take_phrase(struct file *file, const char *line, size_t len)
{
	const char *at = line, *end = line + len;
	if (file->kind < 0)
		return complain(file, "a heading like [stop] must come first");
	struct phrase *phrase = phrase_new(&file->words->of[file->kind]);
	while (at < end) {
		const char *stop = at;
		while (stop < end && *stop != ' ' && *stop != '\t')
			stop++;
		if (!add_piece(file, phrase, at, (size_t)(stop - at)))
			return complain(file, "the phrase has more than 12 words");
		while (stop < end && (*stop == ' ' || *stop == '\t'))
			stop++;
		at = stop;
	}
	if (!phrase->count)
		return complain(file, "there is no letter in it");
	for (size_t i = 0; file->kind != KIND_UNCLEAR && i < phrase->count; i++)
		if (strcmp(phrase->words[i], "...") == 0)
			return complain(file,
					"\"...\" is for patterns under [unclear]");
	if (strcmp(phrase->words[0], "...") == 0 ||
	    strcmp(phrase->words[phrase->count - 1], "...") == 0)
		return complain(file, "\"...\" stands between words");
	return ERR_OK;
}

static enum err take_heading(struct file *file, const char *line, size_t len)
{
	for (int i = 0; i < KIND_COUNT; i++)
		if (len == strlen(headings[i]) + 2 && line[len - 1] == ']' &&
		    memcmp(line + 1, headings[i], len - 2) == 0) {
			file->kind = i;
			return ERR_OK;
		}
	return complain(file, "the headings are [stop], [start], [help], [courtesy], "
			      "[unclear]");
}

static enum err take_line(struct file *file, const char *line, const char *end)
{
	const char *comment = memchr(line, '#', (size_t)(end - line));
	if (comment)
		end = comment;
	while (line < end && strchr(" \t\r", *line))
		line++;
	while (end > line && strchr(" \t\r", end[-1]))
		end--;
	if (line == end)
		return ERR_OK;
	if (!utf8_is_valid(line, (size_t)(end - line)))
		return complain(file, "it is not UTF-8");
	return *line == '[' ? take_heading(file, line, (size_t)(end - line))
			    : take_phrase(file, line, (size_t)(end - line));
}

enum err consent_words_add(struct consent_words *words, const char *bytes,
			   size_t len_bytes, struct buf *why)
{
	struct file file = {.words = words, .kind = -1, .why = why};
	const char *at = bytes, *end = bytes + len_bytes;
	enum err err = ERR_OK;
	while (err == ERR_OK && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			stop = end;
		file.line++;
		err = take_line(&file, at, stop);
		at = stop < end ? stop + 1 : end;
	}
	return err;
}

/* --- texts --- */

struct reading {
	const struct consent_words *lists;
	struct word_fold words[WORDS_MOST];
	size_t count;
};

static bool word_is(const char *pattern, const char *word)
{
	if (*pattern !=
	    *word) /* nearly always: a text has all phrases held against it at all its words */
		return false;
	size_t len = strlen(pattern);
	if (len && pattern[len - 1] == '*')
		return strncmp(word, pattern, len - 1) == 0;
	return strcmp(word, pattern) == 0;
}

/* How many words from at on, before end, are that phrase; 0: none. */
static size_t match_phrase(const struct reading *reading, const struct phrase *phrase,
			   size_t at, size_t end)
{
	if (phrase->count > end - at)
		return 0;
	for (size_t i = 0; i < phrase->count; i++)
		if (!word_is(phrase->words[i], reading->words[at + i].text))
			return 0;
	return phrase->count;
}

/* The longest phrase of that kind at a place. */
static size_t match_longest(const struct reading *reading, enum kind kind, size_t at,
			    size_t end)
{
	const struct phrases *phrases = &reading->lists->of[kind];
	size_t longest = 0;
	for (size_t i = 0; i < phrases->count; i++) {
		size_t len = match_phrase(reading, &phrases->items[i], at, end);
		longest = len > longest ? len : longest;
	}
	return longest;
}

/* Nothing but phrases of that kind and courtesies, and at least one of the kind. */
static bool is_made_of(const struct reading *reading, enum kind kind, size_t at,
		       size_t end)
{
	bool found = false;
	while (at < end) {
		size_t of_kind = match_longest(reading, kind, at, end);
		size_t polite = match_longest(reading, KIND_COURTESY, at, end);
		if (!of_kind && !polite)
			return false;
		found = found || of_kind >= polite;
		at += of_kind > polite ? of_kind : polite;
	}
	return found;
}

/* A stop phrase stands as a sentence of its own. A comma ends the first one too: "Stop, I have moved". */
static bool has_stop_sentence(const struct reading *reading)
{
	size_t from = 0;
	for (size_t i = 0; i < reading->count; i++) {
		enum word_end end = reading->words[i].end;
		bool ends = end == WORD_ENDS_SENTENCE ||
			    (end == WORD_ENDS_PART && from == 0) ||
			    i + 1 == reading->count;
		if (!ends)
			continue;
		if (is_made_of(reading, KIND_STOP, from, i + 1))
			return true;
		from = i + 1;
	}
	return false;
}

static bool match_pattern(const struct reading *reading, const struct phrase *phrase,
			  size_t part, size_t at)
{
	size_t gap = 0;
	if (part == phrase->count)
		return true;
	if (strcmp(phrase->words[part], "...") == 0) {
		gap = GAP_MOST;
		part++;
	}
	for (size_t skip = 0; skip <= gap && at + skip < reading->count; skip++)
		if (word_is(phrase->words[part], reading->words[at + skip].text) &&
		    match_pattern(reading, phrase, part + 1, at + skip + 1))
			return true;
	return false;
}

static bool has_pattern(const struct reading *reading)
{
	const struct phrases *phrases = &reading->lists->of[KIND_UNCLEAR];
	for (size_t i = 0; i < phrases->count; i++) {
		const struct phrase *phrase = &phrases->items[i];
		for (size_t at = 0; at < reading->count; at++)
			if (word_is(phrase->words[0], reading->words[at].text) &&
			    match_pattern(reading, phrase, 1, at + 1))
				return true;
	}
	return false;
}

/* "S T O P" and "S.T.O.P" */
static void join_spelled(struct reading *reading, struct arena *arena)
{
	char word[SPELLED_MOST * 4 + 1] = "";
	if (reading->count < 2 || reading->count > SPELLED_MOST)
		return;
	for (size_t i = 0; i < reading->count; i++) {
		const char *at = reading->words[i].text, *end = at + strlen(at);
		(void)utf8_next(&at, end);
		if (at != end)
			return;
		strcat(word, reading->words[i].text);
	}
	reading->words[0] =
		(struct word_fold){arena_strdup(arena, word), WORD_ENDS_SENTENCE};
	reading->count = 1;
}

static enum consent_said read(const struct reading *reading, bool is_whole)
{
	static const struct {
		enum kind kind;
		enum consent_said said;
	} wholes[] = {{KIND_STOP, CONSENT_STOP},
		      {KIND_START, CONSENT_START},
		      {KIND_HELP, CONSENT_HELP}};
	for (size_t i = 0; is_whole && i < sizeof(wholes) / sizeof(wholes[0]); i++)
		if (is_made_of(reading, wholes[i].kind, 0, reading->count))
			return wholes[i].said;
	return has_stop_sentence(reading) || has_pattern(reading) ? CONSENT_UNCLEAR
								  : CONSENT_NOTHING;
}

enum consent_said consent_words_read(const struct consent_words *words,
				     const char *text)
{
	size_t len = strlen(text), most = len < TEXT_BYTES_MOST ? len : TEXT_BYTES_MOST;
	if (!words)
		return CONSENT_NOTHING;
	struct arena *arena = arena_new();
	struct reading *reading = ARENA_NEW(arena, struct reading);
	reading->lists = words;
	reading->count = word_fold_text(arena, text, most, reading->words, WORDS_MOST);
	bool is_whole = most == len && reading->count < WORDS_MOST;
	join_spelled(reading, arena);
	enum consent_said said =
		reading->count ? read(reading, is_whole) : CONSENT_NOTHING;
	arena_free(&arena);
	return said;
}
