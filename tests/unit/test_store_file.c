/* test_store_file.c - the database file: making, finding, refusing, locking, migrating, backing up and restoring. Every
 * refusal must say what, where, and how to mend it.
 */
#include "store_help.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "store/schema.h"

static void expect_refusal(struct bed *bed, enum store_open_mode mode, enum err err,
			   const char *word)
{
	assert_int_equal(bed_try_open(bed, mode), err);
	assert_null(bed->store);
	assert_non_null(bed->why);
	if (!strstr(bed->why, word))
		fail_msg("no \"%s\" in: %s", word, bed->why);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void raw_exec(const char *path, const char *text)
{
	sqlite3 *handle;
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

static const char *beside(struct bed *bed, const char *name)
{
	static char room[4][160];
	static unsigned next;
	char *path = room[next++ % 4];
	snprintf(path, sizeof(room[0]), "%s/%s", bed->folder, name);
	return path;
}

static unsigned version_of(struct bed *bed, const char *path)
{
	unsigned version = 99;
	mem_free(bed->why);
	assert_int_equal(store_schema_of(path, &version, &bed->why), ERR_OK);
	return version;
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* --- opening --- */

static void a_new_database(void **state)
{
	struct bed *bed = *state;
	umask(0);
	assert_int_equal(version_of(bed, bed->path), 0);
	bed_open(bed);
	assert_int_equal(version_of(bed, bed->path), STORE_SCHEMA_VERSION);
	assert_int_equal(mode_of(bed->path), 0600);
	assert_int_equal(mode_of(beside(bed, "handbox.db.lock")), 0600);
	assert_int_equal(mode_of(beside(bed, "handbox.db-wal")), 0600);
	bed_close(bed);
	assert_int_equal(access(beside(bed, "handbox.db-wal"), F_OK),
			 -1); /* one file, whole */
	assert_int_equal(bed_try_open(bed, STORE_EXISTING), ERR_OK);
}

static void an_empty_file_is_a_new_database(void **state)
{
	struct bed *bed = *state;
	write_file(bed->path, "");
	expect_refusal(bed, STORE_EXISTING, ERR_NOT_FOUND, "handbox serve");
	bed_open(bed);
}

static void what_is_missing(void **state)
{
	struct bed *bed = *state;
	expect_refusal(bed, STORE_EXISTING, ERR_NOT_FOUND, "handbox restore");
	expect_refusal(bed, STORE_MIGRATE, ERR_NOT_FOUND, bed->path);
	assert_int_equal(access(beside(bed, "handbox.db.lock"), F_OK), -1);
	bed->config.database = beside(bed, "no/such/handbox.db");
	expect_refusal(bed, STORE_SERVE, ERR_NOT_FOUND, "install -d -m 0700");
	bed->config.database = "";
	expect_refusal(bed, STORE_SERVE, ERR_INVALID, "not the path");
	bed->config.database = "postgresql://db/handbox";
	expect_refusal(bed, STORE_SERVE, ERR_NOT_BUILT, "path of a file");
	write_file(beside(bed, "handbox.db-wal"),
		   "the log of a database that went away");
	bed->config.database = bed->path;
	expect_refusal(bed, STORE_SERVE, ERR_CORRUPT, "-wal");
}

static void what_is_no_database(void **state)
{
	struct bed *bed = *state;
	assert_int_equal(mkdir(bed->path, 0700), 0);
	expect_refusal(bed, STORE_SERVE, ERR_IO, "is a folder");
	rmdir(bed->path);
	write_file(bed->path, "Once upon a time there was a file of more than a "
			      "hundred bytes which was not a database "
			      "at all, and it must stay as it is.");
	expect_refusal(bed, STORE_SERVE, ERR_CORRUPT, "handbox restore");
	write_file(bed->path, "");
	raw_exec(bed->path,
		 "CREATE TABLE mine (id INTEGER); PRAGMA application_id = 77");
	expect_refusal(bed, STORE_SERVE, ERR_SCHEMA,
		       "another program (application id 77)");
	raw_exec(bed->path, "PRAGMA application_id = 0");
	expect_refusal(bed, STORE_SERVE, ERR_SCHEMA, "another program");
	raw_exec(bed->path, "SELECT id FROM mine"); /* untouched */
}

static void what_may_not_be_written(void **state)
{
	struct bed *bed = *state;
	bed_open(bed);
	bed_close(bed);
	chmod(bed->folder, 0755);
	chmod(bed->path, 0444);
	chmod(beside(bed, "handbox.db.lock"), 0444);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	enum err err = bed_try_open(bed, STORE_SERVE);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(err, ERR_IO);
	assert_non_null(strstr(bed->why, "may not write"));
	assert_non_null(strstr(bed->why, bed->folder));
}

static void a_newer_schema(void **state)
{
	struct bed *bed = *state;
	char text[64];
	bed_open(bed);
	bed_close(bed);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d",
		 STORE_SCHEMA_VERSION + 1);
	raw_exec(bed->path, text);
	expect_refusal(bed, STORE_SERVE, ERR_SCHEMA, "newer handbox");
	expect_refusal(bed, STORE_MIGRATE, ERR_SCHEMA, "newer handbox");
	assert_int_equal(version_of(bed, bed->path), STORE_SCHEMA_VERSION + 1);
}

static void a_damaged_mark(void **state)
{
	struct bed *bed = *state;
	bed_open(bed);
	bed_close(bed);
	raw_exec(bed->path,
		 "INSERT OR REPLACE INTO meta VALUES ('id_high_water', '12x')");
	expect_refusal(bed, STORE_SERVE, ERR_CORRUPT, "id_high_water");
}

/* --- the lock --- */

static void one_writer_per_database(void **state)
{
	struct bed *bed = *state;
	struct store *second = NULL;
	char pid[32], *why = NULL;
	bed_open(bed);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_int_equal(store_open(&bed->config, STORE_SERVE, &second, &why),
			 ERR_LOCKED);
	assert_non_null(strstr(why, pid));
	mem_free(why);
	assert_int_equal(symlink(bed->path, beside(bed, "alias.db")), 0);
	bed->config.database = beside(bed, "alias.db");
	assert_int_equal(store_open(&bed->config, STORE_EXISTING, &second, &why),
			 ERR_LOCKED);
	mem_free(why);
	assert_int_equal(add_item(bed, NULL) == ERR_OK,
			 false); /* no table: but alive */
	bed_close(bed);
	assert_int_equal(store_open(&bed->config, STORE_EXISTING, &bed->store, &why),
			 ERR_OK);
}

static void another_process_is_refused(void **state)
{
	struct bed *bed = *state;
	int ready[2], status;
	char byte = 0, text[32];
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		enum err err = bed_try_open(bed, STORE_SERVE);
		byte = err == ERR_OK ? 'y' : 'n';
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		alarm(60);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	snprintf(text, sizeof(text), "process %d", (int)child);
	expect_refusal(bed, STORE_SERVE, ERR_LOCKED, text);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	bed_open(bed); /* the lock went with its holder */
	close(ready[0]);
	close(ready[1]);
}

/* --- schema steps --- */

static const char *const three_steps[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL); CREATE TABLE "
	"one (id INTEGER)",
	"CREATE TABLE two (id INTEGER); INSERT INTO one VALUES (2)",
	"CREATE TABLE three (id INTEGER); INSERT INTO nowhere VALUES (3)",
};

static enum err bring(struct bed *bed, unsigned steps, enum store_open_mode mode,
		      unsigned *version_out)
{
	struct db_place *place = NULL;
	struct db *db = NULL;
	const struct schema schema = {.steps = three_steps, .count = steps};
	mem_free(bed->why);
	bed->why = NULL;
	enum err err = sqlite_driver.claim(bed->path, mode, &place, &bed->why);
	assert_int_equal(err, ERR_OK);
	assert_int_equal(sqlite_driver.connect(place, DB_WRITER, &db, &bed->why),
			 ERR_OK);
	err = schema_bring(db, &schema, bed->path, mode, &bed->why);
	char *ignored = NULL;
	assert_int_equal(sqlite_driver.get_version(db, version_out, &ignored), ERR_OK);
	sqlite_driver.close(db);
	sqlite_driver.leave(place);
	return err;
}

static void steps_go_up_one_by_one(void **state)
{
	struct bed *bed = *state;
	unsigned version;
	assert_int_equal(bring(bed, 1, STORE_SERVE, &version), ERR_OK);
	assert_int_equal(version, 1);
	assert_int_equal(bring(bed, 2, STORE_SERVE, &version), ERR_SCHEMA);
	assert_non_null(strstr(bed->why, "handbox migrate"));
	assert_int_equal(version, 1);
	assert_int_equal(bring(bed, 3, STORE_MIGRATE, &version), ERR_INTERNAL);
	assert_non_null(
		strstr(bed->why, "schema step 3 failed: no such table: nowhere"));
	assert_int_equal(version, 2); /* step 2 stays, nothing of step 3 does */
	raw_exec(bed->path, "CREATE TABLE three (id INTEGER); DROP TABLE three");
	assert_int_equal(version_of(bed, beside(bed, "handbox.db.schema-1")),
			 1); /* the copy made before */
	assert_int_equal(bring(bed, 2, STORE_SERVE, &version), ERR_OK);
	assert_int_equal(bring(bed, 1, STORE_MIGRATE, &version), ERR_SCHEMA);
}

/* --- backup and restore --- */

static enum err read_mark(struct snapshot *snap, void *arg)
{
	char *value;
	enum err err = meta_rows_get(snapshot_db(snap), snapshot_arena(snap),
				     META_RESTORED_COPY, &value);
	if (err == ERR_OK)
		*(int64_t *)arg = strtoll(value, NULL, 10);
	return err;
}

struct churn {
	struct bed *bed;
	struct call call;
	unsigned count;
	bool is_stopping, is_done;
};

static enum err churn_write(struct txn *txn, void *arg)
{
	return call_write(txn, &((struct churn *)arg)->call);
}

static void churn_on(void *arg, enum err err)
{
	struct churn *churn = arg;
	assert_int_equal(err, ERR_OK);
	churn->count++;
	churn->is_done = churn->is_stopping;
	if (!churn->is_stopping)
		assert_int_equal(
			store_write(churn->bed->store, churn_write, churn_on, churn),
			ERR_OK);
}

static void *backup_thread(void *arg)
{
	struct bed *bed = arg;
	char *why = NULL;
	static enum err err;
	err = store_backup(bed->store, beside(bed, "copy.db"), &why);
	mem_free(why);
	return &err;
}

static void a_backup_while_everything_goes_on(void **state)
{
	struct bed *bed = *state;
	pthread_t thread;
	void *result;
	int64_t mark = 0;
	struct churn churn = {.bed = bed};
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "kept"), ERR_OK);
	assert_int_equal(store_write(bed->store, churn_write, churn_on, &churn),
			 ERR_OK);
	assert_int_equal(pthread_create(&thread, NULL, backup_thread, bed), 0);
	while (churn.count < 50 || access(beside(bed, "copy.db"), F_OK) != 0)
		mailbox_run_all(bed->home);
	churn.is_stopping = true;
	bed_wait(bed, &churn.is_done);
	pthread_join(thread, &result);
	assert_int_equal(*(enum err *)result, ERR_OK);
	assert_int_equal(mode_of(beside(bed, "copy.db")), 0600);
	assert_int_equal(access(beside(bed, "copy.db.partial"), F_OK), -1);
	assert_int_equal(store_read_now(bed->store, read_mark, &mark),
			 ERR_NOT_FOUND); /* the original has none */
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_EXISTS);
	assert_int_equal(mode_of(beside(bed, "copy.db")), 0600);
	mem_free(bed->why);
	assert_int_equal(store_backup(bed->store, beside(bed, "no/copy.db"), &bed->why),
			 ERR_NOT_FOUND);
	bed_close(bed);
	bed->config.database = beside(bed, "copy.db");
	assert_int_equal(bed_try_open(bed, STORE_EXISTING), ERR_OK);
	assert_int_equal(add_item(bed, "kept"), ERR_DUPLICATE);
	assert_int_equal(store_read_now(bed->store, read_mark, &mark), ERR_OK);
	assert_int_equal(mark, atomic_load(&bed->now_ms));
}

