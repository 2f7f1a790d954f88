/* test_store_fault.c - the store on a failing disk, beside a foreign writer, and killed: what was acknowledged is there,
 * what was refused is not, and it recovers by itself.
 */
#include "store_help.h"
#include "store_disk.h"

#include <signal.h>
#include <sys/resource.h>

enum { RECOVER_MS = 5000 };

static void await_ready(struct bed *bed)
{
	const char *why;
	int64_t until = clock_mono_ms() + RECOVER_MS;
	while (!store_is_ready(bed->store, &why) && clock_mono_ms() < until)
		usleep(1000);
	assert_true(store_is_ready(bed->store, &why));
}

/* Writing fails with err for as long as the cause lasts; reading goes on. */
static void expect_unready(struct bed *bed, enum err err, const char *word)
{
	const char *why = "";
	assert_int_equal(add_item(bed, NULL), err);
	assert_false(store_is_ready(bed->store, &why));
	assert_non_null(strstr(why, word));
	assert_non_null(strstr(why, bed->path));
	assert_int_equal(count_items(bed), 1);
}

static void expect_recovery(struct bed *bed)
{
	struct store_stats stats;
	await_ready(bed); /* nobody writes meanwhile */
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	assert_int_equal(count_items(bed), 2);
	store_get_stats(bed->store, &stats);
	assert_true(stats.commit_errors > 0);
	bed_reopen(bed);
	assert_int_equal(count_items(bed), 2);
}

static void a_full_disk(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	disk_fail((struct disk_fault){.op = DISK_WRITE, .nth = 1, .code = ENOSPC});
	expect_unready(bed, ERR_FULL, "full");
	expect_unready(bed, ERR_FULL, "full");
	disk_heal();
	expect_recovery(bed);
}

static void a_file_grown_too_large(void **state)
{
	struct bed *bed = *state;
	struct rlimit former, low = {.rlim_cur = 16 * 1024};
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	getrlimit(RLIMIT_FSIZE, &former);
	low.rlim_max = former.rlim_max;
	signal(SIGXFSZ, SIG_IGN); /* as main does */
	setrlimit(RLIMIT_FSIZE, &low);
	expect_unready(bed, ERR_FULL, "full");
	setrlimit(RLIMIT_FSIZE, &former);
	expect_recovery(bed);
}

/* Everybody in the group is told, also those that were refused or that had succeeded. */
static void a_failed_commit_fails_its_group(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call held = {.gate = &gate}, one = {.signals = SIGNAL_OUTBOX},
		    two = {.refuse = ERR_LEASED}, three = {0};
	bed_open_with_items(bed);
	call_start(bed, &held);
	gate_await(&gate);
	call_start(bed, &one);
	call_start(bed, &two);
	call_start(bed, &three);
	disk_fail((struct disk_fault){.op = DISK_WRITE, .nth = 1, .code = ENOSPC});
	gate_open(&gate);
	bed_wait(bed, &three.is_done);
	disk_heal();
	assert_int_equal(held.err, ERR_FULL);
	assert_int_equal(one.err, ERR_FULL);
	assert_int_equal(two.err, ERR_FULL);
	assert_int_equal(three.err, ERR_FULL);
	assert_int_equal(bed->committed, 0);
	await_ready(bed);
	assert_int_equal(count_items(bed), 0);
}

static void a_failed_sync_is_unsure(void **state)
{
	struct bed *bed = *state;
	struct call call = {.signals = SIGNAL_OUTBOX};
	const char *why;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "before"), ERR_OK);
	disk_fail((struct disk_fault){
		.op = DISK_SYNC, .suffix = "-wal", .nth = 1, .code = EIO});
	assert_int_equal(store_write_now(bed->store, call_write, &call), ERR_UNSURE);
	assert_int_equal(bed->committed, 0);
	assert_false(store_is_ready(bed->store, &why));
	assert_int_equal(add_item(bed, NULL),
			 ERR_IO); /* not even opened: certainly not kept */
	assert_in_range(count_items(bed), 1, 2);
	disk_heal();
	await_ready(bed);
	int64_t kept = count_items(bed);
	assert_int_equal(add_item(bed, "before"), ERR_DUPLICATE);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	bed_reopen(bed);
	assert_int_equal(count_items(bed), kept + 1);
}

