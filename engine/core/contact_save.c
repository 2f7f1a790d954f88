/* contact_save.c - making and changing contacts. See contacts.h */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/contact_parts.h"
#include "core/contact_time.h"
#include "core/core.h"
#include "core/erased.h"
#include "core/follow_owner.h"
#include "core/openings.h"
#include "core/trigger.h"
#include "plugin/phone.h"

/* A contact on its way into the database. */
struct saving {
	struct txn *txn;
	struct call *call;
	const struct contact_in *in;
	bool shared; /* another contact may have the number */
	bool is_new;
	struct trigger_source source;
	struct contact contact;
};

static struct trigger_source source_of(const struct call *call)
{
	return (struct trigger_source){.actor = call->actor};
}

/* --- the number --- */

void contact_judge_phone(const struct policy *policy, struct arena *arena,
			 struct contact *contact)
{
	struct phone_check check;
	const char *region = contact->country && *contact->country
				     ? contact->country
				     : policy->default_region;
	contact->phone_e164 = contact->phone_type = contact->phone_region =
		contact->phone_reason = NULL;
	contact->phone_verdict = PHONE_KEPT_INVALID;
	if (!*contact->phone) {
		contact->phone_reason = "There is no telephone number.";
		return;
	}
	phone_check(policy->phone_rules, contact->phone, region, &check);
	contact->phone_verdict = (enum phone_verdict_kept)check.verdict;
	if (check.e164[0])
		contact->phone_e164 = arena_strdup(arena, check.e164);
	if (check.type != PHONE_TYPE_UNKNOWN)
		contact->phone_type = phone_type_name(check.type);
	if (check.region[0])
		contact->phone_region = arena_strdup(arena, check.region);
	if (check.reason[0])
		contact->phone_reason = arena_strdup(arena, check.reason);
}

/* --- members that stand in the row --- */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static enum err put_owner(struct saving *saving)
{
	struct party owner;
	enum err err = people_resolve(txn_db(saving->txn), saving->call,
				      &saving->in->owner, "owner", &owner);
	if (err == ERR_OK)
		saving->contact.owner_id = owner.user_id;
	return err;
}

/* A new country judges a number again only if it was none: it must not become another
 * person's. */
static bool needs_judging(const struct saving *saving)
{
	return (saving->in->given & CONTACT_PHONE) ||
	       ((saving->in->given & CONTACT_COUNTRY) && !saving->contact.phone_e164);
}

/* The same text judged again loses no number: it may be one that wrote to us. */
static void judge(struct saving *saving, const char *phone_before)
{
	struct contact *contact = &saving->contact;
	const struct contact former = *contact;
	contact_judge_phone(core_policy(txn_context(saving->txn)), saving->call->arena,
			    contact);
	if (former.phone_e164 && !contact->phone_e164 &&
	    strcmp(contact->phone, phone_before) == 0)
		*contact = former;
}

static enum err put_members(struct saving *saving)
{
	const struct contact_in *in = saving->in;
	struct contact *contact = &saving->contact;
	const char *phone_before = contact->phone;
	if (in->given & CONTACT_EXTERNAL_ID)
		contact->external_id = in->external_id;
	if (in->given & CONTACT_FIRST_NAME)
		contact->first_name = or_empty(in->first_name);
	if (in->given & CONTACT_LAST_NAME)
		contact->last_name = or_empty(in->last_name);
	if (in->given & CONTACT_PHONE)
		contact->phone = or_empty(in->phone);
	if (in->given & CONTACT_EMAIL)
		contact->email = or_empty(in->email);
	if (in->given & CONTACT_COUNTRY)
		contact->country = or_empty(in->country);
	if (in->given & CONTACT_TIMEZONE)
		contact->timezone = or_empty(in->timezone);
	if (in->given & CONTACT_SMS_ENABLED)
		contact->sms_enabled = in->sms_enabled;
	if (in->given & CONTACT_TEST)
		contact->is_test = in->is_test;
	contact->updated_at = txn_now(saving->txn);
	if (needs_judging(saving))
		judge(saving, phone_before);
	return in->given & CONTACT_OWNER ? put_owner(saving) : ERR_OK;
}

