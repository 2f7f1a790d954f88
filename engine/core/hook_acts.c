/* hook_acts.c - registering other systems and looking at them. See hooks.h */
#include <ctype.h>
#include <string.h>

#include "core/hook_set.h"
#include "core/hook_sign.h"
#include "core/hook_url.h"
#include "core/hooks.h"
#include "core/ledger.h"
#include "core/list.h"

enum { WAITING_CAP = 10000 };

static const char *const kind_names[] = {
	[HOOK_REGISTERED] = "registered", [HOOK_WRITTEN_OUT] = "written_out"};

bool hook_name_is_valid(const char *name)
{
	if (!isalpha((unsigned char)name[0]) || strlen(name) > HOOK_NAME_CHARS)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr(".-_", *name))
			return false;
	return true;
}

/* --- views -------------------------------------------------------------------------------------------------------- */

static void write_events(struct json *json, const char *words)
{
	unsigned events = hook_events_parse(words);
	json_array(json);
	for (unsigned i = 0; i < HOOK_EVENT_COUNT; i++)
		if (events & 1u << i)
			json_str(json, hook_event_name((enum hook_event)i));
	json_end_array(json);
}

struct writing {
	struct db *db;
	struct json *json;
	int64_t now;
	const char *secret; /* shown this once; NULL: not */
};

static enum err write_hook(const struct writing *to, const struct hook *hook)
{
	struct json *json = to->json;
	int64_t waiting;
	enum err err = delivery_rows_waiting(to->db, hook->id, WAITING_CAP, &waiting);
	if (err != ERR_OK)
		return err;
	bool has_former = hook->former_secret && hook->former_until > to->now;
	json_object(json);
	json_key_id(json, "id", hook->id);
	json_key_str(json, "kind", kind_names[hook->kind]);
	json_key_str(json, "name", hook->name);
	json_key_str(json, "url", hook->url);
	json_key(json, "events");
	write_events(json, hook->events);
	json_key_bool(json, "tests", hook->wants_tests);
	json_key_bool(json, "enabled", hook->is_enabled);
	json_key_str(json, "disabled_reason", hook->disabled_reason);
	json_key_time(json, "former_secret_until", has_former ? hook->former_until : 0);
	json_key_int(json, "waiting", waiting);
	json_key_time(json, "created_at", hook->created_at);
	if (to->secret)
		json_key_str(json, "secret", to->secret);
	json_end_object(json);
	return ERR_OK;
}

static enum err answer(struct txn *txn, struct call *call, const struct hook *hook,
		       const char *secret)
{
	struct json json = call_json(call);
	return write_hook(&(struct writing){txn_db(txn), &json, txn_now(txn), secret},
			  hook);
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static enum err check_name(struct call *call, const char *name)
{
	if (hook_name_is_valid(name))
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, "name",
				  "A name is a letter, then letters, digits, dots, "
				  "dashes and underscores, at most %d: workflows call "
				  "the hook by it.",
				  HOOK_NAME_CHARS);
}

static enum err check_url(struct call *call, const char *url)
{
	const char *fault = hook_url_fault(url);
	return fault ? call_refuse_member(call, ERR_INVALID, "url", "%s", fault)
		     : ERR_OK;
}

static enum err check_secret(struct call *call, const char *secret)
{
	if (hook_secret_is_valid(secret))
		return ERR_OK;
	return call_refuse_member(call, ERR_INVALID, "secret",
				  "A secret is whsec_ and %d to %d bytes in base64; "
				  "leave it out, and one is made.",
				  HOOK_KEY_LEAST, HOOK_KEY_MOST);
}

