/* events.c - see events.h */
#include "core/events.h"

#include <string.h>

#include "core/contact_parts.h"
#include "core/core.h"
#include "core/event_data.h"
#include "core/trigger.h"
#include "store/trigger_rows.h"
#include "store/workflow_rows.h"
#include "workflow/value.h"

static enum err find(struct txn *txn, struct event_take *cmd, struct contact *contact)
{
	struct db *db = txn_db(txn);
	struct arena *arena = cmd->call.arena;
	if (cmd->contact.id)
		return contact_rows_load(db, arena, cmd->contact.id, contact);
	if (cmd->contact.external_id)
		return contact_rows_by_external(db, arena, cmd->contact.external_id,
						contact);
	struct contact judged = {.phone = cmd->contact.phone};
	contact_judge_phone(core_policy(txn_context(txn)), arena, &judged);
	return judged.phone_e164
		       ? contact_rows_by_number(db, arena, judged.phone_e164, contact)
		       : contact_rows_by_raw(db, arena, judged.phone, contact);
}

static enum err check(struct event_take *cmd)
{
	int64_t unused;
	if (value_event.check(cmd->name, &unused))
		return call_refuse_member(&cmd->call, ERR_INVALID, "name",
					  "An event's name is %s.",
					  value_event.expected);
	if (cmd->data && strlen(cmd->data) > EVENT_DATA_BYTES)
		return call_refuse_member(&cmd->call, ERR_INVALID, "data",
					  "The data of an event is at most %d bytes.",
					  EVENT_DATA_BYTES);
	return ERR_OK;
}

/* Drafts listen too, but enroll nobody. */
static enum err write_listening(struct txn *txn, struct event_take *cmd,
				struct json *json)
{
	const char *after = "";
	enum err err = ERR_OK;
	json_key(json, "workflows");
	json_array(json);
	for (unsigned i = 0; i < EVENT_SHOWN && err == ERR_OK; i++) {
		struct workflow workflow;
		err = trigger_rows_listening(txn_db(txn), cmd->call.arena,
					     TRIGGER_EVENT, cmd->name, after, &after);
		if (err == ERR_OK)
			err = workflow_rows_load(txn_db(txn), cmd->call.arena, after,
						 &workflow);
		if (err == ERR_OK && workflow.state == WORKFLOW_PUBLISHED)
			json_str(json, workflow.id);
	}
	json_end_array(json);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err answer(struct txn *txn, struct event_take *cmd, uint64_t contact_id)
{
	struct json json = call_json(&cmd->call);
	json_object(&json);
	json_key_str(&json, "event", cmd->name);
	json_key(&json, "contact");
	enum err err =
		contact_view_brief(txn_db(txn), cmd->call.arena, contact_id, &json);
	json_key(&json, "data");
	if (cmd->data)
		json_raw(&json, cmd->data, strlen(cmd->data));
	else
		json_null(&json);
	if (err == ERR_OK)
		err = write_listening(txn, cmd, &json);
	json_end_object(&json);
	cmd->call.status = 202;
	return err;
}

enum err event_take(struct txn *txn, void *arg)
{
	struct event_take *cmd = arg;
	struct contact contact;
	const struct trigger_source source = {.actor = cmd->call.actor};
	enum err err = check(cmd);
	if (err == ERR_OK)
		err = find(txn, cmd, &contact);
	if (err == ERR_NOT_FOUND)
		return call_refuse_member(&cmd->call, ERR_NOT_FOUND, "contact",
					  "There is no such contact; POST "
					  "/api/v1/contacts makes one.");
	if (err != ERR_OK)
		return err;
	const struct trigger_event event = {cmd->name, cmd->data, contact.id};
	err = trigger_event(txn, &source, &event);
	if (err == ERR_OK)
		err = trigger_settle(txn);
	return err == ERR_OK ? answer(txn, cmd, contact.id) : err;
}
