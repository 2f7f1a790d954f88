/* test_assign.c - whose a contact becomes: rotation, weights, shifts, owners kept, pools. */
#include "flow_help.h"

#define TRIO \
	PEOPLE("who", "", "<user login='ana'/><user login='ben'/><user login='cai'/>")
#define ANA_AND_BEN PEOPLE("who", "", "<user login='ana'/><user login='ben'/>")

static void test_one_user(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PEOPLE("who", "", "<user login='ben'/>") SMS("hello"));
	for (unsigned i = 0; i < 3; i++) {
		flow_enroll(desk, "w", 101 + i, "enrolled");
		assert_int_equal(flow_owner(desk, 101 + i), BEN);
		assert_int_equal(flow_assignee(desk, 101 + i), BEN);
	}
	flow_task_says(desk, 101, "always ben");
	assert_int_equal(desk_number(desk, "SELECT COUNT(*) FROM rotations"), 0);
}

static void test_round_robin(void **state)
{
	struct desk *desk = *state;
	static const int64_t turns[] = {ANA, BEN, CAI, ANA, BEN, CAI, ANA};
	flow_publish(desk, "w", TRIO SMS("hello"));
	for (unsigned i = 0; i < sizeof(turns) / sizeof(*turns); i++) {
		flow_enroll(desk, "w", 101 + i, "enrolled");
		assert_int_equal(flow_assignee(desk, 101 + i), turns[i]);
	}
	flow_task_says(desk, 101, "the turn of ana, by rotation over 3 users");
	flow_task_says(desk, 101, "credit before: ana 0, ben 0, cai 0");
	flow_task_says(desk, 101, "after: ana -2, ben 1, cai 1");
}

/* a a b a a b a, not five and then two */
static void test_weights_are_smooth(void **state)
{
	struct desk *desk = *state;
	static const int64_t turns[] = {ANA, BEN, ANA, ANA, ANA, BEN, ANA};
	unsigned anas = 0;
	flow_publish(
		desk, "w",
		PEOPLE("who", "",
		       "<user login='ana' weight='5'/><user login='ben' weight='2'/>")
			SMS("hello"));
	for (unsigned i = 0; i < 14; i++) {
		flow_enroll(desk, "w", 101 + i, "enrolled");
		anas += flow_assignee(desk, 101 + i) == ANA;
		if (i < 7)
			assert_int_equal(flow_assignee(desk, 101 + i), turns[i]);
	}
	assert_int_equal(anas, 10);
	assert_int_equal(desk_number(desk, "SELECT SUM(credit) FROM rotations"), 0);
}

/* The rotation is of the workflow and its step, whatever version and whatever life of the process. */
static void test_rotation_survives(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", ANA_AND_BEN SMS("hello"));
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), ANA);
	flow_publish(desk, "w", ANA_AND_BEN SMS("other"));
	store_close(&desk->store);
	mailbox_run_all(desk->home);
	desk_open(desk);
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_assignee(desk, 102), BEN);
	flow_publish(desk, "v", ANA_AND_BEN SMS("hello"));
	flow_enroll(desk, "v", 103, "enrolled");
	assert_int_equal(flow_assignee(desk, 103), ANA);
}

static void test_skips_with_cause(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", TRIO SMS("hello"));
	desk_sql(desk, "UPDATE users SET is_on_shift = 0 WHERE id = %d", ANA);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id = %d", BEN);
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), CAI);
	flow_task_says(desk, 101, "passed over: ana (off shift), ben (inactive)");
	assert_int_equal(desk_number(desk,
				     "SELECT COALESCE(SUM(credit), 0) FROM rotations "
				     "WHERE user_id <> %d",
				     CAI),
			 0);
}

static void test_nobody_is_a_pool_and_a_warning(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", ANA_AND_BEN SMS("hello"));
	desk_sql(desk, "UPDATE users SET is_on_shift = 0");
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id = 102", CAI);
	flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), 0);
	assert_int_equal(flow_assignee(desk, 102), 0);
	assert_int_equal(flow_owner(desk, 102), CAI);
	flow_task_says(desk, 101, "nobody of 2 users is available");
	assert_int_equal(
		desk_number(desk,
			    "SELECT COUNT(*) FROM journal WHERE kind = 'not_assigned'"),
		2);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT COUNT(*) FROM journal WHERE kind = 'task_created' AND "
			"detail LIKE '%%\"warning\":\"nobody_assigned\"%%'"),
		2);
	assert_int_equal(desk_number(desk, "SELECT COUNT(*) FROM rotations"), 0);
}

