/* task_list.c - lists, counts and the next task. See tasks.h, task_find.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

void task_filter_limits(const struct policy *policy, int64_t now,
			struct task_filter *filter)
{
	filter->now = now;
	filter->cap = policy->cap;
	filter->replied_after = now - policy->reply_grace_ms;
}

static void keep_place(void *arg, const struct task_item *item)
{
	struct task_place *place = arg;
	*place = item->place;
}

enum err task_find_next(struct db *db, struct call *call, const struct task_find *find,
			uint64_t *id_out)
{
	struct task_filter filter = *find->filter;
	struct task_place place;
	task_filter_limits(find->policy, find->now, &filter);
	filter.lease_ok_user = find->resume ? call->actor->user_id : 0;
	*id_out = 0;
	if (find->after_id) {
		enum err err = task_rows_item(db, find->after_id, find->now, keep_place,
					      &filter.cursor);
		if (err == ERR_NOT_FOUND)
			return call_refuse_member(call, ERR_NOT_FOUND, "after",
						  "There is no task %llu.",
						  (unsigned long long)find->after_id);
		if (err != ERR_OK)
			return err;
		filter.has_cursor = true;
	}
	enum err err = task_rows_search(db, call->arena, &filter);
	if (err == ERR_OK)
		err = task_rows_first(db, call->arena, &filter, &place);
	*id_out = place.id;
	return err;
}

struct page {
	struct json json;
	struct view view;
	enum err err;
	size_t limit, count;
	bool has_more;
	enum task_order order;
	struct task_place last;
	struct task_look look;
};

static void page_item(void *arg, const struct task_item *item)
{
	struct page *page = arg;
	if (page->count == page->limit) {
		page->has_more = true;
		return;
	}
	page->count++;
	page->last = item->place;
	if (page->err == ERR_OK)
		page->err = view_task_item(&page->view, item);
}

/* A cursor says where the page ended: "d.DUE.ID" by due date, "c.ID" by creation, "w.CLOSES.OPENING.DUE.ID" by closing
 * time. */
static bool parse_cursor(const char *cursor, enum task_order order,
			 struct task_place *place)
{
	int end = 0, found;
	if (order == TASK_ORDER_DUE)
		found = sscanf(cursor, "d.%" SCNd64 ".%" SCNu64 "%n", &place->sort_due,
			       &place->id, &end) == 2;
	else if (order == TASK_ORDER_CREATED)
		found = sscanf(cursor, "c.%" SCNu64 "%n", &place->id, &end) == 1;
	else
		found = sscanf(cursor,
			       "w.%" SCNd64 ".%" SCNu64 ".%" SCNd64 ".%" SCNu64 "%n",
			       &place->closes_at, &place->opening_id, &place->sort_due,
			       &place->id, &end) == 4;
	return found && !cursor[end];
}

static const char *format_cursor(struct arena *arena, enum task_order order,
				 const struct task_place *place)
{
	if (order == TASK_ORDER_DUE)
		return arena_printf(arena, "d.%" PRId64 ".%" PRIu64, place->sort_due,
				    place->id);
	if (order == TASK_ORDER_CREATED)
		return arena_printf(arena, "c.%" PRIu64, place->id);
	return arena_printf(arena, "w.%" PRId64 ".%" PRIu64 ".%" PRId64 ".%" PRIu64,
			    place->closes_at, place->opening_id, place->sort_due,
			    place->id);
}

static enum err read_cursor(struct call *call, const char *cursor,
			    struct task_filter *filter)
{
	if (!cursor)
		return ERR_OK;
	if (!parse_cursor(cursor, filter->order, &filter->cursor))
		return call_refuse_member(call, ERR_BAD_CURSOR, "cursor",
					  "The cursor does not belong to this list; "
					  "start again without it.");
	filter->has_cursor = true;
	return ERR_OK;
}

/* A search that looked at enough goes on behind the last one it looked at. */
static void end_page(struct page *page)
{
	if (!page->has_more && page->look.cut.id) {
		page->has_more = true;
		page->last = page->look.cut;
	}
	json_end_array(&page->json);
	json_key_str(&page->json, "next",
		     page->has_more
			     ? format_cursor(page->view.arena, page->order, &page->last)
			     : NULL);
	json_end_object(&page->json);
}

