/* evidence.c - see evidence.h */
#include "core/evidence.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "base/zone.h"
#include "core/contact_time.h"
#include "core/contacts.h"
#include "core/core.h"
#include "core/holds.h"
#include "core/ledger.h"
#include "core/list.h"
#include "core/people.h"
#include "core/view.h"
#include "plugin/phone.h"
#include "store/evidence_rows.h"
#include "store/ledger_rows.h"

/* --- entries of the ledger --- */

static void key_hex(struct json *json, struct arena *arena, const char *key,
		    const unsigned char *bytes, size_t len)
{
	char *hex = arena_alloc(arena, len * 2 + 1);
	json_key_str(json, key,
		     bytes ? sodium_bin2hex(hex, len * 2 + 1, bytes, len) : NULL);
}

static void write_entry(struct json *json, struct arena *arena,
			const struct ledger_row *row, bool is_audit)
{
	json_object(json);
	json_key_int(json, "chain", row->chain);
	json_key_int(json, "seq", (int64_t)row->seq);
	json_key_time(json, "at", row->at);
	json_key_str(json, "actor", row->actor);
	json_key_str(json, "credential", row->credential);
	json_key_str(json, "way", row->way);
	json_key_str(json, "act", row->act);
	json_key_str(json, "subject", row->subject);
	json_key(json, is_audit ? "detail" : "payload");
	json_raw(json, row->payload, strlen(row->payload));
	if (!is_audit) {
		key_hex(json, arena, "prev", row->prev, row->prev_bytes);
		key_hex(json, arena, "hash", row->hash, row->hash_bytes);
	}
	json_end_object(json);
}

enum err ledger_list(struct snapshot *snap, void *arg)
{
	struct ledger_list *query = arg;
	struct call *call = &query->call;
	struct ledger_page page;
	char cursor[IDENT_TEXT_LEN];
	struct ledger_filter filter = {.subject = query->subject,
				       .actor = query->actor,
				       .act = query->act,
				       .from = query->from,
				       .until = query->until,
				       .limit = query->limit,
				       .scan_most = LEDGER_SCAN_MOST};
	enum err err = list_parse_id(call, query->cursor, &filter.before_seq);
	if (err == ERR_OK)
		err = ledger_rows_page(snapshot_db(snap), call->arena, &filter, &page);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	json_key(&json, "items");
	json_array(&json);
	for (size_t i = 0; i < page.count; i++)
		write_entry(&json, call->arena, &page.rows[i], query->is_audit);
	json_end_array(&json);
	json_key_str(&json, "next",
		     page.next_before_seq ? ident_format(page.next_before_seq, cursor)
					  : NULL);
	json_end_object(&json);
	return ERR_OK;
}

/* --- one number's history --- */

struct story {
	struct db *db;
	struct arena *arena;
	struct json json;
	uint64_t zone_of; /* the contact whose zone it is */
	const struct zone *zone;
};

/* The wall that counted for the contact; an erased one has none any more. */
static enum err find_zone(struct story *story, uint64_t contact_id)
{
	struct contact contact;
	if (story->zone && story->zone_of == contact_id)
		return ERR_OK;
	story->zone_of = contact_id;
	story->zone = zone_utc();
	enum err err =
		contact_rows_load_any(story->db, story->arena, contact_id, &contact);
	if (err == ERR_OK)
		story->zone = contact_zone(&contact);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void write_local(struct story *story, int64_t at)
{
	char text[48];
	const struct wall wall = zone_wall(story->zone, at);
	int offset = zone_offset_s(story->zone, at, NULL, NULL) / 60;
	unsigned east = (unsigned)(offset < 0 ? -offset : offset);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02u:%02u",
		 wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second,
		 wall.millisecond, offset < 0 ? '-' : '+', east / 60 % 100, east % 60);
	json_key_str(&story->json, "local_at", text);
	json_key_str(&story->json, "timezone", zone_name(story->zone));
}

