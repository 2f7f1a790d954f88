/* test_migrate.c - enrollments moved to another version by a job, step by step: bounds, a restart in the middle, what happens
 * between two steps. What each of them finds in the new version is told by tests/scenario/stories/migrate.scn. */
#include "life_help.h"

#include "core/jobs.h"
#include "core/migrate.h"

enum { MANY = 130, FIRST = 200 };

#define OLD                                      \
	PEOPLE("who", "", "<user login='ana'/>") \
	SMS("hello") "<wait id='pause' for='2d'/>"
#define NEW                                      \
	PEOPLE("who", "", "<user login='ana'/>") \
	SMS("greet") "<wait id='pause' for='2d'/><add-tag tag='new'/>"

static const struct step_mapping hello_to_greet[] = {{"hello", "greet"}};

/* So many contacts at "hello" of version 1; version 2 is published. */
static void fill(struct desk *desk)
{
	uint64_t ids[MANY];
	flow_publish(desk, "w", OLD);
	for (unsigned i = 0; i < MANY; i++) {
		ids[i] = FIRST + i;
		desk_contact(desk, ids[i],
			     arena_printf(desk->arena, "+351913000%03u", i));
	}
	struct enroll cmd = {.call = desk_call(desk, &flow_lead),
			     .workflow_id = "w",
			     .contact_ids = ids,
			     .count = MANY};
	assert_int_equal(desk_write(desk, enroll_contacts, &cmd.call), ERR_OK);
	flow_publish(desk, "w", NEW);
}

static struct workflow_migrate asked(struct desk *desk, uint32_t from, uint32_t to)
{
	return (struct workflow_migrate){.call = desk_call(desk, &flow_lead),
					 .bulk = {.workflow_id = "w", .expect = -1},
					 .from = from,
					 .to = to,
					 .maps = hello_to_greet,
					 .map_count = 1,
					 .reason = "because"};
}

static void start(struct desk *desk)
{
	struct workflow_migrate cmd = asked(desk, 1, 2);
	assert_int_equal(desk_read(desk, workflow_migrate_look, &cmd.call), ERR_OK);
	assert_int_equal(cmd.bulk.count, MANY);
	assert_int_equal(desk_write(desk, workflow_migrate_start, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 202);
}

static int64_t on_version(struct desk *desk, unsigned version)
{
	return desk_number(
		desk,
		"SELECT count(*) FROM enrollments WHERE version = %u AND state <= 2",
		version);
}

static bool step(struct desk *desk)
{
	struct job_step work;
	assert_int_equal(store_write_now(desk->store, job_step, &work), ERR_OK);
	return !work.is_done;
}

static void reopen(struct desk *desk)
{
	store_close(&desk->store);
	mailbox_run_all(desk->home);
	plans_free(&desk->core.plans);
	desk->core.plans = plans_new();
	desk_open(desk);
}

/* What belongs together is of one version: nobody is in between. */
static void assert_whole(struct desk *desk)
{
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM tasks t JOIN enrollments e ON e.id = t.enrollment_id WHERE "
			"t.state <= 2 AND (t.workflow_version <> e.version OR t.step_id <> e.step_id)"),
		0);
}

static void test_bounded_steps_and_a_restart(void **state)
{
	struct desk *desk = *state;
	int64_t before = MANY;
	unsigned steps = 0;
	fill(desk);
	start(desk);
	assert_int_equal(on_version(desk, 1), MANY);
	while (step(desk)) {
		int64_t left = on_version(desk, 1);
		assert_true(before - left <= JOB_MIGRATE_STEP);
		assert_true(left < before || left == 0);
		assert_whole(desk);
		before = left;
		if (++steps == 1) {
			assert_true(left > 0);
			reopen(desk);
		}
	}
	assert_true(steps >= MANY / JOB_MIGRATE_STEP);
	assert_int_equal(on_version(desk, 2), MANY);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM jobs WHERE kind = 'migrate_enrollments' AND state = 1 AND done = "
			"%d AND outcomes = 'migrated %d\n'",
			MANY, MANY),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM journal WHERE kind = 'migrated' AND detail LIKE "
			"'%%\"reason\":\"because\"%%'"),
		MANY);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM tasks WHERE assignee_id = %d AND step_id = 'greet' AND "
			"state = 0",
			ANA),
		MANY);
}

