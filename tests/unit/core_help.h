/* core_help.h - a store with a core around it, for tests of commands and queries: a folder of its own, a fake clock, one
 * thread that waits. Each test program includes it once.
 *
 *	struct desk *desk = *state;
 *	struct user_add cmd = {.call = desk_call(desk, &admin), .login = "ana", …};
 *	assert_int_equal(desk_write(desk, user_add, &cmd.call), ERR_OK);
 *	assert_non_null(strstr(buf_str(&cmd.call.answer), "\"ana\""));
 *
 * desk_write and desk_read give the refusal's error when there is one. What a call answers is freed with the desk.
 */
#ifndef HB_TESTS_CORE_HELP_H
#define HB_TESTS_CORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core/call.h"
#include "core/core.h"
#include "store/sql.h"
#include "store/store.h"

#define HELP __attribute__((unused)) static

enum { DESK_CALLS_MOST = 4096 };
#define DESK_START_MS INT64_C(1795400000000)

struct desk {
	char folder[64], path[96], *why;
	struct mailbox *home;
	struct store *store;
	struct clock clock;
	atomic_llong now_ms;
	unsigned signals; /* since the test looked last */
	void (*on_commit)(void *arg,
			  unsigned signals); /* NULL: nobody else wants to know */
	void *on_commit_arg;
	struct core core;
	struct arena *arena;
	struct call *calls[DESK_CALLS_MOST];
	size_t call_count;
};

static const struct actor desk_shell
	__attribute__((unused)) = {.kind = ACTOR_SHELL,
				   .way = WAY_SHELL,
				   .role = ROLE_ADMIN,
				   .scopes = SCOPE_ALL & ~SCOPE_SEND,
				   .peer_uid = 1000,
				   .name = "shell"};

HELP int64_t desk_now(void *arg)
{
	return atomic_load(&((struct desk *)arg)->now_ms);
}

HELP void desk_committed(void *arg, unsigned signals)
{
	struct desk *desk = arg;
	desk->signals |= signals;
	if (desk->on_commit)
		desk->on_commit(desk->on_commit_arg, signals);
}

HELP void desk_open(struct desk *desk)
{
	const struct store_config config = {.database = desk->path,
					    .node = 3,
					    .clock = &desk->clock,
					    .home = desk->home,
					    .context = &desk->core,
					    .committed = desk_committed,
					    .committed_arg = desk};
	if (store_open(&config, STORE_SERVE, &desk->store, &desk->why) != ERR_OK)
		fail_msg("%s", desk->why);
}

