/* timeline.c - notes, and everything that happened with a contact. See conversations.h */
#include "store/timeline_rows.h"

#include <stdio.h>

#include "core/contact_parts.h"
#include "core/conversations.h"
#include "core/enroll.h"
#include "core/list.h"
#include "core/people.h"
#include "core/thread.h"
#include "core/view.h"
#include "model/mention.h"
#include "store/mention_rows.h"
#include "store/user_rows.h"

/* --- notes --- */

/* --- whom they name --- */

struct named {
	const struct user **users; /* active, each once */
	size_t count;
};

static bool has_user(const struct named *named, uint64_t id)
{
	for (size_t i = 0; i < named->count; i++)
		if (named->users[i]->id == id)
			return true;
	return false;
}

static enum err names_of(struct db *db, struct arena *arena, const char *text,
			 struct named *named)
{
	struct mention mention = {.rest = text};
	named->users = ARENA_ARRAY(arena, const struct user *, NOTE_MENTIONS_MOST);
	named->count = 0;
	for (unsigned i = 0; i < NOTE_MENTIONS_MOST && mention_next(&mention); i++) {
		struct user *user = ARENA_NEW(arena, struct user);
		enum err err = user_rows_by_login(
			db, arena, arena_strndup(arena, mention.login, mention.len),
			user);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_OK && user->is_active && !has_user(named, user->id))
			named->users[named->count++] = user;
	}
	return ERR_OK;
}

static enum err keep_names(struct txn *txn, const struct note *note)
{
	struct named named;
	enum err err = names_of(txn_db(txn), txn_arena(txn), note->text, &named);
	for (size_t i = 0; err == ERR_OK && i < named.count; i++)
		if (named.users[i]->id != note->user_id)
			err = mention_rows_add(txn_db(txn), named.users[i]->id,
					       note->contact_id, note->id);
	return err;
}

static enum err write_names(struct db *db, struct arena *arena, const char *text,
			    struct json *json)
{
	struct named named;
	enum err err = names_of(db, arena, text, &named);
	json_key(json, "mentions");
	json_array(json);
	for (size_t i = 0; err == ERR_OK && i < named.count; i++)
		view_person(json, named.users[i]->id, named.users[i]->login,
			    named.users[i]->first_name, named.users[i]->last_name);
	json_end_array(json);
	return err;
}

static enum err note_view(struct db *db, struct arena *arena, const struct note *note,
			  struct json *json)
{
	json_object(json);
	json_key_id(json, "id", note->id);
	json_key(json, "contact");
	enum err err = contact_view_brief(db, arena, note->contact_id, json);
	json_key(json, "by");
	if (err == ERR_OK)
		err = people_write(db, arena, note->user_id, json);
	json_key_str(json, "author", note->author);
	json_key_str(json, "text", note->text);
	if (err == ERR_OK)
		err = write_names(db, arena, note->text, json);
	json_key_time(json, "created_at", note->created_at);
	json_end_object(json);
	return err;
}

static enum err find_visible(struct db *db, struct call *call, struct core *core,
			     uint64_t contact_id, struct contact *contact)
{
	enum err err = contact_find(db, call, contact_id, contact);
	return err == ERR_OK ? thread_check(db, call, core, contact_id) : err;
}

enum err note_add(struct txn *txn, void *arg)
{
	struct note_add *cmd = arg;
	struct contact contact;
	enum err err = find_visible(txn_db(txn), &cmd->call, txn_context(txn),
				    cmd->contact_id, &contact);
	if (err != ERR_OK)
		return err;
	const struct note note = {.id = txn_id(txn),
				  .contact_id = cmd->contact_id,
				  .user_id = cmd->call.actor->user_id,
				  .author = cmd->call.actor->name,
				  .text = cmd->text,
				  .created_at = txn_now(txn)};
	err = note_rows_insert(txn_db(txn), &note);
	if (err == ERR_OK)
		err = keep_names(txn, &note);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&cmd->call);
	cmd->call.status = 201;
	return note_view(txn_db(txn), cmd->call.arena, &note, &json);
}

/* --- the timeline --- */

struct entry {
	struct db *db;
	struct arena *arena;
	struct json *json;
	const struct timeline_row *row;
	int64_t now;
};

static enum err message_entry(const struct entry *entry)
{
	json_key(entry->json, "message");
	return view_message(entry->db, entry->arena, entry->row->ref, entry->json);
}

static enum err note_entry(const struct entry *entry)
{
	struct note note;
	enum err err = note_rows_load(entry->db, entry->arena, entry->row->ref, &note);
	json_key(entry->json, "note");
	return err == ERR_OK ? note_view(entry->db, entry->arena, &note, entry->json)
			     : err;
}