/* --- who else has it --- */

static enum err refuse_duplicate(struct call *call, const char *member,
				 const struct contact *existing)
{
	const char *how =
		strcmp(member, "phone") == 0
			? "update it with ?upsert=phone, or allow a second one with "
			  "?shared=1"
			: "update it with ?upsert=external_id, or give another one";
	enum err err =
		call_refuse_member(call, ERR_DUPLICATE, member,
				   "Another contact has this %s: %s.", member, how);
	call->refusal.extra =
		arena_printf(call->arena, "\"existing\":\"%" PRIu64 "\"", existing->id);
	return err;
}

static bool differs(const char *text, const char *before)
{
	return text && (!before || strcmp(text, before) != 0);
}

/* What is new in the contact must not be another's; before: what stood there. */
static enum err check_unique(const struct saving *saving, const struct contact *before)
{
	const struct contact *contact = &saving->contact;
	struct db *db = txn_db(saving->txn);
	struct contact other;
	if (differs(contact->external_id, before->external_id)) {
		enum err err = contact_rows_by_external(db, saving->call->arena,
							contact->external_id, &other);
		if (err == ERR_OK && other.id != contact->id)
			return refuse_duplicate(saving->call, "external_id", &other);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	if (differs(contact->phone_e164, before->phone_e164) && !saving->shared) {
		enum err err = contact_rows_by_number(db, saving->call->arena,
						      contact->phone_e164, &other);
		if (err == ERR_OK && other.id != contact->id)
			return refuse_duplicate(saving->call, "phone", &other);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_OK;
}

/* --- tags and fields --- */

static bool has_text(const char *const *texts, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(texts[i], text) == 0)
			return true;
	return false;
}

static enum err save_tags(const struct saving *saving)
{
	const struct contact_in *in = saving->in;
	struct db *db = txn_db(saving->txn);
	const char **had;
	size_t had_count;
	bool changed;
	enum err err = contact_rows_tags(db, saving->call->arena, saving->contact.id,
					 &had, &had_count);
	for (size_t i = 0; err == ERR_OK && i < had_count; i++) {
		if (has_text(in->tags, in->tag_count, had[i]))
			continue;
		err = contact_rows_remove_tag(db, saving->contact.id, had[i], &changed);
		if (err == ERR_OK)
			err = trigger_tag(saving->txn, &saving->source,
					  saving->contact.id, had[i], false);
	}
	for (size_t i = 0; err == ERR_OK && i < in->tag_count; i++) {
		err = contact_rows_add_tag(db, saving->contact.id, in->tags[i],
					   txn_now(saving->txn), &changed);
		if (err == ERR_OK && changed)
			err = trigger_tag(saving->txn, &saving->source,
					  saving->contact.id, in->tags[i], true);
	}
	return err;
}

static bool has_field(const struct contact_in *in, const char *name)
{
	for (size_t i = 0; i < in->field_count; i++)
		if (strcmp(in->fields[i].name, name) == 0)
			return true;
	return false;
}

static const char *value_in(const struct contact_field *fields, size_t count,
			    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].value;
	return NULL;
}

/* Fields of a new contact did not change, they came with it; but dates may hang on them. */
static enum err set_field(const struct saving *saving, const struct contact_field *to,
			  const char *before)
{
	struct arena *arena = saving->call->arena;
	uint64_t id = saving->contact.id;
	enum err err =
		contact_rows_set_field(txn_db(saving->txn), id, to->name, to->value);
	if (err != ERR_OK || (before && to->value && strcmp(before, to->value) == 0))
		return err;
	const char *field = arena_printf(arena, "contact.custom.%s", to->name);
	return saving->is_new ? trigger_dates(saving->txn, &saving->source, id, field)
			      : trigger_field(saving->txn, &saving->source, id,
					      &(struct trigger_change){field, before,
								       to->value});
}

