/* openings.c - see openings.h */
#include "core/openings.h"

#include <string.h>

#include "base/buf.h"
#include "base/ident.h"
#include "base/log.h"
#include "core/contact_time.h"
#include "core/core.h"
#include "core/limits.h"
#include "core/plans.h"
#include "model/number_laws.h"
#include "model/number_zones.h"
#include "store/contact_rows.h"
#include "store/job_rows.h"
#include "store/meta_rows.h"
#include "store/opening_rows.h"
#include "store/task_rows.h"

#define JOB_KIND \
	"openings" /* args: a contact, "" for all; done: the task looked at last */
#define META_TABLES "number_tables" /* where tasks were placed by */
#define LAW_MARK    '|'             /* in no name of a zone */

/* --- reckoning --- */

static const char *place_text(struct arena *arena, const struct hours_place *place)
{
	struct buf names = BUF_EMPTY;
	for (size_t i = 0; i < place->count; i++)
		buf_printf(&names, "%s%s", i ? " " : "", zone_name(place->zones[i]));
	if (place->law)
		buf_printf(&names, "%c%s", LAW_MARK, hours_format(arena, place->law));
	const char *text = arena_strdup(arena, buf_str(&names));
	buf_fini(&names);
	return text;
}

static void read_place(struct arena *arena, const char *text, struct hours_place *place)
{
	char *rest = arena_strdup(arena, text), *name, *law = strchr(rest, LAW_MARK);
	const char *why;
	*place = (struct hours_place){.count = 0};
	if (law) {
		*law++ = '\0';
		if (hours_parse(arena, law, &place->law, &why) != ERR_OK)
			log_error("openings",
				  "hours of the law cannot be read any more: %s", why);
	}
	while ((name = strsep(&rest, " ")) && place->count < HOURS_ZONES_MOST) {
		const struct zone *zone = *name ? zone_find(name) : NULL;
		if (zone)
			place->zones[place->count++] = zone;
	}
}

/* The times of an opening as of now: of the time they are open, or of the next. */
static void reckon(struct txn *txn, struct opening *opening)
{
	struct arena *arena = txn_arena(txn);
	const struct hours *hours = core_policy(txn_context(txn))->hours;
	struct hours_place place;
	const char *why;
	int64_t now = txn_now(txn);
	opening->looked_at = now;
	opening->made_of = *opening->hours ? "" : hours_format(arena, hours);
	opening->opens_at = opening->closes_at = OPENING_NEVER;
	if (*opening->hours &&
	    hours_parse(arena, opening->hours, &hours, &why) != ERR_OK) {
		log_error("openings", "hours of tasks cannot be read any more: %s",
			  why);
		return;
	}
	read_place(arena, opening->zones, &place);
	int64_t opens_at = hours_next_open(hours, &place, now);
	if (opens_at == INT64_MAX)
		return;
	int64_t closes_at = hours_next_close(hours, &place, opens_at);
	opening->opens_at = opens_at;
	opening->closes_at = closes_at == INT64_MAX ? OPENING_NEVER : closes_at;
}

static enum err make(struct txn *txn, const char *hours, const char *zones,
		     uint64_t *id_out)
{
	struct opening opening = {.id = txn_id(txn), .hours = hours, .zones = zones};
	reckon(txn, &opening);
	txn_signal(txn, SIGNAL_TIMER);
	*id_out = opening.id;
	return opening_rows_insert(txn_db(txn), &opening);
}

enum err opening_find(struct txn *txn, const struct plan *plan,
		      const struct contact *contact, uint64_t *id_out)
{
	struct hours_place place;
	struct arena *arena = txn_arena(txn);
	const char *hours = hours_format(arena, plan ? plan->settings.hours : NULL);
	contact_hours_place(core_policy(txn_context(txn)), contact, &place);
	const char *zones = place_text(arena, &place);
	enum err err = opening_rows_find(txn_db(txn), hours, zones, id_out);
	return err == ERR_NOT_FOUND ? make(txn, hours, zones, id_out) : err;
}

/* --- tasks follow their contact --- */

enum err opening_settle(struct txn *txn, uint64_t task_id)
{
	struct task task;
	struct contact contact;
	struct plan *plan = NULL;
	uint64_t id;
	struct db *db = txn_db(txn);
	struct arena *arena = txn_arena(txn);
	enum err err = task_rows_load(db, arena, task_id, &task);
	if (err == ERR_OK)
		err = contact_rows_load_any(db, arena, task.contact_id, &contact);
	if (err == ERR_OK && task.workflow_id)
		err = plans_get(txn_context(txn), db, task.workflow_id,
				task.workflow_version, &plan);
	if (err != ERR_OK)
		return err;
	err = opening_find(txn, plan, &contact, &id);
	plan_unref(&plan);
	return err == ERR_OK ? task_rows_set_opening(db, task_id, id) : err;
}