static const char *events_known(struct arena *arena)
{
	struct buf known = BUF_EMPTY;
	for (unsigned i = 0; i < HOOK_EVENT_COUNT; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", hook_event_names[i]);
	const char *text = arena_strdup(arena, buf_str(&known));
	buf_fini(&known);
	return text;
}

static enum err join_events(struct call *call, const char *const *events, size_t count,
			    const char **words_out)
{
	struct buf words = BUF_EMPTY;
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		enum hook_event event;
		if (hook_event_parse(events[i], strlen(events[i]), &event))
			buf_printf(&words, "%s%s", i ? " " : "", events[i]);
		else
			err = call_refuse_member(
				call, ERR_INVALID,
				arena_printf(call->arena, "events[%zu]", i),
				"There is no event %s; these are: %s.", events[i],
				events_known(call->arena));
	}
	if (err == ERR_OK)
		*words_out = arena_strdup(call->arena, buf_str(&words));
	buf_fini(&words);
	return err;
}

static enum err check_count(struct txn *txn, struct call *call)
{
	int64_t count;
	enum err err = hook_rows_count(txn_db(txn), HOOK_REGISTERED, &count);
	if (err == ERR_OK && count >= HOOKS_MOST)
		return call_refuse(call, ERR_BAD_STATE,
				   "There are %d hooks already; delete one that is not "
				   "needed any more.",
				   HOOKS_MOST);
	return err;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static enum err taken(struct call *call, const char *name)
{
	return call_refuse_member(call, ERR_DUPLICATE, "name",
				  "There is a hook %s already.", name);
}

static enum err note(struct txn *txn, struct call *call, const struct hook *hook,
		     const char *act)
{
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_str(&entry.payload, "name", hook->name);
	json_key_str(&entry.payload, "url", hook->url);
	json_key_bool(&entry.payload, "enabled", hook->is_enabled);
	json_key(&entry.payload, "events");
	write_events(&entry.payload, hook->events);
	return ledger_append(
		txn, &entry, call->actor, act,
		arena_printf(call->arena, "hook:%llu", (unsigned long long)hook->id));
}

enum err hook_add(struct txn *txn, void *arg)
{
	struct hook_add *cmd = arg;
	struct call *call = &cmd->call;
	char made[HOOK_SECRET_LEN];
	struct hook hook = {.kind = HOOK_REGISTERED,
			    .name = cmd->name,
			    .url = cmd->url,
			    .wants_tests = cmd->wants_tests,
			    .secret = cmd->secret,
			    .is_enabled = !cmd->is_disabled,
			    .created_at = txn_now(txn)};
	enum err err = check_name(call, cmd->name);
	if (err == ERR_OK)
		err = check_url(call, cmd->url);
	if (err == ERR_OK && cmd->secret)
		err = check_secret(call, cmd->secret);
	if (err == ERR_OK)
		err = join_events(call, cmd->events, cmd->event_count, &hook.events);
	if (err == ERR_OK)
		err = check_count(txn, call);
	if (err != ERR_OK)
		return err;
	if (!hook.secret)
		hook.secret = hook_secret_new(made);
	/* a workflow file that was refused for want of it may fit now */
	txn_signal(txn, SIGNAL_PEOPLE);
	hook.id = txn_id(txn);
	hook_set_touch(txn);
	err = hook_rows_insert(txn_db(txn), &hook);
	if (err == ERR_DUPLICATE)
		return taken(call, cmd->name);
	if (err == ERR_OK)
		err = note(txn, call, &hook, "hook_added");
	if (err != ERR_OK)
		return err;
	call->status = 201;
	call->location = arena_printf(call->arena, "/api/v1/hooks/%llu",
				      (unsigned long long)hook.id);
	return answer(txn, call, &hook, hook.secret);
}

static enum err load(struct db *db, struct call *call, uint64_t id, struct hook *hook)
{
	enum err err = hook_rows_load(db, call->arena, id, hook);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			call, err,
			"There is no such hook; GET /api/v1/hooks lists them.");
	return err;
}

/* What a hook that a workflow wrote out takes from there. */
static enum err check_kind(struct hook_change *cmd, const struct hook *hook)
{
	bool is_of_workflow = cmd->name || cmd->url || cmd->sets_events ||
			      cmd->secret || cmd->makes_secret || cmd->drops_former ||
			      cmd->wants_tests;
	if (hook->kind != HOOK_WRITTEN_OUT || !is_of_workflow)
		return ERR_OK;
	return call_refuse(&cmd->call, ERR_BAD_STATE,
			   "This URL is written out in a workflow and signed with the "
			   "instance's key; it can only be enabled or disabled here.");
}