static enum err save_fields(const struct saving *saving)
{
	const struct contact_in *in = saving->in;
	struct db *db = txn_db(saving->txn);
	uint64_t id = saving->contact.id;
	struct contact_field *fields;
	size_t count;
	enum err err =
		contact_rows_fields(db, saving->call->arena, id, &fields, &count);
	for (size_t i = 0; err == ERR_OK && in->clears_fields && i < count; i++)
		if (!has_field(in, fields[i].name))
			err = set_field(saving,
					&(struct contact_field){fields[i].name, NULL},
					fields[i].value);
	for (size_t i = 0; err == ERR_OK && i < in->field_count; i++)
		err = set_field(saving, &in->fields[i],
				value_in(fields, count, in->fields[i].name));
	if (err == ERR_OK)
		err = contact_rows_fields(db, saving->call->arena, id, &fields, &count);
	if (err == ERR_OK && count > CONTACT_FIELDS_MOST)
		return call_refuse_member(saving->call, ERR_INVALID, "custom",
					  "The contact would have %zu custom fields; "
					  "at most %d are kept.",
					  count, CONTACT_FIELDS_MOST);
	return err;
}

/* The number may be one that was opted out when whoever had it was erased. */
static enum err recall_number(const struct saving *saving, const char *before)
{
	const char *e164 = saving->contact.phone_e164;
	return e164 && differs(e164, before) ? erased_recall(saving->txn, e164)
					     : ERR_OK;
}

static enum err save_parts(const struct saving *saving)
{
	enum err err = saving->in->given & CONTACT_TAGS ? save_tags(saving) : ERR_OK;
	if (err == ERR_OK && (saving->in->given & CONTACT_FIELDS))
		err = save_fields(saving);
	return err;
}

/* --- what triggers hear of it --- */

static const char *owner_text(const struct saving *saving, uint64_t owner_id)
{
	return owner_id ? arena_printf(saving->call->arena, "%" PRIu64, owner_id) : "";
}

/* Another way to write the same number is no change. */
static const char *phone_of(const struct contact *contact)
{
	return contact->phone_e164 ? contact->phone_e164 : contact->phone;
}

static enum err tell_changes(const struct saving *saving, const struct contact *before)
{
	const struct contact *now = &saving->contact;
	const struct trigger_change changes[] = {
		{"contact.first_name", before->first_name, now->first_name},
		{"contact.last_name", before->last_name, now->last_name},
		{"contact.phone", phone_of(before), phone_of(now)},
		{"contact.email", before->email, now->email},
		{"contact.country", before->country, now->country},
		{"contact.timezone", before->timezone, now->timezone},
		{"contact.owner", owner_text(saving, before->owner_id),
		 owner_text(saving, now->owner_id)},
	};
	enum err err = ERR_OK;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (err == ERR_OK)
			err = trigger_field(saving->txn, &saving->source, now->id,
					    &changes[i]);
	return err == ERR_OK && contact_zone(before) != contact_zone(now)
		       ? trigger_dates(saving->txn, &saving->source, now->id, NULL)
		       : err;
}

static enum err tell_created(struct txn *txn, const struct trigger_source *source,
			     uint64_t contact_id)
{
	enum err err = trigger_created(txn, source, contact_id);
	return err == ERR_OK
		       ? trigger_dates(txn, source, contact_id, "contact.created_at")
		       : err;
}

/* --- commands --- */

static enum err insert(struct saving *saving)
{
	static const struct contact nobody;
	saving->is_new = true;
	saving->contact =
		(struct contact){.id = txn_id(saving->txn),
				 .first_name = "",
				 .last_name = "",
				 .phone = "",
				 .email = "",
				 .country = "",
				 .timezone = "",
				 .sms_enabled = true,
				 .phone_reason = "There is no telephone number.",
				 .created_at = txn_now(saving->txn)};
	enum err err = put_members(saving);
	if (err == ERR_OK)
		err = check_unique(saving, &nobody);
	if (err == ERR_OK)
		err = contact_rows_insert(txn_db(saving->txn), &saving->contact);
	if (err == ERR_OK)
		err = recall_number(saving, NULL);
	if (err == ERR_OK)
		err = tell_created(saving->txn, &saving->source, saving->contact.id);
	return err == ERR_OK ? save_parts(saving) : err;
}

