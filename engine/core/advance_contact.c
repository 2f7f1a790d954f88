/* advance_contact.c - steps that change the contact: its owner, its tags, its fields. See advance_parts.h */
#include <string.h>

#include "core/advance_parts.h"
#include "core/contact_parts.h"
#include "core/members.h"
#include "core/render.h"
#include "store/contact_rows.h"

static struct trigger_source walk_source(const struct walk *walk)
{
	return (struct trigger_source){.actor = &actor_system,
				       .enrollment = walk->enrollment};
}

static const char *owner_text(struct walk *walk, uint64_t owner_id)
{
	return owner_id ? members_id(walk->arena, owner_id) : "";
}

static enum err tell_owner(struct walk *walk, uint64_t before)
{
	const struct trigger_source source = walk_source(walk);
	const struct trigger_change change = {
		"contact.owner", owner_text(walk, before),
		owner_text(walk, walk->contact->owner_id)};
	return trigger_field(walk->txn, &source, walk->contact->id, &change);
}

enum err walk_assign(void *arg, const struct step *step, unsigned visit,
		     struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct enrollment *enrollment = walk->enrollment;
	const struct assign assign = {
		.workflow_id = assign_rotation(walk->arena, enrollment->workflow_id,
					       enrollment->is_test),
		.step = step,
		.contact = walk->contact};
	(void)visit, (void)effect;
	uint64_t before = walk->contact->owner_id;
	enum err err = assign_run(walk->txn, &assign, &walk->assigned);
	if (err == ERR_OK && walk->contact->owner_id != before)
		err = tell_owner(walk, before);
	walk->kind = walk->assigned.is_nobody ? "not_assigned" : "assigned";
	walk->members = walk->assigned.members;
	return err;
}

/* --- tags --- */

static const char *tag_members(struct walk *walk, const char *tag, bool had_it)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "tag", tag);
	json_key_bool(json, "had_it", had_it);
	return members_end(&members, walk->arena);
}

static enum err tell_tag(struct walk *walk, const char *tag, bool is_added)
{
	const struct trigger_source source = walk_source(walk);
	return trigger_tag(walk->txn, &source, walk->contact->id, tag, is_added);
}

enum err walk_add_tag(void *arg, const struct step *step, unsigned visit,
		      struct run_effect *effect)
{
	struct walk *walk = arg;
	bool is_added = false;
	(void)visit, (void)effect;
	enum err err = contact_rows_add_tag(txn_db(walk->txn), walk->contact->id,
					    step->tag, txn_now(walk->txn), &is_added);
	if (err == ERR_OK && is_added)
		err = tell_tag(walk, step->tag, true);
	walk->kind = "tag_added";
	walk->members = tag_members(walk, step->tag, !is_added);
	return err;
}

enum err walk_remove_tag(void *arg, const struct step *step, unsigned visit,
			 struct run_effect *effect)
{
	struct walk *walk = arg;
	bool is_removed = false;
	(void)visit, (void)effect;
	enum err err = contact_rows_remove_tag(txn_db(walk->txn), walk->contact->id,
					       step->tag, &is_removed);
	if (err == ERR_OK && is_removed)
		err = tell_tag(walk, step->tag, false);
	walk->kind = "tag_removed";
	walk->members = tag_members(walk, step->tag, is_removed);
	return err;
}

/* --- set-field --- */

#define CUSTOM "contact.custom."

/* The fields that stand in the contact's row. */
static const struct row_field {
	const char *field;
	enum contact_member member;
	size_t in, now; /* places in struct contact_in and struct contact */
} row_fields[] = {
#define ROW_FIELD(name, member)                                              \
	{                                                                    \
		"contact." #name, member, offsetof(struct contact_in, name), \
			offsetof(struct contact, name)                       \
	}
	ROW_FIELD(first_name, CONTACT_FIRST_NAME),
	ROW_FIELD(last_name, CONTACT_LAST_NAME),
	ROW_FIELD(email, CONTACT_EMAIL),
	ROW_FIELD(country, CONTACT_COUNTRY),
	ROW_FIELD(timezone, CONTACT_TIMEZONE),
#undef ROW_FIELD
};

static const struct row_field *find_row_field(const char *field)
{
	for (size_t i = 0; i < sizeof(row_fields) / sizeof(row_fields[0]); i++)
		if (strcmp(row_fields[i].field, field) == 0)
			return &row_fields[i];
	return NULL;
}