static enum err check_change(struct hook_change *cmd, const struct hook *hook)
{
	struct call *call = &cmd->call;
	enum err err = check_kind(cmd, hook);
	if (err == ERR_OK && cmd->name)
		err = check_name(call, cmd->name);
	if (err == ERR_OK && cmd->url)
		err = check_url(call, cmd->url);
	if (err == ERR_OK && cmd->secret)
		err = check_secret(call, cmd->secret);
	return err;
}

/* Returns the secret when it is a new one. */
static const char *change_secret(struct txn *txn, struct hook_change *cmd,
				 struct hook *hook)
{
	const char *secret = cmd->secret;
	if (cmd->makes_secret)
		secret = hook_secret_new(arena_alloc(cmd->call.arena, HOOK_SECRET_LEN));
	if (secret && strcmp(secret, hook->secret) != 0) {
		hook->former_secret = hook->secret;
		hook->former_until = txn_now(txn) + HOOK_ROTATION_HOURS * HOUR_MS;
		hook->secret = secret;
	}
	if (cmd->drops_former) {
		hook->former_secret = NULL;
		hook->former_until = 0;
	}
	return secret;
}

enum err hook_change(struct txn *txn, void *arg)
{
	struct hook_change *cmd = arg;
	struct call *call = &cmd->call;
	struct hook hook;
	enum err err = load(txn_db(txn), call, cmd->hook_id, &hook);
	if (err == ERR_OK)
		err = check_change(cmd, &hook);
	if (err == ERR_OK && cmd->sets_events)
		err = join_events(call, cmd->events, cmd->event_count, &hook.events);
	if (err != ERR_OK)
		return err;
	hook.name = cmd->name ? cmd->name : hook.name;
	hook.url = cmd->url ? cmd->url : hook.url;
	if (cmd->wants_tests)
		hook.wants_tests = *cmd->wants_tests;
	if (cmd->is_enabled) {
		hook.is_enabled = *cmd->is_enabled;
		hook.disabled_reason = hook.is_enabled ? NULL : "by hand";
	}
	const char *secret = change_secret(txn, cmd, &hook);
	hook_set_touch(txn);
	err = hook_rows_save(txn_db(txn), &hook);
	if (err == ERR_DUPLICATE)
		return taken(call, hook.name);
	if (err == ERR_OK)
		err = note(txn, call, &hook, "hook_changed");
	return err == ERR_OK ? answer(txn, call, &hook, secret) : err;
}