static enum err begin_item(struct story *story, uint64_t id, const char *kind,
			   int64_t at, uint64_t contact_id)
{
	struct json *json = &story->json;
	enum err err = find_zone(story, contact_id);
	if (err != ERR_OK)
		return err;
	json_object(json);
	json_key_id(json, "id", id);
	json_key_str(json, "kind", kind);
	json_key_time(json, "at", at);
	write_local(story, at);
	json_key_id(json, "contact", contact_id);
	return ERR_OK;
}

static enum err write_consent(struct story *story, uint64_t id)
{
	struct consent_row row;
	struct json *json = &story->json;
	enum err err = consent_rows_load(story->db, story->arena, id, &row);
	if (err == ERR_OK)
		err = begin_item(story, id, row.is_opted_out ? "opt_out" : "opt_in",
				 row.at, row.contact_id);
	if (err != ERR_OK)
		return err;
	json_key_str(json, "actor", row.actor);
	json_key_str(json, "reason", row.reason);
	json_key_str(json, "evidence", row.evidence);
	json_key_id(json, "message", row.message_id);
	json_end_object(json);
	return ERR_OK;
}

/* What the ledger says of a subject; for a text in, only what is about that one. */
static enum err write_ledger(struct story *story, const char *subject,
			     const char *mentions)
{
	enum { ENTRIES_MOST = 20, SCAN_MOST = 200 };
	const struct ledger_filter filter = {
		.subject = subject, .limit = ENTRIES_MOST, .scan_most = SCAN_MOST};
	struct ledger_page page;
	enum err err = ledger_rows_page(story->db, story->arena, &filter, &page);
	struct json *json = &story->json;
	json_key(json, "ledger");
	json_array(json);
	for (size_t i = page.count; err == ERR_OK && i-- > 0;) {
		const struct ledger_row *row = &page.rows[i];
		if (mentions && !strstr(row->payload, mentions))
			continue;
		json_object(json);
		json_key(json, "entry");
		write_entry(json, story->arena, row, false);
		key_hex(json, story->arena, "salt", row->salt, row->salt_bytes);
		json_end_object(json);
	}
	json_end_array(json);
	return err;
}

/* What was offered beside what was sent: the message itself has only the second. */
static enum err write_offer(struct story *story, const struct message *message)
{
	struct receipt receipt;
	struct json *json = &story->json;
	enum err err = receipt_rows_load(story->db, story->arena, message->receipt_id,
					 &receipt);
	if (err != ERR_OK)
		return err;
	json_key_time(json, "shown_at", receipt.minted_at);
	json_key_str(json, "offered", receipt.offered_text);
	json_key_bool(json, "edited", strcmp(receipt.offered_text, message->text) != 0);
	return write_ledger(story,
			    arena_printf(story->arena, "message:%llu",
					 (unsigned long long)message->id),
			    NULL);
}

static enum err write_message(struct story *story, uint64_t id)
{
	struct message message;
	enum err err = message_rows_load(story->db, story->arena, id, &message);
	if (err == ERR_OK)
		err = begin_item(story, id, message.is_inbound ? "received" : "sent",
				 message.created_at, message.contact_id);
	if (err != ERR_OK)
		return err;
	json_key(&story->json, "message");
	err = view_message(story->db, story->arena, id, &story->json);
	if (err == ERR_OK && !message.is_inbound)
		err = write_offer(story, &message);
	else if (err == ERR_OK)
		err = write_ledger(story,
				   arena_printf(story->arena, "contact:%llu",
						(unsigned long long)message.contact_id),
				   arena_printf(story->arena, "\"message\":\"%llu\"",
						(unsigned long long)id));
	json_end_object(&story->json);
	return err;
}

