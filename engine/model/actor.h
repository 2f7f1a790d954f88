/* actor.h - who does something, with what, and by which way in. Every act in the ledger names all three.
 *
 * A machine never becomes a person: a service token has scopes but no user, and actor_is_person() is false whatever its
 * scopes say. The shell (the unix socket, or the program itself when no daemon runs) administers the instance but is no
 * person either: it makes users and tokens, and never sends.
 */
#ifndef HB_MODEL_ACTOR_H
#define HB_MODEL_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "model/records.h"

enum scope {
	SCOPE_READ = 1 << 0,
	SCOPE_CONTACTS = 1 << 1,
	SCOPE_WORKFLOWS = 1 << 2,
	SCOPE_ENROLL = 1 << 3,
	SCOPE_TASKS = 1 << 4,
	SCOPE_ADMIN = 1 << 5,
	SCOPE_SEND = 1 << 6, /* personal tokens only */
	SCOPE_ALL = (1 << 7) - 1,
};

enum actor_kind {
	ACTOR_SYSTEM,
	ACTOR_SESSION,
	ACTOR_PERSONAL_TOKEN,
	ACTOR_SERVICE_TOKEN,
	ACTOR_SHELL,
	ACTOR_EVENT_SOURCE, /* signs its requests, and only tells of events */
	ACTOR_KIND_COUNT
};
enum way { WAY_SYSTEM, WAY_PAGE, WAY_API, WAY_SHELL };

struct actor {
	enum actor_kind kind;
	enum way way;
	uint64_t user_id;       /* 0 for service tokens, the shell, the system */
	uint64_t credential_id; /* session, token or event source */
	enum role role;
	unsigned scopes;
	uint32_t peer_uid; /* ACTOR_SHELL */
	/* login, or the token's or source's name; borrowed, lives as long as the request */
	const char *name;
};

extern const struct actor actor_system;

/* actor_is_person - a session, or a personal token with `send`: may open, send, resolve. */
bool actor_is_person(const struct actor *actor);

/* actor_leads - lead or admin by role, the shell, or a service token with `admin`. */
bool actor_leads(const struct actor *actor);

const char *way_name(enum way way);
const char *actor_kind_name(enum actor_kind kind);

/* scopes_parse - "read,tasks send": separated by commas or blanks. false: *bad_out is the first unknown word's start. */
bool scopes_parse(const char *text, unsigned *scopes_out, const char **bad_out);
const char *scope_name(enum scope scope);

#endif
