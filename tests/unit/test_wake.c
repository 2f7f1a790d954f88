/* test_wake.c - enrollments whose wait is over go on: in order, in bounded writes, and one by itself when it cannot */
#include "life_help.h"

#include <sched.h>
#include <stdatomic.h>

#define TAG(name) "<add-tag tag='" name "'/>"

/* One waits, and so many copies of it, each due 10 ms before the former. */
static void many_wait(struct desk *desk, unsigned copies)
{
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>",
			  "<wait id='pause' for='1h'/>" TAG("done"));
	flow_enroll(desk, "w", 101, "enrolled");
	for (unsigned i = 0; i < copies; i++)
		desk_sql(desk,
			 "INSERT INTO enrollments (id, workflow_id, version, "
			 "contact_id, state, step_id, since, "
			 "reason, wake_at, is_test, compress, created_at) SELECT id + "
			 "%u, workflow_id, version, "
			 "contact_id, state, step_id, since, reason, wake_at - %u * "
			 "10, 0, 1, created_at FROM "
			 "enrollments ORDER BY id LIMIT 1",
			 i + 1, i + 1);
	atomic_fetch_add(&desk->now_ms, DAY_MS);
}

static void due_work_goes_oldest_first_in_bounded_writes(void **state)
{
	struct desk *desk = *state;
	struct wake wake = {.is_done = false};
	unsigned writes = 0;
	many_wait(desk, 3 * WAKE_MOST);
	int64_t last = 0;
	for (; !wake.is_done; writes++) {
		assert_int_equal(store_write_now(desk->store, wake_due, &wake), ERR_OK);
		assert_true(wake.count <= WAKE_MOST);
		int64_t left = desk_number(desk, "SELECT coalesce(min(wake_at), 0) "
						 "FROM enrollments WHERE state = 1");
		assert_true(wake.is_done || left > last); /* the oldest went */
		last = left;
	}
	assert_true(writes >= 3);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"),
			 3 * WAKE_MOST + 1);
}

static atomic_bool another_waits;

static enum err wake_once_another_waits(struct txn *txn, void *arg)
{
	while (!atomic_load(&another_waits))
		sched_yield();
	return wake_due(txn, arg);
}

static enum err write_nothing(struct txn *txn, void *arg)
{
	(void)txn, (void)arg;
	return ERR_OK;
}

static void ignore(void *arg, enum err err)
{
	(void)arg, (void)err;
}

static void due_work_lets_others_in(void **state)
{
	struct desk *desk = *state;
	struct wake wake = {.is_done = false};
	many_wait(desk, 3 * WAKE_LEAST);
	atomic_store(&another_waits, false);
	assert_int_equal(
		store_write(desk->store, wake_once_another_waits, ignore, &wake),
		ERR_OK);
	/* it is running, and the other comes into the next group */
	struct store_stats stats;
	do
		store_get_stats(desk->store, &stats);
	while (stats.writes_waiting && sched_yield() == 0);
	assert_int_equal(store_write(desk->store, write_nothing, ignore, NULL), ERR_OK);
	atomic_store(&another_waits, true);
	assert_int_equal(store_write_now(desk->store, write_nothing, NULL), ERR_OK);
	assert_int_equal(wake.count, WAKE_LEAST);
	assert_false(wake.is_done);
}

/* --- one that cannot go on --- */

static void what_cannot_go_on_fails_alone(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", "<wait id='pause' for='1h'/>" TAG("done"));
	uint64_t ids[4];
	for (unsigned i = 0; i < 4; i++)
		ids[i] = flow_enroll(desk, "w", 101 + i, "enrolled");
	desk_sql(desk,
		 "UPDATE enrollments SET step_id = 'elsewhere' WHERE id = %" PRIu64,
		 ids[0]);
	desk_sql(desk, "UPDATE enrollments SET version = 9 WHERE id = %" PRIu64,
		 ids[1]);
	desk_sql(desk, "UPDATE contacts SET deleted_at = 1 WHERE id = 103");
	life_wake(desk, HOUR_MS);
	life_ended(desk, ids[0], "failed", "step_is_gone");
	life_ended(desk, ids[1], "failed", "version_is_gone");
	life_ended(desk, ids[2], "removed", "contact_deleted");
	life_ended(desk, ids[3], "completed", "end_of_workflow");
}

static void a_version_that_cannot_be_read_fails_its_own(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", "<wait id='pause' for='1h'/>" TAG("done"));
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	desk_sql(desk, "UPDATE workflow_versions SET xml = 'rubbish'");
	plans_forget(&desk->core, "w", 1);
	life_wake(desk, HOUR_MS);
	life_ended(desk, id, "failed", "version_is_unreadable");
}

static void a_culprit_is_set_aside(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", "<wait id='pause' for='1h'/>" TAG("done"));
	uint64_t first = flow_enroll(desk, "w", 101, "enrolled"),
		 second = flow_enroll(desk, "w", 102, "enrolled");
	atomic_fetch_add(&desk->now_ms, HOUR_MS);
	struct wake wake = {.culprit = first};
	assert_int_equal(store_write_now(desk->store, wake_due, &wake), ERR_OK);
	life_ended(desk, first, "failed", "internal");
	life_ended(desk, second, "completed", "end_of_workflow");
	assert_int_equal(wake.culprit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(due_work_goes_oldest_first_in_bounded_writes),
		LIFE(due_work_lets_others_in),
		LIFE(what_cannot_go_on_fails_alone),
		LIFE(a_version_that_cannot_be_read_fails_its_own),
		LIFE(a_culprit_is_set_aside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