static void test_only_unassigned_keeps_an_active_owner(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     PEOPLE("who", "only-unassigned='yes'",
			    "<user login='ana'/><user login='ben'/>") SMS("hello"));
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id IN (101, 102)", DOT);
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_owner(desk, 101), DOT);
	assert_int_equal(flow_assignee(desk, 101), DOT);
	flow_task_says(desk, 101, "kept owner dot");
	assert_int_equal(desk_number(desk, "SELECT COUNT(*) FROM rotations"),
			 0); /* no turn was used */
	flow_enroll(desk, "w", 103, "enrolled");
	assert_int_equal(flow_assignee(desk, 103), ANA);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id = %d", DOT);
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_assignee(desk, 102), BEN);
	flow_task_says(desk, 102, "the owner dot is inactive");
}

static void test_overwrites_otherwise(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", ANA_AND_BEN SMS("hello"));
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id = 101", DOT);
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_owner(desk, 101), ANA);
	assert_int_equal(flow_assignee(desk, 101), ANA);
}

static void make_team(struct desk *desk)
{
	desk_sql(desk, "INSERT INTO teams (id, name, revision) VALUES (7, 'sales', 1)");
	desk_sql(desk,
		 "INSERT INTO team_members (team_id, user_id) VALUES (7, %d), (7, %d)",
		 BEN, CAI);
}

static void test_team_rotation(void **state)
{
	struct desk *desk = *state;
	make_team(desk);
	flow_publish(desk, "w", PEOPLE("who", "", "<team name='sales'/>") SMS("hello"));
	flow_enroll(desk, "w", 101, "enrolled");
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), BEN);
	assert_int_equal(flow_assignee(desk, 102), CAI);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id IN (%d, %d)", BEN, CAI);
	flow_enroll(desk, "w", 103, "enrolled");
	assert_int_equal(flow_assignee(desk, 103), 0);
	assert_int_equal(
		desk_number(desk, "SELECT team_id FROM tasks WHERE contact_id = 103"),
		7);
}

static void test_team_pool(void **state)
{
	struct desk *desk = *state;
	make_team(desk);
	flow_publish(desk, "w",
		     PEOPLE("who", "", "<team name='sales' pool='yes'/>") SMS("hello"));
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id = 101", DOT);
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), 0);
	assert_int_equal(
		desk_number(desk, "SELECT team_id FROM tasks WHERE contact_id = 101"),
		7);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT COUNT(*) FROM journal WHERE detail LIKE '%%warning%%'"),
		0);
	flow_task_says(desk, 101, "the team sales takes from its pool");
}

/* M5: the owner when the step runs; an inactive one is no assignee. */
static void test_task_follows_the_owner(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", SMS("hello"));
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id IN (101, 102)", DOT);
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(flow_assignee(desk, 101), DOT);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id = %d", DOT);
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_assignee(desk, 102), 0);
	flow_task_says(desk, 102, "owner dot is inactive");
	flow_enroll(desk, "w", 103, "enrolled");
	assert_int_equal(flow_assignee(desk, 103), 0);
	flow_task_says(desk, 103, "had no owner");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_user, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_round_robin, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_weights_are_smooth, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_rotation_survives, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_skips_with_cause, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_is_a_pool_and_a_warning,
						flow_set_up, flow_tear_down),
		cmocka_unit_test_setup_teardown(
			test_only_unassigned_keeps_an_active_owner, flow_set_up,
			flow_tear_down),
		cmocka_unit_test_setup_teardown(test_overwrites_otherwise, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_team_rotation, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_team_pool, flow_set_up,
						flow_tear_down),
		cmocka_unit_test_setup_teardown(test_task_follows_the_owner,
						flow_set_up, flow_tear_down),
	};
	return cmocka_run_group_tests_name("assign", tests, NULL, NULL);
}
