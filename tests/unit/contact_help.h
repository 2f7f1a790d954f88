/* contact_help.h - a store in a folder of its own with a policy and a person, and calls
 * of contacts against it. Each test program includes it once.
 */
#ifndef HB_TESTS_CONTACT_HELP_H
#define HB_TESTS_CONTACT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core/contacts.h"
#include "core/core.h"
#include "store/user_rows.h"

#define HELP __attribute__((unused)) static

struct bed {
	char folder[64], path[96];
	struct mailbox *home;
	struct store *store;
	struct clock clock;
	atomic_llong now_ms;
	struct policy policy;
	struct core core;
	struct arena *arena;
	const char *answer; /* of the last call */
	struct refusal refusal;
	int status;
	uint64_t ana, ben;
	struct actor actor;
};

static struct bed *bed;

HELP int64_t bed_now(void *arg)
{
	(void)arg;
	return atomic_load(&bed->now_ms);
}

HELP enum err add_users(struct txn *txn, void *arg)
{
	(void)arg;
	struct user user = {.login = "ana",
			    .first_name = "Ana",
			    .last_name = "Silva",
			    .email = "",
			    .is_active = true};
	bed->ana = user.id = txn_id(txn);
	enum err err = user_rows_insert(txn_db(txn), &user);
	bed->ben = user.id = txn_id(txn);
	user.login = "ben";
	user.first_name = user.last_name = "";
	user.is_active = false;
	return err == ERR_OK ? user_rows_insert(txn_db(txn), &user) : err;
}

HELP int set_up(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	char *why = NULL;
	bed = MEM_NEW(struct bed);
	log_set_level(getenv("V") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	snprintf(bed->folder, sizeof(bed->folder), "%.40s/hb-contacts-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(bed->folder))
		return -1;
	snprintf(bed->path, sizeof(bed->path), "%s/handbox.db", bed->folder);
	bed->home = mailbox_new();
	bed->arena = arena_new();
	atomic_store(&bed->now_ms, INT64_C(1795400000000));
	bed->clock = (struct clock){.now_utc_ms = bed_now};
	bed->policy = policy_default;
	bed->policy.default_region = "PT";
	atomic_store(&bed->core.policy, &bed->policy);
	struct store_config config = {.database = bed->path,
				      .clock = &bed->clock,
				      .home = bed->home,
				      .context = &bed->core};
	if (store_open(&config, STORE_SERVE, &bed->store, &why) != ERR_OK) {
		print_error("store_open: %s\n", why);
		return -1;
	}
	if (store_write_now(bed->store, add_users, NULL) != ERR_OK)
		return -1;
	bed->actor = (struct actor){.kind = ACTOR_SESSION,
				    .way = WAY_PAGE,
				    .user_id = bed->ana,
				    .credential_id = 7,
				    .role = ROLE_AGENT,
				    .scopes = SCOPE_ALL,
				    .name = "ana"};
	return 0;
}

HELP int tear_down(void **state)
{
	(void)state;
	struct dirent *entry;
	store_close(&bed->store);
	mailbox_run_all(bed->home);
	mailbox_free(&bed->home);
	arena_free(&bed->arena);
	DIR *dir = opendir(bed->folder);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(bed->folder);
	mem_free(bed);
	return 0;
}

/* --- calls --- */

HELP void call_begin(struct call *call)
{
	*call = (struct call){.actor = &bed->actor, .arena = bed->arena};
}

HELP enum err call_end(struct call *call, enum err err)
{
	bed->answer = arena_strdup(bed->arena, buf_str(&call->answer));
	bed->refusal = call->refusal;
	bed->status = call->status;
	buf_fini(&call->answer);
	return call->refusal.err != ERR_OK ? call->refusal.err : err;
}

HELP enum err write_call(store_write_fn *write, struct call *call)
{
	call_begin(call);
	return call_end(call, store_write_now(bed->store, write, call));
}

HELP enum err read_call(store_read_fn *read, struct call *call)
{
	call_begin(call);
	return call_end(call, store_read_now(bed->store, read, call));
}

HELP void expect_has(const char *part)
{
	if (!strstr(bed->answer, part))
		fail_msg("no %s in %s", part, bed->answer);
}

HELP void expect_refused(enum err err, enum err wanted, const char *member)
{
	assert_string_equal(err_code(err), err_code(wanted));
	if (member) {
		assert_non_null(bed->refusal.member);
		assert_string_equal(bed->refusal.member, member);
	}
	assert_true(bed->refusal.detail && strlen(bed->refusal.detail) > 10);
}

HELP enum err create_with(struct contact_create *create)
{
	return write_call(contact_create, &create->call);
}

HELP uint64_t create(struct contact_in in)
{
	struct contact_create cmd = {.in = in};
	enum err err = create_with(&cmd);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err), bed->refusal.detail);
	return cmd.id;
}

#define NAMED(name) \
	((struct contact_in){.given = CONTACT_FIRST_NAME, .first_name = (name)})
#define PHONED(text) ((struct contact_in){.given = CONTACT_PHONE, .phone = (text)})

HELP uint32_t get(uint64_t id)
{
	struct contact_get cmd = {.id = id};
	assert_int_equal(read_call(contact_get, &cmd.call), ERR_OK);
	return cmd.call.revision;
}

HELP enum err patch(uint64_t id, struct contact_in in)
{
	struct contact_patch cmd = {.id = id, .in = in};
	return write_call(contact_patch, &cmd.call);
}

#endif
