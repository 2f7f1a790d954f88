/* test_store.c - groups, refusals, snapshots, ids, signals: the promises of store.h while nothing goes wrong below. */
#include "store_help.h"

enum { MANY = 300 };

/* Holds the writer inside a write, so that what is queued meanwhile makes the next group. */
static void hold_writer(struct bed *bed, struct call *held, struct gate *gate)
{
	*held = (struct call){.gate = gate};
	call_start(bed, held);
	gate_await(gate);
}

/* --- groups --- */

static void many_writes_make_few_groups(void **state)
{
	struct bed *bed = *state;
	struct call calls[MANY] = {0}, held;
	struct gate gate = {false, false};
	struct store_stats before, after;
	unsigned order = 0;
	bed_open_with_items(bed);
	store_get_stats(bed->store, &before);
	hold_writer(bed, &held, &gate);
	for (unsigned i = 0; i < MANY; i++) {
		calls[i].next_order = &order;
		call_start(bed, &calls[i]);
	}
	gate_open(&gate);
	bed_wait(bed, &calls[MANY - 1].is_done);
	store_get_stats(bed->store, &after);
	assert_int_equal(after.groups - before.groups, 2);
	assert_int_equal(after.writes - before.writes, MANY + 1);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(calls[i].err, ERR_OK);
		assert_int_equal(calls[i].order, i);
		assert_true(i == 0 || calls[i].id > calls[i - 1].id);
	}
	assert_int_equal(count_items(bed), MANY + 1);
}

static void a_lazy_write_is_put_off_once(void **state)
{
	struct bed *bed = *state;
	struct gate first_gate = {false, false}, second_gate = {false, false};
	struct store_stats before, after;
	unsigned order = 0;
	struct call held, lazy = {.next_order = &order},
			  first = {.gate = &second_gate, .next_order = &order},
			  second = {.next_order = &order};
	bed_open_with_items(bed);
	store_get_stats(bed->store, &before);
	hold_writer(bed, &held, &first_gate);
	call_start_lazy(bed, &lazy);
	call_start(bed, &first);
	gate_open(&first_gate);
	gate_await(&second_gate);
	call_start(bed, &second);
	gate_open(&second_gate);
	bed_wait(bed, &second.is_done);
	store_get_stats(bed->store, &after);
	assert_int_equal(after.groups - before.groups, 3);
	assert_int_equal(first.order, 0);
	assert_int_equal(lazy.order, 1);
	assert_int_equal(second.order, 2);
}

static void lazy_writes_go_one_by_one(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct store_stats before, after;
	struct call held, lazy[3] = {0};
	bed_open_with_items(bed);
	store_get_stats(bed->store, &before);
	hold_writer(bed, &held, &gate);
	for (unsigned i = 0; i < 3; i++)
		call_start_lazy(bed, &lazy[i]);
	gate_open(&gate);
	bed_wait(bed, &lazy[2].is_done);
	store_get_stats(bed->store, &after);
	assert_int_equal(after.groups - before.groups, 4);
}

static void a_refusal_leaves_nothing_and_neighbours_stay(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call held, first = {.name = "first"},
			  refused = {.name = "refused", .refuse = ERR_LEASED},
			  twin = {.name = "first"}, last = {.name = "last"};
	bed_open_with_items(bed);
	hold_writer(bed, &held, &gate);
	call_start(bed, &first);
	call_start(bed, &refused);
	call_start(bed, &twin);
	call_start(bed, &last);
	gate_open(&gate);
	bed_wait(bed, &last.is_done);
	assert_int_equal(first.err, ERR_OK);
	assert_int_equal(refused.err, ERR_LEASED);
	assert_int_equal(twin.err, ERR_DUPLICATE);
	assert_int_equal(last.err, ERR_OK);
	assert_int_equal(count_items(bed), 3);
	assert_int_equal(add_item(bed, "refused"), ERR_OK); /* its name is free */
}

