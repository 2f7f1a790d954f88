/* test_auth.c - who may use which route, as a table over all callers and flags; what is remembered of credentials; how
 * often may be tried. Pure but for the pool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/auth.h"
#include "api/auth_cache.h"
#include "api/throttle.h"
#include "base/pool.h"
#include "core/secret.h"

/* --- the gate's decision ------------------------------------------------------------------------------------------ */

struct row {
	unsigned flags;
	enum http_method method;
	/* session: agent, lead, admin, auditor · personal token with all scopes but send: agent · the same with send: agent,
	 * admin · service token with all its scopes · with `tasks` only · with `admin` only · shell.
	 * '.' yes, 'f' forbidden, 'h' human_required */
	const char *verdicts;
};

enum { CALLERS = 11 };

static void make_callers(struct actor callers[CALLERS])
{
	const struct actor made[CALLERS] = {
		{.kind = ACTOR_SESSION,
		 .user_id = 1,
		 .role = ROLE_AGENT,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_SESSION,
		 .user_id = 2,
		 .role = ROLE_LEAD,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_SESSION,
		 .user_id = 3,
		 .role = ROLE_ADMIN,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_SESSION,
		 .user_id = 4,
		 .role = ROLE_AUDITOR,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_PERSONAL_TOKEN,
		 .user_id = 1,
		 .role = ROLE_AGENT,
		 .scopes = SCOPE_ALL & ~SCOPE_SEND},
		{.kind = ACTOR_PERSONAL_TOKEN,
		 .user_id = 1,
		 .role = ROLE_AGENT,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_PERSONAL_TOKEN,
		 .user_id = 3,
		 .role = ROLE_ADMIN,
		 .scopes = SCOPE_ALL},
		{.kind = ACTOR_SERVICE_TOKEN, .scopes = SCOPE_ALL & ~SCOPE_SEND},
		{.kind = ACTOR_SERVICE_TOKEN, .scopes = SCOPE_TASKS},
		{.kind = ACTOR_SERVICE_TOKEN, .scopes = SCOPE_ADMIN},
		{.kind = ACTOR_SHELL,
		 .role = ROLE_ADMIN,
		 .scopes = SCOPE_ALL & ~SCOPE_SEND},
	};
	memcpy(callers, made, sizeof(made));
}

static char letter_of(const struct auth_verdict *verdict)
{
	return verdict->err == ERR_OK               ? '.'
	       : verdict->err == ERR_HUMAN_REQUIRED ? 'h'
						    : 'f';
}

static void test_decide(void **state)
{
	/* clang-format off */
	/*                                                  session personal service shell */
	static const struct row table[] = {
		{API_PUBLIC, HTTP_POST,				     "...." "..." "..." "."},
		{0, HTTP_GET,					     "...." "..." "..." "."},
		{0, HTTP_POST,					     "...f" "..." "..." "."},
		{API_SELF, HTTP_POST,				     "...." "..." "..." "."},
		{SCOPE_READ, HTTP_GET,				     "...." "..." ".ff" "."},
		{SCOPE_TASKS, HTTP_POST,			     "...f" "..." "..f" "."},
		{SCOPE_TASKS, HTTP_HEAD,			     "...." "..." "..f" "."},
		{SCOPE_SEND, HTTP_GET,				     "...." "f.." "fff" "f"},
		{SCOPE_SEND | API_HUMAN, HTTP_POST,		     "...f" "f.." "hhh" "h"},
		{SCOPE_TASKS | API_HUMAN, HTTP_POST,		     "...f" "f.." "hhh" "h"},
		{API_HUMAN, HTTP_GET,				     "...." "f.." "hhh" "h"},
		{API_HUMAN | API_SELF, HTTP_PUT,		     "...." "f.." "hhh" "h"},
		{API_HUMAN | API_SHELL_TOO, HTTP_POST,		     "...f" "f.." "hhh" "."},
		{API_LEAD, HTTP_POST,				     "f..f" "ff." ".f." "."},
		{API_LEAD, HTTP_GET,				     "f..." "ff." ".f." "."},
		{SCOPE_TASKS | API_LEAD, HTTP_POST,		     "f..f" "ff." "..f" "."},
		{SCOPE_WORKFLOWS | API_LEAD, HTTP_PUT,		     "f..f" "ff." ".ff" "."},
		{SCOPE_ADMIN | API_LEAD, HTTP_PUT,		     "f..f" "ff." ".f." "."},
		{API_ADMIN, HTTP_POST,				     "ff.f" "ff." ".f." "."},
		{SCOPE_TASKS | API_ADMIN, HTTP_POST,		     "ff.f" "ff." ".ff" "."},
		{SCOPE_ADMIN | API_ADMIN, HTTP_GET,		     "ff.." "ff." ".f." "."},
		{SCOPE_ADMIN | API_ADMIN | API_HUMAN | API_SHELL_TOO, HTTP_POST, "ff.f" "ff." "hhh" "."},
	};
	/* clang-format on */
	struct actor callers[CALLERS];
	(void)state;
	make_callers(callers);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char got[CALLERS + 1] = "";
		for (size_t j = 0; j < CALLERS; j++) {
			struct auth_verdict verdict = auth_decide(
				&callers[j], table[i].flags, table[i].method);
			got[j] = letter_of(&verdict);
			assert_int_equal(verdict.err == ERR_OK, verdict.detail == NULL);
		}
		if (strcmp(got, table[i].verdicts) != 0)
			fail_msg("flags %#x %s: %s, wanted %s", table[i].flags,
				 http_method_name(table[i].method), got,
				 table[i].verdicts);
	}
}

