/* task_acts.c - what else can be done with a task: skip, snooze, reassign, release, cancel, reopen, resume. See tasks.h
 *
 * All run through one frame: load what the actor may see, see that nobody else has it open, apply the event of the state
 * table, write, tell journal and ledger, answer with the task.
 */
#include "base/ident.h"
#include "core/advance.h"
#include "core/card.h"
#include "core/holds.h"
#include "core/hook_emit.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/openings.h"
#include "core/people.h"
#include "core/stranded.h"
#include "core/tasks.h"
#include "core/view.h"
#include "model/hold_reason.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/user_rows.h"

enum { UNDO_MS = 10 * 1000, SNOOZE_MOST_DAYS = 90 };

struct act {
	struct txn *txn;
	struct task_act *cmd;
	struct card card; /* brief: task, in_team, may_act, lease */
};

static enum err load(struct txn *txn, struct task_act *cmd, struct act *act)
{
	*act = (struct act){.txn = txn, .cmd = cmd};
	return card_load_brief(txn_db(txn), &cmd->call, txn_context(txn),
			       (struct card_of){.task_id = cmd->task_id}, &act->card);
}

/* Programs may do what agents may, but for opening and sending. */
static bool may_manage(const struct act *act)
{
	const struct actor *actor = act->cmd->call.actor;
	return act->card.may_act || actor->kind == ACTOR_SERVICE_TOKEN ||
	       actor->kind == ACTOR_SHELL;
}

static enum err load_to_change(struct txn *txn, struct task_act *cmd, struct act *act)
{
	struct call *call = &cmd->call;
	enum err err = load(txn, cmd, act);
	if (err != ERR_OK)
		return err;
	if (!may_manage(act))
		return call_refuse(
			call, ERR_FORBIDDEN,
			"The task belongs to somebody else; ask them or a lead.");
	bool open_elsewhere = act->card.lease.fence &&
			      act->card.lease.expires_at > txn_now(txn) &&
			      act->card.lease.user_id != call->actor->user_id;
	if (open_elsewhere && !actor_leads(call->actor))
		return card_refuse_leased(txn_db(txn), call, &act->card);
	return ERR_OK;
}

static enum err apply(struct act *act, enum task_event event)
{
	struct task *task = &act->card.task;
	if (task_next(task->state, event, &task->state))
		return ERR_OK;
	enum err err =
		event == TASK_EV_REOPEN
			? call_refuse(
				  &act->cmd->call, ERR_BAD_STATE,
				  "The task is %s; only what has ended is reopened.",
				  task_state_name(task->state))
			: call_refuse(&act->cmd->call, ERR_NOT_PENDING,
				      "The task is %s, so nobody can %s it.",
				      task_state_name(task->state),
				      task_event_name(event));
	act->cmd->call.refusal.extra = arena_printf(
		act->cmd->call.arena, "\"state\":\"%s\"", task_state_name(task->state));
	return err;
}

static enum err note(struct act *act, const char *kind)
{
	struct arena *arena = act->cmd->call.arena;
	return journal_add(
		act->txn, act->card.task.enrollment_id, act->card.task.step_id, kind,
		members_text(arena, "task", members_id(arena, act->card.task.id), "by",
			     act->cmd->call.actor->name, "reason", act->cmd->reason,
			     NULL));
}

static enum err finish(struct act *act)
{
	if (act->cmd->is_one_of_many)
		return ERR_OK;
	return call_answer_task(txn_db(act->txn), &act->cmd->call, act->card.task.id,
				txn_now(act->txn));
}

/* A task that waits for nobody any more: whoever has it open is fenced off. */
static enum err end_lease(struct act *act)
{
	if (!act->card.lease.fence)
		return ERR_OK;
	return lease_rows_delete(txn_db(act->txn), act->card.task.id);
}

static enum err end_task(struct act *act, enum task_event event, const char *kind)
{
	struct task *task = &act->card.task;
	enum err err = apply(act, event);
	if (err != ERR_OK)
		return err;
	task->end_reason = act->cmd->reason;
	task->ended_at = txn_now(act->txn);
	task->attention = NULL;
	stranded_look(act->txn);
	if (act->cmd->undo && task->moves_workflow) {
		task->exit_at = task->ended_at + UNDO_MS;
		txn_signal(act->txn, SIGNAL_TIMER);
	}
	err = task_rows_save(txn_db(act->txn), task);
	if (err == ERR_OK)
		err = end_lease(act);
	if (err == ERR_OK)
		err = note(act, kind);
	if (err == ERR_OK && !task->exit_at)
		err = hook_emit_task(act->txn,
				     event == TASK_EV_SKIP ? HOOK_TASK_SKIPPED
							   : HOOK_TASK_CANCELLED,
				     task, act->cmd->call.actor);
	if (err == ERR_OK && !task->exit_at)
		err = advance_from_task(act->txn, act->cmd->call.actor, task,
					SMS_EXIT_SKIPPED);
	return err == ERR_OK ? finish(act) : err;
}

