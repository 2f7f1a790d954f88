/* view.c - see view.h */
#include "core/view.h"

#include <string.h>

#include "base/utf8.h"
#include "core/holds.h"
#include "model/ascii_like.h"
#include "model/rules.h"
#include "model/template.h"
#include "plugin/gsm.h"
#include "store/contact_rows.h"

const char *person_name(struct arena *arena, const char *first, const char *last,
			const char *login)
{
	bool has_first = first && *first, has_last = last && *last;
	if (has_first && has_last)
		return arena_printf(arena, "%s %s", first, last);
	return has_first ? first : has_last ? last : login;
}

/* "First Last" without building it elsewhere first: lists write thousands of names. */
static void name_value(struct json *json, const char *first, const char *last,
		       const char *otherwise)
{
	char name[512];
	bool has_first = first && *first, has_last = last && *last;
	size_t a = has_first ? strlen(first) : 0, b = has_last ? strlen(last) : 0;
	if (!has_first || !has_last || a + b + 1 > sizeof(name)) {
		json_str(json, has_first ? first : has_last ? last : otherwise);
		return;
	}
	memcpy(name, first, a);
	name[a] = ' ';
	memcpy(name + a + 1, last, b);
	json_str_len(json, name, a + b + 1);
}

void view_person(struct json *json, uint64_t id, const char *login, const char *first,
		 const char *last)
{
	if (!login) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_id(json, "id", id);
	json_key_str(json, "login", login);
	json_key(json, "name");
	name_value(json, first, last, login);
	json_end_object(json);
}

void view_contact(struct json *json, uint64_t id, const char *first, const char *last,
		  const char *e164)
{
	json_object(json);
	json_key_id(json, "id", id);
	json_key(json, "name");
	name_value(json, first, last, "");
	json_key_str(json, "phone_e164", e164);
	json_end_object(json);
}

/* What is odd about a task, as far as a list sees it: the card has the guards. */
static void odd_words(struct json *json, const struct task_item *item)
{
	if (!item->contact_e164)
		json_str(json, "no_number");
	if (!item->task.assignee_id && !item->task.team_id &&
	    task_state_is_open(item->task.state))
		json_str(json, "unassigned");
}

/* And what else keeps its text from being sent for now: a program that makes one hears of it in the answer. */
static enum err more_odd_words(const struct view *view, const struct task_item *item)
{
	struct contact contact;
	struct number number = {0};
	if (!task_state_is_open(item->task.state))
		return ERR_OK;
	enum err err = contact_rows_load_any(view->db, view->arena,
					     item->task.contact_id, &contact);
	if (err == ERR_OK && contact.phone_e164)
		err = number_rows_load(view->db, view->arena, contact.phone_e164,
				       &number);
	if (err != ERR_OK)
		return err;
	if (!contact.sms_enabled)
		json_str(view->json, "sms_disabled");
	if (number.is_opted_out)
		json_str(view->json, "opted_out");
	return ERR_OK;
}

/* When the recipient's sending hours are open; of a task that has ended nobody asks. */
static void hours_member(struct json *json, const struct task_item *item)
{
	json_key(json, "hours");
	if (!task_state_is_open(item->task.state)) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_bool(json, "open", item->is_open);
	json_key_time(json, "opens_at", item->opens_at);
	json_key_time(json, "closes_at", item->closes_at);
	json_end_object(json);
}

