/* test_settings.c - what the name of an instance brings along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "settings_instance.h"

static void an_instance_has_its_own_place(void **state)
{
	(void)state;
	static const struct {
		const char *path, *name;
	} rows[] = {
		{SYSCONFDIR "/handbox/sales.conf", "sales"},
		{SYSCONFDIR "/handbox/a.b.conf", "a.b"},
		{SYSCONFDIR "/handbox/handbox.conf", NULL},
		{SYSCONFDIR "/handbox/.conf", NULL},
		{SYSCONFDIR "/handbox/deeper/sales.conf", NULL},
		{SYSCONFDIR "/handbox/sales.cfg", NULL},
		{"/srv/sales.conf", NULL},
		{"sales.conf", NULL},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct settings settings = {.arena = arena,
					    .path = rows[i].path,
					    .account_name = "handbox",
					    .database = "as before"};
		settings_instance_defaults(&settings);
		assert_string_equal(settings.account_name,
				    rows[i].name ? rows[i].name : "handbox");
		assert_string_equal(settings.database,
				    rows[i].name
					    ? arena_printf(arena,
							   LOCALSTATEDIR
							   "/lib/handbox/%s/handbox.db",
							   rows[i].name)
					    : "as before");
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_has_its_own_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
