/* event_source.c - registering systems that tell of events, and looking at them. See event_sources.h */
#include <string.h>

#include "core/event_sources.h"
#include "core/hook_sign.h"
#include "core/ledger.h"
#include "core/list.h"
#include "workflow/value.h"

/* --- views -------------------------------------------------------------------------------------------------------- */

static void write_events(struct json *json, const char *words)
{
	json_array(json);
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		json_str_len(json, at, len);
		at += len;
	}
	json_end_array(json);
}

static void write_refused(struct json *json, const struct event_source *source)
{
	json_key(json, "last_refused");
	if (!source->refused_at) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_time(json, "at", source->refused_at);
	json_key_str(json, "code", source->refused_code);
	json_key_str(json, "detail", source->refused_detail);
	json_end_object(json);
}

/* secret: shown this once; NULL: not. */
static void write_source(struct json *json, const struct event_source *source,
			 int64_t now, const char *secret)
{
	bool has_former = source->former_secret && source->former_until > now;
	json_object(json);
	json_key_id(json, "id", source->id);
	json_key_str(json, "name", source->name);
	json_key(json, "events");
	write_events(json, source->events);
	json_key_time(json, "former_secret_until",
		      has_former ? source->former_until : 0);
	json_key_time(json, "last_used_at", source->used_at);
	write_refused(json, source);
	json_key_time(json, "created_at", source->created_at);
	if (secret)
		json_key_str(json, "secret", secret);
	json_end_object(json);
}

static enum err answer(struct txn *txn, struct call *call,
		       const struct event_source *source, const char *secret)
{
	struct json json = call_json(call);
	write_source(&json, source, txn_now(txn), secret);
	return ERR_OK;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static enum err check_secret(struct call *call, const char *secret)
{
	if (!secret || hook_secret_is_valid(secret))
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, "secret",
				  "A secret is whsec_ and %d to %d bytes in base64; "
				  "leave it out, and one is made.",
				  HOOK_KEY_LEAST, HOOK_KEY_MOST);
}

static enum err check_event(struct call *call, const char *event, size_t index,
			    size_t count)
{
	const char *member = arena_printf(call->arena, "events[%zu]", index);
	int64_t unused;
	if (strcmp(event, "*") == 0 && count > 1)
		return call_refuse_member(call, ERR_INVALID, member,
					  "\"*\" means any event and stands alone.");
	if (strcmp(event, "*") == 0 || !value_event.check(event, &unused))
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, member,
				  "An event's name is %s; \"*\" means any.",
				  value_event.expected);
}

static enum err join_events(struct call *call, const char *const *events, size_t count,
			    const char **words_out)
{
	struct buf words = BUF_EMPTY;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		err = check_event(call, events[i], i, count);
		buf_printf(&words, "%s%s", i ? " " : "", events[i]);
	}
	if (err == ERR_OK)
		*words_out = arena_strdup(call->arena, buf_str(&words));
	buf_fini(&words);
	return err;
}

static enum err check_count(struct txn *txn, struct call *call)
{
	int64_t count;
	enum err err = event_source_rows_count(txn_db(txn), &count);
	if (err == ERR_OK && count >= EVENT_SOURCES_MOST)
		return call_refuse(call, ERR_BAD_STATE,
				   "There are %d event sources already; delete one "
				   "that is not needed any more.",
				   EVENT_SOURCES_MOST);
	return err;
}

static enum err taken(struct call *call, const char *name)
{
	return call_refuse_member(call, ERR_DUPLICATE, "name",
				  "There is an event source %s already.", name);
}

static enum err load(struct db *db, struct call *call, uint64_t id,
		     struct event_source *source)
{
	enum err err = event_source_rows_load(db, call->arena, id, source);
	if (err == ERR_NOT_FOUND)
		return call_refuse(call, err,
				   "There is no such event source; GET "
				   "/api/v1/event-sources lists them.");
	return err;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static enum err note(struct txn *txn, struct call *call,
		     const struct event_source *source, const char *act)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_str(&entry.payload, "name", source->name);
	json_key(&entry.payload, "events");
	write_events(&entry.payload, source->events);
	json_key_time(&entry.payload, "former_secret_until", source->former_until);
	return ledger_append(txn, &entry, call->actor, act,
			     arena_printf(call->arena, "event_source:%llu",
					  (unsigned long long)source->id));
}

static const char *secret_or_new(struct call *call, const char *secret)
{
	return secret ? secret
		      : hook_secret_new(arena_alloc(call->arena, HOOK_SECRET_LEN));
}

