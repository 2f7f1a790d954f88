/* words.h - words of texts that are no more, out of the index of words.
 *
 * SQLite's FTS5 only marks what is deleted: the words stay in the file until the parts of the index that hold them are
 * merged. After a person was erased all parts are, some pages at a time, and the log is cut.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_WORDS_H
#define HB_CORE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* words_forget - texts lost their words in this write. */
enum err words_forget(struct txn *txn) MUST_CHECK;

/* words_step - the next pages of the index, with rests between: a large one takes minutes. */
struct words_step {
	int64_t next_at; /* UTC ms; 0: nothing is to be forgotten */
};
enum err words_step(struct txn *txn, struct words_step *step) MUST_CHECK;

#endif
