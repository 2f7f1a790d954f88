/* advance_hook.c - the step that tells another system. See advance_parts.h
 *
 * The call is a delivery (hooks.h) in the transaction of the run, once per (enrollment, step, visit); the run goes on and
 * never waits for the other side. A hook that is gone or disabled is no reason to stop a workflow: the journal says so.
 */
#include "core/advance_parts.h"
#include "core/contacts.h"
#include "core/hook_emit.h"
#include "core/hook_key.h"
#include "core/hook_url.h"
#include "core/hooks.h"
#include "core/members.h"

struct calling {
	struct walk *walk;
	const struct step *step;
	unsigned visit;
};

static enum err members(struct txn *txn, struct json *json, const void *arg)
{
	const struct calling *calling = arg;
	const struct enrollment *enrollment = calling->walk->enrollment;
	json_key(json, "enrollment");
	json_object(json);
	json_key_id(json, "id", enrollment->id);
	json_key_str(json, "workflow", enrollment->workflow_id);
	json_key_int(json, "workflow_version", enrollment->version);
	json_key_str(json, "step", calling->step->id);
	json_key_int(json, "visit", calling->visit);
	json_key_bool(json, "test", enrollment->is_test);
	json_end_object(json);
	json_key(json, "contact");
	return contact_view(txn_db(txn), txn_arena(txn), calling->walk->contact, json);
}

/* The row that stands for a url of a workflow; made at its first call. */
static enum err find_written_out(struct txn *txn, const char *url, struct hook *hook)
{
	enum err err = hook_rows_by_name(txn_db(txn), txn_arena(txn), url, hook);
	if (err != ERR_NOT_FOUND)
		return err;
	*hook = (struct hook){.id = txn_id(txn),
			      .kind = HOOK_WRITTEN_OUT,
			      .name = url,
			      .url = url,
			      .events = "",
			      .is_enabled = true,
			      .created_at = txn_now(txn)};
	err = hook_key_make(txn);
	return err == ERR_OK ? hook_rows_insert(txn_db(txn), hook) : err;
}

static enum err find_hook(struct txn *txn, const struct step_hook *step,
			  struct hook *hook)
{
	if (step->hook)
		return hook_rows_by_name(txn_db(txn), txn_arena(txn), step->hook, hook);
	if (hook_url_fault(step->url))
		return ERR_NOT_FOUND;
	return find_written_out(txn, step->url, hook);
}

static enum err call(const struct calling *calling, const struct hook *hook)
{
	struct walk *walk = calling->walk;
	const struct hook_telling telling = {.members = members, .arg = calling};
	struct hook_delivery delivery = {
		.id = txn_id(walk->txn),
		.hook_id = hook->id,
		.event = calling->step->hook.event,
		.subject = arena_printf(walk->arena, "enrollment:%llu",
					(unsigned long long)walk->enrollment->id),
		.once = arena_printf(walk->arena, "%llu:%s:%u",
				     (unsigned long long)walk->enrollment->id,
				     calling->step->id, calling->visit),
		.created_at = txn_now(walk->txn),
		.give_up_at = txn_now(walk->txn) + HOOK_TRIES_DAYS * DAY_MS};
	enum err err = hook_body(walk->txn, delivery.event, &telling, &delivery.body);
	if (err == ERR_OK)
		err = delivery_rows_insert(txn_db(walk->txn), &delivery);
	if (err == ERR_DUPLICATE)
		return ERR_OK; /* this visit has called already */
	txn_signal(walk->txn, SIGNAL_HOOKS);
	walk->kind = "hook_called";
	walk->members =
		members_text(walk->arena, "hook", hook->name, "event", delivery.event,
			     "delivery", members_id(walk->arena, delivery.id), NULL);
	return err;
}

static enum err skip(struct walk *walk, const struct step *step, const char *reason)
{
	walk->kind = "hook_not_called";
	walk->members = members_text(walk->arena, "hook",
				     step->hook.hook ? step->hook.hook : step->hook.url,
				     "event", step->hook.event, "reason", reason, NULL);
	return ERR_OK;
}

enum err walk_call_hook(void *arg, const struct step *step, unsigned visit,
			struct run_effect *effect)
{
	struct walk *walk = arg;
	struct hook hook;
	const struct calling calling = {walk, step, visit};
	(void)effect;
	if (walk->enrollment->is_test && step->hook.url)
		return skip(walk, step, "test_run");
	enum err err = find_hook(walk->txn, &step->hook, &hook);
	if (err == ERR_NOT_FOUND)
		return skip(walk, step, step->hook.hook ? "no_such_hook" : "bad_url");
	if (err != ERR_OK)
		return err;
	if (walk->enrollment->is_test && !hook.wants_tests)
		return skip(walk, step, "test_run");
	return hook.is_enabled ? call(&calling, &hook)
			       : skip(walk, step, "hook_disabled");
}
