/* who.h - how callers name a person or team: an id, a login, "me", "none", or {"team": id}.
 *
 * Logins match [a-z][a-z0-9._-]*, at most 64 characters; "me" and "none" are none. Pure.
 */
#ifndef HB_MODEL_WHO_H
#define HB_MODEL_WHO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum who_kind { WHO_ABSENT, WHO_ID, WHO_LOGIN, WHO_TEAM, WHO_ME, WHO_NOBODY };

struct who {
	enum who_kind kind;
	uint64_t id;       /* WHO_ID, WHO_TEAM */
	const char *login; /* WHO_LOGIN; borrowed from what was parsed */
};

/* who_parse - "123", "ana", "me", "none". ERR_SYNTAX otherwise. */
enum err who_parse(const char *text, struct who *who_out) MUST_CHECK;

bool who_is_login(const char *text);

#endif