static void expect_restore(struct bed *bed, const char *from, enum err err,
			   const char *word)
{
	mem_free(bed->why);
	assert_int_equal(store_restore(from, bed->path, &bed->why), err);
	if (err != ERR_OK && !strstr(bed->why, word))
		fail_msg("no \"%s\" in: %s", word, bed->why);
	assert_int_equal(access(beside(bed, "handbox.db.restoring"), F_OK), -1);
}

static void a_restore_keeps_what_was_there(void **state)
{
	struct bed *bed = *state;
	struct call call = {0};
	int64_t mark = 0;
	bed_open_with_items(bed);
	assert_int_equal(add_item(bed, "old"), ERR_OK);
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_OK);
	assert_int_equal(add_item(bed, "new"), ERR_OK);
	expect_restore(bed, beside(bed, "copy.db"), ERR_LOCKED,
		       "in use by another handbox");
	bed_close(bed);

	write_file(beside(bed, "text"), "This is a text, and nothing that one could "
					"call a backup of anything.");
	expect_restore(bed, beside(bed, "text"), ERR_CORRUPT, "not a database");
	expect_restore(bed, beside(bed, "nothing"), ERR_NOT_FOUND, "nothing");
	write_file(beside(bed, "empty"), "");
	expect_restore(bed, beside(bed, "empty"), ERR_SCHEMA, "empty");
	bed_open(bed);
	assert_int_equal(count_items(bed), 2); /* untouched so far */
	bed_close(bed);

	expect_restore(bed, beside(bed, "copy.db"), ERR_OK, "");
	bed_open(bed);
	assert_int_equal(count_items(bed), 1);
	assert_int_equal(store_read_now(bed->store, read_mark, &mark), ERR_OK);
	assert_int_equal(mark, atomic_load(&bed->now_ms));
	assert_int_equal(store_write_now(bed->store, call_write, &call), ERR_OK);
	bed_close(bed);
	expect_restore(bed, beside(bed, "copy.db"), ERR_EXISTS, "before-restore");
	bed->config.database = beside(bed, "handbox.db.before-restore");
	assert_int_equal(bed_try_open(bed, STORE_EXISTING), ERR_OK);
	assert_int_equal(count_items(bed), 2);
}