SQL(ITEM_RENAME, "UPDATE item SET name = ?2 WHERE name = ?1");
SQL(ITEM_BAD, "INSERT INTO item (id, name) VALUES (?1, no_such_function(?2))");
SQL(ITEM_RETURNING, "INSERT INTO item (id, name) VALUES (?1, ?2) RETURNING name");

/* Handles the duplicate itself: the statement alone is undone, the write goes on. */
static enum err add_or_rename(struct txn *txn, void *arg)
{
	(void)arg;
	struct db *db = txn_db(txn);
	enum err err = SQL_RUN(db, &ITEM_ADD, SQL_ID(txn_id(txn)), SQL_TEXT("a"));
	if (err != ERR_DUPLICATE)
		return err == ERR_OK ? ERR_INTERNAL : err;
	err = SQL_RUN(db, &ITEM_RENAME, SQL_TEXT("a"), SQL_TEXT("b"));
	return err == ERR_OK && sql_changes(db) != 1 ? ERR_INTERNAL : err;
}

static void a_write_may_handle_a_duplicate(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "a"), ERR_OK);
	assert_int_equal(store_write_now(bed->store, add_or_rename, NULL), ERR_OK);
	assert_int_equal(add_item(bed, "b"), ERR_DUPLICATE);
	assert_int_equal(add_item(bed, "a"), ERR_OK);
}

static enum err swallow_an_error(struct txn *txn, void *arg)
{
	(void)arg;
	struct db *db = txn_db(txn);
	enum err err = SQL_RUN(db, &ITEM_ADD, SQL_ID(txn_id(txn)), SQL_TEXT("half"));
	if (err == ERR_OK &&
	    SQL_RUN(db, &ITEM_BAD, SQL_ID(txn_id(txn)), SQL_TEXT("rest")) == ERR_OK)
		err = ERR_INTERNAL;
	return err;
}

static void a_swallowed_error_cannot_commit_half(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(store_write_now(bed->store, swallow_an_error, NULL),
			 ERR_INTERNAL);
	assert_int_equal(count_items(bed), 0);
	assert_int_equal(add_item(bed, "next"), ERR_OK);
}

/* A query that writes is undone like a statement that does. */
static enum err add_returning(struct txn *txn, void *arg)
{
	struct rows rows;
	enum err err = SQL_ONE(txn_db(txn), &ITEM_RETURNING, &rows, SQL_ID(txn_id(txn)),
			       SQL_TEXT("r"));
	if (err != ERR_OK)
		return err;
	assert_string_equal(rows_text(&rows, 0), "r");
	err = rows_end(&rows);
	return err == ERR_OK ? *(enum err *)arg : err;
}

static void a_query_that_writes_is_undone_too(void **state)
{
	struct bed *bed = *state;
	enum err refuse = ERR_INVALID, keep = ERR_OK;
	bed_open_with_items(bed);
	assert_int_equal(store_write_now(bed->store, add_returning, &refuse),
			 ERR_INVALID);
	assert_int_equal(count_items(bed), 0);
	assert_int_equal(store_write_now(bed->store, add_returning, &keep), ERR_OK);
	assert_int_equal(count_items(bed), 1);
	assert_int_equal(store_write_now(bed->store, add_returning, &keep),
			 ERR_DUPLICATE);
}

static void a_full_queue_is_busy(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call held, calls[4] = {0}, late = {0};
	bed->config.queue_max = 4;
	bed_open_with_items(bed);
	hold_writer(bed, &held, &gate);
	for (unsigned i = 0; i < 4; i++)
		call_start(bed, &calls[i]);
	assert_int_equal(store_write(bed->store, call_write, call_done, &late),
			 ERR_BUSY);
	gate_open(&gate);
	bed_wait(bed, &calls[3].is_done);
	assert_false(late.is_done);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
}

/* --- signals --- */

/* next_order: how often the committed callback has run. */
static void done_after_signals(void *arg, enum err err)
{
	struct call *call = arg;
	call->order = *call->next_order;
	call->next_order = NULL;
	call_done(call, err);
}

