/* test_people.c - users, teams, tokens and sessions through their commands, on a real store. */
#include "core_help.h"

#include "core/people.h"
#include "core/secret.h"
#include "core/sign_in.h"
#include "core/tokens.h"
#include "core/users.h"
#include "store/user_rows.h"

/* --- help --------------------------------------------------------------------------------------------------------- */

static uint64_t id_of(struct desk *desk, const char *login)
{
	return (uint64_t)desk_number(desk, "SELECT id FROM users WHERE login = '%s'", login);
}

static uint64_t add_user(struct desk *desk, const char *login, enum role role)
{
	struct user_add cmd = {.call = desk_call(desk, &desk_shell),
			       .login = login,
			       .first_name = "",
			       .last_name = "",
			       .email = "",
			       .role = role,
			       .secret.password_hash = "$hash"};
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_OK);
	return id_of(desk, login);
}

static struct actor session_of(struct desk *desk, const char *login, enum role role)
{
	return (struct actor){.kind = ACTOR_SESSION,
			      .way = WAY_PAGE,
			      .user_id = id_of(desk, login),
			      .credential_id = 77,
			      .role = role,
			      .scopes = SCOPE_ALL,
			      .name = login};
}

static const char *hash_of(struct desk *desk, const char *secret)
{
	return secret_hash(secret, arena_alloc(desk->arena, SECRET_HASH_TEXT_LEN));
}

static enum err add_team(struct desk *desk, uint64_t id, const char *name, const char *const *members, size_t count)
{
	struct team_put cmd = {.call = desk_call(desk, &desk_shell),
			       .team_id = id,
			       .name = name,
			       .members = members,
			       .member_count = count};
	return desk_write(desk, team_put, &cmd.call);
}

static uint64_t team_id_of(struct desk *desk, const char *name)
{
	return (uint64_t)desk_number(desk, "SELECT id FROM teams WHERE name = '%s'", name);
}

/* --- users -------------------------------------------------------------------------------------------------------- */

static void test_add_user(void **state)
{
	struct desk *desk = *state;
	struct user_add cmd = {.call = desk_call(desk, &desk_shell),
			       .login = "ana",
			       .first_name = "Ana",
			       .last_name = "Silva",
			       .email = "ana@example.com",
			       .role = ROLE_LEAD,
			       .secret = {.link = "http://h/login#X", .link_hash = "abc"}};
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 201);
	assert_true(desk_answers(&cmd.call, "\"login\":\"ana\",\"name\":\"Ana Silva\",\"first_name\":\"Ana\""));
	assert_true(desk_answers(&cmd.call, "\"role\":\"lead\",\"active\":true,\"on_shift\":true"));
	assert_true(desk_answers(&cmd.call, ",\"login_link\":\"http://h/login#X\"}"));
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM login_links WHERE expires_at = %lld",
				     (long long)(DESK_START_MS + 24 * HOUR_MS)), 1);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'user_added' AND "
					   "subject = 'user:ana' AND actor = 'shell:1000' AND way = 'shell'"), 1);

	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_DUPLICATE);
	assert_string_equal(cmd.call.refusal.member, "login");
}

static void test_add_user_refuses(void **state)
{
	static const struct {
		const char *login, *email, *member;
	} table[] = {
		{"Ana", "", "login"}, {"me", "", "login"},	{"none", "", "login"},	 {"1a", "", "login"},
		{"a b", "", "login"}, {"ana", "ana", "email"},	{"ana", "a@b@c", "email"}, {"ana", "a@b,c@d", "email"},
		{"ana", "@b", "email"}, {"ana", "a@", "email"},	{"ana", "a@b\r\nBcc: x", "email"},
	};
	struct desk *desk = *state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct user_add cmd = {.call = desk_call(desk, &desk_shell),
				       .login = table[i].login,
				       .first_name = "",
				       .last_name = "",
				       .email = table[i].email};
		assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_INVALID);
		assert_string_equal(cmd.call.refusal.member, table[i].member);
	}
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM users"), 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger"), 0);
}

