/* test_house.c - what is too old is forgotten, in steps, and nothing else */
#include "core_help.h"

#include "base/clock.h"
#include "base/ident.h"
#include "core/turn.h"

enum { OLD = 450, NEW = 30 }; /* more than two steps of old ones */

static void add(struct desk *desk, int64_t at, unsigned number)
{
	uint64_t id = ident_least(at) + number;
	desk_sql(desk,
		 "INSERT INTO journal (id, enrollment_id, at, kind, detail) "
		 "VALUES (%" PRIu64 ", 1, %" PRId64 ", 'test', '{}')",
		 id, at);
	desk_sql(
		desk,
		"INSERT INTO not_enrolled (workflow_id, contact_id, cause, id, at, times, "
		"outcome, detail) VALUES ('w', %" PRIu64 ", 'manual', 1, %" PRId64
		", 1, 'opted_out', '{}')",
		id, at);
	desk_sql(
		desk,
		"INSERT INTO idempotency (credential, key, request_hash, status, body, "
		"at, revision) VALUES ('c', '%" PRIu64 "', '', 200, '', %" PRId64
		", 0)",
		id, at);
}

static unsigned keep_house(struct desk *desk)
{
	struct turn turn = {.keeps_house = true};
	unsigned turns = 0;
	do {
		assert_int_equal(store_write_now(desk->store, turn_run, &turn), ERR_OK);
		turns++;
	} while (turn.has_more);
	assert_false(turn.keeps_house);
	return turns;
}

static void old_rows_go_in_steps(void **state)
{
	struct desk *desk = *state;
	const int64_t kept_ms = policy_default.journal_kept_ms;
	for (unsigned i = 0; i < OLD; i++)
		add(desk, DESK_START_MS - kept_ms - 1000, i);
	for (unsigned i = 0; i < NEW; i++)
		add(desk, DESK_START_MS - kept_ms + 1000, i);
	assert_true(keep_house(desk) >= 3);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM journal"), NEW);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM not_enrolled"), NEW);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM idempotency"), 0);
}

static void a_turn_without_it_forgets_nothing(void **state)
{
	struct desk *desk = *state;
	struct turn turn = {0};
	add(desk, DESK_START_MS - 2 * policy_default.journal_kept_ms, 0);
	assert_int_equal(store_write_now(desk->store, turn_run, &turn), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM journal"), 1);
}

static void what_is_kept_is_a_setting(void **state)
{
	struct desk *desk = *state;
	struct policy brief = policy_default;
	brief.journal_kept_ms = DAY_MS;
	add(desk, DESK_START_MS - 2 * DAY_MS, 0);
	keep_house(desk);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM journal"), 1);
	atomic_store(&desk->core.policy, &brief);
	keep_house(desk);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM journal"), 0);
	atomic_store(&desk->core.policy, &policy_default);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(old_rows_go_in_steps, desk_set_up,
						desk_tear_down),
		cmocka_unit_test_setup_teardown(a_turn_without_it_forgets_nothing,
						desk_set_up, desk_tear_down),
		cmocka_unit_test_setup_teardown(what_is_kept_is_a_setting, desk_set_up,
						desk_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
