/* auth.h - who calls: session cookie, bearer token, signature (signed.h), or the unix socket; and may they.
 *
 * The gate runs before each handler. Credentials are looked up by the SHA-256 of the secret; what was found is cached on
 * the loop thread and forgotten as a whole when a commit signals SIGNAL_AUTH, so that a revoked token is dead from the
 * next request on. What must hold inside a transaction (an active user, a lease) is checked there again by the commands.
 */
#ifndef HB_API_AUTH_H
#define HB_API_AUTH_H

#include "api/api.h"

struct auth;

/* auth_new - api is borrowed; its store and core must be there. auth_free: after the store is closed and its last done
 * callbacks have run. */
struct auth *auth_new(struct api *api);
void auth_free(struct auth **auth);

/* auth_gate - for router_set_gate(); ctx is the struct api. 401 unauthenticated, 403 forbidden or human_required, 403 on
 * a missing X-CSRF-Token, else route_run(). */
void auth_gate(struct http_request *req, const struct route *route, void *ctx);

/* auth_forget - users, sessions or tokens changed. */
void auth_forget(struct auth *auth);

/* auth_decide - may this caller use a route with these flags (api.h)? Pure. In this order:
 *
 *	API_PUBLIC	anybody
 *	API_HUMAN	a session; a personal token with `send`; the shell only with API_SHELL_TOO.
 *			ERR_HUMAN_REQUIRED for service tokens and the shell, ERR_FORBIDDEN for want of `send`
 *	auditors	GET and HEAD everywhere, whatever the role flags say; the rest only with API_SELF
 *	scopes		all scope bits of the route
 *	API_LEAD, API_ADMIN	the user's role. A service token has no role: where the route names a scope, that scope
 *			stands in for API_LEAD; otherwise, and always for API_ADMIN, `admin` does
 */
struct auth_verdict {
	enum err err; /* ERR_OK, ERR_HUMAN_REQUIRED, ERR_FORBIDDEN */
	unsigned missing_scopes;
	const char *detail; /* a sentence, NULL on ERR_OK */
};
struct auth_verdict auth_decide(const struct actor *actor, unsigned flags,
				enum http_method method);

extern const struct route_table auth_routes; /* /session, /me, /tokens */
extern const struct route_table user_routes; /* /users, /teams */

#endif
