/* task_list.c - lists, counts and the next task. See tasks.h, task_find.h */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "core/card.h"
#include "core/people.h"
#include "core/task_find.h"
#include "core/view.h"

enum err task_filter_resolve(struct db *db, struct call *call,
			     const struct who *assignee, struct task_filter *filter)
{
	struct party party;
	if (assignee->kind == WHO_NOBODY)
		filter->whose = TASK_OF_NOBODY;
	else if (assignee->kind != WHO_ABSENT) {
		enum err err = people_find(db, call, assignee, &party);
		if (err != ERR_OK)
			return err;
		filter->whose = party.team_id ? TASK_OF_ANYBODY : TASK_OF_USER;
		filter->assignee_id = party.user_id;
		if (party.team_id)
			filter->team_id = party.team_id;
	}
	return ERR_OK;
}

void task_filter_see(const struct call *call, const struct policy *policy,
		     struct task_filter *filter)
{
	if (!call->actor->user_id || call->actor->role != ROLE_AGENT ||
	    policy->agents_see == AGENTS_SEE_ALL)
		return;
	filter->seen_by = call->actor->user_id;
	filter->sees_team = policy->agents_see == AGENTS_SEE_TEAM;
}

void task_filter_for_acting(const struct call *call, struct task_filter *filter)
{
	if (actor_leads(call->actor))
		return;
	filter->seen_by = call->actor->user_id;
	filter->sees_team = false;
}

static void keep_id(void *arg, const struct task_item *item)
{
	uint64_t *id = arg;
	if (!*id)
		*id = item->task.id;
}

enum err task_find_next(struct db *db, struct call *call, const struct task_find *find,
			uint64_t *id_out)
{
	struct task_filter filter = *find->filter;
	filter.states = 1u << TASK_PENDING;
	filter.now = find->now;
	filter.limit = 1;
	filter.eligible_only = true;
	filter.lease_ok_user = find->resume ? call->actor->user_id : 0;
	*id_out = 0;
	if (find->after_id) {
		struct task after;
		enum err err = task_rows_load(db, call->arena, find->after_id, &after);
		if (err == ERR_NOT_FOUND)
			return call_refuse_member(call, ERR_NOT_FOUND, "after",
						  "There is no task %llu.",
						  (unsigned long long)find->after_id);
		if (err != ERR_OK)
			return err;
		filter.has_cursor = true;
		filter.cursor_key = after.due_at ? after.due_at : TASK_FAR_AWAY;
		filter.cursor_id = after.id;
	}
	return task_rows_page(db, call->arena, &filter, keep_id, id_out);
}

struct page {
	struct json json;
	struct view view;
	enum err err;
	size_t limit, count;
	bool has_more;
	enum task_order order;
	int64_t last_key;
	uint64_t last_id;
};

static void page_item(void *arg, const struct task_item *item)
{
	struct page *page = arg;
	if (page->count == page->limit) {
		page->has_more = true;
		return;
	}
	page->count++;
	page->last_key = item->task.due_at ? item->task.due_at : TASK_FAR_AWAY;
	page->last_id = item->task.id;
	if (page->err == ERR_OK)
		page->err = view_task_item(&page->view, item);
}

/* A cursor says where the page ended: "d.KEY.ID" by due date, "c.0.ID" by creation. */
static enum err read_cursor(struct call *call, const char *cursor,
			    struct task_filter *filter)
{
	char order;
	long long key;
	unsigned long long id;
	int end = 0;
	if (!cursor)
		return ERR_OK;
	if (sscanf(cursor, "%c.%lld.%llu%n", &order, &key, &id, &end) != 3 ||
	    cursor[end] || order != (filter->order == TASK_ORDER_DUE ? 'd' : 'c'))
		return call_refuse_member(call, ERR_BAD_CURSOR, "cursor",
					  "The cursor does not belong to this list; "
					  "start again without it.");
	filter->has_cursor = true;
	filter->cursor_key = key;
	filter->cursor_id = id;
	return ERR_OK;
}

static void end_page(struct page *page)
{
	char cursor[64];
	json_end_array(&page->json);
	snprintf(cursor, sizeof(cursor), "%c.%lld.%llu",
		 page->order == TASK_ORDER_DUE ? 'd' : 'c',
		 page->order == TASK_ORDER_DUE ? (long long)page->last_key : 0LL,
		 (unsigned long long)page->last_id);
	json_key_str(&page->json, "next", page->has_more ? cursor : NULL);
	json_end_object(&page->json);
}

static enum err prepare(struct snapshot *snap, struct task_list *query)
{
	query->filter.now = snapshot_now(snap);
	task_filter_see(&query->call, core_policy(snapshot_context(snap)),
			&query->filter);
	return task_filter_resolve(snapshot_db(snap), &query->call, &query->assignee,
				   &query->filter);
}

