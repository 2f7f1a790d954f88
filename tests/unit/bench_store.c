/* bench_store.c - what the store costs over raw SQLite: trivial writes (an UPDATE and an INSERT) with 64 outstanding,
 * against the same statements in groups of the same size on a bare connection; and point reads.
 *
 *	make tests/unit/bench_store && tests/unit/bench_store [ROWS [SECONDS]]
 *
 * A figure is a ratio to the denominator measured before and after in the same run.
 */
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sql.h"
#include "store/store.h"

enum { OUTSTANDING = 64, ROUNDS = 5 };

SQL(BENCH_UPDATE, "UPDATE bench_task SET state = state + 1, at = ?2 WHERE id = ?1");
SQL(BENCH_INSERT,
    "INSERT INTO bench_event (id, task_id, at, text) VALUES (?1, ?2, ?3, ?4)");
SQL(BENCH_READ, "SELECT id, state, at, text FROM bench_task WHERE id = ?1");

static const char tables[] = "CREATE TABLE bench_task (id INTEGER PRIMARY KEY, state "
			     "INTEGER, at INTEGER, text TEXT);"
			     "CREATE TABLE bench_event (id INTEGER PRIMARY KEY, "
			     "task_id INTEGER, at INTEGER, text TEXT);"
			     "CREATE INDEX bench_task_at ON bench_task(at)";

static char folder[] = "/tmp/hb-bench-XXXXXX";
static unsigned rows = 100000;
static double seconds = 2;
static bool is_over;

static unsigned pick(void)
{
	static __thread uint64_t seed = 88172645463325252u;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % rows) + 1;
}

static void exec(sqlite3 *handle, const char *text)
{
	char *said = NULL;
	if (sqlite3_exec(handle, text, NULL, NULL, &said) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", text, said);
		exit(1);
	}
}

static void fill(const char *path)
{
	sqlite3 *handle;
	char text[256];
	if (sqlite3_open(path, &handle) != SQLITE_OK)
		exit(1);
	exec(handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
	exec(handle, tables);
	snprintf(text, sizeof(text),
		 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
		 "i < %u) INSERT INTO bench_task "
		 "SELECT i, 0, i * 7919 %% 1000003, 'a text of some length, as people "
		 "write them' FROM n",
		 rows);
	exec(handle, text);
	sqlite3_close(handle);
	sync(); /* or the first to commit would pay for it */
}

/* --- the denominator --- */

static double raw_writes(const char *path, unsigned group)
{
	sqlite3 *handle;
	sqlite3_stmt *update, *insert;
	static sqlite3_int64 id = 1000000;
	double count = 0;
	sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			NULL);
	exec(handle, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA "
		     "foreign_keys = ON");
	sqlite3_prepare_v2(handle, BENCH_UPDATE.text, -1, &update, NULL);
	sqlite3_prepare_v2(handle, BENCH_INSERT.text, -1, &insert, NULL);
	int64_t began = clock_mono_ms();
	while (clock_mono_ms() - began < (int64_t)(seconds * 1000)) {
		exec(handle, "BEGIN IMMEDIATE");
		for (unsigned i = 0; i < group; i++, count++) {
			unsigned task = pick();
			sqlite3_bind_int64(update, 1, task);
			sqlite3_bind_int64(update, 2, pick());
			sqlite3_step(update);
			sqlite3_reset(update);
			sqlite3_bind_int64(insert, 1, id++);
			sqlite3_bind_int64(insert, 2, task);
			sqlite3_bind_int64(insert, 3, 5);
			sqlite3_bind_text(insert, 4, "it happened", -1, SQLITE_STATIC);
			if (sqlite3_step(insert) != SQLITE_DONE)
				exit(1);
			sqlite3_reset(insert);
		}
		exec(handle, "COMMIT");
	}
	double took = (double)(clock_mono_ms() - began) / 1000;
	sqlite3_finalize(update);
	sqlite3_finalize(insert);
	sqlite3_close(handle);
	return count / took;
}

static double raw_reads(const char *path)
{
	sqlite3 *handle;
	sqlite3_stmt *read;
	double count = 0;
	sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
			NULL);
	sqlite3_prepare_v2(handle, BENCH_READ.text, -1, &read, NULL);
	int64_t began = clock_mono_ms();
	while (clock_mono_ms() - began < (int64_t)(seconds * 1000)) {
		for (unsigned i = 0; i < 100; i++, count++) {
			sqlite3_bind_int64(read, 1, pick());
			if (sqlite3_step(read) != SQLITE_ROW)
				exit(1);
			sqlite3_reset(read);
		}
	}
	double took = (double)(clock_mono_ms() - began) / 1000;
	sqlite3_finalize(read);
	sqlite3_close(handle);
	return count / took;
}

/* --- the store --- */

struct slot {
	struct store *store;
	double *count;
};

static enum err bench_write(struct txn *txn, void *arg)
{
	(void)arg;
	struct db *db = txn_db(txn);
	unsigned task = pick();
	enum err err = SQL_RUN(db, &BENCH_UPDATE, SQL_ID(task), SQL_INT(pick()));
	if (err != ERR_OK)
		return err;
	return SQL_RUN(db, &BENCH_INSERT, SQL_ID(txn_id(txn)), SQL_ID(task),
		       SQL_TIME(txn_now(txn)), SQL_TEXT("it happened"));
}