static void test_list_users(void **state)
{
	struct desk *desk = *state;
	struct user_list query = {.call = desk_call(desk, &desk_shell), .active = -1, .limit = 2};
	add_user(desk, "cara", ROLE_AGENT);
	add_user(desk, "ana", ROLE_AGENT);
	add_user(desk, "bo", ROLE_AGENT);
	assert_int_equal(desk_read(desk, user_list, &query.call), ERR_OK);
	assert_true(desk_answers(&query.call, "\"next\":\"bo\"}"));
	assert_null(strstr(buf_str(&query.call.answer), "cara"));
	query.call = desk_call(desk, &desk_shell);
	query.cursor = "bo";
	assert_int_equal(desk_read(desk, user_list, &query.call), ERR_OK);
	assert_true(desk_answers(&query.call, "\"login\":\"cara\""));
	assert_true(desk_answers(&query.call, "\"next\":null}"));
	query.call = desk_call(desk, &desk_shell);
	query.cursor = "Not one";
	assert_int_equal(desk_read(desk, user_list, &query.call), ERR_BAD_CURSOR);
}

static void test_change_user(void **state)
{
	struct desk *desk = *state;
	static const enum role lead = ROLE_LEAD;
	static const bool off = false;
	add_user(desk, "root", ROLE_ADMIN);
	add_user(desk, "ana", ROLE_AGENT);
	struct actor root = session_of(desk, "root", ROLE_ADMIN);
	struct user_change cmd = {.call = desk_call(desk, &root),
				  .who = {.kind = WHO_LOGIN, .login = "ana"},
				  .first_name = "Ana",
				  .role = &lead,
				  .on_shift = &off};
	desk->signals = 0;
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"name\":\"Ana\",\"first_name\":\"Ana\",\"last_name\":\"\""));
	assert_true(desk_answers(&cmd.call, "\"role\":\"lead\",\"active\":true,\"on_shift\":false"));
	assert_true(desk->signals & SIGNAL_AUTH);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'user_changed' AND actor = 'root' "
					   "AND payload = '{\"role\":\"lead\",\"was\":\"agent\"}'"), 1);

	/* the last admin stays one, unless the shell says so */
	cmd = (struct user_change){.call = desk_call(desk, &root), .who = {.kind = WHO_ME}, .role = &lead};
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_BAD_STATE);
	cmd = (struct user_change){.call = desk_call(desk, &desk_shell),
				   .who = {.kind = WHO_ID, .id = root.user_id},
				   .role = &lead};
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_OK);
	cmd.call = desk_call(desk, &root);
	cmd.who = (struct who){.kind = WHO_LOGIN, .login = "nobody"};
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_NOT_FOUND);
}

/* --- from names to people ----------------------------------------------------------------------------------------- */

struct resolving {
	struct call call;
	struct who who;
	struct party party;
	bool finds;
};

static enum err resolve(struct snapshot *snap, void *arg)
{
	struct resolving *query = arg;
	if (query->finds)
		return people_find(snapshot_db(snap), &query->call, &query->who, &query->party);
	return people_resolve(snapshot_db(snap), &query->call, &query->who, "assignee", &query->party);
}

