/* trigger_try.c - does what happened bring the contact into this workflow? See trigger.h */
#include <string.h>

#include "core/core.h"
#include "core/enroll.h"
#include "core/facts.h"
#include "core/members.h"
#include "core/trigger_parts.h"
#include "store/contact_rows.h"
#include "store/workflow_rows.h"

/* One workflow that is asked. */
struct trying {
	struct txn *txn;
	struct arena *arena;
	const struct occurrence *what;
	const struct listener *listener;
	struct contact contact;
	const struct plan_trigger *trigger; /* the one that is looked at, or fits */
	struct facts facts;
	struct condition_seen *seen; /* by the last condition that was asked */
	bool has_asked;

	/* why not; NULL: nothing stands in the way */
	const char *outcome;
	const char *says; /* a sentence, where the outcome alone does not tell */
};

static void refuse(struct trying *trying, const char *outcome, const char *says)
{
	trying->outcome = outcome;
	trying->says = says;
}

/* --- what the workflow is asked, in order --- */

/* A date has no id of its own, but a time that it was planned for. */
static bool lies_back(const struct occurrence *what, const struct workflow *workflow)
{
	return what->id ? what->id < workflow->live_id
			: what->at < workflow->live_since;
}

static enum err check_published(struct trying *trying)
{
	const struct workflow *workflow = &trying->listener->workflow;
	if (workflow->state != WORKFLOW_PUBLISHED)
		refuse(trying, "not_published",
		       workflow->state == WORKFLOW_DRAFT ? "It was a draft then."
							 : "It was unpublished then.");
	else if (lies_back(trying->what, workflow))
		refuse(trying, "not_published",
		       "It was published only after that, and what lies back enrolls "
		       "nobody.");
	return ERR_OK;
}

static enum err check_test_run(struct trying *trying)
{
	if (trying->what->is_test)
		refuse(trying, "test_run",
		       "A step of a test run did it, and those enroll nobody.");
	return ERR_OK;
}

static enum err check_import(struct trying *trying)
{
	if (trying->what->kind == TRIGGER_CONTACT_CREATED && trying->what->is_import &&
	    !trying->trigger->imports)
		refuse(trying, "imported",
		       "The contact came with an import, and the trigger does not say "
		       "imports=\"yes\".");
	return ERR_OK;
}

static enum err ask(struct trying *trying, const struct condition *condition,
		    const char *outcome)
{
	bool holds;
	if (!condition)
		return ERR_OK;
	trying->has_asked = true;
	enum err err = facts_hold(&trying->facts, condition, trying->seen, &holds);
	if (err == ERR_OK && !holds)
		refuse(trying, outcome, NULL); /* what was seen says it */
	return err;
}

static enum err check_condition(struct trying *trying)
{
	return ask(trying, trying->trigger->condition, "condition");
}

static enum err check_filter(struct trying *trying)
{
	return ask(trying, trying->listener->plan->filter, "filter");
}

static enum err check_depth(struct trying *trying)
{
	if (trying->what->depth > TRIGGER_DEPTH_MOST)
		refuse(trying, "too_deep",
		       arena_printf(trying->arena,
				    "%d enrollments caused one another already, each "
				    "within an hour of the one before.",
				    TRIGGER_DEPTH_MOST));
	return ERR_OK;
}

typedef enum err check_fn(struct trying *trying);

/* of one trigger, and of all of a workflow */
static check_fn *const trigger_checks[] = {check_published, check_test_run,
					   check_import, check_condition};
static check_fn *const common_checks[] = {check_filter, check_depth};

static enum err run_checks(struct trying *trying, check_fn *const *checks, size_t count)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK && !trying->outcome; i++)
		err = checks[i](trying);
	return err;
}

/* --- what is kept of the answer --- */

static const char *cause(const struct trying *trying)
{
	return trigger_name(trying->arena, trying->trigger);
}

/* What happened, as the journal tells it, and what the conditions saw. */
static const char *members(const struct trying *trying)
{
	const struct occurrence *what = trying->what;
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "by", what->actor);
	json_key_time(json, "happened_at", what->at);
	if (what->enrollment_id)
		json_key_id(json, "by_enrollment", what->enrollment_id);
	if (what->depth)
		json_key_int(json, "depth", what->depth);
	if (what->data) {
		json_key(json, "data");
		json_raw(json, what->data, strlen(what->data));
	}
	if (trying->says)
		json_key_str(json, "says", trying->says);
	if (trying->has_asked)
		facts_say_seen(json, trying->arena, trying->seen);
	const char *text = members_end(&members, trying->arena);
	return *what->detail ? arena_printf(trying->arena, "%s,%s", text, what->detail)
			     : text;
}

