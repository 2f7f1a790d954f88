/* word_fold.h - the words of a text as they are compared when only what was said counts, not how it was typed: small
 * letters without accents; no punctuation, quotes or emoji; letters of full width are narrow.
 *
 *	struct word_fold words[64];
 *	size_t count = word_fold_text(arena, "Arrêtez ! C'EST fini…", len, words, 64);
 *	"arretez" (ends a sentence) "cest" "fini" (ends a sentence)
 *
 * Pure; any thread.
 */
#ifndef HB_MODEL_WORD_FOLD_H
#define HB_MODEL_WORD_FOLD_H

#include <stddef.h>

#include "base/mem.h"

enum word_end {
	WORD_GOES_ON,
	WORD_ENDS_PART,     /* a comma, dash or bracket follows */
	WORD_ENDS_SENTENCE, /* . ! ? ; : or a new line follows */
};

struct word_fold {
	const char *text; /* in the arena */
	enum word_end end;
};

/* word_fold_text - at most `most` words; how many. Bytes that are no UTF-8 separate words. */
size_t word_fold_text(struct arena *arena, const char *text, size_t len_bytes,
		      struct word_fold *words, size_t most);

#endif
