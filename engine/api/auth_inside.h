/* auth_inside.h - what auth.c (the gate), signed.c (signatures) and session_api.c (signing in) share. */
#ifndef HB_API_AUTH_INSIDE_H
#define HB_API_AUTH_INSIDE_H

#include "api/auth.h"
#include "api/auth_cache.h"
#include "api/throttle.h"

enum {
	AUTH_LOGIN_MOST = 10, /* failures per login and address within AUTH_WINDOW_MS */
	AUTH_ADDRESS_MOST = 100,   /* failures per address, whatever the login */
	AUTH_TOKEN_MOST = 100,     /* unknown tokens per address */
	AUTH_SIGNATURE_MOST = 100, /* wrong signatures per event source and address */
};
#define AUTH_WINDOW_MS (5 * MINUTE_MS)

struct auth {
	struct api *api;
	struct auth_cache *cache;
	struct throttle *logins, *addresses, *tokens, *signatures;
	char *cookie_name; /* [__Host-]handbox-INSTANCE */
	char *origin;      /* scheme://host[:port] of public_url */
	bool is_https;
};

/* auth_is_same_site - the request does not come from a page of somebody else, as far as the browser tells. false: it has
 * been answered with 403. */
bool auth_is_same_site(struct http_request *req) MUST_CHECK;

/* auth_set_cookie - secret NULL: takes it away. */
void auth_set_cookie(struct http_request *req, const char *secret);

/* auth_admit - the request goes on as that actor's, when the route lets them. The actor's name lives as long as the
 * request. */
void auth_admit(struct http_request *req, const struct actor *actor);

/* auth_csrf - of the caller's session; NULL: no session. Borrowed from the request. */
const char *auth_csrf(const struct http_request *req);

#endif