static void test_resolve(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = add_user(desk, "ana", ROLE_AGENT), bo = add_user(desk, "bo", ROLE_AGENT);
	assert_int_equal(add_team(desk, 0, "north", NULL, 0), ERR_OK);
	uint64_t team = team_id_of(desk, "north"), nobody = UINT64_MAX >> 1;
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE login = 'bo'");
	struct actor self = session_of(desk, "ana", ROLE_AGENT);
	const struct {
		struct who who;
		const struct actor *actor;
		enum err resolves;
		uint64_t user, team, found;
	} table[] = {
		{{.kind = WHO_ABSENT}, &self, ERR_OK, 0, 0, 0},
		{{.kind = WHO_NOBODY}, &self, ERR_OK, 0, 0, 0},
		{{.kind = WHO_LOGIN, .login = "ana"}, &self, ERR_OK, ana, 0, ana},
		{{.kind = WHO_ID, .id = ana}, &self, ERR_OK, ana, 0, ana},
		{{.kind = WHO_ME}, &self, ERR_OK, ana, 0, ana},
		{{.kind = WHO_ME}, &desk_shell, ERR_UNKNOWN_USER, 0, 0, nobody},
		{{.kind = WHO_LOGIN, .login = "bo"}, &self, ERR_UNKNOWN_USER, 0, 0, bo},
		{{.kind = WHO_LOGIN, .login = "who"}, &self, ERR_UNKNOWN_USER, 0, 0, nobody},
		{{.kind = WHO_ID, .id = 12345}, &self, ERR_UNKNOWN_USER, 0, 0, nobody},
		{{.kind = WHO_TEAM, .id = team}, &self, ERR_OK, 0, team, 0},
		{{.kind = WHO_TEAM, .id = 12345}, &self, ERR_UNKNOWN_USER, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct resolving query = {.call = desk_call(desk, table[i].actor), .who = table[i].who};
		assert_int_equal(desk_read(desk, resolve, &query.call), table[i].resolves);
		assert_int_equal(query.party.user_id, table[i].user);
		assert_int_equal(query.party.team_id, table[i].team);
		if (table[i].resolves != ERR_OK)
			assert_string_equal(query.call.refusal.member, "assignee");
		query = (struct resolving){
			.call = desk_call(desk, table[i].actor), .who = table[i].who, .finds = true};
		assert_int_equal(desk_read(desk, resolve, &query.call), ERR_OK);
		assert_int_equal(query.party.user_id, table[i].found);
	}
}

struct sharing {
	struct call call;
	struct task task;
	bool in_team;
};

static enum err share(struct snapshot *snap, void *arg)
{
	struct sharing *query = arg;
	return people_in_team(snapshot_db(snap), query->call.actor, &query->task, &query->in_team);
}

static void test_teams(void **state)
{
	struct desk *desk = *state;
	static const char *const both[] = {"ana", "bo"};
	static const char *const twice[] = {"ana", "ana"};
	static const char *const unknown[] = {"ana", "zoe"};
	static const char *const wrong[] = {"me"};
	uint64_t ana = add_user(desk, "ana", ROLE_AGENT), bo = add_user(desk, "bo", ROLE_AGENT);
	uint64_t cara = add_user(desk, "cara", ROLE_AGENT);
	assert_int_equal(add_team(desk, 0, "north", both, 2), ERR_OK);
	assert_int_equal(add_team(desk, 0, "north", both, 2), ERR_DUPLICATE);
	assert_int_equal(add_team(desk, 0, "south", unknown, 2), ERR_UNKNOWN_USER);
	assert_int_equal(add_team(desk, 0, "south", wrong, 1), ERR_INVALID);
	assert_int_equal(team_id_of(desk, "south"), -1);
	uint64_t north = team_id_of(desk, "north");
	struct actor self = session_of(desk, "ana", ROLE_AGENT);
	const struct {
		struct task task;
		bool in_team;
	} table[] = {
		{{.assignee_id = bo}, true},	  {{.assignee_id = cara}, false},
		{{.team_id = north}, true},	  {{.team_id = north + 1}, false},
		{{.team_id = north + 1, .assignee_id = bo}, true}, {{0}, false},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sharing query = {.call = desk_call(desk, &self), .task = table[i].task};
		assert_int_equal(desk_read(desk, share, &query.call), ERR_OK);
		assert_int_equal(query.in_team, table[i].in_team);
	}
	assert_int_equal(add_team(desk, north, "north", twice, 2), ERR_OK);
	struct team_get get = {.call = desk_call(desk, &self), .team_id = north};
	assert_int_equal(desk_read(desk, team_get, &get.call), ERR_OK);
	assert_true(desk_answers(&get.call, arena_printf(desk->arena, "\"members\":[{\"id\":\"%" PRIu64
						"\",\"login\":\"ana\",\"name\":\"ana\"}]}", ana)));

	desk_contact(desk, 1, "+351910000001");
	desk_task(desk, 1, 1, 0);
	desk_sql(desk, "UPDATE tasks SET team_id = %" PRIu64, north);
	struct team_remove cmd = {.call = desk_call(desk, &desk_shell), .team_id = north};
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_BAD_STATE);
	desk_sql(desk, "UPDATE tasks SET state = 4");
	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM team_members"), 0);
	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_NOT_FOUND);
}

/* --- sessions and tokens ------------------------------------------------------------------------------------------ */

