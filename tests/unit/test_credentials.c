/* test_credentials.c - what users sign in with: sessions, links, tokens, and their end when a user leaves; on a real store. */
#include "people_help.h"

#include "core/secret.h"
#include "core/sign_in.h"
#include "core/tokens.h"
#include "store/user_rows.h"

/* --- sessions and tokens ------------------------------------------------------------------------------------------ */

static const char *hash_of(struct desk *desk, const char *secret)
{
	return secret_hash(secret, arena_alloc(desk->arena, SECRET_HASH_TEXT_LEN));
}

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
		finding->find.actor.name =
			arena_strdup(finding->desk->arena, finding->find.actor.name);
	return err;
}

static enum err find(struct desk *desk, const char *secret, bool is_session,
		     struct credential_find *found_out)
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
	uint64_t ana = people_add(desk, "ana", ROLE_LEAD);
	struct credential_find found;
	struct session_start cmd = {.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &cmd, "one"), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"csrf_token\":\"csrf\"}"));
	assert_int_equal(find(desk, "one", true, &found), ERR_OK);
	assert_int_equal(found.actor.kind, ACTOR_SESSION);
	assert_int_equal(found.actor.user_id, ana);
	assert_int_equal(found.actor.role, ROLE_LEAD);
	assert_int_equal(found.expires_at, DESK_START_MS + SESSION_MS);
	assert_int_equal(find(desk, "one", false, &found),
			 ERR_UNAUTHENTICATED); /* no token */
	assert_int_equal(find(desk, "two", true, &found), ERR_UNAUTHENTICATED);

	/* the password changed between the check and the start */
	cmd = (struct session_start){.user_id = ana, .password_hash = "$other"};
	assert_int_equal(start(desk, &cmd, "two"), ERR_BAD_CREDENTIALS);

	/* one's own new password ends the other sessions */
	struct actor self = people_session(desk, "ana", ROLE_LEAD);
	self.credential_id = (uint64_t)desk_number(desk, "SELECT id FROM sessions");
	cmd = (struct session_start){.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &cmd, "three"), ERR_OK);
	struct user_set_password set = {.call = desk_call(desk, &self),
					.old_hash = "$hash",
					.new_hash = "$new"};
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
	struct user_add add = {
		.call = desk_call(desk, &desk_shell),
		.login = "ana",
		.first_name = "",
		.last_name = "",
		.email = "",
		.secret = {.link = "x", .link_hash = hash_of(desk, "link")}};
	assert_int_equal(desk_write(desk, user_add, &add.call), ERR_OK);
	struct session_start cmd = {.link_hash = hash_of(desk, "link"),
				    .password_hash = "$mine"};
	assert_int_equal(start(desk, &cmd, "one"), ERR_OK);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM users WHERE password_hash = '$mine'"),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'password_set' AND actor = 'ana'"),
		1);
	assert_int_equal(start(desk, &cmd, "two"), ERR_BAD_CREDENTIALS); /* once */

	/* a newer link ends the older one; both end after a day */
	struct user_change change = {
		.call = desk_call(desk, &desk_shell),
		.who = {.kind = WHO_LOGIN, .login = "ana"},
		.secret = {.link = "x", .link_hash = hash_of(desk, "older")}};
	assert_int_equal(desk_write(desk, user_change, &change.call), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM sessions"), 0);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM users WHERE password_hash IS NULL"),
		1);
	change.call = desk_call(desk, &desk_shell);
	change.secret.link_hash = hash_of(desk, "newer");
	assert_int_equal(desk_write(desk, user_change, &change.call), ERR_OK);
	cmd.link_hash = hash_of(desk, "older");
	assert_int_equal(start(desk, &cmd, "three"), ERR_BAD_CREDENTIALS);
	atomic_fetch_add(&desk->now_ms, LOGIN_LINK_MS);
	cmd.link_hash = hash_of(desk, "newer");
	assert_int_equal(start(desk, &cmd, "four"), ERR_BAD_CREDENTIALS);
}

static enum err add_token(struct desk *desk, struct token_add *cmd,
			  const struct actor *actor)
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
	uint64_t ana = people_add(desk, "ana", ROLE_AGENT);
	people_add(desk, "root", ROLE_ADMIN);
	struct actor agent = people_session(desk, "ana", ROLE_AGENT),
		     root = people_session(desk, "root", ROLE_ADMIN);
	struct actor token = agent, service = {.kind = ACTOR_SERVICE_TOKEN,
					       .scopes = SCOPE_ADMIN,
					       .name = "s"};
	token.kind = ACTOR_PERSONAL_TOKEN;
	const struct who absent = {.kind = WHO_ABSENT},
			 for_ana = {.kind = WHO_ID, .id = ana};
	const struct {
		const struct actor *actor;
		enum token_kind kind;
		struct who user;
		unsigned scopes;
		int64_t expires_at;
		enum err err;
	} table[] = {
		{&agent, TOKEN_PERSONAL, absent, SCOPE_READ | SCOPE_SEND, 0, ERR_OK},
		{&agent, TOKEN_PERSONAL, for_ana, SCOPE_READ, DESK_START_MS + 1,
		 ERR_OK},
		{&agent, TOKEN_PERSONAL, absent, 0, 0, ERR_INVALID},
		{&agent, TOKEN_PERSONAL, absent, SCOPE_READ, DESK_START_MS,
		 ERR_INVALID},
		{&agent, TOKEN_SERVICE, absent, SCOPE_READ, 0, ERR_FORBIDDEN},
		{&root, TOKEN_SERVICE, absent, SCOPE_READ, 0, ERR_OK},
		{&root, TOKEN_SERVICE, absent, SCOPE_SEND, 0, ERR_INVALID},
		{&root, TOKEN_SERVICE, for_ana, SCOPE_READ, 0, ERR_INVALID},
		{&root, TOKEN_PERSONAL, for_ana, SCOPE_READ, 0,
		 ERR_FORBIDDEN}, /* an admin is not ana */
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
			fail_msg("row %zu: %s, wanted %s", i, err_code(err),
				 err_code(table[i].err));
		if (err == ERR_OK)
			assert_true(desk_answers(&cmd.call, cmd.secret));
	}
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM ledger WHERE act = 'token_added'"),
		5);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM ledger WHERE instr(payload, 'hb_')"),
		0);
}

