/* auth_decide.c - who may use which route: see auth.h. Pure. */
#include "api/auth.h"

static struct auth_verdict refuse(enum err err, const char *detail)
{
	return (struct auth_verdict){.err = err, .detail = detail};
}

static struct auth_verdict decide_human(const struct actor *actor, unsigned flags)
{
	const struct auth_verdict fine = {.err = ERR_OK};
	if (!(flags & API_HUMAN) || actor->kind == ACTOR_SESSION)
		return fine;
	if (actor->kind == ACTOR_SHELL && (flags & API_SHELL_TOO))
		return fine;
	if (actor->kind == ACTOR_SHELL)
		return refuse(ERR_HUMAN_REQUIRED,
			      "The shell is no person; call with a personal token "
			      "(HANDBOX_TOKEN) that has `send`.");
	if (actor->kind != ACTOR_PERSONAL_TOKEN)
		return refuse(ERR_HUMAN_REQUIRED,
			      "A service token is no person; use a session, or a "
			      "personal token with `send`.");
	if (actor->scopes & SCOPE_SEND)
		return fine;
	return (struct auth_verdict){
		.err = ERR_FORBIDDEN,
		.missing_scopes = SCOPE_SEND,
		.detail = "Acting as a person needs more of a token."};
}

static struct auth_verdict decide_role(const struct actor *actor, unsigned flags)
{
	const struct auth_verdict fine = {.err = ERR_OK};
	if (actor->kind == ACTOR_SERVICE_TOKEN) {
		bool scope_stands_in = (flags & SCOPE_ALL) && !(flags & API_ADMIN);
		if (!(flags & (API_LEAD | API_ADMIN)) || scope_stands_in ||
		    (actor->scopes & SCOPE_ADMIN))
			return fine;
		return (struct auth_verdict){.err = ERR_FORBIDDEN,
					     .missing_scopes = SCOPE_ADMIN,
					     .detail = "This needs more of a token."};
	}
	if ((flags & API_ADMIN) && actor->role != ROLE_ADMIN)
		return refuse(ERR_FORBIDDEN, "Only an admin may do that.");
	if ((flags & API_LEAD) && !role_leads(actor->role))
		return refuse(ERR_FORBIDDEN, "Only a lead or an admin may do that.");
	return fine;
}

struct auth_verdict auth_decide(const struct actor *actor, unsigned flags,
				enum http_method method)
{
	const struct auth_verdict fine = {.err = ERR_OK};
	if (flags & API_PUBLIC)
		return fine;
	struct auth_verdict verdict = decide_human(actor, flags);
	if (verdict.err != ERR_OK)
		return verdict;
	bool is_auditor = actor->user_id && actor->role == ROLE_AUDITOR;
	bool is_reading = method == HTTP_GET || method == HTTP_HEAD;
	if (is_auditor && !is_reading && !(flags & API_SELF))
		return refuse(ERR_FORBIDDEN,
			      "An auditor reads everything and changes nothing.");
	unsigned missing = flags & SCOPE_ALL & ~actor->scopes;
	if (missing)
		return (struct auth_verdict){.err = ERR_FORBIDDEN,
					     .missing_scopes = missing,
					     .detail = "This needs more of a token."};
	return is_auditor && is_reading ? fine : decide_role(actor, flags);
}
