/* sign_in.h - from a secret to who holds it, and sessions from their beginning to their end.
 *
 * A session lasts SESSION_MS from signing in, and ends earlier when nobody has used it for SESSION_IDLE_MS.
 */
#ifndef HB_CORE_SIGN_IN_H
#define HB_CORE_SIGN_IN_H

#include "core/call.h"
#include "core/secret.h"

#define SESSION_MS      (12 * HOUR_MS)
#define SESSION_IDLE_MS (2 * HOUR_MS)
#define SESSION_SEEN_MS (5 * MINUTE_MS) /* its last use is noted that coarsely */
#define LOGIN_LINK_MS   (24 * HOUR_MS)

/* credential_find - who holds a secret. ERR_UNAUTHENTICATED: unknown, revoked, or its user is not active; times are
 * left to the caller, who keeps what is found. The strings live until done has returned. A store_read_fn. */
struct credential_find {
	bool is_session;                 /* in: else a token */
	char hash[SECRET_HASH_TEXT_LEN]; /* in */

	struct actor actor;
	const char *csrf;            /* of a session */
	int64_t expires_at, seen_at; /* UTC ms; expires_at 0: never */
};
enum err credential_find(struct snapshot *snap, void *arg) MUST_CHECK;

/* password_find - what a password is to be compared with. hash is "" when there is no such active user, or no password:
 * the caller goes on all the same, so that it takes as long. A store_read_fn. */
struct password_find {
	const char *login; /* in; NULL: by user_id */
	uint64_t user_id;
	char hash[PASSWORD_HASH_LEN];
	void *owner; /* of whoever waits for it */
};
enum err password_find(struct snapshot *snap, void *arg) MUST_CHECK;

/* session_start - after a password that fitted, or by a one-time link, which sets the password. Answers {user,
 * csrf_token}. ERR_BAD_CREDENTIALS: the link is spent, or the user or password changed meanwhile. */
struct session_start {
	struct call call;
	uint64_t user_id;
	/* by password: the one that fitted; by link: the new one */
	const char *password_hash;
	const char *link_hash;    /* NULL: by password */
	const char *hash, *csrf;  /* of the new session */
	uint64_t started_user_id; /* out */
};
enum err session_start(struct txn *txn, void *arg) MUST_CHECK;

/* session_show - {user, csrf_token}; user null for callers who are none. A store_read_fn. */
struct session_show {
	struct call call;
	const char *csrf; /* NULL: no session */
};
enum err session_show(struct snapshot *snap, void *arg) MUST_CHECK;

/* session_end - the caller's own. */
struct session_end {
	struct call call;
};
enum err session_end(struct txn *txn, void *arg) MUST_CHECK;

/* session_seen - it was used at that instant; not a change that anybody waits for. */
struct session_seen {
	uint64_t session_id;
	int64_t at;
};
enum err session_seen(struct txn *txn, void *arg) MUST_CHECK;

#endif
