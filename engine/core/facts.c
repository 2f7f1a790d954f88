/* facts.c - see facts.h */
#include "core/facts.h"

#include <string.h>

#include "base/utf8.h"
#include "core/contact_time.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

#define CUSTOM "contact.custom."
#define TASK   "task."

enum { SHOWN_BYTES = 200 }; /* of a value in the journal */

static void note_err(struct facts *facts, enum err err)
{
	if (facts->err == ERR_OK && err != ERR_OK && err != ERR_NOT_FOUND)
		facts->err = err;
}

/* --- contact.* --- */

static const struct {
	const char *field;
	size_t offset; /* of a text in struct contact */
} texts[] = {
	{"contact.first_name", offsetof(struct contact, first_name)},
	{"contact.last_name", offsetof(struct contact, last_name)},
	{"contact.email", offsetof(struct contact, email)},
	{"contact.country", offsetof(struct contact, country)},
	{"contact.timezone", offsetof(struct contact, timezone)},
};

static const char *custom(struct facts *facts, const char *name)
{
	if (!facts->has_fields)
		note_err(facts, contact_rows_fields(facts->db, facts->arena,
						    facts->contact->id, &facts->fields,
						    &facts->field_count));
	facts->has_fields = true;
	for (size_t i = 0; facts->err == ERR_OK && i < facts->field_count; i++)
		if (strcmp(facts->fields[i].name, name) == 0)
			return facts->fields[i].value;
	return NULL;
}

static const char *owner(struct facts *facts)
{
	struct user user = {.login = NULL};
	if (facts->contact->owner_id)
		note_err(facts, user_rows_load(facts->db, facts->arena,
					       facts->contact->owner_id, &user));
	return user.login;
}

static const char *name(struct facts *facts)
{
	const struct contact *contact = facts->contact;
	return arena_printf(facts->arena, "%s%s%s", contact->first_name,
			    *contact->first_name && *contact->last_name ? " " : "",
			    contact->last_name);
}

static const char *phone(struct facts *facts)
{
	const struct contact *contact = facts->contact;
	return contact->phone_e164 ? contact->phone_e164 : contact->phone;
}

static const char *created_at(struct facts *facts)
{
	char text[CLOCK_TEXT_LEN];
	return arena_strdup(facts->arena,
			    clock_format(facts->contact->created_at, text));
}

/* --- what happened in this enrollment --- */

static const char *reply_text(struct facts *facts)
{
	struct message message = {.text = NULL};
	if (facts->message_id)
		note_err(facts, message_rows_load(facts->db, facts->arena,
						  facts->message_id, &message));
	return message.text;
}

static bool has_gone(enum message_state state)
{
	return state != MESSAGE_REFUSED && state != MESSAGE_WITHDRAWN &&
	       state != MESSAGE_FAILED;
}

/* How the newest task of a step ended: sent, failed, skipped, expired, cancelled; nothing while it is open. */
static const char *outcome(struct facts *facts, const char *step_id)
{
	struct db *db = facts->db;
	struct task task;
	struct message message = {.state = MESSAGE_ACCEPTED};
	uint64_t task_id;
	if (!facts->enrollment_id)
		return NULL;
	enum err err = task_rows_of_step(db, facts->enrollment_id, step_id, &task_id);
	if (err == ERR_OK)
		err = task_rows_load(db, facts->arena, task_id, &task);
	if (err == ERR_OK && task.state == TASK_SENT && task.message_id)
		err = message_rows_load(db, facts->arena, task.message_id, &message);
	note_err(facts, err);
	if (err != ERR_OK || task_state_is_open(task.state))
		return NULL;
	return task.state == TASK_SENT && !has_gone(message.state)
		       ? "failed"
		       : task_state_name(task.state);
}

static const char *event_value(struct facts *facts, const char *field)
{
	event_data_read(&facts->event, facts->arena, facts->data);
	return event_data_get(&facts->event, field);
}

static const char *account_name(struct facts *facts)
{
	return core_policy(facts->core)->account_name;
}

/* Of user.* there is nobody: no card is open. */
static const struct {
	const char *field;
	const char *(*get)(struct facts *facts);
} getters[] = {
	{"contact.name", name},         {"contact.phone", phone},
	{"contact.owner", owner},       {"contact.created_at", created_at},
	{"account.name", account_name}, {"reply.text", reply_text},
};

static const char *task_field(struct facts *facts, const char *field)
{
	static const char end[] = ".outcome";
	size_t len = strlen(field), end_len = strlen(end);
	if (len <= end_len || strcmp(field + len - end_len, end) != 0)
		return NULL;
	return outcome(facts, arena_strndup(facts->arena, field, len - end_len));
}

static const char *lookup(void *arg, const char *field)
{
	struct facts *facts = arg;
	if (strncmp(field, CUSTOM, strlen(CUSTOM)) == 0)
		return custom(facts, field + strlen(CUSTOM));
	if (strncmp(field, TASK, strlen(TASK)) == 0)
		return task_field(facts, field + strlen(TASK));
	if (strncmp(field, EVENT_PREFIX, strlen(EVENT_PREFIX)) == 0)
		return event_value(facts, field);
	for (size_t i = 0; i < sizeof(getters) / sizeof(getters[0]); i++)
		if (strcmp(getters[i].field, field) == 0)
			return getters[i].get(facts);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].field, field) == 0)
			return *(const char *const *)((const char *)facts->contact +
						      texts[i].offset);
	return NULL;
}

static bool has_tag(void *arg, const char *tag)
{
	struct facts *facts = arg;
	if (!facts->has_tags)
		note_err(facts,
			 contact_rows_tags(facts->db, facts->arena, facts->contact->id,
					   &facts->tags, &facts->tag_count));
	facts->has_tags = true;
	for (size_t i = 0; facts->err == ERR_OK && i < facts->tag_count; i++)
		if (strcmp(facts->tags[i], tag) == 0)
			return true;
	return false;
}

/* --- asking, and what was seen --- */

enum err facts_hold(struct facts *facts, const struct condition *condition,
		    struct condition_seen *seen, bool *holds_out)
{
	const struct condition_facts ask = {.lookup = lookup,
					    .has_tag = has_tag,
					    .arg = facts,
					    .zone = contact_zone(facts->contact)};
	seen->count = seen->asked = 0;
	seen->arena = facts->arena;
	*holds_out = condition_holds(condition, &ask, seen);
	return facts->err;
}

static const char *shown(struct arena *arena, const char *value)
{
	size_t len = value ? utf8_cut(value, SHOWN_BYTES) : 0;
	return value && value[len] ? arena_printf(arena, "%.*s…", (int)len, value)
				   : value;
}

static void say_answer(struct json *json, struct arena *arena,
		       const struct condition_answer *answer)
{
	json_object(json);
	json_key_str(json, "field", answer->test->field);
	json_key_str(json, condition_op_name(answer->test->op),
		     shown(arena, answer->test->value));
	json_key_str(json, "seen", shown(arena, answer->value));
	json_key_bool(json, "holds", answer->holds);
	if (answer->is_mismatch)
		json_key_bool(json, "mismatch", true);
	json_end_object(json);
}

void facts_say_seen(struct json *json, struct arena *arena,
		    const struct condition_seen *seen)
{
	json_key(json, "tests");
	json_array(json);
	for (size_t i = 0; i < seen->count; i++)
		say_answer(json, arena, &seen->answers[i]);
	json_end_array(json);
	if (seen->asked > seen->count)
		json_key_int(json, "more", (int64_t)(seen->asked - seen->count));
}
