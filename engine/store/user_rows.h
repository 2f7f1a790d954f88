/* user_rows.h - users and teams. What they sign in with stands in credential_rows.h. */
#ifndef HB_STORE_USER_ROWS_H
#define HB_STORE_USER_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/store.h"

/* ERR_NOT_FOUND when there is none; strings come from arena. */
enum err user_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct user *user_out) MUST_CHECK;
enum err user_rows_by_login(struct db *db, struct arena *arena, const char *login,
			    struct user *user_out) MUST_CHECK;
enum err user_rows_insert(struct db *db, const struct user *user)
	MUST_CHECK; /* ERR_DUPLICATE: the login is taken */
enum err user_rows_save(struct db *db, const struct user *user)
	MUST_CHECK; /* all but login; counts revision up */

/* user_rows_page - by login, those after after_login ("": from the start), at most limit. active: 1 only active ones,
 * 0 only the others, -1 both. */
enum err user_rows_page(struct db *db, struct arena *arena, const char *after_login,
			int active, size_t limit, struct user **users_out,
			size_t *count_out) MUST_CHECK;

/* user_rows_count_active - how many active users have that role. */
enum err user_rows_count_active(struct db *db, enum role role,
				int64_t *count_out) MUST_CHECK;

/* user_rows_end_leases - nobody works on a card under this user's name any more; what was taken from a pool is back there. */
enum err user_rows_end_leases(struct db *db, uint64_t user_id) MUST_CHECK;

enum err team_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct team *team_out) MUST_CHECK;
enum err team_rows_by_name(struct db *db, struct arena *arena, const char *name,
			   struct team *team_out) MUST_CHECK;

/* team_rows_shares - is user in that team (other_user 0), or in any team together with other_user (team 0). */
enum err team_rows_shares(struct db *db, uint64_t user_id, uint64_t team_id,
			  uint64_t other_user_id, bool *shares_out) MUST_CHECK;

/* team_rows_mates - who shares a team with that user, in the order of ids; at most limit. */
enum err team_rows_mates(struct db *db, struct arena *arena, uint64_t user_id,
			 size_t limit, uint64_t **ids_out,
			 size_t *count_out) MUST_CHECK;

/* team_rows_members - user ids, in the order of ids. */
enum err team_rows_members(struct db *db, struct arena *arena, uint64_t team_id,
			   uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* team_rows_page - by id, those after after_id, at most limit. */
enum err team_rows_page(struct db *db, struct arena *arena, uint64_t after_id,
			size_t limit, struct team **teams_out,
			size_t *count_out) MUST_CHECK;
enum err team_rows_insert(struct db *db, const struct team *team)
	MUST_CHECK; /* ERR_DUPLICATE: the name is taken */
enum err team_rows_save(struct db *db, const struct team *team)
	MUST_CHECK; /* likewise; counts revision up */
enum err team_rows_delete(struct db *db,
			  uint64_t id) MUST_CHECK; /* with its memberships */

/* team_rows_set_members - exactly these, each once. */
enum err team_rows_set_members(struct db *db, uint64_t team_id,
			       const uint64_t *user_ids, size_t count) MUST_CHECK;

/* team_rows_has_open_tasks - pending, held or snoozed ones. */
enum err team_rows_has_open_tasks(struct db *db, uint64_t team_id,
				  bool *has_out) MUST_CHECK;

#endif