static enum err start(struct desk *desk, struct session_start *cmd, const char *secret)
{
	cmd->call = desk_call(desk, &desk_shell);
	cmd->hash = hash_of(desk, secret);
	cmd->csrf = "csrf";
	return desk_write(desk, session_start, &cmd->call);
}

struct finding {
	struct credential_find find;
	struct desk *desk;
};

/* What is found lives as long as the read: the name is kept. */
static enum err find_and_keep(struct snapshot *snap, void *arg)
{
	struct finding *finding = arg;
	enum err err = credential_find(snap, &finding->find);
	if (err == ERR_OK)
		finding->find.actor.name = arena_strdup(finding->desk->arena, finding->find.actor.name);
	return err;
}

static enum err find(struct desk *desk, const char *secret, bool is_session, struct credential_find *found_out)
{
	struct finding finding = {.find = {.is_session = is_session}, .desk = desk};
	secret_hash(secret, finding.find.hash);
	enum err err = store_read_now(desk->store, find_and_keep, &finding);
	*found_out = finding.find;
	return err;
}

static void test_sessions(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = add_user(desk, "ana", ROLE_LEAD);
	struct credential_find found;
	struct session_start cmd = {.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &cmd, "one"), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"csrf_token\":\"csrf\"}"));
	assert_int_equal(find(desk, "one", true, &found), ERR_OK);
	assert_int_equal(found.actor.kind, ACTOR_SESSION);
	assert_int_equal(found.actor.user_id, ana);
	assert_int_equal(found.actor.role, ROLE_LEAD);
	assert_int_equal(found.expires_at, DESK_START_MS + SESSION_MS);
	assert_int_equal(find(desk, "one", false, &found), ERR_UNAUTHENTICATED); /* no token */
	assert_int_equal(find(desk, "two", true, &found), ERR_UNAUTHENTICATED);

	/* the password changed between the check and the start */
	cmd = (struct session_start){.user_id = ana, .password_hash = "$other"};
	assert_int_equal(start(desk, &cmd, "two"), ERR_BAD_CREDENTIALS);

	/* one's own new password ends the other sessions */
	struct actor self = session_of(desk, "ana", ROLE_LEAD);
	self.credential_id = (uint64_t)desk_number(desk, "SELECT id FROM sessions");
	cmd = (struct session_start){.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &cmd, "three"), ERR_OK);
	struct user_set_password set = {.call = desk_call(desk, &self), .old_hash = "$hash", .new_hash = "$new"};
	assert_int_equal(desk_write(desk, user_set_password, &set.call), ERR_OK);
	assert_int_equal(find(desk, "one", true, &found), ERR_OK);
	assert_int_equal(find(desk, "three", true, &found), ERR_UNAUTHENTICATED);

	desk->signals = 0;
	struct session_end end = {.call = desk_call(desk, &self)};
	assert_int_equal(desk_write(desk, session_end, &end.call), ERR_OK);
	assert_true(desk->signals & SIGNAL_AUTH);
	assert_int_equal(find(desk, "one", true, &found), ERR_UNAUTHENTICATED);
}

static void test_link(void **state)
{
	struct desk *desk = *state;
	struct user_add add = {.call = desk_call(desk, &desk_shell),
			       .login = "ana",
			       .first_name = "",
			       .last_name = "",
			       .email = "",
			       .secret = {.link = "x", .link_hash = hash_of(desk, "link")}};
	assert_int_equal(desk_write(desk, user_add, &add.call), ERR_OK);
	struct session_start cmd = {.link_hash = hash_of(desk, "link"), .password_hash = "$mine"};
	assert_int_equal(start(desk, &cmd, "one"), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM users WHERE password_hash = '$mine'"), 1);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'password_set' AND actor = 'ana'"), 1);
	assert_int_equal(start(desk, &cmd, "two"), ERR_BAD_CREDENTIALS); /* once */

	/* a newer link ends the older one; both end after a day */
	struct user_change change = {.call = desk_call(desk, &desk_shell),
				     .who = {.kind = WHO_LOGIN, .login = "ana"},
				     .secret = {.link = "x", .link_hash = hash_of(desk, "older")}};
	assert_int_equal(desk_write(desk, user_change, &change.call), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM sessions"), 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM users WHERE password_hash IS NULL"), 1);
	change.call = desk_call(desk, &desk_shell);
	change.secret.link_hash = hash_of(desk, "newer");
	assert_int_equal(desk_write(desk, user_change, &change.call), ERR_OK);
	cmd.link_hash = hash_of(desk, "older");
	assert_int_equal(start(desk, &cmd, "three"), ERR_BAD_CREDENTIALS);
	atomic_fetch_add(&desk->now_ms, LOGIN_LINK_MS);
	cmd.link_hash = hash_of(desk, "newer");
	assert_int_equal(start(desk, &cmd, "four"), ERR_BAD_CREDENTIALS);
}

