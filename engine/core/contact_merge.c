/* contact_merge.c - two contacts that are one person become one. See contacts.h
 *
 * What both have twice is found first, and nothing is written before that: a dry run ends there.
 */
#include <string.h>

#include "core/advance.h"
#include "core/contact_parts.h"
#include "core/core.h"
#include "core/follow_owner.h"
#include "core/ledger.h"
#include "core/members.h"
#include "core/openings.h"
#include "core/plans.h"
#include "core/tasks.h"
#include "store/merge_rows.h"
#include "store/task_rows.h"
#include "store/making_rows.h"
#include "store/trial_rows.h"
#include "store/trigger_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"

enum { MERGE_ROWS_MOST = 2500 /* one write: some 100 ms */, MERGE_OPEN_MOST = 50 };

static const char reason[] = "merged";

struct merge {
	struct txn *txn;
	struct contact_merge *cmd;
	struct arena *arena;
	struct contact from, into;
	struct merge_counts counts;
	uint64_t *tasks; /* the open ones of `from` */
	size_t task_count;
	uint64_t *extra_runs, *extra_tasks; /* what `into` has already */
	size_t extra_run_count, extra_task_count;
};

static enum err load(struct merge *merge)
{
	struct call *call = &merge->cmd->call;
	struct db *db = txn_db(merge->txn);
	if (merge->cmd->id == merge->cmd->into_id)
		return call_refuse_member(call, ERR_INVALID, "into",
					  "A contact cannot be merged into itself.");
	enum err err = contact_find(db, call, merge->cmd->id, &merge->from);
	if (err == ERR_OK)
		err = contact_rows_load(db, merge->arena, merge->cmd->into_id,
					&merge->into);
	if (err == ERR_NOT_FOUND && call->refusal.err == ERR_OK)
		return call_refuse_member(
			call, ERR_INVALID, "into",
			"There is no contact %llu, or it was deleted.",
			(unsigned long long)merge->cmd->into_id);
	if (err == ERR_OK && merge->from.is_test != merge->into.is_test)
		return call_refuse_member(call, ERR_INVALID, "into",
					  "One of the two is a test contact and the "
					  "other is not; they stay apart.");
	return err;
}

static enum err refuse_many(struct merge *merge)
{
	return call_refuse(
		&merge->cmd->call, ERR_BAD_STATE,
		"The contact has too many texts, notes, tasks and enrollments "
		"to be merged at once (at most %d, of them %d open). Merge the "
		"other one into it instead.",
		MERGE_ROWS_MOST, MERGE_OPEN_MOST);
}

static enum err count(struct merge *merge)
{
	const struct merge_counts *counts = &merge->counts;
	enum err err = merge_rows_count(txn_db(merge->txn), merge->from.id,
					MERGE_ROWS_MOST + 1, &merge->counts);
	if (err != ERR_OK)
		return err;
	return counts->messages + counts->notes + counts->tasks + counts->enrollments +
				       counts->receipts >
			       MERGE_ROWS_MOST
		       ? refuse_many(merge)
		       : ERR_OK;
}

/* --- what both have ---------------------------------------------------------------------------------------------- */

/* The workflow takes one at a time, and `into` is in it. */
static enum err is_extra_run(struct merge *merge, uint64_t id, bool *is_out)
{
	struct db *db = txn_db(merge->txn);
	struct enrollment run, other;
	struct plan *plan;
	*is_out = false;
	enum err err = enrollment_rows_load(db, merge->arena, id, &run);
	if (err == ERR_OK)
		err = enrollment_rows_latest(db, merge->arena, run.workflow_id,
					     merge->into.id, run.is_test, &other);
	if (err != ERR_OK || !enrollment_state_is_open(other.state))
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = plans_get(txn_context(merge->txn), db, run.workflow_id, run.version,
			&plan);
	if (err != ERR_OK)
		return err;
	*is_out = plan->settings.reentry != REENTRY_CONCURRENT;
	plan_unref(&plan);
	return ERR_OK;
}

static enum err find_runs(struct merge *merge)
{
	uint64_t *runs;
	size_t count;
	enum err err = enrollment_rows_open_of_contact(
		txn_db(merge->txn), merge->arena, merge->from.id, MERGE_OPEN_MOST + 1,
		&runs, &count);
	if (err == ERR_OK && count > MERGE_OPEN_MOST)
		return refuse_many(merge);
	merge->extra_runs = ARENA_ARRAY(merge->arena, uint64_t, MERGE_OPEN_MOST);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		bool is_extra;
		err = is_extra_run(merge, runs[i], &is_extra);
		if (err == ERR_OK && is_extra)
			merge->extra_runs[merge->extra_run_count++] = runs[i];
	}
	return err;
}

