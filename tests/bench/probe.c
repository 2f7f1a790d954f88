/* probe.c - what evhttp and SQLite give when nothing else is done: the denominator of P2 to P4.
 *
 *	probe fill DB COUNT	a new database with so many contacts, executions and open tasks
 *	probe serve DB PORT	serve it on 127.0.0.1 until a signal comes
 *
 *	POST /write/ID	one UPDATE and one INSERT, answered after a commit (WAL, synchronous=FULL) that all requests of one
 *			turn of the loop share
 *	GET /task/ID	one task with its contact
 *	GET /list/USER	the oldest 50 open tasks of one of 50 users
 *
 * One thread, no parsing of bodies, no credentials, no rules: a ceiling, not a competitor.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 50, GROUP_MOST = 4096, PAGE = 50 };

static const char schema[] =
	"PRAGMA journal_mode = WAL;"
	"CREATE TABLE contact (id INTEGER PRIMARY KEY, phone TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL);"
	"CREATE TABLE execution (id INTEGER PRIMARY KEY, workflow INTEGER, contact INTEGER REFERENCES contact(id),"
	" node INTEGER, state INTEGER, due INTEGER, context TEXT, UNIQUE (workflow, contact));"
	"CREATE INDEX execution_due ON execution(due) WHERE state = 1;"
	"CREATE TABLE task (id INTEGER PRIMARY KEY, execution INTEGER REFERENCES execution(id), assignee INTEGER,"
	" state INTEGER, created INTEGER, body TEXT);"
	"CREATE INDEX task_queue ON task(assignee, state, created);"
	"CREATE INDEX task_execution ON task(execution);"
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY, task INTEGER, state INTEGER, due INTEGER, body TEXT);"
	"CREATE INDEX outbox_due ON outbox(due) WHERE state = 0;";

/* %d: how many; %d again: users */
static const char rows[] =
	"PRAGMA synchronous = OFF;"
	"CREATE TEMP TABLE n AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < %d)"
	" SELECT i FROM r;"
	"BEGIN;"
	"INSERT INTO contact SELECT i, printf('+447%%09d', i), printf('%%.*c', 200, 'x') FROM n;"
	"INSERT INTO execution SELECT i, 1, i, 3, 1, 1700000000 + i, printf('%%.*c', 120, 'x') FROM n;"
	"INSERT INTO task SELECT i, i, i %% %d, 0, i, printf('%%.*c', 160, 'x') FROM n;"
	"COMMIT;"
	"PRAGMA wal_checkpoint(TRUNCATE);";

#define TASK_OF                                                                                                   \
	"SELECT t.id, t.state, t.body, c.phone, c.attributes FROM task t JOIN execution e ON e.id = t.execution " \
	"JOIN contact c ON c.id = e.contact "

static sqlite3 *db;
static sqlite3_stmt *begin, *commit, *update, *insert, *one_task, *list;
static struct event *flush_event;
static struct {
	struct evhttp_request *request;
	long id;
} waiting[GROUP_MOST];
static size_t waiting_count;

static void run(const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
		fprintf(stderr, "probe: %s\n", why);
		exit(1);
	}
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *stmt;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		fprintf(stderr, "probe: %s\n", sqlite3_errmsg(db));
		exit(1);
	}
	return stmt;
}

static int step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return rc;
}

static void reply(struct evhttp_request *request, int status, struct evbuffer *body)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "application/json");
	evhttp_send_reply(request, status, "OK", body);
	evbuffer_free(body);
}

static void flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	step(begin);
	for (size_t i = 0; i < waiting_count; i++) {
		sqlite3_bind_int64(update, 1, waiting[i].id);
		step(update);
		sqlite3_bind_int64(insert, 1, waiting[i].id);
		step(insert);
	}
	int status = step(commit) == SQLITE_DONE ? 200 : 500;
	for (size_t i = 0; i < waiting_count; i++) {
		struct evbuffer *body = evbuffer_new();
		evbuffer_add(body, "{\"ok\":true}", 11);
		reply(waiting[i].request, status, body);
	}
	waiting_count = 0;
}

