/* trigger_date.c - dates in fields of contacts: when they fall due is planned when the field, the zone or the workflow
 * changes, and the clock fires what has come. See trigger.h
 */
#include <string.h>

#include "base/log.h"
#include "core/contact_time.h"
#include "core/members.h"
#include "core/trigger_parts.h"
#include "model/date_value.h"
#include "store/contact_rows.h"
#include "store/job_rows.h"
#include "store/workflow_rows.h"

#define JOB_KIND "plan_dates" /* args: the workflow; done: the contact planned last */

enum { CONTACTS_MOST = 250, ROWS_OF_STEP = 500, DUE_MOST = 80 };

/* --- one date of one contact --- */

struct dating {
	struct txn *txn;
	const struct listener *listener;
	const struct contact *contact;
	const struct plan_trigger *trigger;
};

static enum err value_of(const struct dating *dating, const char **value_out)
{
	const char *field = dating->trigger->name;
	char text[CLOCK_TEXT_LEN];
	struct arena *arena = txn_arena(dating->txn);
	if (strncmp(field, TRIGGER_CUSTOM, strlen(TRIGGER_CUSTOM)) == 0)
		return contact_rows_field(txn_db(dating->txn), arena,
					  dating->contact->id,
					  field + strlen(TRIGGER_CUSTOM), value_out);
	*value_out =
		arena_strdup(arena, clock_format(dating->contact->created_at, text));
	return ERR_OK;
}

/* false: the value is no date. */
static bool instant_of(const struct dating *dating, const char *value,
		       int64_t *fires_at_out)
{
	const struct zone *zone = contact_zone(dating->contact);
	struct wall day;
	if (!date_value_parse(value, zone, &day))
		return false;
	*fires_at_out = date_value_fires_at(&day, dating->trigger->offset_ms,
					    dating->trigger->at_minute, zone);
	return true;
}

static struct planned_date row_of(const struct dating *dating, const char *value)
{
	return (struct planned_date){
		.contact_id = dating->contact->id,
		.workflow_id = dating->listener->workflow.id,
		.rule = trigger_date_rule(txn_arena(dating->txn), dating->trigger),
		.version = dating->listener->version,
		.value = value ? value : ""};
}

/* What is over already when it is planned keeps its row: so the same value stays over. */
static enum err plan_one(const struct dating *dating)
{
	const char *value;
	int64_t fires_at;
	enum err err = value_of(dating, &value);
	if (err != ERR_OK)
		return err;
	struct planned_date row = row_of(dating, value);
	if (!row.value[strspn(row.value, " \t\r\n")])
		return date_rows_delete(txn_db(dating->txn), &row);
	if (instant_of(dating, value, &fires_at) && fires_at > txn_now(dating->txn)) {
		row.fires_at = fires_at;
		txn_signal(dating->txn, SIGNAL_TIMER);
	}
	return date_rows_plan(txn_db(dating->txn), &row);
}

static enum err plan_all(struct txn *txn, const struct listener *listener,
			 const struct contact *contact, const char *field)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < listener->plan->trigger_count && err == ERR_OK; i++) {
		const struct plan_trigger *trigger = &listener->plan->triggers[i];
		const struct dating dating = {txn, listener, contact, trigger};
		if (trigger->kind == TRIGGER_DATE &&
		    (!field || strcmp(field, trigger->name) == 0))
			err = plan_one(&dating);
	}
	return err;
}