static unsigned syncs_of(struct bed *bed, unsigned signals, bool is_lazy)
{
	struct call call = {.signals = signals};
	disk_fail((struct disk_fault){
		.op = DISK_SYNC, .suffix = "-wal", .nth = 1 << 30, .code = EIO});
	(is_lazy ? call_start_lazy : call_start)(bed, &call);
	bed_wait(bed, &call.is_done);
	assert_int_equal(call.err, ERR_OK);
	return disk_heal();
}

/* A power cut cannot be had here; that the disk was asked can be seen. */
static void a_lazy_write_is_synced_when_it_matters(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(syncs_of(bed, 0, false), 1);
	assert_int_equal(syncs_of(bed, 0, true), 0);
	assert_int_equal(syncs_of(bed, SIGNAL_TIMER, true), 0);
	assert_int_equal(syncs_of(bed, SIGNAL_HOOKS, true), 1);
	assert_int_equal(syncs_of(bed, SIGNAL_MAIL, true), 1);
	assert_int_equal(syncs_of(bed, 0, true), 0);
	assert_int_equal(syncs_of(bed, 0, false), 1);
	/* its id may lie above what the mark on the disk covers */
	atomic_fetch_add(&bed->now_ms, 11 * SECOND_MS);
	assert_int_equal(syncs_of(bed, 0, true), 1);
	assert_int_equal(syncs_of(bed, 0, true), 0);
}

static void a_lazy_write_that_is_not_synced_is_unsure(void **state)
{
	struct bed *bed = *state;
	struct call call = {.signals = SIGNAL_HOOKS};
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "before"), ERR_OK);
	disk_fail((struct disk_fault){
		.op = DISK_SYNC, .suffix = "-wal", .nth = 1, .code = EIO});
	call_start_lazy(bed, &call);
	bed_wait(bed, &call.is_done);
	assert_int_equal(call.err, ERR_UNSURE);
	assert_int_equal(bed->committed, 0);
	disk_heal();
	await_ready(bed);
	assert_int_equal(add_item(bed, "before"), ERR_DUPLICATE);
}

/* --- the next group does not wait for the disk --- */

/* Two groups: the first is committed while the second waits, and the second stands at its gate. */
struct two_groups {
	struct gate gates[2];
	struct call calls[2];
	unsigned order;
};

static void two_groups_start(struct bed *bed, struct two_groups *two)
{
	*two = (struct two_groups){.order = 0};
	for (unsigned i = 0; i < 2; i++) {
		two->calls[i] = (struct call){.gate = &two->gates[i],
					      .signals = SIGNAL_OUTBOX,
					      .next_order = &two->order};
		call_start(bed, &two->calls[i]);
		if (i == 0)
			gate_await(&two->gates[0]);
	}
	gate_open(&two->gates[0]);
	gate_await(&two->gates[1]);
}

static void the_next_group_runs_while_the_disk_is_waited_for(void **state)
{
	struct bed *bed = *state;
	struct two_groups two;
	atomic_bool holds = true;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, NULL), ERR_OK); /* takes ids ahead */
	disk_fail((struct disk_fault){.op = DISK_SYNC,
				      .suffix = "-wal",
				      .nth = 1 << 30,
				      .code = EIO,
				      .holds = &holds});
	two_groups_start(bed, &two);
	gate_open(&two.gates[1]);
	mailbox_run_all(bed->home);
	assert_false(two.calls[0].is_done);
	assert_int_equal(bed->committed, 0);
	atomic_store(&holds, false);
	bed_wait(bed, &two.calls[1].is_done);
	disk_heal();
	assert_int_equal(two.calls[0].err, ERR_OK);
	assert_int_equal(two.calls[1].err, ERR_OK);
	assert_int_equal(two.calls[0].order, 0);
	assert_int_equal(bed->committed, 2);
}