static void item_members(struct json *json, const struct task_item *item)
{
	const struct task *task = &item->task;
	json_key_id(json, "id", task->id);
	json_key_str(json, "state", task_state_name(task->state));
	json_key_str(json, "name", task->name);
	json_key_str(json, "origin", task_origin_name(task->origin));
	json_key_str(json, "workflow", task->workflow_id);
	json_key(json, "workflow_version");
	if (task->workflow_version)
		json_int(json, task->workflow_version);
	else
		json_null(json);
	json_key_str(json, "step", task->step_id);
	json_key_id(json, "enrollment", task->enrollment_id);
	json_key(json, "contact");
	view_contact(json, task->contact_id, item->contact_first_name,
		     item->contact_last_name, item->contact_e164);
	json_key(json, "assignee");
	view_person(json, task->assignee_id, item->assignee_login,
		    item->assignee_first_name, item->assignee_last_name);
	json_key(json, "team");
	if (item->team_name) {
		json_object(json);
		json_key_id(json, "id", task->team_id);
		json_key_str(json, "name", item->team_name);
		json_end_object(json);
	} else {
		json_null(json);
	}
	json_key_str(json, "text", task->text);
	hours_member(json, item);
	json_key_int(json, "priority", task->priority);
	json_key_time(json, "due_at", task->due_at);
	json_key_time(json, "expires_at", task->expires_at);
	json_key_time(json, "snoozed_until",
		      task->state == TASK_SNOOZED ? task->snoozed_until : 0);
	json_key_time(json, "created_at", task->created_at);
	json_key_time(json, "ended_at", task->ended_at);
	json_key_str(json, "end_reason", task->end_reason);
	json_key_str(json, "attention", task->attention);
	json_key_bool(json, "follows_owner", task->follows_owner);
	json_key_bool(json, "test", task->is_test);
	json_key_bool(json, "locked", task->is_locked);
}

static void lease_and_message(struct json *json, const struct task_item *item)
{
	if (item->lease_login) {
		json_key(json, "lease");
		json_object(json);
		json_key(json, "holder");
		view_person(json, item->lease_user_id, item->lease_login,
			    item->lease_first_name, item->lease_last_name);
		json_key_time(json, "expires_at", item->lease_expires_at);
		json_end_object(json);
	}
	if (item->has_message) {
		json_key(json, "message");
		json_object(json);
		json_key_id(json, "id", item->task.message_id);
		json_key_str(json, "state", message_state_name(item->message_state));
		json_end_object(json);
	}
}

static enum err holds_member(const struct view *view, const struct task_item *item)
{
	const char **reasons;
	size_t count = 0;
	enum err err = holds_of(view->db, view->arena, &item->task, item->contact_e164,
				&reasons, &count);
	json_key(view->json, "holds");
	json_array(view->json);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		json_str(view->json, reasons[i]);
	json_end_array(view->json);
	return err;
}

/* Lists ask for the reasons of held tasks only: a wide hold has reached the state of the others in a moment. */
enum err view_task_item(const struct view *view, const struct task_item *item)
{
	struct json *json = view->json;
	enum err err = ERR_OK;
	json_object(json);
	item_members(json, item);
	lease_and_message(json, item);
	json_key(json, "warnings");
	json_array(json);
	odd_words(json, item);
	json_end_array(json);
	if (item->task.state == TASK_HELD) {
		err = holds_member(view, item);
	} else {
		json_key(json, "holds");
		json_raw(json, "[]", 2);
	}
	json_end_object(json);
	return err;
}

struct whole {
	struct view view;
	enum err err;
};

static void whole_task_item(void *arg, const struct task_item *item)
{
	struct whole *whole = arg;
	struct json *json = whole->view.json;
	json_object(json);
	item_members(json, item);
	lease_and_message(json, item);
	json_key_str(json, "why", item->task.why);
	json_key(json, "warnings");
	json_array(json);
	odd_words(json, item);
	whole->err = more_odd_words(&whole->view, item);
	json_end_array(json);
	if (whole->err == ERR_OK)
		whole->err = holds_member(&whole->view, item);
	json_end_object(json);
}

enum err view_task(struct db *db, struct arena *arena, uint64_t task_id, int64_t now,
		   struct json *json)
{
	struct whole whole = {{db, arena, json}, ERR_OK};
	enum err err = task_rows_item(db, task_id, now, whole_task_item, &whole);
	return err != ERR_OK ? err : whole.err;
}

/* What an inbound text says of consent, and whether somebody else has its number too. */
static void inbound_members(struct json *json, const struct message *message)
{
	static const char *const verdicts[] = {NULL, "stop", "not_stop"};
	json_key_str(json, "consent", consent_said_name(message->said));
	json_key_str(json, "verdict", verdicts[message->verdict]);
	json_key_bool(json, "number_shared", message->is_shared);
}

/* The text that the task had stands in the receipt. */
static enum err edited_members(struct db *db, struct arena *arena,
			       const struct message *message, struct json *json)
{
	struct receipt receipt;
	enum err err;
	json_key_bool(json, "edited", message->is_edited);
	if (!message->is_edited)
		return ERR_OK;
	err = receipt_rows_load(db, arena, message->receipt_id, &receipt);
	if (err == ERR_OK)
		json_key_str(json, "original", receipt_original(&receipt));
	return err;
}