enum err task_skip(struct txn *txn, void *arg)
{
	struct act act;
	enum err err = load_to_change(txn, arg, &act);
	return err == ERR_OK ? end_task(&act, TASK_EV_SKIP, "task_skipped") : err;
}

enum err task_cancel(struct txn *txn, void *arg)
{
	struct act act;
	enum err err = load_to_change(txn, arg, &act);
	return err == ERR_OK ? end_task(&act, TASK_EV_CANCEL, "task_cancelled") : err;
}

/* Until the recipient's sending hours open. */
static enum err until_hours(struct act *act)
{
	struct task_act *cmd = act->cmd;
	struct limits limits;
	int64_t now = txn_now(act->txn);
	struct core *core = txn_context(act->txn);
	struct card card;
	enum err err =
		card_load_shown(txn_db(act->txn), &cmd->call, core,
				(struct card_of){.task_id = cmd->task_id}, now, &card);
	if (err != ERR_OK)
		return err;
	limits = card.limits;
	cmd->until = hours_next_open(limits.hours, &limits.place, now);
	card_fini(&card);
	if (cmd->until == now)
		return call_refuse_member(
			&cmd->call, ERR_INVALID, "until",
			"The sending hours are open now: the text can go.");
	if (cmd->until == INT64_MAX)
		return call_refuse_member(
			&cmd->call, ERR_INVALID, "until",
			limits.place.count > 1
				? "The sending hours never open in all zones that the "
				  "number may be in; set the contact's time zone."
				: "The sending hours do not open again.");
	return ERR_OK;
}

enum err task_snooze(struct txn *txn, void *arg)
{
	struct act act;
	struct task_act *cmd = arg;
	enum err err = load_to_change(txn, cmd, &act);
	if (err == ERR_OK && cmd->until_hours)
		err = until_hours(&act);
	if (err != ERR_OK)
		return err;
	if (cmd->until <= txn_now(txn) ||
	    cmd->until > txn_now(txn) + SNOOZE_MOST_DAYS * DAY_MS)
		return call_refuse_member(
			&cmd->call, ERR_INVALID, "until",
			"Snooze until a time that lies ahead, at most %d days.",
			SNOOZE_MOST_DAYS);
	err = apply(&act, TASK_EV_SNOOZE);
	if (err != ERR_OK)
		return err;
	act.card.task.snoozed_until = cmd->until;
	txn_signal(txn, SIGNAL_TIMER);
	err = task_rows_save(txn_db(txn), &act.card.task);
	if (err == ERR_OK)
		err = end_lease(&act);
	if (err == ERR_OK)
		err = note(&act, "task_snoozed");
	return err == ERR_OK ? finish(&act) : err;
}

enum err task_reassign(struct txn *txn, void *arg)
{
	struct act act;
	struct task_act *cmd = arg;
	struct party party;
	struct task *task = &act.card.task;
	enum err err = load_to_change(txn, cmd, &act);
	if (err == ERR_OK)
		err = people_resolve(txn_db(txn), &cmd->call, &cmd->assignee,
				     "assignee", &party);
	if (err != ERR_OK)
		return err;
	if (!task_state_is_open(task->state))
		return card_refuse_state(&cmd->call, &act.card);
	task->assignee_id = party.user_id;
	task->team_id = party.team_id   ? party.team_id
			: party.user_id ? task->team_id
					: 0;
	stranded_look(txn);
	task->why = arena_printf(
		cmd->call.arena, "Reassigned by %s%s%s.",
		cmd->call.actor->name ? cmd->call.actor->name : "the system",
		cmd->reason ? ": " : "", cmd->reason ? cmd->reason : "");
	err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = stranded_forget(txn, task->id);
	/* the draft travels; whoever had it open is fenced off */
	if (err == ERR_OK)
		err = end_lease(&act);
	if (err == ERR_OK)
		err = note(&act, "task_reassigned");
	return err == ERR_OK ? finish(&act) : err;
}

/* What was drawn from the pool goes back there, whoever drew it. */
static enum err give_back(struct txn *txn, struct task *task, const struct lease *lease)
{
	struct user user;
	if (lease->origin != LEASE_FROM_POOL || !task->assignee_id)
		return ERR_OK;
	enum err err =
		user_rows_load(txn_db(txn), txn_arena(txn), task->assignee_id, &user);
	task->assignee_id = 0;
	if (err == ERR_OK)
		err = task_rows_save(txn_db(txn), task);
	if (err != ERR_OK)
		return err;
	return journal_add(txn, task->enrollment_id, task->step_id, "back_in_pool",
			   members_text(txn_arena(txn), "task",
					members_id(txn_arena(txn), task->id), "from",
					user.login, NULL));
}