static bool is_other(const char *text, const char *before)
{
	return strcmp(or_empty(text), or_empty(before)) != 0;
}

/* Other clocks may count for its sending hours. */
static bool is_elsewhere(const struct contact *contact, const struct contact *before)
{
	return is_other(contact->timezone, before->timezone) ||
	       is_other(contact->country, before->country) ||
	       is_other(contact->phone_e164, before->phone_e164) ||
	       is_other(contact->phone_region, before->phone_region);
}

/* saving->contact is what stands in the database. */
static enum err update(struct saving *saving)
{
	const struct contact before = saving->contact;
	if (!saving->in->given)
		return ERR_OK;
	enum err err = put_members(saving);
	if (err == ERR_OK)
		err = check_unique(saving, &before);
	if (err == ERR_OK)
		err = contact_rows_save(txn_db(saving->txn), &saving->contact);
	if (err == ERR_OK)
		err = recall_number(saving, before.phone_e164);
	if (err == ERR_OK && is_elsewhere(&saving->contact, &before))
		err = opening_follow(saving->txn, saving->contact.id);
	if (err == ERR_OK)
		err = tell_changes(saving, &before);
	if (err == ERR_OK && saving->contact.owner_id != before.owner_id)
		err = follow_owner(saving->txn, &saving->contact,
				   trigger_by(saving->txn, &saving->source));
	return err == ERR_OK ? save_parts(saving) : err;
}

enum err contact_put(struct txn *txn, struct call *call,
		     const struct trigger_source *source, struct contact *contact,
		     struct contact_in *in)
{
	struct saving saving = {.txn = txn,
				.call = call,
				.in = in,
				.source = *source,
				.contact = *contact};
	enum err err = contact_check(call, in);
	if (err == ERR_OK)
		err = update(&saving);
	if (err == ERR_OK)
		*contact = saving.contact;
	return err;
}

/* The number that the contact to be made would have, or NULL. */
static const char *number_of(struct txn *txn, const struct contact_create *create)
{
	struct contact contact = {.phone = or_empty(create->in.phone),
				  .country = create->in.country};
	contact_judge_phone(core_policy(txn_context(txn)), create->call.arena,
			    &contact);
	return contact.phone_e164;
}

/* The contact that upsert means. ERR_NOT_FOUND: it is to be made. */
static enum err find_upsert(struct txn *txn, struct contact_create *create,
			    struct contact *contact_out)
{
	struct arena *arena = create->call.arena;
	if (create->upsert == CONTACT_UPSERT_NO)
		return ERR_NOT_FOUND;
	if (create->upsert == CONTACT_UPSERT_EXTERNAL_ID) {
		if (!(create->in.given & CONTACT_EXTERNAL_ID) ||
		    !create->in.external_id)
			return call_refuse_member(
				&create->call, ERR_INVALID, "external_id",
				"?upsert=external_id looks for a contact by it, so it "
				"must be given.");
		return contact_rows_by_external(txn_db(txn), arena,
						create->in.external_id, contact_out);
	}
	if (!(create->in.given & CONTACT_PHONE) || !create->in.phone)
		return call_refuse_member(&create->call, ERR_INVALID, "phone",
					  "?upsert=phone looks for a contact by it, so "
					  "it must be given.");
	const char *e164 = number_of(txn, create);
	return e164 ? contact_rows_by_number(txn_db(txn), arena, e164, contact_out)
		    : contact_rows_by_raw(txn_db(txn), arena, create->in.phone,
					  contact_out);
}

