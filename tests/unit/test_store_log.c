/* test_store_log.c - what SQLite writes into its log goes out in long writes (store/sqlite_log.c), and at a commit all of
 * it is there: for those who read the file with SQLite as it is, and for one who finds copies of the files after a crash.
 */
#include "store_help.h"

#include "store/sqlite.h"
#include "store_disk.h"

enum { ROWS = 400, BODY_BYTES = 1500 };

struct log {
	char folder[64], path[96], copy[96];
	sqlite3 *ours, *plain;
	uint64_t dice; /* seeded */
};

static unsigned roll(struct log *log, unsigned sides)
{
	log->dice = log->dice * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(log->dice >> 33) % sides;
}

static void run(sqlite3 *handle, const char *text)
{
	char *why = NULL;
	if (sqlite3_exec(handle, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
}

static int set_up(void **state)
{
	struct log *log = MEM_NEW(struct log);
	char *why = NULL;
	*state = log;
	log->dice = 7;
	strcpy(log->folder, "/tmp/hb-log-XXXXXX");
	assert_non_null(mkdtemp(log->folder));
	snprintf(log->path, sizeof(log->path), "%s/db", log->folder);
	snprintf(log->copy, sizeof(log->copy), "%s/copy", log->folder);
	assert_int_equal(sqlite_open(log->path,
				     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				     &log->ours, &why),
			 ERR_OK);
	run(log->ours, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
		       "PRAGMA cache_size = 10;"
		       "CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB)");
	assert_int_equal(
		sqlite3_open_v2(log->path, &log->plain, SQLITE_OPEN_READONLY, "unix"),
		SQLITE_OK);
	return 0;
}

static int tear_down(void **state)
{
	struct log *log = *state;
	char text[128];
	sqlite3_close(log->plain);
	sqlite3_close(log->ours);
	snprintf(text, sizeof(text), "rm -rf %s", log->folder);
	assert_int_equal(system(text), 0);
	mem_free(log);
	return 0;
}

/* A number that another content hardly has (FNV-1a). */
static uint64_t content(sqlite3 *handle)
{
	sqlite3_stmt *rows;
	uint64_t hash = 14695981039346656037u;
	assert_int_equal(sqlite3_prepare_v2(handle,
					    "SELECT id, body FROM item ORDER BY id", -1,
					    &rows, NULL),
			 SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const unsigned char *body = sqlite3_column_blob(rows, 1);
		hash = (hash ^ (uint64_t)sqlite3_column_int64(rows, 0)) *
		       1099511628211u;
		for (int i = 0; i < sqlite3_column_bytes(rows, 1); i++)
			hash = (hash ^ body[i]) * 1099511628211u;
	}
	assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
	return hash;
}

static void change(struct log *log)
{
	char text[160];
	for (unsigned i = roll(log, 60) + 1; i > 0; i--) {
		snprintf(text, sizeof(text),
			 roll(log, 5)
				 ? "INSERT OR REPLACE INTO item VALUES (%u, "
				   "randomblob(%u))"
				 : "DELETE FROM item WHERE id BETWEEN %u AND %u - 300",
			 roll(log, ROWS), roll(log, BODY_BYTES) + 1);
		run(log->ours, text);
	}
}

/* With what is rolled back as a whole before, and in part if it does not spill: SQLite would lose it (store/sqlite.c). */
static void transact(struct log *log)
{
	bool spills = roll(log, 2);
	run(log->ours, spills ? "PRAGMA cache_spill = ON" : "PRAGMA cache_spill = OFF");
	if (roll(log, 4) == 0) {
		run(log->ours, "BEGIN");
		change(log);
		run(log->ours, "ROLLBACK");
	}
	run(log->ours, "BEGIN");
	change(log);
	run(log->ours, "SAVEPOINT part");
	change(log);
	run(log->ours, !spills && roll(log, 2) ? "ROLLBACK TO part; RELEASE part"
					       : "RELEASE part");
	change(log);
	run(log->ours, "COMMIT");
}

static void copy_files(struct log *log)
{
	char text[512];
	snprintf(text, sizeof(text), "cp %s %s && cp %s-wal %s-wal && rm -f %s-shm",
		 log->path, log->copy, log->path, log->copy, log->copy);
	assert_int_equal(system(text), 0);
}

static void expect_in_copy(struct log *log, uint64_t sum)
{
	sqlite3 *copy;
	int64_t errors;
	copy_files(log);
	assert_int_equal(
		sqlite3_open_v2(log->copy, &copy, SQLITE_OPEN_READWRITE, "unix"),
		SQLITE_OK);
	assert_int_equal(sqlite_get_int(copy,
					"SELECT count(*) FROM pragma_integrity_check "
					"WHERE integrity_check <> 'ok'",
					&errors),
			 ERR_OK);
	assert_int_equal(errors, 0);
	assert_int_equal(content(copy), sum);
	sqlite3_close(copy);
}

static void what_is_committed_is_in_the_file(void **state)
{
	static const char *const modes[] = {"PRAGMA synchronous = FULL",
					    "PRAGMA synchronous = NORMAL"};
	struct log *log = *state;
	for (unsigned i = 0; i < 200; i++) {
		if (roll(log, 10) == 0)
			run(log->ours, modes[roll(log, 2)]);
		transact(log);
		uint64_t sum = content(log->ours);
		assert_int_equal(content(log->plain), sum);
		if (i % 10 == 0)
			expect_in_copy(log, sum);
		if (roll(log, 20) == 0)
			run(log->ours, roll(log, 2)
					       ? "PRAGMA wal_checkpoint(PASSIVE)"
					       : "PRAGMA wal_checkpoint(TRUNCATE)");
	}
}

static void a_commit_is_few_writes(void **state)
{
	struct log *log = *state;
	run(log->ours, "PRAGMA cache_size = 10000; BEGIN");
	for (unsigned i = 0; i < ROWS; i++)
		run(log->ours, "INSERT INTO item (body) VALUES (randomblob(3000))");
	disk_fail((struct disk_fault){
		.op = DISK_WRITE, .suffix = "-wal", .nth = UINT32_MAX});
	run(log->ours, "COMMIT");
	assert_in_range(disk_heal(), ROWS / 31, ROWS / 31 + 8);
	expect_in_copy(log, content(log->ours));
}

/* Whichever of its writes fails, the commit fails and leaves what was; the next one is whole. */
static void a_write_that_fails(void **state)
{
	struct log *log = *state;
	unsigned nth = 1;
	for (bool struck = true; struck; nth++) {
		uint64_t before = content(log->ours);
		run(log->ours, "BEGIN");
		change(log);
		change(log);
		disk_fail((struct disk_fault){.op = DISK_WRITE,
					      .suffix = "-wal",
					      .nth = nth,
					      .once = true,
					      .code = ENOSPC});
		int rc = sqlite3_exec(log->ours, "COMMIT", NULL, NULL, NULL);
		struck = disk_heal() >= nth;
		assert_int_equal(rc, struck ? SQLITE_FULL : SQLITE_OK);
		if (struck && !sqlite3_get_autocommit(log->ours))
			run(log->ours, "ROLLBACK");
		if (struck)
			assert_int_equal(content(log->ours), before);
		assert_int_equal(content(log->plain), content(log->ours));
		transact(log);
		expect_in_copy(log, content(log->ours));
	}
	assert_true(nth > 3);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	disk_install();
	const struct CMUnitTest tests[] = {
		LOG_TEST(what_is_committed_is_in_the_file),
		LOG_TEST(a_commit_is_few_writes),
		LOG_TEST(a_write_that_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