/* What a killed process left in its log belongs to what is kept. */
static void a_restore_over_a_killed_database(void **state)
{
	struct bed *bed = *state;
	char command[512];
	bed_open_with_items(bed);
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_OK);
	assert_int_equal(add_item(bed, "in the log"), ERR_OK);
	snprintf(command, sizeof(command), "cp %s %s && cp %s-wal %s-wal", bed->path,
		 beside(bed, "killed.db"), bed->path, beside(bed, "killed.db"));
	assert_int_equal(system(command), 0);
	bed_close(bed);
	snprintf(bed->path, sizeof(bed->path), "%s", beside(bed, "killed.db"));
	expect_restore(bed, beside(bed, "copy.db"), ERR_OK, "");
	bed_open(bed);
	assert_int_equal(count_items(bed), 0);
	bed_close(bed);
	bed->config.database = beside(bed, "killed.db.before-restore");
	assert_int_equal(bed_try_open(bed, STORE_EXISTING), ERR_OK);
	assert_int_equal(count_items(bed), 1);
}

static void a_restore_over_a_damaged_database(void **state)
{
	struct bed *bed = *state;
	bed_open_with_items(bed);
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_OK);
	bed_close(bed);
	write_file(bed->path, "damaged, by whatever it was, from its very first byte "
			      "on, and longer than a hundred bytes, "
			      "so that it is looked at");
	write_file(beside(bed, "handbox.db-wal"), "its log");
	expect_restore(bed, beside(bed, "copy.db"), ERR_OK, "");
	assert_int_equal(access(beside(bed, "handbox.db-wal"), F_OK), -1);
	bed_open(bed);
	assert_int_equal(count_items(bed), 0);
	assert_int_equal(access(beside(bed, "handbox.db.before-restore"), F_OK), 0);
	assert_int_equal(access(beside(bed, "handbox.db.before-restore-wal"), F_OK), 0);
}

