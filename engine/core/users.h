/* users.h - people and teams: commands and queries. Shapes: the HTTP contract.
 *
 * User: {id, login, name, first_name, last_name, email, role, active, on_shift, capacity, notices: {digest}, created_at}. A user who has no password
 * yet gets a one-time link (24 h) that sets it; making a new link or setting the password for somebody else ends that
 * user's sessions. Team: {id, name, members: [{id, login, name}]}.
 */
#ifndef HB_CORE_USERS_H
#define HB_CORE_USERS_H

#include "core/call.h"
#include "core/people.h"

void user_write(struct json *json, struct arena *arena, const struct user *user);

/* What the API made beforehand: the password's hash, or a link. Both NULL: none of them is asked for. */
struct user_secret {
	const char *password_hash;
	const char *link, *link_hash; /* link: the whole URL, for the answer */
};

struct user_add {
	struct call call;
	const char *login, *first_name, *last_name, *email;
	enum role role;
	struct user_secret secret;
};
enum err user_add(struct txn *txn, void *arg) MUST_CHECK;

/* user_change - NULL: stays as it is. By id or login, or "me". */
struct user_change {
	struct call call;
	struct who who;
	const char *first_name, *last_name, *email;
	const enum role *role;
	const bool *on_shift;
	const unsigned *capacity; /* 0: any number */
	const enum user_digest *digest;
	bool reactivate;
	struct user_secret secret;
};
enum err user_change(struct txn *txn, void *arg) MUST_CHECK;

/* user_set_password - one's own. The old one has been checked: it must still be that. Other sessions end. */
struct user_set_password {
	struct call call;
	const char *old_hash, *new_hash;
};
enum err user_set_password(struct txn *txn, void *arg) MUST_CHECK;

/* user_deactivate - inactive from this transaction on: no session, token or lease is left. Moves the open tasks to
 * reassign_to, a user or the pool of a team, or to nobody: up to 500 here (200), the rest as a job (202, with "job"),
 * which user_reassign_step works off; each says so in its why. Until then they stand under the inactive user, where leads see them. Again: moves what is left. */
struct user_deactivate {
	struct call call;
	struct who who, reassign_to;
};
enum err user_deactivate(struct txn *txn, void *arg) MUST_CHECK;

/* user_reassign_step - one step of such jobs: run it at start and on SIGNAL_TIMER until is_done; it writes few
 * enough rows to share a transaction with other steps. A store_write_fn, for the scheduler. */
enum { USER_REASSIGN_MOST = 500, USER_REASSIGN_STEP = 250 };
struct user_reassign_step {
	bool is_done;
};
enum err user_reassign_step(struct txn *txn, void *arg) MUST_CHECK;

struct user_get {
	struct call call;
	struct who who;
};
enum err user_get(struct snapshot *snap, void *arg) MUST_CHECK;

struct user_list {
	struct call call;
	int active; /* 1, 0, -1: both */
	size_t limit;
	const char *cursor; /* login of the last one seen, or NULL */
};
enum err user_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* --- teams -------------------------------------------------------------------------------------------------------- */

enum { TEAM_MEMBERS_MOST = 500 };

/* team_put - team_id 0: a new one. */
struct team_put {
	struct call call;
	uint64_t team_id;
	const char *name;
	const char *const *members; /* ids or logins; NULL with count 0 */
	size_t member_count;
};
enum err team_put(struct txn *txn, void *arg) MUST_CHECK;

/* team_remove - ERR_BAD_STATE while open tasks belong to it. */
struct team_remove {
	struct call call;
	uint64_t team_id;
};
enum err team_remove(struct txn *txn, void *arg) MUST_CHECK;

struct team_get {
	struct call call;
	uint64_t team_id;
};
enum err team_get(struct snapshot *snap, void *arg) MUST_CHECK;

struct team_list {
	struct call call;
	size_t limit;
	const char *cursor;
};
enum err team_list(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