static enum err note(const struct trying *trying)
{
	const struct not_enrolled what = {
		.id = txn_id(trying->txn),
		.cause = cause(trying),
		.at = txn_now(trying->txn),
		.outcome = trying->outcome,
		.detail = arena_printf(trying->arena, "{%s}", members(trying))};
	return not_enrolled_rows_note(txn_db(trying->txn),
				      trying->listener->workflow.id, trying->contact.id,
				      &what);
}

static enum err enter(struct trying *trying, unsigned *cost)
{
	const struct occurrence *what = trying->what;
	struct enroll_triggered in = {.workflow = &trying->listener->workflow,
				      .plan = trying->listener->plan,
				      .contact = &trying->contact,
				      .cause = cause(trying),
				      .detail = members(trying),
				      .user_id = what->user_id,
				      .message_id = what->message_id,
				      .data = what->data,
				      .depth = what->depth};
	enum enroll_outcome outcome;
	enum err err = enroll_triggered(trying->txn, &in, &outcome);
	*cost += in.steps;
	return err;
}

/* The filter and what comes behind it, for the trigger that fits. */
static enum err decide(struct trying *trying, unsigned *cost)
{
	enum err err = run_checks(trying, common_checks,
				  sizeof(common_checks) / sizeof(common_checks[0]));
	if (err != ERR_OK)
		return err;
	return trying->outcome ? note(trying) : enter(trying, cost);
}

/* --- asking --- */

static enum err trying_init(struct trying *trying, struct txn *txn,
			    const struct occurrence *what,
			    const struct listener *listener)
{
	*trying = (struct trying){.txn = txn,
				  .arena = txn_arena(txn),
				  .what = what,
				  .listener = listener};
	trying->seen = ARENA_NEW(trying->arena, struct condition_seen);
	trying->facts = (struct facts){.db = txn_db(txn),
				       .arena = trying->arena,
				       .core = txn_context(txn),
				       .contact = &trying->contact,
				       .message_id = what->message_id,
				       .data = what->data};
	return contact_rows_load(txn_db(txn), trying->arena, what->contact_id,
				 &trying->contact);
}

static enum err check_trigger(struct trying *trying, const struct plan_trigger *trigger)
{
	trying->trigger = trigger;
	trying->outcome = trying->says = NULL;
	trying->has_asked = false;
	return run_checks(trying, trigger_checks,
			  sizeof(trigger_checks) / sizeof(trigger_checks[0]));
}

static bool listens(const struct trying *trying, const struct plan_trigger *trigger)
{
	const struct occurrence *what = trying->what;
	if ((int)trigger->kind != what->kind)
		return false;
	const char *wants = trigger_wants(trying->arena, trigger);
	return !*wants || strcmp(wants, what->name) == 0;
}

/* Several triggers of a workflow may listen for the same: the first that fits is the cause. */
static enum err try_all(struct trying *trying, unsigned *cost)
{
	const struct plan *plan = trying->listener->plan;
	enum err err = ERR_OK;
	for (size_t i = 0; i < plan->trigger_count && err == ERR_OK; i++) {
		if (!listens(trying, &plan->triggers[i]))
			continue;
		err = check_trigger(trying, &plan->triggers[i]);
		if (err == ERR_OK && !trying->outcome)
			return decide(trying, cost);
	}
	return err == ERR_OK && trying->outcome ? note(trying) : err;
}

enum err trigger_try(struct txn *txn, const struct occurrence *what,
		     const char *workflow_id, unsigned *cost)
{
	struct listener listener;
	struct trying trying;
	(*cost)++;
	enum err err = trigger_listener(txn, workflow_id, &listener);
	if (err != ERR_OK || !listener.plan)
		return err;
	err = trying_init(&trying, txn, what, &listener);
	if (err == ERR_OK)
		err = try_all(&trying, cost);
	plan_unref(&listener.plan);
	return err == ERR_NOT_FOUND ? ERR_OK : err; /* the contact was deleted */
}

enum err trigger_try_with(struct txn *txn, const struct occurrence *what,
			  const struct listener *listener,
			  const struct plan_trigger *trigger, unsigned *cost)
{
	struct trying trying;
	(*cost)++;
	enum err err = trying_init(&trying, txn, what, listener);
	if (err == ERR_OK)
		err = check_trigger(&trying, trigger);
	if (err != ERR_OK)
		return err;
	return trying.outcome ? note(&trying) : decide(&trying, cost);
}
