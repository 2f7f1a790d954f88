/* advance_branch.c - the step branch: what its conditions ask of the world, and what was seen. See advance_parts.h */
#include <string.h>

#include "core/advance_parts.h"
#include "core/contact_time.h"
#include "core/core.h"
#include "core/journal.h"
#include "core/members.h"
#include "model/condition.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

#define CUSTOM "contact.custom."
#define TASK   "task."

enum { SHOWN_BYTES = 200 }; /* of a value in the journal */

/* What is read from the database is read once in a branch, and only when it is asked for. */
struct facts {
	struct walk *walk;
	enum err
		err; /* of the first read that failed: the answers are worth nothing then */
	struct contact_field *fields;
	size_t field_count;
	const char **tags;
	size_t tag_count;
	bool has_fields, has_tags;
};

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
		note_err(facts, contact_rows_fields(
					txn_db(facts->walk->txn), facts->walk->arena,
					facts->walk->contact->id, &facts->fields,
					&facts->field_count));
	facts->has_fields = true;
	for (size_t i = 0; facts->err == ERR_OK && i < facts->field_count; i++)
		if (strcmp(facts->fields[i].name, name) == 0)
			return facts->fields[i].value;
	return NULL;
}

static const char *owner(struct facts *facts)
{
	struct walk *walk = facts->walk;
	struct user user = {.login = NULL};
	if (walk->contact->owner_id)
		note_err(facts, user_rows_load(txn_db(walk->txn), walk->arena,
					       walk->contact->owner_id, &user));
	return user.login;
}

static const char *name(struct facts *facts)
{
	const struct contact *contact = facts->walk->contact;
	return arena_printf(facts->walk->arena, "%s%s%s", contact->first_name,
			    *contact->first_name && *contact->last_name ? " " : "",
			    contact->last_name);
}

static const char *phone(struct facts *facts)
{
	const struct contact *contact = facts->walk->contact;
	return contact->phone_e164 ? contact->phone_e164 : contact->phone;
}

static const char *created_at(struct facts *facts)
{
	char text[CLOCK_TEXT_LEN];
	return arena_strdup(facts->walk->arena,
			    clock_format(facts->walk->contact->created_at, text));
}

/* --- what happened in this enrollment --- */

static const char *reply_text(struct facts *facts)
{
	struct walk *walk = facts->walk;
	struct message message = {.text = NULL};
	if (walk->enrollment->reply_id)
		note_err(facts,
			 message_rows_load(txn_db(walk->txn), walk->arena,
					   walk->enrollment->reply_id, &message));
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
	struct walk *walk = facts->walk;
	struct db *db = txn_db(walk->txn);
	struct task task;
	struct message message = {.state = MESSAGE_ACCEPTED};
	uint64_t task_id;
	enum err err = task_rows_of_step(db, walk->enrollment->id, step_id, &task_id);
	if (err == ERR_OK)
		err = task_rows_load(db, walk->arena, task_id, &task);
	if (err == ERR_OK && task.state == TASK_SENT && task.message_id)
		err = message_rows_load(db, walk->arena, task.message_id, &message);
	note_err(facts, err);
	if (err != ERR_OK || task_state_is_open(task.state))
		return NULL;
	return task.state == TASK_SENT && !has_gone(message.state)
		       ? "failed"
		       : task_state_name(task.state);
}

static const char *account_name(struct facts *facts)
{
	return core_policy(txn_context(facts->walk->txn))->account_name;
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
	return outcome(facts, arena_strndup(facts->walk->arena, field, len - end_len));
}

static const char *lookup(void *arg, const char *field)
{
	struct facts *facts = arg;
	if (strncmp(field, CUSTOM, strlen(CUSTOM)) == 0)
		return custom(facts, field + strlen(CUSTOM));
	if (strncmp(field, TASK, strlen(TASK)) == 0)
		return task_field(facts, field + strlen(TASK));
	for (size_t i = 0; i < sizeof(getters) / sizeof(getters[0]); i++)
		if (strcmp(getters[i].field, field) == 0)
			return getters[i].get(facts);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].field, field) == 0)
			return *(const char *const *)((const char *)
							      facts->walk->contact +
						      texts[i].offset);
	return NULL;
}

static bool has_tag(void *arg, const char *tag)
{
	struct facts *facts = arg;
	if (!facts->has_tags)
		note_err(facts,
			 contact_rows_tags(txn_db(facts->walk->txn), facts->walk->arena,
					   facts->walk->contact->id, &facts->tags,
					   &facts->tag_count));
	facts->has_tags = true;
	for (size_t i = 0; facts->err == ERR_OK && i < facts->tag_count; i++)
		if (strcmp(facts->tags[i], tag) == 0)
			return true;
	return false;
}

/* --- what was seen --- */

/* Cut between characters. */
static const char *shown(struct arena *arena, const char *value)
{
	size_t len = SHOWN_BYTES;
	if (!value || strlen(value) <= SHOWN_BYTES)
		return value;
	while (len && ((unsigned char)value[len] & 0xc0) == 0x80)
		len--;
	return arena_printf(arena, "%.*s…", (int)len, value);
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

/* One line of the journal for each <when> that was asked. */
static const char *seen_members(struct walk *walk, const struct branch_when *when,
				const struct condition_seen *seen, bool holds)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "when", when->name);
	json_key_bool(json, "holds", holds);
	json_key(json, "tests");
	json_array(json);
	for (size_t i = 0; i < seen->count; i++)
		say_answer(json, walk->arena, &seen->answers[i]);
	json_end_array(json);
	if (seen->asked > seen->count)
		json_key_int(json, "more", (int64_t)(seen->asked - seen->count));
	return members_end(&members, walk->arena);
}

enum err walk_holds(void *arg, const struct step *step, const struct branch_when *when,
		    bool *holds_out)
{
	struct walk *walk = arg;
	struct facts facts = {.walk = walk};
	struct condition_seen *seen = ARENA_NEW(walk->arena, struct condition_seen);
	const struct condition_facts ask = {.lookup = lookup,
					    .has_tag = has_tag,
					    .arg = &facts,
					    .zone = contact_zone(walk->contact)};
	seen->arena = walk->arena;
	*holds_out = condition_holds(when->condition, &ask, seen);
	if (facts.err != ERR_OK)
		return facts.err;
	return journal_add(walk->txn, walk->enrollment->id, step->id, "asked",
			   seen_members(walk, when, seen, *holds_out));
}
