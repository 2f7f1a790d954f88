/* trigger.h - what happens to contacts enrolls them: the triggers of workflows.
 *
 * A command that changes a contact says so, on the edge only (a tag that was there already is no news):
 *
 *	const struct trigger_source source = {.actor = call->actor};
 *	err = contact_rows_add_tag(db, id, tag, now, &is_added);
 *	if (err == ERR_OK && is_added)
 *		err = trigger_tag(txn, &source, id, tag, true);
 *	…
 *	if (err == ERR_OK)
 *		err = trigger_settle(txn);		at the end of the command
 *
 * What nobody listens for costs one look into an index. Else it becomes an occurrence: a row, in the same transaction, so
 * that nothing is lost. trigger_settle() asks the workflows that listen right away when that is little work and nothing
 * older waits; the rest goes on with the turns of the clock (turn.h), the oldest first. Steps of workflows leave theirs to
 * the turns.
 *
 * A workflow is asked in this order: is it published, and was it when that happened; is the contact an import's and does
 * the trigger want those; does the condition in the trigger hold; the <filter>; then what every enrollment is asked
 * (enroll.h). Whoever is not enrolled is noted with the values seen (not_enrolled), one row per workflow, contact and
 * trigger, for GET /why.
 *
 * A new contact: contact-created, and tag-added for the tags it comes with; its fields did not change, they came with it.
 *
 * Guards: enrollments of a contact per hour (policy), and TRIGGER_DEPTH_MOST enrollments that cause one another, each
 * within an hour of the one before. Steps of test runs enroll nobody.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_TRIGGER_H
#define HB_CORE_TRIGGER_H

#include "core/due.h"
#include "model/actor.h"
#include "model/records.h"
#include "store/store.h"
#include "workflow/plan.h"

enum {
	TRIGGER_DEPTH_MOST = 16,
	TRIGGER_INLINE_MOST =
		20, /* occurrences that a command asks for by itself, and */
	TRIGGER_INLINE_COST =
		40, /* the steps after which it leaves the rest to the turns */
	TRIGGER_COST_MOST =
		80, /* steps in one turn: less than 1,000 rows, also when the last run is a long one */
};

/* Who did it: somebody, or a step of an enrollment (by its workflow). */
struct trigger_source {
	const struct actor *actor;
	const struct enrollment *enrollment; /* NULL: no step did it */
	bool is_import;
};

/* trigger_by - its name, for people: a login, a token's name, or "workflow ID". */
const char *trigger_by(struct txn *txn, const struct trigger_source *source);

/* trigger_created - the contact was inserted. trigger_tag - one was added, or removed. */
enum err trigger_created(struct txn *txn, const struct trigger_source *source,
			 uint64_t contact_id) MUST_CHECK;
enum err trigger_tag(struct txn *txn, const struct trigger_source *source,
		     uint64_t contact_id, const char *tag, bool is_added) MUST_CHECK;

/* trigger_field - field: "contact.email", "contact.custom.plan". before, after: NULL or "" for nothing; equal ones are no
 * change. Dates that hang on the field are planned anew. */
struct trigger_change {
	const char *field, *before, *after;
};
enum err trigger_field(struct txn *txn, const struct trigger_source *source,
		       uint64_t contact_id,
		       const struct trigger_change *change) MUST_CHECK;

/* trigger_dates - the field came with a new contact, or (NULL) the contact's zone has changed: dates are planned anew. */
enum err trigger_dates(struct txn *txn, const struct trigger_source *source,
		       uint64_t contact_id, const char *field) MUST_CHECK;

/* trigger_message_came - an ordinary inbound text was stored (no opt-out word, nothing that waits for a person's verdict).
 * The whole text is compared with keywords, in any case, without the blanks around it. */
enum err trigger_message_came(struct txn *txn, uint64_t contact_id, uint64_t message_id,
			      const char *text) MUST_CHECK;

/* trigger_event - data: a JSON object, or NULL. */
struct trigger_event {
	const char *name, *data;
	uint64_t contact_id;
};
enum err trigger_event(struct txn *txn, const struct trigger_source *source,
		       const struct trigger_event *event) MUST_CHECK;

/* trigger_settle - see above. Every command that tells of something ends in it; steps of workflows do not. */
enum err trigger_settle(struct txn *txn) MUST_CHECK;

/* --- for the turns: run each until is_done --- */

/* When the write fails because of one occurrence or date (a fault of ours), culprit tells it: handing the struct in again
 * drops that one, with a line in the log, and goes on. */
struct trigger_sweep {
	uint64_t culprit; /* in and out; 0: none */
	bool is_done;
};
enum err trigger_sweep(struct txn *txn, struct trigger_sweep *sweep) MUST_CHECK;

/* trigger_plan_step - one step of planning a workflow's dates for all contacts, after it was published. */
enum err trigger_plan_step(struct txn *txn, struct trigger_sweep *sweep) MUST_CHECK;

/* trigger_clock - dates that have come, in order. */
struct trigger_clock {
	struct due_window window;
	uint64_t culprit; /* in and out; 0: none */
	bool is_done;
	int64_t next_at; /* UTC ms of the next one, 0: none */
};
enum err trigger_clock(struct txn *txn, struct trigger_clock *clock) MUST_CHECK;

/* --- for workflows --- */

/* trigger_listen - from now on the workflow listens for what this plan says: when it is published, and as long as it is
 * only a draft (then it is noted that it did not enroll). Dates of what is published are planned by a job.
 * trigger_forget - it was deleted. */
enum err trigger_listen(struct txn *txn, const struct plan *plan,
			bool is_published) MUST_CHECK;
enum err trigger_forget(struct txn *txn, const char *workflow_id) MUST_CHECK;

/* trigger_name - as in the journal and in not_enrolled: "tag-added lead", "date contact.custom.renewal -7d 09:00". In
 * arena. */
const char *trigger_name(struct arena *arena, const struct plan_trigger *trigger);

#endif