static void on_write(struct evhttp_request *request, long id)
{
	if (waiting_count == GROUP_MOST)
		flush(-1, 0, NULL);
	waiting[waiting_count].request = request;
	waiting[waiting_count++].id = id;
	if (waiting_count == 1)
		event_active(flush_event, EV_TIMEOUT, 0);
}

static void on_read(struct evhttp_request *request, sqlite3_stmt *stmt, long id)
{
	static char text[PAGE * 1024]; /* a row has some 450 bytes */
	struct evbuffer *body = evbuffer_new();
	size_t len = 0;
	sqlite3_bind_int64(stmt, 1, id);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len,
			"%c{\"id\":%lld,\"state\":%d,\"body\":\"%s\",\"to\":\"%s\",\"attributes\":\"%s\"}",
			len ? ',' : '[', sqlite3_column_int64(stmt, 0),
			sqlite3_column_int(stmt, 1),
			(const char *)sqlite3_column_text(stmt, 2),
			(const char *)sqlite3_column_text(stmt, 3),
			(const char *)sqlite3_column_text(stmt, 4));
	sqlite3_reset(stmt);
	text[len++] = ']';
	evbuffer_add(body, text, len);
	reply(request, len > 1 ? 200 : 404, body);
}

/* A page goes out in two writes; without this the second waits 40 ms for the client's acknowledgement. */
static void send_at_once(struct evhttp_request *request)
{
	const int yes = 1;
	struct bufferevent *connection = evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(request));
	setsockopt(bufferevent_getfd(connection), IPPROTO_TCP, TCP_NODELAY, &yes,
		   sizeof(yes));
}

static void on_request(struct evhttp_request *request, void *arg)
{
	const char *path = evhttp_request_get_uri(request);
	const char *id = strrchr(path, '/') + 1;
	(void)arg;
	send_at_once(request);
	if (strncmp(path, "/write/", 7) == 0)
		on_write(request, atol(id));
	else
		on_read(request, path[1] == 't' ? one_task : list,
			path[1] == 't' ? atol(id) : atol(id) % USERS);
}

static void on_signal(evutil_socket_t fd, short what, void *base)
{
	(void)fd, (void)what;
	event_base_loopbreak(base);
}

static int serve(int port)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct event *end = evsignal_new(base, SIGTERM, on_signal, base);
	run("PRAGMA synchronous = FULL; PRAGMA cache_size = -131072; PRAGMA foreign_keys = ON");
	begin = prepare("BEGIN IMMEDIATE");
	commit = prepare("COMMIT");
	update = prepare("UPDATE task SET state = 2 WHERE id = ?");
	insert = prepare(
		"INSERT INTO outbox (task, state, due, body) SELECT id, 0, created, body FROM task WHERE id = ?");
	one_task = prepare(TASK_OF "WHERE t.id = ?");
	list = prepare(
		TASK_OF
		"WHERE t.assignee = ? AND t.state = 0 ORDER BY t.created LIMIT 50");
	flush_event = event_new(base, -1, 0, flush, NULL);
	event_add(end, NULL);
	evhttp_set_gencb(http, on_request, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (uint16_t)port) != 0) {
		fprintf(stderr, "probe: port %d is not free\n", port);
		return 1;
	}
	event_base_dispatch(base);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4 ||
	    (strcmp(argv[1], "fill") != 0 && strcmp(argv[1], "serve") != 0)) {
		fprintf(stderr, "usage: probe fill DB COUNT | probe serve DB PORT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (sqlite3_open(argv[2], &db) != SQLITE_OK) {
		fprintf(stderr, "probe: %s: %s\n", argv[2], sqlite3_errmsg(db));
		return 1;
	}
	if (argv[1][0] == 's')
		return serve(atoi(argv[3]));
	char *text = sqlite3_mprintf(rows, atoi(argv[3]), USERS);
	run(schema);
	run(text);
	sqlite3_free(text);
	return sqlite3_close(db);
}