/* A log whose database went away must not be taken for that of the restored one. */
static void a_restore_beside_a_stray_log(void **state)
{
	struct bed *bed = *state;
	char command[512];
	bed_open_with_items(bed);
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_OK);
	assert_int_equal(add_item(bed, "in the log"), ERR_OK);
	snprintf(command, sizeof(command), "cp %s-wal %s", bed->path,
		 beside(bed, "stray.db-wal"));
	assert_int_equal(system(command), 0);
	bed_close(bed);
	snprintf(bed->path, sizeof(bed->path), "%s", beside(bed, "stray.db"));
	expect_refusal(bed, STORE_SERVE, ERR_CORRUPT, "-wal");
	expect_restore(bed, beside(bed, "copy.db"), ERR_OK, "");
	bed_open(bed);
	assert_int_equal(count_items(bed), 0);
	assert_int_equal(access(beside(bed, "stray.db.before-restore-wal"), F_OK), 0);
}

static void a_damaged_backup_is_refused(void **state)
{
	struct bed *bed = *state;
	char page[4096];
	bed_open_with_items(bed);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(add_item(bed, NULL), ERR_OK);
	assert_int_equal(store_backup(bed->store, beside(bed, "copy.db"), &bed->why),
			 ERR_OK);
	bed_close(bed);
	memset(page, 0x5a, sizeof(page));
	int fd = open(beside(bed, "copy.db"), O_WRONLY);
	for (int at = 3; at < 12; at++)
		assert_int_equal(
			pwrite(fd, page, sizeof(page), at * (off_t)sizeof(page)),
			sizeof(page));
	close(fd);
	expect_restore(bed, beside(bed, "copy.db"), ERR_CORRUPT, "damaged");
	bed_open(bed);
	assert_int_equal(count_items(bed), 500);
}

