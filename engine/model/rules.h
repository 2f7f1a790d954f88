/* rules.h - small pure rules: what changed since a card was shown, and whose turn it is. */
#ifndef HB_MODEL_RULES_H
#define HB_MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/actor.h"
#include "model/policy.h"
#include "model/records.h"

/* what a receipt binds, in the API's words and order */
enum {
	CHANGED_RECIPIENT = 1 << 0,
	CHANGED_SENDER = 1 << 1,
	CHANGED_THREAD = 1 << 2,
	CHANGED_ASSIGNEE = 1 << 3,
	CHANGED_LEASE = 1 << 4,
	CHANGED_CONSENT = 1 << 5,
	CHANGED_WORKFLOW_VERSION = 1 << 6,
	CHANGED_OWNER = 1 << 7, /* of the contact */
	CHANGED_TEXT =
		1 << 8, /* that the workflow offers: a value it uses is another */
	CHANGED_COUNT = 9,
};

const char *changed_name(unsigned bit_index); /* 0..CHANGED_COUNT-1 */

struct receipt_now {
	const char *recipient, *sender, *smsc;
	uint64_t thread_head_id, assignee_id, fence;
	uint32_t consent_revision, workflow_version;
	uint64_t owner_id;
	const char *rendered_text; /* that the workflow offers; NULL: nothing */
};

/* receipt_original - what the task offered before anybody changed it; the receipt's. */
const char *receipt_original(const struct receipt *receipt);

/* receipt_changes - which of the bound things differ from what was shown; 0: the receipt holds. */
unsigned receipt_changes(const struct receipt *receipt, const struct receipt_now *now);

/* --- rotation: smooth weighted round-robin ---------------------------------------------------------------------- */

struct turn {
	uint64_t user_id;
	int32_t weight; /* 1..1000 */
	int32_t credit; /* kept between runs; the sum over all is 0 */
	bool is_available; /* active, on shift: others are skipped, and neither gain nor pay */
};

/* turn_next - whose turn it is: raises each available credit by its weight, takes the highest (the first of equals),
 * charges it the sum of weights. With weights 5:2 that gives a b a a a b a, not five and then two. Index into turns, or
 * -1 when nobody is available. */
int turn_next(struct turn *turns, size_t count);

/* --- who may see and do ------------------------------------------------------------------------------------------ */

/* task_is_visible - by role and `agents-see`. in_team: the actor is in the task's team or shares one with its assignee. */
bool task_is_visible(const struct actor *actor, const struct policy *policy,
		     const struct task *task, bool in_team);

/* task_may_act - may open and send: one's own, an unassigned one (of one's team when it has one), or leads. */
bool task_may_act(const struct actor *actor, const struct task *task, bool in_team);

#endif