static void what_follows_a_failed_sync_is_unsure_too(void **state)
{
	struct bed *bed = *state;
	struct two_groups two;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "before"), ERR_OK);
	disk_fail((struct disk_fault){.op = DISK_SYNC,
				      .suffix = "-wal",
				      .nth = 1,
				      .once = true,
				      .code = EIO});
	two_groups_start(bed, &two);
	bed_wait(bed, &two.calls[0].is_done);
	assert_int_equal(two.calls[0].err, ERR_UNSURE);
	gate_open(&two.gates[1]);
	bed_wait(bed, &two.calls[1].is_done);
	assert_int_equal(two.calls[1].err, ERR_UNSURE);
	assert_int_equal(bed->committed, 0);
	disk_heal();
	await_ready(bed);
	assert_int_equal(add_item(bed, "before"), ERR_DUPLICATE);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
}

/* --- the n-th call --- */

enum { LOOP_WRITES = 24, LOOP_BODY_BYTES = 250 * 1000 };

struct loop_call {
	uint64_t id;
	enum err err;
	bool is_done;
};

static enum err loop_write(struct txn *txn, void *arg)
{
	struct loop_call *call = arg;
	char *body = arena_alloc(txn_arena(txn), LOOP_BODY_BYTES + 1);
	memset(body, 'x', LOOP_BODY_BYTES);
	body[LOOP_BODY_BYTES] = '\0';
	call->id = txn_id(txn);
	return SQL_RUN(txn_db(txn), &ITEM_ADD_BODY, SQL_ID(call->id), SQL_TEXT(body));
}

static void loop_done(void *arg, enum err err)
{
	struct loop_call *call = arg;
	call->err = err;
	call->is_done = true;
}