static enum err add_token(struct desk *desk, struct token_add *cmd, const struct actor *actor)
{
	static unsigned made;
	cmd->call = desk_call(desk, actor);
	cmd->name = "program";
	cmd->secret = arena_printf(desk->arena, "hb_%u", ++made);
	cmd->hash = hash_of(desk, cmd->secret);
	return desk_write(desk, token_add, &cmd->call);
}

static void test_who_makes_tokens(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = add_user(desk, "ana", ROLE_AGENT);
	add_user(desk, "root", ROLE_ADMIN);
	struct actor agent = session_of(desk, "ana", ROLE_AGENT), root = session_of(desk, "root", ROLE_ADMIN);
	struct actor token = agent, service = {.kind = ACTOR_SERVICE_TOKEN, .scopes = SCOPE_ADMIN, .name = "s"};
	token.kind = ACTOR_PERSONAL_TOKEN;
	const struct who absent = {.kind = WHO_ABSENT}, for_ana = {.kind = WHO_ID, .id = ana};
	const struct {
		const struct actor *actor;
		enum token_kind kind;
		struct who user;
		unsigned scopes;
		int64_t expires_at;
		enum err err;
	} table[] = {
		{&agent, TOKEN_PERSONAL, absent, SCOPE_READ | SCOPE_SEND, 0, ERR_OK},
		{&agent, TOKEN_PERSONAL, for_ana, SCOPE_READ, DESK_START_MS + 1, ERR_OK},
		{&agent, TOKEN_PERSONAL, absent, 0, 0, ERR_INVALID},
		{&agent, TOKEN_PERSONAL, absent, SCOPE_READ, DESK_START_MS, ERR_INVALID},
		{&agent, TOKEN_SERVICE, absent, SCOPE_READ, 0, ERR_FORBIDDEN},
		{&root, TOKEN_SERVICE, absent, SCOPE_READ, 0, ERR_OK},
		{&root, TOKEN_SERVICE, absent, SCOPE_SEND, 0, ERR_INVALID},
		{&root, TOKEN_SERVICE, for_ana, SCOPE_READ, 0, ERR_INVALID},
		{&root, TOKEN_PERSONAL, for_ana, SCOPE_READ, 0, ERR_FORBIDDEN}, /* an admin is not ana */
		{&desk_shell, TOKEN_PERSONAL, for_ana, SCOPE_SEND, 0, ERR_OK},
		{&desk_shell, TOKEN_PERSONAL, absent, SCOPE_SEND, 0, ERR_INVALID},
		{&desk_shell, TOKEN_SERVICE, absent, SCOPE_ADMIN, 0, ERR_OK},
		{&token, TOKEN_PERSONAL, absent, SCOPE_READ, 0, ERR_FORBIDDEN},
		{&service, TOKEN_SERVICE, absent, SCOPE_READ, 0, ERR_HUMAN_REQUIRED},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct token_add cmd = {.kind = table[i].kind,
					.user = table[i].user,
					.scopes = table[i].scopes,
					.expires_at = table[i].expires_at};
		enum err err = add_token(desk, &cmd, table[i].actor);
		if (err != table[i].err)
			fail_msg("row %zu: %s, wanted %s", i, err_code(err), err_code(table[i].err));
		if (err == ERR_OK)
			assert_true(desk_answers(&cmd.call, cmd.secret));
	}
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'token_added'"), 5);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE instr(payload, 'hb_')"), 0);
}