static void signals_of_a_group_come_once_and_first(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call held,
		one = {.signals = SIGNAL_OUTBOX},
		two = {.signals = SIGNAL_TIMER, .next_order = &bed->committed},
		refused = {.signals = SIGNAL_AUTH, .refuse = ERR_FORBIDDEN};
	bed_open_with_items(bed);
	assert_int_equal(bed->committed, 0);
	hold_writer(bed, &held, &gate);
	call_start(bed, &one);
	call_start(bed, &refused);
	assert_int_equal(store_write(bed->store, call_write, done_after_signals, &two),
			 ERR_OK);
	gate_open(&gate);
	bed_wait(bed, &two.is_done);
	assert_int_equal(two.order, 1);
	assert_int_equal(bed->committed, 1);
	assert_int_equal(bed->signals, SIGNAL_OUTBOX | SIGNAL_TIMER);
}

/* --- reads --- */

struct seen {
	struct bed *bed;
	struct gate *gate;
	int64_t first, second;
	enum err err;
	bool is_done;
};

static enum err count_twice(struct snapshot *snap, void *arg)
{
	struct seen *seen = arg;
	assert_ptr_equal(snapshot_context(snap), seen->bed);
	enum err err = count_read(snap, &seen->first);
	if (err != ERR_OK)
		return err;
	gate_hold(seen->gate);
	return count_read(snap, &seen->second);
}

static void seen_done(void *arg, enum err err)
{
	struct seen *seen = arg;
	seen->err = err;
	seen->is_done = true;
}

static void a_read_sees_one_snapshot(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct seen seen = {.bed = bed, .gate = &gate};
	bed_open_with_items(bed);
	assert_int_equal(store_read(bed->store, count_twice, seen_done, &seen), ERR_OK);
	gate_await(&gate);
	assert_int_equal(add_item(bed, NULL), ERR_OK);
	assert_int_equal(count_items(bed), 1); /* another reader, a newer snapshot */
	gate_open(&gate);
	bed_wait(bed, &seen.is_done);
	assert_int_equal(seen.err, ERR_OK);
	assert_int_equal(seen.first, 0);
	assert_int_equal(seen.second, 0);
}

static void a_read_sees_the_write_before_it(void **state)
{
	struct bed *bed = *state;
	bed->config.readers = 4;
	bed_open_with_items(bed);
	for (int64_t i = 1; i <= 100; i++) {
		assert_int_equal(add_item(bed, NULL), ERR_OK);
		assert_int_equal(count_items(bed), i);
	}
}

static enum err write_in_read(struct snapshot *snap, void *arg)
{
	(void)arg;
	return SQL_RUN(snapshot_db(snap), &ITEM_ADD, SQL_ID(1), SQL_NULL);
}

static void a_read_cannot_write(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(store_read_now(bed->store, write_in_read, NULL), ERR_INTERNAL);
	assert_int_equal(count_items(bed), 0);
}

SQL(ENDLESS, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
	     "max(i) FROM n");

static enum err read_endlessly(struct snapshot *snap, void *arg)
{
	(void)arg;
	struct rows rows;
	enum err err = sql_one(snapshot_db(snap), &ENDLESS, &rows, NULL, 0);
	return err == ERR_OK ? rows_end(&rows) : err;
}

static void a_long_read_is_broken_off(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	int64_t began = clock_mono_ms();
	assert_int_equal(store_read_now(bed->store, read_endlessly, NULL), ERR_BUSY);
	assert_in_range(clock_mono_ms() - began, 900, 5000);
	assert_int_equal(count_items(bed), 0);
}

/* --- values --- */

SQL(VALUES_BACK, "SELECT ?1, ?2, ?3, ?4, ?5, ?6");
SQL(NUMBERS, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
	     "?1) SELECT i FROM n");