static enum err prepare(struct snapshot *snap, struct task_list *query)
{
	task_filter_limits(core_policy(snapshot_context(snap)), snapshot_now(snap),
			   &query->filter);
	task_filter_see(&query->call, core_policy(snapshot_context(snap)),
			&query->filter);
	enum err err = task_filter_resolve(snapshot_db(snap), &query->call,
					   &query->assignee, &query->filter);
	return err == ERR_OK ? task_rows_search(snapshot_db(snap), query->call.arena,
						&query->filter)
			     : err;
}

enum err task_list(struct snapshot *snap, void *arg)
{
	struct task_list *query = arg;
	struct page page = {.json = call_json(&query->call),
			    .limit = query->filter.limit,
			    .order = query->filter.order,
			    .look = {.most = TASK_LOOK_MOST}};
	enum err err = prepare(snap, query);
	if (err == ERR_OK)
		err = read_cursor(&query->call, query->cursor, &query->filter);
	if (err != ERR_OK)
		return err;
	page.view = (struct view){snapshot_db(snap), query->call.arena, &page.json};
	query->filter.look = &page.look;
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
	enum err err =
		card_load_brief(snapshot_db(snap), &query->call, snapshot_context(snap),
				(struct card_of){.task_id = query->task_id}, &card);
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
				       .policy = core_policy(snapshot_context(snap)),
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
		enum err err = task_rows_count(snapshot_db(snap), &filter,
					       COUNT_CAP + 1, &count);
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

struct pending_counts {
	int64_t all, leased, eligible, later, next_open_at;
};

static enum err count(struct snapshot *snap, const struct task_filter *filter,
		      int64_t *count_out)
{
	return task_rows_count(snapshot_db(snap), filter, COUNT_CAP, count_out);
}

/* Those that could go now, as POST /tasks/next would give them out. */
static enum err count_eligible(struct snapshot *snap, struct task_filter *filter,
			       int64_t *count_out)
{
	int64_t replied = 0;
	filter->hours = TASK_HOURS_OPEN;
	enum err err = count(snap, filter, count_out);
	filter->hours = TASK_HOURS_REPLIED;
	if (err == ERR_OK)
		err = count(snap, filter, &replied);
	*count_out += replied;
	if (*count_out > COUNT_CAP)
		*count_out = COUNT_CAP;
	return err;
}

static enum err count_shares(struct snapshot *snap, struct task_list *query,
			     struct pending_counts *counts)
{
	struct task_filter filter = query->filter;
	filter.states = 1u << TASK_PENDING;
	enum err err = count(snap, &filter, &counts->all);
	filter.leased_only = true;
	if (err == ERR_OK)
		err = count(snap, &filter, &counts->leased);
	filter.leased_only = false;
	filter.eligible_only = true;
	if (err == ERR_OK)
		err = count_eligible(snap, &filter, &counts->eligible);
	filter.hours = TASK_HOURS_LATER;
	if (err == ERR_OK)
		err = count(snap, &filter, &counts->later);
	if (err == ERR_OK && counts->later)
		err = task_rows_next_open(snapshot_db(snap), &filter,
					  &counts->next_open_at);
	return err;
}

/* Of the pending: those that could go now, those whose recipients' hours open later, those somebody has open, and the
 * rest, which something blocks. */
static enum err count_pending(struct snapshot *snap, struct task_list *query,
			      struct json *json)
{
	struct pending_counts counts = {.all = 0};
	enum err err = count_shares(snap, query, &counts);
	if (err != ERR_OK)
		return err;
	int64_t blocked = counts.all - counts.eligible - counts.later - counts.leased;
	json_key_int(json, "eligible", counts.eligible);
	json_key_int(json, "opens_later", counts.later);
	json_key_time(json, "next_open_at", counts.next_open_at);
	json_key_int(json, "leased", counts.leased);
	json_key_int(json, "blocked", blocked > 0 ? blocked : 0);
	return ERR_OK;
}

enum err task_counts(struct snapshot *snap, void *arg)
{
	struct task_list *query = arg;
	struct task_look look = {.most = TASK_LOOK_MOST};
	enum err err = prepare(snap, query);
	if (err != ERR_OK)
		return err;
	query->filter.look = &look;
	struct json json = call_json(&query->call);
	json_object(&json);
	err = count_states(snap, query, &json);
	if (err == ERR_OK)
		err = count_pending(snap, query, &json);
	json_end_object(&json);
	return err;
}
