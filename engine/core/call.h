/* call.h - the frame of every command and query: who asks, what came of it, the answer's bytes.
 *
 * A command is a store_write_fn whose arg begins with a struct call, a query a store_read_fn likewise:
 *
 *	struct task_skip { struct call call; uint64_t task_id; const char *reason; };
 *	enum err task_skip(struct txn *txn, void *arg)
 *	{
 *		struct task_skip *cmd = arg;
 *		…
 *		if (!task_next(task.state, TASK_EV_SKIP, &next))
 *			return call_refuse(&cmd->call, ERR_NOT_PENDING, "The task is %s.", …);
 *		…
 *		return view_task_answer(…, &cmd->call);	writes call.answer
 *	}
 *
 * A refusal that is returned leaves nothing behind. One that must leave a trace (a refused send is journaled) is set with
 * call_refuse_kept(), and the command returns ERR_OK. The layer above looks at call.refusal first, then at the error.
 * Everything in a call lives in the arena of its request; answer is moved to whoever sends it.
 *
 * Thread: filled on the loop, used by one writer or reader, then by the loop again.
 */
#ifndef HB_CORE_CALL_H
#define HB_CORE_CALL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/actor.h"
#include "store/store.h"

struct refusal {
	enum err err;       /* ERR_OK: none */
	const char *detail; /* a sentence: what, and how to mend it */
	const char *member; /* the JSON member or parameter at fault, or NULL */
	/* more members of the problem, as JSON without braces, or NULL: "\"holder\":{…}" */
	const char *extra;
};

struct call {
	const struct actor *actor;
	struct arena *arena; /* the request's */
	struct refusal refusal;
	int status;        /* of the answer; 0: 200, or 204 when there is no answer */
	struct buf answer; /* JSON */
	const char *location; /* path of what was created, or NULL */
	uint32_t revision;    /* of what the answer shows: its ETag; 0: none */
	void *owner; /* of whoever waits for it: the API keeps its request here */

	/* Idempotency-Key, or the webhook-id of what is signed: set by the API on calls that create */
	const char *idempotency_key, *request_hash;
	store_write_fn *inner;
};

/* call_refuse - records why and returns err, so that nothing stays: return call_refuse(…). */
enum err call_refuse(struct call *call, enum err err, const char *fmt, ...)
	PRINTF_LIKE(3, 4) MUST_CHECK;

/* call_refuse_member - the same, naming the member at fault. */
enum err call_refuse_member(struct call *call, enum err err, const char *member,
			    const char *fmt, ...) PRINTF_LIKE(4, 5) MUST_CHECK;

/* call_refuse_kept - records why; the command goes on to return ERR_OK and what it wrote stays. */
void call_refuse_kept(struct call *call, enum err err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* call_json - a writer into the answer. */
struct json call_json(struct call *call);

/* call_idempotent - runs call->inner at most once per (credential, key): the first answer is kept 24 h and given again;
 * the same key with another body is refused (ERR_IDEMPOTENCY). Refusals are not kept. What is kept is sealed (seal.h): it may
 * hold a secret that is shown once. A store_write_fn. */
enum err call_idempotent(struct txn *txn, void *arg);

#endif
