/* hook_deliver.c - what is due, what came of it, and what time does to it. See hooks.h */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/ident.h"
#include "base/log.h"
#include "core/core.h"
#include "core/hook_key.h"
#include "core/hooks.h"
#include "store/meta_rows.h"

enum {
	HOOKS_LOOKED_AT = 256,
	SWEEP_STEP = 250,
	LATE_MS =
		HOUR_MS, /* so long behind its end an untried one may still be tried */
	WISH_MOST_MS = DAY_MS,
};

const char *hook_webhook_id(uint64_t delivery_id, char text[HOOK_ID_LEN])
{
	snprintf(text, HOOK_ID_LEN, "msg_%" PRIu64, delivery_id);
	return text;
}

/* --- what is due -------------------------------------------------------------------------------------------------- */

static bool is_under_way(const struct hook_due *due, uint64_t id)
{
	for (size_t i = 0; i < due->under_way_count; i++)
		if (due->under_way[i] == id)
			return true;
	return false;
}

static unsigned places_of(const struct hook_due *due, uint64_t hook_id)
{
	for (size_t i = 0; i < due->room_count; i++)
		if (due->rooms[i].hook_id == hook_id)
			return due->rooms[i].places;
	return (unsigned)due->per_hook;
}

static enum err take(struct snapshot *snap, struct hook_due *due,
		     const struct hook *hook, uint64_t id)
{
	struct hook_delivery delivery;
	enum err err = delivery_rows_load(snapshot_db(snap), snapshot_arena(snap), id,
					  &delivery);
	if (err != ERR_OK)
		return err;
	bool has_former =
		hook->former_secret && hook->former_until > snapshot_now(snap);
	due->posts[due->count++] = (struct hook_post){
		.id = id,
		.hook_id = hook->id,
		.url = hook->url,
		.body = delivery.body,
		.secret = hook->secret,
		.former_secret = has_former ? hook->former_secret : NULL,
		.attempts = delivery.attempts};
	return ERR_OK;
}

static enum err due_of_hook(struct snapshot *snap, struct hook_due *due,
			    uint64_t hook_id)
{
	struct hook hook;
	uint64_t *ids;
	size_t count, places = places_of(due, hook_id);
	const struct delivery_due wanted = {.hook_id = hook_id,
					    .now = snapshot_now(snap),
					    .limit = places + due->under_way_count};
	if (!places)
		return ERR_OK;
	enum err err = delivery_rows_due(snapshot_db(snap), snapshot_arena(snap),
					 &wanted, &ids, &count);
	if (err == ERR_OK)
		err = hook_rows_load(snapshot_db(snap), snapshot_arena(snap), hook_id,
				     &hook);
	if (err == ERR_OK && !hook.secret)
		err = hook_key_load(snapshot_db(snap), snapshot_arena(snap), &hook);
	for (size_t i = 0; err == ERR_OK && places && i < count; i++) {
		if (is_under_way(due, ids[i]))
			continue;
		due->has_more = due->count == due->limit;
		if (due->has_more)
			break;
		err = take(snap, due, &hook, ids[i]);
		places--;
	}
	return err;
}

