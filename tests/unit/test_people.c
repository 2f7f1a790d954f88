/* test_people.c - users and teams through their commands, and names that become people, on a real store. */
#include "people_help.h"

#include "core/people.h"

/* --- users -------------------------------------------------------------------------------------------------------- */

static void test_add_user(void **state)
{
	struct desk *desk = *state;
	struct user_add cmd = {
		.call = desk_call(desk, &desk_shell),
		.login = "ana",
		.first_name = "Ana",
		.last_name = "Silva",
		.email = "ana@example.com",
		.role = ROLE_LEAD,
		.secret = {.link = "http://h/login#X", .link_hash = "abc"}};
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 201);
	assert_true(desk_answers(
		&cmd.call,
		"\"login\":\"ana\",\"name\":\"Ana Silva\",\"first_name\":\"Ana\""));
	assert_true(desk_answers(
		&cmd.call, "\"role\":\"lead\",\"active\":true,\"on_shift\":true"));
	assert_true(desk_answers(&cmd.call, ",\"login_link\":\"http://h/login#X\"}"));
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM login_links WHERE expires_at = %lld",
			    (long long)(DESK_START_MS + 24 * HOUR_MS)),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'user_added' AND "
			"subject = 'user:ana' AND actor = 'shell:1000' AND way = 'shell'"),
		1);

	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_DUPLICATE);
	assert_string_equal(cmd.call.refusal.member, "login");
}

static void test_add_user_refuses(void **state)
{
	static const struct {
		const char *login, *email, *member;
	} table[] = {
		{"Ana", "", "login"},
		{"me", "", "login"},
		{"none", "", "login"},
		{"1a", "", "login"},
		{"a b", "", "login"},
		{"ana", "ana", "email"},
		{"ana", "a@b@c", "email"},
		{"ana", "a@b,c@d", "email"},
		{"ana", "@b", "email"},
		{"ana", "a@", "email"},
		{"ana", "a@b\r\nBcc: x", "email"},
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
	struct user_list query = {
		.call = desk_call(desk, &desk_shell), .active = -1, .limit = 2};
	people_add(desk, "cara", ROLE_AGENT);
	people_add(desk, "ana", ROLE_AGENT);
	people_add(desk, "bo", ROLE_AGENT);
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
	people_add(desk, "root", ROLE_ADMIN);
	people_add(desk, "ana", ROLE_AGENT);
	struct actor root = people_session(desk, "root", ROLE_ADMIN);
	struct user_change cmd = {.call = desk_call(desk, &root),
				  .who = {.kind = WHO_LOGIN, .login = "ana"},
				  .first_name = "Ana",
				  .role = &lead,
				  .on_shift = &off};
	desk->signals = 0;
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_OK);
	assert_true(desk_answers(
		&cmd.call,
		"\"name\":\"Ana\",\"first_name\":\"Ana\",\"last_name\":\"\""));
	assert_true(desk_answers(
		&cmd.call, "\"role\":\"lead\",\"active\":true,\"on_shift\":false"));
	assert_true(desk->signals & SIGNAL_AUTH);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'user_changed' AND actor = 'root' "
			"AND payload = '{\"role\":\"lead\",\"was\":\"agent\"}'"),
		1);

	/* the last admin stays one, unless the shell says so */
	cmd = (struct user_change){
		.call = desk_call(desk, &root), .who = {.kind = WHO_ME}, .role = &lead};
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

static enum err add_team(struct desk *desk, uint64_t id, const char *name,
			 const char *const *members, size_t count)
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
	return (uint64_t)desk_number(desk, "SELECT id FROM teams WHERE name = '%s'",
				     name);
}

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
		return people_find(snapshot_db(snap), &query->call, &query->who,
				   &query->party);
	return people_resolve(snapshot_db(snap), &query->call, &query->who, "assignee",
			      &query->party);
}