static const char **text_at(const void *base, size_t offset)
{
	return (const char **)((char *)(uintptr_t)base + offset);
}

/* The value that stands there now, and how many custom fields there are. "": none. */
static enum err value_now(struct walk *walk, const char *field, const char **value_out,
			  size_t *count_out)
{
	const struct row_field *row = find_row_field(field);
	struct contact_field *fields;
	*value_out = "";
	*count_out = 0;
	if (row) {
		const char *value = *text_at(walk->contact, row->now);
		*value_out = value ? value : "";
		return ERR_OK;
	}
	enum err err = contact_rows_fields(txn_db(walk->txn), walk->arena,
					   walk->contact->id, &fields, count_out);
	for (size_t i = 0; err == ERR_OK && i < *count_out; i++)
		if (strcmp(fields[i].name, field + strlen(CUSTOM)) == 0)
			*value_out = fields[i].value;
	return err;
}

/* What a template has no value for is left out: no person looks at it before it is set. */
static enum err new_value(struct walk *walk, const struct step *step,
			  const char **value_out)
{
	struct template_rendered text;
	const struct render render = {.core = txn_context(walk->txn),
				      .db = txn_db(walk->txn),
				      .arena = walk->arena,
				      .contact = walk->contact,
				      .enrollment = walk->enrollment};
	enum err err = render_text(&render, step->set_field.value, &text);
	if (err != ERR_OK)
		return err;
	struct buf value = BUF_EMPTY;
	size_t at = 0;
	for (size_t i = 0; i < text.hole_count; i++) {
		buf_add(&value, text.text + at, text.holes[i].start_bytes - at);
		at = text.holes[i].start_bytes + text.holes[i].len_bytes;
	}
	buf_add(&value, text.text + at, text.len_bytes - at);
	const char *start = buf_str(&value);
	start += strspn(start, " \t\r\n");
	size_t len = strlen(start);
	while (len && strchr(" \t\r\n", start[len - 1]))
		len--;
	*value_out = arena_strndup(walk->arena, start, len);
	buf_fini(&value);
	return ERR_OK;
}

/* Refusals stand in call: a value that cannot be is not set, and the enrollment goes on. */
static enum err put_value(struct walk *walk, struct call *call, const char *field,
			  const char *value)
{
	const struct row_field *row = find_row_field(field);
	const struct contact_field custom = {row ? NULL : field + strlen(CUSTOM),
					     *value ? value : NULL};
	struct contact_in in = {.given = row ? (unsigned)row->member : CONTACT_FIELDS};
	if (row) {
		*text_at(&in, row->in) = value;
	} else {
		in.fields = &custom;
		in.field_count = 1;
	}
	const struct trigger_source source = walk_source(walk);
	return contact_put(walk->txn, call, &source, walk->contact, &in);
}

static const char *field_members(struct walk *walk, const struct call *call,
				 const char *field, const char *before,
				 const char *value)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "field", field);
	json_key_str(json, "old", *before ? before : NULL);
	json_key_str(json, "new", *value ? value : NULL);
	if (call->refusal.err != ERR_OK)
		json_key_str(json, "why", call->refusal.detail);
	return members_end(&members, walk->arena);
}

enum err walk_set_field(void *arg, const struct step *step, unsigned visit,
			struct run_effect *effect)
{
	struct walk *walk = arg;
	struct call call = {.actor = &actor_system, .arena = walk->arena};
	const char *field = step->set_field.field, *before, *value;
	size_t count;
	(void)visit, (void)effect;
	enum err err = value_now(walk, field, &before, &count);
	if (err == ERR_OK)
		err = new_value(walk, step, &value);
	if (err != ERR_OK)
		return err;
	bool is_one_more = !find_row_field(field) && !*before && *value;
	if (is_one_more && count >= CONTACT_FIELDS_MOST)
		call_refuse_kept(&call, ERR_INVALID,
				 "The contact has %d custom fields already, and no "
				 "more are kept.",
				 CONTACT_FIELDS_MOST);
	else if (strcmp(before, value) != 0)
		err = put_value(walk, &call, field, value);
	if (call.refusal.err != ERR_OK)
		err = ERR_OK;
	else if (err == ERR_OK)
		err = value_now(walk, field, &value, &count);
	walk->kind = call.refusal.err != ERR_OK ? "field_not_set" : "field_set";
	walk->members = field_members(walk, &call, field, before, value);
	return err;
}