#define T(test) cmocka_unit_test_setup_teardown(test, bed_set_up, bed_tear_down)

/* --- more than the cache holds --- */

SQL(ITEMS_FILL,
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i "
    "< 30000) INSERT INTO item (id, body) SELECT i, randomblob(3500) FROM r");
SQL(ITEMS_CHANGE,
    "UPDATE item SET body = randomblob(3500) WHERE id BETWEEN 3000 AND 30000");

static enum err write_much_and_fail(struct txn *txn, void *arg)
{
	(void)arg;
	enum err err = SQL_RUN0(txn_db(txn), &ITEMS_FILL);
	if (err == ERR_OK)
		err = SQL_RUN0(txn_db(txn), &ITEMS_CHANGE);
	return err == ERR_OK ? ERR_INVALID : err;
}

/* Of a write that is refused nothing may be left, however much it was, and nothing of its neighbours may be lost with the
 * process: another finds all in copies of the files. */
static void a_large_write_that_is_refused(void **state)
{
	struct bed *bed = *state;
	struct gate gate = {false, false};
	struct call first = {.name = "first", .gate = &gate},
		    before = {.name = "before"}, large = {0}, after = {.name = "after"};
	char text[512];
	int64_t count;
	sqlite3 *copy;
	bed_open_with_items(bed);
	call_start(bed, &first);
	gate_await(&gate);
	call_start(bed, &before); /* these three make a group */
	assert_int_equal(
		store_write(bed->store, write_much_and_fail, call_done, &large),
		ERR_OK);
	call_start(bed, &after);
	gate_open(&gate);
	bed_wait(bed, &after.is_done);
	assert_int_equal(large.err, ERR_INVALID);
	assert_int_equal(after.err, ERR_OK);
	snprintf(text, sizeof(text), "cp %s %s/copy && cp %s-wal %s/copy-wal",
		 bed->path, bed->folder, bed->path, bed->folder);
	assert_int_equal(system(text), 0);
	assert_int_equal(sqlite3_open(beside(bed, "copy"), &copy), SQLITE_OK);
	sqlite3_stmt *rows;
	assert_int_equal(
		sqlite3_prepare_v2(copy, "SELECT count(*) FROM item", -1, &rows, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	count = sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	sqlite3_close(copy);
	assert_int_equal(count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_database),
		T(an_empty_file_is_a_new_database),
		T(what_is_missing),
		T(what_is_no_database),
		T(what_may_not_be_written),
		T(a_newer_schema),
		T(a_damaged_mark),
		T(one_writer_per_database),
		T(another_process_is_refused),
		T(steps_go_up_one_by_one),
		T(a_backup_while_everything_goes_on),
		T(a_restore_keeps_what_was_there),
		T(a_restore_over_a_killed_database),
		T(a_restore_over_a_damaged_database),
		T(a_restore_beside_a_stray_log),
		T(a_damaged_backup_is_refused),
		T(a_large_write_that_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
