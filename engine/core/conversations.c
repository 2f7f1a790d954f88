/* conversations.c - the list of threads and what has been read. See conversations.h */
#include "core/conversations.h"

#include <string.h>

#include "base/ident.h"
#include "core/contacts.h"
#include "core/core.h"
#include "core/list.h"
#include "core/people.h"
#include "core/task_find.h"
#include "core/thread.h"
#include "core/view.h"
#include "store/user_rows.h"

static enum err write_text(struct db *db, struct arena *arena, const char *key,
			   uint64_t message_id, struct json *json)
{
	json_key(json, key);
	if (message_id)
		return view_message(db, arena, message_id, json);
	json_null(json);
	return ERR_OK;
}

static enum err write_conversation(struct db *db, struct arena *arena,
				   const struct thread_row *row, struct json *json)
{
	int64_t unread = 0;
	enum err err = thread_is_unread(row)
			       ? thread_rows_unread_count(db, row, UNREAD_COUNT_MOST,
							  &unread)
			       : ERR_OK;
	if (err != ERR_OK)
		return err;
	json_object(json);
	json_key(json, "contact");
	view_contact(json, row->contact_id, row->first_name, row->last_name,
		     row->phone_e164);
	json_key(json, "owner");
	view_person(json, row->owner_id, row->owner_login, row->owner_first_name,
		    row->owner_last_name);
	json_key_bool(json, "unread", thread_is_unread(row));
	json_key_int(json, "unread_count", unread);
	err = write_text(db, arena, "last_message", row->head_id, json);
	if (err == ERR_OK)
		err = write_text(db, arena, "match", row->found_id, json);
	json_end_object(json);
	return err;
}

/* --- the list --- */

/* An agent's threads: their own, nobody's, and by `agents-see` their colleagues'. NULL: all. */
static enum err add_users(struct db *db, struct conversation_list *query,
			  const struct policy *policy, struct thread_filter *filter)
{
	enum { MATES_MOST = 500 };
	struct task_filter see = {.seen_by = 0};
	uint64_t *mates = NULL, *users;
	size_t count = 0;
	task_filter_see(&query->call, policy, &see);
	if (!see.seen_by)
		return ERR_OK;
	enum err err = see.sees_team ? team_rows_mates(db, query->call.arena, see.seen_by,
						       MATES_MOST, &mates, &count)
				     : ERR_OK;
	if (err != ERR_OK)
		return err;
	users = ARENA_ARRAY(query->call.arena, uint64_t, count + 2);
	users[0] = 0;
	users[1] = see.seen_by;
	for (size_t i = 0; i < count; i++)
		users[i + 2] = mates[i];
	filter->users = users;
	filter->user_count = count + 2;
	return ERR_OK;
}

/* Threads of one owner lie together: only those are walked, when they may be seen at all. */
static enum err add_owner(struct db *db, struct conversation_list *query,
			  struct thread_filter *filter)
{
	struct party party;
	bool is_visible = !filter->users;
	if (query->owner.kind == WHO_ABSENT)
		return ERR_OK;
	filter->whose = CONTACT_OF_NOBODY;
	if (query->owner.kind == WHO_NOBODY)
		return ERR_OK;
	enum err err = people_find(db, &query->call, &query->owner, &party);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < filter->user_count; i++)
		is_visible = is_visible || filter->users[i] == party.user_id;
	uint64_t *user = ARENA_NEW(query->call.arena, uint64_t);
	*user = party.user_id;
	filter->whose = CONTACT_OF_USER;
	filter->owner_id = party.user_id;
	filter->users = user;
	filter->user_count = is_visible;
	return ERR_OK;
}

/* A cursor is "t" and a text, while words are looked for, or "h" and the head of a thread. */
static enum err read_cursor(struct conversation_list *query, bool *by_words,
			    uint64_t *before_id)
{
	const char *cursor = query->cursor;
	*before_id = 0;
	if (!cursor)
		return ERR_OK;
	if ((*cursor != 'h' && (*cursor != 't' || !*by_words)) ||
	    ident_parse(cursor + 1, before_id) != ERR_OK)
		return list_bad_cursor(&query->call);
	*by_words = *cursor == 't';
	return ERR_OK;
}

struct listing {
	struct db *db;
	struct arena *arena;
	struct json json;
	size_t count;
	const char *next;
};

