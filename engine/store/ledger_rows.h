/* ledger_rows.h - the rows of the hash-chained record, and what verification reads of messages. What they mean stands
 * in core/ledger.h. Nothing here changes or removes a row of the ledger.
 */
#ifndef HB_STORE_LEDGER_ROWS_H
#define HB_STORE_LEDGER_ROWS_H

#include "base/mem.h"
#include "store/store.h"

struct ledger_row {
	uint32_t chain;
	uint64_t seq; /* from 1 */
	int64_t at;
	const char *actor, *credential, *way, *act, *subject, *payload;
	const unsigned char *prev, *hash;
	size_t prev_bytes, hash_bytes;
	const unsigned char *salt; /* NULL: none, or erased */
	size_t salt_bytes;
};

/* ledger_rows_last - seq and hash of the newest; ERR_NOT_FOUND: the chain is empty. The rest of the row is zero. */
enum err ledger_rows_last(struct db *db, struct arena *arena, uint32_t chain,
			  struct ledger_row *row_out) MUST_CHECK;

/* ledger_rows_insert - with its salt, when there is one. */
enum err ledger_rows_insert(struct db *db, const struct ledger_row *row) MUST_CHECK;

/* ledger_rows_after - those behind (chain, seq) in the order of chains and seqs, at most limit. */
enum err ledger_rows_after(struct db *db, struct arena *arena,
			   const struct ledger_row *after, size_t limit,
			   struct ledger_row **rows_out, size_t *count_out) MUST_CHECK;

/* ledger_rows_page - entries of chain 0 that a person looks for, newest first. Without a subject at most scan_most entries
 * are looked at, so a page may be short, or empty, before the end. */
struct ledger_filter {
	const char *subject, *actor, *act; /* NULL: any */
	int64_t from, until;               /* UTC ms, until not included; 0: open */
	uint64_t before_seq;               /* below this one; 0: from the newest */
	size_t limit, scan_most;
};

struct ledger_page {
	struct ledger_row *rows;
	size_t count;
	uint64_t next_before_seq; /* where the next page begins; 0: this is all */
};

enum err ledger_rows_page(struct db *db, struct arena *arena,
			  const struct ledger_filter *filter,
			  struct ledger_page *page_out) MUST_CHECK;

/* What verification compares of an outbound text; strings from the arena. */
struct ledger_text {
	uint64_t id, receipt_id, receipt_message_id, task_id;
	const char *number, *text, *sent_by; /* login */
};

/* ledger_rows_text - ERR_NOT_FOUND: there is no such outbound text. */
enum err ledger_rows_text(struct db *db, struct arena *arena, uint64_t message_id,
			  struct ledger_text *text_out) MUST_CHECK;

/* ledger_rows_text_ids - ids of outbound texts above after_id, rising, at most limit. */
enum err ledger_rows_text_ids(struct db *db, struct arena *arena, uint64_t after_id,
			      size_t limit, uint64_t **ids_out,
			      size_t *count_out) MUST_CHECK;

/* ledger_rows_newest_text - the highest id of an outbound text, 0: none. */
enum err ledger_rows_newest_text(struct db *db, uint64_t *id_out) MUST_CHECK;

#endif