static void message_members(struct json *json, const struct message_item *item)
{
	const struct message *message = &item->message;
	const char *handset = message->number, *own = message->own_number;
	json_key_id(json, "id", message->id);
	json_key_str(json, "direction", message->is_inbound ? "in" : "out");
	json_key(json, "contact");
	view_contact(json, message->contact_id, item->contact_first_name,
		     item->contact_last_name, item->contact_e164);
	json_key_str(json, "text", message->text);
	json_key_str(json, "from", message->is_inbound ? handset : own);
	json_key_str(json, "to", message->is_inbound ? own : handset);
	json_key_int(json, "segments", message->segments);
	json_key_str(json, "encoding", message->is_unicode ? "UCS-2" : "GSM-7");
	json_key_str(json, "state", message_state_name(message->state));
	json_key_time(json, "state_at", message->state_at);
	json_key_str(json, "detail", message->detail);
	json_key_id(json, "task", message->task_id);
	json_key_str(json, "workflow", item->workflow_id);
	json_key(json, "sent_by");
	view_person(json, message->sent_by, item->sender_login, item->sender_first_name,
		    item->sender_last_name);
	json_key_time(json, "created_at", message->created_at);
	json_key_bool(json, "test", message->is_test);
	if (message->is_inbound)
		inbound_members(json, message);
	if (message->evidence)
		json_key_str(json, "evidence", message->evidence);
}

static void report_kinds(struct json *json, unsigned kind)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{DLR_DELIVERED, "delivered"},
		     {DLR_FAILED, "failed"},
		     {DLR_BUFFERED, "buffered"},
		     {DLR_SMSC, "smsc_accepted"},
		     {DLR_REJECTED, "rejected"}};
	const char *word = "unknown";
	for (size_t i = sizeof(names) / sizeof(names[0]); i-- > 0;)
		if (kind & names[i].bit)
			word = names[i].name;
	json_key_str(json, "kind", word);
	json_key_int(json, "bits", kind);
}

/* The gateway reports on texts that went out. */
static enum err load_reports(struct db *db, struct arena *arena,
			     const struct message *message,
			     struct report_row **reports_out, size_t *count_out)
{
	*count_out = 0;
	return message->is_inbound
		       ? ERR_OK
		       : report_rows_of(db, arena, message->id, reports_out, count_out);
}

enum err view_message_item(struct db *db, struct arena *arena,
			   const struct message_item *item, struct json *json)
{
	struct report_row *reports = NULL;
	size_t count;
	enum err err = load_reports(db, arena, &item->message, &reports, &count);
	if (err != ERR_OK)
		return err;
	json_object(json);
	message_members(json, item);
	if (!item->message.is_inbound)
		err = edited_members(db, arena, &item->message, json);
	json_key(json, "reports");
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		json_object(json);
		report_kinds(json, reports[i].kind);
		json_key_str(json, "detail", reports[i].detail);
		json_key_time(json, "at", reports[i].at);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
	return err;
}

static void whole_message_item(void *arg, const struct message_item *item)
{
	struct whole *whole = arg;
	whole->err = view_message_item(whole->view.db, whole->view.arena, item,
				       whole->view.json);
}

enum err view_message(struct db *db, struct arena *arena, uint64_t message_id,
		      struct json *json)
{
	struct whole whole = {{db, arena, json}, ERR_OK};
	enum err err = message_rows_item(db, message_id, whole_message_item, &whole);
	return err != ERR_OK ? err : whole.err;
}

static void message_line(void *arg, const struct message_line *line)
{
	struct json *json = arg;
	json_object(json);
	json_key_id(json, "id", line->id);
	json_key_str(json, "direction", line->is_inbound ? "in" : "out");
	json_key_str(json, "text", line->text);
	json_key_str(json, "state", message_state_name(line->state));
	json_key_id(json, "task", line->task_id);
	json_key(json, "sent_by");
	view_person(json, line->sent_by, line->sender_login, line->sender_first_name,
		    line->sender_last_name);
	json_key_time(json, "created_at", line->created_at);
	json_end_object(json);
}

