/* test_workflow_files.c - the folder of workflow files: what is saved, published, refused, and left alone. */
#include "flow_help.h"

#include <sys/stat.h>

#include "core/workflow_files.h"

#define WHO PEOPLE("who", "", "<user login='ana'/>")

static const char *folder_of(struct desk *desk)
{
	const char *folder = arena_printf(desk->arena, "%s.d", desk->folder);
	mkdir(folder, 0700);
	return folder;
}

static void write_file(struct desk *desk, const char *name, const char *text)
{
	FILE *file =
		fopen(arena_printf(desk->arena, "%s/%s", folder_of(desk), name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_file(struct desk *desk, const char *name)
{
	assert_int_equal(
		unlink(arena_printf(desk->arena, "%s/%s", folder_of(desk), name)), 0);
}

static int files_tear_down(void **state)
{
	struct desk *desk = *state;
	const char *folder = folder_of(desk);
	DIR *dir = opendir(folder);
	for (struct dirent *entry; (entry = readdir(dir));)
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(folder);
	return flow_tear_down(state);
}

struct loaded {
	struct workflow_files_counts counts;
	const char *report;
};

static struct loaded load(struct desk *desk)
{
	char *why = NULL;
	struct workflow_files *files = workflow_files_new(&desk->core, folder_of(desk));
	assert_int_equal(workflow_files_read(files, &why), ERR_OK);
	assert_int_equal(workflow_files_apply_now(files, desk->store), ERR_OK);
	struct loaded loaded = {
		workflow_files_count(files),
		arena_strdup(desk->arena, workflow_files_report(files))};
	workflow_files_free(&files);
	return loaded;
}

static char *file_xml(struct desk *desk, const char *id, const char *publish,
		      const char *steps)
{
	return arena_printf(desk->arena,
			    "<workflow xmlns='urn:handbox:workflow:1' id='%s' name='F' "
			    "publish='%s'>\n<steps>%s</steps></workflow>",
			    id, publish, steps);
}

static void expect_counts(const struct loaded *loaded, size_t saved, size_t published,
			  size_t refused)
{
	if (loaded->counts.saved != saved || loaded->counts.published != published ||
	    loaded->counts.refused != refused)
		fail_msg("saved %zu published %zu refused %zu: %s",
			 loaded->counts.saved, loaded->counts.published,
			 loaded->counts.refused, loaded->report);
}

static void test_files_publish_when_they_change(void **state)
{
	struct desk *desk = *state;
	write_file(desk, "w.xml", file_xml(desk, "w", "no", WHO SMS("one")));
	struct loaded loaded = load(desk);
	expect_counts(&loaded, 1, 0, 0);
	flow_expect(desk, "w", "\"source\":\"file\"");
	flow_expect(desk, "w", "\"state\":\"draft\"");
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO SMS("one")));
	loaded = load(desk);
	expect_counts(&loaded, 0, 1, 0);
	loaded = load(desk);
	expect_counts(&loaded, 0, 0, 0);
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO SMS("two")));
	loaded = load(desk);
	expect_counts(&loaded, 1, 1, 0);
	flow_expect(desk, "w", "\"draft_version\":2,\"published_version\":2");
	remove_file(desk, "w.xml");
	loaded = load(desk);
	expect_counts(&loaded, 0, 0, 0);
	flow_expect(desk, "w", "\"state\":\"published\"");
}

static void test_unpublish_by_hand_sticks(void **state)
{
	struct desk *desk = *state;
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO SMS("one")));
	load(desk);
	flow_unpublish(desk, "w", PENDING_HOLD);
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO SMS("two")));
	struct loaded loaded = load(desk);
	expect_counts(&loaded, 1, 0, 0);
	assert_non_null(strstr(loaded.report, "unpublished_by_hand"));
	flow_expect(desk, "w",
		    "\"state\":\"unpublished\",\"draft_version\":2,\"published_"
		    "version\":1");
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO SMS("three")));
	loaded = load(desk);
	expect_counts(&loaded, 1, 1, 0);
}

