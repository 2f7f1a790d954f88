/* seal.h - texts that are kept for one caller, readable only with the word that this caller alone knows.
 *
 * Answers that are kept for an Idempotency-Key may hold a secret that is shown once. The database has neither the key nor
 * the answer in clear: who has a copy of it has nothing to sign in with, as long as the callers' keys cannot be guessed.
 *
 *	name = seal_name(arena, word);			what the row is found by
 *	kept = seal_close(arena, word, answer);
 *	answer = seal_open(arena, word, kept);		NULL: not closed with this word
 *
 * Pure. Any thread.
 */
#ifndef HB_CORE_SEAL_H
#define HB_CORE_SEAL_H

#include "base/mem.h"

/* seal_name - a digest in hex; tells nothing of the word. */
const char *seal_name(struct arena *arena, const char *word);
const char *seal_close(struct arena *arena, const char *word, const char *text);
const char *seal_open(struct arena *arena, const char *word, const char *sealed);

#endif
