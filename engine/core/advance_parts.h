/* advance_parts.h - one turn of one enrollment, as the effects of its steps see it; for core/advance*.c only.
 *
 * advance.c runs the turn, advance_move.c says what begins one; advance_contact.c, advance_hook.c, advance_mail.c,
 * advance_task.c and advance_wait.c are what the steps do. An effect leaves in
 * the walk what the journal shall say of it (kind, members) and, when the run is to wait, why it stands there (stands).
 */
#ifndef HB_CORE_ADVANCE_PARTS_H
#define HB_CORE_ADVANCE_PARTS_H

#include "core/assign.h"
#include "model/records.h"
#include "store/store.h"
#include "workflow/step.h"

struct walk {
	struct txn *txn;
	struct arena *arena;
	const struct plan *plan;
	struct enrollment *enrollment;
	struct contact *contact;
	struct assigned assigned; /* of this turn; line NULL: no assign-user ran yet */
	unsigned steps;           /* run so far */

	/* of the step at hand */
	unsigned visit; /* from 1 */
	/* its word in the journal; NULL: what the interpreter calls it */
	const char *kind;
	const char *members; /* JSON members for the journal; NULL: nothing to say */
	/* with a failure of the effect: the enrollment is removed, for this reason; NULL: it has failed */
	const char *removal;
	const char *stands; /* why the enrollment waits here: a sentence for people */
	int64_t wake_at;    /* until when; 0: nothing on the clock ends it */
};

run_effect_fn walk_assign, walk_add_tag, walk_remove_tag, walk_set_field;
run_effect_fn walk_create_task, walk_send_email;
run_effect_fn walk_wait, walk_wait_for_reply;

/* walk_holds - struct run_ops' holds; journals every test that was asked, with the value seen. */
enum err walk_holds(void *arg, const struct step *step, const struct branch_when *when,
		    bool *holds_out) MUST_CHECK;
run_effect_fn walk_call_hook;

/* walk_reply_stands - why an enrollment stands at a wait-for-reply; until 0: for ever. */
const char *walk_reply_stands(struct arena *arena, const char *to, int64_t until);

/* What of the world an enrollment needs to go on from its step. */
struct going {
	struct txn *txn;
	struct enrollment *enrollment;
	struct plan *plan;
	const struct step *step; /* where it stands */
	unsigned steps;          /* run by the turn */
};

/* going_init - ERR_OK with plan NULL: it cannot go on, and has ended as failed. The caller unrefs plan. */
enum err going_init(struct going *going, struct txn *txn,
		    struct enrollment *enrollment) MUST_CHECK;

/* going_on - from that step (PLAN_END: it is completed) up to the next wait; or held before it, with its workflow. */
enum err going_on(struct going *going, int at) MUST_CHECK;

/* walk_end - it ends here. reason: a literal, or in the txn's arena. */
enum err walk_end(struct txn *txn, struct enrollment *enrollment,
		  enum enrollment_state state, const char *reason) MUST_CHECK;

#endif