static bool is_same_step(const struct task *a, const struct task *b)
{
	return a->workflow_id && b->workflow_id &&
	       strcmp(a->workflow_id, b->workflow_id) == 0 &&
	       strcmp(a->step_id, b->step_id) == 0;
}

/* The same step asks for the same text to the same number: once is enough. */
static enum err is_extra_task(struct merge *merge, uint64_t id, const uint64_t *others,
			      size_t other_count, bool *is_out)
{
	struct db *db = txn_db(merge->txn);
	struct task task, other;
	*is_out = false;
	enum err err = task_rows_load(db, merge->arena, id, &task);
	for (size_t i = 0; err == ERR_OK && i < merge->extra_run_count; i++)
		*is_out |= merge->extra_runs[i] == task.enrollment_id;
	for (size_t i = 0; err == ERR_OK && !*is_out && i < other_count; i++) {
		err = task_rows_load(db, merge->arena, others[i], &other);
		*is_out = err == ERR_OK && is_same_step(&task, &other);
	}
	return err;
}

static enum err find_tasks(struct merge *merge)
{
	struct db *db = txn_db(merge->txn);
	uint64_t *others;
	size_t other_count;
	enum err err = task_rows_open_of(db, merge->arena, 0, merge->from.id,
					 MERGE_OPEN_MOST + 1, &merge->tasks,
					 &merge->task_count);
	if (err == ERR_OK && merge->task_count > MERGE_OPEN_MOST)
		return refuse_many(merge);
	if (err == ERR_OK)
		err = task_rows_open_of(db, merge->arena, 0, merge->into.id,
					MERGE_OPEN_MOST, &others, &other_count);
	merge->extra_tasks = ARENA_ARRAY(merge->arena, uint64_t, MERGE_OPEN_MOST);
	for (size_t i = 0; err == ERR_OK && i < merge->task_count; i++) {
		bool is_extra;
		err = is_extra_task(merge, merge->tasks[i], others, other_count,
				    &is_extra);
		if (err == ERR_OK && is_extra)
			merge->extra_tasks[merge->extra_task_count++] = merge->tasks[i];
	}
	return err;
}

/* --- one of both ends --------------------------------------------------------------------------------------------- */

static enum err end_runs(struct merge *merge)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < merge->extra_run_count; i++) {
		struct enrollment run;
		err = enrollment_rows_load(txn_db(merge->txn), merge->arena,
					   merge->extra_runs[i], &run);
		if (err == ERR_OK)
			err = advance_remove(merge->txn, merge->cmd->call.actor, &run,
					     reason);
	}
	return err;
}

/* Those of a run that goes on: it goes on as after a skip. */
static enum err end_tasks(struct merge *merge)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < merge->extra_task_count; i++) {
		struct task_act act = {.call = {.actor = merge->cmd->call.actor,
						.arena = merge->arena},
				       .task_id = merge->extra_tasks[i],
				       .is_one_of_many = true,
				       .reason = reason};
		struct task task;
		err = task_rows_load(txn_db(merge->txn), merge->arena, act.task_id,
				     &task);
		if (err != ERR_OK || !task_state_is_open(task.state))
			continue;
		err = task_cancel(merge->txn, &act);
		if (act.call.refusal.err != ERR_OK)
			merge->cmd->call.refusal = act.call.refusal;
	}
	return err;
}

/* --- the other goes on -------------------------------------------------------------------------------------------- */

/* Who has a card of it open was shown another recipient. */
static enum err fence_off(struct merge *merge)
{
	struct db *db = txn_db(merge->txn);
	enum err err = lease_rows_delete(db, merge->from.id);
	for (size_t i = 0; err == ERR_OK && i < merge->task_count; i++)
		err = lease_rows_delete(db, merge->tasks[i]);
	return err;
}

static enum err move_draft(struct merge *merge)
{
	struct db *db = txn_db(merge->txn);
	struct draft draft, other;
	enum err err = draft_rows_load(db, merge->arena, merge->from.id, &draft);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	err = draft_rows_load(db, merge->arena, merge->into.id, &other);
	draft.card_id = merge->into.id;
	const struct late_text late = {
		.user_id = draft.user_id, .text = draft.text, .at = draft.updated_at};
	if (err == ERR_NOT_FOUND)
		err = draft_rows_save(db, &draft);
	else if (err == ERR_OK)
		err = late_rows_save(db, merge->into.id, &late);
	return err == ERR_OK ? draft_rows_delete(db, merge->from.id) : err;
}

