/* limits.h - when and how often a number may be texted: sending hours, the frequency cap, and the grace in which a reply is
 * answered at any hour.
 *
 * Hours are the workflow's, else those of handbox.conf, on the recipient's wall. The cap counts what went to the number from
 * all workflows, or may have gone, and the places that open cards have taken: whoever opens a card while there is room
 * keeps a place with the lease, so that two people cannot both be told yes.
 */
#ifndef HB_CORE_LIMITS_H
#define HB_CORE_LIMITS_H

#include "model/guards.h"
#include "model/records.h"
#include "store/store.h"
#include "workflow/plan.h"

struct limits {
	const struct hours *hours; /* NULL: always open */
	struct hours_place place;
	bool is_replying; /* they wrote within reply-grace */
	struct frequency_cap cap;
	unsigned cap_used, cap_reserved; /* the second: by other cards */
	int64_t cap_frees_at;            /* when cap_used becomes less */
};

/* What is to be texted. */
struct limits_of {
	const struct policy *policy;
	const struct plan *plan; /* NULL: no workflow */
	const struct contact *contact;
	const struct number *number; /* the contact's; e164 NULL: it has none */
	uint64_t card_id; /* whose own place in the cap does not count; 0: none */
	bool is_test;     /* counts in no cap and is held by none */
};

/* limits_hours - the hours that count for texts of a workflow; plan NULL: of none. */
const struct hours *limits_hours(const struct policy *policy, const struct plan *plan);

/* limits_of_hours - all but the cap. */
enum err limits_of_hours(struct db *db, const struct limits_of *of, int64_t now,
			 struct limits *limits_out) MUST_CHECK;

enum err limits_load(struct db *db, const struct limits_of *of, int64_t now,
		     struct limits *limits_out) MUST_CHECK;

/* limits_have_room - a card may take a place of the cap. */
bool limits_have_room(const struct limits *limits);

/* limits_tell - into the facts that the guards look at; limits must outlive them. */
void limits_tell(const struct limits *limits, int64_t now, struct guard_facts *facts);

#endif