enum err event_source_add(struct txn *txn, void *arg)
{
	struct event_source_add *cmd = arg;
	struct call *call = &cmd->call;
	struct event_source source = {.name = cmd->name, .created_at = txn_now(txn)};
	enum err err = check_secret(call, cmd->secret);
	if (err == ERR_OK)
		err = join_events(call, cmd->events, cmd->event_count, &source.events);
	if (err == ERR_OK)
		err = check_count(txn, call);
	if (err != ERR_OK)
		return err;
	source.id = txn_id(txn);
	source.secret = secret_or_new(call, cmd->secret);
	err = event_source_rows_insert(txn_db(txn), &source);
	if (err == ERR_DUPLICATE)
		return taken(call, cmd->name);
	if (err == ERR_OK)
		err = note(txn, call, &source, "event_source_added");
	if (err != ERR_OK)
		return err;
	call->status = 201;
	call->location = arena_printf(call->arena, "/api/v1/event-sources/%llu",
				      (unsigned long long)source.id);
	return answer(txn, call, &source, source.secret);
}

static enum err save(struct txn *txn, struct call *call,
		     const struct event_source *source, const char *act)
{
	enum err err = event_source_rows_save(txn_db(txn), source);
	if (err == ERR_DUPLICATE)
		return taken(call, source->name);
	return err == ERR_OK ? note(txn, call, source, act) : err;
}

enum err event_source_change(struct txn *txn, void *arg)
{
	struct event_source_change *cmd = arg;
	struct call *call = &cmd->call;
	struct event_source source;
	enum err err = load(txn_db(txn), call, cmd->source_id, &source);
	if (err == ERR_OK && cmd->events)
		err = join_events(call, cmd->events, cmd->event_count, &source.events);
	if (err != ERR_OK)
		return err;
	source.name = cmd->name ? cmd->name : source.name;
	if (cmd->drops_former) {
		source.former_secret = NULL;
		source.former_until = 0;
	}
	err = save(txn, call, &source, "event_source_changed");
	return err == ERR_OK ? answer(txn, call, &source, NULL) : err;
}

static enum err check_until(struct txn *txn, struct event_source_rotate *cmd)
{
	const int64_t now = txn_now(txn);
	if (!cmd->until)
		cmd->until = now + EVENT_SOURCE_ROTATION_MS;
	if (cmd->until > now &&
	    cmd->until <= now + EVENT_SOURCE_ROTATION_DAYS_MOST * DAY_MS)
		return ERR_OK;
	return call_refuse_member(&cmd->call, ERR_INVALID, "until",
				  "The former secret is taken until a time ahead, at "
				  "most %d days; PATCH with end_rotation ends it at "
				  "once.",
				  EVENT_SOURCE_ROTATION_DAYS_MOST);
}

enum err event_source_rotate(struct txn *txn, void *arg)
{
	struct event_source_rotate *cmd = arg;
	struct call *call = &cmd->call;
	struct event_source source;
	enum err err = load(txn_db(txn), call, cmd->source_id, &source);
	if (err == ERR_OK)
		err = check_secret(call, cmd->secret);
	if (err == ERR_OK)
		err = check_until(txn, cmd);
	if (err != ERR_OK)
		return err;
	source.former_secret = source.secret;
	source.former_until = cmd->until;
	source.secret = secret_or_new(call, cmd->secret);
	err = save(txn, call, &source, "event_source_rotated");
	return err == ERR_OK ? answer(txn, call, &source, source.secret) : err;
}

enum err event_source_remove(struct txn *txn, void *arg)
{
	struct event_source_remove *cmd = arg;
	struct event_source source;
	enum err err = load(txn_db(txn), &cmd->call, cmd->source_id, &source);
	if (err == ERR_OK)
		err = event_source_rows_delete(txn_db(txn), source.id);
	return err == ERR_OK ? note(txn, &cmd->call, &source, "event_source_removed")
			     : err;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum err event_source_get(struct snapshot *snap, void *arg)
{
	struct event_source_get *query = arg;
	struct event_source source;
	enum err err = load(snapshot_db(snap), &query->call, query->source_id, &source);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&query->call);
	write_source(&json, &source, snapshot_now(snap), NULL);
	return ERR_OK;
}

struct page {
	struct list list;
	int64_t now;
};

static void list_source(void *arg, const struct event_source *source)
{
	struct page *page = arg;
	if (list_takes_id(&page->list, source->id))
		write_source(&page->list.json, source, page->now, NULL);
}

enum err event_source_list(struct snapshot *snap, void *arg)
{
	struct event_source_list *query = arg;
	struct page page = {.now = snapshot_now(snap)};
	uint64_t after;
	enum err err = list_parse_id(&query->call, query->cursor, &after);
	if (err != ERR_OK)
		return err;
	list_begin(&page.list, &query->call, query->limit);
	err = event_source_rows_page(snapshot_db(snap), after, query->limit + 1,
				     list_source, &page);
	list_end(&page.list);
	return err;
}
