/* hook_emit.h - telling other systems: what happened becomes a delivery for each hook that wants it, in the same
 * transaction as what it tells of. Nothing is done, and nothing is read, for an event that no hook wants.
 *
 *	err = task_rows_save(txn_db(txn), &task);
 *	if (err == ERR_OK)
 *		err = hook_emit_task(txn, HOOK_TASK_EXPIRED, &task, &actor_system);
 *
 * Call it when the rows are as they shall be told: the body is made here, from the rows, in the shapes of the API. The
 * body is {type, timestamp, data}; data has the object (task, message, contact, enrollment) and what the event adds.
 * The subject is what keeps its order at the receiver: the task, for its texts too; else the message, contact, enrollment.
 *
 * Test runs are told only to hooks with wants_tests; the object says `"test": true`.
 *
 * Thread: writer. Ref: standardwebhooks.com, "Payload structure"
 */
#ifndef HB_CORE_HOOK_EMIT_H
#define HB_CORE_HOOK_EMIT_H

#include "base/json.h"
#include "core/hook_set.h"
#include "model/actor.h"
#include "model/records.h"
#include "store/store.h"

/* What is told: members writes those of data. */
struct hook_telling {
	enum hook_event event;
	const char *kind; /* of the subject: "task" … */
	uint64_t id;
	bool is_test;
	enum err (*members)(struct txn *txn, struct json *json, const void *arg);
	const void *arg;
};

enum err hook_emit(struct txn *txn, const struct hook_telling *telling) MUST_CHECK;

/* hook_emit_task - data: {task, by}. task.* events. */
enum err hook_emit_task(struct txn *txn, enum hook_event event, const struct task *task,
			const struct actor *actor) MUST_CHECK;

/* hook_emit_sent - data: {task, message {id, state}, by}. */
enum err hook_emit_sent(struct txn *txn, const struct task *task,
			const struct message *message,
			const struct actor *actor) MUST_CHECK;

/* hook_emit_message - data: {message}. The event is that of the state it has; states without one tell nothing. */
enum err hook_emit_message(struct txn *txn, const struct message *message) MUST_CHECK;

/* hook_emit_inbound - data: {message, contact}. */
enum err hook_emit_inbound(struct txn *txn, const struct message *message,
			   const struct contact *contact) MUST_CHECK;

/* hook_emit_opted_out - data: {number, contact, reason, by}; contact is null when nobody in particular. */
enum err hook_emit_opted_out(struct txn *txn, const char *e164, uint64_t contact_id,
			     const char *reason, const struct actor *actor) MUST_CHECK;

/* hook_emit_completed - data: {enrollment}. */
enum err hook_emit_completed(struct txn *txn,
			     const struct enrollment *enrollment) MUST_CHECK;

/* hook_emit_head - data: {head: "CHAIN:SEQ:HASH"}; nothing while the ledger is empty. A store_write_fn, hourly. */
enum err hook_emit_head(struct txn *txn, void *unused) MUST_CHECK;

/* hook_body - {type, timestamp, data: {…}} in the write's arena; telling->event is not looked at. */
enum err hook_body(struct txn *txn, const char *type,
		   const struct hook_telling *telling,
		   const char **body_out) MUST_CHECK;

#endif
