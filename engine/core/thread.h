/* thread.h - the conversation with a contact, and whose it is: the owner's of the contact; without one, theirs who texted
 * last; else nobody's.
 *
 * A text that came in is first for its handler: whoever texted last, or has taken the thread since (handler.h), be the owner
 * who it may. Once reply-release has passed it is the owner's alone, or nobody's.
 *
 * A thread is seen and answered by the rules of tasks: thread_as_task() gives it the shape of one that always waits, so
 * that task_is_visible(), task_may_act(), cards and guards hold for both.
 */
#ifndef HB_CORE_THREAD_H
#define HB_CORE_THREAD_H

#include "core/call.h"
#include "core/core.h"
#include "model/actor.h"
#include "model/records.h"

/* thread_as_task - id 0, pending, assigned to whose the thread is. */
struct task thread_as_task(const struct contact *contact);

/* thread_is_handled_by - a text waits for an answer by that user. */
bool thread_is_handled_by(const struct contact *contact, const struct actor *actor);

/* thread_is_visible - by whose it is; also to whoever has, or had, a task for the contact: its card shows the texts,
 * and whom a note of it names. A
 * deleted contact has its thread still. ERR_NOT_FOUND: there never was such a contact. */
enum err thread_is_visible(struct db *db, struct call *call, struct core *core,
			   uint64_t contact_id, bool *is_visible_out) MUST_CHECK;

/* thread_check - ERR_NOT_FOUND, refused in call, when the actor may not see it. */
enum err thread_check(struct db *db, struct call *call, struct core *core,
		      uint64_t contact_id) MUST_CHECK;

#endif
