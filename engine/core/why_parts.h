/* why_parts.h - what the files behind why.h share. */
#ifndef HB_CORE_WHY_PARTS_H
#define HB_CORE_WHY_PARTS_H

#include "core/journal_words.h"
#include "core/why.h"
#include "model/records.h"
#include "store/workflow_rows.h"
#include "workflow/plan.h"

enum { WHY_LINES_MOST = 200 }; /* of the journal, the newest */

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
	const char *step_id; /* the manual-sms that is meant; NULL: any */
	struct plan *plan;   /* by which it listens; NULL: it cannot be read */
	struct contact contact;
	struct number number;
	bool has_run,
		has_refusal; /* run: the latest enrollment; refusal: the latest that was not one */
	struct enrollment run;
	struct not_enrolled refusal;

	/* of run */
	struct plan *run_plan; /* NULL: it cannot be read */
	struct task task;      /* the newest of the step that is meant; id 0: none */
	struct journal_row *lines; /* oldest first */
	size_t line_count;
	size_t own_from; /* the first line of the version it is on: steps before it are another version's */
};

typedef enum err why_fn(struct asked *asked, struct answer *answer);
why_fn why_ask_trigger, why_ask_filter; /* why_trigger.c */
why_fn why_ask_position, why_ask_task;  /* why_place.c */
why_fn why_ask_branch;                  /* why_branch.c */

/* why_gather_run - all that is of the run, once has_run. */
enum err why_gather_run(struct asked *asked) MUST_CHECK;

/* why_was_refused - the last thing that happened was an attempt that was refused. */
bool why_was_refused(const struct asked *asked);

/* why_is_meant - is this the manual-sms that is asked about? why_leads - does a way from there (PLAN_END: none) come to
 * one? why_is_ahead - does one from where the enrollment stands? */
bool why_is_meant(const struct asked *asked, const struct step *step);
bool why_leads(const struct asked *asked, int from);
bool why_is_ahead(const struct asked *asked);

/* why_lost_at - the line of the branch by which an enrollment without a task went where none lies; NULL: none did. */
const struct journal_row *why_lost_at(const struct asked *asked);

const char *why_when(struct asked *asked, int64_t at);
const char *why_id(struct asked *asked, uint64_t id);
const char *why_enroll_fix(struct asked *asked);

/* why_says - the sentence that the refusal was noted with; "": none. */
const char *why_says(struct asked *asked);

/* why_change - what to change so that the test that failed first (of a line's or refusal's detail) holds. */
const char *why_change(struct asked *asked, const char *detail);

#endif
