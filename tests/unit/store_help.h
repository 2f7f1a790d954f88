/* store_help.h - a store in a folder of its own, for the tests of the store: a fake clock, a table of items, and the
 * common writes and reads. Each test program includes it once.
 */
#ifndef HB_TESTS_STORE_HELP_H
#define HB_TESTS_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ident.h"
#include "base/log.h"
#include "store/meta_rows.h"
#include "store/sql.h"
#include "store/store.h"

#define HELP __attribute__((unused)) static

SQL(ITEM_TABLE,
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body TEXT)");
SQL(ITEM_ADD, "INSERT INTO item (id, name) VALUES (?1, ?2)");
SQL(ITEM_ADD_BODY, "INSERT INTO item (id, body) VALUES (?1, ?2)");
SQL(ITEM_COUNT, "SELECT count(*) FROM item");

struct bed {
	char folder[64], path[96], *why;
	struct mailbox *home;
	struct store *store;
	struct clock clock;
	atomic_llong now_ms;
	unsigned signals, committed; /* as the committed callback saw them */
	struct store_config config;
};

HELP int64_t bed_now(void *arg)
{
	return atomic_load(&((struct bed *)arg)->now_ms);
}

HELP void bed_committed(void *arg, unsigned signals)
{
	struct bed *bed = arg;
	bed->signals |= signals;
	bed->committed++;
}

HELP int bed_set_up(void **state)
{
	struct bed *bed = MEM_NEW(struct bed);
	const char *tmp = getenv("TMPDIR");
	snprintf(bed->folder, sizeof(bed->folder), "%.40s/hb-store-XXXXXX",
		 tmp ? tmp : "/tmp");
	log_set_level(getenv("V") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	if (!mkdtemp(bed->folder))
		return -1;
	snprintf(bed->path, sizeof(bed->path), "%s/handbox.db", bed->folder);
	bed->home = mailbox_new();
	atomic_store(&bed->now_ms, INT64_C(1795400000000));
	bed->clock = (struct clock){.now_utc_ms = bed_now, .arg = bed};
	bed->config = (struct store_config){.database = bed->path,
					    .node = 3,
					    .clock = &bed->clock,
					    .home = bed->home,
					    .context = bed,
					    .committed = bed_committed,
					    .committed_arg = bed};
	*state = bed;
	return 0;
}

HELP enum err bed_try_open(struct bed *bed, enum store_open_mode mode)
{
	mem_free(bed->why);
	return store_open(&bed->config, mode, &bed->store, &bed->why);
}

HELP void bed_open(struct bed *bed)
{
	enum err err = bed_try_open(bed, STORE_SERVE);
	if (err != ERR_OK)
		print_error("store_open: %s\n", bed->why);
	assert_int_equal(err, ERR_OK);
	assert_null(bed->why);
}

HELP void bed_close(struct bed *bed)
{
	store_close(&bed->store);
	mailbox_run_all(bed->home);
}

HELP void bed_reopen(struct bed *bed)
{
	bed_close(bed);
	bed_open(bed);
}

HELP int bed_tear_down(void **state)
{
	struct bed *bed = *state;
	struct dirent *entry;
	bed_close(bed);
	mailbox_free(&bed->home);
	DIR *dir = opendir(bed->folder);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(bed->folder);
	mem_free(bed->why);
	mem_free(bed);
	return 0;
}

/* bed_wait - runs home until *flag. */
HELP void bed_wait(struct bed *bed, const bool *flag)
{
	struct pollfd pfd = {.fd = mailbox_fd(bed->home), .events = POLLIN};
	while (!*flag) {
		poll(&pfd, 1, -1);
		mailbox_run_all(bed->home);
	}
}

/* --- a thread held where the test wants it --- */

struct gate {
	atomic_bool is_reached, is_open;
};

HELP void gate_hold(struct gate *gate)
{
	atomic_store(&gate->is_reached, true);
	while (!atomic_load(&gate->is_open))
		usleep(200);
}

HELP void gate_await(struct gate *gate)
{
	while (!atomic_load(&gate->is_reached))
		usleep(200);
}

HELP void gate_open(struct gate *gate)
{
	atomic_store(&gate->is_open, true);
}

/* --- writes and reads --- */

HELP enum err make_table(struct txn *txn, void *arg)
{
	(void)arg;
	return SQL_RUN0(txn_db(txn), &ITEM_TABLE);
}

/* A write under way: what it shall do, and what came of it. */
struct call {
	const char *name;  /* of the item to add */
	struct gate *gate; /* wait there */
	enum err refuse;   /* after adding */
	unsigned signals;
	uint64_t id; /* of the item */
	enum err err;
	bool is_done;
	unsigned order, *next_order;
};

HELP enum err call_write(struct txn *txn, void *arg)
{
	struct call *call = arg;
	if (call->gate)
		gate_hold(call->gate);
	call->id = txn_id(txn);
	txn_signal(txn, call->signals);
	enum err err =
		SQL_RUN(txn_db(txn), &ITEM_ADD, SQL_ID(call->id), SQL_TEXT(call->name));
	return err == ERR_OK ? call->refuse : err;
}

HELP void call_done(void *arg, enum err err)
{
	struct call *call = arg;
	assert_false(call->is_done);
	call->err = err;
	call->is_done = true;
	if (call->next_order)
		call->order = (*call->next_order)++;
}

HELP void call_start(struct bed *bed, struct call *call)
{
	assert_int_equal(store_write(bed->store, call_write, call_done, call), ERR_OK);
}

HELP void call_start_lazy(struct bed *bed, struct call *call)
{
	assert_int_equal(store_write_lazy(bed->store, call_write, call_done, call),
			 ERR_OK);
}

/* add_item - one write, waited for; arg of the name. */
HELP enum err add_item(struct bed *bed, const char *name)
{
	struct call call = {.name = name};
	return store_write_now(bed->store, call_write, &call);
}

HELP enum err count_read(struct snapshot *snap, void *arg)
{
	struct rows rows;
	enum err err = sql_one(snapshot_db(snap), &ITEM_COUNT, &rows, NULL, 0);
	if (err != ERR_OK)
		return err;
	*(int64_t *)arg = rows_int(&rows, 0);
	return rows_end(&rows);
}

HELP int64_t count_items(struct bed *bed)
{
	int64_t count = -1;
	assert_int_equal(store_read_now(bed->store, count_read, &count), ERR_OK);
	return count;
}

HELP void bed_open_with_items(struct bed *bed)
{
	bed_open(bed);
	assert_int_equal(store_write_now(bed->store, make_table, NULL), ERR_OK);
}

#endif
