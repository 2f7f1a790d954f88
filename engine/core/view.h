/* view.h - how things look in JSON: one place for the shapes that several answers share. Shapes: the HTTP contract. */
#ifndef HB_CORE_VIEW_H
#define HB_CORE_VIEW_H

#include "core/call.h"
#include "model/guards.h"
#include "store/message_rows.h"
#include "store/task_rows.h"

struct gsm_segments;

/* person_name - "Ana Silva", or the login when there is no name. */
const char *person_name(struct arena *arena, const char *first, const char *last,
			const char *login);

/* view_person - {id, login, name}; null when login is NULL. Written straight from a row, without an arena. */
void view_person(struct json *json, uint64_t id, const char *login, const char *first,
		 const char *last);

/* view_contact - {id, name, phone_e164} */
void view_contact(struct json *json, uint64_t id, const char *first, const char *last,
		  const char *e164);

/* where a view reads from and writes to */
struct view {
	struct db *db;
	struct arena *arena;
	struct json *json;
};

/* view_task_item - a Task as lists have it; view_task adds why it exists. */
enum err view_task_item(const struct view *view,
			const struct task_item *item) MUST_CHECK;

/* view_task - a Task by id, whole. ERR_NOT_FOUND. */
enum err view_task(struct db *db, struct arena *arena, uint64_t task_id, int64_t now,
		   struct json *json) MUST_CHECK;

/* view_message_line - a text as the list of threads has it. ERR_NOT_FOUND. */
enum err view_message_line(struct db *db, uint64_t message_id,
			   struct json *json) MUST_CHECK;

/* view_message_item - a Message that was loaded, with its reports. */
enum err view_message_item(struct db *db, struct arena *arena,
			   const struct message_item *item,
			   struct json *json) MUST_CHECK;
enum err view_message(struct db *db, struct arena *arena, uint64_t message_id,
		      struct json *json) MUST_CHECK;

/* view_guards - [{name, ok, detail, fix, warns?, passes_at?}] as a value */
void view_guards(struct json *json, const struct guards *guards);

struct template_hole;

/* view_holes - [{field, start, length}] as a value */
void view_holes(struct json *json, const struct template_hole *holes, size_t count);

/* view_segments - {encoding, count, units, left, unicode_chars, foreign, gsm_text} of that text as a value: the last two
 * say where its characters stand that no GSM alphabet has, and what could be typed instead; nothing is put in for them. */
void view_segments(struct json *json, const char *text,
		   const struct gsm_segments *segments);

/* call_answer_task, call_answer_message - the object as the call's answer. */
enum err call_answer_task(struct db *db, struct call *call, uint64_t task_id,
			  int64_t now) MUST_CHECK;
enum err call_answer_message(struct db *db, struct call *call,
			     uint64_t message_id) MUST_CHECK;

#endif
