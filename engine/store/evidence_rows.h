/* evidence_rows.h - what was written down of one number, from all tables, in the order in which it happened. */
#ifndef HB_STORE_EVIDENCE_ROWS_H
#define HB_STORE_EVIDENCE_ROWS_H

#include "base/mem.h"
#include "store/store.h"

enum evidence_kind { EVIDENCE_CONSENT, EVIDENCE_MESSAGE, EVIDENCE_SHOWN };

struct evidence_row {
	uint64_t id; /* of the consent, message or receipt */
	enum evidence_kind kind;
};

struct evidence_filter {
	const char *e164;
	uint64_t after_id, until_id; /* the second not included; 0: open */
	size_t limit;
};

/* evidence_rows_page - oldest first; at most limit + 1: the extra one tells that there are more. */
enum err evidence_rows_page(struct db *db, struct arena *arena,
			    const struct evidence_filter *filter,
			    struct evidence_row **rows_out,
			    size_t *count_out) MUST_CHECK;

#endif
