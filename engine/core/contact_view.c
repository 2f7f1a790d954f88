/* contact_view.c - contacts in JSON, and the queries that show them. See contacts.h */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "core/contact_parts.h"
#include "core/core.h"
#include "core/view.h"
#include "plugin/phone.h"
#include "store/merge_rows.h"
#include "store/message_rows.h"

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void write_phone_check(const struct contact *contact, struct json *json)
{
	json_object(json);
	json_key_str(json, "verdict",
		     phone_verdict_name((enum phone_verdict)contact->phone_verdict));
	json_key_str(json, "type", or_null(contact->phone_type));
	json_key_str(json, "region", or_null(contact->phone_region));
	json_key_str(json, "reason", or_null(contact->phone_reason));
	json_end_object(json);
}

static void write_warning(struct json *json, const char *code, const char *detail)
{
	json_object(json);
	json_key_str(json, "code", code);
	json_key_str(json, "member", "phone");
	json_key_str(json, "detail", detail);
	json_end_object(json);
}

static void write_warnings(const struct contact *contact,
			   const struct message_unreached *unreached, struct json *json)
{
	const char *reason = or_null(contact->phone_reason);
	json_array(json);
	if (!or_null(contact->phone))
		write_warning(json, "phone_missing",
			      "There is no telephone number, so no text can be sent.");
	else if (contact->phone_verdict == PHONE_KEPT_INVALID)
		write_warning(json, "phone_invalid",
			      reason ? reason : "No text can be sent to this number.");
	else if (contact->phone_verdict == PHONE_KEPT_POSSIBLE)
		write_warning(json, "phone_possible",
			      reason ? reason
				     : "It is not certain that this number exists.");
	else if (contact->phone_type &&
		 strcmp(contact->phone_type, phone_type_name(PHONE_TYPE_FIXED_LINE)) ==
			 0)
		write_warning(json, "phone_fixed_line",
			      "This is a fixed line: a text may not arrive.");
	if (unreached->id)
		write_warning(json, "phone_unreached",
			      unreached->detail && *unreached->detail
				      ? unreached->detail
				      : "The last text did not arrive.");
	json_end_array(json);
}

static enum err write_tags(struct db *db, struct arena *arena, uint64_t id,
			   struct json *json)
{
	const char **tags;
	size_t count;
	enum err err = contact_rows_tags(db, arena, id, &tags, &count);
	if (err != ERR_OK)
		return err;
	json_array(json);
	for (size_t i = 0; i < count; i++)
		json_str(json, tags[i]);
	json_end_array(json);
	return ERR_OK;
}

static enum err write_fields(struct db *db, struct arena *arena, uint64_t id,
			     struct json *json)
{
	struct contact_field *fields;
	size_t count;
	enum err err = contact_rows_fields(db, arena, id, &fields, &count);
	if (err != ERR_OK)
		return err;
	json_object(json);
	for (size_t i = 0; i < count; i++)
		json_key_str(json, fields[i].name, fields[i].value);
	json_end_object(json);
	return ERR_OK;
}

/* What stands in other tables. */
static enum err write_others(struct db *db, struct arena *arena,
			     const struct contact *contact, struct json *json)
{
	json_key(json, "owner");
	enum err err = people_write(db, arena, contact->owner_id, json);
	if (err != ERR_OK)
		return err;
	json_key(json, "tags");
	err = write_tags(db, arena, contact->id, json);
	if (err != ERR_OK)
		return err;
	json_key(json, "custom");
	return write_fields(db, arena, contact->id, json);
}

enum err contact_view(struct db *db, struct arena *arena, const struct contact *contact,
		      struct json *json)
{
	struct message_unreached unreached = {.id = 0};
	struct number number = {0};
	enum err err = ERR_OK;
	if (contact->phone_e164)
		err = number_rows_load(db, arena, contact->phone_e164, &number);
	if (err == ERR_OK && contact->phone_e164)
		err = message_rows_unreached(db, arena, contact->phone_e164,
					     &unreached);
	if (err != ERR_OK)
		return err;
	json_object(json);
	json_key_id(json, "id", contact->id);
	json_key_str(json, "external_id", contact->external_id);
	json_key_str(json, "first_name", contact->first_name);
	json_key_str(json, "last_name", contact->last_name);
	json_key_str(json, "name",
		     person_name(arena, contact->first_name, contact->last_name, ""));
	json_key_str(json, "phone", or_null(contact->phone));
	json_key_str(json, "phone_e164", contact->phone_e164);
	json_key(json, "phone_check");
	write_phone_check(contact, json);
	json_key_str(json, "email", or_null(contact->email));
	json_key_str(json, "country", or_null(contact->country));
	json_key_str(json, "timezone", or_null(contact->timezone));
	err = write_others(db, arena, contact, json);
	if (err != ERR_OK)
		return err;
	json_key_bool(json, "sms_enabled", contact->sms_enabled);
	json_key_bool(json, "test", contact->is_test);
	json_key_bool(json, "opted_out", number.is_opted_out);
	json_key_time(json, "created_at", contact->created_at);
	json_key_time(json, "updated_at", contact->updated_at);
	json_key(json, "warnings");
	write_warnings(contact, &unreached, json);
	json_end_object(json);
	return ERR_OK;
}

