/* trigger_listen.c - which workflow listens for what: see trigger.h */
#include <string.h>

#include "core/plans.h"
#include "core/trigger_parts.h"
#include "model/search.h"
#include "store/workflow_rows.h"

/* as the language calls them */
static const char *const kind_names[TRIGGER_KIND_COUNT] = {
	"contact-created",  "tag-added", "tag-removed", "field-changed",
	"message-received", "event",     "date",
};

const char *trigger_date_rule(struct arena *arena, const struct plan_trigger *trigger)
{
	int days = (int)(trigger->offset_ms / DAY_MS);
	const char *offset = days ? arena_printf(arena, " %+dd", days) : "";
	return arena_printf(arena, "%s%s %02d:%02d", trigger->name, offset,
			    trigger->at_minute / 60, trigger->at_minute % 60);
}

const char *trigger_wants(struct arena *arena, const struct plan_trigger *trigger)
{
	struct search search;
	if (!trigger->name)
		return "";
	if (trigger->kind != TRIGGER_MESSAGE_RECEIVED)
		return trigger->name;
	search_init(&search, arena, trigger->name);
	return search.folded;
}

const char *trigger_name(struct arena *arena, const struct plan_trigger *trigger)
{
	const char *wants = trigger->kind == TRIGGER_DATE
				    ? trigger_date_rule(arena, trigger)
				    : trigger_wants(arena, trigger);
	return *wants ? arena_printf(arena, "%s %s", kind_names[trigger->kind], wants)
		      : kind_names[trigger->kind];
}

enum err trigger_listen(struct txn *txn, const struct plan *plan, bool is_published)
{
	struct db *db = txn_db(txn);
	bool had_dates, has_dates = false;
	enum err err = trigger_rows_has(db, plan->id, TRIGGER_DATE, &had_dates);
	if (err == ERR_OK)
		err = trigger_rows_clear(db, plan->id);
	for (size_t i = 0; err == ERR_OK && i < plan->trigger_count; i++) {
		const struct plan_trigger *trigger = &plan->triggers[i];
		has_dates = has_dates || trigger->kind == TRIGGER_DATE;
		err = trigger_rows_add(db, (int)trigger->kind,
				       trigger_wants(txn_arena(txn), trigger),
				       plan->id);
	}
	return err == ERR_OK && is_published && (had_dates || has_dates)
		       ? trigger_plan_begin(txn, plan->id)
		       : err;
}

enum err trigger_forget(struct txn *txn, const char *workflow_id)
{
	bool had_dates;
	enum err err =
		trigger_rows_has(txn_db(txn), workflow_id, TRIGGER_DATE, &had_dates);
	if (err == ERR_OK)
		err = trigger_rows_clear(txn_db(txn), workflow_id);
	return err == ERR_OK && had_dates ? trigger_plan_begin(txn, workflow_id) : err;
}

enum err trigger_listener(struct txn *txn, const char *workflow_id,
			  struct listener *out)
{
	*out = (struct listener){.plan = NULL};
	enum err err = workflow_rows_load(txn_db(txn), txn_arena(txn), workflow_id,
					  &out->workflow);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	out->version = out->workflow.published_version ? out->workflow.published_version
						       : out->workflow.draft_version;
	err = plans_get(txn_context(txn), txn_db(txn), workflow_id, out->version,
			&out->plan);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) { /* logged */
		out->plan = NULL;
		return ERR_OK;
	}
	return err;
}
