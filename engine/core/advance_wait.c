/* advance_wait.c - the steps that wait: for a time, and for a reply. See advance_parts.h */
#include <string.h>

#include "core/advance_parts.h"
#include "core/local_time.h"
#include "core/members.h"
#include "core/reply.h"

/* The turn ends here; until 0: nothing on the clock ends the wait. */
static void stand_until(struct walk *walk, struct run_effect *effect, int64_t until)
{
	walk->wake_at = until;
	effect->is_waiting = true;
	if (until)
		txn_signal(walk->txn, SIGNAL_TIMER);
}

/* A test run's time may be pressed together. */
static int64_t pressed(const struct walk *walk, int64_t until)
{
	return until && until != INT64_MAX
		       ? enrollment_wake_at(walk->enrollment, txn_now(walk->txn), until)
		       : until;
}

/* --- wait --- */

static const char *wait_members(struct walk *walk, const struct local_wait *wait)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "rule", wait->rule);
	if (wait->has_value)
		json_key_str(json, "value", wait->value);
	json_key_time(json, "until", wait->until);
	if (wait->reason)
		json_key_str(json, "reason", wait->reason);
	return members_end(&members, walk->arena);
}

enum err walk_wait(void *arg, const struct step *step, unsigned visit,
		   struct run_effect *effect)
{
	struct walk *walk = arg;
	struct local_wait wait;
	int64_t now = txn_now(walk->txn);
	(void)visit;
	enum err err = local_wait_end(walk, &step->wait, &wait);
	if (err != ERR_OK)
		return err;
	if (wait.until == INT64_MAX) {
		effect->failure = "hours_never_open";
		return ERR_OK;
	}
	wait.until = pressed(walk, wait.until);
	bool is_over = wait.until <= now;
	if (is_over && !wait.reason)
		wait.reason = step->wait.kind == WAIT_UNTIL_HOURS ? "open" : "past";
	walk->kind = is_over ? "not_waited" : NULL;
	walk->members = wait_members(walk, &wait);
	if (is_over)
		return ERR_OK;
	char text[CLOCK_TEXT_LEN];
	walk->stands = arena_printf(walk->arena, "Waits until %s",
				    clock_format(wait.until, text));
	stand_until(walk, effect, wait.until);
	return ERR_OK;
}

/* --- wait-for-reply --- */

const char *walk_reply_stands(struct arena *arena, const char *to, int64_t until)
{
	char text[CLOCK_TEXT_LEN];
	return until ? arena_printf(arena, "Waits for a reply to %s until %s", to,
				    clock_format(until, text))
		     : arena_printf(arena, "Waits for a reply to %s", to);
}

static const char *reply_members(struct walk *walk, const struct step *step,
				 int64_t until, uint64_t reply_id)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "to", step->reply.to);
	if (reply_id) {
		json_key_str(json, "exit", "on-reply");
		json_key_id(json, "message", reply_id);
	} else {
		json_key_time(json, "until", until);
	}
	return members_end(&members, walk->arena);
}

enum err walk_wait_for_reply(void *arg, const struct step *step, unsigned visit,
			     struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct step_reply *reply = &step->reply;
	uint64_t reply_id;
	(void)visit;
	enum err err = reply_find(walk->txn, walk->enrollment, reply->to, &reply_id);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_OK) {
		walk->enrollment->reply_id = reply_id;
		walk->kind = "exit_taken";
		walk->members = reply_members(walk, step, 0, reply_id);
		effect->to = step_exit(step, reply->on_reply);
		return ERR_OK;
	}
	int64_t until = pressed(walk, local_after(walk, &reply->timeout));
	if (until == INT64_MAX) {
		effect->failure = "hours_never_open";
		return ERR_OK;
	}
	walk->members = reply_members(walk, step, until, 0);
	walk->stands = walk_reply_stands(walk->arena, reply->to, until);
	stand_until(walk, effect, until);
	return ERR_OK;
}