static int64_t raw_int(struct bed *bed, const char *text)
{
	sqlite3 *handle;
	sqlite3_stmt *stmt;
	assert_int_equal(sqlite3_open(bed->path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(handle);
	return value;
}

static bool is_there(struct bed *bed, uint64_t id)
{
	char text[96];
	snprintf(text, sizeof(text), "SELECT count(*) FROM item WHERE id = %" PRIu64,
		 id);
	return raw_int(bed, text) == 1;
}

static void check_loop(struct bed *bed, const struct loop_call *calls)
{
	assert_int_equal(
		raw_int(bed, "SELECT quick_check = 'ok' FROM pragma_quick_check"), 1);
	assert_int_equal(raw_int(bed, "SELECT coalesce(max(id), 0) <= (SELECT "
				      "CAST(value AS INTEGER) FROM meta "
				      "WHERE key = 'id_high_water') FROM item"),
			 1);
	for (unsigned i = 0; i < LOOP_WRITES; i++) {
		if (calls[i].err == ERR_OK)
			assert_true(is_there(bed, calls[i].id));
		else if (calls[i].err != ERR_UNSURE)
			assert_false(is_there(bed, calls[i].id));
	}
}

/* Writes in small groups while the nth call fails; returns how many calls there were. */
static unsigned run_loop(struct disk_fault fault)
{
	void *state = NULL;
	struct loop_call calls[LOOP_WRITES] = {0};
	assert_int_equal(bed_set_up(&state), 0);
	struct bed *bed = state;
	log_set_level(LOG_LEVEL_ERROR + 1);
	bed_open_with_items(bed);
	disk_fail(fault);
	for (unsigned i = 0; i < LOOP_WRITES; i += 3) {
		for (unsigned j = 0; j < 3; j++)
			assert_int_equal(store_write(bed->store, loop_write, loop_done,
						     &calls[i + j]),
					 ERR_OK);
		bed_wait(bed, &calls[i + 2].is_done);
	}
	(void)count_items;
	bed_close(bed);
	unsigned passed = disk_heal();
	check_loop(bed, calls);
	bed_open(bed);
	assert_int_equal(add_item(bed, "after"), ERR_OK);
	bed_close(bed);
	check_loop(bed, calls);
	bed_tear_down(&state);
	return passed;
}

static void fail_each(unsigned ops, int code, unsigned dense, unsigned stride)
{
	struct disk_fault fault = {.op = ops, .nth = 1, .once = true, .code = code};
	while (run_loop(fault) >= fault.nth)
		fault.nth += fault.nth < dense ? 1 : stride;
	assert_true(fault.nth > dense);
}

static void each_sync_fails_once(void **state)
{
	(void)state;
	fail_each(DISK_SYNC | DISK_TRUNCATE, EIO, 8, 1);
}

static void each_write_fails_once(void **state)
{
	(void)state;
	fail_each(DISK_WRITE, EIO, 6, 311);
	fail_each(DISK_WRITE, ENOSPC, 6, 311);
}

static void each_read_fails_once(void **state)
{
	(void)state;
	struct disk_fault fault = {
		.op = DISK_READ, .nth = 1, .once = true, .code = EIO};
	while (fault.nth < 40 && run_loop(fault) >= fault.nth)
		fault.nth += 3;
}

/* --- a foreign writer --- */

static void a_foreign_writer(void **state)
{
	struct bed *bed = *state;
	sqlite3 *foreign;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	assert_int_equal(sqlite3_open(bed->path, &foreign), SQLITE_OK);
	assert_int_equal(sqlite3_exec(foreign, "BEGIN IMMEDIATE", NULL, NULL, NULL),
			 SQLITE_OK);
	int64_t began = clock_mono_ms();
	expect_unready(bed, ERR_LOCKED, "locked");
	assert_in_range(clock_mono_ms() - began, 1500, 4000);
	began = clock_mono_ms();
	expect_unready(bed, ERR_LOCKED, "locked"); /* known by now: answered soon */
	assert_in_range(clock_mono_ms() - began, 0, 1000);
	assert_int_equal(sqlite3_exec(foreign, "ROLLBACK", NULL, NULL, NULL),
			 SQLITE_OK);
	expect_recovery(bed);
	sqlite3_close(foreign);
}

enum { LOG_MOST_BYTES = 256 << 20 };

static uint64_t log_bytes(struct bed *bed)
{
	struct store_stats stats;
	store_get_stats(bed->store, &stats);
	return stats.wal_bytes;
}

/* A foreign reader that does not end keeps the log from starting anew: it grows, nobody waits, and once the reader is
 * gone it begins anew, and the file is cut to what it may keep. */
static void a_foreign_reader(void **state)
{
	struct bed *bed = *state;
	sqlite3 *foreign;
	struct loop_call call = {0};
	unsigned count = 0;
	bed_open_with_items(bed);
	assert_int_equal(sqlite3_open(bed->path, &foreign), SQLITE_OK);
	assert_int_equal(sqlite3_exec(foreign, "BEGIN; SELECT count(*) FROM item", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	for (; log_bytes(bed) <= LOG_MOST_BYTES + (4 << 20); count++)
		assert_int_equal(store_write_now(bed->store, loop_write, &call),
				 ERR_OK);
	assert_true(log_bytes(bed) >= (uint64_t)count * LOOP_BODY_BYTES);
	assert_int_equal(sqlite3_exec(foreign, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(foreign);
	for (unsigned more = 0; log_bytes(bed) > LOG_MOST_BYTES; more++, count++) {
		assert_int_equal(store_write_now(bed->store, loop_write, &call),
				 ERR_OK);
		assert_in_range(more, 0, 2000);
	}
	bed_reopen(bed);
	assert_int_equal(count_items(bed), count);
}

#define T(test) cmocka_unit_test_setup_teardown(test, bed_set_up, bed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_full_disk),
		T(a_file_grown_too_large),
		T(a_failed_commit_fails_its_group),
		T(a_failed_sync_is_unsure),
		T(a_lazy_write_is_synced_when_it_matters),
		T(a_lazy_write_that_is_not_synced_is_unsure),
		T(the_next_group_runs_while_the_disk_is_waited_for),
		T(what_follows_a_failed_sync_is_unsure_too),
		cmocka_unit_test(each_sync_fails_once),
		cmocka_unit_test(each_write_fails_once),
		cmocka_unit_test(each_read_fails_once),
		T(a_foreign_writer),
		T(a_foreign_reader),
	};
	disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