static enum err settle_some(struct txn *txn, const struct task_behind *behind,
			    uint64_t *last_out, bool *is_done_out)
{
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_open_behind(txn_db(txn), txn_arena(txn), behind, &ids,
					     &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = opening_settle(txn, ids[i]);
	if (err != ERR_OK)
		return err;
	*last_out = count ? ids[count - 1] : behind->after_id;
	*is_done_out = count < behind->limit;
	return ERR_OK;
}

static enum err leave_job(struct txn *txn, const char *args, uint64_t after)
{
	const struct job_row job = {.id = txn_id(txn), .kind = JOB_KIND, .args = args};
	txn_signal(txn, SIGNAL_TIMER);
	enum err err = job_rows_add(txn_db(txn), &job, txn_now(txn));
	return err == ERR_OK && after
		       ? job_rows_progress(txn_db(txn), job.id, (int64_t)after)
		       : err;
}

enum err opening_follow(struct txn *txn, uint64_t contact_id)
{
	const struct task_behind behind = {contact_id, 0, OPENING_FOLLOW_MOST};
	char ref[IDENT_TEXT_LEN];
	uint64_t last;
	bool is_done;
	enum err err = settle_some(txn, &behind, &last, &is_done);
	return err == ERR_OK && !is_done
		       ? leave_job(txn, ident_format(contact_id, ref), last)
		       : err;
}

/* --- on the scheduler's turns --- */

static enum err look_at_due(struct txn *txn, bool *is_done_out)
{
	struct opening *due;
	size_t count;
	const struct policy *policy = core_policy(txn_context(txn));
	enum err err = opening_rows_due(txn_db(txn), txn_arena(txn), txn_now(txn),
					hours_format(txn_arena(txn), policy->hours),
					OPENING_LOOKS_MOST, &due, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		reckon(txn, &due[i]);
		err = opening_rows_save(txn_db(txn), &due[i]);
	}
	*is_done_out = count < OPENING_LOOKS_MOST;
	return err;
}

/* Equal tables, equal texts. */
static const char *tables_text(struct arena *arena, const struct policy *policy)
{
	struct buf buf = BUF_EMPTY;
	const struct number_zones *zones = policy->number_zones;
	const struct number_laws *laws = policy->number_laws;
	for (size_t i = 0; zones && i < zones->count; i++)
		buf_printf(&buf, "%s %s\n", zones->items[i].prefix,
			   zone_name(zones->items[i].zone));
	for (size_t i = 0; laws && i < laws->count; i++) {
		const struct number_law *law = &laws->items[i];
		for (size_t j = 0; j < law->prefix_count; j++)
			buf_printf(&buf, "%s ", law->prefixes[j]);
		buf_printf(&buf, "%s %s\n", law->region ? law->region : "",
			   hours_format(arena, law->hours));
	}
	const char *text = arena_strdup(arena, buf_str(&buf));
	buf_fini(&buf);
	return text;
}

/* The tables of numbers in handbox.conf are others than those that tasks were placed by, in this life or a former one. */
static enum err follow_tables(struct txn *txn)
{
	struct core *core = txn_context(txn);
	const struct policy *policy = core_policy(core);
	char *before = NULL;
	if (core->placed_by == policy)
		return ERR_OK;
	enum err err = meta_rows_get(txn_db(txn), txn_arena(txn), META_TABLES, &before);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	const char *tables = tables_text(txn_arena(txn), policy);
	bool is_so = strcmp(tables, before ? before : "") == 0;
	err = is_so ? ERR_OK : meta_rows_set(txn_db(txn), META_TABLES, tables);
	if (err == ERR_OK && !is_so)
		err = leave_job(txn, "", 0);
	core->placed_by = policy;
	return err;
}

static enum err work_off(struct txn *txn, bool *is_done_out)
{
	struct job_row job;
	struct task_behind behind = {.limit = OPENING_STEP_MOST};
	uint64_t last;
	bool is_done;
	enum err err = job_rows_next(txn_db(txn), txn_arena(txn), JOB_KIND, &job);
	*is_done_out = err == ERR_NOT_FOUND;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	behind.after_id = (uint64_t)job.done;
	if (*job.args)
		err = ident_parse(job.args, &behind.contact_id);
	if (err == ERR_OK)
		err = settle_some(txn, &behind, &last, &is_done);
	if (err != ERR_OK)
		return err;
	return is_done ? job_rows_end(txn_db(txn), job.id, txn_now(txn))
		       : job_rows_progress(txn_db(txn), job.id, (int64_t)last);
}

enum err opening_sweep(struct txn *txn, void *arg)
{
	struct opening_sweep *sweep = arg;
	*sweep = (struct opening_sweep){.is_done = false};
	enum err err = look_at_due(txn, &sweep->is_done);
	if (err == ERR_OK && sweep->is_done)
		err = follow_tables(txn);
	if (err == ERR_OK && sweep->is_done)
		err = work_off(txn, &sweep->is_done);
	return err == ERR_OK
		       ? opening_rows_next(txn_db(txn), txn_now(txn), &sweep->next_at)
		       : err;
}
