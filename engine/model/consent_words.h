/* consent_words.h - does a text that came in ask to be left alone? What a stop word is stands in files of words, one a
 * language; this reads them and reads texts with them.
 *
 *	struct consent_words *words = consent_words_new();
 *	err = consent_words_add(words, bytes, len, &why);	one file; several add up
 *	switch (consent_words_read(words, "Stop. Thank you!")) … CONSENT_STOP
 *
 * A file is UTF-8, a phrase a line, below the headings [stop], [start], [help], [courtesy] and [unclear]; # begins a
 * comment. Files and texts are folded alike: case, accents, punctuation, quotes and emoji do not count, nor does the width
 * of a letter, and "S.T.O.P" is "stop".
 *
 * A text says stop when it is made of stop phrases and courtesies, or consists of nothing else but one and what is polite
 * around it ("Please stop", "STOP, thank you"); start and help likewise. It is unclear when a stop phrase is a sentence of
 * its own beside others ("Stop. I have moved."), or when one of the patterns under [unclear] is in it: words in this order,
 * where "text*" is any word that begins so, and "..." stands for up to four words of whatever kind:
 *
 *	stop ... text*		"please stop texting at night"
 *
 * Anything else ("I will stop by at five") is an ordinary text.
 *
 * Pure; words are read only once built, then any thread. Ref: 47 CFR 64.1200(a)(10)
 */
#ifndef HB_MODEL_CONSENT_WORDS_H
#define HB_MODEL_CONSENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum consent_said {
	CONSENT_NOTHING, /* an ordinary text */
	CONSENT_STOP,
	CONSENT_START,
	CONSENT_HELP,
	CONSENT_UNCLEAR, /* a person has to say what it means */
	CONSENT_SAID_COUNT
};

/* consent_said_name - "stop", "start", "help", "unclear"; NULL for an ordinary text. */
const char *consent_said_name(enum consent_said said);

struct consent_words;

struct consent_words *consent_words_new(void);
void consent_words_free(struct consent_words **words);

/* consent_words_add - the phrases of one file. ERR_SYNTAX: "line N: sentence" is added to why; what stood before that
 * line stays. */
enum err consent_words_add(struct consent_words *words, const char *bytes,
			   size_t len_bytes, struct buf *why) MUST_CHECK;

/* consent_words_count - of one kind; 0: nothing says that. */
size_t consent_words_count(const struct consent_words *words, enum consent_said said);

/* consent_words_read - words NULL: every text is an ordinary one. */
enum consent_said consent_words_read(const struct consent_words *words,
				     const char *text);

#endif
