/* words.c - see words.h */
#include "core/words.h"

#include <string.h>

#include "core/core.h"
#include "store/meta_rows.h"
#include "store/thread_rows.h"

enum { PAGES = 50, REST_MS = 30 }; /* some 8 ms of work, and so long until the next */

#define META_WORDS "words_to_forget" /* none: nothing is */
#define TO_BEGIN   "to begin"
#define UNDER_WAY  "under way"
#define ONCE_MORE  "once more" /* under way, but more were lost meanwhile */

static struct words_watch *watch_of(struct txn *txn)
{
	return &((struct core *)txn_context(txn))->words;
}

static enum err read_state(struct txn *txn, char **state_out)
{
	*state_out = NULL;
	enum err err =
		meta_rows_get(txn_db(txn), txn_arena(txn), META_WORDS, state_out);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err words_forget(struct txn *txn)
{
	char *state;
	enum err err = read_state(txn, &state);
	bool is_under_way = state && strcmp(state, TO_BEGIN) != 0;
	if (err == ERR_OK)
		err = meta_rows_set(txn_db(txn), META_WORDS,
				    is_under_way ? ONCE_MORE : TO_BEGIN);
	watch_of(txn)->are_none = false;
	txn_signal(txn, SIGNAL_TIMER);
	return err;
}

static enum err merge(struct txn *txn, const char *state)
{
	bool is_first = strcmp(state, TO_BEGIN) == 0, is_through;
	enum err err =
		thread_rows_merge_words(txn_db(txn), PAGES, is_first, &is_through);
	if (err != ERR_OK)
		return err;
	if (is_through)
		return meta_rows_set(txn_db(txn), META_WORDS,
				     strcmp(state, ONCE_MORE) == 0 ? TO_BEGIN : NULL);
	return is_first ? meta_rows_set(txn_db(txn), META_WORDS, UNDER_WAY) : ERR_OK;
}

enum err words_step(struct txn *txn, struct words_step *step)
{
	struct words_watch *watch = watch_of(txn);
	int64_t now = txn_now(txn);
	char *state;
	step->next_at = watch->are_none ? 0 : watch->next_at;
	if (watch->are_none ||
	    (now < watch->next_at && watch->next_at <= now + REST_MS))
		return ERR_OK;
	enum err err = read_state(txn, &state);
	if (err == ERR_OK && state)
		err = merge(txn, state);
	watch->are_none = err == ERR_OK && !state;
	watch->next_at = now + REST_MS;
	step->next_at = watch->are_none ? 0 : watch->next_at;
	return err;
}