enum err task_list(struct snapshot *snap, void *arg)
{
	struct task_list *query = arg;
	struct page page = {.json = call_json(&query->call),
			    .limit = query->filter.limit,
			    .order = query->filter.order};
	enum err err = prepare(snap, query);
	if (err == ERR_OK)
		err = read_cursor(&query->call, query->cursor, &query->filter);
	if (err != ERR_OK)
		return err;
	page.view = (struct view){snapshot_db(snap), query->call.arena, &page.json};
	json_object(&page.json);
	json_key(&page.json, "items");
	json_array(&page.json);
	err = task_rows_page(snapshot_db(snap), query->call.arena, &query->filter,
			     page_item, &page);
	end_page(&page);
	return err == ERR_OK ? page.err : err;
}

enum err task_get(struct snapshot *snap, void *arg)
{
	struct task_get *query = arg;
	struct card card;
	enum err err = card_load_brief(snapshot_db(snap), &query->call,
				       snapshot_context(snap),
				       (struct card_of){.task_id = query->task_id},
				       &card);
	if (err != ERR_OK)
		return err;
	return call_answer_task(snapshot_db(snap), &query->call, query->task_id,
				snapshot_now(snap));
}

static enum err answer_card(struct snapshot *snap, struct call *call, uint64_t task_id)
{
	struct card card;
	struct judgement judgement;
	enum err err = card_load(snapshot_db(snap), call, snapshot_context(snap),
				 (struct card_of){.task_id = task_id},
				 snapshot_now(snap), &card);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	card_phone_recheck(&card);
	card_judge(&card, call->arena, card.text, &judgement);
	json_object(&json);
	err = card_write(snapshot_db(snap), call->arena, &card, &judgement, &json);
	json_end_object(&json);
	card_fini(&card);
	return err;
}

enum err task_card(struct snapshot *snap, void *arg)
{
	struct task_get *query = arg;
	return answer_card(snap, &query->call, query->task_id);
}

enum err task_peek(struct snapshot *snap, void *arg)
{
	struct task_list *query = arg;
	uint64_t id;
	enum err err = prepare(snap, query);
	if (err != ERR_OK)
		return err;
	const struct task_find find = {.filter = &query->filter,
				       .now = query->filter.now,
				       .after_id = query->after_id,
				       .resume = false};
	task_filter_for_acting(&query->call, &query->filter);
	err = task_find_next(snapshot_db(snap), &query->call, &find, &id);
	if (err != ERR_OK || !id)
		return err;
	return answer_card(snap, &query->call, id);
}

enum { COUNT_CAP = 10000 };

static enum err count_states(struct snapshot *snap, struct task_list *query,
			     struct json *json)
{
	unsigned wanted = query->filter.states;
	for (int state = 0; state < TASK_STATE_COUNT; state++) {
		int64_t count;
		struct task_filter filter = query->filter;
		if (wanted && !(wanted & 1u << state))
			continue;
		filter.states = 1u << state;
		enum err err = task_rows_count(snapshot_db(snap), query->call.arena,
					       &filter, COUNT_CAP + 1, &count);
		if (err != ERR_OK)
			return err;
		json_key(json, task_state_name((enum task_state)state));
		json_object(json);
		json_key_int(json, "count", count > COUNT_CAP ? COUNT_CAP : count);
		json_key_bool(json, "capped", count > COUNT_CAP);
		json_end_object(json);
	}
	return ERR_OK;
}

/* Of the pending: those that could go now, those somebody has open, and the rest, which something blocks. */
static enum err count_pending(struct snapshot *snap, struct task_list *query,
			      struct json *json)
{
	struct task_filter filter = query->filter;
	int64_t pending, eligible, leased;
	filter.states = 1u << TASK_PENDING;
	enum err err = task_rows_count(snapshot_db(snap), query->call.arena, &filter,
				       COUNT_CAP, &pending);
	filter.leased_only = true;
	if (err == ERR_OK)
		err = task_rows_count(snapshot_db(snap), query->call.arena, &filter,
				      COUNT_CAP, &leased);
	filter.leased_only = false;
	filter.eligible_only = true;
	if (err == ERR_OK)
		err = task_rows_count(snapshot_db(snap), query->call.arena, &filter,
				      COUNT_CAP, &eligible);
	if (err != ERR_OK)
		return err;
	json_key_int(json, "eligible", eligible);
	json_key_int(json, "opens_later", 0);
	json_key_null(json, "next_open_at");
	json_key_int(json, "leased", leased);
	json_key_int(json, "blocked",
		     pending > eligible + leased ? pending - eligible - leased : 0);
	return ERR_OK;
}

enum err task_counts(struct snapshot *snap, void *arg)
{
	struct task_list *query = arg;
	enum err err = prepare(snap, query);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&query->call);
	json_object(&json);
	err = count_states(snap, query, &json);
	if (err == ERR_OK)
		err = count_pending(snap, query, &json);
	json_end_object(&json);
	return err;
}