enum err contact_create(struct txn *txn, void *arg)
{
	struct contact_create *create = arg;
	struct saving saving = {.txn = txn,
				.call = &create->call,
				.source = source_of(&create->call),
				.shared = create->shared};
	saving.source.is_import = create->is_import;
	enum err err = contact_check(&create->call, &create->in);
	if (err != ERR_OK)
		return err;
	err = find_upsert(txn, create, &saving.contact);
	bool is_new = err == ERR_NOT_FOUND;
	struct contact_in in = create->in; /* a command may run twice */
	saving.in = &in;
	/* found by the id of one that was merged into it: it keeps its own */
	if (err == ERR_OK && create->upsert == CONTACT_UPSERT_EXTERNAL_ID)
		in.given &= ~(unsigned)CONTACT_EXTERNAL_ID;
	if (err == ERR_OK)
		err = update(&saving);
	else if (is_new)
		err = insert(&saving);
	if (err == ERR_OK)
		err = trigger_settle(txn);
	if (err != ERR_OK)
		return err;
	create->id = saving.contact.id;
	create->call.status = is_new ? 201 : 200;
	if (is_new)
		create->call.location = arena_printf(
			create->call.arena, "/api/v1/contacts/%" PRIu64, create->id);
	return contact_answer(txn_db(txn), &create->call, create->id);
}

static bool match_holds(const struct contact_patch *patch, uint32_t revision)
{
	char text[16];
	snprintf(text, sizeof(text), "%" PRIu32, revision);
	return !patch->has_match || has_text(patch->match, patch->match_count, text);
}

enum err contact_patch(struct txn *txn, void *arg)
{
	struct contact_patch *patch = arg;
	struct saving saving = {.txn = txn,
				.call = &patch->call,
				.in = &patch->in,
				.source = source_of(&patch->call),
				.shared = patch->shared};
	enum err err =
		contact_find(txn_db(txn), &patch->call, patch->id, &saving.contact);
	if (err != ERR_OK)
		return err;
	if (!match_holds(patch, saving.contact.revision))
		return call_refuse_member(&patch->call, ERR_PRECONDITION, "If-Match",
					  "The contact is at revision \"%" PRIu32
					  "\"; read it again and compare.",
					  saving.contact.revision);
	err = contact_check(&patch->call, &patch->in);
	if (err == ERR_OK)
		err = update(&saving);
	if (err == ERR_OK)
		err = trigger_settle(txn);
	return err == ERR_OK ? contact_answer(txn_db(txn), &patch->call, patch->id)
			     : err;
}

/* --- contacts that wrote first --- */

static enum err find_sender(struct db *db, struct arena *arena, const char *address,
			    struct contact *contact_out)
{
	if (address[0] == '+')
		return contact_rows_by_number(db, arena, address, contact_out);
	return contact_rows_by_raw(db, arena, address, contact_out);
}

/* The address stands for itself at the next text, so it is not replaced by what a
 * numbering plan makes of it. */
static void judge_sender(const struct policy *policy, struct arena *arena,
			 struct contact *contact)
{
	bool is_number = contact->phone[0] == '+';
	contact_judge_phone(policy, arena, contact);
	contact->phone_e164 = is_number ? contact->phone : NULL;
	if (!is_number) {
		contact->phone_verdict = PHONE_KEPT_INVALID;
	} else if (contact->phone_verdict == PHONE_KEPT_INVALID) {
		contact->phone_verdict = PHONE_KEPT_POSSIBLE;
		contact->phone_reason = "It wrote to us, so it exists, though no "
					"numbering plan known here has it.";
	}
}

enum err contact_make_unknown(struct txn *txn, const char *address,
			      struct contact *contact_out)
{
	struct arena *arena = txn_arena(txn);
	enum err err = find_sender(txn_db(txn), arena, address, contact_out);
	if (err != ERR_NOT_FOUND)
		return err;
	struct contact contact = {.id = txn_id(txn),
				  .first_name = "",
				  .last_name = "",
				  .phone = arena_strdup(arena, address),
				  .email = "",
				  .country = "",
				  .timezone = "",
				  .sms_enabled = true,
				  .created_at = txn_now(txn),
				  .updated_at = txn_now(txn),
				  .revision = 1};
	judge_sender(core_policy(txn_context(txn)), arena, &contact);
	static const struct trigger_source source = {.actor = &actor_system};
	err = contact_rows_insert(txn_db(txn), &contact);
	if (err == ERR_OK && contact.phone_e164)
		err = erased_recall(txn, contact.phone_e164);
	if (err != ERR_OK)
		return err;
	*contact_out = contact;
	return tell_created(txn, &source, contact.id);
}
