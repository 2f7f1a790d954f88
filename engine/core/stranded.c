/* stranded.c - see stranded.h */
#include "core/stranded.h"

#include "core/assign.h"
#include "core/core.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/trigger.h"
#include "model/actor.h"
#include "store/contact_rows.h"
#include "store/stranded_rows.h"
#include "store/task_rows.h"

static const uint64_t behind_all = UINT64_MAX / 2;

static struct stranded_watch *watch_of(struct txn *txn)
{
	return &((struct core *)txn_context(txn))->stranded;
}

enum err stranded_add(struct txn *txn, const struct task *task, const char *assign_step)
{
	const struct stranded_row row = {task->workflow_id, task->workflow_version,
					 assign_step, task->id};
	watch_of(txn)->are_none = false;
	txn_signal(txn, SIGNAL_TIMER);
	return stranded_rows_add(txn_db(txn), &row);
}

enum err stranded_forget(struct txn *txn, uint64_t task_id)
{
	return stranded_rows_delete(txn_db(txn), task_id);
}

void stranded_look(struct txn *txn)
{
	struct stranded_watch *watch = watch_of(txn);
	watch->look_at = 0;
	if (!watch->are_none)
		txn_signal(txn, SIGNAL_TIMER);
}

/* --- one task -------------------------------------------------------------------------------------------------------- */

struct offer {
	struct txn *txn;
	const struct stranded_row *row;
	struct task task;
	struct contact contact;
	bool is_free; /* open, and nobody's */
	struct assigned assigned;
};

static enum err load_offer(struct offer *offer)
{
	struct db *db = txn_db(offer->txn);
	struct arena *arena = txn_arena(offer->txn);
	enum err err = task_rows_load(db, arena, offer->row->task_id, &offer->task);
	if (err == ERR_OK)
		err = contact_rows_load(db, arena, offer->task.contact_id,
					&offer->contact);
	offer->is_free = err == ERR_OK && task_state_is_open(offer->task.state) &&
			 !offer->task.assignee_id;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err ask_step(struct offer *offer)
{
	struct txn *txn = offer->txn;
	struct plan *plan;
	enum err err = plans_get(txn_context(txn), txn_db(txn), offer->row->workflow_id,
				 offer->row->version, &plan);
	if (err != ERR_OK)
		return err;
	int at = plan_find(plan, offer->row->step_id);
	const struct assign assign = {
		.workflow_id = assign_rotation(txn_arena(txn), offer->row->workflow_id,
					       offer->task.is_test),
		.step = at >= 0 ? &plan->steps[at] : NULL,
		.contact = &offer->contact};
	err = at < 0 ? ERR_CORRUPT : assign_run(txn, &assign, &offer->assigned);
	plan_unref(&plan);
	return err;
}

static enum err tell_owner(struct offer *offer, uint64_t before)
{
	struct arena *arena = txn_arena(offer->txn);
	const struct trigger_source source = {.actor = &actor_system};
	uint64_t after = offer->contact.owner_id;
	const struct trigger_change change = {"contact.owner",
					      before ? members_id(arena, before) : "",
					      after ? members_id(arena, after) : ""};
	return before == after
		       ? ERR_OK
		       : trigger_field(offer->txn, &source, offer->contact.id, &change);
}

static enum err give(struct offer *offer)
{
	struct task *task = &offer->task;
	struct arena *arena = txn_arena(offer->txn);
	/* it may have followed the new owner already (follow_owner.h) */
	enum err err = task_rows_load(txn_db(offer->txn), arena, task->id, task);
	if (err != ERR_OK)
		return err;
	task->assignee_id = offer->contact.owner_id;
	task->team_id = 0;
	task->why = offer->assigned.line;
	err = task_rows_save(txn_db(offer->txn), task);
	if (err != ERR_OK)
		return err;
	return journal_add(offer->txn, task->enrollment_id, task->step_id,
			   "task_assigned",
			   arena_printf(arena, "%s,%s",
					members_text(arena, "task",
						     members_id(arena, task->id), NULL),
					offer->assigned.members));
}

enum offer_end {
	OFFER_OVER,   /* it is given out, or has ended: no longer of these */
	OFFER_TAKEN,  /* somebody has it open, and may give it back */
	OFFER_NOBODY, /* the step finds nobody now either */
};

static enum err offer_one(struct txn *txn, const struct stranded_row *row,
			  enum offer_end *end_out)
{
	struct offer offer = {.txn = txn, .row = row};
	enum err err = load_offer(&offer);
	uint64_t owner = offer.contact.owner_id;
	if (err == ERR_OK && offer.is_free)
		err = ask_step(&offer);
	*end_out = offer.assigned.is_nobody ? OFFER_NOBODY
		   : task_state_is_open(offer.task.state) && offer.task.assignee_id
			   ? OFFER_TAKEN
			   : OFFER_OVER;
	if (err != ERR_OK || *end_out != OFFER_OVER)
		return err;
	if (offer.is_free)
		err = give(&offer);
	if (err == ERR_OK)
		err = tell_owner(&offer, owner);
	return err == ERR_OK ? stranded_forget(txn, row->task_id) : err;
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

enum err stranded_sweep(struct txn *txn, struct stranded_sweep *sweep)
{
	struct stranded_watch *watch = watch_of(txn);
	struct stranded_row row = {.workflow_id = NULL};
	unsigned ends[] = {[OFFER_OVER] = 0, [OFFER_TAKEN] = 0, [OFFER_NOBODY] = 0};
	enum err err = ERR_OK;
	*sweep = (struct stranded_sweep){true, watch->are_none ? 0 : watch->look_at};
	if (watch->are_none || txn_now(txn) < watch->look_at)
		return ERR_OK;
	while (ends[OFFER_OVER] < STRANDED_OVER_MOST &&
	       ends[OFFER_TAKEN] + ends[OFFER_NOBODY] < STRANDED_LEFT_MOST &&
	       (err = stranded_rows_next(txn_db(txn), txn_arena(txn), &row, &row)) ==
		       ERR_OK) {
		enum offer_end end;
		err = offer_one(txn, &row, &end);
		if (err != ERR_OK)
			return err;
		ends[end]++;
		if (end == OFFER_NOBODY)
			row.task_id = behind_all; /* nor for the others of this step */
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	watch->are_none =
		err == ERR_NOT_FOUND && !ends[OFFER_TAKEN] && !ends[OFFER_NOBODY];
	sweep->is_done = ends[OFFER_OVER] < STRANDED_OVER_MOST;
	watch->look_at = sweep->is_done ? txn_now(txn) + STRANDED_AGAIN_MS : 0;
	sweep->next_at = watch->are_none ? 0 : watch->look_at;
	return ends[OFFER_OVER] ? trigger_settle(txn) : ERR_OK;
}