static enum err write_page(struct listing *listing, const struct thread_page *page)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < page->count; i++)
		err = write_conversation(listing->db, listing->arena, &page->rows[i],
					 &listing->json);
	listing->count += page->count;
	return err;
}

static enum err list_found(struct listing *listing, const struct thread_filter *filter)
{
	struct thread_page page;
	enum err err = thread_rows_found(listing->db, listing->arena, filter, &page);
	if (err == ERR_OK)
		err = write_page(listing, &page);
	if (err == ERR_OK && page.next_before_id)
		listing->next = arena_printf(listing->arena, "t%llu",
					     (unsigned long long)page.next_before_id);
	return err;
}

static enum err list_threads(struct listing *listing, struct thread_filter *filter)
{
	struct thread_page page;
	if (listing->count == filter->limit) {
		/* the texts have filled the page to the last place; the names begin the next */
		listing->next = arena_printf(listing->arena, "h%llu",
					     (unsigned long long)INT64_MAX);
		return ERR_OK;
	}
	filter->limit -= listing->count;
	enum err err = thread_rows_page(listing->db, listing->arena, filter, &page);
	if (err == ERR_OK)
		err = write_page(listing, &page);
	if (err == ERR_OK && page.next_before_id)
		listing->next = arena_printf(listing->arena, "h%llu",
					     (unsigned long long)page.next_before_id);
	return err;
}

static enum err write_list(struct listing *listing, struct thread_filter *filter,
			   const struct search *names, bool by_words)
{
	enum err err = ERR_OK;
	bool is_later = filter->before_id != 0;
	json_object(&listing->json);
	json_key(&listing->json, "items");
	json_array(&listing->json);
	if (by_words) {
		err = list_found(listing, filter);
		filter->before_id = 0;
		if (!listing->count && !listing->next && !is_later)
			filter->text = NULL; /* no text has them: no name is found twice */
	}
	filter->names = names;
	if (err == ERR_OK && !listing->next)
		err = list_threads(listing, filter);
	json_end_array(&listing->json);
	json_key_str(&listing->json, "next", listing->next);
	json_end_object(&listing->json);
	return err;
}

enum err conversation_list(struct snapshot *snap, void *arg)
{
	struct conversation_list *query = arg;
	struct call *call = &query->call;
	struct db *db = snapshot_db(snap);
	struct search names;
	bool has_q = query->q && query->q[strspn(query->q, " \t\r\n")];
	struct thread_filter filter = {.unread = query->unread,
				       .reader_id = call->actor->user_id,
				       .test = query->test,
				       .limit = query->limit,
				       .scan_most = query->scan_most};
	if (has_q) {
		search_init(&names, call->arena, query->q);
		filter.text = thread_rows_words(call->arena, query->q);
	}
	bool by_words = filter.text != NULL;
	enum err err = read_cursor(query, &by_words, &filter.before_id);
	if (err == ERR_OK)
		err = add_users(db, query, core_policy(snapshot_context(snap)), &filter);
	if (err == ERR_OK)
		err = add_owner(db, query, &filter);
	if (err != ERR_OK)
		return err;
	struct listing listing = {
		.db = db, .arena = call->arena, .json = call_json(call)};
	return write_list(&listing, &filter, has_q ? &names : NULL, by_words);
}

/* --- read --- */

enum err conversation_read(struct txn *txn, void *arg)
{
	struct conversation_read *cmd = arg;
	struct call *call = &cmd->call;
	struct db *db = txn_db(txn);
	struct thread_row row;
	uint64_t user_id = call->actor->user_id;
	if (!user_id)
		return call_refuse(call, ERR_HUMAN_REQUIRED,
				   "What was read is kept for each user; call as one.");
	enum err err = thread_check(db, call, txn_context(txn), cmd->contact_id);
	if (err == ERR_OK)
		err = thread_rows_one(db, call->arena, cmd->contact_id, user_id, &row);
	if (err == ERR_NOT_FOUND && call->refusal.err == ERR_OK)
		return call_refuse(call, ERR_NOT_FOUND, "There is no contact %llu.",
				   (unsigned long long)cmd->contact_id);
	if (err != ERR_OK)
		return err;
	uint64_t up_to = cmd->up_to < row.head_id ? cmd->up_to : row.head_id;
	if (up_to > row.read_id) {
		err = thread_rows_read(db, user_id, cmd->contact_id, up_to);
		row.read_id = up_to;
	}
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	return write_conversation(db, call->arena, &row, &json);
}