static enum err values_come_back(struct snapshot *snap, void *arg)
{
	(void)arg;
	struct db *db = snapshot_db(snap);
	struct rows rows, inner;
	size_t len;
	SQL_QUERY(db, &VALUES_BACK, &rows, SQL_INT(-5), SQL_ID(0), SQL_TEXT("é"),
		  SQL_TEXT(NULL), SQL_BLOB("\0x", 2), SQL_BLOB(NULL, 0));
	assert_true(rows_next(&rows));
	assert_int_equal(rows_int(&rows, 0), -5);
	assert_true(rows_bool(&rows, 0));
	assert_true(rows_is_null(&rows, 1));
	assert_int_equal(rows_id(&rows, 1), 0);
	assert_string_equal(rows_text(&rows, 2), "é");
	assert_null(rows_text(&rows, 3));
	assert_memory_equal(rows_blob(&rows, 4, &len), "\0x", 2);
	assert_int_equal(len, 2);
	assert_false(rows_is_null(&rows, 5));
	assert_false(rows_next(&rows));
	assert_false(rows_next(&rows)); /* and does not begin anew */
	assert_int_equal(rows_end(&rows), ERR_OK);

	/* a statement inside its own loop, left early */
	int64_t sum = 0;
	SQL_QUERY(db, &NUMBERS, &rows, SQL_INT(3));
	while (rows_next(&rows)) {
		SQL_QUERY(db, &NUMBERS, &inner, SQL_INT(10));
		while (rows_next(&inner) && rows_int(&inner, 0) <= rows_int(&rows, 0))
			sum += rows_int(&inner, 0);
		assert_int_equal(rows_end(&inner), ERR_OK);
	}
	assert_int_equal(rows_end(&rows), ERR_OK);
	assert_int_equal(sum, 1 + 3 + 6);
	return SQL_ONE(db, &NUMBERS, &rows, SQL_INT(0)) == ERR_OK ? rows_end(&rows)
								  : ERR_INTERNAL;
}

static void values_and_cursors(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(store_read_now(bed->store, values_come_back, NULL), ERR_OK);
}

/* More texts than are kept, twice over, and one that is in use all the while. */
static enum err query_many_texts(struct snapshot *snap, void *arg)
{
	(void)arg;
	char text[64];
	struct rows held, rows;
	struct db *db = snapshot_db(snap);
	sql_query_text(db, "SELECT 0 UNION ALL SELECT 1", &held, NULL, 0);
	assert_true(rows_next(&held));
	for (int i = 0; i < 1200; i++) {
		const struct sql_value value = SQL_INT(i);
		snprintf(text, sizeof(text), "SELECT ?1 + %d", i % 600);
		sql_query_text(db, text, &rows, &value, 1);
		assert_true(rows_next(&rows));
		assert_int_equal(rows_int(&rows, 0), i + i % 600);
		assert_int_equal(rows_end(&rows), ERR_OK);
	}
	assert_true(rows_next(&held));
	assert_int_equal(rows_int(&held, 0), 1);
	return rows_end(&held);
}

static void statements_by_text(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(store_read_now(bed->store, query_many_texts, NULL), ERR_OK);
}

static enum err meta_both_ways(struct txn *txn, void *arg)
{
	char *value;
	struct db *db = txn_db(txn);
	assert_ptr_equal(txn_context(txn), arg);
	assert_int_equal(txn_node(txn), 3);
	assert_int_equal(meta_rows_get(db, txn_arena(txn), "k", &value), ERR_NOT_FOUND);
	assert_int_equal(meta_rows_set(db, "k", "one"), ERR_OK);
	assert_int_equal(meta_rows_set(db, "k", "two"), ERR_OK);
	assert_int_equal(meta_rows_get(db, txn_arena(txn), "k", &value), ERR_OK);
	assert_string_equal(value, "two");
	assert_int_equal(meta_rows_set(db, "k", NULL), ERR_OK);
	return meta_rows_get(db, txn_arena(txn), "k", &value) == ERR_NOT_FOUND
		       ? ERR_OK
		       : ERR_INTERNAL;
}