enum err view_message_line(struct db *db, uint64_t message_id, struct json *json)
{
	return message_rows_line(db, message_id, message_line, json);
}

void view_guards(struct json *json, const struct guards *guards)
{
	json_array(json);
	for (unsigned i = 0; i < GUARD_COUNT; i++) {
		const struct guard_result *result = &guards->result[i];
		json_object(json);
		json_key_str(json, "name", guard_name((enum guard)i));
		json_key_bool(json, "ok", result->ok);
		if (result->warns)
			json_key_bool(json, "warns", true);
		json_key_str(json, "detail", result->detail);
		json_key_str(json, "fix", result->fix);
		if (result->passes_at)
			json_key_time(json, "passes_at", result->passes_at);
		json_end_object(json);
	}
	json_end_array(json);
}

void view_holes(struct json *json, const struct template_hole *holes, size_t count)
{
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		json_object(json);
		json_key_str(json, "field", holes[i].field);
		json_key_int(json, "start", (int64_t)holes[i].start_bytes);
		json_key_int(json, "length", (int64_t)holes[i].len_bytes);
		json_end_object(json);
	}
	json_end_array(json);
}

static void foreign_places(struct json *json, const char *text, uint32_t code_point)
{
	const char *end = text + strlen(text);
	json_key(json, "at");
	json_array(json);
	for (const char *at = text, *here = at; at < end; here = at) {
		uint32_t c = utf8_next(&at, end);
		if (c == code_point)
			json_int(json, here - text);
		if (at == here)
			break; /* broken: the door lets none in */
	}
	json_end_array(json);
}

static void foreign_value(struct json *json, const char *text, uint32_t code_point)
{
	struct buf c = BUF_EMPTY;
	utf8_add(&c, code_point);
	json_object(json);
	json_key_str(json, "char", buf_str(&c));
	if (ascii_like_name(code_point))
		json_key_str(json, "name", ascii_like_name(code_point));
	foreign_places(json, text, code_point);
	json_key_str(json, "equivalent", ascii_like(code_point));
	json_end_object(json);
	buf_fini(&c);
}

/* The whole text with what can be typed instead; what nothing stands for stays. */
static void gsm_text_member(struct json *json, const char *text)
{
	struct buf gsm = BUF_EMPTY;
	const char *end = text + strlen(text);
	for (const char *at = text, *here = at; at < end; here = at) {
		uint32_t c = utf8_next(&at, end);
		const char *like = gsm_septets(c) ? NULL : ascii_like(c);
		if (at == here)
			break;
		if (like)
			buf_add_str(&gsm, like);
		else
			buf_add(&gsm, here, (size_t)(at - here));
	}
	json_key_str(json, "gsm_text", buf_str(&gsm));
	buf_fini(&gsm);
}

void view_segments(struct json *json, const char *text,
		   const struct gsm_segments *segments)
{
	json_object(json);
	json_key_str(json, "encoding", gsm_encoding_name(segments->encoding));
	json_key_int(json, "count", segments->count);
	json_key_int(json, "units", segments->units);
	json_key_int(json, "left", segments->left);
	json_key(json, "unicode_chars");
	json_array(json);
	for (unsigned i = 0; i < segments->foreign_count; i++) {
		struct buf c = BUF_EMPTY;
		utf8_add(&c, segments->foreign[i].code_point);
		json_str(json, buf_str(&c));
		buf_fini(&c);
	}
	json_end_array(json);
	json_key(json, "foreign");
	json_array(json);
	for (unsigned i = 0; i < segments->foreign_count; i++)
		foreign_value(json, text, segments->foreign[i].code_point);
	json_end_array(json);
	if (segments->foreign_count)
		gsm_text_member(json, text);
	else
		json_key_str(json, "gsm_text", NULL);
	json_end_object(json);
}

enum err call_answer_task(struct db *db, struct call *call, uint64_t task_id,
			  int64_t now)
{
	struct json json = call_json(call);
	return view_task(db, call->arena, task_id, now, &json);
}

enum err call_answer_message(struct db *db, struct call *call, uint64_t message_id)
{
	struct json json = call_json(call);
	return view_message(db, call->arena, message_id, &json);
}