static void test_resolve(void **state)
{
	struct desk *desk = *state;
	uint64_t ana = people_add(desk, "ana", ROLE_AGENT),
		 bo = people_add(desk, "bo", ROLE_AGENT);
	assert_int_equal(add_team(desk, 0, "north", NULL, 0), ERR_OK);
	uint64_t team = team_id_of(desk, "north"), nobody = UINT64_MAX >> 1;
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE login = 'bo'");
	struct actor self = people_session(desk, "ana", ROLE_AGENT);
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
		{{.kind = WHO_LOGIN, .login = "who"},
		 &self,
		 ERR_UNKNOWN_USER,
		 0,
		 0,
		 nobody},
		{{.kind = WHO_ID, .id = 12345}, &self, ERR_UNKNOWN_USER, 0, 0, nobody},
		{{.kind = WHO_TEAM, .id = team}, &self, ERR_OK, 0, team, 0},
		{{.kind = WHO_TEAM, .id = 12345}, &self, ERR_UNKNOWN_USER, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct resolving query = {.call = desk_call(desk, table[i].actor),
					  .who = table[i].who};
		assert_int_equal(desk_read(desk, resolve, &query.call),
				 table[i].resolves);
		assert_int_equal(query.party.user_id, table[i].user);
		assert_int_equal(query.party.team_id, table[i].team);
		if (table[i].resolves != ERR_OK)
			assert_string_equal(query.call.refusal.member, "assignee");
		query = (struct resolving){.call = desk_call(desk, table[i].actor),
					   .who = table[i].who,
					   .finds = true};
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
	return people_in_team(snapshot_db(snap), query->call.actor, &query->task,
			      &query->in_team);
}

static void test_teams(void **state)
{
	struct desk *desk = *state;
	static const char *const both[] = {"ana", "bo"};
	static const char *const twice[] = {"ana", "ana"};
	static const char *const unknown[] = {"ana", "zoe"};
	static const char *const wrong[] = {"me"};
	uint64_t ana = people_add(desk, "ana", ROLE_AGENT),
		 bo = people_add(desk, "bo", ROLE_AGENT);
	uint64_t cara = people_add(desk, "cara", ROLE_AGENT);
	assert_int_equal(add_team(desk, 0, "north", both, 2), ERR_OK);
	assert_int_equal(add_team(desk, 0, "north", both, 2), ERR_DUPLICATE);
	assert_int_equal(add_team(desk, 0, "south", unknown, 2), ERR_UNKNOWN_USER);
	assert_int_equal(add_team(desk, 0, "south", wrong, 1), ERR_INVALID);
	assert_int_equal(team_id_of(desk, "south"), -1);
	uint64_t north = team_id_of(desk, "north");
	struct actor self = people_session(desk, "ana", ROLE_AGENT);
	const struct {
		struct task task;
		bool in_team;
	} table[] = {
		{{.assignee_id = bo}, true},
		{{.assignee_id = cara}, false},
		{{.team_id = north}, true},
		{{.team_id = north + 1}, false},
		{{.team_id = north + 1, .assignee_id = bo}, true},
		{{0}, false},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sharing query = {.call = desk_call(desk, &self),
					.task = table[i].task};
		assert_int_equal(desk_read(desk, share, &query.call), ERR_OK);
		assert_int_equal(query.in_team, table[i].in_team);
	}
	assert_int_equal(add_team(desk, north, "north", twice, 2), ERR_OK);
	struct team_get get = {.call = desk_call(desk, &self), .team_id = north};
	assert_int_equal(desk_read(desk, team_get, &get.call), ERR_OK);
	assert_true(desk_answers(
		&get.call, arena_printf(desk->arena,
					"\"members\":[{\"id\":\"%" PRIu64
					"\",\"login\":\"ana\",\"name\":\"ana\"}]}",
					ana)));

	desk_contact(desk, 1, "+351910000001");
	desk_task(desk, 1, 1, 0);
	desk_sql(desk, "UPDATE tasks SET team_id = %" PRIu64, north);
	struct team_remove cmd = {.call = desk_call(desk, &desk_shell),
				  .team_id = north};
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_BAD_STATE);
	desk_sql(desk, "UPDATE tasks SET state = 4");
	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM team_members"), 0);
	cmd.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_write(desk, team_remove, &cmd.call), ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_add_user),   TEST(test_add_user_refuses),
		TEST(test_list_users), TEST(test_change_user),
		TEST(test_resolve),    TEST(test_teams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
