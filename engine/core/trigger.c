/* trigger.c - what happened, kept and worked off: see trigger.h */
#include "core/trigger.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "core/members.h"
#include "core/trigger_parts.h"
#include "model/search.h"

/* --- what happened becomes a row --- */

const char *trigger_by(struct txn *txn, const struct trigger_source *source)
{
	if (source->enrollment)
		return arena_printf(txn_arena(txn), "workflow %s",
				    source->enrollment->workflow_id);
	return source->actor->name ? source->actor->name
				   : actor_kind_name(source->actor->kind);
}

/* A chain is one as long as each enrollment follows within an hour of the one that caused it. */
static uint32_t depth_of(struct txn *txn, const struct enrollment *cause)
{
	bool is_chained = txn_now(txn) - cause->created_at < HOUR_MS;
	return (is_chained ? cause->depth : 0) + 1;
}

static enum err keep(struct txn *txn, const struct trigger_source *source,
		     struct occurrence *what)
{
	bool is_heard;
	enum err err =
		trigger_rows_is_heard(txn_db(txn), what->kind, what->name, &is_heard);
	if (err != ERR_OK || !is_heard)
		return err;
	what->id = txn_id(txn);
	what->at = txn_now(txn);
	what->actor = trigger_by(txn, source);
	what->user_id = source->actor->user_id;
	what->is_import = source->is_import;
	if (!what->detail)
		what->detail = "";
	if (source->enrollment) {
		what->enrollment_id = source->enrollment->id;
		what->is_test = source->enrollment->is_test;
		what->depth = depth_of(txn, source->enrollment);
	}
	if (source->enrollment)
		txn_signal(txn, SIGNAL_TIMER); /* nobody settles it */
	return occurrence_rows_add(txn_db(txn), what);
}

enum err trigger_created(struct txn *txn, const struct trigger_source *source,
			 uint64_t contact_id)
{
	return keep(txn, source,
		    &(struct occurrence){.kind = TRIGGER_CONTACT_CREATED,
					 .name = "",
					 .contact_id = contact_id});
}

enum err trigger_tag(struct txn *txn, const struct trigger_source *source,
		     uint64_t contact_id, const char *tag, bool is_added)
{
	return keep(txn, source,
		    &(struct occurrence){.kind = is_added ? TRIGGER_TAG_ADDED
							  : TRIGGER_TAG_REMOVED,
					 .name = tag,
					 .contact_id = contact_id});
}

enum err trigger_dates(struct txn *txn, const struct trigger_source *source,
		       uint64_t contact_id, const char *field)
{
	struct occurrence what = {.kind = TRIGGER_DATE,
				  .name = field ? field : "",
				  .contact_id = contact_id};
	const char *workflow_id;
	if (field)
		return keep(txn, source, &what);
	/* nobody listens for the zone, but it shifts what is planned already */
	enum err err = date_rows_workflow_behind(txn_db(txn), txn_arena(txn),
						 contact_id, "", &workflow_id);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	what.id = txn_id(txn);
	what.at = txn_now(txn);
	what.actor = trigger_by(txn, source);
	what.detail = "";
	if (source->enrollment)
		txn_signal(txn, SIGNAL_TIMER);
	return occurrence_rows_add(txn_db(txn), &what);
}

enum err trigger_field(struct txn *txn, const struct trigger_source *source,
		       uint64_t contact_id, const struct trigger_change *change)
{
	const char *before = change->before ? change->before : "",
		   *after = change->after ? change->after : "";
	if (strcmp(before, after) == 0)
		return ERR_OK;
	struct occurrence what = {.kind = TRIGGER_FIELD_CHANGED,
				  .name = change->field,
				  .contact_id = contact_id,
				  .detail = members_text(txn_arena(txn), "old",
							 *before ? before : NULL, "new",
							 *after ? after : NULL, NULL)};
	enum err err = keep(txn, source, &what);
	bool may_be_date =
		strncmp(change->field, TRIGGER_CUSTOM, strlen(TRIGGER_CUSTOM)) == 0;
	return err == ERR_OK && may_be_date
		       ? trigger_dates(txn, source, contact_id, change->field)
		       : err;
}

enum err trigger_message_came(struct txn *txn, uint64_t contact_id, uint64_t message_id,
			      const char *text)
{
	static const struct trigger_source source = {.actor = &actor_system};
	struct search search;
	struct arena *arena = txn_arena(txn);
	search_init(&search, arena, text);
	bool may_be_keyword = strlen(search.folded) <= PLAN_NAME_MAX * 2;
	return keep(txn, &source,
		    &(struct occurrence){.kind = TRIGGER_MESSAGE_RECEIVED,
					 .name = may_be_keyword ? search.folded : "",
					 .contact_id = contact_id,
					 .message_id = message_id,
					 .detail = members_text(
						 arena, "message",
						 members_id(arena, message_id), NULL)});
}

