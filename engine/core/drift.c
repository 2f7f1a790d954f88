/* drift.c - see drift.h */
#include "core/drift.h"

#include <string.h>

#include "core/people.h"
#include "core/render.h"
#include "model/drift.h"
#include "store/contact_rows.h"
#include "store/making_rows.h"
#include "store/message_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"

/* --- facts --- */

static void add_field(void *arg, const char *field, const char *value)
{
	if (strncmp(field, "contact.", strlen("contact.")) == 0)
		fact_add(arg, FACT_FIELD, field, value ? value : "");
}

static enum err gather(const struct render *render, const struct template *template,
		       struct buf *facts)
{
	const struct contact *contact = render->contact;
	struct user owner;
	const char **tags;
	size_t count = 0;
	enum err err = contact_rows_tags(render->db, render->arena, contact->id, &tags,
					 &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		fact_add(facts, FACT_TAG, tags[i], "");
	if (err == ERR_OK && contact->owner_id)
		err = user_rows_load(render->db, render->arena, contact->owner_id,
				     &owner);
	if (err == ERR_OK && contact->owner_id)
		fact_add(facts, FACT_OWNER, "", owner.login);
	if (err == ERR_OK && contact->phone_e164)
		fact_add(facts, FACT_NUMBER, "", contact->phone_e164);
	if (err == ERR_OK && template)
		err = render_each_value(render, template, add_field, facts);
	return err;
}

enum err drift_keep(struct txn *txn, uint64_t task_id, const struct contact *contact,
		    const struct template *template)
{
	const struct render render = {.core = txn_context(txn),
				      .db = txn_db(txn),
				      .arena = txn_arena(txn),
				      .contact = contact};
	struct buf facts = BUF_EMPTY;
	enum err err = gather(&render, template, &facts);
	if (err == ERR_OK)
		err = making_rows_put(txn_db(txn), task_id, buf_str(&facts));
	buf_fini(&facts);
	return err;
}

/* --- as the card tells it --- */

struct telling {
	struct db *db;
	struct arena *arena;
	const struct card *card;
	struct json *json;
};

struct change {
	const char *kind, *field, *was, *is;
	int64_t at;          /* 0: not known */
	uint64_t message_id; /* 0: none */
	const char *detail;  /* a sentence */
};

static void write_change(const struct telling *telling, const struct change *change)
{
	struct json *json = telling->json;
	json_object(json);
	json_key_str(json, "kind", change->kind);
	json_key_time(json, "at", change->at);
	json_key_str(json, "field", change->field);
	json_key_str(json, "was", change->was);
	json_key_str(json, "is", change->is);
	json_key_id(json, "message", change->message_id);
	json_key_str(json, "detail", change->detail);
	json_end_object(json);
}

/* The words of each kind of fact; a tag is there or not, the others have values. */
static const struct {
	const char *kind, *gone, *what;
} fact_words[FACT_KIND_COUNT] = {
	[FACT_OWNER] = {"owner_changed", "owner_changed", "The owner of the contact"},
	[FACT_NUMBER] = {"number_changed", "number_changed", "The number"},
	[FACT_TAG] = {"tag_added", "tag_removed", NULL},
	[FACT_FIELD] = {"field_changed", "field_changed", NULL},
};

static const char *quoted(struct arena *arena, const char *value)
{
	return value && *value ? arena_printf(arena, "\"%s\"", value) : "nothing";
}

static void write_fact(const struct telling *telling, const struct drift *drift)
{
	struct arena *arena = telling->arena;
	const char *what = fact_words[drift->kind].what;
	struct change change = {
		.kind = drift->is ? fact_words[drift->kind].kind
				  : fact_words[drift->kind].gone,
		.field = *drift->name ? drift->name : NULL,
		.was = drift->was,
		.is = drift->is,
	};
	if (drift->kind == FACT_TAG) {
		change.was = change.is = NULL;
		change.detail = arena_printf(arena, "The tag %s was %s.", drift->name,
					     drift->is ? "added" : "taken away");
	} else {
		change.detail = arena_printf(
			arena, "%s was %s and is %s now.", what ? what : drift->name,
			quoted(arena, drift->was), quoted(arena, drift->is));
	}
	write_change(telling, &change);
}

static enum err write_facts(const struct telling *telling, const struct making *making)
{
	const struct card *card = telling->card;
	const struct render render = {.core = card->core,
				      .db = telling->db,
				      .arena = telling->arena,
				      .contact = &card->contact};
	struct drift drifts[DRIFT_MOST];
	struct buf facts = BUF_EMPTY;
	enum err err = gather(&render, card->template, &facts);
	size_t count = 0;
	if (err == ERR_OK)
		count = facts_compare(telling->arena, making->facts, buf_str(&facts),
				      drifts, DRIFT_MOST);
	buf_fini(&facts);
	for (size_t i = 0; i < count; i++)
		write_fact(telling, &drifts[i]);
	return err;
}

static void write_text(const struct telling *telling, const struct message *message)
{
	const struct card *card = telling->card;
	bool is_others = message->contact_id != card->contact.id;
	if (message->id < card->task.id || message->task_id == card->task.id ||
	    message->state == MESSAGE_WITHDRAWN)
		return;
	const struct change change = {
		.kind = message->is_inbound ? "reply" : "text_sent",
		.at = message->created_at,
		.message_id = message->id,
		.detail =
			message->is_inbound
				? (is_others ? "A text came from this number, in the "
					       "thread of another contact who has it."
					     : "The contact has written.")
				: (is_others ? "Another text was sent to this number, "
					       "to another contact who has it."
					     : "Another text was sent to the contact."),
	};
	write_change(telling, &change);
}

/* Of the thread as the card shows it, and the last one of another contact's who has the number. */
static enum err write_texts(const struct telling *telling)
{
	const struct card *card = telling->card;
	struct message *messages, other;
	size_t count;
	enum err err =
		message_rows_thread(telling->db, telling->arena, card->contact.id,
				    CARD_THREAD_MOST, &messages, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		write_text(telling, &messages[i]);
	if (err != ERR_OK || card->number.head_id <= card->task.id ||
	    card->number.head_id == card->contact.thread_head_id)
		return err;
	err = message_rows_load(telling->db, telling->arena, card->number.head_id,
				&other);
	if (err == ERR_OK && other.contact_id != card->contact.id)
		write_text(telling, &other);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void write_consent(const struct telling *telling)
{
	const struct number *number = &telling->card->number;
	if (number->consent_at <= telling->card->task.created_at)
		return;
	const struct change change = {
		.kind = number->is_opted_out ? "opted_out" : "opted_in",
		.at = number->consent_at,
		.detail = number->is_opted_out
				  ? "The number opted out."
				  : "The number opted out, and has agreed again since.",
	};
	write_change(telling, &change);
}

static enum err write_workflow(const struct telling *telling)
{
	const struct task *task = &telling->card->task;
	struct workflow workflow;
	if (!task->workflow_id || task->is_test)
		return ERR_OK;
	enum err err = workflow_rows_load(telling->db, telling->arena,
					  task->workflow_id, &workflow);
	if (err == ERR_NOT_FOUND ||
	    (err == ERR_OK && workflow.state == WORKFLOW_UNPUBLISHED))
		write_change(telling,
			     &(struct change){.kind = "unpublished",
					      .detail = "The workflow is not published "
							"any more."});
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err write_drift(const struct telling *telling, const struct making *making)
{
	enum err err = write_texts(telling);
	if (err == ERR_OK)
		write_consent(telling);
	if (err == ERR_OK && making->facts)
		err = write_facts(telling, making);
	return err == ERR_OK ? write_workflow(telling) : err;
}

static enum err write_versions(const struct telling *telling,
			       const struct making *making)
{
	const struct card *card = telling->card;
	const struct draft *draft = &card->draft;
	struct json *json = telling->json;
	const char *now = card->rendered;
	bool must_choose = card->is_draft && draft->base &&
			   strcmp(draft->base, now) != 0 &&
			   strcmp(draft->text, now) != 0;
	enum err err = ERR_OK;
	json_object(json);
	json_key_str(json, "made", making->text ? making->text : card->task.text);
	json_key_str(json, "now", now);
	json_key_str(json, "draft", card->is_draft ? draft->text : NULL);
	json_key(json, "draft_by");
	if (card->is_draft)
		err = people_write(telling->db, telling->arena, draft->user_id, json);
	else
		json_null(json);
	json_key_bool(json, "must_choose", must_choose);
	json_end_object(json);
	return err;
}

static enum err write_late(const struct telling *telling)
{
	struct late_text *late;
	struct json *json = telling->json;
	size_t count;
	enum err err = late_rows_of(telling->db, telling->arena, card_id(telling->card),
				    &late, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		json_object(json);
		json_key(json, "by");
		err = people_write(telling->db, telling->arena, late[i].user_id, json);
		json_key_str(json, "text", late[i].text);
		json_key_time(json, "at", late[i].at);
		json_end_object(json);
	}
	return err;
}

enum err drift_write(struct db *db, struct arena *arena, const struct card *card,
		     struct json *json)
{
	const struct telling telling = {db, arena, card, json};
	struct making making = {NULL, NULL};
	bool is_open = card->task.id && task_state_is_open(card->task.state);
	enum err err = ERR_OK;
	if (is_open)
		err = making_rows_load(db, arena, card->task.id, &making);
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	json_key(json, "drift");
	json_array(json);
	if (err == ERR_OK && is_open)
		err = write_drift(&telling, &making);
	json_end_array(json);
	json_key(json, "versions");
	if (err == ERR_OK && is_open)
		err = write_versions(&telling, &making);
	else
		json_null(json);
	json_key(json, "late_texts");
	json_array(json);
	if (err == ERR_OK)
		err = write_late(&telling);
	json_end_array(json);
	return err;
}