/* The newest is moved first, so the oldest one is on the old version for the longest. */
static void test_what_happens_between_two_steps(void **state)
{
	struct desk *desk = *state;
	fill(desk);
	uint64_t first = (uint64_t)desk_number(desk, "SELECT min(id) FROM tasks"),
		 last = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	start(desk);
	struct task_open early = life_open(desk, last, &life_ana, ERR_OK);
	assert_true(step(desk));
	assert_int_equal(
		desk_number(desk,
			    "SELECT workflow_version FROM tasks WHERE id = %" PRIu64,
			    last),
		2);
	assert_int_equal(
		desk_number(desk,
			    "SELECT workflow_version FROM tasks WHERE id = %" PRIu64,
			    first),
		1);

	/* the moved one was open: it must be shown again; the other one is sent on the old version */
	struct task_send stale = {.call = desk_call(desk, &life_ana),
				  .task_id = last,
				  .receipt = life_receipt(desk, &early),
				  .text = "Hello"};
	assert_int_equal(desk_write(desk, task_send, &stale.call), ERR_RECEIPT_STALE);
	assert_non_null(strstr(stale.call.refusal.extra, "\"workflow_version\""));
	struct task_open open = life_open(desk, last, &life_ana, ERR_OK);
	uint64_t moved =
		life_send(desk, last, life_receipt(desk, &open), "Hello", ERR_OK);
	life_hand_over(desk, moved, MESSAGE_EV_ACCEPTED);
	open = life_open(desk, first, &life_ana, ERR_OK);
	uint64_t unmoved =
		life_send(desk, first, life_receipt(desk, &open), "Hello", ERR_OK);
	life_hand_over(desk, unmoved, MESSAGE_EV_ACCEPTED);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM enrollments WHERE step_id = 'pause'"),
		2);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM enrollments WHERE step_id = 'pause' AND version = 1"),
		1);
	while (step(desk))
		assert_whole(desk);
	assert_int_equal(on_version(desk, 1), 0);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM enrollments WHERE step_id = 'pause' AND version = 2"),
		2);

	atomic_fetch_add(&desk->now_ms, 2 * DAY_MS);
	struct wake wake = {0};
	assert_int_equal(store_write_now(desk->store, wake_due, &wake), ERR_OK);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM contact_tags WHERE tag = 'new'"),
		2);
}

static void test_who_begins_later_stays(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", NEW);
	flow_publish(desk, "w", OLD);
	flow_enroll(desk, "w", 101, "enrolled");
	struct workflow_migrate cmd = asked(desk, 2, 1);
	assert_int_equal(desk_read(desk, workflow_migrate_look, &cmd.call), ERR_OK);
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(desk_write(desk, workflow_migrate_start, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 200);
	assert_int_equal(on_version(desk, 1), 1);
	assert_int_equal(on_version(desk, 2), 1);
	struct workflow_versions list = {
		.call = desk_call(desk, &flow_lead), .id = "w", .limit = 10};
	assert_int_equal(desk_read(desk, workflow_versions, &list.call), ERR_OK);
	assert_true(desk_answers(&list.call, "\"running\":1}"));
}

/* A later program may not read what an earlier one did. */
static void test_a_version_that_cannot_be_read_ends_the_job(void **state)
{
	struct desk *desk = *state;
	fill(desk);
	start(desk);
	reopen(desk);
	desk_sql(desk,
		 "UPDATE workflow_versions SET xml = '<nothing/>' WHERE version = 2");
	while (step(desk))
		;
	assert_int_equal(on_version(desk, 1), MANY);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM jobs WHERE state = 2 AND fault IS NOT NULL"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(test_bounded_steps_and_a_restart),
		LIFE(test_what_happens_between_two_steps),
		LIFE(test_who_begins_later_stays),
		LIFE(test_a_version_that_cannot_be_read_ends_the_job),
	};
	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
