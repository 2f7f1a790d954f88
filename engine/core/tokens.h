/* tokens.h - tokens for programs: made, listed, revoked. Shapes: the HTTP contract.
 *
 * Token: {id, kind, name, user, scopes, created_at, expires_at}, with "secret" in the one answer that makes it. A service
 * token is made by an admin in a session, or by the shell; a personal one in its own user's session, or by the shell. No
 * token makes tokens.
 */
#ifndef HB_CORE_TOKENS_H
#define HB_CORE_TOKENS_H

#include "core/call.h"
#include "model/who.h"

struct token_add {
	struct call call;
	enum token_kind kind;
	const char *name;
	struct who user; /* personal: whose; absent: the caller's */
	unsigned scopes;
	int64_t expires_at;
	const char *secret, *hash;
};
enum err token_add(struct txn *txn, void *arg) MUST_CHECK;

/* token_revoke - one's own, any by an admin or the shell. */
struct token_revoke {
	struct call call;
	uint64_t token_id;
};
enum err token_revoke(struct txn *txn, void *arg) MUST_CHECK;

/* token_list - one's own; all for admins, auditors and the shell. */
struct token_list {
	struct call call;
	size_t limit;
	const char *cursor;
};
enum err token_list(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
