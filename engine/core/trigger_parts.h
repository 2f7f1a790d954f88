/* trigger_parts.h - what the files behind trigger.h share. */
#ifndef HB_CORE_TRIGGER_PARTS_H
#define HB_CORE_TRIGGER_PARTS_H

#include "core/trigger.h"
#include "store/trigger_rows.h"

#define TRIGGER_CUSTOM "contact.custom."

/* What a trigger of this plan is compared with: its name, in small letters for a keyword; "": it takes any. */
const char *trigger_wants(struct arena *arena, const struct plan_trigger *trigger);

/* trigger_listener - the workflow, and the plan by which it listens: the published one, or the draft as long as none
 * was. plan NULL: there is none (any more), or it cannot be read. The caller unrefs it. */
struct listener {
	struct workflow workflow;
	uint32_t version;
	struct plan *plan;
};
enum err trigger_listener(struct txn *txn, const char *workflow_id,
			  struct listener *out) MUST_CHECK;

/* trigger_try - asks one workflow. *cost: grows by the steps that were run, at least one. */
enum err trigger_try(struct txn *txn, const struct occurrence *what,
		     const char *workflow_id, unsigned *cost) MUST_CHECK;

/* trigger_try_with - the same with the listener at hand, for one trigger of its plan. */
enum err trigger_try_with(struct txn *txn, const struct occurrence *what,
			  const struct listener *listener,
			  const struct plan_trigger *trigger,
			  unsigned *cost) MUST_CHECK;

/* trigger_plan_dates - plans all dates of the listener for the contact, or those of one field. */
enum err trigger_plan_dates(struct txn *txn, const struct listener *listener,
			    uint64_t contact_id, const char *field) MUST_CHECK;

/* trigger_date_rule - "contact.custom.renewal -7d 09:00" */
const char *trigger_date_rule(struct arena *arena, const struct plan_trigger *trigger);

/* trigger_plan_begin - leaves the job that trigger_plan_step works off. */
enum err trigger_plan_begin(struct txn *txn, const char *workflow_id) MUST_CHECK;

#endif
