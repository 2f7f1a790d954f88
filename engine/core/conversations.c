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
#include "plugin/phone.h"
#include "store/letters_rows.h"
#include "store/mention_rows.h"
#include "store/user_rows.h"

static enum err write_text(struct db *db, const char *key, uint64_t message_id,
			   struct json *json)
{
	json_key(json, key);
	if (message_id)
		return view_message_line(db, message_id, json);
	json_null(json);
	return ERR_OK;
}

static enum err write_conversation(struct db *db, const struct thread_row *row,
				   struct json *json)
{
	int64_t unread = 0;
	enum err err =
		thread_is_unread(row)
			? thread_rows_unread_count(db, row, UNREAD_COUNT_MOST, &unread)
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
	json_key_bool(json, "unanswered", thread_is_unanswered(row));
	json_key(json, "handler");
	view_person(json, row->texter_id, row->texter_login, row->texter_first_name,
		    row->texter_last_name);
	json_key_time(json, "release_at", row->release_at);
	json_key_id(json, "mention", row->mention_id);
	err = write_text(db, "last_message", row->head_id, json);
	if (err == ERR_OK)
		err = write_text(db, "match", row->found_id, json);
	json_end_object(json);
	return err;
}

enum err conversation_answer(struct db *db, struct call *call, uint64_t contact_id)
{
	struct thread_row row;
	enum err err = thread_rows_one(db, call->arena, contact_id,
				       call->actor->user_id, &row);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	return write_conversation(db, &row, &json);
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
	enum err err = see.sees_team
			       ? team_rows_mates(db, query->call.arena, see.seen_by,
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

/* Threads that wait for an answer lie together by who is to give it. */
static enum err add_handler(struct db *db, struct conversation_list *query,
			    struct thread_filter *filter)
{
	struct party party;
	if (query->handler.kind == WHO_ABSENT)
		return ERR_OK;
	if (query->unanswered == 0)
		return call_refuse_member(
			&query->call, ERR_BAD_REQUEST, "unanswered",
			"A handler is asked for of unanswered threads; "
			"leave unanswered out, or say 1.");
	enum err err = people_find(db, &query->call, &query->handler, &party);
	filter->unanswered = 1;
	filter->by_handler = true;
	filter->handler_id = party.user_id;
	return err;
}

/* What a search looks through, one after the other; a thread stands where it is found first. A cursor is the letter of a
 * part and the place in it. */
enum part { PART_WORDS, PART_BEGUN, PART_NAMES, PART_COUNT };
static const char part_letters[PART_COUNT + 1] = "tbh";

struct listing {
	struct conversation_list *query;
	struct db *db;
	struct thread_filter filter;
	const char *words, *begun; /* NULL: not looked for */
	const struct search *names;
	const char *number; /* q is a whole number: names are not looked through */
	enum part part;
	struct json json;
};

static enum err read_cursor(struct listing *listing)
{
	const char *cursor = listing->query->cursor;
	const char *letter = cursor && *cursor ? strchr(part_letters, *cursor) : NULL;
	listing->part = listing->query->q ? PART_WORDS : PART_NAMES;
	if (!cursor)
		return ERR_OK;
	if (!letter || letter - part_letters < (int)listing->part ||
	    ident_parse(cursor + 1, &listing->filter.before_id) != ERR_OK)
		return list_bad_cursor(&listing->query->call);
	listing->part = (enum part)(letter - part_letters);
	return ERR_OK;
}

static enum err load_part(struct listing *listing, struct thread_page *page)
{
	struct thread_filter *filter = &listing->filter;
	struct arena *arena = listing->query->call.arena;
	const char *text[PART_COUNT] = {listing->words, listing->begun, NULL};
	const char *listed[PART_COUNT] = {
		NULL, listing->words, listing->begun ? listing->begun : listing->words};
	filter->text = text[listing->part];
	filter->listed = listed[listing->part];
	*page = (struct thread_page){.count = 0};
	if (listing->part != PART_NAMES)
		return filter->text
			       ? thread_rows_found(listing->db, arena, filter, page)
			       : ERR_OK;
	if (listing->number)
		return thread_rows_of_number(listing->db, arena, filter,
					     listing->number, page);
	if (listing->query->mentions)
		return thread_rows_mentioned(listing->db, arena, filter, page);
	filter->names = listing->names;
	enum err err = listing->names
			       ? letters_rows_find(listing->db, arena, listing->names,
						   LETTERS_MOST, &filter->lettered)
			       : ERR_OK;
	return err == ERR_OK ? thread_rows_page(listing->db, arena, filter, page) : err;
}

static const char *cursor_of(struct listing *listing, uint64_t before_id)
{
	return arena_printf(listing->query->call.arena, "%c%llu",
			    part_letters[listing->part], (unsigned long long)before_id);
}

/* No thread is listed for them that is not for the ones before: no name is found twice. */
static void forget_words(struct listing *listing)
{
	if (listing->part == PART_WORDS)
		listing->words = NULL;
	else
		listing->begun = NULL;
}

/* The parts from the cursor's on, until the page is full. */
static enum err write_parts(struct listing *listing, const char **next_out)
{
	struct thread_page page;
	*next_out = NULL;
	for (;; listing->part++) {
		if (!listing->filter.limit) {
			*next_out = cursor_of(listing, INT64_MAX);
			return ERR_OK;
		}
		enum err err = load_part(listing, &page);
		for (size_t i = 0; err == ERR_OK && i < page.count; i++)
			err = write_conversation(listing->db, &page.rows[i],
						 &listing->json);
		if (err != ERR_OK)
			return err;
		if (page.next_before_id)
			*next_out = cursor_of(listing, page.next_before_id);
		if (page.next_before_id || listing->part == PART_NAMES)
			return ERR_OK;
		if (!page.count && !listing->filter.before_id)
			forget_words(listing);
		listing->filter.before_id = 0;
		listing->filter.limit -= page.count;
	}
}

static enum err write_list(struct listing *listing)
{
	const char *next;
	listing->json = call_json(&listing->query->call);
	json_object(&listing->json);
	json_key(&listing->json, "items");
	json_array(&listing->json);
	enum err err = write_parts(listing, &next);
	json_end_array(&listing->json);
	json_key_str(&listing->json, "next", next);
	json_end_object(&listing->json);
	return err;
}

static void look_for(struct listing *listing, const struct policy *policy,
		     struct search *names)
{
	const char *q = listing->query->q;
	struct arena *arena = listing->query->call.arena;
	struct phone_check check;
	if (!q)
		return;
	search_init(names, arena, q);
	listing->names = names;
	listing->words = thread_rows_words(arena, q, false);
	listing->begun = thread_rows_words(arena, q, true);
	if (!names->digits)
		return;
	phone_check(policy->phone_rules, q, policy->default_region, &check);
	/* what is only possible may as well be part of another number */
	if (check.verdict == PHONE_VALID)
		listing->number = arena_strdup(arena, check.e164);
}

enum err conversation_list(struct snapshot *snap, void *arg)
{
	struct conversation_list *query = arg;
	const struct policy *policy = core_policy(snapshot_context(snap));
	struct search names;
	struct listing listing = {.query = query,
				  .db = snapshot_db(snap),
				  .filter = {.unread = query->unread,
					     .unanswered = query->unanswered,
					     .reader_id = query->call.actor->user_id,
					     .test = query->test,
					     .limit = query->limit,
					     .scan_most = query->scan_most}};
	if (query->mentions && !query->call.actor->user_id)
		return call_refuse_member(&query->call, ERR_BAD_REQUEST, "mentions",
					  "Notes name users; call as one.");
	if (query->mentions)
		query->q = NULL;
	if (query->q && !query->q[strspn(query->q, " \t\r\n")])
		query->q = NULL;
	look_for(&listing, policy, &names);
	enum err err = read_cursor(&listing);
	if (err == ERR_OK)
		err = add_users(listing.db, query, policy, &listing.filter);
	if (err == ERR_OK)
		err = add_owner(listing.db, query, &listing.filter);
	if (err == ERR_OK)
		err = add_handler(listing.db, query, &listing.filter);
	return err == ERR_OK ? write_list(&listing) : err;
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
	if (err == ERR_OK)
		err = mention_rows_read(db, user_id, cmd->contact_id, cmd->up_to);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	return write_conversation(db, &row, &json);
}