static enum err move_tags(struct merge *merge)
{
	struct db *db = txn_db(merge->txn);
	const char **tags;
	size_t count;
	bool added;
	enum err err =
		contact_rows_tags(db, merge->arena, merge->from.id, &tags, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = contact_rows_add_tag(db, merge->into.id, tags[i],
					   txn_now(merge->txn), &added);
	if (err == ERR_OK)
		err = contact_rows_tags(db, merge->arena, merge->into.id, &tags,
					&count);
	if (err == ERR_OK && count > CONTACT_TAGS_MOST)
		return call_refuse(&merge->cmd->call, ERR_BAD_STATE,
				   "Together they have more than %d tags; remove some "
				   "first.",
				   CONTACT_TAGS_MOST);
	return err;
}

static bool has_field(const struct contact_field *fields, size_t count,
		      const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return true;
	return false;
}

static enum err missing_fields(struct merge *merge, struct contact_in *in)
{
	struct db *db = txn_db(merge->txn);
	struct contact_field *theirs, *ours, *missing;
	size_t their_count, our_count = 0;
	enum err err = contact_rows_fields(db, merge->arena, merge->from.id, &theirs,
					   &their_count);
	if (err == ERR_OK)
		err = contact_rows_fields(db, merge->arena, merge->into.id, &ours,
					  &our_count);
	if (err != ERR_OK)
		return err;
	missing = ARENA_ARRAY(merge->arena, struct contact_field, their_count + 1);
	for (size_t i = 0; i < their_count; i++)
		if (!has_field(ours, our_count, theirs[i].name))
			missing[in->field_count++] = theirs[i];
	in->fields = missing;
	in->given |= in->field_count ? CONTACT_FIELDS : 0;
	return ERR_OK;
}

static void fill_text(struct contact_in *in, unsigned member, const char *ours,
		      const char *theirs, const char **to)
{
	if ((ours && *ours) || !theirs || !*theirs)
		return;
	in->given |= member;
	*to = theirs;
}

/* What is empty is filled; nothing that stands there is overwritten, but that texts are not wanted. */
static enum err fill(struct merge *merge)
{
	const struct contact *from = &merge->from;
	struct contact *into = &merge->into;
	const struct trigger_source source = {.actor = merge->cmd->call.actor};
	struct contact_in in = {.given = 0};
	fill_text(&in, CONTACT_EXTERNAL_ID, into->external_id, from->external_id,
		  &in.external_id);
	if (!*into->first_name && !*into->last_name) {
		fill_text(&in, CONTACT_FIRST_NAME, NULL, from->first_name,
			  &in.first_name);
		fill_text(&in, CONTACT_LAST_NAME, NULL, from->last_name, &in.last_name);
	}
	fill_text(&in, CONTACT_PHONE, into->phone,
		  from->phone_e164 ? from->phone_e164 : from->phone, &in.phone);
	fill_text(&in, CONTACT_EMAIL, into->email, from->email, &in.email);
	fill_text(&in, CONTACT_COUNTRY, into->country, from->country, &in.country);
	fill_text(&in, CONTACT_TIMEZONE, into->timezone, from->timezone, &in.timezone);
	if (!into->owner_id && from->owner_id) {
		in.given |= CONTACT_OWNER;
		in.owner = (struct who){.kind = WHO_ID, .id = from->owner_id};
	}
	if (into->sms_enabled && !from->sms_enabled)
		in.given |= CONTACT_SMS_ENABLED;
	enum err err = missing_fields(merge, &in);
	return err == ERR_OK
		       ? contact_put(merge->txn, &merge->cmd->call, &source, into, &in)
		       : err;
}

/* An owner who has left is not handed on. */
static enum err forget_leaver(struct merge *merge)
{
	struct user owner;
	if (!merge->from.owner_id)
		return ERR_OK;
	enum err err = user_rows_load(txn_db(merge->txn), merge->arena,
				      merge->from.owner_id, &owner);
	if (err == ERR_OK && !owner.is_active)
		merge->from.owner_id = 0;
	return err;
}

/* Only the id by which others know it stays, so that erasing the other erases the person. */
static enum err bury(struct merge *merge)
{
	int64_t now = txn_now(merge->txn);
	const struct contact gone = {.id = merge->from.id,
				     .external_id = merge->from.external_id,
				     .first_name = "",
				     .last_name = "",
				     .phone = "",
				     .phone_reason = "The contact was merged.",
				     .email = "",
				     .country = "",
				     .timezone = "",
				     .is_test = merge->from.is_test,
				     .updated_at = now,
				     .deleted_at = now};
	enum err err = contact_rows_save(txn_db(merge->txn), &gone);
	return err == ERR_OK ? date_rows_drop_contact(txn_db(merge->txn), gone.id,
						      MERGE_ROWS_MOST)
			     : err;
}

static enum err clear_rest(struct merge *merge)
{
	enum err err = trial_rows_clear_tags(txn_db(merge->txn), merge->from.id);
	return err == ERR_OK
		       ? trial_rows_clear_fields(txn_db(merge->txn), merge->from.id)
		       : err;
}

static enum err enter(struct merge *merge)
{
	const struct contact_merge *cmd = merge->cmd;
	return ledger_note(
		merge->txn, cmd->call.actor, "merge",
		arena_printf(merge->arena, "contact:%llu", (unsigned long long)cmd->id),
		arena_printf(merge->arena, "{%s}",
			     members_text(merge->arena, "into",
					  members_id(merge->arena, cmd->into_id),
					  "reason", cmd->reason, NULL)));
}

/* Tasks that go with their contact's owner have come to another one. */
static enum err follow(struct merge *merge)
{
	struct contact contact;
	const char *by = merge->cmd->call.actor->name;
	enum err err = contact_rows_load(txn_db(merge->txn), merge->arena,
					 merge->into.id, &contact);
	return err == ERR_OK && merge->task_count
		       ? follow_owner(merge->txn, &contact, by ? by : "a program")
		       : err;
}

static enum err carry_out(struct merge *merge)
{
	struct db *db = txn_db(merge->txn);
	uint64_t from = merge->from.id, into = merge->into.id;
	enum err (*const steps[])(struct merge *) = {
		end_runs, end_tasks, fence_off,  forget_leaver, bury,
		fill,     move_tags, clear_rest, move_draft};
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < sizeof(steps) / sizeof(*steps); i++)
		err = steps[i](merge);
	if (err == ERR_OK)
		err = merge_rows_move(db, from, into);
	if (err == ERR_OK)
		err = merge_rows_thread(db, from, into);
	if (err == ERR_OK)
		err = merge_rows_point(db, from, into);
	for (size_t i = 0; err == ERR_OK && i < merge->task_count; i++)
		err = opening_settle(merge->txn, merge->tasks[i]);
	if (err == ERR_OK)
		err = follow(merge);
	if (err == ERR_OK)
		err = enter(merge);
	return err == ERR_OK ? trigger_settle(merge->txn) : err;
}

