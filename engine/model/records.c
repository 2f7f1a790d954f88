/* records.c - the names of things: see records.h, actor.h, policy.h */
#include "model/records.h"

#include <string.h>

#include "base/clock.h"
#include "model/actor.h"
#include "model/policy.h"

static bool name_parse(const char *const *names, unsigned count, const char *name,
		       unsigned *at_out)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0) {
			*at_out = i;
			return true;
		}
	return false;
}

static const char *const role_names[ROLE_COUNT] = {"agent", "lead", "admin", "auditor"};

const char *user_digest_name(enum user_digest digest)
{
	static const char *const names[] = {"off", "hourly", "daily"};
	return names[digest];
}

const char *role_name(enum role role)
{
	return role_names[role];
}

bool role_parse(const char *name, enum role *role_out)
{
	unsigned at;
	if (!name_parse(role_names, ROLE_COUNT, name, &at))
		return false;
	*role_out = (enum role)at;
	return true;
}

bool role_leads(enum role role)
{
	return role == ROLE_LEAD || role == ROLE_ADMIN;
}

bool login_is_valid(const char *login)
{
	size_t len = strlen(login);
	if (len < 1 || len > 64 || login[0] < 'a' || login[0] > 'z')
		return false;
	if (strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") != len)
		return false;
	return strcmp(login, "me") != 0 && strcmp(login, "none") != 0;
}

const char *workflow_state_name(enum workflow_state state)
{
	static const char *const names[] = {"draft", "published", "unpublished"};
	return names[state];
}

const char *workflow_source_name(enum workflow_source source)
{
	static const char *const names[] = {"api", "file"};
	return names[source];
}

static const char *const enrollment_names[ENROLLMENT_STATE_COUNT] = {
	"active", "waiting", "held", "completed", "removed", "failed"};

const char *enrollment_state_name(enum enrollment_state state)
{
	return enrollment_names[state];
}

bool enrollment_state_parse(const char *name, enum enrollment_state *state_out)
{
	unsigned at;
	if (!name_parse(enrollment_names, ENROLLMENT_STATE_COUNT, name, &at))
		return false;
	*state_out = (enum enrollment_state)at;
	return true;
}

bool enrollment_state_is_open(enum enrollment_state state)
{
	return state <= ENROLLMENT_HELD;
}

int64_t enrollment_wake_at(const struct enrollment *enrollment, int64_t now, int64_t at)
{
	if (enrollment->compress <= 1 || at <= now)
		return at;
	return now + (at - now) / enrollment->compress;
}

const struct actor actor_system = {
	.kind = ACTOR_SYSTEM, .way = WAY_SYSTEM, .role = ROLE_ADMIN};

bool actor_is_person(const struct actor *actor)
{
	return actor->kind == ACTOR_SESSION ||
	       (actor->kind == ACTOR_PERSONAL_TOKEN && (actor->scopes & SCOPE_SEND));
}

bool actor_leads(const struct actor *actor)
{
	if (actor->kind == ACTOR_SERVICE_TOKEN)
		return actor->scopes & SCOPE_ADMIN;
	return role_leads(actor->role);
}

const char *way_name(enum way way)
{
	static const char *const names[] = {"system", "page", "api", "shell"};
	return names[way];
}

const char *actor_kind_name(enum actor_kind kind)
{
	static const char *const names[] = {"system",  "session", "personal",
					    "service", "shell",   "event_source"};
	return names[kind];
}

static const char *const scope_names[] = {"read",  "contacts", "workflows", "enroll",
					  "tasks", "admin",    "send"};
enum { SCOPE_COUNT = sizeof(scope_names) / sizeof(scope_names[0]) };

const char *scope_name(enum scope scope)
{
	for (unsigned i = 0; i < SCOPE_COUNT; i++)
		if (scope == 1u << i)
			return scope_names[i];
	return "";
}

bool scopes_parse(const char *text, unsigned *scopes_out, const char **bad_out)
{
	unsigned scopes = 0;
	for (text += strspn(text, ", "); *text; text += strspn(text, ", ")) {
		size_t len = strcspn(text, ", "), i;
		for (i = 0; i < SCOPE_COUNT; i++)
			if (strlen(scope_names[i]) == len &&
			    strncmp(scope_names[i], text, len) == 0)
				break;
		if (i == SCOPE_COUNT) {
			*bad_out = text;
			return false;
		}
		scopes |= 1u << i;
		text += len;
	}
	*scopes_out = scopes;
	return true;
}

const char *task_origin_name(enum task_origin origin)
{
	static const char *const names[] = {"workflow", "api", "inbound", "opt_out"};
	return names[origin];
}

const struct policy policy_default = {
	.account_name = "handbox",
	.sms_validity_ms = 24 * HOUR_MS,
	.approval_validity_ms = 2 * HOUR_MS,
	.lease_ms = 3 * MINUTE_MS,
	.reply_grace_ms = 2 * HOUR_MS,
	.reply_release_ms = 30 * MINUTE_MS,
	.public_url = "http://127.0.0.1",
	.mail_validity_ms = 3 * DAY_MS,
	.max_segments = 3,
	.agents_see = AGENTS_SEE_TEAM,
	.enrollments_per_hour = 100,
	.deliveries_kept_ms = 30 * DAY_MS,
	.journal_kept_ms = 400 * DAY_MS,
	.makes_help_tasks = true,
};