enum err trigger_plan_dates(struct txn *txn, const struct listener *listener,
			    uint64_t contact_id, const char *field)
{
	struct contact contact;
	enum err err =
		contact_rows_load(txn_db(txn), txn_arena(txn), contact_id, &contact);
	if (err == ERR_OK)
		err = plan_all(txn, listener, &contact, field);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* --- all contacts, after a workflow was published --- */

enum err trigger_plan_begin(struct txn *txn, const char *workflow_id)
{
	const struct job_row job = {
		.id = txn_id(txn), .kind = JOB_KIND, .args = workflow_id};
	txn_signal(txn, SIGNAL_TIMER);
	return job_rows_add(txn_db(txn), &job, txn_now(txn));
}

/* What another version planned goes. */
static enum err plan_contact(struct txn *txn, const struct listener *listener,
			     const char *workflow_id, uint64_t contact_id)
{
	struct contact contact;
	enum err err = ERR_OK;
	if (listener->plan) {
		err = contact_rows_load(txn_db(txn), txn_arena(txn), contact_id,
					&contact);
		if (err == ERR_OK)
			err = plan_all(txn, listener, &contact, NULL);
	}
	return err == ERR_OK
		       ? date_rows_drop_former(txn_db(txn), contact_id, workflow_id,
					       listener->plan ? listener->version : 0)
		       : err;
}

static size_t date_count(const struct plan *plan)
{
	size_t count = 0;
	for (size_t i = 0; plan && i < plan->trigger_count; i++)
		count += plan->triggers[i].kind == TRIGGER_DATE;
	return count;
}

/* Each date of a contact may be planned, and a former one dropped. */
static size_t contacts_of_step(const struct plan *plan)
{
	size_t count = date_count(plan);
	size_t most = count ? ROWS_OF_STEP / 2 / count : CONTACTS_MOST;
	if (most > CONTACTS_MOST)
		most = CONTACTS_MOST;
	return most ? most : 1;
}

static enum err plan_some(struct txn *txn, const struct job_row *job)
{
	struct listener listener;
	uint64_t *ids, last = (uint64_t)job->done;
	size_t count = 0, most;
	enum err err = trigger_listener(txn, job->args, &listener);
	if (err != ERR_OK)
		return err;
	most = contacts_of_step(listener.plan);
	err = contact_rows_ids_behind(txn_db(txn), txn_arena(txn), last, most, &ids,
				      &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		err = plan_contact(txn, &listener, job->args, ids[i]);
		last = ids[i];
	}
	plan_unref(&listener.plan);
	if (err != ERR_OK)
		return err;
	return count < most ? job_rows_end(txn_db(txn), job->id, txn_now(txn))
			    : job_rows_progress(txn_db(txn), job->id, (int64_t)last);
}

enum err trigger_plan_step(struct txn *txn, struct trigger_sweep *sweep)
{
	struct job_row job;
	sweep->is_done = true;
	enum err err = job_rows_next(txn_db(txn), txn_arena(txn), JOB_KIND, &job);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	sweep->is_done = false;
	return plan_some(txn, &job);
}

/* --- what has come --- */

static const struct plan_trigger *find_rule(struct arena *arena,
					    const struct plan *plan, const char *rule)
{
	for (size_t i = 0; plan && i < plan->trigger_count; i++)
		if (plan->triggers[i].kind == TRIGGER_DATE &&
		    strcmp(trigger_date_rule(arena, &plan->triggers[i]), rule) == 0)
			return &plan->triggers[i];
	return NULL;
}

static enum err fire(const struct dating *dating, const struct planned_date *date,
		     unsigned *cost)
{
	char text[CLOCK_TEXT_LEN];
	struct arena *arena = txn_arena(dating->txn);
	const struct occurrence what = {
		.kind = TRIGGER_DATE,
		.name = dating->trigger->name,
		.contact_id = date->contact_id,
		.at = date->fires_at,
		.actor = "the clock",
		.detail = members_text(arena, "value", date->value, "planned_for",
				       clock_format(date->fires_at, text), NULL)};
	enum err err = date_rows_move(txn_db(dating->txn), date, 0);
	return err == ERR_OK ? trigger_try_with(dating->txn, &what, dating->listener,
						dating->trigger, cost)
			     : err;
}

/* The rules of a zone may have changed since it was planned, and the value. */
static enum err fire_or_move(const struct dating *dating,
			     const struct planned_date *date, unsigned *cost)
{
	const char *value;
	int64_t fires_at;
	enum err err = value_of(dating, &value);
	if (err != ERR_OK)
		return err;
	if (!value || strcmp(value, date->value) != 0)
		return plan_one(dating);
	if (instant_of(dating, value, &fires_at) && fires_at > txn_now(dating->txn))
		return date_rows_move(txn_db(dating->txn), date, fires_at);
	return fire(dating, date, cost);
}

static enum err come(struct txn *txn, const struct planned_date *date, unsigned *cost)
{
	struct listener listener;
	struct contact contact;
	(*cost)++;
	enum err err = trigger_listener(txn, date->workflow_id, &listener);
	if (err != ERR_OK)
		return err;
	const struct dating dating = {
		txn, &listener, &contact,
		find_rule(txn_arena(txn), listener.plan, date->rule)};
	err = dating.trigger ? contact_rows_load(txn_db(txn), txn_arena(txn),
						 date->contact_id, &contact)
			     : ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = fire_or_move(&dating, date, cost);
	else if (err == ERR_NOT_FOUND) /* no such trigger or contact any more */
		err = date_rows_delete(txn_db(txn), date);
	plan_unref(&listener.plan);
	return err;
}

/* Names the date for whoever has to drop it; FNV-1a. */
static uint64_t hash_of(const struct planned_date *date)
{
	const char *const texts[] = {date->workflow_id, date->rule};
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ date->contact_id;
	for (size_t i = 0; i < 2; i++)
		for (const char *c = texts[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return hash;
}

static enum err come_or_drop(struct txn *txn, const struct planned_date *date,
			     struct trigger_clock *clock, unsigned *cost)
{
	uint64_t hash = hash_of(date);
	if (hash == clock->culprit) {
		clock->culprit = 0;
		log_error("trigger",
			  "a date could not fire and is dropped workflow=%s "
			  "contact=%llu",
			  date->workflow_id, (unsigned long long)date->contact_id);
		return date_rows_move(txn_db(txn), date, 0);
	}
	enum err err = come(txn, date, cost);
	if (err != ERR_OK && !err_is_of_machine(err))
		clock->culprit = hash;
	return err;
}

static enum err clock_range(struct txn *txn, const struct due_range *range,
			    struct trigger_clock *clock, unsigned *cost)
{
	const struct date_due due = {range->after, range->until, DUE_MOST};
	struct planned_date *dates;
	size_t count, i = 0;
	enum err err = date_rows_due(txn_db(txn), txn_arena(txn), &due, &dates, &count);
	for (; err == ERR_OK && i < count && *cost < TRIGGER_COST_MOST; i++)
		err = come_or_drop(txn, &dates[i], clock, cost);
	if (err == ERR_OK && (i < count || count == DUE_MOST))
		clock->is_done = false;
	return err;
}

enum err trigger_clock(struct txn *txn, struct trigger_clock *clock)
{
	struct due_range ranges[2];
	unsigned count = due_ranges(&clock->window, txn_now(txn), ranges), cost = 0;
	enum err err = ERR_OK;
	clock->is_done = true;
	for (unsigned i = 0; i < count && err == ERR_OK; i++)
		if (cost < TRIGGER_COST_MOST)
			err = clock_range(txn, &ranges[i], clock, &cost);
		else
			clock->is_done = false;
	return err == ERR_OK ? date_rows_next(txn_db(txn), ranges[count - 1].until,
					      &clock->next_at)
			     : err;
}