HELP int desk_set_up(void **state)
{
	struct desk *desk = MEM_NEW(struct desk);
	const char *tmp = getenv("TMPDIR");
	if (sodium_init() < 0)
		return -1;
	log_set_level(getenv("V") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	snprintf(desk->folder, sizeof(desk->folder), "%.40s/hb-desk-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(desk->folder))
		return -1;
	snprintf(desk->path, sizeof(desk->path), "%s/handbox.db", desk->folder);
	desk->home = mailbox_new();
	desk->arena = arena_new();
	atomic_store(&desk->now_ms, DESK_START_MS);
	atomic_store(&desk->core.policy, &policy_default);
	desk->clock = (struct clock){.now_utc_ms = desk_now, .arg = desk};
	desk_open(desk);
	*state = desk;
	return 0;
}

HELP int desk_tear_down(void **state)
{
	struct desk *desk = *state;
	struct dirent *entry;
	store_close(&desk->store);
	mailbox_run_all(desk->home);
	mailbox_free(&desk->home);
	for (size_t i = 0; i < desk->call_count; i++) {
		buf_fini(&desk->calls[i]->answer);
		mem_free(desk->calls[i]);
	}
	arena_free(&desk->arena);
	DIR *dir = opendir(desk->folder);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(desk->folder);
	mem_free(desk->why);
	mem_free(desk);
	return 0;
}

HELP struct call desk_call(struct desk *desk, const struct actor *actor)
{
	return (struct call){.actor = actor, .arena = desk->arena};
}

/* The answer's bytes are kept for the desk to free: what the test has is a copy of the struct. */
HELP enum err desk_keep(struct desk *desk, const struct call *call, enum err err)
{
	assert_true(desk->call_count < DESK_CALLS_MOST);
	struct call *kept = MEM_NEW(struct call);
	*kept = *call;
	desk->calls[desk->call_count++] = kept;
	return call->refusal.err != ERR_OK ? call->refusal.err : err;
}

HELP enum err desk_write(struct desk *desk, store_write_fn *write, struct call *call)
{
	return desk_keep(desk, call, store_write_now(desk->store, write, call));
}

HELP enum err desk_read(struct desk *desk, store_read_fn *read, struct call *call)
{
	return desk_keep(desk, call, store_read_now(desk->store, read, call));
}

HELP bool desk_answers(const struct call *call, const char *part)
{
	if (strstr(buf_str(&call->answer), part))
		return true;
	print_error("no %s in %s (%s)\n", part, buf_str(&call->answer),
		    call->refusal.detail);
	return false;
}

/* --- raw rows, for what has no command here --- */

HELP enum err desk_sql_fn(struct txn *txn, void *arg)
{
	const struct sql_statement statement = {.name = "test", .text = arg};
	struct rows rows;
	sql_query_text(txn_db(txn), statement.text, &rows, NULL, 0);
	while (rows_next(&rows))
		;
	return rows_end(&rows);
}

/* desk_sql - one statement without values. */
HELP void desk_sql(struct desk *desk, const char *fmt, ...) PRINTF_LIKE(2, 3);
HELP void desk_sql(struct desk *desk, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *text = arena_vprintf(desk->arena, fmt, args);
	va_end(args);
	enum err err = store_write_now(desk->store, desk_sql_fn, text);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err), text);
}

struct desk_number {
	const char *text;
	int64_t number;
};

HELP enum err desk_number_fn(struct snapshot *snap, void *arg)
{
	struct desk_number *query = arg;
	struct rows rows;
	sql_query_text(snapshot_db(snap), query->text, &rows, NULL, 0);
	query->number = rows_next(&rows) ? rows_int(&rows, 0) : -1;
	return rows_end(&rows);
}

/* desk_number - the first column of the first row; -1: no row. */
HELP int64_t desk_number(struct desk *desk, const char *fmt, ...) PRINTF_LIKE(2, 3);
HELP int64_t desk_number(struct desk *desk, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct desk_number query = {.text = arena_vprintf(desk->arena, fmt, args)};
	va_end(args);
	assert_int_equal(store_read_now(desk->store, desk_number_fn, &query), ERR_OK);
	return query.number;
}

/* desk_contact, desk_task - the least that the tables take. */
HELP void desk_contact(struct desk *desk, uint64_t id, const char *e164)
{
	desk_sql(
		desk,
		"INSERT INTO contacts (id, first_name, last_name, phone, phone_e164, phone_verdict, email, country, "
		"timezone, sms_enabled, is_test, created_at, updated_at, revision) VALUES (%" PRIu64
		", 'Rui', 'Costa', '%s', '%s', 2, '', '', '', 1, 0, 1, 1, 1)",
		id, e164, e164);
}

HELP void desk_task(struct desk *desk, uint64_t id, uint64_t contact_id,
		    uint64_t assignee_id)
{
	desk_sql(
		desk,
		"INSERT INTO tasks (id, origin, contact_id, name, text, assignee_id, state, sort_due, is_test, "
		"moves_workflow, created_at, revision) VALUES (%" PRIu64 ", 1, %" PRIu64
		", 'call', 'hi', NULLIF(%" PRIu64 ", 0), 0, 1, 0, 0, 1, 1)",
		id, contact_id, assignee_id);
}

#endif