static void test_a_file_keeps_its_workflow_to_itself(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	write_file(desk, "w.xml", file_xml(desk, "w", "yes", WHO));
	load(desk);
	assert_int_equal(
		flow_save(desk, "w", flow_xml(desk, "w", "", WHO SMS("hello")), &save),
		ERR_FILE_MANAGED);
	assert_non_null(strstr(save.call.refusal.detail, "w.xml"));
	flow_unpublish(desk, "w", PENDING_HOLD);
	struct workflow_delete gone = {.call = desk_call(desk, &flow_lead), .id = "w"};
	assert_int_equal(desk_write(desk, workflow_delete, &gone.call),
			 ERR_FILE_MANAGED);
	struct workflow_adopt adopt = {.call = desk_call(desk, &flow_lead), .id = "w"};
	assert_int_equal(desk_write(desk, workflow_adopt, &adopt.call), ERR_OK);
	assert_true(desk_answers(&adopt.call, "\"source\":\"api\",\"file\":null"));
	assert_int_equal(
		flow_save(desk, "w", flow_xml(desk, "w", "", WHO SMS("hello")), &save),
		ERR_OK);
	struct loaded loaded = load(desk);
	expect_counts(&loaded, 0, 0, 1);
	assert_non_null(strstr(loaded.report, "not_file_managed"));
	flow_expect(desk, "w", "\"draft_version\":2");
}

static void test_bad_files_do_not_stop_others(void **state)
{
	struct desk *desk = *state;
	write_file(desk, "a.xml", "<workflow");
	write_file(desk, "b.xml", file_xml(desk, "twin", "yes", WHO));
	write_file(desk, "c.xml", file_xml(desk, "twin", "yes", ""));
	write_file(
		desk, "d.xml",
		file_xml(desk, "d", "yes", PEOPLE("who", "", "<user login='eve'/>")));
	write_file(desk, "e.xml", file_xml(desk, "e", "yes", WHO));
	write_file(desk, ".f.xml", "<workflow");
	write_file(desk, "g.xml~", "<workflow");
	struct loaded loaded = load(desk);
	expect_counts(&loaded, 1, 1, 4);
	assert_int_equal(loaded.counts.files, 5);
	assert_non_null(strstr(loaded.report, "a.xml:1:"));
	assert_non_null(
		strstr(loaded.report, "b.xml:1:1: error: The id \"twin\" stands in "));
	assert_non_null(
		strstr(loaded.report, "c.xml:1:1: error: The id \"twin\" stands in "));
	assert_non_null(strstr(loaded.report, "d.xml:2:"));
	flow_expect(desk, "e", "\"state\":\"published\"");
	assert_int_equal(flow_count(desk, "workflows"), 1);
	flow_user(desk, 9, "eve"); /* known from now on: the file is tried again */
	remove_file(desk, "c.xml");
	loaded = load(desk);
	expect_counts(&loaded, 2, 2, 1);
}

static void test_no_folder(void **state)
{
	struct desk *desk = *state;
	char *why = NULL;
	struct workflow_files *files =
		workflow_files_new(&desk->core, "/nonexistent/workflows");
	assert_int_equal(workflow_files_read(files, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why, "/nonexistent/workflows"));
	mem_free(why);
	workflow_files_free(&files);
}

struct reloaded {
	bool is_done;
	struct workflow_files_counts counts;
	char *why;
};

static void reload_done(void *arg, const struct workflow_files_counts *counts,
			const char *why)
{
	struct reloaded *reloaded = arg;
	reloaded->is_done = true;
	reloaded->counts = *counts;
	reloaded->why = why ? mem_strdup(why) : NULL;
}

static void test_reload_on_the_loop(void **state)
{
	struct desk *desk = *state;
	struct pool *pool = pool_new(1, 4, desk->home);
	write_file(desk, "a.xml", "<workflow");
	write_file(desk, "b.xml", file_xml(desk, "b", "yes", WHO));
	write_file(desk, "c.xml", file_xml(desk, "c", "no", WHO));
	for (int pass = 0; pass < 2; pass++) {
		struct reloaded reloaded = {0};
		const struct workflow_files_reload in = {
			.core = &desk->core,
			.store = desk->store,
			.pool = pool,
			.folder = pass ? "/nonexistent" : folder_of(desk),
			.done = reload_done,
			.arg = &reloaded};
		assert_int_equal(workflow_files_reload(&in), ERR_OK);
		while (!reloaded.is_done) {
			struct mail *mail = mailbox_wait(desk->home, 1);
			mail->run(mail);
		}
		assert_int_equal(reloaded.counts.saved, pass ? 0 : 2);
		assert_int_equal(reloaded.counts.refused, pass ? 0 : 1);
		assert_int_equal(pass, reloaded.why != NULL);
		mem_free(reloaded.why);
	}
	pool_free(&pool);
	flow_expect(desk, "b", "\"state\":\"published\"");
	flow_expect(desk, "c", "\"state\":\"draft\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_set_up, files_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files_publish_when_they_change),
		TEST(test_unpublish_by_hand_sticks),
		TEST(test_a_file_keeps_its_workflow_to_itself),
		TEST(test_bad_files_do_not_stop_others),
		TEST(test_reload_on_the_loop),
		TEST(test_no_folder),
	};
	return cmocka_run_group_tests_name("workflow_files", tests, NULL, NULL);
}
