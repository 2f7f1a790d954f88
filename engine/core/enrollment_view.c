/* enrollment_view.c - enrollments as JSON, and removing one by hand: see enroll.h */
#include <string.h>

#include "core/advance.h"
#include "core/enroll.h"
#include "core/journal.h"
#include "core/journal_words.h"
#include "core/list.h"
#include "core/view.h"
#include "store/workflow_rows.h"

static void write_enrollment(struct json *json, const struct enrollment_item *item)
{
	const struct enrollment *e = &item->enrollment;
	bool is_open = enrollment_state_is_open(e->state);
	json_object(json);
	json_key_id(json, "id", e->id);
	json_key_str(json, "workflow", e->workflow_id);
	json_key_int(json, "workflow_version", e->version);
	json_key(json, "contact");
	view_contact(json, e->contact_id, item->contact_first_name,
		     item->contact_last_name, item->contact_e164);
	json_key_str(json, "state", enrollment_state_name(e->state));
	json_key(json, "position");
	if (is_open) {
		json_object(json);
		json_key_str(json, "step", e->step_id);
		json_key_time(json, "since", e->since ? e->since : e->created_at);
		json_key_str(json, "reason", e->reason);
		json_end_object(json);
	} else {
		json_null(json);
	}
	json_key(json, "data");
	if (e->data)
		json_raw(json, e->data, strlen(e->data));
	else
		json_null(json);
	json_key_bool(json, "test", e->is_test);
	if (e->is_test)
		json_key_int(json, "compress", e->compress);
	json_key_time(json, "created_at", e->created_at);
	json_key_time(json, "ended_at", e->ended_at);
	json_key_str(json, "end_reason", is_open ? NULL : e->reason);
	json_key_str(json, "end_step", is_open ? NULL : e->step_id);
	json_end_object(json);
}

/* --- lists --- */

static void list_item(void *arg, const struct enrollment_item *item)
{
	struct list *list = arg;
	if (list_takes_id(list, item->enrollment.id))
		write_enrollment(&list->json, item);
}

enum err enrollment_list(struct snapshot *snap, void *arg)
{
	struct enrollment_list *cmd = arg;
	struct enrollment_filter filter = {.workflow_id = cmd->workflow_id,
					   .contact_id = cmd->contact_id,
					   .states = cmd->states,
					   .test = cmd->test,
					   .limit = cmd->limit + 1};
	struct list list;
	enum err err = list_parse_id(&cmd->call, cmd->cursor, &filter.before_id);
	if (err != ERR_OK)
		return err;
	list_begin(&list, &cmd->call, cmd->limit);
	err = enrollment_rows_page(snapshot_db(snap), &filter, list_item, &list);
	list_end(&list);
	return err;
}

struct journal_listing {
	struct list list;
	uint32_t version; /* of the workflow, as the enrollment was on it then */
};

/* From the line that says so on, it was on another version. */
static void follow_version(struct journal_listing *listing,
			   const struct journal_row *row)
{
	if (strcmp(row->kind, JOURNAL_MIGRATED) == 0 &&
	    *journal_text(listing->list.arena, row->detail, "to_step"))
		listing->version = (uint32_t)journal_number(row->detail, "to");
}

/* The version that a page begins with: the one that the next such line says it left. */
static enum err find_version(struct db *db, const struct enrollment *enrollment,
			     uint64_t after_id, struct journal_listing *listing)
{
	const char *detail;
	listing->version = enrollment->version;
	enum err err = journal_rows_next(db, listing->list.arena, enrollment->id,
					 after_id, JOURNAL_MIGRATED, &detail);
	if (err == ERR_OK)
		listing->version = (uint32_t)journal_number(detail, "from");
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void journal_item(void *arg, const struct journal_row *row)
{
	struct journal_listing *listing = arg;
	struct json *json = &listing->list.json;
	if (!list_takes_id(&listing->list, row->id))
		return;
	follow_version(listing, row);
	json_object(json);
	json_key_id(json, "id", row->id);
	json_key_time(json, "at", row->at);
	json_key_str(json, "step", row->step_id);
	json_key_int(json, "version", listing->version);
	json_key_str(json, "kind", row->kind);
	json_key(json, "detail");
	json_raw(json, row->detail, strlen(row->detail));
	json_end_object(json);
}

static enum err unknown(struct call *call)
{
	return call_refuse(
		call, ERR_NOT_FOUND,
		"There is no such enrollment; GET /api/v1/enrollments lists them.");
}

enum err enrollment_journal(struct snapshot *snap, void *arg)
{
	struct enrollment_journal *cmd = arg;
	struct enrollment enrollment;
	struct journal_listing listing;
	uint64_t after = 0;
	enum err err = list_parse_id(&cmd->call, cmd->cursor, &after);
	if (err == ERR_OK)
		err = enrollment_rows_load(snapshot_db(snap), cmd->call.arena, cmd->id,
					   &enrollment);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? unknown(&cmd->call) : err;
	list_begin(&listing.list, &cmd->call, cmd->limit);
	err = find_version(snapshot_db(snap), &enrollment, after, &listing);
	if (err == ERR_OK)
		err = journal_rows_page(snapshot_db(snap), cmd->id, after,
					cmd->limit + 1, journal_item, &listing);
	list_end(&listing.list);
	return err;
}

/* --- one --- */

static void answer_item(void *arg, const struct enrollment_item *item)
{
	struct json json = call_json(arg);
	write_enrollment(&json, item);
}

static void view_item(void *arg, const struct enrollment_item *item)
{
	write_enrollment(arg, item);
}

enum err enrollment_view(struct db *db, uint64_t id, struct json *json)
{
	return enrollment_rows_item(db, id, view_item, json);
}

enum err enrollment_get(struct snapshot *snap, void *arg)
{
	struct enrollment_get *cmd = arg;
	enum err err = enrollment_rows_item(snapshot_db(snap), cmd->id, answer_item,
					    &cmd->call);
	return err == ERR_NOT_FOUND ? unknown(&cmd->call) : err;
}

enum err enrollment_remove(struct txn *txn, void *arg)
{
	struct enrollment_remove *cmd = arg;
	const struct actor *actor = cmd->call.actor;
	struct enrollment enrollment;
	enum err err = enrollment_rows_load(txn_db(txn), cmd->call.arena, cmd->id,
					    &enrollment);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? unknown(&cmd->call) : err;
	if (!enrollment_state_is_open(enrollment.state))
		return call_refuse(&cmd->call, ERR_BAD_STATE,
				   "The enrollment has ended: it is %s.",
				   enrollment_state_name(enrollment.state));
	const char *reason = cmd->reason;
	if (!reason)
		reason = arena_printf(cmd->call.arena, "removed by %s",
				      actor->name ? actor->name
						  : actor_kind_name(actor->kind));
	err = advance_remove(txn, actor, &enrollment, reason);
	return err == ERR_OK ? enrollment_rows_item(txn_db(txn), cmd->id, answer_item,
						    &cmd->call)
			     : err;
}
