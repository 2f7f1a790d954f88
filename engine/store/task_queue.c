/* task_queue.c - what is next, and lists by closing time: opening by opening. See task_rows.h
 *
 * The recipients of a million tasks share some dozens of openings. Within one, an index has its tasks by due date; what
 * nobody may be sent now is not even looked at.
 */
#include <string.h>

#include "store/opening_rows.h"
#include "store/task_parts.h"

static void keep_place(void *arg, const struct task_item *item)
{
	struct task_place *place = arg;
	if (!place->id)
		*place = item->place;
}

/* The first along one index. */
static enum err first_of(struct db *db, struct arena *arena, struct task_filter filter,
			 struct task_place *place_out)
{
	*place_out = (struct task_place){.id = 0};
	filter.limit = 0; /* a page has one row more */
	return task_rows_page(db, arena, &filter, keep_place, place_out);
}

static bool is_before(const struct task_filter *filter, const struct task_place *a,
		      const struct task_place *b)
{
	if (!a->id || !b->id)
		return a->id != 0;
	return filter->order == TASK_ORDER_CREATED || a->sort_due == b->sort_due
		       ? a->id < b->id
		       : a->sort_due < b->sort_due;
}

/* Keeps the earlier of place_out and the first along another index. */
static enum err or_first_of(struct db *db, struct arena *arena,
			    const struct task_filter *filter,
			    struct task_place *place_out)
{
	struct task_place place;
	enum err err = first_of(db, arena, *filter, &place);
	if (err == ERR_OK && is_before(filter, &place, place_out))
		*place_out = place;
	return err;
}

static bool is_behind_cursor(const struct task_filter *filter,
			     const struct opening *opening)
{
	const struct task_place *cursor = &filter->cursor;
	if (!filter->has_cursor || filter->order != TASK_ORDER_CLOSING)
		return true;
	return opening->closes_at != cursor->closes_at
		       ? opening->closes_at > cursor->closes_at
		       : opening->id >= cursor->opening_id;
}

/* The tasks of one opening, by due date; by closing time the cursor is of one opening alone. */
static struct task_filter within(const struct task_filter *filter,
				 const struct opening *opening)
{
	struct task_filter one = *filter;
	one.has_opening = true;
	one.opening_id = opening->id;
	one.order = TASK_ORDER_DUE;
	one.hours = TASK_HOURS_ANY;
	if (filter->order == TASK_ORDER_CLOSING &&
	    opening->id != filter->cursor.opening_id)
		one.has_cursor = false;
	return one;
}

/* Who wrote just now, and would sleep otherwise. */
static enum err first_replied(struct db *db, struct arena *arena,
			      const struct task_filter *filter,
			      struct task_place *place_out)
{
	struct task_filter replied = *filter;
	bool has_closed;
	enum err err = opening_rows_has_closed(db, filter, filter->now, &has_closed);
	if (err != ERR_OK || !has_closed)
		return err;
	replied.hours = TASK_HOURS_REPLIED;
	if (replied.order == TASK_ORDER_CLOSING)
		replied.order = TASK_ORDER_DUE;
	return first_of(db, arena, replied, place_out);
}

static enum err first_along(struct db *db, struct arena *arena,
			    const struct task_filter *filter,
			    struct task_place *place_out)
{
	struct opening *openings;
	size_t count;
	const bool by_closing = filter->order == TASK_ORDER_CLOSING;
	enum err err = opening_rows_in_order(db, arena, filter, filter->now, &openings,
					     &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		if (!is_behind_cursor(filter, &openings[i]))
			continue;
		const struct task_filter one = within(filter, &openings[i]);
		err = or_first_of(db, arena, &one, place_out);
		if (by_closing && place_out->id)
			break;
	}
	return err;
}

enum err task_rows_first(struct db *db, struct arena *arena,
			 const struct task_filter *filter, struct task_place *place_out)
{
	struct task_filter pending = *filter;
	bool is_held;
	pending.states = 1u << TASK_PENDING;
	pending.eligible_only = true;
	pending.hours = TASK_HOURS_OPEN;
	*place_out = (struct task_place){.id = 0};
	enum err err = hold_rows_exist(db, HOLD_SCOPE_ALL, "", &is_held);
	if (err != ERR_OK || is_held)
		return err;
	err = first_replied(db, arena, &pending, place_out);
	if (err != ERR_OK || (filter->order == TASK_ORDER_CLOSING && place_out->id))
		return err; /* an answer is awaited for a while only */
	if (filter->order == TASK_ORDER_CREATED || filter->contact_id || filter->among)
		return or_first_of(db, arena, &pending, place_out);
	return first_along(db, arena, &pending, place_out);
}

/* --- a page by closing time --- */

struct along {
	task_item_fn *each;
	void *arg;
	size_t count;
};

static void count_item(void *arg, const struct task_item *item)
{
	struct along *along = arg;
	along->count++;
	along->each(along->arg, item);
}

static bool is_cut(const struct task_filter *filter)
{
	return task_filter_looks(filter) && !filter->look->most;
}

enum err task_rows_page_along(struct db *db, struct arena *arena,
			      const struct task_filter *filter, task_item_fn *each,
			      void *arg)
{
	struct opening *openings;
	size_t count, wanted = filter->limit + 1;
	struct along along = {each, arg, 0};
	enum err err = opening_rows_in_order(db, arena, filter, 0, &openings, &count);
	for (size_t i = 0; err == ERR_OK && i < count && along.count < wanted; i++) {
		if (!is_behind_cursor(filter, &openings[i]))
			continue;
		struct task_filter one = within(filter, &openings[i]);
		one.limit = wanted - along.count - 1;
		err = task_rows_page(db, arena, &one, count_item, &along);
		if (is_cut(filter)) {
			filter->look->cut.closes_at = openings[i].closes_at;
			break;
		}
	}
	return err;
}
