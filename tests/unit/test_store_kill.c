/* test_store_kill.c - the store in a process of its own that dies at any moment: what it acknowledged is there, ids go
 * on above the last one, and it opens again at once. With --enable-faults also at the named points of a commit.
 *
 * This process never runs a store: it looks from outside.
 */
#include "store_help.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

enum { OUTSTANDING = 8 };

struct line {
	struct bed *bed;
	struct call call;
	int fd;
};

static enum err line_write(struct txn *txn, void *arg)
{
	struct line *line = arg;
	return call_write(txn, &line->call);
}

/* What the loop learns goes out at once: the id, as an acknowledgement, or 0 for a write that failed. */
static void line_done(void *arg, enum err err)
{
	struct line *line = arg;
	uint64_t said = err == ERR_OK ? line->call.id : 0;
	if (write(line->fd, &said, sizeof(said)) != sizeof(said))
		_exit(1);
	if (store_write(line->bed->store, line_write, line_done, line) != ERR_OK)
		_exit(1);
}

static void run_child(struct bed *bed, int fd)
{
	struct line lines[OUTSTANDING] = {0};
	bool never = false;
	alarm(30);
	if (bed_try_open(bed, STORE_SERVE) != ERR_OK)
		_exit(1);
	enum err err = store_write_now(bed->store, make_table, NULL);
	if (err != ERR_OK && err != ERR_INTERNAL) /* it is there from an earlier life */
		_exit(1);
	for (unsigned i = 0; i < OUTSTANDING; i++) {
		lines[i] = (struct line){.bed = bed, .fd = fd};
		if (store_write(bed->store, line_write, line_done, &lines[i]) != ERR_OK)
			_exit(1);
	}
	bed_wait(bed, &never);
}

static int64_t look(struct bed *bed, const char *text)
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

/* Every acknowledged id is there; ids rise over all lives; at most what was under way is there besides. */
static void check(struct bed *bed, const uint64_t *ids, unsigned count, unsigned lives)
{
	char text[128];
	assert_int_equal(look(bed, "SELECT quick_check = 'ok' FROM pragma_quick_check"),
			 1);
	assert_in_range(look(bed, "SELECT count(*) FROM item"), count,
			count + lives * OUTSTANDING);
	for (unsigned i = 0; i < count; i++) {
		assert_true(i == 0 || ids[i] > ids[i - 1]);
		snprintf(text, sizeof(text),
			 "SELECT count(*) FROM item WHERE id = %" PRIu64, ids[i]);
		assert_int_equal(look(bed, text), 1);
	}
	assert_int_equal(
		look(bed, "SELECT max(id) <= (SELECT CAST(value AS INTEGER) FROM meta "
			  "WHERE key = 'id_high_water') FROM item"),
		1);
}

/* One life: reads acknowledgements until the process is dead, killing it after kill_after of them. Returns how many were
 * added to ids; failed_out counts those that failed. */
static unsigned live(struct bed *bed, unsigned kill_after, uint64_t *ids,
		     unsigned *failed_out)
{
	int acks[2], status;
	unsigned count = 0, failed = 0;
	uint64_t id;
	assert_int_equal(pipe(acks), 0);
	pid_t child = fork();
	if (child == 0) {
		close(acks[0]);
		run_child(bed, acks[1]);
		_exit(1);
	}
	close(acks[1]);
	while (read(acks[0], &id, sizeof(id)) == sizeof(id)) {
		if (id)
			ids[count++] = id;
		else
			failed++;
		if (count + failed == kill_after)
			kill(child, SIGKILL);
	}
	close(acks[0]);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	*failed_out = failed;
	return count;
}

enum { LIVES = 12, IDS_MOST = 20000 };

static void killed_at_any_moment(void **state)
{
	struct bed *bed = *state;
	uint64_t *ids = mem_calloc(IDS_MOST, sizeof(*ids));
	unsigned count = 0, failed;
	for (unsigned i = 0; i < LIVES; i++) {
		count += live(bed, 1 + i * 17, ids + count, &failed);
		assert_int_equal(failed, 0);
		assert_true(count < IDS_MOST / 2);
		check(bed, ids, count, i + 1);
		atomic_fetch_add(&bed->now_ms, -MINUTE_MS); /* ids rise all the same */
	}
	mem_free(ids);
}

#ifdef ENABLE_FAULTS
/* One life that dies by itself at the nth passage of a point, and one that goes on from there. */
static void die_at(struct bed *bed, const char *point, unsigned nth)
{
	char text[64];
	unsigned failed;
	uint64_t *ids = mem_calloc(IDS_MOST, sizeof(*ids));
	snprintf(text, sizeof(text), "%s:kill:%u", point, nth);
	setenv("HANDBOX_FAULT", text, 1);
	unsigned count = live(bed, IDS_MOST, ids, &failed);
	unsetenv("HANDBOX_FAULT");
	count += live(bed, 20, ids + count, &failed);
	check(bed, ids, count, 2);
	mem_free(ids);
}

static void killed_before_a_commit(void **state)
{
	die_at(*state, "store_before_commit", 9);
}

static void killed_after_a_commit(void **state)
{
	die_at(*state, "store_after_commit", 9);
}

/* A commit that fails in the middle of life: its group is told, the others are kept, and the store goes on. */
static void fail_at(struct bed *bed, const char *point)
{
	char text[64];
	unsigned failed;
	uint64_t *ids = mem_calloc(IDS_MOST, sizeof(*ids));
	snprintf(text, sizeof(text), "%s:error:5", point);
	setenv("HANDBOX_FAULT", text, 1);
	unsigned count = live(bed, 60, ids, &failed);
	unsetenv("HANDBOX_FAULT");
	assert_in_range(failed, 1, OUTSTANDING);
	check(bed, ids, count, 2); /* one more group may be there: the unsure one */
	mem_free(ids);
}

static void a_commit_on_a_full_disk(void **state)
{
	fail_at(*state, "store_commit_full");
}

static void an_unsure_commit(void **state)
{
	fail_at(*state, "store_commit_io");
}

static void an_unsure_commit_that_was_kept(void **state)
{
	fail_at(*state, "store_commit_io_kept");
}
#endif

#define T(test) cmocka_unit_test_setup_teardown(test, bed_set_up, bed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(killed_at_any_moment),
#ifdef ENABLE_FAULTS
		T(killed_before_a_commit),         T(killed_after_a_commit),
		T(a_commit_on_a_full_disk),        T(an_unsure_commit),
		T(an_unsure_commit_that_was_kept),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
