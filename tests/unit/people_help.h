/* people_help.h - users at a desk (core_help.h), for the tests of people and of what they sign in with. */
#ifndef HB_TESTS_PEOPLE_HELP_H
#define HB_TESTS_PEOPLE_HELP_H

#include "core_help.h"

#include "core/users.h"

HELP uint64_t people_id(struct desk *desk, const char *login)
{
	return (uint64_t)desk_number(desk, "SELECT id FROM users WHERE login = '%s'",
				     login);
}

HELP uint64_t people_add(struct desk *desk, const char *login, enum role role)
{
	struct user_add cmd = {.call = desk_call(desk, &desk_shell),
			       .login = login,
			       .first_name = "",
			       .last_name = "",
			       .email = "",
			       .role = role,
			       .secret.password_hash = "$hash"};
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_OK);
	return people_id(desk, login);
}

HELP struct actor people_session(struct desk *desk, const char *login, enum role role)
{
	return (struct actor){.kind = ACTOR_SESSION,
			      .way = WAY_PAGE,
			      .user_id = people_id(desk, login),
			      .credential_id = 77,
			      .role = role,
			      .scopes = SCOPE_ALL,
			      .name = login};
}

#endif
