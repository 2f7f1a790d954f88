/* thread.c - see thread.h */
#include "core/thread.h"

#include "core/people.h"
#include "model/rules.h"
#include "store/contact_rows.h"
#include "store/mention_rows.h"
#include "store/task_rows.h"

struct task thread_as_task(const struct contact *contact)
{
	return (struct task){
		.contact_id = contact->id,
		.name = "",
		.text = "",
		.state = TASK_PENDING,
		.assignee_id =
			contact->owner_id ? contact->owner_id : contact->texter_id,
	};
}

bool thread_is_handled_by(const struct contact *contact, const struct actor *actor)
{
	return contact->release_at && actor->user_id &&
	       contact->texter_id == actor->user_id && actor->role != ROLE_AUDITOR;
}

enum err thread_is_visible(struct db *db, struct call *call, struct core *core,
			   uint64_t contact_id, bool *is_visible_out)
{
	struct contact contact;
	bool in_team = false;
	enum err err = contact_rows_load_any(db, call->arena, contact_id, &contact);
	if (err != ERR_OK)
		return err;
	const struct task thread = thread_as_task(&contact);
	err = people_in_team(db, call->actor, &thread, &in_team);
	if (err != ERR_OK)
		return err;
	*is_visible_out =
		task_is_visible(call->actor, core_policy(core), &thread, in_team) ||
		thread_is_handled_by(&contact, call->actor);
	if (!*is_visible_out)
		err = task_rows_had_by(db, contact_id, call->actor->user_id,
				       is_visible_out);
	return err != ERR_OK || *is_visible_out
		       ? err
		       : mention_rows_has(db, call->actor->user_id, contact_id,
					  is_visible_out);
}

enum err thread_check(struct db *db, struct call *call, struct core *core,
		      uint64_t contact_id)
{
	bool is_visible = false;
	enum err err = thread_is_visible(db, call, core, contact_id, &is_visible);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_visible))
		return call_refuse(call, ERR_NOT_FOUND, "There is no contact %llu.",
				   (unsigned long long)contact_id);
	return err;
}