enum err hook_remove(struct txn *txn, void *arg)
{
	struct hook_remove *cmd = arg;
	struct hook hook;
	enum err err = load(txn_db(txn), &cmd->call, cmd->hook_id, &hook);
	if (err != ERR_OK)
		return err;
	hook_set_touch(txn);
	err = hook_rows_remove(txn_db(txn), hook.id);
	return err == ERR_OK ? note(txn, &cmd->call, &hook, "hook_removed") : err;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum err hook_get(struct snapshot *snap, void *arg)
{
	struct hook_get *query = arg;
	struct hook hook;
	enum err err = load(snapshot_db(snap), &query->call, query->hook_id, &hook);
	if (err != ERR_OK)
		return err;
	struct json json = call_json(&query->call);
	return write_hook(&(struct writing){.db = snapshot_db(snap),
					    .json = &json,
					    .now = snapshot_now(snap)},
			  &hook);
}

struct page {
	struct list list;
	struct writing to;
};

static enum err list_hook(void *arg, const struct hook *hook)
{
	struct page *page = arg;
	return list_takes_id(&page->list, hook->id) ? write_hook(&page->to, hook)
						    : ERR_OK;
}

enum err hook_list(struct snapshot *snap, void *arg)
{
	struct hook_list *query = arg;
	struct page page;
	uint64_t after;
	enum err err = list_parse_id(&query->call, query->cursor, &after);
	if (err != ERR_OK)
		return err;
	list_begin(&page.list, &query->call, query->limit);
	page.to = (struct writing){.db = snapshot_db(snap),
				   .json = &page.list.json,
				   .now = snapshot_now(snap)};
	err = hook_rows_each(snapshot_db(snap), after, query->limit + 1, list_hook,
			     &page);
	list_end(&page.list);
	return err;
}

/* --- deliveries --------------------------------------------------------------------------------------------------- */

static const char *const state_names[] = {[DELIVERY_WAITING] = "waiting",
					  [DELIVERY_DELIVERED] = "delivered",
					  [DELIVERY_FAILED] = "failed"};

static void write_delivery(struct json *json, const struct hook_delivery *delivery)
{
	char id[HOOK_ID_LEN];
	json_object(json);
	json_key_id(json, "id", delivery->id);
	json_key_str(json, "webhook_id", hook_webhook_id(delivery->id, id));
	json_key_str(json, "event", delivery->event);
	json_key_str(json, "subject", delivery->subject);
	json_key_str(json, "state", state_names[delivery->state]);
	json_key_int(json, "attempts", delivery->attempts);
	json_key_time(json, "next_at", delivery->next_at);
	json_key_str(json, "last_answer", delivery->last_answer);
	json_key_time(json, "created_at", delivery->created_at);
	json_key_time(json, "ended_at", delivery->ended_at);
	json_key(json, "body");
	json_raw(json, delivery->body, strlen(delivery->body));
	json_end_object(json);
}

static void list_delivery(void *arg, const struct hook_delivery *delivery)
{
	struct list *list = arg;
	if (list_takes_id(list, delivery->id))
		write_delivery(&list->json, delivery);
}

enum err hook_deliveries(struct snapshot *snap, void *arg)
{
	struct hook_deliveries *query = arg;
	struct hook hook;
	struct list list;
	size_t limit = query->filter.limit;
	enum err err =
		list_parse_id(&query->call, query->cursor, &query->filter.before_id);
	if (err == ERR_OK)
		err = load(snapshot_db(snap), &query->call, query->filter.hook_id,
			   &hook);
	if (err != ERR_OK)
		return err;
	query->filter.limit++;
	list_begin(&list, &query->call, limit);
	err = delivery_rows_page(snapshot_db(snap), &query->filter, list_delivery,
				 &list);
	list_end(&list);
	return err;
}

enum err hook_replay(struct txn *txn, void *arg)
{
	struct hook_replay *cmd = arg;
	struct call *call = &cmd->call;
	struct hook hook;
	struct hook_delivery delivery;
	enum err err = load(txn_db(txn), call, cmd->hook_id, &hook);
	if (err == ERR_OK && !hook.is_enabled)
		return call_refuse(call, ERR_BAD_STATE,
				   "The hook is disabled; enable it first.");
	if (err == ERR_OK)
		err = delivery_rows_load(txn_db(txn), call->arena, cmd->delivery_id,
					 &delivery);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && delivery.hook_id != cmd->hook_id))
		return call_refuse(call, ERR_NOT_FOUND,
				   "There is no such delivery of this hook.");
	if (err != ERR_OK)
		return err;
	/* one that stands behind another keeps its place */
	bool is_behind = delivery.state == DELIVERY_WAITING && !delivery.next_at;
	delivery.state = DELIVERY_WAITING;
	delivery.attempts = 0;
	delivery.next_at = is_behind ? 0 : txn_now(txn);
	delivery.give_up_at = txn_now(txn) + HOOK_TRIES_DAYS * DAY_MS;
	delivery.ended_at = 0;
	txn_signal(txn, SIGNAL_HOOKS);
	err = delivery_rows_save(txn_db(txn), &delivery);
	struct json json = call_json(call);
	write_delivery(&json, &delivery);
	return err;
}
