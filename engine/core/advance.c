/* advance.c - see advance.h: turns of enrollments, and how they begin and end. What moves them in between is in
 * advance_move.c, what the steps do in advance_contact.c, advance_task.c, advance_wait.c (advance_parts.h) */
#include "core/advance.h"

#include <string.h>

#include "core/advance_parts.h"
#include "core/holds.h"
#include "core/hook_emit.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/task_make.h"
#include "store/contact_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

/* --- what the interpreter asks for --- */

static enum err do_visit(void *arg, const struct step *step, unsigned *visit_out)
{
	struct walk *walk = arg;
	uint32_t visit;
	walk->kind = walk->members = walk->stands = NULL;
	walk->wake_at = 0;
	walk->steps++;
	enum err err = visit_rows_count_up(txn_db(walk->txn), walk->enrollment->id,
					   step->id, &visit);
	if (err == ERR_OK)
		*visit_out = walk->visit = visit;
	return err;
}

/* What the interpreter decides by itself has words of its own. */
static const char *word_of(const struct step *step, const char *kind,
			   const char *detail)
{
	if (strcmp(kind, "done") != 0 || strcmp(detail, RUN_MAX_REACHED) == 0)
		return NULL;
	if (step->kind == STEP_GO_TO)
		return "went_to";
	return step->kind == STEP_BRANCH ? "branched" : NULL;
}

static const char *go_to_members(const struct walk *walk, const struct step *step,
				 const char *key, const char *value)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, key, value);
	json_key_int(json, "visit", walk->visit);
	if (step->go_to.max)
		json_key_int(json, "max", step->go_to.max);
	return members_end(&members, walk->arena);
}

static enum err do_journal(void *arg, const struct step *step, const char *kind,
			   const char *detail)
{
	struct walk *walk = arg;
	const char *members = walk->members, *word = word_of(step, kind, detail);
	if (step->kind == STEP_GO_TO)
		members = go_to_members(walk, step, word ? "to" : "reason", detail);
	if (!members && *detail)
		members = members_str(walk->arena, word ? "to" : "reason", detail);
	if (!word && walk->kind && strcmp(kind, "failed") != 0)
		word = walk->kind;
	return journal_add(walk->txn, walk->enrollment->id, step->id,
			   word ? word : kind, members ? members : "");
}

static const struct run_ops ops = {
	.visit = do_visit,
	.journal = do_journal,
	.assign_user = walk_assign,
	.create_task = walk_create_task,
	.add_tag = walk_add_tag,
	.remove_tag = walk_remove_tag,
	.set_field = walk_set_field,
	.call_hook = walk_call_hook,
	.send_email = walk_send_email,
	.wait = walk_wait,
	.wait_for_reply = walk_wait_for_reply,
	.holds = walk_holds,
};

/* --- where the enrollment stands afterwards --- */

/* by NULL: nobody in particular. */
static enum err end_by(struct txn *txn, const char *by, struct enrollment *enrollment,
		       enum enrollment_state state, const char *reason)
{
	const char *step_id = enrollment->step_id;
	const char *members =
		by ? members_text(txn_arena(txn), "reason", reason, "by", by, NULL)
		   : members_str(txn_arena(txn), "reason", reason);
	enrollment->state = state;
	enrollment->reason = reason;
	enrollment->wake_at = 0;
	enrollment->ended_at = txn_now(txn);
	if (state == ENROLLMENT_COMPLETED)
		enrollment->step_id = NULL;
	enum err err = enrollment_rows_save(txn_db(txn), enrollment);
	if (err == ERR_OK)
		err = journal_add(txn, enrollment->id, step_id,
				  enrollment_state_name(state), members);
	return err == ERR_OK && state == ENROLLMENT_COMPLETED
		       ? hook_emit_completed(txn, enrollment)
		       : err;
}

enum err walk_end(struct txn *txn, struct enrollment *enrollment,
		  enum enrollment_state state, const char *reason)
{
	return end_by(txn, NULL, enrollment, state, reason);
}

static enum err stand(struct walk *walk, const struct run *run)
{
	struct enrollment *enrollment = walk->enrollment;
	if (run->at != PLAN_END && (size_t)run->at < walk->plan->step_count) {
		enrollment->step_id =
			arena_strdup(walk->arena, walk->plan->steps[run->at].id);
		enrollment->since = txn_now(walk->txn);
	}
	if (run->outcome == RUN_COMPLETED)
		return walk_end(walk->txn, enrollment, ENROLLMENT_COMPLETED,
				"end_of_workflow");
	if (run->outcome == RUN_FAILED)
		return walk->removal ? walk_end(walk->txn, enrollment,
						ENROLLMENT_REMOVED, walk->removal)
				     : walk_end(walk->txn, enrollment,
						ENROLLMENT_FAILED, run->reason);
	enrollment->state = ENROLLMENT_WAITING;
	enrollment->reason = walk->stands;
	enrollment->wake_at = walk->wake_at;
	return enrollment_rows_save(txn_db(walk->txn), enrollment);
}

static enum err walk_from(struct walk *walk, int at)
{
	struct run run = {.at = at};
	enum err err = workflow_advance(walk->plan, &run, &ops, walk);
	return err == ERR_OK ? stand(walk, &run) : err;
}