static enum err task_entry(const struct entry *entry)
{
	json_key(entry->json, "task");
	return view_task(entry->db, entry->arena, entry->row->ref, entry->now,
			 entry->json);
}

static enum err enrollment_entry(const struct entry *entry)
{
	json_key(entry->json, "enrollment");
	return enrollment_view(entry->db, entry->row->ref, entry->json);
}

static enum err consent_entry(const struct entry *entry)
{
	struct consent_row row;
	struct json *json = entry->json;
	enum err err =
		timeline_rows_consent(entry->db, entry->arena, entry->row->ref, &row);
	if (err != ERR_OK)
		return err;
	json_key(json, "consent");
	json_object(json);
	json_key_str(json, "number", row.number);
	json_key_bool(json, "opted_out", row.is_opted_out);
	json_key_str(json, "by", row.actor);
	json_key_str(json, "reason", row.reason);
	json_key_str(json, "evidence", row.evidence);
	json_key_id(json, "message", row.message_id);
	json_end_object(json);
	return ERR_OK;
}

static enum err tag_entry(const struct entry *entry)
{
	json_key_str(entry->json, "tag", entry->row->tag);
	return ERR_OK;
}

static const struct {
	const char *name;
	enum err (*write)(const struct entry *entry);
} kinds[TIMELINE_KIND_COUNT] = {
	[TIMELINE_MESSAGE] = {"message", message_entry},
	[TIMELINE_NOTE] = {"note", note_entry},
	[TIMELINE_TASK_CREATED] = {"task_created", task_entry},
	[TIMELINE_TASK_ENDED] = {"task_ended", task_entry},
	[TIMELINE_ENROLLED] = {"enrolled", enrollment_entry},
	[TIMELINE_ENROLLMENT_ENDED] = {"enrollment_ended", enrollment_entry},
	[TIMELINE_CONSENT] = {"consent", consent_entry},
	[TIMELINE_TAG_ADDED] = {"tag_added", tag_entry},
};

/* "PLACE.COUNT": how many of the entries at that place the page before had. */
static enum err read_cursor(struct timeline *query, unsigned long long *place,
			    unsigned *skip)
{
	int end = 0;
	*place = 0;
	*skip = 0;
	if (!query->cursor)
		return ERR_OK;
	if (sscanf(query->cursor, "%llu.%u%n", place, skip, &end) != 2 ||
	    query->cursor[end] || !*place || *place > INT64_MAX || *skip > 10000)
		return list_bad_cursor(&query->call);
	return ERR_OK;
}

static const char *cursor_behind(struct arena *arena, const struct timeline_row *rows,
				 size_t count)
{
	unsigned at_place = 0;
	for (size_t i = count; i-- > 0 && rows[i].place == rows[count - 1].place;)
		at_place++;
	return arena_printf(arena, "%llu.%u", (unsigned long long)rows[count - 1].place,
			    at_place);
}

static enum err write_entries(struct entry *entry, const struct timeline_row *rows,
			      size_t count)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		entry->row = &rows[i];
		json_object(entry->json);
		json_key_str(entry->json, "kind", kinds[rows[i].kind].name);
		json_key_time(entry->json, "at", rows[i].at);
		err = kinds[rows[i].kind].write(entry);
		json_end_object(entry->json);
	}
	return err;
}

enum err timeline(struct snapshot *snap, void *arg)
{
	struct timeline *query = arg;
	struct call *call = &query->call;
	struct db *db = snapshot_db(snap);
	struct contact contact;
	struct timeline_row *rows;
	size_t found;
	unsigned long long place;
	unsigned skip;
	enum err err = read_cursor(query, &place, &skip);
	if (err == ERR_OK)
		err = find_visible(db, call, snapshot_context(snap), query->contact_id,
				   &contact);
	if (err != ERR_OK)
		return err;
	const struct timeline_filter filter = {.contact = &contact,
					       .until_place = place,
					       .limit = query->limit + skip + 1};
	err = timeline_rows_page(db, call->arena, &filter, &rows, &found);
	if (err != ERR_OK)
		return err;
	bool has_more = found == filter.limit;
	size_t end = has_more ? found - 1 : found, first = skip < end ? skip : end;
	struct json json = call_json(call);
	struct entry entry = {.db = db,
			      .arena = call->arena,
			      .json = &json,
			      .now = snapshot_now(snap)};
	json_object(&json);
	json_key(&json, "items");
	json_array(&json);
	err = write_entries(&entry, rows + first, end - first);
	json_end_array(&json);
	json_key_str(&json, "next",
		     has_more ? cursor_behind(call->arena, rows, end) : NULL);
	json_end_object(&json);
	return err;
}
