/* hook_emit.c - see hook_emit.h */
#include "core/hook_emit.h"

#include "core/contacts.h"
#include "core/enroll.h"
#include "core/hooks.h"
#include "core/ledger.h"
#include "core/view.h"
#include "store/hook_rows.h"

static bool wants(const struct hook_set *set, enum hook_event event, bool is_test)
{
	return (is_test ? set->wanted_of_tests : set->wanted) & 1u << event;
}

enum err hook_body(struct txn *txn, const char *type,
		   const struct hook_telling *telling, const char **body_out)
{
	struct buf buf = BUF_EMPTY;
	struct json json;
	json_init(&json, &buf);
	json_object(&json);
	json_key_str(&json, "type", type);
	json_key_time(&json, "timestamp", txn_now(txn));
	json_key(&json, "data");
	json_object(&json);
	enum err err = telling->members(txn, &json, telling->arg);
	json_end_object(&json);
	json_end_object(&json);
	if (err == ERR_OK)
		*body_out = arena_strndup(txn_arena(txn), buf.data, buf.len);
	buf_fini(&buf);
	return err;
}

static enum err tell(struct txn *txn, const struct hook_set *set,
		     const struct hook_telling *telling)
{
	struct hook_delivery delivery = {
		.event = hook_event_name(telling->event),
		.subject = arena_printf(txn_arena(txn), "%s:%llu", telling->kind,
					(unsigned long long)telling->id),
		.created_at = txn_now(txn),
		.give_up_at = txn_now(txn) + HOOK_TRIES_DAYS * DAY_MS};
	enum err err = hook_body(txn, delivery.event, telling, &delivery.body);
	for (size_t i = 0; err == ERR_OK && i < set->count; i++) {
		const struct hook_wish *wish = &set->hooks[i];
		if (!(wish->events & 1u << telling->event) ||
		    (telling->is_test && !wish->wants_tests))
			continue;
		delivery.id = txn_id(txn);
		delivery.hook_id = wish->hook_id;
		err = delivery_rows_insert(txn_db(txn), &delivery);
	}
	txn_signal(txn, SIGNAL_HOOKS);
	return err;
}

enum err hook_emit(struct txn *txn, const struct hook_telling *telling)
{
	const struct hook_set *set;
	enum err err = hook_set_get(txn, &set);
	if (err != ERR_OK || !wants(set, telling->event, telling->is_test))
		return err;
	return tell(txn, set, telling);
}

/* --- tasks --- */

struct about_task {
	const struct task *task;
	const struct message *message; /* NULL: none */
	const struct actor *actor;
};

static void key_by(struct json *json, const struct actor *actor)
{
	json_key_str(json, "by", actor->kind == ACTOR_SYSTEM ? NULL : actor->name);
}

static enum err task_members(struct txn *txn, struct json *json, const void *arg)
{
	const struct about_task *about = arg;
	json_key(json, "task");
	enum err err = view_task(txn_db(txn), txn_arena(txn), about->task->id,
				 txn_now(txn), json);
	if (about->message) {
		json_key(json, "message");
		json_object(json);
		json_key_id(json, "id", about->message->id);
		json_key_str(json, "state", message_state_name(about->message->state));
		json_end_object(json);
	}
	key_by(json, about->actor);
	return err;
}

static enum err emit_task(struct txn *txn, enum hook_event event,
			  const struct about_task *about)
{
	return hook_emit(txn, &(struct hook_telling){.event = event,
						     .kind = "task",
						     .id = about->task->id,
						     .is_test = about->task->is_test,
						     .members = task_members,
						     .arg = about});
}

enum err hook_emit_task(struct txn *txn, enum hook_event event, const struct task *task,
			const struct actor *actor)
{
	return emit_task(txn, event,
			 &(struct about_task){.task = task, .actor = actor});
}

enum err hook_emit_sent(struct txn *txn, const struct task *task,
			const struct message *message, const struct actor *actor)
{
	return emit_task(txn, HOOK_TASK_SENT,
			 &(struct about_task){task, message, actor});
}

/* --- texts --- */