static enum err write_shown(struct story *story, uint64_t id)
{
	struct receipt receipt;
	struct json *json = &story->json;
	enum err err = receipt_rows_load(story->db, story->arena, id, &receipt);
	if (err == ERR_OK)
		err = begin_item(story, id, "shown", receipt.minted_at,
				 receipt.contact_id);
	if (err != ERR_OK)
		return err;
	json_key(json, "to");
	err = people_write(story->db, story->arena, receipt.user_id, json);
	json_key_id(json, "task", receipt.task_id);
	json_key_str(json, "offered", receipt.offered_text);
	json_key_str(json, "from", receipt.sender);
	json_key_str(json, "messages_shown", receipt.shown_messages);
	json_key_id(json, "message", receipt.message_id);
	json_end_object(json);
	return err;
}

static enum err (*const writers[])(struct story *, uint64_t) = {
	[EVIDENCE_CONSENT] = write_consent,
	[EVIDENCE_MESSAGE] = write_message,
	[EVIDENCE_SHOWN] = write_shown,
};

static enum err read_number(struct snapshot *snap, struct evidence_get *query,
			    const char **e164_out)
{
	const struct policy *policy = core_policy(snapshot_context(snap));
	struct phone_check check;
	phone_check(policy->phone_rules, query->phone, policy->default_region, &check);
	*e164_out = arena_strdup(query->call.arena, check.e164);
	if (check.e164[0])
		return ERR_OK;
	return call_refuse_member(&query->call, ERR_INVALID, "phone",
				  "This can be no telephone number: %s", check.reason);
}

/* What holds of the number now. */
static enum err write_state(struct story *story, const char *e164)
{
	struct json *json = &story->json;
	struct number number;
	struct ledger_head head;
	const struct task nothing = {.id = 0};
	const char **reasons;
	size_t count;
	char text[LEDGER_HEAD_TEXT_LEN];
	enum err err = number_rows_load(story->db, story->arena, e164, &number);
	if (err == ERR_OK)
		err = holds_of(story->db, story->arena, &nothing, e164, &reasons,
			       &count);
	if (err != ERR_OK)
		return err;
	json_key_str(json, "number", e164);
	json_key_bool(json, "opted_out", number.is_opted_out);
	json_key(json, "holds");
	json_array(json);
	for (size_t i = 0; i < count; i++)
		json_str(json, reasons[i]);
	json_end_array(json);
	err = ledger_head(story->db, story->arena, 0, &head);
	json_key_str(json, "head",
		     err == ERR_OK ? ledger_head_format(&head, text) : NULL);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err evidence_get(struct snapshot *snap, void *arg)
{
	struct evidence_get *query = arg;
	struct call *call = &query->call;
	struct evidence_filter filter = {.limit = query->limit};
	struct evidence_row *rows;
	size_t count;
	char cursor[IDENT_TEXT_LEN];
	enum err err = read_number(snap, query, &filter.e164);
	if (err == ERR_OK)
		err = list_parse_id(call, query->cursor, &filter.after_id);
	if (err != ERR_OK)
		return err;
	if (query->from && ident_least(query->from) > filter.after_id)
		filter.after_id = ident_least(query->from) - 1;
	filter.until_id = query->until ? ident_least(query->until) : 0;
	err = evidence_rows_page(snapshot_db(snap), call->arena, &filter, &rows,
				 &count);
	if (err != ERR_OK)
		return err;
	bool has_more = count > query->limit;
	struct story story = {
		.db = snapshot_db(snap), .arena = call->arena, .json = call_json(call)};
	json_object(&story.json);
	err = write_state(&story, filter.e164);
	json_key(&story.json, "items");
	json_array(&story.json);
	for (size_t i = 0; err == ERR_OK && i < count - has_more; i++)
		err = writers[rows[i].kind](&story, rows[i].id);
	json_end_array(&story.json);
	json_key_str(&story.json, "next",
		     has_more ? ident_format(rows[count - 2].id, cursor) : NULL);
	json_end_object(&story.json);
	return err;
}
