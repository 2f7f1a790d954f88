/* why_counts.c - see why_counts.h */
#include "core/why_counts.h"

#include <string.h>

#include "core/plans.h"
#include "core/why.h"
#include "store/workflow_rows.h"

static void write_step(struct json *json, const struct step *step,
		       const struct step_count *count)
{
	json_object(json);
	json_key_str(json, "step", step ? step->id : count->step_id);
	json_key_str(json, "kind", step ? step_kind_name(step->kind) : NULL);
	json_key_str(json, "name",
		     step && step->kind == STEP_MANUAL_SMS ? step->sms.name : NULL);
	json_key_int(json, "reached", count ? count->reached : 0);
	json_key_int(json, "waiting", count ? count->waiting : 0);
	json_key_int(json, "stopped", count ? count->stopped : 0);
	json_end_object(json);
}

static const struct step_count *count_of(const struct step_count *counts, size_t count,
					 const char *step_id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(counts[i].step_id, step_id) == 0)
			return &counts[i];
	return NULL;
}

/* The steps of the version at hand in their order, then those that only older enrollments came to. */
static void write_steps(struct json *json, const struct plan *plan,
			const struct step_count *counts, size_t count)
{
	json_key(json, "steps");
	json_array(json);
	for (size_t i = 0; i < plan->step_count; i++)
		write_step(json, &plan->steps[i],
			   count_of(counts, count, plan->steps[i].id));
	for (size_t i = 0; i < count; i++)
		if (plan_find(plan, counts[i].step_id) < 0)
			write_step(json, NULL, &counts[i]);
	json_end_array(json);
}

enum err why_counts(struct db *db, struct core *core, struct call *call,
		    const struct workflow *workflow)
{
	uint32_t version = workflow->state == WORKFLOW_PUBLISHED
				   ? workflow->published_version
				   : workflow->draft_version;
	int64_t entered, completed;
	struct step_count *counts;
	size_t count;
	struct plan *plan;
	enum err err = enrollment_rows_totals(db, workflow->id, WHY_ENROLLMENTS_MOST,
					      &entered, &completed);
	if (err == ERR_OK)
		err = visit_rows_step_counts(db, call->arena, workflow->id,
					     WHY_ENROLLMENTS_MOST, &counts, &count);
	if (err == ERR_OK)
		err = plans_get(core, db, workflow->id, version, &plan);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	json_key_str(&json, "workflow", workflow->id);
	json_key_int(&json, "version", version);
	json_key_int(&json, "entered", entered);
	json_key_int(&json, "completed", completed);
	write_steps(&json, plan, counts, count);
	json_end_object(&json);
	plan_unref(&plan);
	return ERR_OK;
}
