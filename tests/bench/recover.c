/* recover.c - the floor under a restart, the denominator of P11: open a database that was left behind, look at its
 * schema, and read every task that waits for its expiry in the order of their times.
 *
 *	recover DB		prints {"open_ms": 1.2, "all_ms": 240.0, "count": 1000000}
 */
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

static double now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static long rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	long count = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		fprintf(stderr, "recover: %s\n", sqlite3_errmsg(db));
		return -1;
	}
	while (sqlite3_step(stmt) == SQLITE_ROW)
		count++;
	sqlite3_finalize(stmt);
	return count;
}

int main(int argc, char **argv)
{
	sqlite3 *db;
	double began = now_ms();
	if (argc != 2 || sqlite3_open(argv[1], &db) != SQLITE_OK) {
		fprintf(stderr, "usage: recover DB\n");
		return 2;
	}
	long tables = rows(db, "SELECT name FROM sqlite_schema");
	double opened = now_ms();
	long count = rows(
		db,
		"SELECT id, expires_at FROM tasks WHERE state <= 2 AND expires_at IS NOT NULL "
		"ORDER BY expires_at");
	printf("{\"open_ms\": %.1f, \"all_ms\": %.1f, \"count\": %ld}\n",
	       opened - began, now_ms() - began, count);
	sqlite3_close(db);
	return tables < 0 || count < 0;
}