enum err contact_view_brief(struct db *db, struct arena *arena, uint64_t contact_id,
			    struct json *json)
{
	struct contact contact;
	enum err err = contact_rows_load_any(db, arena, contact_id, &contact);
	if (err == ERR_NOT_FOUND) {
		json_null(json);
		return ERR_OK;
	}
	if (err == ERR_OK)
		view_contact(json, contact.id, contact.first_name, contact.last_name,
			     contact.phone_e164);
	return err;
}

static enum err refuse_gone(struct db *db, struct call *call, uint64_t id)
{
	uint64_t into;
	enum err err = merge_rows_target(db, id, &into);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, err,
			"There is no contact %" PRIu64 ", or it was deleted.", id);
	if (err != ERR_OK)
		return err;
	err = call_refuse(call, ERR_NOT_FOUND,
			  "Contact %" PRIu64 " was merged into %" PRIu64
			  "; ask for that one.",
			  id, into);
	call->refusal.extra =
		arena_printf(call->arena, "\"merged_into\":\"%" PRIu64 "\"", into);
	return err;
}

enum err contact_find(struct db *db, struct call *call, uint64_t id,
		      struct contact *contact_out)
{
	enum err err = contact_rows_load(db, call->arena, id, contact_out);
	return err == ERR_NOT_FOUND ? refuse_gone(db, call, id) : err;
}

enum err contact_answer(struct db *db, struct call *call, uint64_t id)
{
	struct contact contact;
	enum err err = contact_find(db, call, id, &contact);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	call->revision = contact.revision;
	return contact_view(db, call->arena, &contact, &json);
}

enum err contact_get(struct snapshot *snap, void *arg)
{
	struct contact_get *get = arg;
	return contact_answer(snapshot_db(snap), &get->call, get->id);
}

/* --- lists --- */

/* "c" and the id that the last page ended above: opaque to callers. */
static enum err read_cursor(struct call *call, const char *cursor,
			    uint64_t *before_id_out)
{
	*before_id_out = 0;
	if (!cursor || !*cursor)
		return ERR_OK;
	if (cursor[0] != 'c' || ident_parse(cursor + 1, before_id_out) != ERR_OK)
		return call_refuse_member(call, ERR_BAD_CURSOR, "cursor",
					  "Give the `next` of the page before, as it "
					  "came, or none for the first page.");
	return ERR_OK;
}

/* A number in any spelling finds the contacts that have it, also one that cannot be and yet wrote to us; what is none
 * finds those with exactly that. */
static void set_phone(const struct policy *policy, const struct contact_list *list,
		      struct contact_filter *filter)
{
	struct phone_check check;
	if (!or_null(list->phone))
		return;
	phone_check(policy->phone_rules, list->phone, policy->default_region, &check);
	if (check.e164[0])
		filter->phone_e164 = arena_strdup(list->call.arena, check.e164);
	else if (list->phone[0] == '+')
		filter->phone_e164 = list->phone;
	else
		filter->phone = list->phone;
}

static enum err set_owner(struct db *db, struct contact_list *list,
			  struct contact_filter *filter)
{
	struct party owner;
	if (list->owner.kind == WHO_ABSENT)
		return ERR_OK;
	if (list->owner.kind == WHO_NOBODY) {
		filter->whose = CONTACT_OF_NOBODY;
		return ERR_OK;
	}
	enum err err = people_find(db, &list->call, &list->owner, &owner);
	filter->whose = CONTACT_OF_USER;
	filter->owner_id = owner.user_id;
	return err;
}

static enum err write_items(struct db *db, struct call *call,
			    const struct contact_page *page)
{
	struct json json = call_json(call);
	char next[1 + IDENT_TEXT_LEN];
	json_object(&json);
	json_key(&json, "items");
	json_array(&json);
	for (size_t i = 0; i < page->count; i++) {
		struct contact contact;
		enum err err =
			contact_rows_load(db, call->arena, page->ids[i], &contact);
		if (err == ERR_OK)
			err = contact_view(db, call->arena, &contact, &json);
		if (err != ERR_OK)
			return err;
	}
	json_end_array(&json);
	snprintf(next, sizeof(next), "c%" PRIu64, page->next_before_id);
	json_key_str(&json, "next", page->next_before_id ? next : NULL);
	json_end_object(&json);
	return ERR_OK;
}

enum err contact_filter_of(struct snapshot *snap, struct contact_list *list,
			   struct contact_filter *filter_out)
{
	*filter_out = (struct contact_filter){.q = or_null(list->q),
					      .tag = or_null(list->tag),
					      .external_id = or_null(list->external_id),
					      .opted_out = list->opted_out,
					      .test = list->test,
					      .limit = list->limit,
					      .scan_most = list->scan_most};
	set_phone(core_policy(snapshot_context(snap)), list, filter_out);
	return set_owner(snapshot_db(snap), list, filter_out);
}

enum err contact_list(struct snapshot *snap, void *arg)
{
	struct contact_list *list = arg;
	struct contact_page page;
	struct contact_filter filter;
	enum err err = contact_filter_of(snap, list, &filter);
	if (err == ERR_OK)
		err = read_cursor(&list->call, list->cursor, &filter.before_id);
	if (err != ERR_OK)
		return err;
	err = contact_rows_page(snapshot_db(snap), list->call.arena, &filter, &page);
	return err == ERR_OK ? write_items(snapshot_db(snap), &list->call, &page) : err;
}