/* Over every mix of flags, methods, roles and kinds: what must never happen. */
static void test_decide_never(void **state)
{
	(void)state;
	const unsigned flags_most = API_SIGNED << 1;
	for (unsigned flags = 0; flags < flags_most; flags++)
		for (enum http_method method = HTTP_GET; method <= HTTP_DELETE;
		     method++)
			for (unsigned mix = 0; mix < ACTOR_KIND_COUNT * ROLE_COUNT * 2;
			     mix++) {
				struct actor actor = {
					.kind = (enum actor_kind)(mix %
								  ACTOR_KIND_COUNT),
					.role = (enum role)(mix / ACTOR_KIND_COUNT %
							    ROLE_COUNT),
					.scopes = mix / ACTOR_KIND_COUNT / ROLE_COUNT
							  ? SCOPE_ALL
							  : SCOPE_READ};
				bool is_person = actor.kind == ACTOR_SESSION ||
						 actor.kind == ACTOR_PERSONAL_TOKEN;
				actor.user_id = is_person ? 1 : 0;
				if (auth_decide(&actor, flags, method).err != ERR_OK ||
				    (flags & API_PUBLIC))
					continue;
				bool is_reading =
					method == HTTP_GET || method == HTTP_HEAD;
				bool may_act = actor_is_person(&actor) ||
					       (actor.kind == ACTOR_SHELL &&
						(flags & API_SHELL_TOO));
				if ((flags & API_HUMAN) && !may_act)
					fail_msg("a machine acts as a person: flags "
						 "%#x mix %u",
						 flags, mix);
				if (is_person && actor.role == ROLE_AUDITOR &&
				    !is_reading && !(flags & API_SELF))
					fail_msg("an auditor changes something: flags "
						 "%#x",
						 flags);
				if (is_person && (flags & API_ADMIN) &&
				    actor.role != ROLE_ADMIN &&
				    !(actor.role == ROLE_AUDITOR && is_reading))
					fail_msg("role %d on an admin's route: flags "
						 "%#x",
						 actor.role, flags);
				if (flags & SCOPE_ALL & ~actor.scopes)
					fail_msg("without its scope: flags %#x", flags);
			}
}

static void test_missing_scope_is_named(void **state)
{
	const struct actor token = {
		.kind = ACTOR_PERSONAL_TOKEN, .user_id = 1, .scopes = SCOPE_READ};
	(void)state;
	assert_int_equal(auth_decide(&token, SCOPE_TASKS, HTTP_POST).missing_scopes,
			 SCOPE_TASKS);
	assert_int_equal(
		auth_decide(&token, SCOPE_TASKS | API_HUMAN, HTTP_POST).missing_scopes,
		SCOPE_SEND);
}

/* --- what is remembered ------------------------------------------------------------------------------------------- */

static void make_key(unsigned n, unsigned char key[SECRET_HASH_BYTES])
{
	memset(key, 0, SECRET_HASH_BYTES);
	key[0] = 7; /* all in one bucket */
	key[10] = (unsigned char)n;
}

static void test_cache(void **state)
{
	struct auth_cache *cache = auth_cache_new();
	const struct credential_find session = {
		.actor = {.kind = ACTOR_SESSION, .user_id = 5, .name = "ana"},
		.csrf = "c"};
	unsigned char key[SECRET_HASH_BYTES];
	(void)state;
	make_key(1, key);
	assert_null(auth_cache_find(cache, key));
	auth_cache_add(cache, key, auth_cache_generation(cache), &session);
	struct auth_entry *entry = auth_cache_find(cache, key);
	assert_non_null(entry);
	assert_string_equal(entry->actor.name, "ana");
	assert_ptr_not_equal(entry->actor.name, session.actor.name);
	assert_string_equal(entry->csrf, "c");

	/* forgotten as a whole; a look-up that began before is not kept */
	uint64_t before = auth_cache_generation(cache);
	auth_cache_forget(cache);
	assert_null(auth_cache_find(cache, key));
	auth_cache_add(cache, key, before, &session);
	assert_null(auth_cache_find(cache, key));

	/* the one not used for longest gives way */
	for (unsigned n = 1; n <= 4; n++) {
		make_key(n, key);
		auth_cache_add(cache, key, auth_cache_generation(cache), &session);
	}
	make_key(1, key);
	assert_non_null(auth_cache_find(cache, key));
	make_key(5, key);
	auth_cache_add(cache, key, auth_cache_generation(cache), &session);
	make_key(2, key);
	assert_null(auth_cache_find(cache, key));
	make_key(1, key);
	assert_non_null(auth_cache_find(cache, key));
	auth_cache_add(cache, key, auth_cache_generation(cache),
		       &session); /* twice is once */
	make_key(3, key);
	assert_non_null(auth_cache_find(cache, key));
	auth_cache_free(&cache);
	assert_null(cache);
}