enum err task_release(struct txn *txn, void *arg)
{
	struct act act;
	struct task_act *cmd = arg;
	enum err err = load(txn, cmd, &act);
	if (err != ERR_OK)
		return err;
	bool mine = act.card.lease.fence &&
		    act.card.lease.user_id == cmd->call.actor->user_id;
	if (act.card.lease.fence && !mine && !actor_leads(cmd->call.actor))
		return card_refuse_leased(txn_db(txn), &cmd->call, &act.card);
	if (act.card.lease.fence) {
		err = give_back(txn, &act.card.task, &act.card.lease);
		if (err == ERR_OK)
			err = end_lease(&act);
	}
	return err == ERR_OK ? finish(&act) : err;
}

/* A sent task opens again only when its text certainly did not go. */
static enum err may_reopen_sent(struct act *act)
{
	struct message message;
	struct call *call = &act->cmd->call;
	enum err err = message_rows_load(txn_db(act->txn), call->arena,
					 act->card.task.message_id, &message);
	if (err != ERR_OK)
		return err;
	if (message.state == MESSAGE_REFUSED || message.state == MESSAGE_WITHDRAWN ||
	    message.state == MESSAGE_FAILED)
		return ERR_OK;
	return call_refuse(call, ERR_BAD_STATE,
			   "Its text is %s: it went, or may have gone. Resolve it as "
			   "not sent first, if that is so.",
			   message_state_name(message.state));
}

enum err task_reopen(struct txn *txn, void *arg)
{
	struct act act;
	struct task_act *cmd = arg;
	struct task *task = &act.card.task;
	enum err err = load(txn, cmd, &act);
	if (err != ERR_OK)
		return err;
	if (!may_manage(&act))
		return call_refuse(&cmd->call, ERR_FORBIDDEN,
				   "The task belongs to somebody else; ask a lead.");
	if (task->state == TASK_SENT)
		err = may_reopen_sent(&act);
	if (err == ERR_OK && task->consent_id && task->expires_at <= txn_now(txn))
		err = call_refuse(&cmd->call, ERR_BAD_STATE,
				  "The time in which an opt-out may be confirmed is "
				  "over.");
	if (err == ERR_OK)
		err = apply(&act, TASK_EV_REOPEN);
	if (err != ERR_OK)
		return err;
	task->exit_at = task->ended_at =
		0; /* within the undo window the workflow has not moved, and will as usual */
	task->end_reason = NULL;
	if (task->expires_at && task->expires_at <= txn_now(txn))
		task->expires_at = 0;
	err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = hold_settle(txn, task->id);
	if (err == ERR_OK)
		err = opening_settle(txn, task->id);
	if (err == ERR_OK)
		err = note(&act, "task_reopened");
	return err == ERR_OK ? finish(&act) : err;
}

/* Resuming a task lifts what holds it by itself. */
static enum err refuse_wider_hold(struct act *act)
{
	struct call *call = &act->cmd->call;
	struct contact contact;
	const char **reasons;
	size_t count = 0;
	enum err err = contact_rows_load_any(txn_db(act->txn), call->arena,
					     act->card.task.contact_id, &contact);
	if (err == ERR_OK)
		err = holds_of(txn_db(act->txn), call->arena, &act->card.task,
			       contact.phone_e164, &reasons, &count);
	if (err != ERR_OK)
		return err;
	/* a hold that ended just now frees its tasks in steps */
	const char *reason = count ? reasons[0] : "";
	return call_refuse(call, ERR_BAD_STATE, "The task is still held: %s. %s",
			   count ? hold_reason_means(reason)
				 : "it is freed in a moment",
			   count ? hold_reason_fix(reason) : "Try again then.");
}

enum err task_resume(struct txn *txn, void *arg)
{
	struct act act;
	struct task_act *cmd = arg;
	struct task *task = &act.card.task;
	char ref[IDENT_TEXT_LEN];
	enum err err = load_to_change(txn, cmd, &act);
	if (err != ERR_OK)
		return err;
	if (task->state == TASK_SNOOZED) {
		err = apply(&act, TASK_EV_WAKE);
		if (err == ERR_OK)
			err = task_rows_save(txn_db(txn), task);
	} else if (task->state == TASK_HELD) {
		err = hold_remove(txn, HOLD_TASK, ident_format(task->id, ref), NULL);
		if (err == ERR_OK)
			err = task_rows_load(txn_db(txn), cmd->call.arena, task->id,
					     task);
		if (err == ERR_OK && task->state == TASK_HELD)
			return refuse_wider_hold(&act);
	} else {
		return card_refuse_state(&cmd->call, &act.card);
	}
	if (err == ERR_OK)
		err = note(&act, "task_resumed");
	return err == ERR_OK ? finish(&act) : err;
}