static void test_tokens(void **state)
{
	struct desk *desk = *state;
	people_add(desk, "ana", ROLE_AGENT);
	people_add(desk, "bo", ROLE_AGENT);
	struct actor ana = people_session(desk, "ana", ROLE_AGENT),
		     bo = people_session(desk, "bo", ROLE_AGENT);
	struct token_add add = {.kind = TOKEN_PERSONAL,
				.scopes = SCOPE_READ | SCOPE_SEND};
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
	struct actor auditor = people_session(desk, "bo", ROLE_AUDITOR),
		     root = people_session(desk, "bo", ROLE_ADMIN);
	add = (struct token_add){.kind = TOKEN_SERVICE, .scopes = SCOPE_READ};
	assert_int_equal(add_token(desk, &add, &desk_shell), ERR_OK);
	revoke.token_id =
		(uint64_t)desk_number(desk, "SELECT id FROM tokens WHERE kind = 0");
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

static struct user_deactivate leaving(struct desk *desk, const char *login,
				      const char *heir)
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
	uint64_t ana = people_add(desk, "ana", ROLE_AGENT),
		 bo = people_add(desk, "bo", ROLE_AGENT);
	struct actor self = people_session(desk, "ana", ROLE_AGENT);
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
	desk_sql(desk,
		 "UPDATE tasks SET state = 3 WHERE id = 2"); /* sent: stays ana's */
	desk_sql(
		desk,
		"INSERT INTO leases (card_id, user_id, credential_id, fence, taken_at, expires_at, keyed_at, was_unassigned) "
		"VALUES (1, %" PRIu64 ", 7, 1, 1, 2, 1, 0)",
		ana);
	struct user_deactivate cmd = leaving(desk, "ana", "ana");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_INVALID);
	cmd = leaving(desk, "ana", "zoe");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call),
			 ERR_UNKNOWN_USER);
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
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64,
			    bo),
		2);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM tasks WHERE id = 2 AND assignee_id = %" PRIu64,
			ana),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'user_deactivated' AND "
			"subject = 'user:ana'"),
		1);
	session = (struct session_start){.user_id = ana, .password_hash = "$hash"};
	assert_int_equal(start(desk, &session, "again"), ERR_BAD_CREDENTIALS);

	/* again: nothing new but what is left; and back */
	cmd = leaving(desk, "ana", NULL);
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'user_deactivated'"),
		1);
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
	uint64_t ana = people_add(desk, "ana", ROLE_AGENT),
		 bo = people_add(desk, "bo", ROLE_AGENT);
	struct user_reassign_step step = {0};
	unsigned steps = 0;
	desk_contact(desk, 1, "+351910000001");
	desk_sql(
		desk,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO tasks (id, "
		"origin, contact_id, name, text, assignee_id, state, sort_due, is_test, moves_workflow, created_at, "
		"revision) SELECT i, 1, 1, 'n', 't', %" PRIu64
		", i %% 3, 1, 0, 0, 1, 1 FROM n",
		ana);
	desk->signals = 0;
	struct user_deactivate cmd = leaving(desk, "ana", "bo");
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 202);
	assert_true(desk_answers(&cmd.call, "\"job\":{\"id\":\""));
	assert_true(desk->signals & SIGNAL_TIMER);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64,
			    bo),
		500);

	/* the heir leaves in the middle: nothing is lost, the rest goes to nobody */
	assert_int_equal(store_write_now(desk->store, user_reassign_step, &step),
			 ERR_OK);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM tasks WHERE assignee_id = %" PRIu64,
			    bo),
		750);
	cmd = leaving(desk, "bo", NULL);
	assert_int_equal(desk_write(desk, user_deactivate, &cmd.call), ERR_OK);
	assert_int_equal(store_write_now(desk->store, user_reassign_step, &step),
			 ERR_OK);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM tasks WHERE assignee_id IS NULL"),
		750);
	for (step.is_done = false; !step.is_done; steps++)
		assert_int_equal(
			store_write_now(desk->store, user_reassign_step, &step),
			ERR_OK);
	assert_true(steps <= 6);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM tasks WHERE assignee_id IS NULL"),
		1200);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM jobs WHERE state = 0"),
			 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_sessions), TEST(test_link),       TEST(test_who_makes_tokens),
		TEST(test_tokens),   TEST(test_deactivate), TEST(test_deactivate_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
