/* standing.c - see standing.h */
#include "core/standing.h"

#include <string.h>

#include "core/holds.h"
#include "core/plans.h"
#include "core/release.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

/* One that is looked at. */
struct stander {
	struct db *db;
	struct arena *arena;
	const struct enrollment *enrollment;
	const struct step *step; /* where it stands */
	size_t movers;           /* tasks whose end will move it */
	const char *mover_step;  /* of one of them */
	const char *says;        /* what is wrong; NULL: nothing */
};

/* --- each step that waits, and what for --- */

static const char *at_sms(const struct stander *stander)
{
	if (!stander->movers)
		return "its task is over, and has not moved it";
	return stander->enrollment->wake_at ? "the clock would move it, beside its task"
					    : NULL;
}

static const char *at_wait(const struct stander *stander)
{
	return stander->enrollment->wake_at ? NULL : "its wait ends at no time";
}

static const char *at_reply(const struct stander *stander)
{
	bool is_timed = stander->step->reply.timeout.ms != 0;
	return is_timed && !stander->enrollment->wake_at
		       ? "its timeout comes at no time"
		       : NULL;
}

static const char *(*const waits[STEP_KIND_COUNT])(const struct stander *) = {
	[STEP_MANUAL_SMS] = at_sms,
	[STEP_WAIT] = at_wait,
	[STEP_WAIT_FOR_REPLY] = at_reply,
};

static const char *judge_waiting(const struct stander *stander)
{
	const struct step *step = stander->step;
	if (!step)
		return "its version has no such step";
	if (!waits[step->kind])
		return "it stands at a step that waits for nothing";
	if (stander->movers > 1)
		return "several tasks would move it";
	if (stander->movers && strcmp(stander->mover_step, step->id) != 0)
		return "the task of another step would move it";
	return waits[step->kind](stander);
}

static enum err judge_held(struct stander *stander)
{
	const struct enrollment *enrollment = stander->enrollment;
	bool is_held, is_let_go = false;
	enum err err = hold_rows_exist(stander->db, HOLD_WORKFLOW,
				       enrollment->workflow_id, &is_held);
	if (err == ERR_OK && !is_held)
		err = release_is_due(stander->db, stander->arena, &is_let_go);
	if (err != ERR_OK)
		return err;
	if (!is_held && !is_let_go)
		stander->says = "it is held, and nothing holds it";
	else if (!enrollment->held_to)
		stander->says = "it is held, and goes on nowhere";
	else if (enrollment->wake_at || stander->movers)
		stander->says = "it is held, and something else would move it";
	return ERR_OK;
}

static enum err judge(struct core *core, struct stander *stander)
{
	const struct enrollment *enrollment = stander->enrollment;
	struct plan *plan = NULL;
	enum err err = task_rows_movers(stander->db, stander->arena, enrollment->id,
					&stander->movers, &stander->mover_step);
	if (err == ERR_OK && enrollment->state == ENROLLMENT_HELD)
		return judge_held(stander);
	if (err == ERR_OK)
		err = plans_get(core, stander->db, enrollment->workflow_id,
				enrollment->version, &plan);
	if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_CORRUPT)
		return err;
	int at =
		plan && enrollment->step_id ? plan_find(plan, enrollment->step_id) : -1;
	stander->step = at < 0 ? NULL : &plan->steps[at];
	stander->says = enrollment->state == ENROLLMENT_ACTIVE
				? "its start was left half way"
				: judge_waiting(stander);
	plan_unref(&plan);
	return ERR_OK;
}

static void write_wrong(struct json *json, const struct stander *stander)
{
	json_object(json);
	json_key_id(json, "enrollment", stander->enrollment->id);
	json_key_str(json, "workflow", stander->enrollment->workflow_id);
	json_key_str(json, "step", stander->enrollment->step_id);
	json_key_str(json, "says", stander->says);
	json_end_object(json);
}

static enum err look(struct snapshot *snap, struct standing *cmd, struct json *json)
{
	struct enrollment *list;
	size_t count;
	enum err err =
		enrollment_rows_after(snapshot_db(snap), cmd->call.arena, cmd->after_id,
				      STANDING_LOOKS_MOST, &list, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		struct stander stander = {.db = snapshot_db(snap),
					  .arena = cmd->call.arena,
					  .enrollment = &list[i]};
		if (!enrollment_state_is_open(list[i].state))
			continue;
		cmd->open++;
		err = judge(snapshot_context(snap), &stander);
		if (err != ERR_OK || !stander.says)
			continue;
		cmd->wrong++;
		write_wrong(json, &stander);
	}
	cmd->next_id =
		err == ERR_OK && count == STANDING_LOOKS_MOST ? list[count - 1].id : 0;
	return err;
}

enum err standing_check(struct snapshot *snap, void *arg)
{
	struct standing *cmd = arg;
	struct json json = call_json(&cmd->call);
	cmd->open = cmd->wrong = 0;
	json_object(&json);
	json_key(&json, "wrong");
	json_array(&json);
	enum err err = look(snap, cmd, &json);
	json_end_array(&json);
	json_key_int(&json, "open", cmd->open);
	json_key_id(&json, "next", cmd->next_id);
	json_end_object(&json);
	return err;
}