static const struct {
	enum message_state state;
	enum hook_event event;
} message_events[] = {
	{MESSAGE_ACCEPTED, HOOK_MESSAGE_ACCEPTED},
	{MESSAGE_QUEUED, HOOK_MESSAGE_QUEUED},
	{MESSAGE_REFUSED, HOOK_MESSAGE_REFUSED},
	{MESSAGE_WITHDRAWN, HOOK_MESSAGE_WITHDRAWN},
	{MESSAGE_DELIVERED, HOOK_MESSAGE_DELIVERED},
	{MESSAGE_FAILED, HOOK_MESSAGE_FAILED},
	{MESSAGE_UNCERTAIN, HOOK_MESSAGE_UNCERTAIN},
};

static enum err message_members(struct txn *txn, struct json *json, const void *arg)
{
	const struct message *message = arg;
	json_key(json, "message");
	return view_message(txn_db(txn), txn_arena(txn), message->id, json);
}

static enum err inbound_members(struct txn *txn, struct json *json, const void *arg)
{
	const struct message *message = arg;
	enum err err = message_members(txn, json, arg);
	json_key(json, "contact");
	return err == ERR_OK ? contact_view_brief(txn_db(txn), txn_arena(txn),
						  message->contact_id, json)
			     : err;
}

enum err hook_emit_message(struct txn *txn, const struct message *message)
{
	for (size_t i = 0; i < sizeof(message_events) / sizeof(message_events[0]);
	     i++) {
		if (message_events[i].state != message->state)
			continue;
		return hook_emit(
			txn,
			&(struct hook_telling){
				.event = message_events[i].event,
				.kind = message->task_id ? "task" : "message",
				.id = message->task_id ? message->task_id : message->id,
				.is_test = message->is_test,
				.members = message_members,
				.arg = message});
	}
	return ERR_OK;
}

enum err hook_emit_inbound(struct txn *txn, const struct message *message,
			   const struct contact *contact)
{
	return hook_emit(txn, &(struct hook_telling){.event = HOOK_INBOUND_RECEIVED,
						     .kind = "contact",
						     .id = contact->id,
						     .is_test = contact->is_test,
						     .members = inbound_members,
						     .arg = message});
}

/* --- consent --- */

struct about_consent {
	const char *e164;
	uint64_t contact_id;
	const char *reason;
	const struct actor *actor;
};

static enum err consent_members(struct txn *txn, struct json *json, const void *arg)
{
	const struct about_consent *about = arg;
	json_key_str(json, "number", about->e164);
	json_key(json, "contact");
	enum err err = contact_view_brief(txn_db(txn), txn_arena(txn),
					  about->contact_id, json);
	json_key_str(json, "reason", about->reason);
	key_by(json, about->actor);
	return err;
}

enum err hook_emit_opted_out(struct txn *txn, const char *e164, uint64_t contact_id,
			     const char *reason, const struct actor *actor)
{
	const struct about_consent about = {e164, contact_id, reason, actor};
	return hook_emit(txn, &(struct hook_telling){.event = HOOK_CONTACT_OPTED_OUT,
						     .kind = "contact",
						     .id = contact_id,
						     .members = consent_members,
						     .arg = &about});
}

/* --- enrollments, the ledger --- */

static enum err enrollment_members(struct txn *txn, struct json *json, const void *arg)
{
	const struct enrollment *enrollment = arg;
	json_key(json, "enrollment");
	return enrollment_view(txn_db(txn), enrollment->id, json);
}

enum err hook_emit_completed(struct txn *txn, const struct enrollment *enrollment)
{
	return hook_emit(txn, &(struct hook_telling){.event = HOOK_ENROLLMENT_COMPLETED,
						     .kind = "enrollment",
						     .id = enrollment->id,
						     .is_test = enrollment->is_test,
						     .members = enrollment_members,
						     .arg = enrollment});
}

static enum err head_members(struct txn *txn, struct json *json, const void *arg)
{
	char text[LEDGER_HEAD_TEXT_LEN];
	(void)txn;
	json_key_str(json, "head", ledger_head_format(arg, text));
	return ERR_OK;
}

enum err hook_emit_head(struct txn *txn, void *unused)
{
	struct ledger_head head;
	(void)unused;
	enum err err = ledger_head(txn_db(txn), txn_arena(txn), 0, &head);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	return hook_emit(txn, &(struct hook_telling){.event = HOOK_LEDGER_HEAD,
						     .kind = "ledger",
						     .members = head_members,
						     .arg = &head});
}
