/* drift.h - what was true when a task was made, kept as lines, and what differs now.
 *
 *	struct buf facts = BUF_EMPTY;
 *	fact_add(&facts, FACT_FIELD, "contact.first_name", "Rui");	then, kept with the task
 *	…
 *	count = facts_compare(arena, then, now, drifts, DRIFT_MOST);
 *	for (i…) drifts[i]: contact.first_name was "Rui" and is "Rua"
 *
 * A fact is a kind, a name ("" when there is one of its kind) and a value. Line ends and tabs in them become blanks. Pure.
 */
#ifndef HB_MODEL_DRIFT_H
#define HB_MODEL_DRIFT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

enum fact_kind { FACT_OWNER, FACT_NUMBER, FACT_TAG, FACT_FIELD, FACT_KIND_COUNT };

void fact_add(struct buf *facts, enum fact_kind kind, const char *name,
	      const char *value);

struct drift {
	enum fact_kind kind;
	const char *name;
	const char *was, *is; /* NULL: not there then; not there now */
};

enum { DRIFT_MOST = 50 };

/* facts_compare - what was there and is not, or differs, in the order of then; then what is new. At most most. */
size_t facts_compare(struct arena *arena, const char *then, const char *now,
		     struct drift *drifts, size_t most);

#endif
