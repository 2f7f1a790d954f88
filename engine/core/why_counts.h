/* why_counts.h - how far a workflow's enrollments came; for why.c only. */
#ifndef HB_CORE_WHY_COUNTS_H
#define HB_CORE_WHY_COUNTS_H

#include "core/call.h"
#include "core/core.h"
#include "model/records.h"

/* why_counts - the answer without a contact: see why.h. */
enum err why_counts(struct db *db, struct core *core, struct call *call,
		    const struct workflow *workflow) MUST_CHECK;

#endif
