/* test_hooks.c - telling other systems: signatures, addresses, the order of deliveries, retries, and what time does. */
#include "life_help.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/hook_emit.h"
#include "core/hook_sign.h"
#include "core/hook_url.h"
#include "core/hooks.h"
#include "link/hook_guard.h"
#include "link/hook_post.h"

/* --- signatures --------------------------------------------------------------------------------------------------- */

#define VECTOR_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* Ref: the reference libraries of Standard Webhooks test themselves with these */
static void test_signature_of_the_standard(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	const struct hook_signed what = {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
					 .at_s = 1614265330,
					 .body = body,
					 .body_len_bytes = sizeof(body) - 1};
	char signature[HOOK_SIGNATURE_LEN];
	(void)state;
	assert_true(hook_sign(VECTOR_SECRET, &what, signature));
	assert_string_equal(signature,
			    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void test_what_fits(void **state)
{
	static const char body[] = "{\"test\": 2432232314}",
			  right[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
			  other[] = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	const struct hook_signed what = {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
					 .at_s = 1614265330,
					 .body = body,
					 .body_len_bytes = sizeof(body) - 1};
	struct hook_signed altered[3] = {what, what, what};
	char several[256];
	(void)state;
	altered[0].id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
	altered[1].at_s++;
	altered[2].body_len_bytes--;
	assert_true(hook_signature_fits(VECTOR_SECRET, &what, right));
	assert_false(hook_signature_fits(other, &what, right));
	for (unsigned i = 0; i < 3; i++)
		assert_false(hook_signature_fits(VECTOR_SECRET, &altered[i], right));
	snprintf(several, sizeof(several), "  v1a,%s v1,AAAA  %s v2,b", right + 3,
		 right);
	assert_true(hook_signature_fits(VECTOR_SECRET, &what, several));
	static const char *const wrong[] = {
		"",
		" ",
		"v1,",
		"v1",
		"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
		"v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=,v2,b"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(hook_signature_fits(VECTOR_SECRET, &what, wrong[i]));
	assert_false(hook_signature_fits("whsec_", &what, right));
}

static void test_secrets(void **state)
{
	char made[HOOK_SECRET_LEN], other[HOOK_SECRET_LEN];
	(void)state;
	assert_true(hook_secret_is_valid(hook_secret_new(made)));
	assert_string_not_equal(made, hook_secret_new(other));
	assert_true(hook_secret_is_valid(VECTOR_SECRET));
	assert_false(hook_secret_is_valid("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
	assert_false(hook_secret_is_valid(
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")); /* 23 bytes */
	assert_true(hook_secret_is_valid(
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")); /* 24 */
	assert_false(hook_secret_is_valid("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!"));
	assert_false(hook_secret_is_valid("whsec_"));
}

/* --- where to ----------------------------------------------------------------------------------------------------- */

static bool is_public(const char *text)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return hook_address_is_public((struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return hook_address_is_public((struct sockaddr *)&six);
}

static void test_addresses(void **state)
{
	static const char *const closed[] = {"0.0.0.0",
					     "10.1.2.3",
					     "100.64.0.1",
					     "100.127.255.255",
					     "127.0.0.1",
					     "127.255.255.254",
					     "169.254.169.254",
					     "172.16.0.1",
					     "172.31.255.255",
					     "192.0.0.8",
					     "192.0.2.1",
					     "192.168.1.1",
					     "198.18.0.1",
					     "198.19.255.1",
					     "198.51.100.7",
					     "203.0.113.9",
					     "224.0.0.1",
					     "239.1.1.1",
					     "240.0.0.1",
					     "255.255.255.255",
					     "::",
					     "::1",
					     "::ffff:127.0.0.1",
					     "::ffff:10.0.0.1",
					     "::127.0.0.1",
					     "64:ff9b::10.0.0.1",
					     "64:ff9b:1::1",
					     "fe80::1",
					     "fec0::1",
					     "fc00::1",
					     "fd12:3456::1",
					     "ff02::1",
					     "2001::1",
					     "2001:db8::1",
					     "2002:7f00:1::",
					     "2002:a00:1::1",
					     "100::1",
					     "3fff::1",
					     "4000::1"};
	static const char *const open[] = {
		"1.1.1.1",          "9.255.255.255",   "11.0.0.1",     "100.63.255.255",
		"100.128.0.1",      "172.15.255.255",  "172.32.0.1",   "192.167.1.1",
		"223.255.255.255",  "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1",
		"64:ff9b::1.1.1.1", "2002:101:101::1", "2001:200::1"};
	const struct sockaddr unix_ = {.sa_family = AF_UNIX};
	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (is_public(closed[i]))
			fail_msg("%s counts as public", closed[i]);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!is_public(open[i]))
			fail_msg("%s counts as private", open[i]);
	assert_false(hook_address_is_public(&unix_));
}

static bool is_allowed(const char *entry, const char *url)
{
	const char *const allow[] = {"somebody.else", entry, NULL};
	struct hook_host host;
	assert_true(hook_url_host(url, &host));
	return hook_host_is_allowed(allow, &host);
}

static void test_allowed_hosts(void **state)
{
	struct hook_host host = {"crm.local", "443"};
	(void)state;
	assert_true(is_allowed("crm.local", "https://CRM.local/x"));
	assert_true(is_allowed("crm.local:443", "https://crm.local/x"));
	assert_true(is_allowed("crm.local:80", "http://crm.local"));
	assert_false(is_allowed("crm.local:8080", "http://crm.local/"));
	assert_false(is_allowed("crm.local", "https://crm.local.evil.example/"));
	assert_false(is_allowed("crm.local", "https://evil.example/crm.local"));
	assert_true(is_allowed("::1", "http://[::1]:81/"));
	assert_true(is_allowed("[::1]:81", "http://[::1]:81/"));
	assert_false(is_allowed("[::1]:82", "http://[::1]:81/"));
	assert_false(hook_host_is_allowed(NULL, &host));
	assert_true(hook_allow_is_valid("crm.local:8080"));
	assert_true(hook_allow_is_valid("[2001:db8::1]:8080"));
	assert_false(hook_allow_is_valid("https://crm.local"));
	assert_false(hook_allow_is_valid("crm.local:"));
	assert_false(hook_allow_is_valid(":80"));
	assert_false(hook_allow_is_valid("*"));
}

static void test_answers(void **state)
{
	(void)state;
	assert_int_equal(post_judge(200), HOOK_TAKEN);
	assert_int_equal(post_judge(204), HOOK_TAKEN);
	assert_int_equal(post_judge(299), HOOK_TAKEN);
	assert_int_equal(post_judge(301), HOOK_AGAIN);
	assert_int_equal(post_judge(404), HOOK_AGAIN);
	assert_int_equal(post_judge(410), HOOK_GONE);
	assert_int_equal(post_judge(500), HOOK_AGAIN);
	assert_int_equal(post_judge(0), HOOK_AGAIN);
}

static void test_pauses_grow_over_three_days(void **state)
{
	int64_t sum = 0, before = 0;
	unsigned attempts = 1;
	(void)state;
	for (int64_t pause; (pause = hook_retry_after_ms(attempts, 512)); attempts++) {
		assert_true(pause > before);
		assert_true(hook_retry_after_ms(attempts, 0) >= pause * 79 / 100);
		assert_true(hook_retry_after_ms(attempts, 1023) <= pause * 121 / 100);
		assert_true(hook_retry_after_ms(attempts, 0) <
			    hook_retry_after_ms(attempts, 1023));
		sum += pause;
		before = pause;
	}
	assert_true(sum > 60 * HOUR_MS && sum < 3 * DAY_MS);
}

/* --- deliveries --------------------------------------------------------------------------------------------------- */

static const char *const task_events[] = {"task.created", "task.cancelled",
					  "task.expired", "task.opened", "task.sent"};

static uint64_t add_hook(struct desk *desk, const char *name, bool wants_tests)
{
	struct hook_add cmd = {.call = desk_call(desk, &desk_shell),
			       .name = name,
			       .url = "https://crm.example.com/",
			       .events = task_events,
			       .event_count = 5,
			       .wants_tests = wants_tests};
	assert_int_equal(desk_write(desk, hook_add, &cmd.call), ERR_OK);
	return (uint64_t)desk_number(desk, "SELECT id FROM hooks WHERE name = '%s'",
				     name);
}

/* The strings of a read live no longer than its done: only ids are looked at here. */
static struct hook_due due(struct desk *desk, const struct hook_room *room)
{
	struct hook_due due = {.limit = HOOK_POSTS_MOST,
			       .per_hook = 4,
			       .rooms = room,
			       .room_count = room != NULL};
	assert_int_equal(store_read_now(desk->store, hook_due, &due), ERR_OK);
	return due;
}

static void settle(struct desk *desk, uint64_t id, enum hook_outcome outcome)
{
	const struct hook_result result = {
		.id = id, .outcome = outcome, .answer = "said so"};
	struct hook_settle done = {&result, 1};
	assert_int_equal(store_write_now(desk->store, hook_settle, &done), ERR_OK);
}

static void cancel(struct desk *desk, uint64_t task)
{
	struct task_act act = life_act(desk, task, &desk_shell);
	assert_int_equal(desk_write(desk, task_cancel, &act.call), ERR_OK);
}

static void test_nothing_is_kept_for_nobody(void **state)
{
	struct desk *desk = *state;
	cancel(desk, life_task(desk, 101, ANA));
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 0);
	uint64_t hook = add_hook(desk, "crm", false);
	life_task(desk, 101, ANA);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 1);
	struct hook_remove cmd = {.call = desk_call(desk, &desk_shell),
				  .hook_id = hook};
	assert_int_equal(desk_write(desk, hook_remove, &cmd.call), ERR_OK);
	life_task(desk, 101, ANA);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 1);
	struct hook_sweep sweep;
	assert_int_equal(store_write_now(desk->store, hook_sweep, &sweep), ERR_OK);
	assert_int_equal(store_write_now(desk->store, hook_sweep, &sweep), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hooks"), 0);
}

static void test_one_at_a_time_of_a_task(void **state)
{
	struct desk *desk = *state;
	add_hook(desk, "crm", false);
	uint64_t task = life_task(desk, 101, ANA);
	cancel(desk, task);
	life_task(desk, 101, ANA);
	struct hook_due now = due(desk, NULL);
	assert_int_equal(now.count, 2);
	uint64_t first =
		(uint64_t)desk_number(desk, "SELECT min(id) FROM hook_deliveries");
	settle(desk, first, HOOK_AGAIN);
	assert_int_equal(due(desk, NULL).count, 1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT next_at IS NULL FROM hook_deliveries WHERE event = 'task.cancelled'"),
		1);
	atomic_fetch_add(&desk->now_ms, 2000);
	settle(desk, first, HOOK_TAKEN);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT next_at IS NULL FROM hook_deliveries WHERE event = 'task.cancelled'"),
		0);
	assert_int_equal(due(desk, NULL).count, 2);
	settle(desk, first,
	       HOOK_GONE); /* a late answer to what is settled changes nothing */
	assert_int_equal(desk_number(desk, "SELECT is_enabled FROM hooks"), 1);
}

static void test_rooms_and_what_is_under_way(void **state)
{
	struct desk *desk = *state;
	uint64_t hook = add_hook(desk, "crm", false), under_way[2];
	for (unsigned i = 0; i < 6; i++)
		life_task(desk, 101, ANA);
	struct hook_due now = due(desk, NULL);
	assert_int_equal(now.count, 4);
	under_way[0] = now.posts[0].id;
	under_way[1] = now.posts[1].id;
	assert_int_equal(due(desk, &(struct hook_room){hook, 0}).count, 0);
	assert_int_equal(due(desk, &(struct hook_room){hook, 1}).count, 1);
	struct hook_due more = {.limit = 6,
				.per_hook = 6,
				.under_way = under_way,
				.under_way_count = 2};
	assert_int_equal(store_read_now(desk->store, hook_due, &more), ERR_OK);
	assert_int_equal(more.count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_true(more.posts[i].id != under_way[0] &&
			    more.posts[i].id != under_way[1]);
}

static void test_given_up_after_three_days(void **state)
{
	struct desk *desk = *state;
	add_hook(desk, "crm", false);
	life_task(desk, 101, ANA);
	struct hook_due now = due(desk, NULL);
	unsigned attempts = 0;
	while (desk_number(desk, "SELECT state FROM hook_deliveries") ==
	       DELIVERY_WAITING) {
		settle(desk, now.posts[0].id, HOOK_AGAIN);
		int64_t next = desk_number(
			desk, "SELECT coalesce(next_at, 0) FROM hook_deliveries");
		assert_true(++attempts < 20);
		if (next)
			atomic_store(&desk->now_ms, next);
	}
	assert_true(attempts > 8);
	assert_int_equal(desk_number(desk, "SELECT state FROM hook_deliveries"),
			 DELIVERY_FAILED);
	assert_true(atomic_load(&desk->now_ms) - DESK_START_MS > 2 * DAY_MS);
	assert_true(atomic_load(&desk->now_ms) - DESK_START_MS <= 3 * DAY_MS);
}

static void test_untried_ones_are_given_up_and_old_ones_forgotten(void **state)
{
	struct desk *desk = *state;
	struct hook_sweep sweep;
	add_hook(desk, "crm", false);
	cancel(desk, life_task(desk, 101, ANA));
	desk_sql(desk, "UPDATE hooks SET is_enabled = 0");
	assert_int_equal(due(desk, NULL).count, 0);
	atomic_fetch_add(&desk->now_ms, 3 * DAY_MS + 2 * HOUR_MS);
	assert_int_equal(store_write_now(desk->store, hook_sweep, &sweep), ERR_OK);
	assert_true(sweep.is_done);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM hook_deliveries WHERE state = 2 AND next_at IS NULL"),
		2);
	atomic_fetch_add(&desk->now_ms, 28 * DAY_MS);
	assert_int_equal(store_write_now(desk->store, hook_sweep, &sweep), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 0);
}

static void test_a_copy_tells_nobody(void **state)
{
	struct desk *desk = *state;
	add_hook(desk, "crm", false);
	life_task(desk, 101, ANA);
	desk_sql(desk, "INSERT INTO meta (key, value) VALUES ('restored_copy', '1')");
	assert_int_equal(due(desk, NULL).count, 0);
	desk_sql(desk, "DELETE FROM meta WHERE key = 'restored_copy'");
	assert_int_equal(due(desk, NULL).count, 1);
}

static enum err make_test_task(struct txn *txn, void *arg)
{
	struct task task = {.id = *(uint64_t *)arg, .is_test = true};
	return hook_emit_task(txn, HOOK_TASK_EXPIRED, &task, &actor_system);
}

static void test_test_runs_are_told_to_who_asks(void **state)
{
	struct desk *desk = *state;
	uint64_t hook = add_hook(desk, "crm", false),
		 tests = add_hook(desk, "tests", true);
	uint64_t task = life_task(desk, 101, ANA);
	desk_sql(desk, "DELETE FROM hook_deliveries");
	assert_int_equal(store_write_now(desk->store, make_test_task, &task), ERR_OK);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM hook_deliveries WHERE hook_id = %" PRIu64,
			hook),
		0);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM hook_deliveries WHERE hook_id = %" PRIu64,
			tests),
		1);
}

/* A hook that was made by a write that is refused has never been there. */
static enum err add_and_fail(struct txn *txn, void *arg)
{
	enum err err = hook_add(txn, arg);
	const struct hook_set *set;
	if (err == ERR_OK)
		err = hook_set_get(txn, &set);
	return err == ERR_OK && set->count == 1 ? ERR_BAD_STATE : ERR_INTERNAL;
}

static void test_a_hook_that_is_rolled_back(void **state)
{
	struct desk *desk = *state;
	struct hook_add cmd = {.call = desk_call(desk, &desk_shell),
			       .name = "crm",
			       .url = "https://crm.example.com/",
			       .events = task_events,
			       .event_count = 5};
	assert_int_equal(desk_write(desk, add_and_fail, &cmd.call), ERR_BAD_STATE);
	life_task(desk, 101, ANA);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 0);
	add_hook(desk, "crm", false);
	life_task(desk, 101, ANA);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM hook_deliveries"), 1);
}

static void test_the_head_is_told(void **state)
{
	struct desk *desk = *state;
	static const char *const events[] = {"ledger.head"};
	struct hook_add cmd = {.call = desk_call(desk, &desk_shell),
			       .name = "vault",
			       .url = "https://vault.example.com/",
			       .events = events,
			       .event_count = 1};
	assert_int_equal(desk_write(desk, hook_add, &cmd.call), ERR_OK);
	assert_int_equal(store_write_now(desk->store, hook_emit_head, NULL), ERR_OK);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM hook_deliveries WHERE event = 'ledger.head' AND subject = "
			"'ledger:0' AND body LIKE '%%\"head\":\"0:%%'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature_of_the_standard),
		cmocka_unit_test(test_what_fits),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_allowed_hosts),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_pauses_grow_over_three_days),
		LIFE(test_nothing_is_kept_for_nobody),
		LIFE(test_one_at_a_time_of_a_task),
		LIFE(test_rooms_and_what_is_under_way),
		LIFE(test_given_up_after_three_days),
		LIFE(test_untried_ones_are_given_up_and_old_ones_forgotten),
		LIFE(test_a_copy_tells_nobody),
		LIFE(test_test_runs_are_told_to_who_asks),
		LIFE(test_a_hook_that_is_rolled_back),
		LIFE(test_the_head_is_told),
	};
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