static enum err bench_read(struct snapshot *snap, void *arg)
{
	(void)arg;
	struct rows found;
	enum err err = SQL_ONE(snapshot_db(snap), &BENCH_READ, &found, SQL_ID(pick()));
	return err == ERR_OK ? rows_end(&found) : err;
}

static void write_again(void *arg, enum err err)
{
	struct slot *slot = arg;
	if (err != ERR_OK)
		exit(1);
	++*slot->count;
	if (!is_over &&
	    store_write(slot->store, bench_write, write_again, slot) != ERR_OK)
		exit(1);
}

static void read_again(void *arg, enum err err)
{
	struct slot *slot = arg;
	if (err != ERR_OK)
		exit(1);
	++*slot->count;
	if (!is_over && store_read(slot->store, bench_read, read_again, slot) != ERR_OK)
		exit(1);
}

static void run(struct store *store, struct mailbox *home, unsigned writers,
		unsigned readers, double counts[2])
{
	struct slot slots[2] = {{store, &counts[0]}, {store, &counts[1]}};
	struct pollfd pfd = {.fd = mailbox_fd(home), .events = POLLIN};
	counts[0] = counts[1] = 0;
	is_over = false;
	int64_t began = clock_mono_ms();
	for (unsigned i = 0; i < writers; i++)
		if (store_write(store, bench_write, write_again, &slots[0]) != ERR_OK)
			exit(1);
	for (unsigned i = 0; i < readers; i++)
		if (store_read(store, bench_read, read_again, &slots[1]) != ERR_OK)
			exit(1);
	while (clock_mono_ms() - began < (int64_t)(seconds * 1000)) {
		poll(&pfd, 1, 100);
		mailbox_run_all(home);
	}
	double took = (double)(clock_mono_ms() - began) / 1000;
	counts[0] /= took;
	counts[1] /= took;
	is_over = true;
	/* what is under way ends here: one more write and one more read are behind it */
	(void)!store_write_now(store, bench_write, NULL);
	usleep(100000);
	mailbox_run_all(home);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* Turn by turn, because a shared disk is never twice the same; the ratio in the middle counts. */
static void measure_writes(struct store *store, struct mailbox *home, const char *raw)
{
	double ratios[ROUNDS], counts[2], before = raw_writes(raw, OUTSTANDING);
	struct store_stats stats;
	run(store, home, OUTSTANDING, 0, counts); /* warm */
	for (unsigned i = 0; i < ROUNDS; i++) {
		run(store, home, OUTSTANDING, 0, counts);
		double after = raw_writes(raw, OUTSTANDING);
		ratios[i] = counts[0] * 2 / (before + after);
		printf("writes/s: raw groups of %d %.0f, %.0f; store %.0f, ratio "
		       "%.2f\n",
		       OUTSTANDING, before, after, counts[0], ratios[i]);
		before = after;
	}
	qsort(ratios, ROUNDS, sizeof(*ratios), by_size);
	store_get_stats(store, &stats);
	printf("writes: ratio %.2f; %.1f a group, %.0f us a commit\n",
	       ratios[ROUNDS / 2], (double)stats.writes / (double)stats.groups,
	       (double)stats.commit_us_total / (double)stats.groups);
}

static long resident_kib(void)
{
	long pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	char raw[64], served[64], *why = NULL;
	double counts[2];
	struct store *store = NULL;
	struct store_stats stats;
	struct mailbox *home = mailbox_new();
	if (argc > 1)
		rows = (unsigned)atoi(argv[1]);
	if (argc > 2)
		seconds = atof(argv[2]);
	if (!mkdtemp(folder))
		return 1;
	snprintf(raw, sizeof(raw), "%s/raw.db", folder);
	snprintf(served, sizeof(served), "%s/served.db", folder);
	struct store_config config = {.database = served, .home = home};
	printf("resident before %ld KiB\n", resident_kib());
	if (store_open(&config, STORE_SERVE, &store, &why) != ERR_OK)
		return 1;
	printf("resident with an empty store %ld KiB\n", resident_kib());
	store_close(&store);
	mailbox_run_all(home);
	fill(raw);
	fill(served);
	if (store_open(&config, STORE_SERVE, &store, &why) != ERR_OK)
		return 1;
	printf("resident with %u rows, opened %ld KiB\n", rows, resident_kib());
	measure_writes(store, home, raw);
	double reads = raw_reads(raw);
	run(store, home, 0, OUTSTANDING, counts);
	printf("reads/s: raw, one thread %.0f; store %.0f, ratio %.2f\n", reads,
	       counts[1], counts[1] / reads);
	run(store, home, OUTSTANDING, OUTSTANDING, counts);
	printf("both: writes/s %.0f reads/s %.0f\n", counts[0], counts[1]);
	store_get_stats(store, &stats);
	printf("resident %ld KiB, log %.1f MiB\n", resident_kib(),
	       (double)stats.wal_bytes / 1048576);
	store_close(&store);
	mailbox_run_all(home);
	mailbox_free(&home);
	char command[96];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}