/* --- on the clock ----------------------------------------------------------------------------------------------------- */

static enum err wake(struct txn *txn, struct task *task)
{
	return task_next(task->state, TASK_EV_WAKE, &task->state)
		       ? task_rows_save(txn_db(txn), task)
		       : ERR_OK;
}

static enum err expire(struct txn *txn, struct task *task)
{
	if (!task_next(task->state, TASK_EV_EXPIRE, &task->state))
		return ERR_OK;
	task->ended_at = txn_now(txn);
	task->end_reason = "expired";
	stranded_look(txn);
	enum err err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = lease_rows_delete(txn_db(txn), task->id);
	if (err == ERR_OK)
		err = journal_add(
			txn, task->enrollment_id, task->step_id, "task_expired",
			members_text(txn_arena(txn), "task",
				     members_id(txn_arena(txn), task->id), NULL));
	if (err == ERR_OK)
		err = hook_emit_task(txn, HOOK_TASK_EXPIRED, task, &actor_system);
	return err == ERR_OK
		       ? advance_from_task(txn, &actor_system, task, SMS_EXIT_EXPIRED)
		       : err;
}

/* What could be undone is told once it cannot any more. */
static enum hook_event exit_event(const struct task *task)
{
	return task->state == TASK_CANCELLED ? HOOK_TASK_CANCELLED : HOOK_TASK_SKIPPED;
}

static enum err take_exit(struct txn *txn, struct task *task)
{
	task->exit_at = 0;
	enum err err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = hook_emit_task(txn, exit_event(task), task, &actor_system);
	return err == ERR_OK
		       ? advance_from_task(txn, &actor_system, task, SMS_EXIT_SKIPPED)
		       : err;
}

static enum err return_to_pool(struct txn *txn, struct task *task)
{
	struct lease lease;
	enum err err = lease_rows_load(txn_db(txn), task->id, &lease);
	if (err == ERR_OK)
		err = give_back(txn, task, &lease);
	lease.origin = LEASE_GIVEN_BACK;
	return err == ERR_OK ? lease_rows_save(txn_db(txn), &lease) : err;
}

static enum err (*const clock_acts[])(struct txn *, struct task *) = {
	[TASK_DUE_WAKE] = wake,
	[TASK_DUE_EXPIRE] = expire,
	[TASK_DUE_EXIT] = take_exit,
	[TASK_DUE_RETURN] = return_to_pool,
};

/* What of one kind has come in that range, the earliest first. */
static enum err do_due(struct txn *txn, enum task_due kind,
		       const struct task_due_before *before, bool *is_done)
{
	uint64_t *ids;
	size_t count;
	enum err err =
		task_rows_due(txn_db(txn), txn_arena(txn), kind, before, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct task task;
		err = task_rows_load(txn_db(txn), txn_arena(txn), ids[i], &task);
		if (err == ERR_OK)
			err = clock_acts[kind](txn, &task);
	}
	if (err == ERR_OK && count == before->limit)
		*is_done = false;
	return err;
}

enum err task_clock(struct txn *txn, void *arg)
{
	struct task_clock *clock = arg;
	struct due_range ranges[2];
	unsigned count = due_ranges(&clock->window, txn_now(txn), ranges);
	enum err err = ERR_OK;
	clock->is_done = true;
	for (unsigned kind = 0; kind < sizeof(clock_acts) / sizeof(clock_acts[0]);
	     kind++)
		for (unsigned i = 0; i < count && err == ERR_OK; i++) {
			const struct task_due_before before = {
				ranges[i].after, ranges[i].until, TASK_CLOCK_MOST};
			err = do_due(txn, (enum task_due)kind, &before,
				     &clock->is_done);
		}
	return err == ERR_OK ? task_rows_next_due(txn_db(txn), ranges[count - 1].until,
						  &clock->next_at)
			     : err;
}

enum err task_back(struct txn *txn, struct task *task, const char *attention,
		   const char *detail)
{
	if (!task_next(task->state, TASK_EV_REOPEN, &task->state))
		return ERR_OK; /* somebody reopened it before */
	task->attention = attention;
	task->ended_at = 0;
	enum err err = task_rows_save(txn_db(txn), task);
	if (err == ERR_OK)
		err = hold_settle(txn, task->id);
	if (err == ERR_OK)
		err = opening_settle(txn, task->id);
	if (err != ERR_OK)
		return err;
	return journal_add(txn, task->enrollment_id, task->step_id, "task_back",
			   members_text(txn_arena(txn), "task",
					members_id(txn_arena(txn), task->id), "because",
					attention, "detail", detail, NULL));
}