/* --- beginning --- */

enum err advance_start_with(struct txn *txn, const struct actor *actor,
			    struct enrollment *enrollment, struct advance_with *with)
{
	struct walk walk = {.txn = txn,
			    .arena = txn_arena(txn),
			    .plan = with->plan,
			    .enrollment = enrollment,
			    .contact = with->contact};
	(void)actor;
	enum err err = walk_from(&walk, with->plan->first);
	with->steps = walk.steps;
	return err;
}

enum err advance_start(struct txn *txn, const struct actor *actor,
		       struct enrollment *enrollment)
{
	struct contact contact;
	struct plan *plan;
	enum err err = contact_rows_load(txn_db(txn), txn_arena(txn),
					 enrollment->contact_id, &contact);
	if (err == ERR_OK)
		err = plans_get(txn_context(txn), txn_db(txn), enrollment->workflow_id,
				enrollment->version, &plan);
	if (err != ERR_OK)
		return err;
	err = advance_start_with(
		txn, actor, enrollment,
		&(struct advance_with){.contact = &contact, .plan = plan});
	plan_unref(&plan);
	return err;
}

/* --- going on from where it stands --- */

enum err going_init(struct going *going, struct txn *txn, struct enrollment *enrollment)
{
	*going = (struct going){.txn = txn, .enrollment = enrollment};
	enum err err = plans_get(txn_context(txn), txn_db(txn), enrollment->workflow_id,
				 enrollment->version, &going->plan);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return walk_end(txn, enrollment, ENROLLMENT_FAILED,
				err == ERR_CORRUPT ? "version_is_unreadable"
						   : "version_is_gone");
	if (err != ERR_OK)
		return err;
	int at = enrollment->step_id ? plan_find(going->plan, enrollment->step_id) : -1;
	if (at >= 0) {
		going->step = &going->plan->steps[at];
		return ERR_OK;
	}
	plan_unref(&going->plan);
	return walk_end(txn, enrollment, ENROLLMENT_FAILED, "step_is_gone");
}

/* A workflow that is held: its contacts keep their place, before the step that comes next. Test runs go on whatever
 * becomes of what is published. */
static enum err stays_held(struct going *going, int at, bool *stays_out)
{
	struct enrollment *enrollment = going->enrollment;
	struct txn *txn = going->txn;
	*stays_out = false;
	if (enrollment->is_test)
		return ERR_OK;
	enum err err = hold_rows_exist(txn_db(txn), HOLD_WORKFLOW,
				       enrollment->workflow_id, stays_out);
	if (err != ERR_OK || !*stays_out)
		return err;
	going->steps++;
	enrollment->state = ENROLLMENT_HELD;
	enrollment->reason = "Held while its workflow is unpublished";
	enrollment->wake_at = 0;
	enrollment->held_to = at == PLAN_END ? ""
					     : arena_strdup(txn_arena(txn),
							    going->plan->steps[at].id);
	err = enrollment_rows_save(txn_db(txn), enrollment);
	return err == ERR_OK ? journal_add(txn, enrollment->id, enrollment->step_id,
					   "held", "\"reason\":\"unpublished\"")
			     : err;
}

enum err going_on(struct going *going, int at)
{
	struct contact contact;
	struct txn *txn = going->txn;
	bool stays;
	enum err err = stays_held(going, at, &stays);
	if (err != ERR_OK || stays)
		return err;
	err = contact_rows_load(txn_db(txn), txn_arena(txn),
				going->enrollment->contact_id, &contact);
	if (err == ERR_NOT_FOUND)
		return walk_end(txn, going->enrollment, ENROLLMENT_REMOVED,
				"contact_deleted");
	if (err != ERR_OK)
		return err;
	struct walk walk = {.txn = txn,
			    .arena = txn_arena(txn),
			    .plan = going->plan,
			    .enrollment = going->enrollment,
			    .contact = &contact};
	going->enrollment->wake_at = 0;
	going->enrollment->held_to = NULL;
	err = walk_from(&walk, at);
	going->steps += walk.steps;
	return err;
}

/* --- ending --- */

enum err advance_remove(struct txn *txn, const struct actor *actor,
			struct enrollment *enrollment, const char *reason)
{
	const char *by = actor->name ? actor->name : actor_kind_name(actor->kind);
	if (!enrollment_state_is_open(enrollment->state))
		return ERR_OK;
	bool more = true;
	enum err err = ERR_OK;
	while (more && err == ERR_OK)
		err = task_cancel_open(txn, enrollment->id, 0, reason, &more);
	return err == ERR_OK ? end_by(txn, by, enrollment, ENROLLMENT_REMOVED, reason)
			     : err;
}

enum err advance_leave(struct txn *txn, struct enrollment *enrollment,
		       const char *reason)
{
	return walk_end(txn, enrollment, ENROLLMENT_REMOVED, reason);
}

enum err advance_fail(struct txn *txn, struct enrollment *enrollment,
		      const char *reason)
{
	return enrollment_state_is_open(enrollment->state)
		       ? walk_end(txn, enrollment, ENROLLMENT_FAILED, reason)
		       : ERR_OK;
}
