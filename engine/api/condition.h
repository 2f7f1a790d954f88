/* condition.h - the two request headers that guard a change: Idempotency-Key and If-Match. Syntax only.
 *
 *	const char *key;
 *	struct if_match match;
 *	if (!condition_key(req, &key) || !condition_match(req, &match))
 *		return;                           answered: 400 naming the header
 *	if (!if_match_allows(&match, "17"))       the object's version now
 *		problem_send(req, ERR_PRECONDITION, NULL);
 */
#ifndef HB_API_CONDITION_H
#define HB_API_CONDITION_H

#include <stdbool.h>

#include "api/http.h"

enum { IF_MATCH_MOST = 8, IDEMPOTENCY_KEY_MOST = 255 };

struct if_match {
	bool is_given, is_any; /* no header; "*" */
	unsigned count;
	const char *tags
		[IF_MATCH_MOST]; /* without quotes; weak ones are left out, since they never match strongly */
};

/* condition_key - 1 to 255 visible ASCII characters, bare or in double quotes (which do not count); NULL when absent.
 * false: answered with 400. Ref: draft-ietf-httpapi-idempotency-key-header. */
bool condition_key(struct http_request *req, const char **key_out) MUST_CHECK;

/* condition_match - `"17"`, `"17", "18"` or `*`. false: answered with 400. Ref: RFC 9110 13.1.1. */
bool condition_match(struct http_request *req, struct if_match *match_out) MUST_CHECK;

/* if_match_allows - no header, "*", or a tag equal to etag (given without quotes). */
bool if_match_allows(const struct if_match *match, const char *etag);

/* the pure parts: ERR_SYNTAX */
enum err condition_parse_key(struct arena *arena, const char *value,
			     const char **key_out) MUST_CHECK;
enum err condition_parse_match(struct arena *arena, const char *value,
			       struct if_match *match_out) MUST_CHECK;

#endif
