/* snippets.c - see snippets.h */
#include "core/snippets.h"

#include <string.h>

#include "core/contact_parts.h"
#include "core/core.h"
#include "core/list.h"
#include "core/people.h"
#include "core/render.h"
#include "core/thread.h"
#include "core/view.h"
#include "plugin/gsm.h"
#include "store/snippet_rows.h"
#include "store/user_rows.h"
#include "workflow/value.h"

static enum err find(struct db *db, struct call *call, uint64_t id,
		     struct snippet *snippet)
{
	enum err err = snippet_rows_load(db, call->arena, id, snippet);
	return err == ERR_NOT_FOUND
		       ? call_refuse(call, ERR_NOT_FOUND, "There is no snippet %llu.",
				     (unsigned long long)id)
		       : err;
}

static void write_members(struct json *json, const struct snippet *snippet)
{
	json_key_id(json, "id", snippet->id);
	json_key_str(json, "name", snippet->name);
	json_key_str(json, "text", snippet->text);
	json_key_time(json, "created_at", snippet->created_at);
	json_key_time(json, "updated_at", snippet->updated_at);
}

static enum err answer(struct db *db, struct call *call, const struct snippet *snippet)
{
	struct json json = call_json(call);
	json_object(&json);
	write_members(&json, snippet);
	json_key(&json, "updated_by");
	enum err err = people_write(db, call->arena, snippet->updated_by, &json);
	json_end_object(&json);
	return err;
}

/* --- saving --- */

/* A workflow names it in an attribute, so the same names are right. */
static enum err check_name(struct call *call, const char *name)
{
	int64_t unused;
	return value_name.check(name, &unused)
		       ? call_refuse_member(call, ERR_INVALID, "name", "Expected %s.",
					    value_name.expected)
		       : ERR_OK;
}

static enum err check_text(struct call *call, const char *text)
{
	const struct template *template;
	const struct template_error *errors;
	if (!text[strspn(text, " \t\r\n")])
		return call_refuse_member(call, ERR_INVALID, "text",
					  "A snippet has a text.");
	if (template_compile(call->arena, text, strlen(text), &template, &errors) ==
	    ERR_OK)
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, "text", "Line %u, column %u: %s",
				  errors->line, errors->column, errors->message);
}

static enum err save(struct txn *txn, struct snippet_put *cmd, struct snippet *snippet)
{
	struct call *call = &cmd->call;
	snippet->updated_at = txn_now(txn);
	snippet->updated_by = call->actor->user_id;
	if (!cmd->id) {
		snippet->id = txn_id(txn);
		snippet->created_at = snippet->updated_at;
		call->status = 201;
		call->location = arena_printf(call->arena, "/api/v1/snippets/%llu",
					      (unsigned long long)snippet->id);
	}
	enum err err = cmd->id ? snippet_rows_save(txn_db(txn), snippet)
			       : snippet_rows_insert(txn_db(txn), snippet);
	return err == ERR_DUPLICATE
		       ? call_refuse_member(call, ERR_DUPLICATE, "name",
					    "There is a snippet \"%s\" already.",
					    snippet->name)
		       : err;
}

enum err snippet_put(struct txn *txn, void *arg)
{
	struct snippet_put *cmd = arg;
	struct snippet snippet = {.id = 0};
	enum err err = ERR_OK;
	if (cmd->id)
		err = find(txn_db(txn), &cmd->call, cmd->id, &snippet);
	if (err == ERR_OK && cmd->name)
		err = check_name(&cmd->call, cmd->name);
	if (err == ERR_OK && cmd->text)
		err = check_text(&cmd->call, cmd->text);
	if (err != ERR_OK)
		return err;
	if (cmd->name)
		snippet.name = cmd->name;
	if (cmd->text)
		snippet.text = cmd->text;
	err = save(txn, cmd, &snippet);
	return err == ERR_OK ? answer(txn_db(txn), &cmd->call, &snippet) : err;
}

enum err snippet_delete(struct txn *txn, void *arg)
{
	struct snippet_delete *cmd = arg;
	struct snippet snippet;
	enum err err = find(txn_db(txn), &cmd->call, cmd->id, &snippet);
	return err == ERR_OK ? snippet_rows_delete(txn_db(txn), cmd->id) : err;
}

/* --- reading --- */

static void write_rendered(struct json *json, const struct template_rendered *rendered)
{
	struct gsm_segments segments;
	gsm_measure(rendered->text, rendered->len_bytes, &segments);
	json_key(json, "rendered");
	json_object(json);
	json_key_str(json, "text", rendered->text);
	json_key(json, "holes");
	view_holes(json, rendered->holes, rendered->hole_count);
	json_key(json, "segments");
	view_segments(json, rendered->text, &segments);
	json_end_object(json);
}

static enum err render(struct snapshot *snap, struct snippet_get *query,
		       const struct snippet *snippet,
		       struct template_rendered *rendered)
{
	struct call *call = &query->call;
	struct db *db = snapshot_db(snap);
	struct contact contact;
	struct user user = {.id = 0};
	const struct template *template;
	const struct template_error *errors;
	enum err err = contact_find(db, call, query->contact_id, &contact);
	if (err == ERR_OK)
		err = thread_check(db, call, snapshot_context(snap), contact.id);
	if (err == ERR_OK && call->actor->user_id)
		err = user_rows_load(db, call->arena, call->actor->user_id, &user);
	if (err == ERR_OK &&
	    template_compile(call->arena, snippet->text, strlen(snippet->text),
			     &template, &errors) != ERR_OK)
		err = ERR_CORRUPT;
	if (err != ERR_OK)
		return err;
	const struct render in = {.core = snapshot_context(snap),
				  .db = db,
				  .arena = call->arena,
				  .contact = &contact,
				  .user = user.id ? &user : NULL};
	return render_text(&in, template, rendered);
}

enum err snippet_get(struct snapshot *snap, void *arg)
{
	struct snippet_get *query = arg;
	struct call *call = &query->call;
	struct snippet snippet;
	struct template_rendered rendered = {.text = NULL};
	enum err err = find(snapshot_db(snap), call, query->id, &snippet);
	if (err == ERR_OK && query->contact_id)
		err = render(snap, query, &snippet, &rendered);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(call);
	json_object(&json);
	write_members(&json, &snippet);
	json_key(&json, "updated_by");
	err = people_write(snapshot_db(snap), call->arena, snippet.updated_by, &json);
	if (rendered.text)
		write_rendered(&json, &rendered);
	json_end_object(&json);
	return err;
}

struct listing {
	struct list list;
	struct db *db;
	struct arena *arena;
	enum err err;
};

static void list_item(void *arg, const struct snippet *snippet)
{
	struct listing *listing = arg;
	struct json *json = &listing->list.json;
	if (listing->err != ERR_OK || !list_takes_id(&listing->list, snippet->id))
		return;
	json_object(json);
	write_members(json, snippet);
	json_key(json, "updated_by");
	listing->err =
		people_write(listing->db, listing->arena, snippet->updated_by, json);
	json_end_object(json);
}

enum err snippet_list(struct snapshot *snap, void *arg)
{
	struct snippet_list *query = arg;
	struct listing listing = {.db = snapshot_db(snap), .arena = query->call.arena};
	uint64_t after_id;
	enum err err = list_parse_id(&query->call, query->cursor, &after_id);
	if (err != ERR_OK)
		return err;
	list_begin(&listing.list, &query->call, query->limit);
	err = snippet_rows_page(snapshot_db(snap), after_id, query->limit + 1,
				list_item, &listing);
	list_end(&listing.list);
	return err == ERR_OK ? listing.err : err;
}