enum err trigger_event(struct txn *txn, const struct trigger_source *source,
		       const struct trigger_event *event)
{
	return keep(txn, source,
		    &(struct occurrence){.kind = TRIGGER_EVENT,
					 .name = event->name,
					 .contact_id = event->contact_id,
					 .data = event->data});
}

/* --- and is worked off --- */

/* The next workflow to ask behind `after`. ERR_NOT_FOUND: all were asked. */
static enum err next_to_ask(struct txn *txn, const struct occurrence *what,
			    const char *after, const char **workflow_out)
{
	struct arena *arena = txn_arena(txn);
	if (what->kind == TRIGGER_DATE && !*what->name)
		return date_rows_workflow_behind(txn_db(txn), arena, what->contact_id,
						 after, workflow_out);
	return trigger_rows_listening(txn_db(txn), arena, what->kind, what->name, after,
				      workflow_out);
}

/* Where a date is, and when it comes, is planned: the clock fires it. */
static enum err plan_dates(struct txn *txn, const struct occurrence *what,
			   const char *workflow_id, unsigned *cost)
{
	struct listener listener;
	(*cost)++;
	enum err err = trigger_listener(txn, workflow_id, &listener);
	if (err == ERR_OK && listener.plan)
		err = trigger_plan_dates(txn, &listener, what->contact_id,
					 *what->name ? what->name : NULL);
	plan_unref(&listener.plan);
	return err;
}

static enum err ask_workflow(struct txn *txn, const struct occurrence *what,
			     const char *workflow_id, unsigned *cost)
{
	if (FAULT_ERROR("trigger_one"))
		return ERR_INTERNAL;
	return what->kind == TRIGGER_DATE ? plan_dates(txn, what, workflow_id, cost)
					  : trigger_try(txn, what, workflow_id, cost);
}

/* Asks the workflows that are left, until the cost reaches most. */
static enum err work_off(struct txn *txn, const struct occurrence *what, unsigned most,
			 unsigned *cost)
{
	const char *after = what->after_workflow;
	while (*cost < most) {
		const char *workflow_id;
		enum err err = next_to_ask(txn, what, after, &workflow_id);
		if (err == ERR_NOT_FOUND)
			return occurrence_rows_delete(txn_db(txn), what->id);
		if (err == ERR_OK)
			err = ask_workflow(txn, what, workflow_id, cost);
		if (err != ERR_OK)
			return err;
		after = workflow_id;
	}
	return occurrence_rows_asked(txn_db(txn), what->id, after);
}

/* *at: the one that is worked on. */
static enum err work_off_some(struct txn *txn, unsigned most, uint64_t *at,
			      bool *is_done_out)
{
	unsigned cost = 0;
	*is_done_out = false;
	while (cost < most) {
		struct occurrence what;
		enum err err =
			occurrence_rows_first(txn_db(txn), txn_arena(txn), &what);
		if (err == ERR_NOT_FOUND) {
			*is_done_out = true;
			return ERR_OK;
		}
		*at = err == ERR_OK ? what.id : 0;
		if (err == ERR_OK)
			err = work_off(txn, &what, most, &cost);
		if (err != ERR_OK)
			return err;
		cost++;
	}
	return ERR_OK;
}

enum err trigger_settle(struct txn *txn)
{
	struct occurrence oldest;
	size_t count;
	uint64_t at;
	bool is_done = false;
	enum err err = occurrence_rows_first(txn_db(txn), txn_arena(txn), &oldest);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	/* a backlog keeps its order */
	if (oldest.at == txn_now(txn))
		err = occurrence_rows_count(txn_db(txn), TRIGGER_INLINE_MOST + 1,
					    &count);
	if (err == ERR_OK && oldest.at == txn_now(txn) && count <= TRIGGER_INLINE_MOST)
		err = work_off_some(txn, TRIGGER_INLINE_COST, &at, &is_done);
	if (!is_done)
		txn_signal(txn, SIGNAL_TIMER);
	return err;
}

static enum err drop_culprit(struct txn *txn, struct trigger_sweep *sweep)
{
	uint64_t id = sweep->culprit;
	sweep->culprit = 0;
	if (!id)
		return ERR_OK;
	log_error("trigger",
		  "an occurrence could not be worked off and is dropped "
		  "id=%llu",
		  (unsigned long long)id);
	return occurrence_rows_delete(txn_db(txn), id);
}

enum err trigger_sweep(struct txn *txn, struct trigger_sweep *sweep)
{
	uint64_t at = 0;
	enum err err = drop_culprit(txn, sweep);
	if (err == ERR_OK)
		err = work_off_some(txn, TRIGGER_COST_MOST, &at, &sweep->is_done);
	if (err != ERR_OK && !err_is_of_machine(err))
		sweep->culprit = at;
	return err;
}