static enum err answer(struct merge *merge)
{
	struct contact contact;
	const struct merge_counts *counts = &merge->counts;
	struct json json = call_json(&merge->cmd->call);
	enum err err = contact_rows_load(txn_db(merge->txn), merge->arena,
					 merge->into.id, &contact);
	if (err != ERR_OK)
		return err;
	json_object(&json);
	json_key(&json, "contact");
	err = contact_view(txn_db(merge->txn), merge->arena, &contact, &json);
	json_key_bool(&json, "dry_run", merge->cmd->dry_run);
	json_key(&json, "moved");
	json_object(&json);
	json_key_int(&json, "messages", counts->messages);
	json_key_int(&json, "notes", counts->notes);
	json_key_int(&json, "tasks", counts->tasks);
	json_key_int(&json, "enrollments", counts->enrollments);
	json_end_object(&json);
	json_key_int(&json, "cancelled_tasks", (int64_t)merge->extra_task_count);
	json_key_int(&json, "removed_enrollments", (int64_t)merge->extra_run_count);
	json_end_object(&json);
	return err;
}

enum err contact_merge(struct txn *txn, void *arg)
{
	struct contact_merge *cmd = arg;
	struct merge merge = {.txn = txn, .cmd = cmd, .arena = cmd->call.arena};
	enum err err = load(&merge);
	if (err == ERR_OK)
		err = count(&merge);
	if (err == ERR_OK)
		err = find_runs(&merge);
	if (err == ERR_OK)
		err = find_tasks(&merge);
	if (err == ERR_OK && !cmd->dry_run)
		err = carry_out(&merge);
	return err == ERR_OK ? answer(&merge) : err;
}