/* A copy put back from a backup tells nobody anything until a person says that it is the one that counts. */
static enum err is_copy(struct snapshot *snap, bool *is_copy_out)
{
	char *mark;
	enum err err = meta_rows_get(snapshot_db(snap), snapshot_arena(snap),
				     META_RESTORED_COPY, &mark);
	*is_copy_out = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err hook_due(struct snapshot *snap, void *arg)
{
	struct hook_due *due = arg;
	uint64_t *hooks;
	size_t count = 0;
	bool stands_still;
	due->count = 0;
	due->has_more = false;
	due->next_at = 0;
	if (due->limit > HOOK_POSTS_MOST)
		due->limit = HOOK_POSTS_MOST;
	enum err err = is_copy(snap, &stands_still);
	if (err != ERR_OK || stands_still)
		return err;
	err = delivery_rows_hooks_due(snapshot_db(snap), snapshot_arena(snap),
				      snapshot_now(snap), HOOKS_LOOKED_AT, &hooks,
				      &count);
	/* not always the same one first */
	size_t first = count ? (size_t)snapshot_now(snap) % count : 0;
	for (size_t i = 0; err == ERR_OK && i < count && !due->has_more; i++)
		err = due_of_hook(snap, due, hooks[(first + i) % count]);
	if (err != ERR_OK)
		return err;
	return delivery_rows_next(snapshot_db(snap), snapshot_now(snap), &due->next_at);
}

/* --- what came of it ---------------------------------------------------------------------------------------------- */

/* Together a little under three days. */
static const int64_t pauses_ms[] = {
	SECOND_MS,      5 * SECOND_MS, 30 * SECOND_MS, 5 * MINUTE_MS,
	30 * MINUTE_MS, 2 * HOUR_MS,   5 * HOUR_MS,    10 * HOUR_MS,
	14 * HOUR_MS,   18 * HOUR_MS,  20 * HOUR_MS,
};
enum { PAUSES = sizeof(pauses_ms) / sizeof(pauses_ms[0]) };

int64_t hook_retry_after_ms(unsigned attempts, unsigned chance)
{
	if (!attempts || attempts > PAUSES)
		return 0;
	int64_t pause = pauses_ms[attempts - 1];
	return pause - pause / 5 + (pause * 2 / 5) * chance / 1023;
}

static void end(struct hook_delivery *delivery, enum delivery_state state, int64_t now)
{
	delivery->state = state;
	delivery->next_at = 0;
	delivery->ended_at = now;
}

static void plan_next(struct hook_delivery *delivery, const struct hook_result *result,
		      int64_t now)
{
	int64_t pause =
		hook_retry_after_ms(delivery->attempts, randombytes_uniform(1024));
	int64_t wish = result->retry_after_ms;
	if (wish > WISH_MOST_MS)
		wish = WISH_MOST_MS;
	if (!pause || now + pause > delivery->give_up_at) {
		end(delivery, DELIVERY_FAILED, now);
		log_warn("hooks", "given up id=%llu attempts=%u answer=\"%s\"",
			 (unsigned long long)delivery->id, delivery->attempts,
			 result->answer);
		return;
	}
	delivery->next_at = now + (pause > wish ? pause : wish);
}

static enum err disable(struct txn *txn, uint64_t hook_id)
{
	struct hook hook;
	enum err err = hook_rows_load(txn_db(txn), txn_arena(txn), hook_id, &hook);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	log_warn("hooks", "disabled: it answered 410 Gone name=%s", hook.name);
	hook.is_enabled = false;
	hook.disabled_reason = "answered 410 Gone";
	hook_set_touch(txn);
	return hook_rows_save(txn_db(txn), &hook);
}

static enum err settle(struct txn *txn, const struct hook_result *result)
{
	struct hook_delivery delivery;
	int64_t now = txn_now(txn);
	enum err err =
		delivery_rows_load(txn_db(txn), txn_arena(txn), result->id, &delivery);
	if (err != ERR_OK || delivery.state != DELIVERY_WAITING)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	delivery.attempts++;
	delivery.last_answer = result->answer;
	if (result->outcome == HOOK_AGAIN)
		plan_next(&delivery, result, now);
	else
		end(&delivery,
		    result->outcome == HOOK_TAKEN ? DELIVERY_DELIVERED
						  : DELIVERY_FAILED,
		    now);
	err = delivery_rows_save(txn_db(txn), &delivery);
	if (err == ERR_OK && result->outcome == HOOK_GONE)
		err = disable(txn, delivery.hook_id);
	if (err == ERR_OK && delivery.state != DELIVERY_WAITING)
		err = delivery_rows_release(txn_db(txn), delivery.hook_id,
					    delivery.subject, now);
	return err;
}

enum err hook_settle(struct txn *txn, void *arg)
{
	const struct hook_settle *done = arg;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < done->count; i++)
		err = settle(txn, &done->results[i]);
	FAULT_POINT("hook_settle");
	return err;
}

/* --- what time does ----------------------------------------------------------------------------------------------- */

static enum err give_up(struct txn *txn, uint64_t id)
{
	struct hook_delivery delivery;
	enum err err = delivery_rows_load(txn_db(txn), txn_arena(txn), id, &delivery);
	if (err != ERR_OK)
		return err;
	end(&delivery, DELIVERY_FAILED, txn_now(txn));
	if (!delivery.last_answer)
		delivery.last_answer =
			"Not tried: for three days its hook was disabled, or busy "
			"failing on earlier ones.";
	err = delivery_rows_save(txn_db(txn), &delivery);
	return err == ERR_OK ? delivery_rows_release(txn_db(txn), delivery.hook_id,
						     delivery.subject, txn_now(txn))
			     : err;
}

enum err hook_sweep(struct txn *txn, void *arg)
{
	struct hook_sweep *sweep = arg;
	uint64_t *late;
	size_t late_count;
	int64_t forgotten = 0, cleared = 0, now = txn_now(txn);
	const struct policy *policy = core_policy(txn_context(txn));
	enum err err = delivery_rows_late(txn_db(txn), txn_arena(txn), now - LATE_MS,
					  SWEEP_STEP, &late, &late_count);
	for (size_t i = 0; err == ERR_OK && i < late_count; i++)
		err = give_up(txn, late[i]);
	if (err == ERR_OK)
		err = delivery_rows_forget(
			txn_db(txn), ident_least(now - policy->deliveries_kept_ms),
			SWEEP_STEP, &forgotten);
	if (err == ERR_OK)
		err = hook_rows_clear_removed(txn_db(txn), SWEEP_STEP, &cleared);
	sweep->is_done = err == ERR_OK && late_count < SWEEP_STEP &&
			 forgotten < SWEEP_STEP && cleared < SWEEP_STEP;
	return err;
}