static void meta_values(void **state)
{
	struct bed *bed = *state;
	bed_open(bed);
	assert_int_equal(store_write_now(bed->store, meta_both_ways, bed), ERR_OK);
}

/* --- ids --- */

static void ids_rise_over_starts_and_clocks(void **state)
{
	struct bed *bed = *state;
	struct call call = {0};
	uint64_t last = 0;
	bed_open_with_items(bed);
	for (unsigned start = 0; start < 4; start++) {
		for (unsigned i = 0; i < 5; i++) {
			assert_int_equal(store_write_now(bed->store, call_write, &call),
					 ERR_OK);
			assert_true(call.id > last);
			last = call.id;
			atomic_fetch_add(&bed->now_ms, -HOUR_MS);
		}
		bed_reopen(bed);
	}
	/* the clock catches up: ids follow it again */
	atomic_fetch_add(&bed->now_ms, DAY_MS);
	assert_int_equal(store_write_now(bed->store, call_write, &call), ERR_OK);
	assert_int_equal(ident_time_ms(call.id), atomic_load(&bed->now_ms));
}

static void a_clean_stop_does_not_run_ahead(void **state)
{
	struct bed *bed = *state;
	struct call call = {0};
	bed_open_with_items(bed);
	for (unsigned start = 0; start < 20; start++) {
		assert_int_equal(store_write_now(bed->store, call_write, &call),
				 ERR_OK);
		bed_reopen(bed);
	}
	assert_in_range(ident_time_ms(call.id) - atomic_load(&bed->now_ms), 0, 100);
}

/* --- the end --- */

static void closing_finishes_what_is_queued(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call held, calls[MANY] = {0};
	bed_open_with_items(bed);
	hold_writer(bed, &held, &gate);
	for (unsigned i = 0; i < MANY; i++)
		(i % 50 ? call_start : call_start_lazy)(bed, &calls[i]);
	gate_open(&gate);
	store_close(&bed->store);
	assert_null(bed->store);
	assert_false(calls[0].is_done);
	mailbox_run_all(bed->home);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(calls[i].is_done && calls[i].err == ERR_OK);
	bed_open(bed);
	assert_int_equal(count_items(bed), MANY + 1);
	store_close(&bed->store);
	store_close(&bed->store); /* NULL is fine */
}

static void count_busy(void *arg, enum err err)
{
	*(unsigned *)arg += err == ERR_BUSY;
}

static void closing_waits_for_no_row_of_slow_reads(void **state)
{
	struct bed *bed = *state;
	unsigned busy = 0;
	bed_open_with_items(bed);
	int64_t began = clock_mono_ms();
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(
			store_read(bed->store, read_endlessly, count_busy, &busy),
			ERR_OK);
	store_close(&bed->store);
	mailbox_run_all(bed->home);
	assert_int_equal(busy, MANY);
	assert_in_range(clock_mono_ms() - began, 0, 5000);
}

#define T(test) cmocka_unit_test_setup_teardown(test, bed_set_up, bed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(many_writes_make_few_groups),
		T(a_lazy_write_is_put_off_once),
		T(lazy_writes_go_one_by_one),
		T(a_refusal_leaves_nothing_and_neighbours_stay),
		T(a_write_may_handle_a_duplicate),
		T(a_swallowed_error_cannot_commit_half),
		T(a_query_that_writes_is_undone_too),
		T(a_full_queue_is_busy),
		T(signals_of_a_group_come_once_and_first),
		T(a_read_sees_one_snapshot),
		T(a_read_sees_the_write_before_it),
		T(a_read_cannot_write),
		T(a_long_read_is_broken_off),
		T(values_and_cursors),
		T(statements_by_text),
		T(meta_values),
		T(ids_rise_over_starts_and_clocks),
		T(a_clean_stop_does_not_run_ahead),
		T(closing_finishes_what_is_queued),
		T(closing_waits_for_no_row_of_slow_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
