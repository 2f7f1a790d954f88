/* people.h - from names to people: what a caller wrote ("ana", an id, "me", {"team": id}) to a user or team, and back. */
#ifndef HB_CORE_PEOPLE_H
#define HB_CORE_PEOPLE_H

#include "core/call.h"
#include "model/who.h"

struct party {
	uint64_t user_id, team_id; /* both 0: nobody */
};

/* people_resolve - for writing: the user must be active. "me" needs a call made by a user. Refuses with ERR_UNKNOWN_USER
 * naming member. WHO_ABSENT and WHO_NOBODY give nobody. */
enum err people_resolve(struct db *db, struct call *call, const struct who *who,
			const char *member, struct party *party_out) MUST_CHECK;

/* people_find - for filters: inactive users are found too; an unknown one is user_id = UINT64_MAX >> 1, which nobody has. */
enum err people_find(struct db *db, struct call *call, const struct who *who,
		     struct party *party_out) MUST_CHECK;

/* people_write - {id, login, name} or null, as the value after a key. */
enum err people_write(struct db *db, struct arena *arena, uint64_t user_id,
		      struct json *json) MUST_CHECK;

/* people_in_team - for task_is_visible() and task_may_act(): the actor is in the task's team, or shares a team with its
 * assignee. */
enum err people_in_team(struct db *db, const struct actor *actor,
			const struct task *task, bool *in_team_out) MUST_CHECK;

#endif