static void test_tokens(void **state)
{
	struct desk *desk = *state;
	add_user(desk, "ana", ROLE_AGENT);
	add_user(desk, "bo", ROLE_AGENT);
	struct actor ana = session_of(desk, "ana", ROLE_AGENT), bo = session_of(desk, "bo", ROLE_AGENT);
	struct token_add add = {.kind = TOKEN_PERSONAL, .scopes = SCOPE_READ | SCOPE_SEND};
	struct credential_find found;
	assert_int_equal(add_token(desk, &add, &ana), ERR_OK);
	assert_int_equal(find(desk, add.secret, false, &found), ERR_OK);
	assert_int_equal(found.actor.kind, ACTOR_PERSONAL_TOKEN);
	assert_int_equal(found.actor.scopes, SCOPE_READ | SCOPE_SEND);
	assert_string_equal(found.actor.name, "ana");
	assert_int_equal(found.actor.way, WAY_API);

	struct token_list list = {.call = desk_call(desk, &ana), .limit = 50};
	assert_int_equal(desk_read(desk, token_list, &list.call), ERR_OK);
	assert_true(desk_answers(&list.call, "\"scopes\":[\"read\",\"send\"]"));
	assert_null(strstr(buf_str(&list.call.answer), "hb_"));
	list.call = desk_call(desk, &bo);
	assert_int_equal(desk_read(desk, token_list, &list.call), ERR_OK);
	assert_string_equal(buf_str(&list.call.answer), "{\"items\":[],\"next\":null}");

	uint64_t id = (uint64_t)desk_number(desk, "SELECT id FROM tokens");
	struct token_revoke revoke = {.call = desk_call(desk, &bo), .token_id = id};
	assert_int_equal(desk_write(desk, token_revoke, &revoke.call), ERR_NOT_FOUND);
	desk->signals = 0;
	revoke.call = desk_call(desk, &ana);
	assert_int_equal(desk_write(desk, token_revoke, &revoke.call), ERR_OK);
	assert_true(desk->signals & SIGNAL_AUTH);
	assert_int_equal(find(desk, add.secret, false, &found), ERR_UNAUTHENTICATED);
	revoke.call = desk_call(desk, &ana);
	assert_int_equal(desk_write(desk, token_revoke, &revoke.call), ERR_NOT_FOUND);

	/* a service token ends for an admin, not for an auditor; a user who is not active has none */
	struct actor auditor = session_of(desk, "bo", ROLE_AUDITOR), root = session_of(desk, "bo", ROLE_ADMIN);
	add = (struct token_add){.kind = TOKEN_SERVICE, .scopes = SCOPE_READ};
	assert_int_equal(add_token(desk, &add, &desk_shell), ERR_OK);
	revoke.token_id = (uint64_t)desk_number(desk, "SELECT id FROM tokens WHERE kind = 0");
	revoke.call = desk_call(desk, &auditor);
	assert_int_equal(desk_write(desk, token_revoke, &revoke.call), ERR_FORBIDDEN);
	revoke.call = desk_call(desk, &root);
	assert_int_equal(desk_write(desk, token_revoke, &revoke.call), ERR_OK);
	add = (struct token_add){.kind = TOKEN_PERSONAL, .scopes = SCOPE_READ};
	assert_int_equal(add_token(desk, &add, &bo), ERR_OK);
	desk_sql(desk, "UPDATE users SET is_active = 0");
	assert_int_equal(find(desk, add.secret, false, &found), ERR_UNAUTHENTICATED);
}

/* --- leaving ------------------------------------------------------------------------------------------------------ */

static struct user_deactivate leaving(struct desk *desk, const char *login, const char *heir)
{
	return (struct user_deactivate){
		.call = desk_call(desk, &desk_shell),
		.who = {.kind = WHO_LOGIN, .login = login},
		.reassign_to = {.kind = heir ? WHO_LOGIN : WHO_ABSENT, .login = heir},
	};
}