static void test_throttle(void **state)
{
	struct throttle *throttle = throttle_new(3, 1000);
	unsigned retry_after_s = 0;
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(throttle_take(throttle, "ana@1", 5000 + i, &retry_after_s));
	assert_false(throttle_take(throttle, "ana@1", 5100, &retry_after_s));
	assert_int_equal(retry_after_s, 1);
	assert_true(throttle_is_full(throttle, "ana@1", 5100, &retry_after_s));
	assert_true(throttle_take(throttle, "ana@2", 5100, &retry_after_s));
	assert_false(throttle_is_full(throttle, "bo@1", 5100, &retry_after_s));
	assert_true(throttle_take(throttle, "ana@1", 6000,
				  &retry_after_s)); /* the window is over */
	for (int i = 0; i < 2; i++)
		assert_true(throttle_take(throttle, "ana@1", 6001, &retry_after_s));
	assert_false(throttle_take(throttle, "ana@1", 6002, &retry_after_s));
	throttle_clear(throttle, "ana@1");
	assert_true(throttle_take(throttle, "ana@1", 6003, &retry_after_s));
	/* any number of keys: no more memory */
	for (int i = 0; i < 100000; i++) {
		char key[32];
		snprintf(key, sizeof(key), "u%d", i);
		assert_true(throttle_take(throttle, key, 7000, &retry_after_s));
	}
	throttle_free(&throttle);
}

/* --- secrets and passwords ---------------------------------------------------------------------------------------- */

static void test_secrets(void **state)
{
	char one[SECRET_TEXT_LEN], two[SECRET_TEXT_LEN], hash[SECRET_HASH_TEXT_LEN];
	(void)state;
	secret_new(SECRET_TOKEN, one);
	secret_new(SECRET_TOKEN, two);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 46);
	assert_true(secret_is_shaped(SECRET_TOKEN, one));
	assert_false(secret_is_shaped("", one));
	assert_true(secret_is_shaped("", one + 3));
	one[20] = '+';
	assert_false(secret_is_shaped(SECRET_TOKEN, one));
	assert_false(secret_is_shaped(SECRET_TOKEN, "hb_"));
	assert_string_equal(
		secret_hash("abc", hash),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_password_faults(void **state)
{
	char longest[258];
	(void)state;
	assert_non_null(password_fault("ana", ""));
	assert_non_null(password_fault("ana", "1234567"));
	assert_non_null(password_fault(
		"ana", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4")); /* characters, not bytes */
	assert_null(password_fault("ana", "12345678"));
	assert_non_null(password_fault("ana.silva", "ana.silva"));
	memset(longest, 'x', 257);
	longest[257] = '\0';
	assert_non_null(password_fault("ana", longest));
	longest[256] = '\0';
	assert_null(password_fault("ana", longest));
}

struct hashing {
	char hash[PASSWORD_HASH_LEN];
	bool is_hashed, fits, fits_wrong, fits_none, is_done;
};

static void hash_work(void *arg)
{
	struct hashing *hashing = arg;
	hashing->is_hashed = password_hash("correct horse", hashing->hash);
	hashing->fits = password_fits(hashing->hash, "correct horse");
	hashing->fits_wrong = password_fits(hashing->hash, "correct hors");
	hashing->fits_none = password_fits("", "correct horse");
}

static void hash_done(void *arg)
{
	((struct hashing *)arg)->is_done = true;
}

static void test_passwords_on_the_pool(void **state)
{
	struct mailbox *home = mailbox_new();
	struct pool *pool = pool_new(1, 4, home);
	struct hashing hashing = {0};
	struct pollfd pfd = {.fd = mailbox_fd(home), .events = POLLIN};
	(void)state;
	assert_int_equal(pool_run(pool, hash_work, hash_done, &hashing), ERR_OK);
	assert_false(hashing.is_done); /* not inside the call */
	while (!hashing.is_done) {
		poll(&pfd, 1, -1);
		mailbox_run_all(home);
	}
	assert_true(hashing.is_hashed && hashing.fits);
	assert_false(hashing.fits_wrong || hashing.fits_none);
	assert_int_equal(strncmp(hashing.hash, "$argon2id$v=19$m=65536,", 23), 0);
	pool_free(&pool);
	mailbox_free(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),
		cmocka_unit_test(test_decide_never),
		cmocka_unit_test(test_missing_scope_is_named),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_password_faults),
		cmocka_unit_test(test_passwords_on_the_pool),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
