/* why_parts.h - what the files behind why.h share. */
#ifndef HB_CORE_WHY_PARTS_H
#define HB_CORE_WHY_PARTS_H

#include "core/journal_words.h"
#include "core/why.h"
#include "model/records.h"
#include "store/workflow_rows.h"
#include "workflow/plan.h"

struct answer {
	bool ok;
	const char *detail, *fix; /* "" when there is nothing to say */
};

/* What the questions are asked of. */
struct asked {
	struct db *db;
	struct arena *arena;
	struct core *core;
	struct workflow workflow;
	struct plan *plan; /* by which it listens; NULL: it cannot be read */
	struct contact contact;
	struct number number;
	bool has_run,
		has_refusal; /* run: the latest enrollment; refusal: the latest that was not one */
	struct enrollment run;
	struct not_enrolled refusal;
};

typedef enum err why_fn(struct asked *asked, struct answer *answer);
why_fn why_ask_trigger, why_ask_filter, why_ask_branch;

/* why_was_refused - the last thing that happened was an attempt that was refused. */
bool why_was_refused(const struct asked *asked);

const char *why_when(struct asked *asked, int64_t at);
const char *why_id(struct asked *asked, uint64_t id);
const char *why_enroll_fix(struct asked *asked);

/* why_says - the sentence that the refusal was noted with; "": none. */
const char *why_says(struct asked *asked);

#endif