static void test_deactivate(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = add_user(desk, "ana", ROLE_AGENT), bo = add_user(desk, "bo", ROLE_AGENT);
	struct actor self = session_of(desk, "ana", ROLE_AGENT);
	struct session_start session = {.user_id = ana, .password_hash = "$hash"};
	struct token_add token = {.kind = TOKEN_PERSONAL, .scopes = SCOPE_SEND};
	struct credential_find found;
	struct password_find password = {.login = "ana"};
	assert_int_equal(start(desk, &session, "session"), ERR_OK);
	assert_int_equal(add_token(desk, &token, &self), ERR_OK);
	desk_contact(desk, 1, "+351910000001");
	desk_task(desk, 1, 1, ana);
	desk_task(desk, 2, 1, ana);
	desk_task(desk, 3, 1, bo);
	desk_sql(desk, "UPDATE tasks SET state = 3 WHERE id = 2"); /* sent: stays ana's */
	desk_sql(desk, "INSERT INTO leases (card_id, user_id, credential_id, fence, taken_at, expires_at, keyed_at, was_unassigned) "
		       "VALUES (1, %" PRIu64 ", 7, 1, 1, 2, 1, 0)", ana);
	struct user_deactivate cmd = leaving(desk, "ana", "ana");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_INVALID);
	cmd = leaving(desk, "ana", "zoe");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_UNKNOWN_USER);
	assert_int_equal(find(desk, "session", true, &found), ERR_OK);

	desk->signals = 0;
	cmd = leaving(desk, "ana", "bo");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 0);
	assert_true(desk_answers(&cmd.call, "\"active\":false,\"on_shift\":false"));
	assert_true(desk->signals & SIGNAL_AUTH);
	assert_int_equal(find(desk, "session", true, &found), ERR_UNAUTHENTICATED);
	assert_int_equal(find(desk, token.secret, false, &found), ERR_UNAUTHENTICATED);
	assert_int_equal(store_read_now(desk->store, password_find, &password), ERR_OK);
	assert_string_equal(password.hash, "");
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM leases"), 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64, bo), 2);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE id = 2 AND assignee_id = %" PRIu64, ana), 1);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'user_deactivated' AND "
					   "subject = 'user:ana'"), 1);
	session = (struct session_start){.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &session, "again"), ERR_BAD_CREDENTIALS);

	/* again: nothing new but what is left; and back */
	cmd = leaving(desk, "ana", NULL);
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'user_deactivated'"), 1);
	struct user_change back = {.call = desk_call(desk, &desk_shell),
				   .who = {.kind = WHO_LOGIN, .login = "ana"},
				   .reactivate = true};
	assert_int_equal(desk_write(desk, user_change, &back.call), ERR_OK);
	assert_int_equal(find(desk, "session", true, &found), ERR_UNAUTHENTICATED);
	assert_int_equal(find(desk, token.secret, false, &found), ERR_UNAUTHENTICATED);
}

static void test_deactivate_many(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = add_user(desk, "ana", ROLE_AGENT), bo = add_user(desk, "bo", ROLE_AGENT);
	struct user_reassign_step step = {0};
	unsigned steps = 0;
	desk_contact(desk, 1, "+351910000001");
	desk_sql(desk,
		 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO tasks (id, "
		 "origin, contact_id, name, text, assignee_id, state, sort_due, is_test, moves_workflow, created_at, "
		 "revision) SELECT i, 1, 1, 'n', 't', %" PRIu64 ", i %% 3, 1, 0, 0, 1, 1 FROM n", ana);
	desk->signals = 0;
	struct user_deactivate cmd = leaving(desk, "ana", "bo");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 202);
	assert_true(desk_answers(&cmd.call, "\"job\":{\"id\":\""));
	assert_true(desk->signals & SIGNAL_TIMER);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64, bo), 500);

	/* the heir leaves in the middle: nothing is lost, the rest goes to nobody */
	assert_int_equal(store_write_now(desk->store, user_reassign_step, &step), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64, bo), 750);
	cmd = leaving(desk, "bo", NULL);
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(store_write_now(desk->store, user_reassign_step, &step), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE assignee_id IS NULL"), 750);
	for (step.is_done = false; !step.is_done; steps++)
		assert_int_equal(store_write_now(desk->store, user_reassign_step, &step), ERR_OK);
	assert_true(steps <= 6);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks WHERE assignee_id IS NULL"), 1200);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM jobs WHERE state = 0"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_add_user),	TEST(test_add_user_refuses), TEST(test_list_users), TEST(test_change_user),
		TEST(test_resolve),	TEST(test_teams),	     TEST(test_sessions),   TEST(test_link),
		TEST(test_who_makes_tokens), TEST(test_tokens),	     TEST(test_deactivate), TEST(test_deactivate_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
